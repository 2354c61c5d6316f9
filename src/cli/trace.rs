//! `hallward trace LINE`: every frame of a line, with its time and what it says. Where no service runs, the line's
//! devices are polled as the service would.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, bail};
use tokio::{
    sync::{broadcast::error::RecvError, mpsc},
    time::sleep,
};
use tokio_util::sync::CancellationToken;

use super::{
    Outcome, own,
    service::{Answers, unexpected},
};
use crate::{
    app::{
        control::{Answer, Request, TracedFrame},
        tools,
    },
    bus::{Frame, LineCounters, LineTask, dial},
};

/// Longer than anyone watches.
const FOR_EVER: Duration = Duration::from_secs(365 * 86_400);

/// Show every frame of a line.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  hallward trace sensors\n  hallward trace sensors --seconds 10 --json")]
pub(super) struct Arguments {
    /// The line's id, or its port or endpoint as the site file has it.
    line: String,
    /// End after so many seconds.
    #[arg(long)]
    seconds: Option<u32>,
    /// End after so many frames.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    count: Option<u64>,
    #[command(flatten)]
    place: own::Where,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Shows frames, and knows when there were enough.
struct Printer {
    json: bool,
    left: u64,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let mut printer = Printer { json: arguments.json, left: arguments.count.unwrap_or(u64::MAX) };
    let time = arguments.seconds.map_or(FOR_EVER, |seconds| Duration::from_secs(seconds.into()));
    let request = Request::Trace { line: arguments.line.clone() };
    match arguments.place.service().begin(&request)? {
        Some(answers) => by_service(answers, &mut printer, time),
        None => own::runtime()?.block_on(alone(arguments, &mut printer, time)),
    }
}

fn by_service(mut answers: Answers, printer: &mut Printer, time: Duration) -> anyhow::Result<Outcome> {
    let clock = own::clock();
    let end = clock.now().mono + time;
    loop {
        let left = end.since(clock.now().mono);
        if left.is_zero() {
            return Ok(Outcome::Done);
        }
        match answers.next(Some(left))? {
            Some(Answer::Line(_)) => {}
            Some(Answer::Frame(frame)) if printer.show(&frame)? => {}
            Some(Answer::Frame(_)) => return Ok(Outcome::Done),
            Some(Answer::Lost(count)) => lost(count),
            Some(other) => return Err(unexpected(other)),
            None if end.since(clock.now().mono).is_zero() => return Ok(Outcome::Done),
            None => bail!("the service ended the trace: it stops, or the line does"),
        }
    }
}

/// Polls the line as the service would, until there were enough frames.
async fn alone(arguments: &Arguments, printer: &mut Printer, time: Duration) -> anyhow::Result<Outcome> {
    let plant = arguments.place.plant()?;
    let found = tools::find_line(&plant.site, &arguments.line);
    let (n, line) = found.with_context(|| {
        let known: Vec<_> = plant.site.lines.iter().map(|line| line.id.as_str()).collect();
        format!("there is no line `{}` in the site file; there are: {}", arguments.line, known.join(", "))
    })?;
    let clock = own::clock();
    // Looks whether another process holds the port; the line task opens it.
    drop(own::open(&line.transport, Arc::clone(&clock))?);
    let counters: Arc<LineCounters> = Arc::default();
    let mut frames = counters.tap.watch();
    let dial = dial(&line.transport);
    let mut task = LineTask::new(&plant, n, dial, Arc::clone(&counters), Arc::default(), clock);
    let (_commands, mut commands) = mpsc::channel(1);
    let (end, shutdown) = (sleep(time), CancellationToken::new());
    eprintln!("No service runs: the devices of line `{}` are polled from here.", line.id);
    let watch = async {
        loop {
            match frames.recv().await {
                Ok(frame) if printer.frame(&frame)? => {}
                Ok(_) | Err(RecvError::Closed) => return Ok(Outcome::Done),
                Err(RecvError::Lagged(count)) => lost(count),
            }
        }
    };
    let outcome = tokio::select! {
        () = task.run(&mut commands, &shutdown) => Ok(Outcome::Done),
        outcome = watch => outcome,
        () = end => Ok(Outcome::Done),
    };
    if counters.requests.get() == 0 && counters.down.get() > 0 {
        return Err(own::unopened(&line.transport, "the connection failed"));
    }
    outcome
}

fn lost(count: u64) {
    eprintln!("{count} frames were not shown: they came too fast");
}

impl Printer {
    fn frame(&mut self, frame: &Frame) -> anyhow::Result<bool> {
        self.show(&tools::traced(frame))
    }

    /// Returns whether more are wanted.
    fn show(&mut self, frame: &TracedFrame) -> anyhow::Result<bool> {
        if self.json {
            say!("{}", serde_json::to_string(frame)?);
        } else {
            let arrow = match frame.direction.as_str() {
                "sent" => '>',
                "received" => '<',
                _ => 'x',
            };
            say!("{} {arrow} {}  [{}]", frame.time, frame.meaning, frame.bytes);
        }
        self.left -= 1;
        Ok(self.left > 0)
    }
}
