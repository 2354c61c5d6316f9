//! Doors at a module: a device of coils and inputs, a line and the doors' end of its channels, in paused time.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use hallward_profiles::Library;
use hallward_site::Site;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex},
    sync::mpsc,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{PausedClock, paused_now};
use crate::{
    bus::{Dial, DoorsEnd, LineTask, Reports, Stream},
    model::{Clock, Contact, DoorInputs, DoorIx, DoorReport, DoorSense, LockOrder, Plant},
};

/// Six inputs and outputs of a door module, as its Modbus client sees them.
#[derive(Debug, Default)]
struct Module {
    inputs: [bool; 6],
    outputs: [bool; 6],
    /// Coils 16 to 21.
    pulsing: [bool; 6],
    silent: bool,
    refusing: bool,
    /// Coils that were written, in order, with what.
    writes: Vec<(u16, bool)>,
    reads: usize,
}

impl Module {
    fn answer(&mut self, request: &[u8]) -> Option<Vec<u8>> {
        let word = |at: usize| u16::from_be_bytes([request[at], request[at + 1]]);
        let (function, start, count) = (request[0], word(1), word(3));
        if self.silent {
            return None;
        }
        Some(match function {
            1 | 2 => {
                self.reads += 1;
                let bits = (start..start + count).map(|at| match (function, usize::from(at)) {
                    (2, at @ 0..6) => self.inputs[at],
                    (1, at @ 0..6) => self.outputs[at],
                    (1, at @ 16..22) => self.pulsing[at - 16],
                    _ => false,
                });
                let bits: Vec<bool> = bits.collect();
                let bytes: Vec<u8> = bits
                    .chunks(8)
                    .map(|byte| byte.iter().enumerate().map(|(n, bit)| u8::from(*bit) << n).sum())
                    .collect();
                [vec![function, u8::try_from(bytes.len()).unwrap()], bytes].concat()
            }
            5 if self.refusing => vec![0x85, 4],
            5 => {
                let on = request[3] == 0xFF;
                self.writes.push((start, on));
                match usize::from(start) {
                    at @ 0..6 => self.outputs[at] = on,
                    at @ 16..22 => (self.pulsing[at - 16], self.outputs[at - 16]) = (on, on),
                    _ => {}
                }
                request.to_vec()
            }
            4 => [vec![4, u8::try_from(count * 2).unwrap()], vec![0; usize::from(count) * 2]].concat(),
            other => vec![other | 0x80, 1],
        })
    }
}

async fn play(mut stream: DuplexStream, module: Arc<Mutex<Module>>) {
    let mut head = [0; 7];
    while stream.read_exact(&mut head).await.is_ok() {
        let mut pdu = vec![0; usize::from(u16::from_be_bytes([head[4], head[5]])) - 1];
        stream.read_exact(&mut pdu).await.unwrap();
        let Some(answer) = module.lock().unwrap().answer(&pdu) else { continue };
        sleep(Duration::from_millis(2)).await;
        let length = u16::try_from(answer.len() + 1).unwrap().to_be_bytes();
        stream.write_all(&[&head[..4], &length, &head[6..7], &answer].concat()).await.unwrap();
    }
}

/// The line, the module and the doors' end.
struct Rig {
    module: Arc<Mutex<Module>>,
    reports: mpsc::Receiver<DoorReport>,
    orders: mpsc::Sender<LockOrder>,
    shutdown: CancellationToken,
}

impl Drop for Rig {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

fn rig(more: &str, capacity: usize) -> Rig {
    let text = format!(
        "[site]\nid = \"s\"\nname = \"s\"\ntime_zone = \"UTC\"\n[[room]]\nid = \"hall\"\nname = \"Hall\"\n\
         [[line]]\nid = \"io\"\ntcp = \"h:502\"\n\
         [[device]]\nid = \"door-io\"\nline = \"io\"\nprofile = \"moxa-iologik-e1214\"\n\
         [[door]]\nid = \"front\"\nfrom = \"outside\"\nto = \"hall\"\nstrike = \"door-io/output.2\"\nkind = \"fail-secure\"\n\
         contact = \"door-io/input.0\"\nexit = \"door-io/input.1\"\nfire = \"door-io/input.3\"\ntamper = \"door-io/input.4\"\n{more}\n"
    );
    let library = Library::load(None).unwrap_or_else(|wrong| panic!("{}", wrong[0]));
    let site = Site::parse("site", &text, &library).unwrap_or_else(|wrong| panic!("{wrong}"));
    let plant = Plant::new(site, false);
    let module =
        Arc::new(Mutex::new(Module { inputs: [true, false, false, true, true, false], ..Module::default() }));
    let device = Arc::clone(&module);
    let dial: Dial = Arc::new(move || {
        let device = Arc::clone(&device);
        Box::pin(async move {
            let (ours, theirs) = duplex(1024);
            tokio::spawn(play(theirs, device));
            Ok(Box::new(ours) as Box<dyn Stream>)
        })
    });
    let (told, reports) = mpsc::channel(capacity);
    let (orders, taken) = mpsc::channel(4);
    let end = DoorsEnd::new(told, vec![(DoorIx(0), taken)]);
    let clock: Arc<dyn Clock> = Arc::new(PausedClock(paused_now()));
    let mut task = LineTask::new(&plant, 0, dial, Arc::default(), Arc::new(Reports::default()), clock)
        .with_doors(&plant, end);
    let shutdown = CancellationToken::new();
    let stop = shutdown.clone();
    tokio::spawn(async move {
        let (_commands, mut none) = mpsc::channel(1);
        task.run(&mut none, &stop).await;
    });
    Rig { module, reports, orders, shutdown }
}

impl Rig {
    async fn sense(&mut self) -> DoorSense {
        match timeout(Duration::from_secs(30), self.reports.recv()).await {
            Ok(Some(DoorReport::Door(DoorIx(0), sense))) => sense,
            other => panic!("{other:?}"),
        }
    }

    /// The next sense for which it holds.
    async fn until(&mut self, fits: impl Fn(&DoorSense) -> bool) -> DoorSense {
        loop {
            let sense = self.sense().await;
            if fits(&sense) {
                return sense;
            }
        }
    }

    async fn order(&mut self, order: LockOrder) -> DoorSense {
        self.orders.send(order).await.unwrap();
        self.until(|sense| matches!(sense, DoorSense::Done(_) | DoorSense::Failed(..))).await
    }

    fn writes(&self) -> Vec<(u16, bool)> {
        std::mem::take(&mut self.module.lock().unwrap().writes)
    }
}

const QUIET: DoorInputs = DoorInputs {
    contact: Some(Contact::Closed),
    exit_button: Some(false),
    tamper: Some(false),
    fire: Some(false),
    locked: None,
    released: None,
};

#[tokio::test(start_paused = true)]
async fn inputs_are_told_when_they_change_and_once_a_second() {
    let mut rig = rig("", 64);
    let begun = paused_now();
    assert_eq!(rig.sense().await, DoorSense::Inputs(QUIET));
    // The output is read with the rest.
    let known = DoorInputs { released: Some(false), ..QUIET };
    assert_eq!(rig.sense().await, DoorSense::Inputs(known));
    for _ in 0..5 {
        let before = paused_now();
        assert_eq!(rig.sense().await, DoorSense::Inputs(known));
        assert!((900..=1000).contains(&before.elapsed().as_millis()), "{:?}", before.elapsed());
    }
    assert!(begun.elapsed() < Duration::from_secs(6));
    rig.module.lock().unwrap().inputs = [false, true, false, false, false, false];
    let before = paused_now();
    let all = DoorInputs {
        contact: Some(Contact::Open),
        exit_button: Some(true),
        tamper: Some(true),
        fire: Some(true),
        ..known
    };
    assert_eq!(rig.until(|sense| *sense != DoorSense::Inputs(known)).await, DoorSense::Inputs(all));
    assert!(before.elapsed() <= Duration::from_millis(100), "{:?}", before.elapsed());
}

#[tokio::test(start_paused = true)]
async fn an_order_is_written_once_and_read_back() {
    let mut rig = rig("", 64);
    rig.sense().await;
    let long = LockOrder::ReleaseFor(Duration::from_secs(5));
    for (order, on) in [(long, true), (LockOrder::Lock, false), (LockOrder::Release, true)] {
        assert_eq!(rig.order(order).await, DoorSense::Done(order));
        assert_eq!(rig.writes(), [(2, on)]);
    }
    rig.module.lock().unwrap().refusing = true;
    assert!(
        matches!(rig.order(LockOrder::Lock).await, DoorSense::Failed(LockOrder::Lock, why) if why.contains("exception 4"))
    );
    assert_eq!(rig.writes(), []);
}

#[tokio::test(start_paused = true)]
async fn a_module_that_can_pulse_is_told_to_and_the_lock_ends_it() {
    let mut rig = rig("pulse = \"door-io/output.2.pulsing\"", 64);
    rig.sense().await;
    let order = LockOrder::ReleaseFor(Duration::from_secs(5));
    assert_eq!(rig.order(order).await, DoorSense::Done(order));
    assert_eq!(rig.writes(), [(18, true)]);
    assert_eq!(rig.order(LockOrder::Lock).await, DoorSense::Done(LockOrder::Lock));
    assert_eq!(rig.writes(), [(18, false), (2, false)]);
}

#[tokio::test(start_paused = true)]
async fn a_silent_module_is_lost_and_nothing_is_written_before_its_inputs_are_read_again() {
    let mut rig = rig("", 64);
    rig.sense().await;
    rig.module.lock().unwrap().silent = true;
    sleep(Duration::from_millis(100)).await;
    while rig.reports.try_recv().is_ok() {}
    assert_eq!(rig.sense().await, DoorSense::Lost, "what is no longer read is not told as if it were");
    assert!(
        matches!(rig.order(LockOrder::Release).await, DoorSense::Failed(_, why) if why.contains("inputs have not been read"))
    );
    rig.module.lock().unwrap().silent = false;
    assert!(matches!(rig.sense().await, DoorSense::Inputs(_)), "lost is told once");
    assert_eq!(rig.writes(), [], "the refused order does not come back");
    assert_eq!(rig.order(LockOrder::Release).await, DoorSense::Done(LockOrder::Release));
}

#[tokio::test(start_paused = true)]
async fn nothing_is_written_at_start_and_an_order_waits_for_no_poll_of_others() {
    let mut rig = rig("", 64);
    assert!(matches!(rig.order(LockOrder::Release).await, DoorSense::Failed(..) | DoorSense::Done(_)));
    for (_, _on) in rig.writes() {
        assert!(rig.module.lock().unwrap().reads > 0, "written before anything was read");
    }
    rig.until(|sense| matches!(sense, DoorSense::Inputs(_))).await;
    let before = paused_now();
    rig.order(LockOrder::Lock).await;
    assert!(before.elapsed() <= Duration::from_millis(20), "{:?}", before.elapsed());
}

#[tokio::test(start_paused = true)]
async fn what_nobody_takes_is_told_as_it_is_then() {
    let mut rig = rig("", 1);
    sleep(Duration::from_secs(3)).await;
    rig.module.lock().unwrap().inputs[0] = false;
    sleep(Duration::from_secs(1)).await;
    rig.sense().await;
    let DoorSense::Inputs(inputs) = rig.sense().await else { panic!() };
    assert_eq!(inputs.contact, Some(Contact::Open));
}
