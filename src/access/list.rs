//! What can be asked about who may go where: one list of questions for API and command line, with what each takes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Access, BadgeLine, DeliveryLine, DoorLine, HolidayLine, PersonLine, PresenceLine, RuleLine, ScheduleLine,
    Span, UnknownLine, VisitLine,
};
use crate::{accounts::NotDone, model::Right};

/// The most reviews that are told.
const REVIEWS: usize = 100;

/// A question; `at` is a time: as it was then, and who had made it so.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "kebab-case", deny_unknown_fields)]
#[allow(missing_docs, reason = "the names say it")]
pub enum AccessList {
    People { at: Option<String> },
    Badges { at: Option<String> },
    Rules { at: Option<String> },
    Schedules { at: Option<String> },
    Holidays { at: Option<String> },
    Visitors { at: Option<String> },
    Deliveries,
    Doors,
    Presence,
    UnknownCards,
    Reviews,
    Coverage { door: String, from: String, to: String },
}

/// An answer, under its own name.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Listed {
    People(Vec<PersonLine>),
    Badges(Vec<BadgeLine>),
    Rules(Vec<RuleLine>),
    Schedules(Vec<ScheduleLine>),
    Holidays(Vec<HolidayLine>),
    Visitors(Vec<VisitLine>),
    Deliveries(Vec<DeliveryLine>),
    Doors(Vec<DoorLine>),
    Presence(Vec<PresenceLine>),
    UnknownCards(Vec<UnknownLine>),
    Reviews(Vec<ReviewLine>),
    Coverage(Vec<Span>),
}

/// A review of the journal.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Review")]
#[allow(missing_docs, reason = "the names say it")]
pub struct ReviewLine {
    pub up_to: u64,
    pub time: String,
    pub by: String,
    pub findings: String,
    /// How many records have been written since the one it goes up to.
    pub behind: u64,
}

impl AccessList {
    /// What it takes.
    #[must_use]
    pub fn right(&self) -> Right {
        match self {
            Self::People { .. }
            | Self::Badges { .. }
            | Self::Rules { .. }
            | Self::Schedules { .. }
            | Self::Holidays { .. }
            | Self::Visitors { .. }
            | Self::Deliveries => Right::PersonRead,
            Self::Doors => Right::HallRead,
            Self::Presence => Right::DoorOperate,
            Self::UnknownCards => Right::AccessManage,
            Self::Reviews | Self::Coverage { .. } => Right::JournalRead,
        }
    }
}

impl Access {
    /// Answers a question.
    ///
    /// # Errors
    /// A time or door that is none; the journal cannot be read.
    pub async fn list(&self, list: AccessList) -> Result<Listed, NotDone> {
        Ok(match list {
            AccessList::People { at } => Listed::People(self.people(at.as_deref()).await?),
            AccessList::Badges { at } => Listed::Badges(self.badges(at.as_deref()).await?),
            AccessList::Rules { at } => Listed::Rules(self.rules(at.as_deref()).await?),
            AccessList::Schedules { at } => Listed::Schedules(self.schedules(at.as_deref()).await?),
            AccessList::Holidays { at } => Listed::Holidays(self.holidays(at.as_deref()).await?),
            AccessList::Visitors { at } => Listed::Visitors(self.visits(at.as_deref()).await?),
            AccessList::Deliveries => Listed::Deliveries(self.deliveries()),
            AccessList::Doors => Listed::Doors(self.doors()),
            AccessList::Presence => Listed::Presence(self.presence()),
            AccessList::UnknownCards => Listed::UnknownCards(self.unknown_cards()),
            AccessList::Reviews => Listed::Reviews(self.review_lines().await?),
            AccessList::Coverage { door, from, to } => {
                Listed::Coverage(self.coverage(&door, &from, &to).await?)
            }
        })
    }

    async fn review_lines(&self) -> Result<Vec<ReviewLine>, NotDone> {
        let (reviews, last) = self.reviews(REVIEWS).await?;
        let line = |review: super::Reviewed| ReviewLine {
            up_to: review.up_to,
            time: review.at.rfc3339(),
            by: review.by,
            findings: review.findings,
            behind: last.saturating_sub(review.up_to),
        };
        Ok(reviews.into_iter().map(line).collect())
    }
}
