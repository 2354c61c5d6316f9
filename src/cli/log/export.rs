//! `hallward log export`: takes the file from the service piece by piece. It appears under its name only when it is whole.

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, anyhow, bail};
use data_encoding::{BASE64, HEXLOWER};
use sha2::{Digest, Sha256};

use super::super::{
    Outcome,
    service::{Service, unexpected},
};
use crate::app::control::{Answer, ExportDeed, ExportedFile, LogDeed, Request};

/// Making the file may take a while.
const LONGEST: Duration = Duration::from_secs(600);

pub(super) fn run(
    out: &Path,
    deed: ExportDeed,
    data: Option<&PathBuf>,
    json: bool,
) -> anyhow::Result<Outcome> {
    if out.exists() {
        bail!("{} is there already: give another name", out.display());
    }
    let folder = out.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut part = tempfile::Builder::new()
        .prefix(".export-")
        .tempfile_in(folder)
        .with_context(|| format!("{}: no file can be made there", folder.display()))?;
    let service = Service::at(data);
    let answers = service.begin(&Request::Log { what: LogDeed::Export(deed) })?;
    let mut answers = answers.ok_or_else(|| anyhow!(service.nobody()))?;
    let mut hash = Sha256::new();
    let mut writer = BufWriter::new(part.as_file_mut());
    let told = loop {
        let answer = answers.next(Some(LONGEST))?;
        match answer.context("the service went away before the file was whole")? {
            Answer::Piece(piece) => {
                let bytes = BASE64.decode(piece.as_bytes()).context("a piece is not whole")?;
                hash.update(&bytes);
                writer.write_all(&bytes)?;
            }
            Answer::Exported(told) => break told,
            Answer::Refused(what) => {
                eprintln!("hallward: {what}");
                return Ok(Outcome::No);
            }
            other => return Err(unexpected(other)),
        }
    };
    writer.flush()?;
    drop(writer);
    if HEXLOWER.encode(&hash.finalize()) != told.sha256 {
        bail!("what came is not what the service made: try again");
    }
    let file: File =
        part.persist_noclobber(out).map_err(|error| error.error).context("the file cannot be named")?;
    file.sync_all()?;
    show(out, &told, json)?;
    Ok(Outcome::Done)
}

fn show(out: &Path, told: &ExportedFile, json: bool) -> anyhow::Result<()> {
    if json {
        say!("{}", serde_json::to_string(told)?);
        return Ok(());
    }
    let range = match (told.first, told.last) {
        (Some(first), Some(last)) if told.contiguous => format!("every record from {first} to {last}"),
        (Some(first), Some(last)) => format!("a selection between {first} and {last}"),
        _ => "none".to_owned(),
    };
    say!("{}: {} records ({range})", out.display(), told.records);
    say!("SHA-256 {}; record {} tells of it", told.sha256, told.record);
    Ok(())
}
