//! What a frame says, in words: "unit 3: read 50 holding registers from 130".
//!
//! Called by `hallward trace`. It judges nothing: whether an answer fits its request was decided on the line, and an
//! RTU frame's CRC is checked by whoever has the frame. Whatever the bytes are, something is said of them.

/// What kind of frame the bytes are to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// Modbus TCP.
    Tcp,
    /// Modbus RTU.
    Rtu {
        /// Whether the bytes end with their CRC.
        crc_fits: bool,
    },
}

/// Values that are written out; of more, the first ones.
const SHOWN: usize = 8;

/// What a request says.
#[must_use]
pub fn request(framing: Framing, bytes: &[u8]) -> String {
    said(framing, bytes, asked)
}

/// What an answer says.
#[must_use]
pub fn answer(framing: Framing, bytes: &[u8]) -> String {
    said(framing, bytes, answered)
}

/// What an exception code says.
#[must_use]
pub fn exception(code: u8) -> &'static str {
    match code {
        1 => "illegal function",
        2 => "illegal address",
        3 => "illegal value",
        4 => "device failure",
        5 => "acknowledged, comes later",
        6 => "busy",
        8 => "memory error",
        0x0A => "gateway: no path to the device",
        0x0B => "gateway: the device does not answer",
        _ => "unknown",
    }
}

fn said(framing: Framing, bytes: &[u8], meaning: impl Fn(u8, &[u8]) -> Option<String>) -> String {
    let body = match framing {
        Framing::Rtu { crc_fits: false } => return format!("CRC wrong, {} bytes", bytes.len()),
        Framing::Rtu { crc_fits: true } => bytes.split_last_chunk::<2>().map(|(body, _)| body),
        Framing::Tcp => bytes.get(6..),
    };
    let Some([unit, function, rest @ ..]) = body else { return format!("no frame, {} bytes", bytes.len()) };
    let what = meaning(*function, rest).unwrap_or_else(|| format!("function {function}, not in its form"));
    format!("unit {unit}: {what}")
}

fn asked(function: u8, rest: &[u8]) -> Option<String> {
    let (first, second) = (word(rest, 0), word(rest, 2));
    Some(match function {
        1..=4 => format!("read {} {} from {}", second?, named(function, second?), first?),
        5 => format!("write coil {}: {}", first?, if second? == 0 { "off" } else { "on" }),
        6 => format!("write register {}: {:04X}", first?, second?),
        15 => format!("write {} from {}: {}", plural(second?, "coil"), first?, bits(rest.get(5..)?, second?)),
        16 => format!("write {} from {}: {}", plural(second?, "register"), first?, words(rest.get(5..)?)),
        0x2B if rest.first() == Some(&14) => "who are you? (43/14)".to_owned(),
        _ => format!("function {function}"),
    })
}

fn answered(function: u8, rest: &[u8]) -> Option<String> {
    if function >= 0x80 {
        let code = *rest.first()?;
        return Some(format!("exception {code}, {}", exception(code)));
    }
    let (first, second) = (word(rest, 0), word(rest, 2));
    Some(match function {
        1 | 2 => {
            let data = rest.get(1..)?;
            let count = u16::try_from(data.len() * 8).ok()?;
            format!("{}: {}", plural(count, "bit"), bits(data, count))
        }
        3 | 4 => {
            let data = rest.get(1..)?;
            format!("{}: {}", plural(u16::try_from(data.len() / 2).ok()?, "register"), words(data))
        }
        5 => format!("coil {} is {}", first?, if second? == 0 { "off" } else { "on" }),
        6 => format!("register {} is {:04X}", first?, second?),
        15 => format!("{} from {} written", plural(second?, "coil"), first?),
        16 => format!("{} from {} written", plural(second?, "register"), first?),
        0x2B => format!("it is {}", objects(rest.get(6..)?)?),
        _ => format!("function {function}"),
    })
}

fn named(function: u8, count: u16) -> String {
    let one = match function {
        1 => "coil",
        2 => "discrete input",
        3 => "holding register",
        _ => "input register",
    };
    if count == 1 { one.to_owned() } else { format!("{one}s") }
}

fn plural(count: u16, one: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") }
}

fn word(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at + 2)?.first_chunk().map(|word| u16::from_be_bytes(*word))
}

fn words(data: &[u8]) -> String {
    let each: Vec<_> = data.chunks_exact(2).take(SHOWN).map(|pair| pair.iter().map(hex).collect()).collect();
    cut(each, data.len() / 2)
}

fn bits(data: &[u8], count: u16) -> String {
    let each = data.iter().flat_map(|byte| (0..8).map(move |bit| (byte >> bit & 1).to_string()));
    let each: Vec<_> = each.take(usize::from(count).min(SHOWN * 2)).collect();
    cut(each, usize::from(count))
}

fn cut(each: Vec<String>, count: usize) -> String {
    let more = if each.len() < count { " …" } else { "" };
    format!("{}{more}", each.join(" "))
}

fn hex(byte: &u8) -> String {
    format!("{byte:02X}")
}

/// The texts of function 43/14: each object's id, length and bytes.
fn objects(mut rest: &[u8]) -> Option<String> {
    let mut texts = Vec::new();
    while let [_, length, after @ ..] = rest {
        let (text, others) = after.split_at_checked(usize::from(*length))?;
        texts.push(format!("`{}`", String::from_utf8_lossy(text).escape_debug()));
        rest = others;
    }
    Some(texts.join(", "))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(said: fn(Framing, &[u8]) -> String, pdu: &[u8], expected: &str) {
        let expected = format!("unit 3: {expected}");
        let rtu = [&[3], pdu, &[0xAA, 0xBB]].concat();
        assert_eq!(said(Framing::Rtu { crc_fits: true }, &rtu), expected);
        let tcp = [&[0, 1, 0, 0, 0, 9, 3], pdu].concat();
        assert_eq!(said(Framing::Tcp, &tcp), expected);
    }

    #[test]
    fn requests_are_said_in_words() {
        check(request, &[3, 0, 130, 0, 50], "read 50 holding registers from 130");
        check(request, &[4, 0, 1, 0, 1], "read 1 input register from 1");
        check(request, &[1, 1, 0, 0, 2], "read 2 coils from 256");
        check(request, &[5, 0, 7, 0xFF, 0], "write coil 7: on");
        check(request, &[6, 0, 7, 0, 0xA1], "write register 7: 00A1");
        check(request, &[15, 0, 7, 0, 3, 1, 0b101], "write 3 coils from 7: 1 0 1");
        check(request, &[16, 0, 7, 0, 2, 4, 0, 1, 0xBE, 0xEF], "write 2 registers from 7: 0001 BEEF");
        check(request, &[0x2B, 14, 1, 0], "who are you? (43/14)");
        check(request, &[99], "function 99");
        check(request, &[3, 0], "function 3, not in its form");
    }

    #[test]
    fn answers_are_said_in_words() {
        check(answer, &[3, 4, 0, 0xA1, 0, 2], "2 registers: 00A1 0002");
        check(
            answer,
            &[4, 18, 0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8, 0, 9],
            "9 registers: 0001 0002 0003 0004 0005 0006 0007 0008 …",
        );
        check(answer, &[2, 1, 0b101], "8 bits: 1 0 1 0 0 0 0 0");
        check(answer, &[0x83, 2], "exception 2, illegal address");
        check(answer, &[0x84, 0x0B], "exception 11, gateway: the device does not answer");
        check(answer, &[5, 0, 7, 0, 0], "coil 7 is off");
        check(answer, &[6, 0, 7, 0, 1], "register 7 is 0001");
        check(answer, &[16, 0, 7, 0, 1], "1 register from 7 written");
        check(answer, &[0x2B, 14, 1, 1, 0, 0, 2, 0, 1, b'A', 1, 2, b'x', b'1'], "it is `A`, `x1`");
    }

    #[test]
    fn what_is_no_frame_is_said_so() {
        assert_eq!(answer(Framing::Rtu { crc_fits: false }, &[1, 2, 3]), "CRC wrong, 3 bytes");
        assert_eq!(answer(Framing::Tcp, &[1, 2, 3]), "no frame, 3 bytes");
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes: Vec<u8>, tcp: bool) {
            let framing = if tcp { Framing::Tcp } else { Framing::Rtu { crc_fits: true } };
            prop_assert!(!request(framing, &bytes).is_empty() && !answer(framing, &bytes).is_empty());
        }
    }
}
