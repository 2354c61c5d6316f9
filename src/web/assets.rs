//! Styles, scripts and icon, inside the program. `build.rs` makes the table; names carry the content's hash, so
//! browsers may keep them for ever.

use axum::{
    http::header,
    response::{IntoResponse, Response},
};

use super::{
    body::At,
    problem::Problem,
    route::{Need, Route},
};

/// Name, hash of the content, content.
static ASSETS: &[(&str, &str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// Whether the scripts were bundled into this program.
pub(super) fn has_scripts() -> bool {
    ASSETS.iter().any(|(name, _, _)| *name == "live.js")
}

/// The address of an asset.
pub(super) fn asset(name: &str) -> String {
    let found = ASSETS.iter().find(|(known, _, _)| *known == name);
    found.map_or_else(String::new, |(name, hash, _)| format!("/assets/{hash}-{name}"))
}

/// Its routes.
pub(super) fn routes() -> Vec<Route> {
    let route = Route::get("/assets/{file}", Need::Nothing, "Styles, scripts and icons of the pages.", serve);
    vec![route.media_types(&["text/css", "text/javascript", "image/svg+xml"])]
}

/// The handler of `/assets/{file}`.
pub(super) async fn serve(At(file): At) -> Result<Response, Problem> {
    let found = ASSETS.iter().find(|(name, hash, _)| file.split_once('-') == Some((hash, name)));
    let Some((name, _, content)) = found else {
        return Err(Problem::missing(format!("there is no asset `{file}`")));
    };
    let kind = match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    };
    let headers =
        [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")];
    Ok((headers, *content).into_response())
}
