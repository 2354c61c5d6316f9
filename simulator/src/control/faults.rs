//! Faults of communication and of values: which there are, and setting and ending them.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Shared,
    body::{Body, Keys},
    problem::{Answer, Problem},
    route::Route,
};
use crate::faults::{self, FaultId, FaultRequest, On, Standing};

pub(super) fn routes() -> Vec<Route> {
    const OF: &[(&str, &str)] = &[
        ("id", "only the fault of this number"),
        ("device", "only the device's and its points'"),
        ("line", "only the line's own"),
    ];
    vec![
        Route::get("/faults", "the faults that are on", list).gives::<Faults>(),
        Route::get("/faults/kinds", "the kinds of faults, with the keys that each takes", kinds)
            .gives::<Kinds>(),
        Route::post("/faults", "puts a fault on a device or a line", set)
            .takes::<FaultRequest>()
            .gives::<Standing>()
            .status(201)
            .problems(&[400, 415, 422]),
        Route::delete(
            "/faults",
            "ends all faults, one, or those of a device or a line; gives those left",
            clear,
        )
        .query(OF)
        .gives::<Faults>()
        .problems(&[400, 404]),
    ]
}

/// The faults that are on.
#[derive(Serialize, JsonSchema)]
struct Faults {
    /// Each with its number, in the order of setting.
    faults: Vec<Standing>,
}

/// The kinds of faults.
#[derive(Serialize, JsonSchema)]
struct Kinds {
    /// Each with its keys.
    kinds: Vec<Kind>,
}

/// A kind of fault.
#[derive(Serialize, JsonSchema)]
struct Kind {
    /// Its name.
    kind: &'static str,
    /// The keys that it needs besides `kind`.
    needs: &'static [&'static str],
    /// The keys that it may have besides.
    takes: &'static [&'static str],
    /// What can have it: `device`, `line` or `point`.
    on: &'static [&'static str],
}

async fn kinds() -> Json<Kinds> {
    let kinds = faults::Kind::ALL.map(|kind| Kind {
        kind: kind.name,
        needs: kind.needs,
        takes: kind.takes,
        on: match kind.on {
            On::DeviceOrLine => &["device", "line"],
            On::Device => &["device"],
            On::Line => &["line"],
            On::DeviceOrPoint => &["device", "point"],
            On::Point => &["point"],
        },
    });
    Json(Kinds { kinds: kinds.into() })
}

async fn list(State(shared): State<Arc<Shared>>) -> Json<Faults> {
    Json(Faults { faults: shared.hall.faults() })
}

async fn set(
    State(shared): State<Arc<Shared>>,
    Body(request): Body<FaultRequest>,
) -> Answer<(StatusCode, Json<Standing>)> {
    let set = request.check(&shared.hall.site).and_then(|fault| shared.hall.set_fault(fault));
    let set = set.map_err(|wrong| Problem::unprocessable(wrong.to_string()))?;
    Ok((StatusCode::CREATED, Json(set)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Of {
    id: Option<u32>,
    device: Option<String>,
    line: Option<String>,
}

async fn clear(
    State(shared): State<Arc<Shared>>,
    Keys(Of { id, device, line }): Keys<Of>,
) -> Answer<Json<Faults>> {
    let (hall, missing) = (&shared.hall, |what: String| Problem::not_found(format!("there is no {what}")));
    // Nothing ends unless all of them are there.
    let device = device.map(|id| {
        let found = hall.site.device(&id).map(|(_, device)| &device.id);
        found.ok_or_else(|| missing(format!("device `{}`", id.escape_debug())))
    });
    let line = line.map(|id| {
        let found = hall.site.lines.iter().map(|line| &line.id).find(|line| line.as_str() == id);
        found.ok_or_else(|| missing(format!("line `{}`", id.escape_debug())))
    });
    let (device, line) = (device.transpose()?, line.transpose()?);
    if let Some(id) = id.filter(|id| !hall.clear_fault(FaultId(*id))) {
        return Err(missing(format!("fault {id}")));
    }
    device.into_iter().for_each(|device| hall.clear_faults(Some(device)));
    line.into_iter().for_each(|line| hall.clear_line_fault(line));
    if id.is_none() && device.is_none() && line.is_none() {
        hall.clear_faults(None);
    }
    Ok(list(State(shared)).await)
}
