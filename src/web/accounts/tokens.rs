//! `GET|POST /api/v1/tokens`, `POST /api/v1/tokens/{id}/end` and `POST /api/v1/displays`.

use axum::{
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    super::{
        body::{At, Body},
        json,
        problem::Problem,
        route::{Need, Route, one},
    },
    Asked, MANAGES,
    list::{LinkAnswer, made},
    person_id, time, word,
};
use crate::{
    accounts::NewToken,
    model::{Right, TokenId, Wall},
};

#[derive(Serialize, JsonSchema)]
struct TokensAnswer {
    tokens: Vec<TokenAnswer>,
}

#[derive(Serialize, JsonSchema)]
struct TokenAnswer {
    id: String,
    name: String,
    /// Whose; a wall display's is nobody's.
    person: Option<String>,
    rights: Vec<&'static str>,
    made: String,
    ends: Option<String>,
    /// Whether it is in use: a display is not before it has been paired.
    in_use: bool,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewTokenBody {
    name: String,
    /// Whose; one's own where it is absent.
    #[serde(default)]
    person: Option<String>,
    /// Never more than the account has.
    rights: Vec<String>,
    /// From when on it no longer counts.
    #[serde(default)]
    #[schemars(extend("format" = "date-time"))]
    ends: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct NewTokenAnswer {
    id: String,
    /// What programs show; never told again.
    token: String,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct EndBody {
    /// Goes into the journal.
    why: String,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewDisplayBody {
    /// Where it hangs.
    name: String,
}

/// Its routes.
pub(super) fn routes() -> Vec<Route> {
    let query = const { &[one("person", "Only those of this person, such as p7.")] };
    let list = Route::get("/api/v1/tokens", Need::SignedIn, "Tokens, and wall displays.", list);
    vec![
        list.query(query).gives::<TokensAnswer>().problems(&[404]),
        Route::post("/api/v1/tokens", Need::SignedIn, "A new token.", make)
            .takes::<NewTokenBody>()
            .gives::<NewTokenAnswer>()
            .status(201)
            .problems(&[404, 409]),
        Route::post("/api/v1/tokens/{id}/end", Need::SignedIn, "Ends a token or wall display.", end)
            .takes::<EndBody>()
            .status(204),
        Route::post("/api/v1/displays", MANAGES, "A new wall display; the link pairs it.", make_display)
            .takes::<NewDisplayBody>()
            .gives::<LinkAnswer>()
            .status(201)
            .problems(&[409]),
    ]
}

async fn list(asked: Asked) -> Result<Response, Problem> {
    let wanted = asked.wanted()?;
    let registry = asked.accounts().registry();
    let tokens = registry.tokens.iter().filter(|token| wanted(token.person));
    let tokens = tokens.map(|token| TokenAnswer {
        id: token.id.to_string(),
        name: token.name.clone(),
        person: token.person.map(|person| person.to_string()),
        rights: token.rights.iter().map(Right::as_str).collect(),
        made: token.made.rfc3339(),
        ends: token.ends.map(Wall::rfc3339),
        in_use: token.hash.is_some(),
    });
    json(&TokensAnswer { tokens: tokens.collect() })
}

async fn make(asked: Asked, Body(body): Body<NewTokenBody>) -> Result<Response, Problem> {
    let rights = body.rights.iter().map(|right| word("rights", right, &Right::ALL, Right::as_str));
    let new = NewToken {
        name: body.name,
        person: body.person.as_deref().map(person_id).transpose()?,
        rights: rights.collect::<Result<_, _>>()?,
        ends: time("ends", body.ends.as_deref())?,
    };
    let (id, token) = asked.accounts().make_token(&asked.caller, new).await.map_err(Problem::not_done)?;
    made(&NewTokenAnswer { id: id.to_string(), token })
}

async fn end(asked: Asked, At(id): At, Body(body): Body<EndBody>) -> Result<Response, Problem> {
    let token = TokenId::parse(&id);
    let token = token.ok_or_else(|| Problem::missing(format!("there is no token `{id}`: one such as t3")))?;
    asked.accounts().end_token(&asked.caller, token, &body.why).await.map_err(Problem::not_done)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn make_display(
    asked: Asked,
    headers: HeaderMap,
    Body(body): Body<NewDisplayBody>,
) -> Result<Response, Problem> {
    let made_it = asked.accounts().make_display(&asked.caller, &body.name).await;
    let (id, secret) = made_it.map_err(Problem::not_done)?;
    made(&LinkAnswer { id: id.to_string(), link: asked.web.address(&headers, &format!("/link/{secret}")) })
}
