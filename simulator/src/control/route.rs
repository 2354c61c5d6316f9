//! A route of the control API together with its description, so that the one cannot be without the other: the router,
//! the index and the OpenAPI description are all made from the same list.

use std::sync::Arc;

use axum::{
    handler::Handler,
    routing::{MethodFilter, MethodRouter, on},
};
use schemars::{JsonSchema, Schema, SchemaGenerator};

use super::Shared;

/// Makes the schema of a type.
pub(super) type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// One method of one address.
pub(super) struct Route {
    pub(super) method: &'static str,
    /// With its variables in braces.
    pub(super) path: &'static str,
    /// What it is for, in a sentence.
    pub(super) what: &'static str,
    /// Name and meaning of each query parameter.
    pub(super) query: &'static [(&'static str, &'static str)],
    pub(super) takes: Option<SchemaOf>,
    /// Media types of the body, JSON besides.
    pub(super) also_takes: &'static [&'static str],
    pub(super) gives: Gives,
    /// Statuses of the problems it may answer with.
    pub(super) problems: &'static [u16],
    pub(super) handler: MethodRouter<Arc<Shared>>,
}

/// What a route answers when all is well.
pub(super) struct Gives {
    pub(super) status: u16,
    pub(super) media_type: &'static str,
    pub(super) schema: Option<SchemaOf>,
}

impl Route {
    fn new<H, T>(
        method: (&'static str, MethodFilter),
        path: &'static str,
        what: &'static str,
        handler: H,
    ) -> Self
    where
        H: Handler<T, Arc<Shared>>,
        T: 'static,
    {
        Self {
            method: method.0,
            path,
            what,
            query: &[],
            takes: None,
            also_takes: &[],
            gives: Gives { status: 200, media_type: "application/json", schema: None },
            problems: &[],
            handler: on(method.1, handler),
        }
    }

    pub(super) fn get<H: Handler<T, Arc<Shared>>, T: 'static>(
        path: &'static str,
        what: &'static str,
        handler: H,
    ) -> Self {
        Self::new(("get", MethodFilter::GET), path, what, handler)
    }

    pub(super) fn post<H: Handler<T, Arc<Shared>>, T: 'static>(
        path: &'static str,
        what: &'static str,
        handler: H,
    ) -> Self {
        Self::new(("post", MethodFilter::POST), path, what, handler)
    }

    pub(super) fn put<H: Handler<T, Arc<Shared>>, T: 'static>(
        path: &'static str,
        what: &'static str,
        handler: H,
    ) -> Self {
        Self::new(("put", MethodFilter::PUT), path, what, handler)
    }

    pub(super) fn delete<H: Handler<T, Arc<Shared>>, T: 'static>(
        path: &'static str,
        what: &'static str,
        handler: H,
    ) -> Self {
        Self::new(("delete", MethodFilter::DELETE), path, what, handler)
    }

    /// Its query parameters.
    pub(super) fn query(self, query: &'static [(&'static str, &'static str)]) -> Self {
        Self { query, ..self }
    }

    /// The type of its body, in JSON.
    pub(super) fn takes<T: JsonSchema>(self) -> Self {
        Self { takes: Some(SchemaGenerator::subschema_for::<T>), ..self }
    }

    /// Media types of the body, JSON besides.
    pub(super) fn also_takes(self, media_types: &'static [&'static str]) -> Self {
        Self { also_takes: media_types, ..self }
    }

    /// The type of its answer, in JSON.
    pub(super) fn gives<T: JsonSchema>(mut self) -> Self {
        self.gives.schema = Some(SchemaGenerator::subschema_for::<T>);
        self
    }

    /// The status of its answer, when it is not 200.
    pub(super) fn status(mut self, status: u16) -> Self {
        self.gives.status = status;
        self
    }

    /// The media type of its answer, when it is not JSON.
    pub(super) fn media_type(mut self, media_type: &'static str) -> Self {
        self.gives.media_type = media_type;
        self
    }

    /// Statuses of the problems it may answer with.
    pub(super) fn problems(self, problems: &'static [u16]) -> Self {
        Self { problems, ..self }
    }

    /// As the index shows it.
    pub(super) fn shown(&self) -> String {
        let query: Vec<String> = self.query.iter().map(|(name, _)| format!("{name}=")).collect();
        let query = if query.is_empty() { String::new() } else { format!("[?{}]", query.join("&")) };
        format!("{} {}{query}", self.method.to_uppercase(), self.path)
    }
}
