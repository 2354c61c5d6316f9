//! Who may go where, and orders to doors, at the console: the same deeds, checks and records as on the pages.

use super::{Answer, Control};
use crate::{
    access::{AccessDeed, AccessList, DoorRequest},
    accounts::{Caller, NotDone},
};

/// A refusal is an answer; what was asked for wrongly, or cannot be done, is an error.
fn no(why: NotDone) -> Answer {
    match why {
        NotDone::Conflict(_) | NotDone::Order(_) => Answer::Refused(why.to_string()),
        NotDone::NoSuch(_)
        | NotDone::Wrong(_)
        | NotDone::Weak(_)
        | NotDone::NotYou
        | NotDone::Rule(_)
        | NotDone::Store(_) => Answer::Error(why.to_string()),
    }
}

impl Control {
    pub(super) async fn change_access(&self, caller: &Caller, deed: AccessDeed) -> Answer {
        self.access.carry_out(caller, deed).await.map_or_else(no, Answer::Done)
    }

    pub(super) async fn list_access(&self, list: AccessList) -> Answer {
        self.access.list(list).await.map_or_else(no, |listed| Answer::Listed(Box::new(listed)))
    }

    pub(super) async fn order_door(&self, caller: &Caller, request: DoorRequest) -> Answer {
        self.access.order(caller, request).await.map_or_else(no, |()| Answer::Ordered)
    }
}
