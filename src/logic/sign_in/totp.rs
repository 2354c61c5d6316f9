//! The second factor: time-based one-time codes (RFC 6238: SHA-1, six digits, 30 s), as every authenticator app has.

use crate::model::Wall;

/// Bytes of a secret; RFC 4226 asks for 20.
const SECRET: usize = 20;

/// How long a code is shown, s.
const STEP_S: u64 = 30;

/// Codes of the step before and after count too: clocks differ.
const SKEW: u16 = 1;

/// One person's codes.
pub struct Totp {
    secret: [u8; SECRET],
}

impl Totp {
    /// With this secret; `None` if it has not the right length.
    #[must_use]
    pub fn new(secret: &[u8]) -> Option<Self> {
        Some(Self { secret: secret.try_into().ok()? })
    }

    fn codes(&self) -> totp_rs::Totp {
        totp_rs::Builder::new().with_secret(self.secret).with_skew(SKEW).build_noncompliant()
    }

    /// The step of `code` at this time, if it is a right one and newer than `after`: none counts twice.
    #[must_use]
    pub fn step(&self, code: &str, now: Wall, after: u64) -> Option<u64> {
        let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
        self.codes().check(&code, seconds(now)).filter(|step| *step > after)
    }

    /// The code at this time.
    #[must_use]
    pub fn code(&self, now: Wall) -> String {
        self.codes().generate(seconds(now)).to_string()
    }

    /// The secret as people type it into an app.
    #[must_use]
    pub fn base32(&self) -> String {
        data_encoding::BASE32.encode(&self.secret)
    }

    /// The address that an app reads from a picture.
    #[must_use]
    pub fn address(&self, site: &str, sign_in: &str) -> String {
        let issuer = escaped(site);
        format!("otpauth://totp/{issuer}:{sign_in}?secret={}&issuer={issuer}", self.base32())
    }
}

/// The newest step whose code may have been taken by now.
pub(super) fn newest_step(now: Wall) -> u64 {
    seconds(now) / STEP_S + u64::from(SKEW)
}

fn seconds(now: Wall) -> u64 {
    u64::try_from(now.0 / 1_000_000).unwrap_or(0)
}

/// Percent-encoded, as an address has it.
fn escaped(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric();
    text.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Wall {
        Wall(seconds * 1_000_000)
    }

    #[test]
    fn codes_are_those_of_rfc_6238() {
        let totp = Totp::new(b"12345678901234567890").unwrap();
        // Appendix B has eight digits; six are the last six of them.
        for (seconds, code) in [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")] {
            assert_eq!(totp.code(at(seconds)), code);
        }
        assert_eq!(totp.base32(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        let address = totp.address("Bắc Kạn", "lan");
        assert!(address.starts_with("otpauth://totp/B%E1%BA%AFc%20K%E1%BA%A1n:lan?secret=GEZD"), "{address}");
    }

    #[test]
    fn a_code_counts_once_and_for_a_step_either_way() {
        let totp = Totp::new(&[7; SECRET]).unwrap();
        let code = totp.code(at(1000));
        let step = totp.step(&code, at(1000), 0).unwrap();
        assert_eq!(totp.step(&code, at(1000), step), None, "twice");
        assert_eq!(totp.step(&format!(" {} {}", &code[..3], &code[3..]), at(1029), step - 1), Some(step));
        assert_eq!(totp.step(&code, at(1100), 0), None, "too late");
        assert_eq!(totp.step("", at(1000), 0), None);
        assert!(Totp::new(&[1; 5]).is_none());
    }
}
