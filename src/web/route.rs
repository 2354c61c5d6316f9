//! A route with what it takes to be let in, and with its description, so that none can be without the other: the router,
//! the guard, the tests and the API's description are all made from the same list.

use std::sync::Arc;

use axum::{
    handler::Handler,
    routing::{MethodFilter, MethodRouter, on},
};
use schemars::{JsonSchema, Schema, SchemaGenerator};

use super::Web;
use crate::model::Right;

/// Makes the schema of a type.
pub(super) type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// What it takes to be let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    /// Nothing: the way in, and signs of life.
    Nothing,
    /// To have signed in, also while a new password must be chosen.
    Oneself,
    /// To have signed in, and no new password to choose: one's own account.
    SignedIn,
    /// This right.
    Right(Right),
}

/// What it takes to see the hall.
pub(super) const SEES: Need = Need::Right(Right::HallRead);

/// Who reads the answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum For {
    /// People: a page.
    People,
    /// Programs.
    Programs,
}

/// A query parameter.
pub(super) struct Parameter {
    pub(super) name: &'static str,
    pub(super) what: &'static str,
    /// Whether it may be given more than once.
    pub(super) many: bool,
}

/// One method of one address.
pub(super) struct Route {
    pub(super) method: &'static str,
    /// With its variables in braces.
    pub(super) path: &'static str,
    pub(super) need: Need,
    pub(super) reader: For,
    /// What it is for, in a sentence; pages speak for themselves.
    pub(super) what: &'static str,
    pub(super) query: &'static [Parameter],
    pub(super) takes: Option<SchemaOf>,
    pub(super) gives: Gives,
    /// Statuses of the problems that only it answers with.
    pub(super) problems: &'static [u16],
    pub(super) handler: MethodRouter<Arc<Web>>,
}

/// What a route answers when all is well.
pub(super) struct Gives {
    pub(super) status: u16,
    /// None where there is no body.
    pub(super) media_types: &'static [&'static str],
    pub(super) schema: Option<SchemaOf>,
}

/// A query parameter that may be given once.
pub(super) const fn one(name: &'static str, what: &'static str) -> Parameter {
    Parameter { name, what, many: false }
}

/// A query parameter that may be given more than once.
pub(super) const fn many(name: &'static str, what: &'static str) -> Parameter {
    Parameter { name, what, many: true }
}

impl Route {
    fn new<H, T>(
        (method, filter): (&'static str, MethodFilter),
        path: &'static str,
        need: Need,
        (reader, what): (For, &'static str),
        handler: H,
    ) -> Self
    where
        H: Handler<T, Arc<Web>>,
        T: 'static,
    {
        let gives = Gives { status: 200, media_types: &["application/json"], schema: None };
        let handler = on(filter, handler);
        Self { method, path, need, reader, what, query: &[], takes: None, gives, problems: &[], handler }
    }

    /// A page.
    pub(super) fn page<H: Handler<T, Arc<Web>>, T: 'static>(
        path: &'static str,
        need: Need,
        handler: H,
    ) -> Self {
        Self::new(("GET", MethodFilter::GET), path, need, (For::People, ""), handler)
    }

    /// What a form of a page is sent to.
    pub(super) fn form<H: Handler<T, Arc<Web>>, T: 'static>(
        path: &'static str,
        need: Need,
        handler: H,
    ) -> Self {
        Self::new(("POST", MethodFilter::POST), path, need, (For::People, ""), handler)
    }

    /// Something that programs read.
    pub(super) fn get<H: Handler<T, Arc<Web>>, T: 'static>(
        path: &'static str,
        need: Need,
        what: &'static str,
        handler: H,
    ) -> Self {
        Self::new(("GET", MethodFilter::GET), path, need, (For::Programs, what), handler)
    }

    /// Something that programs do.
    pub(super) fn post<H: Handler<T, Arc<Web>>, T: 'static>(
        path: &'static str,
        need: Need,
        what: &'static str,
        handler: H,
    ) -> Self {
        Self::new(("POST", MethodFilter::POST), path, need, (For::Programs, what), handler)
    }

    /// Something that programs set.
    pub(super) fn put<H: Handler<T, Arc<Web>>, T: 'static>(
        path: &'static str,
        need: Need,
        what: &'static str,
        handler: H,
    ) -> Self {
        Self::new(("PUT", MethodFilter::PUT), path, need, (For::Programs, what), handler)
    }

    /// Its query parameters.
    pub(super) fn query(self, query: &'static [Parameter]) -> Self {
        Self { query, ..self }
    }

    /// The type of its body, in JSON.
    pub(super) fn takes<T: JsonSchema>(self) -> Self {
        Self { takes: Some(SchemaGenerator::subschema_for::<T>), ..self }
    }

    /// The type of its answer, in JSON.
    pub(super) fn gives<T: JsonSchema>(mut self) -> Self {
        self.gives.schema = Some(SchemaGenerator::subschema_for::<T>);
        self
    }

    /// The status of its answer, when it is not 200; there is no body with 204.
    pub(super) fn status(mut self, status: u16) -> Self {
        self.gives.status = status;
        if status == 204 {
            self.gives.media_types = &[];
        }
        self
    }

    /// The media types of its answer, when it is not JSON.
    pub(super) fn media_types(mut self, media_types: &'static [&'static str]) -> Self {
        self.gives.media_types = media_types;
        self
    }

    /// Statuses of the problems that only it answers with.
    pub(super) fn problems(self, problems: &'static [u16]) -> Self {
        Self { problems, ..self }
    }
}
