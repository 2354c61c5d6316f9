//! The way in and out: signing in, one-time links, signing out. Pages here tell nothing of the hall.

mod enter;
mod link;
mod shell;

use super::route::{Need, Route};

/// Its routes.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::page("/sign-in", Need::Nothing, enter::ask),
        Route::form("/sign-in", Need::Nothing, enter::enter),
        Route::form("/sign-out", Need::Oneself, enter::leave),
        Route::page("/link/{secret}", Need::Nothing, link::open),
        Route::form("/link/{secret}", Need::Nothing, link::choose),
    ]
}
