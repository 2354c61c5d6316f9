//! A checked hall. Ids that point at one another are known to exist; each device has its map written out.

use std::{collections::BTreeMap, fmt, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use chrono_tz::Tz;
use hallward_profiles::{Id, Library, Limits, Map, PointName, Problems, Profile};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Commander, Door, Line, Person, Place, ReaderLine, load};

/// A whole hall.
#[derive(Clone, Debug)]
pub struct Site {
    /// Its id: the root of its topics is `hallward/<id>`.
    pub id: Id,
    /// Its name, as people say it.
    pub name: String,
    /// Where its calendar lives.
    pub time_zone: Tz,
    /// Rooms, in the order of the file, as everything below.
    pub rooms: Vec<Room>,
    /// Lines of Modbus; each has at least one device.
    pub lines: Vec<Line>,
    /// Lines of badge readers; each has at least one.
    pub reader_lines: Vec<ReaderLine>,
    /// Devices.
    pub devices: Vec<Device>,
    /// Where power comes from that no device stands for.
    pub sources: Vec<Source>,
    /// Where it goes that no device stands for.
    pub loads: Vec<Load>,
    /// How power flows; without circles.
    pub feeds: Vec<Feed>,
    /// Doors.
    pub doors: Vec<Door>,
    /// The pages' address.
    pub web: Web,
    /// The broker, if there is one.
    pub mqtt: Option<Mqtt>,
    /// Who may command doors over it.
    pub commanders: Vec<Commander>,
    /// The log that proves itself.
    pub log: Log,
    /// How the simulated hall differs from the usual one.
    pub simulation: Simulation,
}

/// A room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Room {
    /// Its id.
    pub id: Id,
    /// Its name.
    pub name: String,
}

/// Host and port of a Modbus TCP endpoint.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Endpoint {
    /// Name or address.
    pub host: String,
    /// TCP port.
    pub port: u16,
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

/// One device.
#[derive(Clone, Debug)]
pub struct Device {
    /// Its id.
    pub id: Id,
    /// Its name, as people say it.
    pub name: String,
    /// The line it is on: index into [`Site::lines`].
    pub line: usize,
    /// Its unit id on the line.
    pub unit: u8,
    /// The room it stands in: index into [`Site::rooms`].
    pub room: Option<usize>,
    /// What it is.
    pub profile: Arc<Profile>,
    /// Its points.
    pub map: Arc<Map>,
    /// How often it is polled; 100 ms to 1 h.
    pub every: Duration,
    /// What its points mean here ("Surge arrester"), for inputs and outputs above all.
    pub labels: BTreeMap<PointName, String>,
    /// What the inventory knows of it.
    pub asset: Option<Asset>,
    /// Points that are read each 100 ms at the latest.
    pub fast: Vec<PointName>,
    /// Points that may be written, and the lowest and highest value where they are numbers.
    pub writes: BTreeMap<PointName, Option<(f64, f64)>>,
    /// What it can take: the profile's limits, or the site's own.
    pub limits: Limits,
    /// What was added to every address of the profile: -1, 0 or 1.
    pub address_offset: i8,
    /// After how long without being asked it turns its outputs off by itself, if that is set in it.
    pub safe_state: Option<Duration>,
}

/// What the inventory knows of a device (R-ASSET).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Asset {
    /// Its tag.
    pub tag: String,
    /// How much depends on it, in the owner's words.
    pub criticality: Option<String>,
    /// Its serial number.
    pub serial: Option<String>,
}

/// A source of power that no device stands for, such as the grid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its id.
    pub id: Id,
    /// Its name.
    pub name: String,
}

/// An end of the power path that no device stands for, such as the racks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Load {
    /// Its id.
    pub id: Id,
    /// Its name.
    pub name: String,
}

/// An end of a feed: an index into the list it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the words say it")]
pub enum FeedNode {
    Source(usize),
    Device(usize),
    Load(usize),
}

/// Power flows from one node to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Feed {
    /// Where it comes from.
    pub from: FeedNode,
    /// Where it goes.
    pub to: FeedNode,
    /// Of a transfer switch: which of its sources this is, 1 or 2.
    pub input: Option<u8>,
}

/// The pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Web {
    /// On loopback, if there is no certificate.
    pub listen: SocketAddr,
    /// What the pages are served with over TLS; without it they are served in clear.
    pub certificate: Option<WebCertificate>,
}

/// The files of the pages' certificate; neither has been looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebCertificate {
    /// The certificate, and those between it and its authority; PEM.
    pub certificate: PathBuf,
    /// Its private key, PEM.
    pub key: PathBuf,
}

/// The broker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mqtt {
    /// Name or address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// Whether to speak TLS (`mqtts://`).
    pub tls: bool,
    /// User name.
    pub user: Option<String>,
    /// The file whose first line is the password.
    pub password_file: Option<PathBuf>,
    /// Certificates to trust, PEM; required for TLS.
    pub ca_file: Option<PathBuf>,
}

/// The log that proves itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Log {
    /// A file on another disk that gets every signed checkpoint too.
    pub checkpoints: Option<PathBuf>,
    /// A folder for grants that the journal does not take in time; that of the data when absent.
    pub spool: Option<PathBuf>,
}

/// How the simulated hall differs from the usual one.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Simulation {
    /// What the racks draw, W.
    pub it_load_w: f64,
    /// Outdoor air, °C.
    pub outdoor_c: f64,
    /// Seed of everything random.
    pub seed: u64,
    /// Device id → physical parameter → value; the simulator's README lists the parameters.
    pub device: BTreeMap<String, BTreeMap<String, f64>>,
    /// Who works in the simulated hall and visits it.
    #[schemars(with = "Vec<crate::person::PersonEntry>")]
    pub person: Vec<Person>,
}

impl Default for Simulation {
    fn default() -> Self {
        Self { it_load_w: 24_000.0, outdoor_c: 33.0, seed: 1, device: BTreeMap::new(), person: Vec::new() }
    }
}

impl Site {
    /// Reads and checks a site file; `path` is for the messages. Every mistake is reported, each with its line.
    ///
    /// # Errors
    /// What is wrong, with places.
    pub fn parse(path: &str, text: &str, library: &Library) -> Result<Self, Problems> {
        load::site(path, text, library)
    }

    /// The device with this id, and its index.
    #[must_use]
    pub fn device(&self, id: &str) -> Option<(usize, &Device)> {
        self.devices.iter().enumerate().find(|(_, device)| device.id.as_str() == id)
    }

    /// The place with this name: `outside`, or a room by its id.
    #[must_use]
    pub fn place(&self, name: &str) -> Option<Place> {
        Place::find(name, self.rooms.iter().map(|room| room.id.as_str()))
    }

    /// The name of a place, as the site file has it.
    #[must_use]
    pub fn place_name(&self, place: Place) -> &str {
        match place {
            Place::Outside => Place::OUTSIDE,
            Place::Room(n) => self.rooms.get(n).map_or(Place::OUTSIDE, |room| room.id.as_str()),
        }
    }

    /// The id of a node.
    #[must_use]
    pub fn node_id(&self, node: FeedNode) -> Option<&Id> {
        match node {
            FeedNode::Source(n) => self.sources.get(n).map(|source| &source.id),
            FeedNode::Device(n) => self.devices.get(n).map(|device| &device.id),
            FeedNode::Load(n) => self.loads.get(n).map(|load| &load.id),
        }
    }
}
