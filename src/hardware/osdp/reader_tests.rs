//! A reader's course against a peripheral played here: what an attacker on the wire can and cannot do.

use osdp::{
    packet::{Address, ControlByte, CtrlFlags, PacketBuilder, ParsedPacket, Scb, ScsType, Sqn},
    reply::CCrypt,
    secure::{
        Cryptogrammed, Direction, SCBK_D, Secure, Session,
        crypto::{SessionKeys, client_cryptogram},
        seal, unseal,
    },
};

use super::*;
use crate::model::{CardBits, ReaderEvent};

const KEY: [u8; 16] = *b"a key of its own";
const ADDRESS: u8 = 5;
const RAW: u8 = 0x50;
const CARD: [u8; 8] = [0, 0, 26, 0, 0x95, 0x02, 0x69, 0x00];

/// The reader at the other end.
struct Peripheral {
    key: [u8; 16],
    serial: u8,
    buzzers: u8,
    handshake: Option<Session<Cryptogrammed>>,
    session: Option<Session<Secure>>,
    /// What it answers to the next poll.
    next: Option<(u8, Vec<u8>)>,
    /// Keys that it was given.
    given: Vec<[u8; 16]>,
}

impl Peripheral {
    fn new(key: [u8; 16]) -> Self {
        let (handshake, session, next, given) = (None, None, None, Vec::new());
        Self { key, serial: 7, buzzers: 1, handshake, session, next, given }
    }

    fn hear(&mut self, frame: &[u8]) -> Vec<u8> {
        let (packet, _) = ParsedPacket::parse(frame).unwrap();
        let sequence = packet.ctrl.sqn;
        if sequence == Sqn::ZERO {
            self.session = None;
        }
        let data = match &mut self.session {
            // As libosdp does: who says the same again is not understood any more.
            Some(session) => match unseal(session, &packet, frame) {
                Ok(data) => data,
                Err(_) => {
                    self.session = None;
                    return plain(sequence, 0x41, &[6]);
                }
            },
            None => packet.data.to_vec(),
        };
        match packet.code {
            0x76 => {
                let key =
                    if packet.scb.unwrap().data == [0] && self.key == SCBK_D { SCBK_D } else { self.key };
                let (ours, theirs): ([u8; 8], [u8; 8]) = ([9; 8], data.try_into().unwrap());
                let keys = SessionKeys::derive(&key, &theirs);
                let proof = client_cryptogram(&keys.s_enc, &theirs, &ours);
                let answer = CCrypt { cuid: [1; 8], rnd_b: ours, client_cryptogram: proof };
                self.handshake = Session::new(key).challenge(theirs).receive_ccrypt(&answer).ok();
                handshake(sequence, ScsType::Scs12, 0x76, &answer.encode().unwrap())
            }
            0x77 => {
                let session = self.handshake.take().unwrap();
                let mac = session.initial_rmac();
                self.session = session.confirm_rmac_i(&mac).ok();
                handshake(sequence, ScsType::Scs14, 0x78, &mac)
            }
            0x61 => self.say(sequence, 0x45, &[10, 11, 12, 1, 1, self.serial, 0, 0, 0, 1, 0, 0]),
            0x62 => self.say(sequence, 0x46, &[4, 1, 1, 5, 1, self.buzzers]),
            0x64 => self.say(sequence, 0x48, &[0, 0]),
            0x75 => {
                self.given.push(data[2..].try_into().unwrap());
                let answer = self.say(sequence, 0x40, &[]);
                (self.key, self.session) = (data[2..].try_into().unwrap(), None);
                answer
            }
            _ => {
                let (code, data) = self.next.take().unwrap_or((0x40, Vec::new()));
                self.say(sequence, code, &data)
            }
        }
    }

    fn say(&mut self, sequence: Sqn, code: u8, data: &[u8]) -> Vec<u8> {
        match &mut self.session {
            Some(session) => {
                let address = Address::reply(ADDRESS).unwrap();
                seal(session, address, sequence, Direction::PdToAcu, !data.is_empty(), code, data).unwrap()
            }
            None => plain(sequence, code, data),
        }
    }
}

fn plain(sequence: Sqn, code: u8, data: &[u8]) -> Vec<u8> {
    let control = ControlByte::new(sequence, CtrlFlags::USE_CRC);
    PacketBuilder::plain(Address::reply(ADDRESS).unwrap(), control, code, data.to_vec()).encode().unwrap()
}

fn handshake(sequence: Sqn, kind: ScsType, code: u8, data: &[u8]) -> Vec<u8> {
    PacketBuilder {
        addr: Address::reply(ADDRESS).unwrap(),
        ctrl: ControlByte::new(sequence, CtrlFlags::USE_CRC | CtrlFlags::HAS_SCB),
        scb: Some(Scb::new(kind, [1])),
        code,
        data: data.to_vec(),
    }
    .encode()
    .unwrap()
}

/// Both ends, and time.
struct Rig {
    reader: Reader,
    peripheral: Peripheral,
    now: Mono,
    told: Vec<ReaderEvent>,
    /// What stands between them: an answer, as it is heard; `None` is lost.
    wire: fn(Vec<u8>) -> Option<Vec<u8>>,
}

fn pairing(key: [u8; 16], serial: u32) -> Pairing {
    let identity =
        ReaderIdentity { vendor: "0a0b0c".to_owned(), model: 1, serial, firmware: "1.0.0".to_owned() };
    let ability = |function| ReaderAbility { function, compliance: 1, count: 1 };
    Pairing { key: ReaderKey::new(key), identity, abilities: vec![ability(4), ability(5)] }
}

impl Rig {
    fn new(peripheral: [u8; 16], secure: bool, pairing: Option<Pairing>) -> Self {
        let reader = Reader::new(Mono(0), ADDRESS, secure, pairing);
        Self { reader, peripheral: Peripheral::new(peripheral), now: Mono(0), told: Vec::new(), wire: Some }
    }

    /// Lives for so long; what was told meanwhile.
    fn live(&mut self, seconds: u64) -> Vec<ReaderEvent> {
        let end = self.now + Duration::from_secs(seconds);
        while self.now < end {
            self.turn();
        }
        std::mem::take(&mut self.told)
    }

    fn turn(&mut self) {
        self.now = self.reader.due().max(self.now + Duration::from_millis(1));
        let mut random = [0; 16];
        random[..8].copy_from_slice(&self.now.0.to_be_bytes());
        let Some(frame) = self.reader.ask(self.now, random, &mut self.told) else { return };
        match (self.wire)(self.peripheral.hear(&frame)) {
            Some(answer) => {
                self.now = self.now + Duration::from_millis(5);
                self.reader.answered(self.now, &answer, &mut self.told);
            }
            None => {
                self.now = self.now + Duration::from_millis(200);
                self.reader.unanswered(self.now, &mut self.told);
            }
        }
    }

    /// Turns until a reader that is online has nothing to be asked but polls.
    fn online(&mut self) {
        let told = self.live(1);
        assert!(told.iter().any(|event| matches!(event, ReaderEvent::Online { .. })), "{told:?}");
    }
}

fn cards(told: &[ReaderEvent]) -> usize {
    told.iter().filter(|event| matches!(event, ReaderEvent::Card(_))).count()
}

#[test]
fn a_paired_reader_is_online_and_its_cards_are_read() {
    let mut rig = Rig::new(KEY, true, Some(pairing(KEY, 7)));
    rig.online();
    rig.peripheral.next = Some((RAW, CARD.to_vec()));
    let card = CardBits::new(26, &[0x95, 0x02, 0x69, 0x00]).unwrap();
    assert_eq!(rig.live(1), [ReaderEvent::Card(card)]);
}

#[test]
fn a_card_said_outside_of_the_channel_is_not_believed() {
    let mut rig = Rig::new(KEY, true, Some(pairing(KEY, 7)));
    rig.online();
    // An attacker answers in place of the reader, in plain text and with the right number.
    rig.wire = |answer| {
        let (packet, _) = ParsedPacket::parse(&answer).unwrap();
        Some(plain(packet.ctrl.sqn, RAW, &CARD))
    };
    assert_eq!(cards(&rig.live(5)), 0);
    rig.wire = Some;
    rig.peripheral.next = Some((RAW, CARD.to_vec()));
    rig.live(5);
    rig.peripheral.next = Some((RAW, CARD.to_vec()));
    assert_eq!(cards(&rig.live(1)), 1, "the true one is heard again afterwards");
}

#[test]
fn a_changed_answer_is_not_believed() {
    let mut rig = Rig::new(KEY, true, Some(pairing(KEY, 7)));
    rig.online();
    rig.peripheral.next = Some((RAW, CARD.to_vec()));
    // One bit of what is encrypted, and the check sum put right.
    rig.wire = |mut answer| {
        if answer.len() > 20 {
            answer[10] ^= 1;
            let end = answer.len() - 2;
            let sum = osdp::packet::crc16(&answer[..end]).to_le_bytes();
            answer[end..].copy_from_slice(&sum);
        }
        Some(answer)
    };
    assert_eq!(cards(&rig.live(2)), 0);
}

#[test]
fn another_key_install_mode_another_reader_and_less_of_one_are_told_once_and_not_believed() {
    let told = |key: [u8; 16], serial: u8, buzzers: u8| {
        let mut rig = Rig::new(key, true, Some(pairing(KEY, 7)));
        (rig.peripheral.serial, rig.peripheral.buzzers) = (serial, buzzers);
        rig.peripheral.next = Some((RAW, CARD.to_vec()));
        let told = rig.live(30);
        assert_eq!(rig.peripheral.given, Vec::<[u8; 16]>::new(), "no key is given");
        told
    };
    let downgrade = |told: &[ReaderEvent], why: &str| matches!(told, [ReaderEvent::Downgrade(told)] if told.contains(why));
    let (other, install) = (told([3; 16], 7, 1), told(SCBK_D, 7, 1));
    assert!(downgrade(&other, "does not know its key"), "{other:?}");
    assert!(downgrade(&install, "install mode"), "{install:?}");
    assert!(matches!(told([3; 16], 8, 1).as_slice(), [ReaderEvent::Swapped(who)] if who.serial == 8));
    assert!(matches!(told(KEY, 8, 1).as_slice(), [ReaderEvent::Swapped(_)]), "with the key of the old one");
    assert!(downgrade(&told(KEY, 7, 0), "function 5"), "it had a buzzer");
}

#[test]
fn a_reader_that_was_never_paired_is_believed_only_where_the_site_says_so() {
    for (secure, wanted) in [(true, 0), (false, 1)] {
        let mut rig = Rig::new(SCBK_D, secure, None);
        let told = rig.live(1);
        assert!(
            matches!(
                (secure, &told[0]),
                (true, ReaderEvent::Unpaired(_)) | (false, ReaderEvent::Online { secure: false, .. })
            ),
            "{told:?}"
        );
        rig.peripheral.next = Some((RAW, CARD.to_vec()));
        assert_eq!(cards(&rig.live(1)), wanted, "secure = {secure}");
    }
}

#[test]
fn a_pairing_counts_once_the_new_key_was_shown_also_when_its_answer_was_lost() {
    for lose in [false, true] {
        let mut rig = Rig::new(SCBK_D, true, None);
        rig.live(1);
        rig.reader.order(rig.now, &ReaderOrder::Pair(Duration::from_secs(60)));
        if lose {
            // The answer to the new key, and only that: it is the last one that is said with the default key's session.
            while rig.peripheral.given.is_empty() {
                rig.wire = Some;
                rig.turn();
            }
            rig.reader.restart(rig.now);
        }
        let told = rig.live(10);
        let mut paired = Vec::new();
        for event in &told {
            if let ReaderEvent::Paired(pairing) = event {
                paired.push(pairing.key.bytes());
            }
        }
        assert_eq!(paired, rig.peripheral.given.iter().collect::<Vec<_>>(), "lose = {lose}: {told:?}");
        assert!(matches!(told.last(), Some(ReaderEvent::Tamper(false))), "{told:?}");
        assert!(told.iter().any(|event| matches!(event, ReaderEvent::Online { secure: true, .. })));
    }
}

#[test]
fn pairing_has_its_time_and_leaves_a_paired_reader_as_it_was() {
    let mut rig = Rig::new(KEY, true, Some(pairing(KEY, 7)));
    rig.online();
    rig.reader.order(rig.now, &ReaderOrder::Pair(Duration::from_secs(60)));
    let told = rig.live(59);
    assert_eq!(told, [], "nobody takes the default key");
    let told = rig.live(3);
    assert!(matches!(told.first(), Some(ReaderEvent::PairingFailed(_))), "{told:?}");
    assert_eq!(rig.peripheral.given, Vec::<[u8; 16]>::new());
    rig.peripheral.next = Some((RAW, CARD.to_vec()));
    assert_eq!(cards(&rig.live(2)), 1);
}

#[test]
fn silence_of_8_s_is_offline_and_a_lost_answer_is_not() {
    let mut rig = Rig::new(KEY, true, Some(pairing(KEY, 7)));
    rig.online();
    rig.wire = |_| None;
    rig.turn();
    rig.wire = Some;
    assert_eq!(rig.live(7), [ReaderEvent::Tamper(false)], "a new channel, and its status anew");
    let begun = rig.now;
    rig.wire = |_| None;
    while rig.told.is_empty() {
        rig.turn();
    }
    let silent = rig.now.since(begun);
    assert!((7500..=9000).contains(&silent.as_millis()), "offline after {silent:?}");
    assert_eq!(std::mem::take(&mut rig.told), [ReaderEvent::Offline]);
    rig.wire = Some;
    assert!(matches!(rig.live(2).first(), Some(ReaderEvent::Online { .. })));
}

#[test]
fn a_question_without_an_answer_is_sent_twice_more_with_its_number() {
    let mut rig = Rig::new(KEY, true, Some(pairing(KEY, 7)));
    rig.online();
    let mut sent = Vec::new();
    for _ in 0..4 {
        rig.now = rig.reader.due();
        sent.push(rig.reader.ask(rig.now, [1; 16], &mut rig.told).unwrap());
        rig.reader.unanswered(rig.now, &mut rig.told);
    }
    assert_eq!((&sent[0], &sent[0]), (&sent[1], &sent[2]));
    let (packet, _) = ParsedPacket::parse(&sent[3]).unwrap();
    assert_eq!((packet.ctrl.sqn, packet.scb.is_none()), (Sqn::ZERO, true), "then all begins anew");
}
