//! From the site file as written to a checked [`Site`].

use std::{collections::BTreeMap, mem::discriminant, ops::Range};

use hallward_profiles::{
    Id, Library, Problems,
    document::{Document, Entry},
};

use crate::{
    Endpoint, Feed, FeedNode, Load, Log, Mqtt, Room, Simulation, Site, Source,
    commander::{CommanderEntry, check_commanders},
    device::check_devices,
    door::{check_doors, inputs},
    file::{DeviceEntry, DoorEntry, FeedEntry, Head, LineEntry, LogEntry, MqttEntry, Named, WebEntry},
    line::check_lines,
    person::check_people,
    web::check_web,
};

const KNOWN: [&str; 13] = [
    "site",
    "room",
    "line",
    "device",
    "source",
    "load",
    "feed",
    "door",
    "web",
    "mqtt",
    "commander",
    "log",
    "simulation",
];

/// Reads a whole site file; see [`Site::parse`].
pub(crate) fn site(path: &str, text: &str, library: &Library) -> Result<Site, Problems> {
    let mut document = Document::parse(path, text);
    let head: Option<Entry<Head>> = document.required("site", "a site file begins with a [site] table");
    let rooms = named(&mut document, "room");
    let sources = named(&mut document, "source");
    let loads = named(&mut document, "load");
    let lines: Vec<Entry<LineEntry>> = document.entries("line");
    let devices: Vec<Entry<DeviceEntry>> = document.entries("device");
    let feeds: Vec<Entry<FeedEntry>> = document.entries("feed");
    let doors: Vec<Entry<DoorEntry>> = document.entries("door");
    let web: Option<Entry<WebEntry>> = document.section("web");
    let mqtt: Option<Entry<MqttEntry>> = document.section("mqtt");
    let commanders: Vec<Entry<CommanderEntry>> = document.entries("commander");
    let log: Option<Entry<LogEntry>> = document.section("log");
    let simulation: Option<Entry<Simulation>> = document.section("simulation");

    let head = head.and_then(|head| check_head(&mut document, head));
    let (lines, reader_lines) = check_lines(&mut document, lines);
    let devices = check_devices(&mut document, devices, &lines, &rooms, library);
    let web = check_web(&mut document, web.as_ref());
    let mqtt = mqtt.and_then(|entry| check_mqtt(&mut document, entry));
    let log = log.map(|entry| check_log(&mut document, entry)).unwrap_or_default();
    let mut site = Site {
        id: head
            .as_ref()
            .map_or_else(|| "site".parse().ok(), |head| Some(head.0.clone()))
            .ok_or_else(|| Problems::whole_file(path, "the site has no id", "[site] id = \"hall\""))?,
        name: head.as_ref().map(|head| head.1.clone()).unwrap_or_default(),
        time_zone: head.map_or(chrono_tz::UTC, |head| head.2),
        rooms: rooms.into_iter().map(|(id, name)| Room { id, name }).collect(),
        lines,
        reader_lines,
        devices,
        sources: sources.into_iter().map(|(id, name)| Source { id, name }).collect(),
        loads: loads.into_iter().map(|(id, name)| Load { id, name }).collect(),
        feeds: Vec::new(),
        doors: Vec::new(),
        web,
        mqtt,
        commanders: Vec::new(),
        log,
        simulation: simulation.as_ref().map(|entry| entry.value.clone()).unwrap_or_default(),
    };
    if let Some(entry) = &simulation {
        check_simulation(&mut document, entry, &site);
    }
    check_feeds(&mut document, feeds, &mut site);
    site.doors = check_doors(&mut document, doors, &site);
    site.commanders = check_commanders(&mut document, commanders, &site);
    // What is sensed of a door is new each 100 ms, whether the file says so or not.
    for input in inputs(&site.doors) {
        if let Some(device) = site.devices.get_mut(input.device)
            && !device.fast.contains(&input.point)
        {
            device.fast.push(input.point.clone());
        }
    }
    document.finish(&KNOWN)?;
    Ok(site)
}

pub(crate) fn id(document: &mut Document<'_>, text: &str, at: Range<usize>) -> Option<Id> {
    text.parse().map_err(|what: String| document.problem(at, what, "for example ups-a")).ok()
}

pub(crate) fn unique(document: &mut Document<'_>, seen: &mut Vec<Id>, id: &Id, at: Range<usize>) {
    if seen.contains(id) {
        document.problem(at, format!("`{id}` is there twice"), "give each one an id of its own");
    }
    seen.push(id.clone());
}

fn named(document: &mut Document<'_>, key: &str) -> Vec<(Id, String)> {
    let entries: Vec<Entry<Named>> = document.entries(key);
    let mut seen = Vec::new();
    let mut read = Vec::new();
    for entry in entries {
        if let Some(id) = id(document, &entry.value.id, entry.at("id")) {
            unique(document, &mut seen, &id, entry.at("id"));
            read.push((id, entry.value.name));
        }
    }
    read
}

fn check_head(document: &mut Document<'_>, head: Entry<Head>) -> Option<(Id, String, chrono_tz::Tz)> {
    let zone = head.value.time_zone.parse().map_err(|_| {
        let what = format!("`{}` is no time zone", head.value.time_zone);
        document.problem(head.at("time_zone"), what, "an IANA name such as Asia/Ho_Chi_Minh");
    });
    let id = id(document, &head.value.id, head.at("id"));
    Some((id?, head.value.name, zone.ok()?))
}

pub(crate) fn endpoint(text: &str) -> Option<Endpoint> {
    let (host, port) = text.rsplit_once(':')?;
    let bracketed = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let host = match bracketed {
        Some(address) => address.parse::<std::net::Ipv6Addr>().ok()?.to_string(),
        None => host.to_owned(),
    };
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
    let sound = !host.is_empty() && host.len() <= 253 && host.chars().all(allowed);
    let port = port.parse().ok()?;
    (sound && (bracketed.is_some() || !host.contains(':'))).then_some(Endpoint { host, port })
}

/// "did you mean …" where one is near, else the first few that there are.
pub(crate) fn one_of<'a>(known: impl Iterator<Item = &'a str>, wanted: &str) -> String {
    let known: Vec<_> = known.collect();
    let alike = |name: &str| name.bytes().zip(wanted.bytes()).take_while(|(a, b)| a == b).count();
    let nearest = known.iter().max_by_key(|name| alike(name)).filter(|name| alike(name) >= 3);
    match nearest {
        Some(name) => format!("did you mean `{name}`?"),
        None if known.is_empty() => "there is none yet: define it first".to_owned(),
        None => format!("one of: {}", known.iter().take(20).copied().collect::<Vec<_>>().join(", ")),
    }
}

fn check_mqtt(document: &mut Document<'_>, entry: Entry<MqttEntry>) -> Option<Mqtt> {
    let text = entry.value.broker.as_str();
    let scheme = [("mqtt://", false, 1883), ("mqtts://", true, 8883)];
    let found = scheme.iter().find_map(|(prefix, tls, port)| {
        let rest = text.strip_prefix(prefix)?;
        let with_port = endpoint(rest).or_else(|| endpoint(&format!("{rest}:{port}")))?;
        Some((with_port, *tls))
    });
    let Some((Endpoint { host, port }, tls)) = found else {
        document.problem(
            entry.at("broker"),
            format!("`{text}` is no broker"),
            "mqtt://host:1883 or mqtts://host:8883",
        );
        return None;
    };
    if tls && entry.value.ca_file.is_none() {
        document.problem(
            entry.at("broker"),
            "whose certificate is to be trusted?",
            "ca_file = \"/etc/hallward/mqtt-ca.pem\"",
        );
    }
    if entry.value.password_file.is_some() && entry.value.user.is_none() {
        document.problem(entry.at("password_file"), "a password without a user", "user = \"…\"");
    }
    let MqttEntry { user, password_file, ca_file, .. } = entry.value;
    Some(Mqtt { host, port, tls, user, password_file, ca_file })
}

fn check_log(document: &mut Document<'_>, entry: Entry<LogEntry>) -> Log {
    let LogEntry { checkpoints, spool } = &entry.value;
    let whole = [
        ("checkpoints", checkpoints, "/mnt/other-disk/hallward-checkpoints.txt"),
        ("spool", spool, "/mnt/other-disk/hallward"),
    ];
    for (key, path, example) in whole {
        if let Some(path) = path.as_ref().filter(|path| !path.is_absolute()) {
            let what = format!("`{}` leads elsewhere from another folder", path.display());
            document.problem(entry.at(key), what, format!("a whole path, such as {example}"));
        }
    }
    let LogEntry { checkpoints, spool } = entry.value;
    Log { checkpoints, spool }
}

fn check_simulation(document: &mut Document<'_>, entry: &Entry<Simulation>, site: &Site) {
    for device in entry.value.device.keys().filter(|id| site.device(id).is_none()) {
        let known = site.devices.iter().map(|device| device.id.as_str());
        document.problem(entry.at("device"), format!("there is no device `{device}`"), one_of(known, device));
    }
    check_people(document, entry, site);
}

fn check_feeds(document: &mut Document<'_>, entries: Vec<Entry<FeedEntry>>, site: &mut Site) {
    let mut nodes: BTreeMap<Id, FeedNode> = BTreeMap::new();
    let sources = site.sources.iter().enumerate().map(|(n, source)| (&source.id, FeedNode::Source(n)));
    let devices = site.devices.iter().enumerate().map(|(n, device)| (&device.id, FeedNode::Device(n)));
    let loads = site.loads.iter().enumerate().map(|(n, load)| (&load.id, FeedNode::Load(n)));
    for (id, node) in sources.chain(devices).chain(loads) {
        // The same id twice in one list has been told already.
        let other = nodes.insert(id.clone(), node);
        if other.is_some_and(|other| discriminant(&other) != discriminant(&node)) {
            let what = format!("`{id}` names two of source, device and load");
            document.problem(0..0, what, "give each one an id of its own");
        }
    }
    for entry in &entries {
        let mut find = |key: &str, wanted: &str| {
            let found = nodes.get(wanted).copied();
            if found.is_none() {
                let known = nodes.keys().map(Id::as_str);
                document.problem(
                    entry.at(key),
                    format!("there is no node `{wanted}`"),
                    one_of(known, wanted),
                );
            }
            found
        };
        let ends = (find("from", &entry.value.from), find("to", &entry.value.to));
        let (Some(from), Some(to)) = ends else { continue };
        if matches!(entry.value.input, Some(input) if !(1..=2).contains(&input)) {
            document.problem(entry.at("input"), "a transfer switch has sources 1 and 2", "input = 1 or 2");
        }
        site.feeds.push(Feed { from, to, input: entry.value.input });
        if reaches(&site.feeds, to, from) {
            document.problem(
                entry.at("to"),
                "this closes a circle: power would feed itself",
                "delete one feed",
            );
            site.feeds.pop();
        }
    }
}

/// Whether power from `start` gets to `goal`.
fn reaches(feeds: &[Feed], start: FeedNode, goal: FeedNode) -> bool {
    let (mut reached, mut next) = (vec![start], 0);
    while let Some(node) = reached.get(next).copied() {
        if node == goal {
            return true;
        }
        for feed in feeds.iter().filter(|feed| feed.from == node) {
            if !reached.contains(&feed.to) {
                reached.push(feed.to);
            }
        }
        next += 1;
    }
    false
}
