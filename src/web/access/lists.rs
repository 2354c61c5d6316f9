//! `GET /api/v1/people`, `/badges`, `/rules`, `/schedules`, `/holidays`, `/visitors` (each as at a time, with `at=`),
//! `/deliveries`, `/presence`, `/unknown-cards`, `/reviews`, `/coverage`.

use std::sync::Arc;

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    super::{
        Web,
        problem::Problem,
        query::Query,
        route::{Need, Route, one},
    },
    told,
};
use crate::access::{
    AccessList, BadgeLine, DeliveryLine, HolidayLine, PersonLine, PresenceLine, ReviewLine, RuleLine,
    ScheduleLine, Span, UnknownLine, VisitLine,
};

/// Answers as they are described: a list under its own name.
macro_rules! answers {
    ($($answer:ident { $name:ident: $line:ty })+) => {
        $(
            #[derive(Serialize, JsonSchema)]
            struct $answer {
                #[allow(dead_code, reason = "only its schema is asked for")]
                $name: Vec<$line>,
            }
        )+
    };
}

answers! {
    PeopleAnswer { people: PersonLine }
    BadgesAnswer { badges: BadgeLine }
    RulesAnswer { rules: RuleLine }
    SchedulesAnswer { schedules: ScheduleLine }
    HolidaysAnswer { holidays: HolidayLine }
    VisitorsAnswer { visitors: VisitLine }
    DeliveriesAnswer { deliveries: DeliveryLine }
    PresenceAnswer { presence: PresenceLine }
    UnknownCardsAnswer { unknown_cards: UnknownLine }
    ReviewsAnswer { reviews: ReviewLine }
    CoverageAnswer { coverage: Span }
}

/// A list, for whom the question itself lets in.
fn list<A: JsonSchema>(
    path: &'static str,
    what: &'static str,
    question: fn(&Query) -> Result<AccessList, Problem>,
    known: &'static [&'static str],
) -> Route {
    let handler = move |State(web): State<Arc<Web>>, RawQuery(raw): RawQuery| async move {
        let query = Query::parse(raw.as_deref(), known)?;
        told(&web, question(&query)?).await as Result<Response, Problem>
    };
    // What is asked does not change what it takes.
    let right = question(&Query::parse(None, known).unwrap_or_default()).map(|list| list.right());
    let need = Need::Right(right.unwrap_or(crate::model::Right::JournalRead));
    Route::get(path, need, what, handler).gives::<A>()
}

fn at(query: &Query) -> Result<Option<String>, Problem> {
    Ok(query.one("at")?.map(str::to_owned))
}

fn must(query: &Query, key: &str) -> Result<String, Problem> {
    let found = query.one(key)?.map(str::to_owned);
    found.ok_or_else(|| Problem::bad(format!("`{key}` is missing")))
}

/// Its routes.
pub(super) fn routes() -> Vec<Route> {
    const AT: &[&str] = &["at"];
    let then = const { &[one("at", "As it was then: a day by the hall's time, or RFC 3339.")] };
    let of_door = const {
        &[
            one("door", "Which door."),
            one("from", "From then on: a day by the hall's time, or RFC 3339."),
            one("to", "Until then; a day counts to its end."),
        ]
    };
    vec![
        list::<PeopleAnswer>(
            "/api/v1/people",
            "Persons who go through doors.",
            |q| Ok(AccessList::People { at: at(q)? }),
            AT,
        )
        .query(then)
        .problems(&[422]),
        list::<BadgesAnswer>("/api/v1/badges", "Badges.", |q| Ok(AccessList::Badges { at: at(q)? }), AT)
            .query(then)
            .problems(&[422]),
        list::<RulesAnswer>(
            "/api/v1/rules",
            "Rules: who may open which doors when.",
            |q| Ok(AccessList::Rules { at: at(q)? }),
            AT,
        )
        .query(then)
        .problems(&[422]),
        list::<SchedulesAnswer>(
            "/api/v1/schedules",
            "Schedules.",
            |q| Ok(AccessList::Schedules { at: at(q)? }),
            AT,
        )
        .query(then)
        .problems(&[422]),
        list::<HolidaysAnswer>(
            "/api/v1/holidays",
            "Holidays.",
            |q| Ok(AccessList::Holidays { at: at(q)? }),
            AT,
        )
        .query(then)
        .problems(&[422]),
        list::<VisitorsAnswer>(
            "/api/v1/visitors",
            "Visitors.",
            |q| Ok(AccessList::Visitors { at: at(q)? }),
            AT,
        )
        .query(then)
        .problems(&[422]),
        list::<DeliveriesAnswer>(
            "/api/v1/deliveries",
            "Equipment that came and went.",
            |_| Ok(AccessList::Deliveries),
            &[],
        ),
        list::<PresenceAnswer>(
            "/api/v1/presence",
            "Who is where, as far as doors can tell.",
            |_| Ok(AccessList::Presence),
            &[],
        ),
        list::<UnknownCardsAnswer>(
            "/api/v1/unknown-cards",
            "Cards that nobody holds, the newest first.",
            |_| Ok(AccessList::UnknownCards),
            &[],
        ),
        list::<ReviewsAnswer>(
            "/api/v1/reviews",
            "How far the journal was reviewed, the newest first.",
            |_| Ok(AccessList::Reviews),
            &[],
        ),
        list::<CoverageAnswer>(
            "/api/v1/coverage",
            "When controller, clock, readers and door module were able to see.",
            |q| {
                Ok(AccessList::Coverage {
                    door: must(q, "door")?,
                    from: must(q, "from")?,
                    to: must(q, "to")?,
                })
            },
            &["door", "from", "to"],
        )
        .query(of_door)
        .problems(&[404, 422]),
    ]
}
