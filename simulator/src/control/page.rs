//! The first address: for people a page, for programs the list of routes; and the API's description.
//!
//! The page is four files in `simulator/page/`: no framework, nothing inline, nothing from elsewhere, as its content
//! security policy says.

use axum::{
    Json,
    http::{HeaderMap, header},
    response::{Html, IntoResponse, Response},
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::{openapi, route::Route, routes as all_routes};

const PAGE: &str = include_str!("../../page/index.html");
const SCRIPT: &str = include_str!("../../page/page.js");
const STYLE: &str = include_str!("../../page/page.css");
const ICON: &str = include_str!("../../page/icon.svg");

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/", "this list; a browser gets a page", index).gives::<Index>(),
        Route::get("/page.js", "the page's script", script).media_type("text/javascript"),
        Route::get("/page.css", "the page's style", style).media_type("text/css"),
        Route::get("/icon.svg", "the page's icon", icon).media_type("image/svg+xml"),
        Route::get("/openapi.json", "this API, described for programs", description).gives::<Value>(),
    ]
}

/// What can be asked, and what it does.
#[derive(Serialize, JsonSchema)]
struct Index {
    /// The program.
    name: &'static str,
    /// Everything here is.
    simulated: bool,
    /// Each method of each address.
    routes: Vec<Entry>,
}

/// A route.
#[derive(Serialize, JsonSchema)]
struct Entry {
    /// Method and address.
    route: String,
    /// What it does.
    what: &'static str,
}

async fn index(headers: HeaderMap) -> Response {
    let accepted = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if accepted.contains("text/html") {
        return ([(header::CONTENT_SECURITY_POLICY, POLICY)], Html(PAGE)).into_response();
    }
    let entry = |route: &Route| Entry { route: route.shown(), what: route.what };
    let routes = all_routes().iter().map(entry).collect();
    Json(Index { name: "hallward simulator", simulated: true, routes }).into_response()
}

async fn script() -> Response {
    ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], SCRIPT).into_response()
}

async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE).into_response()
}

async fn icon() -> Response {
    ([(header::CONTENT_TYPE, "image/svg+xml")], ICON).into_response()
}

async fn description() -> Json<Value> {
    Json(openapi::describe(&all_routes()))
}
