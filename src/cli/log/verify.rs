//! `hallward log verify`: the log or an export of it against every checkpoint that is found. Only reads, and asks no service.
//!
//! Checkpoints: those in the database and beside it, or in the export, say what whoever keeps them says; those given with
//! `--checkpoint`, and those on the second path of the site file, are external.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
};

use anyhow::{Context, anyhow};
use data_encoding::BASE64;
use serde::Deserialize;
use serde_json::json;
use zip::ZipArchive;

use super::super::{Outcome, load, own::SITE};
use crate::{
    evidence::{CHECKPOINTS, VKEY},
    logic::evidence::{
        BadCheckpoint, BadNote, Checkpoint, Known, PublicKey, Report, Subtree, Verifier, notes,
    },
    model::Record,
    store::{DatabaseKey, LogFile},
};

/// The longest line of an export, bytes: a record's texts have 64 KiB each.
const LONGEST_LINE: u64 = 16 * 1024 * 1024;

/// The longest of its other members, bytes.
const LONGEST_MEMBER: u64 = 64 * 1024 * 1024;

#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  hallward log verify --checkpoint /mnt/other-disk/checkpoints.txt --strict\n  \
                  hallward log verify --export march.zip --key 'hallward/hall+0a1b2c3d+AZ…' --json"
)]
pub(super) struct Arguments {
    /// Folder of the databases.
    #[arg(long, default_value = "/var/lib/hallward")]
    data: PathBuf,
    /// An export, instead of the databases.
    #[arg(long, value_name = "FILE")]
    export: Option<PathBuf>,
    /// A file of checkpoints kept elsewhere; more than once for more.
    #[arg(long, value_name = "FILE")]
    checkpoint: Vec<PathBuf>,
    /// The public key, as it was written down elsewhere; else the one beside what is checked.
    #[arg(long, value_name = "VKEY")]
    key: Option<String>,
    /// Also fail when no checkpoint from elsewhere fits, or when the log tells of a suspected rollback.
    #[arg(long)]
    strict: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Folder of the key of encrypted databases.
    #[arg(long, default_value = "/etc/hallward/keys")]
    keys: PathBuf,
    /// The site file, for its second path of checkpoints.
    #[arg(long, default_value = SITE)]
    site: PathBuf,
    /// Folder of the site's own device profiles.
    #[arg(long, default_value = load::PROFILES)]
    profiles: PathBuf,
}

/// Checkpoints, as they are found.
struct Found {
    key: PublicKey,
    known: Vec<Known>,
    /// Those with a wrong signature, by where they were.
    wrong: Vec<String>,
    /// How many another key signed, or are none.
    unused: u64,
}

impl Found {
    fn new(key: &str) -> anyhow::Result<Self> {
        let key = PublicKey::parse(key).with_context(|| format!("`{}` is no public key", key.trim()))?;
        Ok(Self { key, known: Vec::new(), wrong: Vec::new(), unused: 0 })
    }

    fn add(&mut self, note: &str, source: &str, external: bool) {
        match Checkpoint::open(note, &self.key) {
            Ok(checkpoint) => {
                self.known.push(Known { checkpoint, external, source: source.to_owned() });
            }
            Err(BadCheckpoint::Note(BadNote::Signature)) => self.wrong.push(source.to_owned()),
            // Of another key or log, or the last one of a file that a loss of power has cut off.
            Err(BadCheckpoint::Note(BadNote::OtherKey | BadNote::Form) | BadCheckpoint::Form) => {
                self.unused += 1
            }
        }
    }

    fn add_file(&mut self, path: &Path, external: bool) -> anyhow::Result<()> {
        let text = fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
        notes(&text).for_each(|note| self.add(note, &path.display().to_string(), external));
        Ok(())
    }

    /// A verifier that knows them, and has been told of the wrong ones.
    fn into_verifier(self, verifier: fn(Vec<Known>) -> Verifier) -> Verifier {
        let mut verifier = verifier(self.known);
        for source in self.wrong {
            verifier.tell(0, format!("a checkpoint in {source} bears a wrong signature"));
        }
        verifier
    }
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let (report, found) = match &arguments.export {
        Some(path) => export(path, arguments)?,
        None => log(arguments)?,
    };
    let anchored = report.anchored.is_some() && report.rollbacks.is_empty();
    let good = report.is_whole() && (anchored || !arguments.strict);
    if arguments.json {
        say!("{}", as_json(&report, &found));
    } else {
        show(&report, &found);
    }
    Ok(if good { Outcome::Done } else { Outcome::No })
}

/// What is told besides the report.
struct Told {
    key: String,
    unused: u64,
}

/// The database, and every checkpoint that can be found. Files come first: what is signed meanwhile is not yet in them.
fn log(arguments: &Arguments) -> anyhow::Result<(Report, Told)> {
    let path = arguments.data.join("core.db");
    let vkey = arguments.data.join(VKEY);
    let key = match &arguments.key {
        Some(key) => key.clone(),
        None => fs::read_to_string(&vkey)
            .with_context(|| format!("{}: give the public key with --key", vkey.display()))?,
    };
    let mut found = Found::new(&key)?;
    for file in &arguments.checkpoint {
        found.add_file(file, true)?;
    }
    if let Some(second) = second_path(arguments)? {
        found.add_file(&second, true)?;
    }
    let local = arguments.data.join(CHECKPOINTS);
    if local.exists() {
        found.add_file(&local, false)?;
    }
    let credentials = std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from);
    let database_key = DatabaseKey::find(credentials.as_deref(), &arguments.keys)?;
    let file = LogFile::open(&path, database_key.as_ref())?;
    for note in file.notes()? {
        found.add(&note, "the database", false);
    }
    let told = Told { key: found.key.to_string(), unused: found.unused };
    let mut verifier = found.into_verifier(Verifier::of_log);
    file.show(&mut verifier)?;
    Ok((verifier.finish(), told))
}

/// The second path that the site file names, if there is a site file and it does.
fn second_path(arguments: &Arguments) -> anyhow::Result<Option<PathBuf>> {
    if !arguments.site.exists() {
        return Ok(None);
    }
    let site = load::site(&arguments.site, &load::library(&arguments.profiles)?)?;
    let site = site.map_err(|problems| anyhow!(load::show(&[problems])))?;
    Ok(site.log.checkpoints.filter(|path| path.exists()))
}

/// A line of `records.jsonl`.
#[derive(Deserialize)]
#[serde(untagged)]
enum Line {
    LeftOut { left_out: u8, hash: String },
    Record { record: String, salt: Option<String>, personal: Option<String> },
}

type Zip = ZipArchive<BufReader<File>>;

fn export(path: &Path, arguments: &Arguments) -> anyhow::Result<(Report, Told)> {
    let shown = path.display();
    let file = File::open(path).with_context(|| format!("{shown} cannot be read"))?;
    let mut zip = ZipArchive::new(BufReader::new(file)).with_context(|| format!("{shown} is no export"))?;
    let key = match &arguments.key {
        Some(key) => key.clone(),
        None => member(&mut zip, "key.txt")?,
    };
    let mut found = Found::new(&key)?;
    for file in &arguments.checkpoint {
        found.add_file(file, true)?;
    }
    let own = member(&mut zip, "checkpoints.txt")?;
    notes(&own).for_each(|note| found.add(note, "the export", false));
    let told = Told { key: found.key.to_string(), unused: found.unused };
    let mut verifier = found.into_verifier(Verifier::of_excerpt);
    let records = zip.by_name("records.jsonl").context("there is no records.jsonl in it")?;
    let mut records = BufReader::new(records);
    let mut line = String::new();
    while {
        line.clear();
        (&mut records).take(LONGEST_LINE).read_line(&mut line).context("records.jsonl cannot be read")? > 0
    } {
        entry(&line, &mut verifier)?;
    }
    Ok((verifier.finish(), told))
}

fn member(zip: &mut Zip, name: &str) -> anyhow::Result<String> {
    let member = zip.by_name(name).with_context(|| format!("there is no {name} in it"))?;
    let mut text = String::new();
    member
        .take(LONGEST_MEMBER)
        .read_to_string(&mut text)
        .with_context(|| format!("{name} cannot be read"))?;
    Ok(text)
}

fn entry(line: &str, verifier: &mut Verifier) -> anyhow::Result<()> {
    let bytes = |text: &str| BASE64.decode(text.as_bytes()).context("records.jsonl is no base64");
    match serde_json::from_str(line).context("a line of records.jsonl is not understood")? {
        Line::LeftOut { left_out: level, hash } => {
            let hash = bytes(&hash)?.try_into().map_err(|_| anyhow!("a hash has 32 bytes"))?;
            verifier.left_out(Subtree { level, hash });
        }
        Line::Record { record, salt, personal } => {
            let record = bytes(&record)?;
            let number = record.get(1..9).and_then(|number| number.try_into().ok());
            let number = number.map_or(0, u64::from_be_bytes);
            if Record::from_bytes(&record).is_err() {
                verifier.tell(number, format!("what stands for record {number} is no record"));
            }
            let (salt, personal) = (salt.map(|text| bytes(&text)), personal.map(|text| bytes(&text)));
            let (salt, personal) = (salt.transpose()?, personal.transpose()?);
            let personal = salt.as_deref().zip(personal.as_deref());
            verifier.record(number, &record, None, personal);
        }
    }
    Ok(())
}

fn as_json(report: &Report, told: &Told) -> serde_json::Value {
    let problems = report.problems.iter().map(|found| json!({ "number": found.number, "what": found.what }));
    let rollbacks = report
        .rollbacks
        .iter()
        .map(|found| json!({ "number": found.number, "log_before": found.before, "lost_to": found.lost_to }));
    json!({
        "result": if report.is_whole() { "whole" } else { "tampered" },
        "records": report.records,
        "first": report.first,
        "last": report.last,
        "contiguous": report.is_contiguous,
        "size": report.size,
        "root": report.root.map(|root| BASE64.encode(&root)),
        "key": told.key,
        "anchored": report.anchored,
        "later": report.later,
        "checkpoints": { "fitting": report.fitting, "unsaid": report.unsaid, "unused": told.unused },
        "rollbacks": rollbacks.collect::<Vec<_>>(),
        "problem_count": report.problem_count,
        "problems": problems.collect::<Vec<_>>(),
    })
}

fn show(report: &Report, told: &Told) {
    for problem in &report.problems {
        say!("record {}: {}", problem.number, problem.what);
    }
    let number = |number: Option<u64>| number.map_or("-".to_owned(), |number| number.to_string());
    say!(
        "{}: {} records, {} to {} ({}); root {}; {}",
        if report.is_whole() { "whole" } else { "TAMPERED" },
        report.records,
        number(report.first),
        number(report.last),
        if report.is_contiguous { "every record between" } else { "A SELECTION: others may be left out" },
        report.root.map_or("-".to_owned(), |root| BASE64.encode(&root)),
        match (report.anchored, report.later) {
            (Some(size), _) => format!("anchored to {size}"),
            (None, Some(later)) => {
                format!("NOT anchored: the checkpoint from elsewhere is of {later}, later than this export")
            }
            (None, None) => "NOT anchored: no checkpoint from elsewhere fits".to_owned(),
        }
    );
    for rollback in &report.rollbacks {
        let lost = rollback
            .lost_to
            .map_or(String::new(), |size| format!("; a checkpoint stands for {size} records of it"));
        say!("ROLLBACK suspected: record {} tells that log {} ended{lost}", rollback.number, rollback.before);
    }
    eprintln!("Checked with the key {}. Compare it with the one written down elsewhere.", told.key);
}
