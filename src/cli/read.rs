//! `hallward read DEVICE [POINT]`: reads a device's registers now, through the running service, or by itself where none
//! runs. `--puzzle` shows every reading of the registers around a point.

use anyhow::{anyhow, bail};

use super::{
    Outcome, own,
    service::{Service, unexpected},
};
use crate::{
    app::{
        control::{Answer, PuzzleLine, ReadPoint, Request},
        tools,
    },
    bus::ExchangeError,
    logic::puzzle,
};

/// Read a device's registers now.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  hallward read ups-a battery.charge\n  \
                        hallward read inlet-01 temperature --puzzle     # the display shows another number")]
pub(super) struct Arguments {
    /// The device's id.
    device: String,
    /// One of its points; all when absent.
    point: Option<String>,
    /// Show every reading of the point's registers and those around it: one of them is what the display shows.
    #[arg(long, requires = "point")]
    puzzle: bool,
    #[command(flatten)]
    place: own::Where,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let service = arguments.place.service();
    match &arguments.point {
        Some(point) if arguments.puzzle => {
            let lines = match puzzle_by(&service, arguments, point)? {
                Some(lines) => lines,
                None => puzzle_alone(arguments, point)?,
            };
            show_puzzle(arguments, &lines)
        }
        _ => {
            let points = match read_by(&service, arguments)? {
                Some(points) => points,
                None => read_alone(arguments)?,
            };
            show(arguments, &points)
        }
    }
}

fn read_by(service: &Service, arguments: &Arguments) -> anyhow::Result<Option<Vec<ReadPoint>>> {
    let request = Request::Read { device: arguments.device.clone(), point: arguments.point.clone() };
    match service.ask_if_running(&request)? {
        None => Ok(None),
        Some(Answer::Points(points)) => Ok(Some(points)),
        Some(other) => Err(unexpected(other)),
    }
}

fn puzzle_by(
    service: &Service,
    arguments: &Arguments,
    point: &str,
) -> anyhow::Result<Option<Vec<PuzzleLine>>> {
    let request = Request::Puzzle { device: arguments.device.clone(), point: point.to_owned() };
    match service.ask_if_running(&request)? {
        None => Ok(None),
        Some(Answer::Puzzle(lines)) => Ok(Some(lines)),
        Some(other) => Err(unexpected(other)),
    }
}

fn read_alone(arguments: &Arguments) -> anyhow::Result<Vec<ReadPoint>> {
    let plant = arguments.place.plant()?;
    let (_, device, info) = tools::find_device(&plant, &arguments.device).map_err(|what| anyhow!(what))?;
    let wanted = arguments.point.as_deref().map(|name| tools::find_point(device, info, name));
    let wanted = wanted.transpose().map_err(|what| anyhow!(what))?;
    let Some(line) = plant.site.lines.get(device.line) else { bail!("the device has no line") };
    let mut direct = own::open(&line.transport, own::clock())?;
    let reading = own::runtime()?.block_on(direct.read(device, info)).map_err(|error| match error {
        ExchangeError::Down(why) => own::unopened(&line.transport, &why.to_string()),
        ExchangeError::Timeout
        | ExchangeError::BadFrame(_)
        | ExchangeError::Exception(_)
        | ExchangeError::Busy
        | ExchangeError::WrongDevice => {
            anyhow!("`{}` on line `{}` could not be read: {error}", device.id, line.id)
        }
    })?;
    Ok(tools::shown(info, &reading, wanted))
}

fn puzzle_alone(arguments: &Arguments, point: &str) -> anyhow::Result<Vec<PuzzleLine>> {
    let plant = arguments.place.plant()?;
    let (_, device, info) = tools::find_device(&plant, &arguments.device).map_err(|what| anyhow!(what))?;
    let ix = tools::find_point(device, info, point).map_err(|what| anyhow!(what))?;
    let Some(line) = plant.site.lines.get(device.line) else { bail!("the device has no line") };
    let mut direct = own::open(&line.transport, own::clock())?;
    let lines = own::runtime()?.block_on(tools::puzzle(&mut direct, device, info, ix));
    lines.map_err(|what| anyhow!(what))
}

fn show(arguments: &Arguments, points: &[ReadPoint]) -> anyhow::Result<Outcome> {
    for point in points {
        if arguments.json {
            say!("{}", serde_json::to_string(point)?);
        } else {
            let value = shown(&point.value, &point.quality);
            let unit = point.unit.as_deref().unwrap_or_default();
            say!("{:<34} {value:>12} {unit:<5} [{}]", point.point, words(&point.words));
        }
    }
    Ok(Outcome::Done)
}

fn show_puzzle(arguments: &Arguments, lines: &[PuzzleLine]) -> anyhow::Result<Outcome> {
    if !arguments.json {
        say!("   shift address  {:<26} {:>14}       words        what follows", "read as", "value");
    }
    for line in lines {
        if arguments.json {
            say!("{}", serde_json::to_string(line)?);
            continue;
        }
        let value = match line.value.as_f64() {
            Some(number) => puzzle::number(number),
            None => shown(&line.value, "none"),
        };
        let marks = match (line.profile, line.believable) {
            (true, _) => "=>",
            (false, Some(true)) => " +",
            (false, _) => "  ",
        };
        let unit = line.unit.as_deref().unwrap_or_default();
        let words = format!("[{}]", words(&line.words));
        say!(
            "{marks} {:>+5} {:>7}  {:<26} {value:>14} {unit:<5} {words:<12} {}",
            line.shift,
            line.address,
            line.form,
            line.follows
        );
    }
    if !arguments.json {
        say!(
            "=> is how the profile reads it, + what its `valid` allows. Which line has what the display shows?"
        );
    }
    Ok(Outcome::Done)
}

fn shown(value: &serde_json::Value, none: &str) -> String {
    match (value, value.as_str()) {
        (serde_json::Value::Null, _) => none.to_owned(),
        (_, Some(word)) => word.to_owned(),
        (other, None) => other.to_string(),
    }
}

fn words(words: &[u16]) -> String {
    words.iter().map(|word| format!("{word:04X}")).collect::<Vec<_>>().join(" ")
}
