//! `GET /api/v1/sessions` and `POST /api/v1/sessions/{id}/end`: one's own; everybody's for who manages accounts.

use axum::response::IntoResponse;
use axum::{http::StatusCode, response::Response};
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    super::{
        body::At,
        json,
        problem::Problem,
        route::{Need, Route, one},
    },
    Asked,
};

#[derive(Serialize, JsonSchema)]
struct SessionsAnswer {
    sessions: Vec<SessionAnswer>,
}

#[derive(Serialize, JsonSchema)]
struct SessionAnswer {
    id: i64,
    person: String,
    /// The address, and the browser in short.
    from: String,
    made: String,
    used: String,
}

/// Its routes.
pub(super) fn routes() -> Vec<Route> {
    let query = const { &[one("person", "Only those of this person, such as p7.")] };
    vec![
        Route::get("/api/v1/sessions", Need::SignedIn, "Who is signed in, and where.", list)
            .query(query)
            .gives::<SessionsAnswer>()
            .problems(&[404]),
        Route::post("/api/v1/sessions/{id}/end", Need::SignedIn, "Ends a session.", end).status(204),
    ]
}

async fn list(asked: Asked) -> Result<Response, Problem> {
    let wanted = asked.wanted()?;
    let registry = asked.accounts().registry();
    let sessions = registry.sessions.iter().filter(|session| wanted(Some(session.person)));
    let sessions = sessions.map(|session| SessionAnswer {
        id: session.id,
        person: session.person.to_string(),
        from: session.from.clone(),
        made: session.made.rfc3339(),
        used: session.used.rfc3339(),
    });
    json(&SessionsAnswer { sessions: sessions.collect() })
}

async fn end(asked: Asked, At(id): At) -> Result<Response, Problem> {
    let number = id.parse().map_err(|_| Problem::missing(format!("there is no session `{id}`: a number")))?;
    asked.accounts().end_session(&asked.caller, number).await.map_err(Problem::not_done)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
