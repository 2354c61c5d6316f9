//! The kinds of faults: what each does, its figures, and where it can be.

/// What a faulty device does with a request or its values, or a faulty line with bytes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FaultKind {
    /// It does not answer, and hears nothing.
    Silence,
    /// It closes the connection; a line that refuses takes no new ones. On a serial port there is none: silence.
    Refuse,
    /// Half of the answer comes, then the connection is reset.
    Reset,
    /// The peer is gone without a word: connections are accepted, and never answered again, even when this is over.
    HalfOpen,
    /// It answers so much later, up to a minute, and whoever else is asked on the line meanwhile answers after it.
    Delay {
        /// How much, ms.
        ms: u64,
    },
    /// Its answers come so much later, up to a minute, each in its turn, while the others on the line answer in time.
    Late {
        /// How much, ms.
        ms: u64,
    },
    /// It answers with a Modbus exception.
    Exception {
        /// The exception's code, 1 to 127.
        code: u8,
    },
    /// A bit of each answer is wrong.
    BadCrc,
    /// Random bytes stand before each answer and follow some time after it.
    Noise,
    /// Random bytes come in place of each answer, as many as it has.
    Garbage,
    /// Only half of each answer comes.
    Truncate,
    /// Each answer comes twice.
    Twice,
    /// It answers with the next unit id.
    WrongUnit,
    /// It answers with the next transaction id.
    WrongTransaction,
    /// It answers with the next function code.
    WrongFunction,
    /// Another unit has its id, and both answer at once.
    Collision,
    /// Bytes get lost, each with the fault's probability: of requests, which are then not heard, and of answers.
    ByteLoss,
    /// Of a line: what clients send comes back to them, as from an RS-485 adapter that hears itself.
    Echo,
    /// The registers of the point, or all of the device's, stay as they are at its first answer.
    Frozen,
    /// The number wanders off evenly.
    Drift {
        /// How fast, in the point's unit per hour.
        per_hour: f64,
    },
    /// The number jumps.
    Spike(Spike),
    /// The registers hold the raw value by which the profile says "not available".
    Sentinel,
    /// A bit of the raw value stays as it is.
    StuckBit {
        /// Which, 0 for the lowest.
        bit: u8,
        /// As what.
        on: bool,
    },
    /// The device's clock is off.
    ClockWrong {
        /// By how much, s; back in time below 0.
        seconds: i64,
    },
    /// It is silent for a while; what was written is forgotten then, and what it counts begins anew.
    Reboot {
        /// How long it is silent, s.
        seconds: u32,
    },
    /// The point by which its profile knows it has another value.
    Identity,
}

/// Whither a number jumps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Spike {
    /// To this, in the point's unit.
    Value(f64),
    /// To so many times the right one.
    Factor(f64),
}

/// What can have a fault of some kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    /// A device, or a line: then all of its devices.
    DeviceOrLine,
    /// A device.
    Device,
    /// A line.
    Line,
    /// A device, or one of its points.
    DeviceOrPoint,
    /// A point of a device.
    Point,
}

/// Lines on which there is such a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    /// All.
    Any,
    /// Those with RTU frames, which have a CRC: elsewhere a gateway or the network drops what is garbled.
    Rtu,
    /// Those with Modbus TCP frames, which have a transaction id.
    Mbap,
    /// All but serial ports, which have no connections.
    Connections,
}

/// A kind as it is listed for people and checked in requests.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Kind {
    /// Its name in requests.
    pub name: &'static str,
    /// The keys of the figures that it needs.
    pub needs: &'static [&'static str],
    /// The keys of those that it may have besides.
    pub takes: &'static [&'static str],
    /// What can have it.
    pub on: On,
    /// On which lines.
    pub via: Via,
}

const fn kind(name: &'static str, needs: &'static [&'static str], on: On, via: Via) -> Kind {
    Kind { name, needs, takes: &[], on, via }
}

const SILENCE: Kind = kind("silence", &[], On::DeviceOrLine, Via::Any);

impl Kind {
    /// All kinds, in the order in which they act where several strike one answer: what leaves no answer, what changes
    /// values, what changes the frame's fields, then its bytes, then its time, and last the end of the connection.
    pub const ALL: [Self; 26] = [
        SILENCE,
        kind("refuse", &[], On::DeviceOrLine, Via::Any),
        kind("half-open", &[], On::DeviceOrLine, Via::Connections),
        kind("reboot", &["seconds"], On::Device, Via::Any),
        kind("exception", &["code"], On::DeviceOrLine, Via::Any),
        kind("identity", &[], On::Device, Via::Any),
        kind("clock-wrong", &["seconds"], On::Device, Via::Any),
        kind("drift", &["per_hour"], On::Point, Via::Any),
        Self { takes: &["value", "factor"], ..kind("spike", &[], On::Point, Via::Any) },
        Self { takes: &["on"], ..kind("stuck-bit", &["bit"], On::Point, Via::Any) },
        kind("sentinel", &[], On::Point, Via::Any),
        kind("frozen", &[], On::DeviceOrPoint, Via::Any),
        kind("wrong-unit", &[], On::DeviceOrLine, Via::Any),
        kind("wrong-transaction", &[], On::DeviceOrLine, Via::Mbap),
        kind("wrong-function", &[], On::DeviceOrLine, Via::Any),
        kind("garbage", &[], On::DeviceOrLine, Via::Any),
        kind("collision", &[], On::DeviceOrLine, Via::Rtu),
        kind("bad-crc", &[], On::DeviceOrLine, Via::Rtu),
        kind("truncate", &[], On::DeviceOrLine, Via::Any),
        kind("twice", &[], On::DeviceOrLine, Via::Any),
        kind("noise", &[], On::DeviceOrLine, Via::Any),
        kind("byte-loss", &["probability"], On::DeviceOrLine, Via::Rtu),
        kind("delay", &["ms"], On::DeviceOrLine, Via::Any),
        kind("late", &["ms"], On::DeviceOrLine, Via::Any),
        kind("echo", &[], On::Line, Via::Rtu),
        kind("reset", &[], On::DeviceOrLine, Via::Connections),
    ];

    /// The kind with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        const ALL: &[Kind] = &Kind::ALL;
        ALL.iter().find(|kind| kind.name == name)
    }
}

impl FaultKind {
    /// What is listed about it.
    pub(super) fn form(self) -> &'static Kind {
        Kind::named(self.name()).unwrap_or(&SILENCE)
    }

    /// Its place in [`Kind::ALL`].
    pub(super) fn rank(self) -> usize {
        let name = self.name();
        Kind::ALL.iter().position(|kind| kind.name == name).unwrap_or(Kind::ALL.len())
    }

    /// Its name in requests.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Silence => "silence",
            Self::Refuse => "refuse",
            Self::Reset => "reset",
            Self::HalfOpen => "half-open",
            Self::Delay { .. } => "delay",
            Self::Late { .. } => "late",
            Self::Exception { .. } => "exception",
            Self::BadCrc => "bad-crc",
            Self::Noise => "noise",
            Self::Garbage => "garbage",
            Self::Truncate => "truncate",
            Self::Twice => "twice",
            Self::WrongUnit => "wrong-unit",
            Self::WrongTransaction => "wrong-transaction",
            Self::WrongFunction => "wrong-function",
            Self::Collision => "collision",
            Self::ByteLoss => "byte-loss",
            Self::Echo => "echo",
            Self::Frozen => "frozen",
            Self::Drift { .. } => "drift",
            Self::Spike(_) => "spike",
            Self::Sentinel => "sentinel",
            Self::StuckBit { .. } => "stuck-bit",
            Self::ClockWrong { .. } => "clock-wrong",
            Self::Reboot { .. } => "reboot",
            Self::Identity => "identity",
        }
    }
}
