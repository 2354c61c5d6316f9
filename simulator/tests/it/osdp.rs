//! A control panel on a reader line, over the codec of the crate `osdp`: one question, one answer.

use std::{
    io::{ErrorKind, Read, Write},
    time::Duration,
};

use hallward_simulator::Simulator;
use osdp::{
    packet::{Address, ControlByte, CtrlFlags, PacketBuilder, ParsedPacket, Scb, ScsType, Sqn},
    reply::CCrypt,
    secure::{Direction, Session, seal, session::Secure, unseal},
};
use serialport::{SerialPort, TTYPort};

use crate::client::PATIENCE;

/// How long a reading of the port waits for bytes.
const TURN: Duration = Duration::from_millis(20);

/// Who says nothing for so long is silent: OSDP gives a reader 200 ms.
const SILENCE: Duration = Duration::from_millis(300);

pub(crate) const POLL: u8 = 0x60;
pub(crate) const ACK: u8 = 0x40;
const CHALLENGE: u8 = 0x76;
const CRYPTOGRAM: u8 = 0x77;

/// The panel, as one reader sees it.
pub(crate) struct Panel {
    port: TTYPort,
    address: u8,
    sequence: Sqn,
    session: Option<Session<Secure>>,
}

impl Panel {
    /// Opens the line of the simulator for the reader at an address.
    pub(crate) fn to(simulator: &Simulator, line: &str, address: u8) -> Self {
        let hallward_site::Transport::Serial(serial) = &simulator.lines()[line] else {
            panic!("no serial line")
        };
        let path = serial.path.to_str().unwrap();
        let mut port = TTYPort::open(&serialport::new(path, serial.baud.get())).unwrap();
        port.set_timeout(TURN).unwrap();
        Self { port, address, sequence: Sqn::ZERO, session: None }
    }

    /// Turns to another reader of the line, in plain text.
    pub(crate) fn turn_to(&mut self, address: u8) {
        (self.address, self.sequence, self.session) = (address, Sqn::ZERO, None);
    }

    /// Asks, within the secure channel if there is one: code and data of the answer.
    pub(crate) fn ask(&mut self, code: u8, data: &[u8]) -> (u8, Vec<u8>) {
        self.ask_for(PATIENCE, code, data).expect("the reader answers")
    }

    /// Whether nobody answers a poll.
    pub(crate) fn is_alone(&mut self) -> bool {
        self.ask_for(SILENCE, POLL, &[]).is_none()
    }

    fn ask_for(&mut self, patience: Duration, code: u8, data: &[u8]) -> Option<(u8, Vec<u8>)> {
        let (address, sequence) = (Address::pd(self.address).unwrap(), self.sequence);
        let bytes = match &mut self.session {
            Some(session) => {
                let encrypt = !data.is_empty();
                seal(session, address, sequence, Direction::AcuToPd, encrypt, code, data).unwrap()
            }
            None => {
                let control = ControlByte::new(sequence, CtrlFlags::USE_CRC);
                PacketBuilder::plain(address, control, code, data.to_vec()).encode().unwrap()
            }
        };
        let raw = self.exchange(&bytes, patience)?;
        let (packet, _) = ParsedPacket::parse(&raw).unwrap();
        let data = match &mut self.session {
            Some(session) if packet.scb.is_some() => unseal(session, &packet, &raw).unwrap(),
            _ => packet.data.to_vec(),
        };
        Some((packet.code, data))
    }

    /// Agrees on a secure channel; false where the reader has another key.
    pub(crate) fn secure(&mut self, key: [u8; 16], is_default: bool) -> bool {
        (self.sequence, self.session) = (Sqn::ZERO, None);
        self.ask(POLL, &[]);
        let which = u8::from(!is_default);
        let ours = *b"12345678";
        let session = Session::new(key).challenge(ours);
        let (0x76, answer) = self.handshake(ScsType::Scs11, which, CHALLENGE, &ours) else {
            return false;
        };
        let Ok(session) = session.receive_ccrypt(&CCrypt::decode(&answer).unwrap()) else { return false };
        let cryptogram = session.server_cryptogram();
        let (0x78, mac) = self.handshake(ScsType::Scs13, which, CRYPTOGRAM, &cryptogram) else {
            return false;
        };
        self.session = session.confirm_rmac_i(&mac.try_into().unwrap()).ok();
        self.session.is_some()
    }

    fn handshake(&mut self, kind: ScsType, which: u8, code: u8, data: &[u8]) -> (u8, Vec<u8>) {
        let packet = PacketBuilder {
            addr: Address::pd(self.address).unwrap(),
            ctrl: ControlByte::new(self.sequence, CtrlFlags::USE_CRC | CtrlFlags::HAS_SCB),
            scb: Some(Scb::new(kind, [which])),
            code,
            data: data.to_vec(),
        };
        let raw = self.exchange(&packet.encode().unwrap(), PATIENCE).expect("the reader answers");
        let (packet, _) = ParsedPacket::parse(&raw).unwrap();
        (packet.code, packet.data.to_vec())
    }

    /// One frame there, one back.
    fn exchange(&mut self, bytes: &[u8], patience: Duration) -> Option<Vec<u8>> {
        self.port.write_all(bytes).unwrap();
        self.sequence = self.sequence.next();
        let (mut waited, mut heard) = (Duration::ZERO, Vec::new());
        while waited < patience {
            let mut some = [0; 256];
            match self.port.read(&mut some) {
                Ok(count) => heard.extend(&some[..count]),
                Err(error) if error.kind() == ErrorKind::TimedOut => waited += TURN,
                Err(error) => panic!("{error}"),
            }
            // A frame may begin with a mark.
            let frame = heard.iter().position(|byte| *byte == 0x53).map(|start| &heard[start..]);
            if let Some((_, length)) = frame.and_then(|frame| ParsedPacket::parse(frame).ok()) {
                return frame.map(|frame| frame[..length].to_vec());
            }
        }
        None
    }
}
