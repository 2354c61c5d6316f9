//! Which record goes to a receiver next, and what its acknowledgement moves. No I/O, no clock: `events` asks and tells.
//!
//! Terms: *cursor* — the number of the last record that was acknowledged, with all before it; *saved* — the cursor as it is on
//! disk; *under way* — handed to the client and not yet below the saved cursor. There are [`WINDOW`] of these at most, so that
//! whatever ends the program, at most so many are sent once more. Acknowledgements out of order wait for those before them.

use std::collections::VecDeque;

use super::broker::WINDOW;
use crate::model::Record;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Backlog {
    saved: u64,
    cursor: u64,
    /// The last one handed to the client.
    handed: u64,
    /// The last one that was looked at, whether it goes out or not.
    read: u64,
    /// To be handed, in order.
    waiting: VecDeque<Record>,
    under_way: VecDeque<UnderWay>,
    /// Acknowledged in order, and beyond the saved cursor.
    unsaved: usize,
}

#[derive(Debug)]
struct UnderWay {
    seq: u64,
    /// The number that the client gave it when it left.
    packet: Option<u16>,
    is_acknowledged: bool,
}

impl Backlog {
    /// As it was left: for a new connection with a new client, to which what was under way goes again.
    pub(super) fn new(saved: u64) -> Self {
        Self { saved, cursor: saved, handed: saved, read: saved, ..Self::default() }
    }

    /// After which number records are to be read now; nothing while some wait.
    pub(super) fn wants(&self) -> Option<u64> {
        self.waiting.is_empty().then_some(self.read)
    }

    /// Takes records that were read, in order; keeps those that go out.
    pub(super) fn take(&mut self, page: Vec<Record>, goes_out: impl Fn(&Record) -> bool) {
        self.read = page.last().map_or(self.read, |record| record.seq);
        self.waiting.extend(page.into_iter().filter(goes_out));
    }

    /// The next one to be handed to the client, and the number of the one before, if there is one.
    pub(super) fn next(&self) -> Option<(Option<u64>, &Record)> {
        let has_room = self.under_way.len() + self.unsaved < usize::from(WINDOW);
        let record = self.waiting.front().filter(|_| has_room)?;
        Some(((self.handed > 0).then_some(self.handed), record))
    }

    /// The client has taken it.
    pub(super) fn handed(&mut self) {
        let Some(record) = self.waiting.pop_front() else { return };
        self.handed = record.seq;
        self.under_way.push_back(UnderWay { seq: record.seq, packet: None, is_acknowledged: false });
    }

    /// The first that had not left yet has left, with this number.
    pub(super) fn left(&mut self, packet: u16) {
        if let Some(one) = self.under_way.iter_mut().find(|one| one.packet.is_none()) {
            one.packet = Some(packet);
        }
    }

    /// The broker has this one: moves the cursor over it and those before it, once it has them all.
    pub(super) fn acknowledged(&mut self, packet: u16) {
        let is_it = |one: &&mut UnderWay| one.packet == Some(packet) && !one.is_acknowledged;
        if let Some(one) = self.under_way.iter_mut().find(is_it) {
            one.is_acknowledged = true;
        }
        while let Some(one) = self.under_way.pop_front_if(|one| one.is_acknowledged) {
            self.cursor = one.seq;
            self.unsaved += 1;
        }
    }

    /// Whether an acknowledgement is due.
    pub(super) fn is_due(&self) -> bool {
        !self.under_way.is_empty()
    }

    /// The cursor.
    pub(super) fn cursor(&self) -> u64 {
        self.cursor
    }

    /// The cursor, if it is to be saved.
    pub(super) fn unsaved(&self) -> Option<u64> {
        (self.cursor != self.saved).then_some(self.cursor)
    }

    /// Whether saving is pressing: there is little room before it.
    pub(super) fn presses(&self) -> bool {
        self.unsaved * 2 >= usize::from(WINDOW)
    }

    /// It is on disk, as [`Backlog::unsaved`] told it.
    pub(super) fn saved(&mut self) {
        (self.saved, self.unsaved) = (self.cursor, 0);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::{Mono, Severity, Trust, Wall};

    fn record(seq: u64) -> Record {
        Record {
            seq,
            run: [7; 16],
            mono: Mono(0),
            wall: Wall(0),
            trust: Trust::Unknown,
            severity: Severity::Info,
            code: "door.opened".to_owned(),
            place: String::new(),
            actor: String::new(),
            body: [].into(),
            commitment: None,
        }
    }

    /// Gives it this many records of the journal, of which those with odd numbers go out.
    fn read(backlog: &mut Backlog, count: u64) {
        let after = backlog.wants().unwrap();
        let page = (after + 1..=after + count).map(record).collect();
        backlog.take(page, |record| record.seq % 2 == 1);
    }

    /// Hands all that it may; tells each with the one before.
    fn hand(backlog: &mut Backlog) -> Vec<(Option<u64>, u64)> {
        let mut went = Vec::new();
        while let Some((previous, record)) = backlog.next() {
            went.push((previous, record.seq));
            backlog.handed();
        }
        went
    }

    #[test]
    fn each_names_the_one_before_that_went_out() {
        let mut backlog = Backlog::new(0);
        read(&mut backlog, 6);
        assert_eq!(backlog.wants(), None, "some wait");
        assert_eq!(hand(&mut backlog), [(None, 1), (Some(1), 3), (Some(3), 5)]);
        assert_eq!(backlog.wants(), Some(6), "not 5: what stays here is not read again");
        assert_eq!(hand(&mut Backlog::new(5)), []);
        let mut later = Backlog::new(5);
        read(&mut later, 2);
        assert_eq!(hand(&mut later), [(Some(5), 7)], "also after a restart");
    }

    #[test]
    fn the_cursor_moves_over_what_the_broker_has_and_all_before_it() {
        let mut backlog = Backlog::new(0);
        read(&mut backlog, 6);
        hand(&mut backlog);
        [1, 2, 3].iter().for_each(|packet| backlog.left(*packet));
        let mut check = |packet: u16, cursor: u64| {
            backlog.acknowledged(packet);
            assert_eq!(
                (backlog.cursor(), backlog.unsaved()),
                (cursor, (cursor > 0).then_some(cursor)),
                "{packet}"
            );
        };
        check(2, 0);
        check(9, 0);
        check(1, 3);
        check(1, 3);
        check(3, 5);
        assert!(!backlog.is_due());
        backlog.saved();
        assert_eq!(backlog.unsaved(), None);
    }

    #[test]
    fn a_new_connection_sends_again_what_was_not_acknowledged() {
        let mut backlog = Backlog::new(0);
        read(&mut backlog, 6);
        hand(&mut backlog);
        backlog.left(1);
        backlog.acknowledged(1);
        let mut again = Backlog::new(backlog.unsaved().unwrap());
        assert_eq!(again.wants(), Some(1));
        read(&mut again, 5);
        assert_eq!(hand(&mut again), [(Some(1), 3), (Some(3), 5)]);
        // Nothing of the old client counts for the new one.
        again.acknowledged(2);
        assert_eq!(again.cursor(), 1);
    }

    #[test]
    fn there_is_room_for_a_window_beyond_what_is_saved() {
        let mut backlog = Backlog::new(0);
        read(&mut backlog, 400);
        assert_eq!(hand(&mut backlog).len(), usize::from(WINDOW));
        backlog.left(1);
        backlog.acknowledged(1);
        assert_eq!(hand(&mut backlog), [], "the cursor is not on disk yet");
        assert!(!backlog.presses());
        (2..=32).for_each(|packet| {
            backlog.left(packet);
            backlog.acknowledged(packet);
        });
        assert!(backlog.presses(), "half of the room waits for it");
        backlog.saved();
        assert_eq!(hand(&mut backlog).len(), 32);
    }

    #[derive(Clone, Debug)]
    enum Step {
        Read(u64),
        Hand,
        Leave,
        Acknowledge(usize),
        Save,
        Restart,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            (0..40_u64).prop_map(Step::Read),
            Just(Step::Hand),
            Just(Step::Leave),
            (0..4_usize).prop_map(Step::Acknowledge),
            Just(Step::Save),
            Just(Step::Restart),
        ]
    }

    proptest! {
        /// Whatever breaks when: the broker gets every record that goes out, in order, the first time it comes.
        #[test]
        fn nothing_is_left_out(steps in proptest::collection::vec(step(), 0..200)) {
            let mut backlog = Backlog::new(0);
            let (mut on_disk, mut packet, mut received) = (0, 0, Vec::<u64>::new());
            let mut at_client = VecDeque::new();
            let mut on_wire = VecDeque::new();
            for step in steps {
                match step {
                    Step::Read(count) => if backlog.wants().is_some() { read(&mut backlog, count) },
                    Step::Hand => at_client.extend(hand(&mut backlog)),
                    Step::Leave => if let Some((previous, seq)) = at_client.pop_front() {
                        packet = packet % WINDOW + 1;
                        backlog.left(packet);
                        on_wire.push_back(packet);
                        let newest = received.last().copied();
                        prop_assert!(previous.is_none_or(|previous| received.contains(&previous)), "{seq}");
                        if newest.is_none_or(|newest| seq > newest) {
                            prop_assert_eq!(seq, newest.map_or(1, |newest| newest + 2));
                            received.push(seq);
                        }
                    },
                    Step::Acknowledge(which) => if let Some(packet) = on_wire.remove(which) { backlog.acknowledged(packet) },
                    Step::Save => if let Some(cursor) = backlog.unsaved() {
                        on_disk = cursor;
                        backlog.saved();
                    },
                    Step::Restart => { backlog = Backlog::new(on_disk); at_client.clear(); on_wire.clear(); }
                }
                prop_assert!(backlog.cursor() <= received.last().copied().unwrap_or(0), "only what was received");
                let repeated = received.iter().filter(|seq| **seq > on_disk).count();
                prop_assert!(repeated <= usize::from(WINDOW), "at most a window would be sent again: {}", repeated);
            }
        }
    }
}
