//! The machine's promises, for every sequence of inputs.

use proptest::prelude::*;

use super::*;

#[derive(Clone, Debug)]
enum Act {
    Sense(bool, bool, bool),
    Lost,
    Grant(bool),
    Disk(bool),
    Record,
    Hold(Option<bool>),
    Lockdown(bool),
    FireReset,
    Scheduled(bool),
    Pass(u64),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        6 => (any::<bool>(), any::<bool>(), proptest::bool::weighted(0.1))
            .prop_map(|(closed, exit, fire)| Act::Sense(closed, exit, fire)),
        1 => Just(Act::Lost),
        4 => any::<bool>().prop_map(Act::Grant),
        2 => any::<bool>().prop_map(Act::Disk),
        2 => Just(Act::Record),
        1 => any::<Option<bool>>().prop_map(Act::Hold),
        1 => any::<bool>().prop_map(Act::Lockdown),
        1 => Just(Act::FireReset),
        1 => any::<bool>().prop_map(Act::Scheduled),
        6 => (0..40_000_u64).prop_map(Act::Pass),
    ];
    proptest::collection::vec(act, 1..60)
}

/// What the lock was told, from the outside.
#[derive(Default)]
struct Watched {
    inputs_read: bool,
    released_until: Option<Mono>,
    released: bool,
    edges: i32,
}

impl Watched {
    /// Takes what came out, in order.
    fn see(&mut self, now: Mono, stand: &Stand, out: &[Output], unlocking: bool) {
        for output in out {
            match output {
                Output::Lock(order) => {
                    assert!(self.inputs_read, "{order:?} before the inputs were read");
                    let on = *order != LockOrder::Lock;
                    self.edges += i32::from(on != self.released);
                    if on && !self.released {
                        assert!(
                            unlocking,
                            "released although nothing was recorded, no exit pressed, no fire"
                        );
                    }
                    self.released = on;
                    self.released_until = match order {
                        LockOrder::ReleaseFor(span) => Some(now + *span),
                        LockOrder::Release | LockOrder::Lock => None,
                    };
                }
                Output::Tell(record) if record.code.starts_with("lock.") => self.edges -= 1,
                _ => {}
            }
        }
        if self.released && !matches!(stand.door.state(), PortalState::Free) {
            let open = matches!(stand.door.state(), PortalState::Open | PortalState::HeldWarning);
            let in_time = self.released_until.is_some_and(|until| now <= until);
            assert!(open || in_time, "released past its deadline in {:?}", stand.door.state());
        }
    }
}

proptest! {
    #[test]
    fn its_promises_hold_for_every_sequence(acts in acts(), strike: bool, deny: bool) {
        let relock = if strike { Relock::OnOpen } else { Relock::OnClose };
        let unrecorded = if deny { Unrecorded::Deny } else { Unrecorded::Spool };
        let mut stand = stand_with(DoorSettings { relock, unrecorded, ..settings() });
        stand.disk = false;
        let mut watched = Watched { inputs_read: true, ..Watched::default() };
        let mut waiting = Vec::<Ticket>::new();
        let mut disk = true;
        for act in acts {
            let mut steps = vec![];
            match act {
                Act::Sense(closed, exit, fire) => {
                    stand.inputs.contact = Some(if closed { Contact::Closed } else { Contact::Open });
                    (stand.inputs.exit_button, stand.inputs.fire) = (Some(exit), Some(fire));
                    stand.inputs.released = Some(watched.released);
                    watched.inputs_read = true;
                    steps.push(Input::Inputs(stand.inputs));
                }
                Act::Lost => {
                    (watched.inputs_read, watched.released, watched.released_until) = (false, false, None);
                    steps.push(Input::Lost);
                }
                Act::Grant(long) => {
                    let record = NewRecord::system(stand.now, "access.granted", Severity::Info);
                    steps.push(Input::Grant { cause: card("p7"), long, record });
                }
                Act::Disk(on) => disk = on,
                Act::Record => steps.extend(waiting.pop().map(Input::Recorded)),
                Act::Hold(hold) => {
                    let hold = hold.map(|unlocked| Hold { unlocked, until: None });
                    steps.push(Input::Hold(hold, by()));
                }
                Act::Lockdown(on) => steps.push(Input::Lockdown(on, by())),
                Act::FireReset => steps.push(Input::FireReset(by())),
                Act::Scheduled(on) => steps.push(Input::Scheduled(on)),
                Act::Pass(ms) => {
                    let end = stand.now.mono + Duration::from_millis(ms);
                    // Nobody is late by more than the machine was told.
                    while let Some(due) = stand.door.deadline().filter(|due| *due <= end) {
                        stand.go(due.max(stand.now.mono));
                        let mut out = Vec::new();
                        let exit = stand.inputs.exit_button == Some(true);
                        let fire = stand.inputs.fire == Some(true);
                        stand.door.handle(stand.now, Input::Tick, &mut out);
                        let pressed = exit || fire;
                        watched.see(stand.now.mono, &stand, &out, pressed);
                        waiting.extend(out.iter().filter_map(|output| match output {
                            Output::Record(ticket, _) | Output::Spool(ticket, _) => Some(*ticket),
                            _ => None,
                        }));
                    }
                    stand.go(end);
                    steps.push(Input::Tick);
                }
            }
            for step in steps {
                let mut out = Vec::new();
                let recorded = matches!(step, Input::Recorded(_) | Input::Spooled(_));
                let sensed = matches!(step, Input::Inputs(_) | Input::Tick)
                    && (stand.inputs.exit_button == Some(true) || stand.inputs.fire == Some(true));
                // A mode that was recorded before unlocks again when the hardware returns.
                let returned = matches!(step, Input::Inputs(_)) && stand.door.hardware() != Some(true);
                stand.door.handle(stand.now, step, &mut out);
                let fire = stand.door.mode() == DoorMode::FireRelease;
                watched.see(stand.now.mono, &stand, &out, recorded || sensed || returned || fire);
                waiting.extend(out.iter().filter_map(|output| match output {
                    Output::Record(ticket, _) => Some(*ticket),
                    _ => None,
                }));
            }
            while let Some(ticket) = waiting.pop().filter(|_| disk) {
                let mut out = Vec::new();
                stand.door.handle(stand.now, Input::Recorded(ticket), &mut out);
                watched.see(stand.now.mono, &stand, &out, true);
            }
            // Fire goes before everything, as long as the hardware is there.
            if stand.door.mode() == DoorMode::FireRelease && stand.door.hardware() == Some(true) {
                prop_assert!(watched.released);
            }
            prop_assert!(stand.door.deadline().is_none_or(|due| due > stand.now.mono), "a deadline that is over");
        }
        prop_assert!(watched.edges <= 0, "an edge of the lock has no record");
    }
}
