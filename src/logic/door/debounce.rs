//! An input that counts only once it has stood for a while: contacts bounce.

use std::time::Duration;

use crate::model::Mono;

/// What stands, and what may come to stand.
#[derive(Clone, Copy, Debug)]
pub(super) struct Debounced<T> {
    stands: T,
    coming: Option<(T, Mono)>,
}

impl<T: Copy + PartialEq> Debounced<T> {
    /// It stands so.
    pub(super) fn new(stands: T) -> Self {
        Self { stands, coming: None }
    }

    /// It was seen so.
    pub(super) fn see(&mut self, now: Mono, seen: T, span: Duration) {
        match self.coming {
            _ if seen == self.stands => self.coming = None,
            Some((coming, _)) if coming == seen => {}
            Some(_) | None => self.coming = Some((seen, now + span)),
        }
    }

    /// What it has come to stand at, once.
    pub(super) fn settle(&mut self, now: Mono) -> Option<T> {
        let (coming, _) = self.coming.filter(|(_, due)| *due <= now)?;
        *self = Self::new(coming);
        Some(coming)
    }

    pub(super) fn stands(&self) -> T {
        self.stands
    }

    pub(super) fn due(&self) -> Option<Mono> {
        self.coming.map(|(_, due)| due)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_bounces_does_not_count_and_what_stands_counts_once() {
        let span = Duration::from_millis(50);
        let at = |ms: u64| Mono(ms * 1000);
        let mut input = Debounced::new(false);
        input.see(at(0), true, span);
        input.see(at(30), false, span);
        assert_eq!((input.due(), input.settle(at(100))), (None, None));
        input.see(at(100), true, span);
        input.see(at(140), true, span);
        assert_eq!((input.due(), input.settle(at(149))), (Some(at(150)), None));
        assert_eq!((input.settle(at(150)), input.settle(at(160))), (Some(true), None));
        assert!(input.stands());
    }
}
