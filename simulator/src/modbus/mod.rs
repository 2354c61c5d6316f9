//! Modbus as devices speak it: frames in both framings, and what is answered to a request. Pure: bytes in, bytes out.

pub(crate) mod function;
pub(crate) mod identification;
mod mbap;
mod rtu;

pub(crate) use mbap::HEADER as MBAP_HEADER;
pub(crate) use rtu::LONGEST as LONGEST_RTU;

/// One request or answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    /// Chosen by the client, echoed in the answer; RTU has none.
    pub(crate) transaction: u16,
    /// Unit id.
    pub(crate) unit: u8,
    /// Function code and data; 1 to 253 bytes.
    pub(crate) pdu: Vec<u8>,
}

/// How frames lie in the stream of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// Behind a header with a transaction id: Modbus TCP.
    Mbap,
    /// Between silences, with a CRC.
    Rtu,
}

/// Bytes that are no Modbus TCP: the connection cannot be understood any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotModbus;

impl Framing {
    /// The request at the start of `bytes` and its length; `None` while more bytes are needed.
    pub(crate) fn request(self, bytes: &[u8]) -> Result<Option<(Frame, usize)>, NotModbus> {
        match self {
            Self::Mbap => mbap::parse(bytes),
            Self::Rtu => Ok(rtu::request(bytes)),
        }
    }

    /// The request that `bytes` are, now that a silence has followed.
    pub(crate) fn request_before_silence(self, bytes: &[u8]) -> Option<Frame> {
        match self {
            Self::Mbap => None,
            Self::Rtu => rtu::whole(bytes),
        }
    }

    /// The bytes on the wire.
    pub(crate) fn bytes(self, frame: &Frame) -> Vec<u8> {
        match self {
            Self::Mbap => mbap::bytes(frame),
            Self::Rtu => rtu::bytes(frame),
        }
    }
}
