//! A door module of the simulated hall and the gateway's line on it: what is left of a grant when the gateway dies.

use std::{sync::Arc, time::Duration};

use hallward::{
    bus::{Dial, DoorsEnd, LineTask, Reports, Stream},
    model::{Clock, Contact, DoorInputs, DoorIx, DoorReport, DoorSense, LockOrder, Plant},
};
use hallward_profiles::Library;
use hallward_simulator::{Action, Hall};
use hallward_site::Site;
use tokio::{io::duplex, sync::mpsc, task::JoinHandle, time::timeout};
use tokio_util::sync::CancellationToken;

fn site(module: &str, door: &str) -> Site {
    let text = format!(
        "[site]\nid = \"s\"\nname = \"s\"\ntime_zone = \"UTC\"\n[[room]]\nid = \"hall\"\nname = \"Hall\"\n\
         [[line]]\nid = \"io\"\ntcp = \"10.0.0.1:502\"\n\
         [[device]]\nid = \"door-io\"\nline = \"io\"\nprofile = \"moxa-iologik-e1214\"\n{module}\n\
         [[door]]\nid = \"front\"\nfrom = \"outside\"\nto = \"hall\"\nkind = \"fail-secure\"\n\
         strike = \"door-io/output.0\"\ncontact = \"door-io/input.0\"\nfire = \"door-io/input.2\"\n\
         tamper = \"door-io/input.3\"\nlocked = \"door-io/input.4\"\n{door}\n"
    );
    let library = Library::load(None).unwrap_or_else(|wrong| panic!("{}", wrong[0]));
    Site::parse("site", &text, &library).unwrap_or_else(|wrong| panic!("{wrong}"))
}

struct Rig {
    hall: Arc<Hall>,
    line: JoinHandle<()>,
    reports: mpsc::Receiver<DoorReport>,
    orders: mpsc::Sender<LockOrder>,
}

fn rig(module: &str, door: &str) -> Rig {
    let site = site(module, door);
    let hall = Arc::new(Hall::new(site.clone()).unwrap());
    let served = Arc::clone(&hall);
    let dial: Dial = Arc::new(move || {
        let (hall, (ours, theirs)) = (Arc::clone(&served), duplex(4096));
        tokio::spawn(async move { hall.serve(&"io".parse().unwrap(), theirs).await });
        Box::pin(async move { Ok(Box::new(ours) as Box<dyn Stream>) })
    });
    let plant = Plant::new(site, false);
    let (told, reports) = mpsc::channel(64);
    let (orders, taken) = mpsc::channel(4);
    let clock: Arc<dyn Clock> = Arc::new(hallward::app::SystemClock::start());
    let end = DoorsEnd::new(told, vec![(DoorIx(0), taken)]);
    let mut task = LineTask::new(&plant, 0, dial, Arc::default(), Arc::new(Reports::default()), clock)
        .with_doors(&plant, end);
    let line = tokio::spawn(async move {
        let (_commands, mut none) = mpsc::channel(1);
        task.run(&mut none, &CancellationToken::new()).await;
    });
    Rig { hall, line, reports, orders }
}

impl Rig {
    async fn until(&mut self, what: &str, fits: impl Fn(&DoorSense) -> bool) -> DoorSense {
        let mut seen = Vec::new();
        loop {
            match timeout(Duration::from_secs(30), self.reports.recv()).await {
                Ok(Some(DoorReport::Door(_, sense))) if fits(&sense) => return sense,
                Ok(Some(other)) => seen.push(other),
                _ => panic!("{what} is not told, but {seen:?}"),
            }
        }
    }

    /// Whether the bolt holds, in truth.
    fn locked(&self) -> bool {
        self.hall.truth().doors.remove(0).locked
    }
}

/// A gateway that dies within a grant: what the module does by itself.
async fn dies_within_a_grant(module: &str, door: &str) -> bool {
    let mut rig = rig(module, door);
    rig.until("inputs", |sense| matches!(sense, DoorSense::Inputs(_))).await;
    assert!(rig.locked(), "nothing was written at the start");
    let order = LockOrder::ReleaseFor(Duration::from_secs(5));
    rig.orders.send(order).await.unwrap();
    rig.until("done", |sense| *sense == DoorSense::Done(order)).await;
    assert!(!rig.locked());
    rig.line.abort();
    rig.hall.advance(Duration::from_secs(6));
    rig.locked()
}

#[tokio::test(start_paused = true)]
async fn a_gateway_that_dies_within_a_grant_leaves_the_door_locked_by_safe_state_or_pulse() {
    assert!(dies_within_a_grant("safe_state = \"3s\"", "").await, "safe state");
    assert!(dies_within_a_grant("", "pulse = \"door-io/output.0.pulsing\"").await, "pulse");
    assert!(!dies_within_a_grant("", "").await, "a module that can do neither, as `check` says");
}

#[tokio::test(start_paused = true)]
async fn what_happens_at_a_door_is_sensed() {
    let mut rig = rig("safe_state = \"3s\"", "");
    let quiet = DoorInputs {
        contact: Some(Contact::Closed),
        tamper: Some(false),
        fire: Some(false),
        locked: Some(true),
        released: Some(false),
        exit_button: None,
    };
    rig.until("quiet", |sense| *sense == DoorSense::Inputs(quiet)).await;
    let act = |hall: &Hall, action: &str| hall.act(&serde_json::from_str::<Action>(action).unwrap()).unwrap();
    act(&rig.hall, r#"{"do":"force","door":"front"}"#);
    let forced = DoorInputs { contact: Some(Contact::Open), locked: Some(false), ..quiet };
    rig.until("forced", |sense| *sense == DoorSense::Inputs(forced)).await;
    act(&rig.hall, r#"{"do":"close","door":"front"}"#);
    act(&rig.hall, r#"{"do":"door-tamper","door":"front","on":true}"#);
    rig.until("tamper", |sense| *sense == DoorSense::Inputs(DoorInputs { tamper: Some(true), ..quiet }))
        .await;
}
