//! What a reader's replies mean: who it is, what it can do, what was read; and how it stands with us, each change of
//! which is told once.

use osdp::{caps::FunctionCode, reply::Reply};

use crate::model::{CardBits, Pairing, ReaderAbility, ReaderEvent, ReaderIdentity};

/// Abilities that are asked for by number.
pub(super) const LIGHT: u8 = FunctionCode::LedControl.as_byte();
pub(super) const BUZZER: u8 = FunctionCode::AudibleOutput.as_byte();

/// Sizes of buffers: those may change with the firmware.
const SIZES: [u8; 2] =
    [FunctionCode::ReceiveBufferSize.as_byte(), FunctionCode::LargestCombinedSize.as_byte()];

/// Most abilities that are kept.
const MOST_ABILITIES: usize = 64;

/// Whether it says that it has at least one of this.
pub(super) fn has(abilities: &[ReaderAbility], function: u8) -> bool {
    abilities.iter().any(|one| one.function == function && one.compliance > 0)
}

/// The answer to `osdp_ID`.
pub(super) fn identity(reply: &Reply) -> Option<ReaderIdentity> {
    let Reply::PdId(id) = reply else { return None };
    let [a, b, c] = id.vendor_oui;
    let [major, minor, build] = id.firmware;
    Some(ReaderIdentity {
        vendor: format!("{a:02x}{b:02x}{c:02x}"),
        model: id.model,
        serial: id.serial,
        firmware: format!("{major}.{minor}.{build}"),
    })
}

/// The answer to `osdp_CAP`; none at all from a reader that does not know the question.
pub(super) fn abilities(reply: &Reply) -> Vec<ReaderAbility> {
    let Reply::PdCap(told) = reply else { return Vec::new() };
    let each = told.capabilities.iter().take(MOST_ABILITIES);
    each.map(|one| ReaderAbility { function: one.code, compliance: one.compliance, count: one.number_of })
        .collect()
}

/// What was read, if anything was.
#[expect(clippy::wildcard_enum_match_arm, reason = "the other replies are no reads")]
pub(super) fn read(reply: &Reply) -> Option<ReaderEvent> {
    match reply {
        Reply::Raw(card) => {
            let bits = u8::try_from(card.bit_count).ok();
            let card = bits.and_then(|bits| CardBits::new(bits, &card.bits)).map(ReaderEvent::Card);
            Some(card.unwrap_or_else(|| {
                ReaderEvent::Unreadable(format!("a card of no or more than {} bits", CardBits::MOST_BITS))
            }))
        }
        Reply::Fmt(_) => Some(ReaderEvent::Unreadable("a card as text instead of bits".to_owned())),
        Reply::Keypad(keys) => {
            let keys: String = keys.digits.iter().filter_map(|key| self::key(*key)).collect();
            (!keys.is_empty()).then_some(ReaderEvent::Keys(keys))
        }
        _ => None,
    }
}

/// OSDP's codes of keys: digits as in ASCII, delete is `*`, return is `#`.
fn key(code: u8) -> Option<char> {
    match code {
        b'0'..=b'9' | b'*' | b'#' => Some(char::from(code)),
        0x7F => Some('*'),
        0x0D => Some('#'),
        _ => None,
    }
}

/// How a reader stands with us.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Place {
    /// Nothing was told yet.
    #[default]
    New,
    Offline,
    Unpaired(ReaderIdentity),
    Online,
    Downgrade(String),
    Swapped(ReaderIdentity),
}

/// The same, and whether it was tampered with.
#[derive(Debug, Default)]
pub(super) struct Standing {
    place: Place,
    tampered: Option<bool>,
}

impl Standing {
    pub(super) fn is_offline(&self) -> bool {
        matches!(self.place, Place::New | Place::Offline)
    }

    pub(super) fn is_believed(&self) -> bool {
        self.place == Place::Online
    }

    pub(super) fn is_doubted(&self) -> bool {
        matches!(self.place, Place::Downgrade(_) | Place::Swapped(_))
    }

    pub(super) fn offline(&mut self) -> Option<ReaderEvent> {
        self.go(Place::Offline, || ReaderEvent::Offline)
    }

    pub(super) fn online(&mut self, secure: bool, identity: Option<ReaderIdentity>) -> Option<ReaderEvent> {
        self.go(Place::Online, || ReaderEvent::Online { secure, identity })
    }

    pub(super) fn unpaired(&mut self, identity: ReaderIdentity) -> Option<ReaderEvent> {
        self.go(Place::Unpaired(identity.clone()), || ReaderEvent::Unpaired(identity))
    }

    /// It has its key: it is online if it is still the one that was paired, and can what it could.
    pub(super) fn paired(
        &mut self,
        pairing: &Pairing,
        identity: Option<ReaderIdentity>,
        abilities: &[ReaderAbility],
    ) -> Option<ReaderEvent> {
        match identity {
            Some(identity) if !identity.is_same(&pairing.identity) => self.swapped(identity),
            Some(identity) => match lost(&pairing.abilities, abilities) {
                Some(lost) => self.downgrade(format!("it no longer offers function {lost}")),
                None => self.online(true, Some(identity)),
            },
            None => self.downgrade("it does not say who it is".to_owned()),
        }
    }

    /// It has not got its key: why, as far as it says.
    pub(super) fn doubted(
        &mut self,
        known: Option<&ReaderIdentity>,
        identity: Option<ReaderIdentity>,
        install: bool,
    ) -> Option<ReaderEvent> {
        match identity {
            Some(identity) if known.is_some_and(|known| !known.is_same(&identity)) => self.swapped(identity),
            _ if install => self.downgrade("it is in install mode: it has lost its key".to_owned()),
            _ => self.downgrade("it does not know its key".to_owned()),
        }
    }

    fn downgrade(&mut self, why: String) -> Option<ReaderEvent> {
        self.go(Place::Downgrade(why.clone()), || ReaderEvent::Downgrade(why))
    }

    fn swapped(&mut self, identity: ReaderIdentity) -> Option<ReaderEvent> {
        self.go(Place::Swapped(identity.clone()), || ReaderEvent::Swapped(identity))
    }

    fn go(&mut self, place: Place, event: impl FnOnce() -> ReaderEvent) -> Option<ReaderEvent> {
        if self.place == place {
            return None;
        }
        self.place = place;
        Some(event())
    }

    /// What its status says; told when it changed.
    pub(super) fn tamper(&mut self, on: bool) -> Option<ReaderEvent> {
        (self.tampered.replace(on) != Some(on)).then_some(ReaderEvent::Tamper(on))
    }

    /// It was away: its status is told anew.
    pub(super) fn forget_tamper(&mut self) {
        self.tampered = None;
    }
}

/// A function that it had and has no longer, or less of.
fn lost(before: &[ReaderAbility], now: &[ReaderAbility]) -> Option<u8> {
    let less = |had: &&ReaderAbility| {
        let still = |one: &ReaderAbility| {
            one.function == had.function && one.compliance >= had.compliance && one.count >= had.count
        };
        !SIZES.contains(&had.function) && !now.iter().any(still)
    };
    before.iter().find(less).map(|had| had.function)
}

#[cfg(test)]
mod tests {
    use osdp::reply::{Keypad, Raw};

    use super::*;
    use crate::model::ReaderKey;

    fn who(serial: u32) -> ReaderIdentity {
        ReaderIdentity { vendor: "0a0b0c".to_owned(), model: 1, serial, firmware: "1.0.0".to_owned() }
    }

    const fn can(function: u8, compliance: u8, count: u8) -> ReaderAbility {
        ReaderAbility { function, compliance, count }
    }

    fn pairing() -> Pairing {
        let abilities = vec![can(LIGHT, 2, 1), can(BUZZER, 1, 1), can(10, 0, 2)];
        Pairing { key: ReaderKey::new([1; 16]), identity: who(7), abilities }
    }

    #[test]
    fn a_paired_reader_is_believed_while_it_is_the_same_and_can_the_same() {
        let all = [can(LIGHT, 3, 1), can(BUZZER, 1, 1), can(10, 0, 1), can(99, 1, 1)];
        let told = |identity: Option<ReaderIdentity>, abilities: &[ReaderAbility]| {
            let mut standing = Standing::default();
            let event = standing.paired(&pairing(), identity, abilities);
            (standing.is_believed(), event.unwrap())
        };
        let newer = ReaderIdentity { firmware: "2.0.0".to_owned(), ..who(7) };
        assert_eq!(
            told(Some(newer.clone()), &all),
            (true, ReaderEvent::Online { secure: true, identity: Some(newer) })
        );
        assert_eq!(told(Some(who(8)), &all), (false, ReaderEvent::Swapped(who(8))));
        assert!(matches!(told(Some(who(7)), &all[..1]), (false, ReaderEvent::Downgrade(_))));
        assert!(matches!(
            told(Some(who(7)), &[can(LIGHT, 1, 1), all[1]]),
            (false, ReaderEvent::Downgrade(_))
        ));
        assert!(matches!(told(None, &all), (false, ReaderEvent::Downgrade(_))));
    }

    #[test]
    fn each_change_is_told_once() {
        let mut standing = Standing::default();
        assert_eq!(standing.offline(), Some(ReaderEvent::Offline));
        assert_eq!(standing.offline(), None);
        assert!(standing.doubted(Some(&who(7)), Some(who(7)), true).is_some());
        assert_eq!(standing.doubted(Some(&who(7)), Some(who(7)), true), None);
        assert!(standing.doubted(Some(&who(7)), None, false).is_some(), "for another reason");
        assert_eq!(standing.doubted(Some(&who(7)), Some(who(9)), true), Some(ReaderEvent::Swapped(who(9))));
        assert!(standing.is_doubted() && !standing.is_believed());
        assert_eq!(standing.tamper(false), Some(ReaderEvent::Tamper(false)));
        assert_eq!(standing.tamper(false), None);
        assert_eq!(standing.tamper(true), Some(ReaderEvent::Tamper(true)));
    }

    #[test]
    fn cards_and_keys_are_read() {
        let raw = |bit_count, bits: &[u8]| {
            read(&Reply::Raw(Raw { reader: 0, format_code: 0, bit_count, bits: bits.to_vec() }))
        };
        let card = CardBits::new(26, &[1, 2, 3, 0x40]).unwrap();
        assert_eq!(raw(26, &[1, 2, 3, 0x7F]), Some(ReaderEvent::Card(card)));
        for wrong in [raw(0, &[]), raw(26, &[1]), raw(300, &[0; 38])] {
            assert!(matches!(wrong, Some(ReaderEvent::Unreadable(_))), "{wrong:?}");
        }
        let keys = |digits: &[u8]| {
            read(&Reply::Keypad(Keypad { reader: 0, digit_count: 0, digits: digits.to_vec() }))
        };
        assert_eq!(keys(b"12\x7F3\x0D"), Some(ReaderEvent::Keys("12*3#".to_owned())));
        assert_eq!(keys(b"\x01"), None);
    }
}
