//! Wiring and polarity, with mocks: each wired input is read exactly once a sample, and nothing is written before that.

use std::io::ErrorKind;

use embedded_hal_mock::eh1::{
    MockError,
    digital::{Mock, State, Transaction},
};
use tokio::time::{Instant, timeout};

use super::*;
use crate::model::{Now, Trust, Wall};

const HIGH: State = State::High;
const LOW: State = State::Low;

struct PausedClock(Instant);

impl Clock for PausedClock {
    fn now(&self) -> Now {
        let mono = Mono(u64::try_from(self.0.elapsed().as_micros()).unwrap());
        Now { mono, wall: Wall(0), trust: Trust::Unknown }
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the tests' clock")]
fn clock() -> Arc<dyn Clock> {
    Arc::new(PausedClock(Instant::now()))
}

fn reads(states: &[State]) -> Mock {
    Mock::new(&states.iter().map(|state| Transaction::get(*state)).collect::<Vec<_>>())
}

fn sets(states: &[State]) -> Mock {
    Mock::new(&states.iter().map(|state| Transaction::set(*state)).collect::<Vec<_>>())
}

fn line(pin: &Mock, low: bool) -> Line<Mock> {
    Line::new(pin.clone(), low)
}

#[test]
fn every_wire_means_what_it_should_in_both_polarities() {
    let rows = [
        (HIGH, (Some(Contact::Closed), Some(true), Some(false), Some(false), Some(true))),
        (LOW, (Some(Contact::Open), Some(false), Some(true), Some(true), Some(false))),
    ];
    for (level, wanted) in rows {
        for low in [false, true] {
            let level = if low { if level == HIGH { LOW } else { HIGH } } else { level };
            let mut pins: [Mock; 5] = std::array::from_fn(|_| reads(&[level]));
            let [contact, exit, fire, tamper, locked] = pins.each_ref().map(|pin| Some(line(pin, low)));
            let sensed = Inputs { contact, exit, fire, tamper, locked }.sample().unwrap();
            let found = (sensed.contact, sensed.exit_button, sensed.fire, sensed.tamper, sensed.locked);
            assert_eq!(found, wanted, "{level:?}, low {low}");
            pins.iter_mut().for_each(Mock::done);
        }
    }
}

#[test]
fn what_is_not_wired_is_not_known_and_an_error_ends_the_sample() {
    let failing = Transaction::get(HIGH).with_error(MockError::Io(ErrorKind::NotConnected));
    let (mut contact, mut exit, mut tamper) = (reads(&[LOW]), Mock::new(&[failing]), reads(&[]));
    let mut inputs = Inputs {
        contact: Some(line(&contact, false)),
        exit: Some(line(&exit, false)),
        fire: None,
        tamper: Some(line(&tamper, false)),
        locked: None,
    };
    assert!(inputs.sample().is_err());
    [&mut contact, &mut exit, &mut tamper].into_iter().for_each(Mock::done);
    let mut contact = reads(&[HIGH]);
    let mut bare =
        Inputs { contact: Some(line(&contact, false)), exit: None, fire: None, tamper: None, locked: None };
    let wanted = DoorInputs { contact: Some(Contact::Closed), ..DoorInputs::default() };
    assert_eq!(bare.sample().unwrap(), wanted);
    contact.done();
}

fn contact_alone(pin: &Mock) -> Inputs<Mock> {
    Inputs { contact: Some(line(pin, false)), exit: None, fire: None, tamper: None, locked: None }
}

/// Runs a door for so long, with orders at their times; what it told.
async fn story(
    contact: &Mock,
    lock: &Mock,
    low: bool,
    orders: &[(u64, LockOrder)],
    time_ms: u64,
) -> Vec<DoorSense> {
    let (told, mut reports) = mpsc::channel(64);
    let (order, taken) = mpsc::channel(4);
    let shutdown = CancellationToken::new();
    let ends =
        Ends { inputs: || Ok(contact_alone(contact)), lock: || Ok::<_, MockError>(Some(line(lock, low))) };
    let served = run(DoorIx(0), ends, taken, told, clock(), shutdown.clone());
    let led = async {
        let mut at = 0;
        for (when, what) in orders {
            sleep(Duration::from_millis(when - at)).await;
            at = *when;
            order.send(*what).await.unwrap();
        }
        sleep(Duration::from_millis(time_ms - at)).await;
        shutdown.cancel();
    };
    let ((), ()) = timeout(Duration::from_secs(60), async { tokio::join!(served, led) }).await.unwrap();
    let mut senses = Vec::new();
    while let Ok(DoorReport::Door(_, sense)) = reports.try_recv() {
        senses.push(sense);
    }
    senses
}

#[tokio::test(start_paused = true)]
async fn nothing_is_written_before_the_inputs_were_read_and_a_release_ends_by_itself() {
    // 30 samples at 20 ms; the order at 110 ms releases for 200 ms; the end locks once more.
    let mut contact = reads(&[HIGH; 30]);
    let mut lock = sets(&[HIGH, LOW, LOW]);
    let order = LockOrder::ReleaseFor(Duration::from_millis(200));
    let senses = story(&contact, &lock, false, &[(110, order)], 595).await;
    let released = |on| {
        let contact = Some(Contact::Closed);
        DoorSense::Inputs(DoorInputs { contact, released: Some(on), ..DoorInputs::default() })
    };
    assert_eq!(senses, [released(false), DoorSense::Done(order), released(true), released(false)]);
    contact.done();
    lock.done();
}

#[tokio::test(start_paused = true)]
async fn a_low_output_is_driven_the_other_way_round() {
    let mut contact = reads(&[HIGH; 10]);
    let mut lock = sets(&[LOW, HIGH, HIGH]);
    let senses = story(&contact, &lock, true, &[(50, LockOrder::Release), (90, LockOrder::Lock)], 190).await;
    assert!(senses.contains(&DoorSense::Done(LockOrder::Release)), "{senses:?}");
    contact.done();
    lock.done();
}

#[tokio::test(start_paused = true)]
async fn a_pin_that_fails_loses_the_door_locks_it_and_is_asked_for_again() {
    let failing = Transaction::get(HIGH).with_error(MockError::Io(ErrorKind::NotConnected));
    // Read, fail; two seconds later read again, and until the end.
    let mut all = vec![Transaction::get(HIGH), failing];
    all.extend(vec![Transaction::get(HIGH); 5]);
    let mut contact = Mock::new(&all);
    let mut lock = sets(&[LOW, LOW]);
    let senses = story(&contact, &lock, false, &[(1000, LockOrder::Release)], 2110).await;
    assert!(
        matches!(
            senses.as_slice(),
            [
                DoorSense::Inputs(_),
                DoorSense::Lost,
                DoorSense::Failed(LockOrder::Release, _),
                DoorSense::Inputs(DoorInputs { released: Some(false), .. }),
            ]
        ),
        "{senses:?}"
    );
    contact.done();
    lock.done();
}
