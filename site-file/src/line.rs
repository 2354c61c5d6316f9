//! Lines: where they are and what is spoken over them, checked.

use std::{fmt, ops::Range, path::PathBuf};

use hallward_profiles::{
    Id, Parity,
    document::{Document, Entry},
};

use crate::{
    Endpoint,
    file::{LineEntry, Mode},
    load::{endpoint, id, unique},
};

/// One line: a serial port or a TCP endpoint, with one or more units on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its id.
    pub id: Id,
    /// Where it is, and what is spoken over it.
    pub transport: Transport,
}

/// A serial line of badge readers that speak OSDP (IEC 60839-11-5): always eight data bits, no parity, one stop bit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReaderLine {
    /// Its id.
    pub id: Id,
    /// Where it is.
    pub serial: Serial,
}

/// Where a line is, and what is spoken over it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transport {
    /// Modbus TCP.
    Tcp(Endpoint),
    /// Modbus/TCP Security: Modbus TCP within TLS.
    Tls(Endpoint, Certificates),
    /// Modbus RTU frames through a serial server's raw TCP port; `baud` is that of the serial line behind it.
    RtuOverTcp(Endpoint, Baud),
    /// Modbus RTU on a serial port.
    Serial(Serial),
}

/// Bits a second, 1200 to 921600.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Baud(u32);

/// A serial port with eight data bits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Serial {
    /// The device file, such as `/dev/ttyUSB0`.
    pub path: PathBuf,
    /// Speed.
    pub baud: Baud,
    /// Parity.
    pub parity: Parity,
    /// 1 or 2.
    pub stop_bits: u8,
    /// Whether the kernel is to switch an RS-485 transceiver by RTS.
    pub rs485: bool,
}

/// The PEM files of a TLS line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificates {
    /// Whom to trust.
    pub ca_file: PathBuf,
    /// Who we are (certificate, key), where the device asks for it.
    pub own: Option<(PathBuf, PathBuf)>,
}

/// Speeds of OSDP.
const OSDP_BAUDS: [u32; 6] = [9600, 19_200, 38_400, 57_600, 115_200, 230_400];

const RANGE: std::ops::RangeInclusive<u32> = 1200..=921_600;

impl Baud {
    /// The speed that most devices come with.
    pub const USUAL: Self = Self(9600);

    /// The usual speeds from slow to fast.
    pub const STANDARD: [Self; 8] = [
        Self(1200),
        Self(2400),
        Self(4800),
        Self(9600),
        Self(19_200),
        Self(38_400),
        Self(57_600),
        Self(115_200),
    ];

    /// A speed, if it is one.
    #[must_use]
    pub fn new(baud: u32) -> Option<Self> {
        RANGE.contains(&baud).then_some(Self(baud))
    }

    /// Bits a second.
    #[must_use]
    pub fn get(self) -> u32 {
        self.0
    }
}

impl Transport {
    /// Whether Modbus RTU frames are spoken: by silence and CRC, without transaction ids.
    #[must_use]
    pub fn is_rtu(&self) -> bool {
        matches!(self, Self::RtuOverTcp(..) | Self::Serial(_))
    }

    /// The speed of the serial line, if there is one.
    #[must_use]
    pub fn baud(&self) -> Option<Baud> {
        match self {
            Self::RtuOverTcp(_, baud) => Some(*baud),
            Self::Serial(serial) => Some(serial.baud),
            Self::Tcp(_) | Self::Tls(..) => None,
        }
    }

    /// The TCP endpoint, if there is one.
    #[must_use]
    pub fn endpoint(&self) -> Option<&Endpoint> {
        match self {
            Self::Tcp(endpoint) | Self::Tls(endpoint, _) | Self::RtuOverTcp(endpoint, _) => Some(endpoint),
            Self::Serial(_) => None,
        }
    }

    /// Whether two lines would use the same port.
    fn collides(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Serial(one), Self::Serial(two)) => one.path == two.path,
            _ => self.endpoint().is_some() && self.endpoint() == other.endpoint(),
        }
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(endpoint) => endpoint.fmt(f),
            Self::Tls(endpoint, _) => write!(f, "{endpoint} (TLS)"),
            Self::RtuOverTcp(endpoint, baud) => write!(f, "{endpoint} (RTU, {} baud)", baud.0),
            Self::Serial(serial) => write!(f, "{} ({serial})", serial.path.display()),
        }
    }
}

/// As installers write it: `9600 8N1`.
impl fmt::Display for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parity = match self.parity {
            Parity::None => 'N',
            Parity::Even => 'E',
            Parity::Odd => 'O',
        };
        write!(f, "{} 8{parity}{}", self.baud.0, self.stop_bits)
    }
}

/// All lines of the file: those of Modbus, and those of readers. Wrong ones become problems.
pub(crate) fn check_lines(
    document: &mut Document<'_>,
    entries: Vec<Entry<LineEntry>>,
) -> (Vec<Line>, Vec<ReaderLine>) {
    let mut seen = Vec::new();
    let mut lines: Vec<Line> = Vec::new();
    let mut reader_lines: Vec<ReaderLine> = Vec::new();
    for entry in entries {
        let Some(id) = id(document, &entry.value.id, entry.at("id")) else { continue };
        unique(document, &mut seen, &id, entry.at("id"));
        let Some(transport) = transport(document, &entry) else { continue };
        let readers = reader_lines.iter().map(|line| (&line.id, Transport::Serial(line.serial.clone())));
        let mut others = lines.iter().map(|line| (&line.id, line.transport.clone())).chain(readers);
        if let Some((other, _)) = others.find(|(_, other)| other.collides(&transport)) {
            let key = if transport.endpoint().is_some() { "tcp" } else { "serial" };
            let what = format!("`{transport}` is line `{other}` already");
            document.problem(entry.at(key), what, "put all units of one endpoint on one line");
        }
        if let (Transport::Serial(serial), Some(Mode::Osdp)) = (&transport, entry.value.mode) {
            reader_lines.push(ReaderLine { id, serial: serial.clone() });
        } else {
            lines.push(Line { id, transport });
        }
    }
    (lines, reader_lines)
}

fn transport(document: &mut Document<'_>, entry: &Entry<LineEntry>) -> Option<Transport> {
    let line = &entry.value;
    let whole = || entry.at("id");
    let (port, mode) = match (&line.tcp, &line.serial) {
        (Some(text), None) => {
            let Some(endpoint) = endpoint(text) else {
                let what = format!("`{text}` is no endpoint");
                document.problem(entry.at("tcp"), what, "host:port, such as 10.0.5.11:502");
                return None;
            };
            (Some(endpoint), line.mode.unwrap_or(Mode::Tcp))
        }
        (None, Some(_)) => (None, line.mode.unwrap_or(Mode::Rtu)),
        (Some(_), Some(_)) => {
            document.problem(
                entry.at("serial"),
                "a line is an endpoint or a serial port",
                "delete one of the two",
            );
            return None;
        }
        (None, None) => {
            document.problem(
                whole(),
                "where is this line?",
                "tcp = \"10.0.5.11:502\" or serial = \"/dev/ttyUSB0\"",
            );
            return None;
        }
    };
    refuse_foreign_keys(document, entry, mode);
    match (port, mode) {
        (Some(endpoint), Mode::Tcp) => Some(Transport::Tcp(endpoint)),
        (Some(endpoint), Mode::RtuOverTcp) => Some(Transport::RtuOverTcp(endpoint, baud(document, entry)?)),
        (Some(endpoint), Mode::Tls) => Some(Transport::Tls(endpoint, certificates(document, entry)?)),
        (None, Mode::Rtu) => serial(document, entry).map(Transport::Serial),
        (None, Mode::Osdp) => osdp(document, entry).map(Transport::Serial),
        (Some(_), Mode::Rtu | Mode::Osdp) | (None, _) => {
            let right = "mode = \"rtu\" or \"osdp\" for a serial port; \"tcp\", \"rtu-over-tcp\" or \"tls\" for an endpoint";
            document.problem(entry.at("mode"), "this is not spoken there", right);
            None
        }
    }
}

/// Keys that this mode does not read would be believed to do something.
fn refuse_foreign_keys(document: &mut Document<'_>, entry: &Entry<LineEntry>, mode: Mode) {
    let line = &entry.value;
    let (rtu, tls) = (mode == Mode::Rtu, mode == Mode::Tls);
    let osdp = mode == Mode::Osdp;
    for (key, given, read) in [
        ("baud", line.baud.is_some(), rtu || osdp || mode == Mode::RtuOverTcp),
        ("parity", line.parity.is_some(), rtu),
        ("stop_bits", line.stop_bits.is_some(), rtu),
        ("rs485", line.rs485.is_some(), rtu || osdp),
        ("ca_file", line.ca_file.is_some(), tls),
        ("certificate_file", line.certificate_file.is_some(), tls),
        ("key_file", line.key_file.is_some(), tls),
    ] {
        if given && !read {
            document.problem(
                entry.at(key),
                format!("`{key}` means nothing on this line"),
                "delete it, or set `mode`",
            );
        }
    }
}

fn baud(document: &mut Document<'_>, entry: &Entry<LineEntry>) -> Option<Baud> {
    let baud = entry.value.baud.map_or(Some(Baud::USUAL), Baud::new);
    if baud.is_none() {
        document.problem(entry.at("baud"), "no line is that fast or slow", "1200 to 921600, such as 9600");
    }
    baud
}

fn serial(document: &mut Document<'_>, entry: &Entry<LineEntry>) -> Option<Serial> {
    let line = &entry.value;
    let path = line.serial.as_deref().unwrap_or_default();
    if !path.starts_with('/') || path.contains('\0') {
        let what = format!("`{path}` is no serial port");
        document.problem(entry.at("serial"), what, "a path such as /dev/ttyUSB0 or /dev/serial/by-id/…");
        return None;
    }
    let stop_bits = line.stop_bits.unwrap_or(1);
    if !(1..=2).contains(&stop_bits) {
        document.problem(entry.at("stop_bits"), "there are 1 or 2 stop bits", "stop_bits = 1");
        return None;
    }
    Some(Serial {
        path: path.into(),
        baud: baud(document, entry)?,
        parity: line.parity.unwrap_or_default(),
        stop_bits,
        rs485: line.rs485.unwrap_or(false),
    })
}

/// As [`serial`], at a speed of OSDP.
fn osdp(document: &mut Document<'_>, entry: &Entry<LineEntry>) -> Option<Serial> {
    let serial = serial(document, entry)?;
    if !OSDP_BAUDS.contains(&serial.baud.0) {
        let right = OSDP_BAUDS.map(|baud| baud.to_string()).join(", ");
        document.problem(entry.at("baud"), "OSDP has no such speed", format!("one of: {right}"));
        return None;
    }
    Some(serial)
}

fn certificates(document: &mut Document<'_>, entry: &Entry<LineEntry>) -> Option<Certificates> {
    let line = &entry.value;
    let problem = |document: &mut Document<'_>, at: Range<usize>, what: &str, right: &str| {
        document.problem(at, what, right);
        None
    };
    let Some(ca_file) = line.ca_file.clone() else {
        let right = "ca_file = \"/etc/hallward/device-ca.pem\"";
        return problem(document, entry.at("mode"), "whose certificate is to be trusted?", right);
    };
    match (line.certificate_file.clone(), line.key_file.clone()) {
        (Some(certificate), Some(key)) => Some(Certificates { ca_file, own: Some((certificate, key)) }),
        (None, None) => Some(Certificates { ca_file, own: None }),
        (Some(_), None) => problem(
            document,
            entry.at("certificate_file"),
            "a certificate without its key",
            "key_file = \"…\"",
        ),
        (None, Some(_)) => problem(
            document,
            entry.at("key_file"),
            "a key without its certificate",
            "certificate_file = \"…\"",
        ),
    }
}
