//! The secure channel with one reader, and the sequence of its questions: from a command to the bytes of its frame, and
//! from an answer's bytes to a reply that is to be believed.

use osdp::{
    Error,
    command::{Chlng, Command, SCrypt},
    packet::{Address, ControlByte, CtrlFlags, PacketBuilder, ParsedPacket, Scb, ScsType, Sqn},
    reply::{Reply, ReplyCode},
    secure::{Challenged, Cryptogrammed, Direction, SCBK_D, Secure, Session, seal, unseal},
};

use crate::model::ReaderKey;

/// Which key a channel is made with.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum With {
    /// The one that everybody knows: whoever takes it is in install mode.
    Default,
    /// Its own.
    Own(ReaderKey),
}

/// How far the channel is.
enum State {
    Plain,
    Challenged(With, Session<Challenged>),
    Cryptogrammed(With, Session<Cryptogrammed>),
    Secure(Session<Secure>),
}

/// What became of the step of a handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Proof {
    /// The reader has the key.
    Right,
    /// It has another one.
    Wrong,
}

/// A reader's answer.
pub(super) enum Heard {
    /// A reply.
    Reply(Reply),
    /// It wants to be asked again.
    Busy,
    /// It is not within the channel, or not what the crate knows.
    Unfit,
}

/// One reader's channel.
pub(super) struct Channel {
    address: u8,
    sequence: Sqn,
    state: State,
}

impl Channel {
    pub(super) fn new(address: u8) -> Self {
        Self { address, sequence: Sqn::ZERO, state: State::Plain }
    }

    /// Begins anew, in plain text: number 0 tells the reader so.
    pub(super) fn reset(&mut self) {
        (self.sequence, self.state) = (Sqn::ZERO, State::Plain);
    }

    pub(super) fn is_secure(&self) -> bool {
        matches!(self.state, State::Secure(_))
    }

    /// The number of the question that is on its way.
    pub(super) fn sequence(&self) -> u8 {
        self.sequence.value()
    }

    /// The frame of a command.
    ///
    /// # Errors
    /// The codec does not take it.
    pub(super) fn frame(&mut self, command: &Command) -> Result<Vec<u8>, Error> {
        let address = Address::pd(self.address)?;
        let (code, data) = (command.code().as_byte(), command.encode_data()?);
        match &mut self.state {
            State::Secure(session) => {
                let encrypt = !data.is_empty();
                seal(session, address, self.sequence, Direction::AcuToPd, encrypt, code, &data)
            }
            State::Plain | State::Challenged(..) | State::Cryptogrammed(..) => {
                let control = ControlByte::new(self.sequence, CtrlFlags::USE_CRC);
                PacketBuilder::plain(address, control, code, data).encode()
            }
        }
    }

    /// The frame that begins a handshake with a key.
    ///
    /// # Errors
    /// The codec does not take it.
    pub(super) fn challenge(&mut self, with: With, random: [u8; 8]) -> Result<Vec<u8>, Error> {
        let key = match &with {
            With::Default => SCBK_D,
            With::Own(key) => *key.bytes(),
        };
        let data = Command::Chlng(Chlng { rnd_a: random });
        let frame = self.handshake(ScsType::Scs11, &with, &data)?;
        self.state = State::Challenged(with, Session::new(key).challenge(random));
        Ok(frame)
    }

    /// The frame that ends it.
    ///
    /// # Errors
    /// No reader has proved yet that it has the key.
    pub(super) fn cryptogram(&mut self) -> Result<Vec<u8>, Error> {
        let State::Cryptogrammed(with, session) = &self.state else { return Err(Error::Offline) };
        let data = Command::SCrypt(SCrypt { server_cryptogram: session.server_cryptogram() });
        self.handshake(ScsType::Scs13, &with.clone(), &data)
    }

    fn handshake(&self, kind: ScsType, with: &With, command: &Command) -> Result<Vec<u8>, Error> {
        let which = u8::from(*with != With::Default);
        PacketBuilder {
            addr: Address::pd(self.address)?,
            ctrl: ControlByte::new(self.sequence, CtrlFlags::USE_CRC | CtrlFlags::HAS_SCB),
            scb: Some(Scb::new(kind, [which])),
            code: command.code().as_byte(),
            data: command.encode_data()?,
        }
        .encode()
    }

    /// What the reader says; within the channel, if there is one: anything else there is not believed.
    pub(super) fn hear(&mut self, raw: &[u8]) -> Heard {
        let Ok((packet, _)) = ParsedPacket::parse(raw) else { return Heard::Unfit };
        let Ok(code) = ReplyCode::from_byte(packet.code) else { return Heard::Unfit };
        if code == ReplyCode::Busy {
            return Heard::Busy;
        }
        let data = match &mut self.state {
            State::Secure(session) => match unseal(session, &packet, raw) {
                Ok(data) => data,
                Err(_) => return Heard::Unfit,
            },
            State::Plain | State::Challenged(..) | State::Cryptogrammed(..) => packet.data.to_vec(),
        };
        self.sequence = self.sequence.next();
        Reply::decode(code, &data).map_or(Heard::Unfit, Heard::Reply)
    }

    /// Takes the answer to a step of the handshake.
    pub(super) fn prove(&mut self, reply: &Reply) -> Proof {
        self.state = match (std::mem::replace(&mut self.state, State::Plain), reply) {
            (State::Challenged(with, session), Reply::CCrypt(answer)) => match session.receive_ccrypt(answer)
            {
                Ok(session) => State::Cryptogrammed(with, session),
                Err(_) => return Proof::Wrong,
            },
            (State::Cryptogrammed(_, session), Reply::RMacI(answer)) => {
                match session.confirm_rmac_i(&answer.r_mac_i) {
                    Ok(session) => State::Secure(session),
                    Err(_) => return Proof::Wrong,
                }
            }
            _ => return Proof::Wrong,
        };
        Proof::Right
    }
}
