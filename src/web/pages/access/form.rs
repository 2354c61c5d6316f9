//! `POST /access/deed`, `/access/order`, `/access/review`: the forms of these pages. Fields are named as in the API; an empty one
//! is absent, but where a change takes a value away.

use axum::response::Response;
use serde_json::{Map, Value, json};

use super::{
    super::{
        super::{form::Form, problem::Problem},
        asked::{Asked, onward},
        told::{Mistake, Told},
    },
    Page,
};
use crate::access::{AccessDeed, DoorRequest, SETTINGS};

/// Deeds and orders that forms can name; each is its form's name too.
const DEEDS: [&str; 19] = [
    "add-person",
    "change-person",
    "suspend-person",
    "restore-person",
    "end-person",
    "record-undertaking",
    "issue-badge",
    "change-badge",
    "return-badge",
    "add-rule",
    "change-rule",
    "end-rule",
    "set-schedule",
    "end-schedule",
    "set-holiday",
    "end-holiday",
    "set-door",
    "register-visit",
    "record-delivery",
];
const ORDERS: [&str; 8] =
    ["clear-alarm", "unlock", "hold", "lock", "release", "lockdown", "fire-reset", "pair"];

/// Several words, or several lines.
const WORDS: [&str; 2] = ["groups", "doors"];
const LINES: [&str; 3] = ["handed_over", "devices", "items"];

/// What is no text.
const NUMBERS: [&str; 6] = ["facility", "number", "bits", "swiped", "record", "up_to"];
const FLAGS: [&str; 4] = ["alone", "long_unlock", "passback_exempt", "end"];

/// What belongs to a person, and to a card.
const HOLDER: [&str; 8] =
    ["groups", "pin", "duress_pin", "from", "until", "long_unlock", "passback_exempt", "escort"];
const CARD: [&str; 5] = ["facility", "number", "bits", "hex", "swiped"];

/// What the form of a person, which shows what is held, takes away when its field is empty; a PIN stays.
const TAKEN_AWAY: [&str; 3] = ["from", "until", "groups"];

/// All fields of the forms.
const FIELDS: [&str; 41] = [
    "person",
    "name",
    "groups",
    "pin",
    "duress_pin",
    "from",
    "until",
    "long_unlock",
    "passback_exempt",
    "escort",
    "handed_over",
    "paper",
    "facility",
    "number",
    "bits",
    "hex",
    "swiped",
    "badge",
    "state",
    "who",
    "doors",
    "schedule",
    "rule",
    "times",
    "date",
    "door",
    "host",
    "firm",
    "purpose",
    "alone",
    "devices",
    "direction",
    "owner",
    "request",
    "decision",
    "approver",
    "items",
    "record",
    "handed_by",
    "taken_by",
    "witness",
];

/// The field of a door's setting.
pub(super) fn setting_field(name: &str) -> String {
    format!("setting-{name}")
}

/// The handler of `POST /access/deed`.
pub(super) async fn deed(asked: Asked, form: Form) -> Result<Response, Problem> {
    let (named, page) = (named(&form, &DEEDS)?, page_of(&form)?);
    let deed = serde_json::from_value::<AccessDeed>(fields(named, &form));
    let done = match deed {
        Ok(deed) => asked.access().carry_out(&asked.caller, deed).await.map(drop).map_err(Mistake::from),
        Err(_) => Err(Mistake::Text("form-incomplete")),
    };
    answered(&asked, (named, page), form, done).await
}

/// The handler of `POST /access/order`.
pub(super) async fn order(asked: Asked, form: Form) -> Result<Response, Problem> {
    let (named, page) = (named(&form, &ORDERS)?, page_of(&form)?);
    let mut said = json!({ "order": named, "why": form.text("why") });
    for field in ["door", "scope", "side", "until"] {
        if let (Some(text), Some(said)) = (form.given(field), said.as_object_mut()) {
            said.insert(field.to_owned(), text.into());
        }
    }
    if let (true, Some(said)) = (named == "lockdown", said.as_object_mut()) {
        said.insert("end".to_owned(), (!form.text("end").is_empty()).into());
    }
    let done = match serde_json::from_value::<DoorRequest>(said) {
        Ok(request) => asked.access().order(&asked.caller, request).await.map_err(Mistake::from),
        Err(_) => Err(Mistake::Text("form-incomplete")),
    };
    answered(&asked, (named, page), form, done).await
}

/// The handler of `POST /access/review`.
pub(super) async fn review(asked: Asked, form: Form) -> Result<Response, Problem> {
    let (page, findings) = (page_of(&form)?, form.text("findings").to_owned());
    let done = match form.text("up_to").parse() {
        Ok(up_to) => {
            let deed = AccessDeed::Review { up_to, findings };
            asked.access().carry_out(&asked.caller, deed).await.map(drop).map_err(Mistake::from)
        }
        Err(_) => Err(Mistake::Text("form-incomplete")),
    };
    answered(&asked, ("review", page), form, done).await
}

/// The name of the form's deed, if it is one of these.
fn named(form: &Form, known: &[&'static str]) -> Result<&'static str, Problem> {
    let named = form.text("deed");
    let found = known.iter().copied().find(|known| *known == named);
    found.ok_or_else(|| Problem::wrong(format!("`deed`: one of {}", known.join(", "))))
}

/// The page that the form is on: known before anything is done.
fn page_of(form: &Form) -> Result<Page, Problem> {
    Page::parse(form.text("page")).ok_or_else(|| Problem::wrong("`page`: a page with this form"))
}

/// On to the page that the form is on, or the same page with what was wrong.
async fn answered(
    asked: &Asked,
    (named, page): (&'static str, Page),
    form: Form,
    done: Result<(), Mistake>,
) -> Result<Response, Problem> {
    let Err(mistake) = done else { return Ok(onward(&page.address(), "access")) };
    let frame = asked.frame(page.here(), &page.address())?;
    let told = Told::wrong(&frame.words, named, form, &mistake);
    page.shown(asked, &frame, &told).await
}

/// The deed as the API would carry it.
fn fields(named: &str, form: &Form) -> Value {
    let shows_held = named == "change-person";
    let (mut all, mut holder, mut card) = (Map::new(), Map::new(), Map::new());
    all.insert("deed".to_owned(), named.into());
    for field in ["why"].into_iter().chain(FIELDS) {
        let there = form.all(field).next().is_some();
        let flag = FLAGS.contains(&field) && form.all("flags").any(|flag| flag == field);
        let given = form.given(field).is_some();
        let emptied = there && shows_held && TAKEN_AWAY.contains(&field);
        let missing = field == "why" && there;
        if !(given || flag || emptied || missing) {
            continue;
        }
        let value = value(field, form);
        let of_person = named.ends_with("-person") && HOLDER.contains(&field) && named != "end-person";
        let of_card = named == "issue-badge" && CARD.contains(&field);
        let into = if of_person {
            &mut holder
        } else if of_card {
            &mut card
        } else {
            &mut all
        };
        into.insert(field.to_owned(), value);
    }
    if !holder.is_empty() {
        all.insert("holder".to_owned(), holder.into());
    }
    if named == "issue-badge" {
        all.insert("card".to_owned(), card.into());
    }
    if named == "set-door" {
        let settings = SETTINGS.iter().filter_map(|(name, _)| {
            let field = setting_field(name);
            form.all(&field).next()?;
            Some(((*name).to_owned(), form.text(&field).into()))
        });
        all.insert("settings".to_owned(), settings.collect::<Map<String, Value>>().into());
    }
    all.into()
}

fn value(field: &str, form: &Form) -> Value {
    let text = form.text(field);
    if WORDS.contains(&field) {
        // Boxes come one by one, a line of words as one.
        let words = form.all(field).flat_map(|text| text.split([' ', ',', '\n', '\r']));
        let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
        // A rule without doors is for all of them.
        return if field == "doors" && words == ["all"] { Value::Array(Vec::new()) } else { words.into() };
    }
    if LINES.contains(&field) {
        return text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().into();
    }
    if FLAGS.contains(&field) {
        return (!text.is_empty()).into();
    }
    if NUMBERS.contains(&field) {
        return text.parse::<u64>().map_or_else(|_| text.into(), Value::from);
    }
    text.into()
}
