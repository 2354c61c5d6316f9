//! The task of one reader line: whose turn it is.
//!
//! A round asks each reader that answers and is due, then at most one of those that do not: a dead reader costs the
//! others one wait for an answer now and then, with room for several of their turns in between.

use std::{sync::Arc, time::Duration};

use tokio::{sync::mpsc, time::sleep};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::{
    reader::Reader,
    wire::{Open, Wire},
};
use crate::model::{Clock, DoorReport, Mono, Pairing, ReaderOrder, ReaderRef};

/// The rest of the line between two questions that are likely to go unanswered, while others answer.
const REST: Duration = Duration::from_millis(300);

/// The shortest wait for a turn.
const SHORTEST: Duration = Duration::from_millis(1);

/// The longest that an order waits for the line to look at it.
const LOOK: Duration = Duration::from_millis(20);

/// A reader on the line, and what is needed to serve it.
pub struct ReaderEnd {
    /// Which one.
    pub reader: ReaderRef,
    /// Its address, 0 to 126.
    pub address: u8,
    /// Whether it is believed only by an encrypted channel.
    pub secure: bool,
    /// What is known of it since it was paired.
    pub pairing: Option<Pairing>,
    /// What it is told.
    pub orders: mpsc::Receiver<ReaderOrder>,
}

struct Served {
    end: ReaderEnd,
    reader: Reader,
}

/// Serves the readers of one line until `shutdown`.
pub async fn run(
    name: &str,
    open: Open,
    readers: Vec<ReaderEnd>,
    reports: mpsc::Sender<DoorReport>,
    clock: Arc<dyn Clock>,
    shutdown: CancellationToken,
) {
    info!(line = name, readers = readers.len(), "reader line started");
    let now = clock.now().mono;
    let served = |mut end: ReaderEnd| {
        let reader = Reader::new(now, end.address, end.secure, end.pairing.take());
        Served { end, reader }
    };
    let readers = readers.into_iter().map(served).collect();
    let mut line = Line {
        name,
        wire: Wire::new(open),
        readers,
        reports,
        clock,
        silent: 0,
        silent_due: now,
        broken: false,
    };
    tokio::select! {
        () = shutdown.cancelled() => {}
        () = line.serve() => warn!(line = name, "nobody takes what readers tell"),
    }
}

struct Line<'n> {
    name: &'n str,
    wire: Wire,
    readers: Vec<Served>,
    reports: mpsc::Sender<DoorReport>,
    clock: Arc<dyn Clock>,
    /// Which of the silent ones was asked last, and when the next may be.
    silent: usize,
    silent_due: Mono,
    /// Whether the port failed, and that was told.
    broken: bool,
}

impl Line<'_> {
    /// Goes round until nobody takes reports any more.
    async fn serve(&mut self) {
        loop {
            let mut asked = false;
            for n in 0..self.readers.len() {
                if self.is_due(n, true) {
                    asked = true;
                    if self.turn(n).await.is_err() {
                        return;
                    }
                }
            }
            if let Some(n) = self.next_silent() {
                (asked, self.silent) = (true, n);
                if self.turn(n).await.is_err() {
                    return;
                }
            }
            if !asked {
                let now = self.now();
                let due = self.readers.iter().map(|served| served.reader.due()).min();
                sleep(due.map_or(LOOK, |due| due.since(now)).clamp(SHORTEST, LOOK)).await;
            }
            self.take_orders();
        }
    }

    fn now(&self) -> Mono {
        self.clock.now().mono
    }

    fn is_due(&self, n: usize, answers: bool) -> bool {
        let now = self.now();
        let served = self.readers.get(n);
        served.is_some_and(|served| served.reader.answers() == answers && served.reader.due() <= now)
    }

    fn next_silent(&self) -> Option<usize> {
        let count = self.readers.len();
        let alone = !self.readers.iter().any(|served| served.reader.answers());
        if !alone && self.now() < self.silent_due {
            return None;
        }
        (1..=count).map(|step| (self.silent + step) % count).find(|n| self.is_due(*n, false))
    }

    fn take_orders(&mut self) {
        let now = self.now();
        for Served { end, reader } in &mut self.readers {
            while let Ok(order) = end.orders.try_recv() {
                reader.order(now, &order);
            }
        }
    }

    /// Asks one reader once, and tells what follows.
    ///
    /// # Errors
    /// Nobody takes reports any more.
    async fn turn(&mut self, n: usize) -> Result<(), mpsc::error::SendError<DoorReport>> {
        let now = self.now();
        let Some(Served { end, reader }) = self.readers.get_mut(n) else { return Ok(()) };
        let mut random = [0; 16];
        let mut out = Vec::new();
        let frame = match getrandom::fill(&mut random) {
            Ok(()) => reader.ask(now, random, &mut out),
            Err(error) => {
                warn!(line = self.name, %error, "the system gives no random numbers: no reader is asked");
                None
            }
        };
        if let Some(frame) = frame {
            let answer = self.wire.exchange(end.address, reader.sequence(), &frame).await;
            let now = self.clock.now().mono;
            if let Err(error) = &answer
                && !self.broken
            {
                warn!(line = self.name, %error, "the reader line cannot be used");
            }
            self.broken = answer.is_err();
            match answer.ok().flatten() {
                Some(raw) => reader.answered(now, &raw, &mut out),
                None => {
                    reader.unanswered(now, &mut out);
                    self.silent_due = now + REST;
                }
            }
        } else {
            reader.unanswered(now, &mut out);
        }
        for event in out {
            self.reports.send(DoorReport::Reader(end.reader, event)).await?;
        }
        Ok(())
    }
}
