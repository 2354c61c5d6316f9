//! A route with what it takes to be let in, so that the one cannot be without the other: the router, the guard, the tests
//! and the API's description are all made from the same list.

use std::sync::Arc;

use axum::{
    handler::Handler,
    routing::{MethodFilter, MethodRouter, on},
};

use super::Web;
use crate::model::Right;

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

/// One method of one address.
pub(super) struct Route {
    pub(super) method: &'static str,
    /// With its variables in braces.
    pub(super) path: &'static str,
    pub(super) need: Need,
    pub(super) reader: For,
    /// What it is for, in a sentence; pages speak for themselves.
    pub(super) what: &'static str,
    pub(super) handler: MethodRouter<Arc<Web>>,
}

impl Route {
    /// A page.
    pub(super) fn page<H, T>(path: &'static str, need: Need, handler: H) -> Self
    where
        H: Handler<T, Arc<Web>>,
        T: 'static,
    {
        let handler = on(MethodFilter::GET, handler);
        Self { method: "GET", path, need, reader: For::People, what: "", handler }
    }

    /// What a form of a page is sent to.
    pub(super) fn form<H, T>(path: &'static str, need: Need, handler: H) -> Self
    where
        H: Handler<T, Arc<Web>>,
        T: 'static,
    {
        let handler = on(MethodFilter::POST, handler);
        Self { method: "POST", path, need, reader: For::People, what: "", handler }
    }

    /// Something that programs read.
    pub(super) fn get<H, T>(path: &'static str, need: Need, what: &'static str, handler: H) -> Self
    where
        H: Handler<T, Arc<Web>>,
        T: 'static,
    {
        Self {
            method: "GET",
            path,
            need,
            reader: For::Programs,
            what,
            handler: on(MethodFilter::GET, handler),
        }
    }
}
