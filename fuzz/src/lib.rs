//! A line's task against any bytes, for the targets `rtu` and `tcp`.

use std::{sync::Arc, time::Duration};

use hallward::{
    bus::{Command, Dial, LineCounters, LineTask, Reports, Stream},
    model::{Clock, Mono, Now, Plant, Trust, Wall},
};
use hallward_profiles::Library;
use hallward_site::Site;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    sync::mpsc,
    time::{Instant, timeout},
};
use tokio_util::sync::CancellationToken;

struct Paused(Instant);

impl Clock for Paused {
    fn now(&self) -> Now {
        let us = u64::try_from(self.0.elapsed().as_micros()).unwrap_or(u64::MAX);
        Now { mono: Mono(us), wall: Wall(i64::try_from(us).unwrap_or(i64::MAX)), trust: Trust::Unknown }
    }
}

/// One XY-MD02 on a line that is written so in the site file.
pub fn plant(line: &str) -> Plant {
    let site = format!(
        "[site]\nid = \"s\"\nname = \"s\"\ntime_zone = \"UTC\"\n[[line]]\nid = \"l\"\n{line}\n\
         [[device]]\nid = \"d\"\nline = \"l\"\nunit = 1\nprofile = \"xy-md02\"\n"
    );
    let library = Library::load(None).expect("the built-in profiles are sound");
    Plant::new(Site::parse("site.toml", &site, &library).expect("a sound site"), false)
}

/// Polls for a minute, while requests are answered with these bytes; the first says how the others are cut.
pub fn poll(plant: &Plant, bytes: &[u8]) {
    let Some((cut, rest)) = bytes.split_first() else { return };
    run(plant, rest.chunks(usize::from(*cut).max(4)).take(32).map(<[u8]>::to_vec).collect());
}

fn run(plant: &Plant, answers: Vec<Vec<u8>>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.expect("a runtime").block_on(async move {
        let answers = Arc::new(std::sync::Mutex::new(answers.into_iter()));
        let dial: Dial = Arc::new(move || {
            let answers = Arc::clone(&answers);
            Box::pin(async move {
                let (here, mut there) = tokio::io::duplex(4096);
                tokio::spawn(async move {
                    let mut request = [0; 260];
                    while let Ok(1..) = there.read(&mut request).await {
                        // An answer that begins well gets further: the first byte may ask for the request's own head.
                        let next = answers.lock().expect("one thread").next();
                        let Some(mut answer) = next else { continue };
                        let head = answer.first().map_or(0, |byte| usize::from(byte % 16));
                        for (own, asked) in answer.iter_mut().zip(&request).take(head) {
                            *own = *asked;
                        }
                        if there.write_all(&answer).await.is_err() {
                            return;
                        }
                    }
                });
                Ok(Box::new(here) as Box<dyn Stream>)
            })
        });
        let clock: Arc<dyn Clock> = Arc::new(Paused(Instant::now()));
        let (counters, reports) = (Arc::<LineCounters>::default(), Arc::new(Reports::default()));
        let mut task = LineTask::new(plant, 0, dial, Arc::clone(&counters), reports, clock);
        let (_commands, mut receiver) = mpsc::channel::<Command>(1);
        let shutdown = CancellationToken::new();
        let run = task.run(&mut receiver, &shutdown);
        assert!(timeout(Duration::from_secs(60), run).await.is_err(), "a line does not end by itself");
        assert!(counters.requests.get() >= 3, "it goes on asking");
    });
}
