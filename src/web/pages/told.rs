//! What a page says about the form that was sent from it: that it was done, what is wrong, a secret that is shown once.
//! Nothing that was typed is lost but passwords.

use axum::http::StatusCode;

use super::super::{form::Form, refused, words::Words};
use crate::accounts::NotDone;

/// The longest reason that goes into the journal, characters.
const LONGEST_REASON: usize = 500;

/// See the module.
#[derive(Default)]
pub(super) struct Told {
    /// Which form of the page.
    form: &'static str,
    wrong: Vec<String>,
    typed: Option<Form>,
    /// What was done.
    pub(super) done: Option<String>,
    /// A secret that is shown now and never again, and what to do with it.
    pub(super) secret: Option<(String, String)>,
    status: StatusCode,
}

/// Why a form was not done.
#[derive(Debug)]
pub(super) enum Mistake {
    /// A text of the catalogues.
    Text(&'static str),
    /// The registry refuses.
    NotDone(NotDone),
}

impl From<NotDone> for Mistake {
    fn from(error: NotDone) -> Self {
        Self::NotDone(error)
    }
}

impl Told {
    /// What the address says was done before.
    pub(super) fn done(words: &Words<'_>, done: Option<&str>) -> Self {
        let said = done.and_then(|done| {
            let key = format!("done-{done}");
            Some(words.say(&key)).filter(|said| *said != key)
        });
        Self { done: said, ..Self::default() }
    }

    /// A secret, with the key of what to do with it.
    pub(super) fn secret(words: &Words<'_>, key: &str, secret: String) -> Self {
        Self { secret: Some((words.say(key), secret)), ..Self::default() }
    }

    /// What was wrong with the form of this name.
    pub(super) fn wrong(words: &Words<'_>, form: &'static str, typed: Form, mistake: &Mistake) -> Self {
        let wrong = match mistake {
            Mistake::Text(key) => vec![words.say(key)],
            Mistake::NotDone(error) => refused::told(words, error),
        };
        let status = match mistake {
            Mistake::NotDone(NotDone::Store(_)) => StatusCode::SERVICE_UNAVAILABLE,
            Mistake::NotDone(_) | Mistake::Text(_) => StatusCode::UNPROCESSABLE_ENTITY,
        };
        Self { form, wrong, typed: Some(typed), status, ..Self::default() }
    }

    /// The page's status.
    pub(super) fn status(&self) -> StatusCode {
        self.status
    }

    /// The form that something is wrong with; empty where nothing is.
    pub(super) fn form(&self) -> &'static str {
        self.form
    }

    /// What is wrong with the form of this name.
    pub(super) fn of(&self, form: &str) -> &[String] {
        if form == self.form { &self.wrong } else { &[] }
    }

    /// Whether something was wrong with the form of this name: then it is open.
    pub(super) fn is_of(&self, form: &str) -> bool {
        !self.of(form).is_empty()
    }

    /// What was typed into a field of the form of this name, or else `held`.
    pub(super) fn typed<'t>(&'t self, form: &str, field: &str, held: &'t str) -> &'t str {
        let typed = self.typed.as_ref().filter(|_| form == self.form);
        typed.map_or(held, |typed| typed.text(field))
    }

    /// Whether a box or an entry of the form of this name was chosen.
    pub(super) fn chose(&self, form: &str, field: &str, value: &str) -> bool {
        let typed = self.typed.as_ref().filter(|_| form == self.form);
        typed.is_some_and(|typed| typed.all(field).any(|chosen| chosen == value))
    }
}

/// A form's reason.
pub(super) fn why(form: &Form) -> Result<&str, Mistake> {
    let why = form.given("why").filter(|why| why.chars().count() <= LONGEST_REASON);
    why.ok_or(Mistake::Text("form-why-missing"))
}
