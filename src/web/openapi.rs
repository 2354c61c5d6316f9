//! `GET /api/openapi.json`: the OpenAPI 3.1 description, made from the list of routes and the types that they take and give.
//!
//! What every route may answer besides follows from what it needs and takes ([`problems`]); a route adds only its own.

use std::{collections::BTreeSet, sync::Arc};

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use schemars::{SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use super::{
    Web, json as answer_json,
    problem::{Problem, ProblemAnswer},
    query::Query,
    route::{For, Need, Route, SchemaOf},
};

/// Its routes.
pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/api/openapi.json", Need::Oneself, "This description.", description)]
}

/// The handler.
async fn description(State(web): State<Arc<Web>>, RawQuery(raw): RawQuery) -> Result<Response, Problem> {
    Query::parse(raw.as_deref(), &[])?;
    answer_json(&describe(&super::routes(&web)))
}

/// The description of those routes that are for programs.
pub(super) fn describe(routes: &[Route]) -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    let mut schemas = Schemas {
        given: SchemaGenerator::new(settings.clone().for_serialize()),
        taken: SchemaGenerator::new(settings.for_deserialize()),
    };
    let mut paths: Map<String, Value> = Map::new();
    for route in routes.iter().filter(|route| route.reader == For::Programs) {
        let operation = operation(route, &mut schemas);
        if let Some(path) = paths.entry(route.path).or_insert_with(|| json!({})).as_object_mut() {
            path.insert(route.method.to_ascii_lowercase(), operation);
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Hallward",
            "description": "Keeps a data hall: its power, its climate and its doors. Times are RFC 3339 in UTC.",
            "version": env!("CARGO_PKG_VERSION"),
        },
        "paths": paths,
        "components": {
            "schemas": schemas.definitions(),
            "securitySchemes": {
                "token": { "type": "http", "scheme": "bearer" },
                "session": { "type": "apiKey", "in": "cookie", "name": super::cookie::NAME },
            },
        },
    })
}

/// What bodies must have is not what answers always have: each has a generator of its own.
struct Schemas {
    given: SchemaGenerator,
    taken: SchemaGenerator,
}

impl Schemas {
    fn definitions(&mut self) -> Map<String, Value> {
        let mut all = self.given.take_definitions(true);
        all.extend(self.taken.take_definitions(true));
        all
    }
}

fn operation(route: &Route, schemas: &mut Schemas) -> Value {
    let mut answers = Map::new();
    let good = answer("done", route.gives.media_types, route.gives.schema, &mut schemas.given);
    answers.insert(route.gives.status.to_string(), good);
    for status in problems(route) {
        let problem: SchemaOf = SchemaGenerator::subschema_for::<ProblemAnswer>;
        let what = answer("what is wrong", &["application/problem+json"], Some(problem), &mut schemas.given);
        answers.insert(status.to_string(), what);
    }
    let mut operation = json!({
        "summary": route.what,
        "description": needs(route.need),
        "parameters": parameters(route),
        "responses": answers,
        "security": match route.need {
            Need::Nothing => json!([]),
            Need::Oneself | Need::SignedIn | Need::Right(_) => json!([{ "token": [] }, { "session": [] }]),
        },
    });
    if let (Some(body), Some(operation)) = (route.takes, operation.as_object_mut()) {
        let content = json!({ "application/json": { "schema": body(&mut schemas.taken) } });
        operation.insert("requestBody".to_owned(), json!({ "required": true, "content": content }));
    }
    operation
}

fn parameters(route: &Route) -> Vec<Value> {
    let in_path =
        route.path.split(['{', '}']).skip(1).step_by(2).map(
            |name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }),
        );
    let in_query = route.query.iter().map(|parameter| {
        let text = json!({ "type": "string" });
        let schema = if parameter.many { json!({ "type": "array", "items": text }) } else { text };
        json!({ "name": parameter.name, "in": "query", "description": parameter.what, "schema": schema })
    });
    in_path.chain(in_query).collect()
}

/// What it takes to be let in, for people.
fn needs(need: Need) -> String {
    match need {
        Need::Nothing => "Takes no sign-in.".to_owned(),
        Need::Oneself | Need::SignedIn => "Takes a sign-in or a token.".to_owned(),
        Need::Right(right) => format!("Takes the right `{right}`."),
    }
}

/// The statuses of all problems that a route may answer with.
fn problems(route: &Route) -> BTreeSet<u16> {
    let mut statuses: BTreeSet<u16> = route.problems.iter().copied().chain([400, 421]).collect();
    if route.need != Need::Nothing {
        statuses.extend([401, 403, 429]);
    }
    if route.path.contains('{') {
        statuses.insert(404);
    }
    if route.method != "GET" {
        // What changes something is recorded, or not done.
        statuses.extend([403, 503]);
    }
    if route.takes.is_some() {
        statuses.extend([413, 415, 422]);
    }
    statuses
}

fn answer(
    what: &str,
    media_types: &[&str],
    schema: Option<SchemaOf>,
    schemas: &mut SchemaGenerator,
) -> Value {
    let schema = schema.map_or_else(|| json!({}), |schema| json!(schema(schemas)));
    let content: Map<String, Value> =
        media_types.iter().map(|kind| ((*kind).to_owned(), json!({ "schema": schema }))).collect();
    if content.is_empty() {
        return json!({ "description": what });
    }
    json!({ "description": what, "content": content })
}
