//! `hallward write DEVICE POINT VALUE --why TEXT`: through the running service alone, which checks, records and reads
//! back.

use std::path::PathBuf;

use serde_json::Value;

use super::{
    Outcome,
    service::{Service, unexpected},
};
use crate::app::control::{Answer, Request};

/// Write a value to a device.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  hallward write io-1 output.0 on --why \"siren test\"\n  \
                  hallward write ac-1 setpoint.temperature 23.5 --unit °C --why \"hot aisle\"")]
pub(super) struct Arguments {
    /// The device's id.
    device: String,
    /// One of its points; the site file's `writes` must name it.
    point: String,
    /// The value: a number, a word, or on and off.
    #[arg(allow_negative_numbers = true)]
    value: String,
    /// Why: it stands in the journal, with who did it.
    #[arg(long)]
    why: String,
    /// The unit that you mean, to be checked.
    #[arg(long)]
    unit: Option<String>,
    /// Data folder of a demo, to ask it instead of the service.
    #[arg(long)]
    data: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: Arguments) -> anyhow::Result<Outcome> {
    let Arguments { device, point, value, why, unit, data, json } = arguments;
    let request = Request::Write { device: device.clone(), point: point.clone(), value, unit, why };
    let answer = Service::at(data.as_ref()).ask(&request)?;
    if let Answer::Refused(what) = &answer {
        eprintln!("hallward: {what}");
        return Ok(Outcome::No);
    }
    let Answer::Written(written) = answer else { return Err(unexpected(answer)) };
    if json {
        say!("{}", serde_json::to_string(&written)?);
    } else {
        let shown = |value: Option<Value>| value.map_or("not known".to_owned(), |value| value.to_string());
        say!("{device}/{point}: was {}, is {}", shown(written.before), shown(written.after));
    }
    Ok(Outcome::Done)
}
