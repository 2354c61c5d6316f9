//! What is said over the control socket: a line of JSON each way; of a trace, one for each frame.

use serde::{Deserialize, Serialize};

use super::{
    AccountDeed, AccountLine, Did, ExportedFile, HoldLine, LogDeed, Made, PrunedLine, RecordLine, TokenDeed,
    TokenLine,
};
use crate::{
    access::{AccessDeed, AccessList, Done, DoorRequest, Listed},
    logic::scan::{Heard, Question},
    model::Right,
};

/// What a caller asks.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "verb", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Request {
    /// Read a device's registers now.
    Read {
        /// The device's id.
        device: String,
        /// One of its points; all when absent.
        point: Option<String>,
    },
    /// Every reading of the registers around a point.
    Puzzle {
        /// The device's id.
        device: String,
        /// One of its points.
        point: String,
    },
    /// Write a value to a point.
    Write {
        /// The device's id.
        device: String,
        /// One of its points.
        point: String,
        /// The value, as a person writes it.
        value: String,
        /// Its unit, to be checked.
        unit: Option<String>,
        /// Why.
        why: String,
    },
    /// What the service knows of a line.
    Line {
        /// Its id, or its port or endpoint.
        line: String,
    },
    /// Ask any unit of a line. Never a write.
    Ask {
        /// Its id, or its port or endpoint.
        line: String,
        /// The unit's id.
        unit: u8,
        /// What.
        question: Question,
    },
    /// Something about accounts.
    Account {
        /// What.
        what: AccountDeed,
    },
    /// Changes who may go where.
    Access {
        /// What.
        what: AccessDeed,
    },
    /// Asks who may go where.
    AccessList {
        /// What.
        what: AccessList,
    },
    /// Orders doors.
    Door {
        /// What.
        what: DoorRequest,
    },
    /// Something about tokens and wall displays.
    Token {
        /// What.
        what: TokenDeed,
    },
    /// Something about the log.
    Log {
        /// What.
        what: LogDeed,
    },
    /// Erase a person's personal data from registry and log, for good.
    ErasePerson {
        /// Whose: a person's id.
        who: String,
        /// Why.
        why: String,
    },
    /// Tell every frame of a line from now on, until the caller closes the connection.
    Trace {
        /// Its id, or its port or endpoint.
        line: String,
    },
}

impl Request {
    /// What its caller must have.
    #[must_use]
    pub fn right(&self) -> Right {
        match self {
            Self::Read { .. }
            | Self::Puzzle { .. }
            | Self::Line { .. }
            | Self::Ask { .. }
            | Self::Trace { .. } => Right::HallRead,
            Self::Write { .. } => Right::PointWrite,
            Self::Account { .. } | Self::Token { .. } => Right::AccountManage,
            Self::Access { what } => what.right(),
            Self::AccessList { what } => what.right(),
            Self::Door { .. } => Right::DoorOperate,
            Self::Log { what } => what.right(),
            Self::ErasePerson { .. } => Right::LogKeep,
        }
    }

    /// Its name, in records of refusals.
    #[must_use]
    pub fn verb(&self) -> &'static str {
        match self {
            Self::Read { .. } => "read",
            Self::Puzzle { .. } => "puzzle",
            Self::Write { .. } => "write",
            Self::Line { .. } => "line",
            Self::Ask { .. } => "ask",
            Self::Trace { .. } => "trace",
            Self::Account { .. } => "account",
            Self::Token { .. } => "token",
            Self::Access { .. } => "access",
            Self::AccessList { .. } => "access-list",
            Self::Door { .. } => "door",
            Self::Log { what } => what.verb(),
            Self::ErasePerson { .. } => "person erase",
        }
    }
}

/// What the caller gets.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// Points as they were read.
    Points(Vec<ReadPoint>),
    /// Every reading around a point.
    Puzzle(Vec<PuzzleLine>),
    /// A value was written.
    Written(WrittenPoint),
    /// A line.
    Line(LineAnswer),
    /// Accounts.
    Accounts(Vec<AccountLine>),
    /// Tokens and displays.
    Tokens(Vec<TokenLine>),
    /// A record of the log.
    Record(RecordLine),
    /// A piece of a file, in base64.
    Piece(String),
    /// The file is whole.
    Exported(ExportedFile),
    /// Holds.
    Holds(Vec<HoldLine>),
    /// Records were dropped.
    Pruned(PrunedLine),
    /// Something was made.
    Made(Made),
    /// Something was done.
    Did(Did),
    /// Who may go where.
    Listed(Box<Listed>),
    /// What came of a change of who may go where.
    Done(Done),
    /// An order to a door was carried out.
    Ordered,
    /// What a unit answered.
    Heard {
        /// What came.
        heard: Heard,
        /// Whether the request came back as well.
        echoed: bool,
    },
    /// A frame of a trace.
    Frame(TracedFrame),
    /// So many frames of a trace were lost, because the caller was slow.
    Lost(u64),
    /// The service has no such line.
    NoLine(String),
    /// The answer is no, and why.
    Refused(String),
    /// Why it could not be done, in a sentence.
    Error(String),
}

/// A point as it was read.
#[derive(Debug, Serialize, Deserialize)]
pub struct ReadPoint {
    /// Its name.
    pub point: String,
    /// Its value, if it has one.
    pub value: serde_json::Value,
    /// Its unit.
    pub unit: Option<String>,
    /// `good`, or the reason that there is no value.
    pub quality: String,
    /// Its raw words, most significant first.
    pub words: Vec<u16>,
}

/// One way to read the registers around a point.
#[derive(Debug, Serialize, Deserialize)]
pub struct PuzzleLine {
    /// How far from the profile's address.
    pub shift: i8,
    /// The first register.
    pub address: u16,
    /// Type, word order, byte order.
    pub form: String,
    /// The words, by address.
    pub words: Vec<u16>,
    /// The value that they then mean, if they mean one.
    pub value: serde_json::Value,
    /// Its unit.
    pub unit: Option<String>,
    /// Whether the profile reads it so.
    pub profile: bool,
    /// Whether the profile believes such a value; null where it names no span.
    pub believable: Option<bool>,
    /// What to write where for it.
    pub follows: String,
}

/// A value that was written.
#[derive(Debug, Serialize, Deserialize)]
pub struct WrittenPoint {
    /// What stood there before, if it can be read.
    pub before: Option<serde_json::Value>,
    /// What stands there now, read back, if it can be.
    pub after: Option<serde_json::Value>,
}

/// What the service knows of a line.
#[derive(Debug, Serialize, Deserialize)]
pub struct LineAnswer {
    /// Its id.
    pub id: String,
    /// Where it is.
    pub transport: String,
    /// Speed of the serial line, if there is one.
    pub baud: Option<u32>,
    /// Unit ids of its devices, and the devices.
    pub units: Vec<(u8, String)>,
}

/// A frame of a trace.
#[derive(Debug, Serialize, Deserialize)]
pub struct TracedFrame {
    /// When; RFC 3339, UTC.
    pub time: String,
    /// `sent`, `received` or `discarded`.
    pub direction: String,
    /// What it says.
    pub meaning: String,
    /// The raw bytes, hexadecimal.
    pub bytes: String,
}
