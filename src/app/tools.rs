//! What the installer's tools do with a line, whoever has it: the running service, asked over its control socket, or
//! the tool itself. Lookups with their messages, the reads of a puzzle, and results in the form that is shown.

use std::{collections::BTreeMap, future::Future, sync::Arc, time::Duration};

use hallward_profiles::{Area, Point};
use hallward_site::{Device, Line, Site, Transport};
use tokio::sync::oneshot;

use super::control::{PuzzleLine, ReadPoint, TracedFrame};
use crate::{
    bus::{Ask, Command, Direct, Direction, ExchangeError, Frame, LineHandle, PointWords, Told, frames},
    logic::{
        decode::{Decoder, Words},
        meaning::{self, Framing},
        puzzle,
        scan::{Heard, Question},
    },
    model::{DeviceInfo, DeviceIx, Id, Plant, PointIx, PointSource, Quality, Value},
};

/// Carries a question to a unit of one line, and the answer back.
pub trait Asker {
    /// Asks a unit; waits so long for its answer, where the line does not know better.
    fn ask(
        &mut self,
        unit: u8,
        wait: Duration,
        ask: Ask,
    ) -> impl Future<Output = Result<Told, ExchangeError>> + Send;
}

impl Asker for LineHandle {
    async fn ask(&mut self, unit: u8, _wait: Duration, ask: Ask) -> Result<Told, ExchangeError> {
        let (answer, answered) = oneshot::channel();
        let command = Command::Ask { unit, ask, answer };
        // A tool waits its turn; whoever asked it gives up in the end.
        self.commands.send(command).await.map_err(|_| ExchangeError::Busy)?;
        answered.await.unwrap_or(Err(ExchangeError::Busy))
    }
}

impl Asker for Direct {
    async fn ask(&mut self, unit: u8, wait: Duration, ask: Ask) -> Result<Told, ExchangeError> {
        Self::ask(self, unit, wait, &ask).await
    }
}

/// What a question of a scan asks.
#[must_use]
pub fn ask_of(question: Question) -> Ask {
    match question {
        Question::Read { area, start, count } => Ask::Read { area, start, count },
        Question::Identify => Ask::Identify,
    }
}

/// What came, as a scan takes it.
#[must_use]
pub fn heard(result: Result<Told, ExchangeError>) -> Heard {
    match result {
        Ok(Told::Words(words)) => Heard::Words(words),
        Ok(Told::Identity(objects)) => Heard::Identity(objects),
        Ok(Told::Written) => Heard::Garbage("an answer to a write".to_owned()),
        // A device that is left alone for a while has not answered before.
        Err(ExchangeError::Timeout | ExchangeError::Busy) => Heard::Silence,
        Err(ExchangeError::Exception(code)) => Heard::Exception(code),
        Err(error @ ExchangeError::WrongDevice) => Heard::Garbage(error.to_string()),
        Err(ExchangeError::BadFrame(what)) => Heard::Garbage(what),
        Err(ExchangeError::Down(error)) => Heard::Down(error.to_string()),
    }
}

/// A device of the plant.
///
/// # Errors
/// A sentence that names those that there are.
pub fn find_device<'p>(plant: &'p Plant, id: &str) -> Result<(DeviceIx, &'p Device, &'p DeviceInfo), String> {
    let found =
        plant.find_device(id).and_then(|ix| plant.device(ix).map(|(device, info)| (ix, device, info)));
    found.ok_or_else(|| {
        let known = plant.site.devices.iter().map(|device| Id::as_str(&device.id));
        format!("there is no device `{id}`; there are: {}", known.collect::<Vec<_>>().join(", "))
    })
}

/// A point of a device that lies in registers.
///
/// # Errors
/// A sentence that names those that there are, or says why this one cannot be read.
pub fn find_point(device: &Device, info: &DeviceInfo, name: &str) -> Result<PointIx, String> {
    let ix = info.find(name).ok_or_else(|| {
        let known = info.points.iter().map(|point| point.name.as_str());
        format!("`{}` has no point `{name}`; it has: {}", device.id, known.collect::<Vec<_>>().join(", "))
    })?;
    match info.point(ix).map(|point| point.source) {
        Some(PointSource::Register(_)) => Ok(ix),
        Some(PointSource::Derived(_)) | None => {
            Err("this point is in no register, it follows from others: see the device's page".to_owned())
        }
    }
}

/// The line with this id, or at this port or endpoint.
#[must_use]
pub fn find_line<'s>(site: &'s Site, named: &str) -> Option<(usize, &'s Line)> {
    let at = |transport: &Transport| match transport {
        Transport::Serial(serial) => serial.path.to_str() == Some(named),
        Transport::Tcp(endpoint) | Transport::Tls(endpoint, _) | Transport::RtuOverTcp(endpoint, _) => {
            endpoint.to_string() == named
        }
    };
    let mut lines = site.lines.iter().enumerate();
    lines.find(|(_, line)| line.id.as_str() == named || at(&line.transport))
}

/// Points as they were read, of all or one.
#[must_use]
pub fn shown(info: &DeviceInfo, reading: &[PointWords], wanted: Option<PointIx>) -> Vec<ReadPoint> {
    let points = reading.iter().filter(|read| wanted.is_none_or(|ix| ix == read.point));
    let show = |read: &PointWords| {
        let point = info.point(read.point)?;
        Some(ReadPoint {
            point: point.name.to_string(),
            value: read.value.as_ref().map_or(serde_json::Value::Null, Value::to_json),
            unit: point.unit.map(|unit| unit.symbol().to_owned()),
            quality: read.value.as_ref().err().map_or("good", |why| why.as_str()).to_owned(),
            words: read.words.clone(),
        })
    };
    points.filter_map(show).collect()
}

/// A frame as a trace tells it.
#[must_use]
pub fn traced(frame: &Frame) -> TracedFrame {
    let bytes = frame.bytes.as_ref();
    let framing = if frame.rtu { Framing::Rtu { crc_fits: frames::crc_fits(bytes) } } else { Framing::Tcp };
    let (direction, meaning) = match frame.direction {
        Direction::Sent => ("sent", meaning::request(framing, bytes)),
        Direction::Received => ("received", meaning::answer(framing, bytes)),
        Direction::Discarded => ("discarded", format!("thrown away: {}", meaning::answer(framing, bytes))),
    };
    let bytes = bytes.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(" ");
    TracedFrame { time: frame.time.rfc3339(), direction: direction.to_owned(), meaning, bytes }
}

/// Reads the registers around a point, and every reading of them.
///
/// # Errors
/// A sentence: the device does not answer, or refuses the point itself.
pub async fn puzzle(
    line: &mut impl Asker,
    device: &Device,
    info: &DeviceInfo,
    ix: PointIx,
) -> Result<Vec<PuzzleLine>, String> {
    let point = point_of(device, info, ix).ok_or("the point is in no register")?;
    let mut reader = Reader { line, device, words: BTreeMap::new() };
    let settings = reader.settings(info, point).await.map_err(|error| unread(device, &error))?;
    reader.around(point).await.map_err(|error| unread(device, &error))?;
    if reader.words.is_empty() {
        return Err(format!("`{}` refuses these registers and those around them", device.id));
    }
    let candidates = puzzle::candidates(&device.map, info, ix, &reader.words, |other| settings.get(&other));
    let first = point.addresses.iter().min().copied().unwrap_or_default();
    let lines = candidates.into_iter().map(|candidate| PuzzleLine {
        shift: candidate.shift,
        address: first.saturating_add_signed(i16::from(candidate.shift)),
        form: candidate.form.to_string(),
        value: candidate.value.as_ref().map_or(serde_json::Value::Null, Value::to_json),
        unit: point.unit.map(|unit| unit.symbol().to_owned()),
        profile: candidate.is_profile,
        believable: candidate.believable,
        follows: candidate.consequence(point, device.address_offset),
        words: candidate.words,
    });
    Ok(lines.collect())
}

fn unread(device: &Device, error: &ExchangeError) -> String {
    format!("`{}` could not be read: {error}", device.id)
}

fn point_of<'d>(device: &'d Device, info: &DeviceInfo, ix: PointIx) -> Option<&'d Point> {
    match info.point(ix)?.source {
        PointSource::Register(n) => device.map.points.get(n),
        PointSource::Derived(_) => None,
    }
}

/// Gathers single registers of a device.
struct Reader<'r, L> {
    line: &'r mut L,
    device: &'r Device,
    words: BTreeMap<u16, u16>,
}

impl<L: Asker> Reader<'_, L> {
    /// The point's registers and those on both sides, as many as the device gives.
    async fn around(&mut self, point: &Point) -> Result<(), ExchangeError> {
        let (start, count) = puzzle::span(point);
        if self.take(point.area, start, count).await? {
            return Ok(());
        }
        let (Some(low), Some(high)) = (point.addresses.iter().min(), point.addresses.iter().max()) else {
            return Ok(());
        };
        self.take(point.area, *low, high.saturating_sub(*low).saturating_add(1)).await?;
        for address in (start..=start.saturating_add(count - 1)).filter(|at| !(*low..=*high).contains(at)) {
            self.take(point.area, address, 1).await?;
        }
        Ok(())
    }

    /// Values of other points that this one's value depends on.
    async fn settings(
        &mut self,
        info: &DeviceInfo,
        point: &Point,
    ) -> Result<BTreeMap<PointIx, Value>, ExchangeError> {
        let names = [point.scale_from.as_ref(), point.unit_if.as_ref().map(|unit_if| &unit_if.point)];
        let mut settings = BTreeMap::new();
        let decoder = Decoder::new(&self.device.map, info);
        for ix in names.into_iter().flatten().filter_map(|name| info.find(name.as_str())) {
            let Some(other) = point_of(self.device, info, ix) else { continue };
            let ends = other.addresses.iter().min().zip(other.addresses.iter().max());
            let Some((low, high)) = ends else { continue };
            let value = match self.read(other.area, *low, (high - low).saturating_add(1)).await? {
                Some(values) => {
                    decoder.decode(ix, &Words { area: other.area, start: *low, values }, |_| None)
                }
                None => Err(Quality::Exception),
            };
            if let Ok(value) = value {
                settings.insert(ix, value);
            }
        }
        Ok(settings)
    }

    async fn take(&mut self, area: Area, start: u16, count: u16) -> Result<bool, ExchangeError> {
        let words = self.read(area, start, count).await?;
        let taken = words.is_some();
        self.words.extend((start..=u16::MAX).zip(words.into_iter().flatten()));
        Ok(taken)
    }

    /// Registers; `None` where the device refuses them.
    async fn read(&mut self, area: Area, start: u16, count: u16) -> Result<Option<Vec<u16>>, ExchangeError> {
        let wait = Duration::from_millis(u64::from(self.device.limits.timeout_ms));
        match self.line.ask(self.device.unit, wait, Ask::Read { area, start, count }).await {
            Ok(Told::Words(words)) => Ok(Some(words)),
            Ok(Told::Written | Told::Identity(_)) => Err(ExchangeError::BadFrame("no words".to_owned())),
            Err(ExchangeError::Exception(1..=4)) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// What the line's echoes tell of one question.
pub async fn ask_heard(
    line: &mut impl Asker,
    counters: &Arc<crate::bus::LineCounters>,
    unit: u8,
    wait: Duration,
    question: Question,
) -> (Heard, bool) {
    let before = counters.echoes.get();
    let heard = heard(line.ask(unit, wait, ask_of(question)).await);
    (heard, counters.echoes.get() > before)
}
