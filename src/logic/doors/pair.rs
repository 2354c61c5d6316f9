//! Two who must come together: two persons at a door that asks for two, a visitor and an escort. Each shows its own badge at
//! the same reader within a window; the door opens once both have, and each has a record that names the other.

use std::time::Duration;

use super::{Doors, Turn};
use crate::{
    logic::access::{Denial, Grant, Why},
    model::{Escort, Feedback, Mono, Now, PersonId, ReaderRef},
};

/// How long one waits for the other.
const WINDOW: Duration = Duration::from_secs(15);

/// Those who wait, and escorts who went ahead; of more the oldest is denied.
const MOST: usize = 64;

#[derive(Clone, Debug, Default)]
pub(super) struct Pairs {
    waiting: Vec<Waiting>,
    /// Escorts who were let in, and until when a visitor may follow.
    ahead: Vec<(ReaderRef, PersonId, Mono)>,
}

#[derive(Clone, Debug)]
struct Waiting {
    reader: ReaderRef,
    grant: Grant,
    needs: Needs,
    until: Mono,
}

/// Whom somebody waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Needs {
    SecondPerson,
    Escort,
}

impl Pairs {
    pub(super) fn deadline(&self) -> Option<Mono> {
        self.waiting.iter().map(|waiting| waiting.until).chain(self.ahead.iter().map(|ahead| ahead.2)).min()
    }

    /// Who waits at this reader for somebody like this.
    fn partner(&mut self, reader: ReaderRef, grant: &Grant) -> Option<Grant> {
        let fits = |waiting: &Waiting| {
            let may = match waiting.needs {
                Needs::SecondPerson => grant.escort != Escort::Needs,
                Needs::Escort => grant.escort == Escort::Gives,
            };
            waiting.reader == reader && waiting.grant.person != grant.person && may
        };
        let n = self.waiting.iter().position(fits)?;
        Some(self.waiting.swap_remove(n).grant)
    }

    /// An escort who has just gone ahead here.
    fn escort(&self, reader: ReaderRef, now: Mono) -> Option<PersonId> {
        let ahead = |one: &&(ReaderRef, PersonId, Mono)| one.0 == reader && one.2 > now;
        self.ahead.iter().rev().find(ahead).map(|(_, person, _)| *person)
    }
}

impl Doors {
    /// Somebody may pass, perhaps only together with somebody else.
    pub(super) fn granted(&mut self, now: Now, reader: ReaderRef, grant: Grant, turn: &mut Turn) {
        let two = self.door(reader.door).is_some_and(|door| door.settings().two_persons);
        if grant.escort == Escort::Needs {
            return match self.pairs.escort(reader, now.mono) {
                Some(escort) => self.let_in(now, reader, &grant, Some(escort), turn),
                None => self.wait_for(now, reader, grant, Needs::Escort, turn),
            };
        }
        match self.pairs.partner(reader, &grant) {
            Some(partner) => {
                self.let_in(now, reader, &partner, Some(grant.person), turn);
                self.go_ahead(now, reader, &grant);
                self.let_in(now, reader, &grant, Some(partner.person), turn);
            }
            None if two => self.wait_for(now, reader, grant, Needs::SecondPerson, turn),
            None => {
                self.go_ahead(now, reader, &grant);
                self.let_in(now, reader, &grant, None, turn);
            }
        }
    }

    /// Visitors may follow an escort for a while.
    fn go_ahead(&mut self, now: Now, reader: ReaderRef, grant: &Grant) {
        if grant.escort == Escort::Gives {
            if self.pairs.ahead.len() >= MOST {
                self.pairs.ahead.remove(0);
            }
            self.pairs.ahead.push((reader, grant.person, now.mono + WINDOW));
        }
    }

    fn wait_for(&mut self, now: Now, reader: ReaderRef, grant: Grant, needs: Needs, turn: &mut Turn) {
        // Who shows the badge again waits anew.
        let same = |waiting: &Waiting| waiting.reader == reader && waiting.grant.person == grant.person;
        self.pairs.waiting.retain(|waiting| !same(waiting));
        if self.pairs.waiting.len() >= MOST {
            let oldest = self.pairs.waiting.remove(0);
            self.came_alone(now, &oldest, turn);
        }
        self.pairs.waiting.push(Waiting { reader, grant, needs, until: now.mono + WINDOW });
        self.show(reader, Feedback::Pin, turn);
    }

    /// Those whose partner has not come.
    pub(super) fn expire_pairs(&mut self, now: Now, turn: &mut Turn) {
        self.pairs.ahead.retain(|(_, _, until)| *until > now.mono);
        let (over, waiting) =
            std::mem::take(&mut self.pairs.waiting).into_iter().partition(|one| one.until <= now.mono);
        self.pairs.waiting = waiting;
        let over: Vec<Waiting> = over;
        over.iter().for_each(|waiting| self.came_alone(now, waiting, turn));
    }

    fn came_alone(&self, now: Now, waiting: &Waiting, turn: &mut Turn) {
        let why = match waiting.needs {
            Needs::SecondPerson => Why::TwoPerson,
            Needs::Escort => Why::Escort,
        };
        let (person, badge) = (Some(waiting.grant.person), waiting.grant.badge);
        self.deny(now, waiting.reader, &Denial { why, person, badge, detail: None }, turn);
    }
}
