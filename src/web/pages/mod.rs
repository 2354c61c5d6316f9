//! The pages: rendered here, readable without script; `ui/` only makes them move.
//!
//! Each page is a struct with its template beside it (`*.html`); all of them stand in `frame.html`. Elements with
//! `data-point` are patched from the live stream, sections with `data-fragment` are fetched anew when a state
//! changed. Nothing here decides what is abnormal: that is `hall`'s.

mod cell;
mod climate;
mod device;
mod devices;
mod drawing;
mod frame;
mod hall;
mod line;
mod lines;
mod load;
mod records;
mod spark;
mod trends;

use askama::Template;
use axum::{
    http::header,
    response::{IntoResponse, Response},
};

use super::{
    problem::Problem,
    route::{Route, SEES},
};
use frame::Frame;

/// Their routes.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::page("/", SEES, hall::hall),
        Route::page("/devices", SEES, devices::devices),
        Route::page("/devices/{id}", SEES, device::device),
        Route::page("/lines", SEES, lines::lines),
        Route::page("/lines/{id}", SEES, line::line),
        Route::page("/trends", SEES, trends::trends),
    ]
}

/// A year: the reader's choice of language stays.
const COOKIE_SECONDS: u32 = 31_536_000;

/// The page as an answer; sets the language's cookie when the reader has just chosen it.
fn page(template: &impl Template, frame: &Frame<'_>) -> Result<Response, Problem> {
    let html = template.render().map_err(Problem::store)?;
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::VARY, "Accept-Language, Cookie"),
    ];
    let mut response = (headers, html).into_response();
    if frame.language_chosen {
        let code = frame.words.language.code();
        let cookie = format!("lang={code}; Path=/; Max-Age={COOKIE_SECONDS}; SameSite=Lax; HttpOnly");
        let cookie = cookie.parse().map_err(Problem::store)?;
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}
