//! The pages: rendered here, readable without script; `ui/` only makes them move.
//!
//! Each page is a struct with its template beside it (`*.html`); all of them stand in `frame.html`. Elements with
//! `data-point` are patched from the live stream, sections with `data-fragment` are fetched anew when a state
//! changed. Nothing here decides what is abnormal: that is `hall`'s.
//!
//! `access`, `account` and `accounts` are the pages with forms; `asked` and `told` are what they share.

mod access;
mod account;
mod accounts;
mod asked;
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
mod told;
mod trends;

use askama::Template;
use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

use super::{
    problem::Problem,
    route::{Route, SEES},
};
use frame::Frame;

/// Their routes.
pub(super) fn routes() -> Vec<Route> {
    let of_the_hall = vec![
        Route::page("/", SEES, hall::hall),
        Route::page("/devices", SEES, devices::devices),
        Route::page("/devices/{id}", SEES, device::device),
        Route::page("/lines", SEES, lines::lines),
        Route::page("/lines/{id}", SEES, line::line),
        Route::page("/trends", SEES, trends::trends),
    ];
    [of_the_hall, access::routes(), account::routes(), accounts::routes()].into_iter().flatten().collect()
}

/// A year: the reader's choice of language stays.
const COOKIE_SECONDS: u32 = 31_536_000;

/// The page as an answer; sets the language's cookie when the reader has just chosen it.
fn page(template: &impl Template, frame: &Frame<'_>) -> Result<Response, Problem> {
    page_with(StatusCode::OK, template, frame)
}

/// The same with another status: what was sent from the page is wrong.
fn page_with(status: StatusCode, template: &impl Template, frame: &Frame<'_>) -> Result<Response, Problem> {
    let html = template.render().map_err(Problem::store)?;
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::VARY, "Accept-Language, Cookie"),
    ];
    let mut response = (status, headers, html).into_response();
    if frame.language_chosen {
        let code = frame.words.language.code();
        let cookie = format!("lang={code}; Path=/; Max-Age={COOKIE_SECONDS}; SameSite=Lax; HttpOnly");
        let cookie = cookie.parse().map_err(Problem::store)?;
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}
