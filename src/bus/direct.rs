//! A line that no service runs: opened by a tool, asked one question at a time, without polling.
//!
//! The installer's tools use it where no running service owns the line. The same wrappers, checks and silences as in a
//! line task apply. It never writes.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use hallward_profiles::Area;
use hallward_site::{Device, Transport};
use tokio::time::sleep;

use super::{
    Ask, DeviceReading, Dial, ExchangeError, LineCounters, Told,
    connection::Connection,
    dial,
    exchange::{self, Unit},
    identity::Verdict,
    slot::{BlockReading, Slot},
    wire::Wire,
};
use crate::{
    logic::{decode::Words, plan::Segment, timing::Timing},
    model::{Clock, DeviceInfo, DeviceKey, Mono, Quality},
};

/// How long a late answer of a unit may still be on its way on a serial line.
const LATE: Duration = Duration::from_secs(1);

/// A line of its own.
pub struct Direct {
    dial: Dial,
    timing: Timing,
    connection: Connection,
    counters: Arc<LineCounters>,
    clock: Arc<dyn Clock>,
    /// Units that did not answer, and until when an answer of theirs may still come.
    missed: BTreeMap<u8, Mono>,
}

impl Direct {
    /// Opens nothing yet: the first question does.
    #[must_use]
    pub fn new(transport: &Transport, clock: Arc<dyn Clock>) -> Self {
        Self::over(dial(transport), transport.is_rtu(), Timing::of(transport), clock)
    }

    pub(super) fn over(dial: Dial, rtu: bool, timing: Timing, clock: Arc<dyn Clock>) -> Self {
        let counters: Arc<LineCounters> = Arc::default();
        let wire = Wire::new(rtu, timing, Arc::clone(&counters), Arc::clone(&clock));
        let connection = Connection::new(Arc::clone(&dial), Arc::new(wire));
        Self { dial, timing, connection, counters, clock, missed: BTreeMap::new() }
    }

    /// What it counts; its last frames.
    #[must_use]
    pub fn counters(&self) -> &Arc<LineCounters> {
        &self.counters
    }

    /// Asks a unit once, and waits so long for its answer beside the time that the bytes take.
    ///
    /// # Errors
    /// Why there is no answer. A write is refused: the service does those.
    pub async fn ask(&mut self, unit: u8, wait: Duration, ask: &Ask) -> Result<Told, ExchangeError> {
        if matches!(ask, Ask::Write { .. }) {
            return Err(ExchangeError::BadFrame("tools do not write".to_owned()));
        }
        if let Some(until) = self.missed.remove(&unit) {
            // Its late answer could be taken for the next one; another unit's cannot.
            sleep(until.since(self.clock.now().mono)).await;
        }
        let whom = Unit { id: unit, timeout: wait, shared: true };
        let result = exchange::ask(&mut self.connection, whom, ask).await;
        let unanswered = matches!(result, Err(ExchangeError::Timeout | ExchangeError::BadFrame(_)));
        if unanswered && self.connection.wire.rtu {
            self.missed.insert(unit, self.clock.now().mono + LATE);
        }
        if matches!(result, Err(ExchangeError::Down(_))) {
            // A person waits: the next question tries at once.
            self.connection = Connection::new(Arc::clone(&self.dial), Arc::clone(&self.connection.wire));
        }
        result
    }

    /// Every point of a device, by its plan; what the device refuses is left out.
    ///
    /// # Errors
    /// Why the device could not be read.
    pub async fn read(&mut self, device: &Device, info: &DeviceInfo) -> Result<DeviceReading, ExchangeError> {
        let mut slot = Slot::new(DeviceKey(0), device, info, self.timing, true);
        let reading = self.round(&mut slot).await?;
        let waits = |reading: &DeviceReading| reading.iter().any(|p| p.value == Err(Quality::NotYetRead));
        // A value may be scaled by another one that was read after it.
        let reading = if waits(&reading) { self.round(&mut slot).await? } else { reading };
        let now = self.clock.now().mono;
        if let Some(identity) = &mut slot.identity {
            let told = reading.iter().find(|read| read.point == identity.point);
            let told = told.map_or(Err(Quality::Exception), |read| read.value.clone());
            if matches!(identity.judge(now, told), Verdict::WrongNow(_)) {
                return Err(ExchangeError::WrongDevice);
            }
        }
        Ok(reading)
    }

    async fn round(&mut self, slot: &mut Slot) -> Result<DeviceReading, ExchangeError> {
        let mut reading = Vec::new();
        for block in 0..slot.blocks.len() {
            let block = self.block(slot, block).await?;
            reading.extend(slot.with_words(block));
        }
        Ok(reading)
    }

    async fn block(&mut self, slot: &mut Slot, block: usize) -> Result<BlockReading, ExchangeError> {
        let (mut answers, mut refused, mut segment) = (Vec::new(), Vec::new(), 0);
        while let Some((area, next)) = segment_of(slot, block, segment) {
            let Segment { start, count, points } = next;
            match self.ask(slot.unit.id, slot.unit.timeout, &Ask::Read { area, start, count }).await {
                Ok(Told::Words(values)) => answers.push((points, Words { area, start, values })),
                Ok(Told::Written | Told::Identity(_)) => {
                    return Err(ExchangeError::BadFrame("no words".to_owned()));
                }
                Err(ExchangeError::Exception(2 | 3)) => {
                    slot.refuse(self.clock.now().mono, block, segment);
                    continue;
                }
                Err(ExchangeError::Exception(5 | 6)) => return Err(ExchangeError::Busy),
                Err(ExchangeError::Exception(0x0A | 0x0B)) => return Err(ExchangeError::Timeout),
                Err(ExchangeError::Exception(_)) => refused.extend(points),
                Err(error) => return Err(error),
            }
            sleep(Duration::from_millis(u64::from(slot.limits.pause_ms))).await;
            segment += 1;
        }
        let samples = slot.decode(block, &answers, &refused);
        Ok(BlockReading { samples, words: answers.into_iter().map(|(_, words)| words).collect(), time: None })
    }
}

fn segment_of(slot: &Slot, block: usize, segment: usize) -> Option<(Area, Segment)> {
    let block = slot.blocks.get(block)?;
    block.segments.get(segment).map(|segment| (block.area, segment.clone()))
}

#[cfg(test)]
mod tests {
    use hallward_profiles::{Library, Profile};
    use hallward_site::{Baud, Site};
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

    use super::{
        super::{
            Stream, frames,
            tests::{PausedClock, paused_now},
        },
        *,
    };
    use crate::model::{Plant, Value};

    const WAIT: Duration = Duration::from_millis(300);

    fn framed(bytes: &[u8]) -> Vec<u8> {
        [bytes, &frames::crc(bytes).to_le_bytes()].concat()
    }

    /// A serial line at 9600 baud on which requests (unit, function, start, count) are answered after a while.
    fn line(
        answer: impl Fn(usize, [u8; 8]) -> (Duration, Vec<u8>) + Clone + Send + Sync + 'static,
    ) -> Direct {
        let dial: Dial = Arc::new(move || {
            let answer = answer.clone();
            Box::pin(async move {
                let (here, there) = tokio::io::duplex(4096);
                tokio::spawn(play(there, answer));
                Ok(Box::new(here) as Box<dyn Stream>)
            })
        });
        Direct::over(dial, true, Timing::at(Baud::USUAL), Arc::new(PausedClock(paused_now())))
    }

    async fn play(mut stream: DuplexStream, answer: impl Fn(usize, [u8; 8]) -> (Duration, Vec<u8>)) {
        let mut request = [0; 8];
        for turn in 1.. {
            if stream.read_exact(&mut request).await.is_err() {
                return;
            }
            let (after, bytes) = answer(turn, request);
            sleep(after).await;
            drop(stream.write_all(&bytes).await);
        }
    }

    fn one(start: u16) -> Ask {
        Ask::Read { area: Area::Holding, start, count: 1 }
    }

    #[tokio::test(start_paused = true)]
    async fn an_echo_alone_is_no_answer_and_is_counted() {
        let mut line = line(|_, request| (Duration::ZERO, request.to_vec()));
        assert!(matches!(line.ask(1, WAIT, &one(0)).await, Err(ExchangeError::Timeout)));
        assert_eq!(line.counters().echoes.get(), 1);
        let echoed = |turn, request: [u8; 8]| {
            let answer = if turn > 1 { framed(&[1, 3, 2, 0, 9]) } else { Vec::new() };
            (Duration::ZERO, [request.to_vec(), answer].concat())
        };
        let mut line = self::line(echoed);
        assert!(line.ask(1, WAIT, &one(0)).await.is_err());
        assert_eq!(line.ask(1, WAIT, &one(0)).await.unwrap(), Told::Words(vec![9]));
        assert_eq!(line.counters().echoes.get(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_late_answer_is_not_taken_for_the_next_one() {
        let late = |turn, request: [u8; 8]| {
            let after = if turn == 1 { 800 } else { 10 };
            (Duration::from_millis(after), framed(&[1, 3, 2, 0, request[3]]))
        };
        let mut line = line(late);
        assert!(matches!(line.ask(1, WAIT, &one(5)).await, Err(ExchangeError::Timeout)));
        assert!(line.ask(2, WAIT, &one(6)).await.is_err(), "the device is busy with the first");
        assert_eq!(line.ask(1, WAIT, &one(7)).await.unwrap(), Told::Words(vec![7]));
    }

    #[tokio::test(start_paused = true)]
    async fn tools_do_not_write() {
        let mut line = line(|_, request| (Duration::ZERO, request.to_vec()));
        let cells = crate::logic::write::Cells { area: Area::Holding, start: 0, words: vec![1] };
        assert!(line.ask(1, WAIT, &Ask::Write { cells, multiple: false }).await.is_err());
        assert_eq!(line.counters().requests.get(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_device_is_read_whole_and_what_it_refuses_is_left_out() {
        let profile = "[profile]\nid = \"two\"\nname = \"t\"\nvendor = \"t\"\nclass = \"io\"\nconfidence = \"low\"\n\
                       sources = [\"test\"]\n[connection]\n[lacks]\n\"input.0\" = \"test\"\n\
                       [[point]]\nname = \"a\"\narea = \"holding\"\naddress = 10\ntype = \"u16\"\nscale_from = \"c\"\n\
                       [[point]]\nname = \"b\"\narea = \"holding\"\naddress = 12\ntype = \"u16\"\n\
                       [[point]]\nname = \"c\"\narea = \"input\"\naddress = 5\ntype = \"s16\"\n";
        let profile = Profile::parse("two.toml", profile).unwrap_or_else(|e| panic!("{e}"));
        let site = "[site]\nid = \"s\"\nname = \"s\"\ntime_zone = \"UTC\"\n[[line]]\nid = \"l\"\n\
                    serial = \"/dev/x\"\n[[device]]\nid = \"d\"\nline = \"l\"\nprofile = \"two\"\n";
        let site =
            Site::parse("site", site, &Library::from_iter([profile])).unwrap_or_else(|e| panic!("{e}"));
        let plant = Plant::new(site, false);
        let device = |_, request: [u8; 8]| {
            let (start, count) = (request[3], request[5]);
            let bytes = match (request[1], start) {
                (4, 5) => framed(&[1, 4, 2, 0, 2]),
                (3, 10) if count == 1 => framed(&[1, 3, 2, 0, 214]),
                (function, _) => framed(&[1, function | 0x80, 2]),
            };
            (Duration::from_millis(5), bytes)
        };
        let reading = line(device).read(&plant.site.devices[0], &plant.devices[0]).await.unwrap();
        let told: Vec<_> = reading.iter().map(|p| (p.value.clone(), p.words.clone())).collect();
        let number = |number| Ok(Value::Number(number));
        let expected =
            [(number(21_400.0), vec![214]), (Err(Quality::Exception), vec![]), (number(2.0), vec![2])];
        assert_eq!(told, expected);
    }
}
