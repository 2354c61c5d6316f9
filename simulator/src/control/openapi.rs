//! The OpenAPI 3.1 description, made from the list of routes and the types that they take and give.

use schemars::{SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use super::{
    problem::Problem,
    route::{Route, SchemaOf},
};

/// The description of `routes`.
pub(super) fn describe(routes: &[Route]) -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    let mut schemas = SchemaGenerator::new(settings);
    let mut paths: Map<String, Value> = Map::new();
    for route in routes {
        let operation = operation(route, &mut schemas);
        if let Some(path) = paths.entry(route.path).or_insert_with(|| json!({})).as_object_mut() {
            path.insert(route.method.to_owned(), operation);
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Hallward: the simulated hall",
            "description": "Drives a SIMULATED data hall. Nothing here is of a real device.",
            "version": env!("CARGO_PKG_VERSION"),
        },
        "paths": paths,
        "components": { "schemas": schemas.take_definitions(true) },
    })
}

fn operation(route: &Route, schemas: &mut SchemaGenerator) -> Value {
    let mut answers = Map::new();
    let good = answer("done", route.gives.media_type, route.gives.schema, schemas);
    answers.insert(route.gives.status.to_string(), good);
    for status in route.problems {
        let media_type = "application/problem+json";
        let problem: SchemaOf = SchemaGenerator::subschema_for::<Problem>;
        answers.insert(status.to_string(), answer("what is wrong", media_type, Some(problem), schemas));
    }
    let in_path =
        route.path.split(['{', '}']).skip(1).step_by(2).map(
            |name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }),
        );
    let in_query = route.query.iter().map(|(name, what)| {
        json!({ "name": name, "in": "query", "description": what, "schema": { "type": "string" } })
    });
    let mut operation = json!({
        "summary": route.what,
        "parameters": in_path.chain(in_query).collect::<Vec<_>>(),
        "responses": answers,
    });
    if let Some(body) = route.takes {
        let schema = body(schemas);
        let mut content = Map::from_iter([("application/json".to_owned(), json!({ "schema": schema }))]);
        let others = route.also_takes.iter();
        content.extend(others.map(|media| ((*media).to_owned(), json!({ "schema": { "type": "string" } }))));
        if let Some(operation) = operation.as_object_mut() {
            operation.insert("requestBody".to_owned(), json!({ "content": content }));
        }
    }
    operation
}

fn answer(what: &str, media_type: &str, schema: Option<SchemaOf>, schemas: &mut SchemaGenerator) -> Value {
    let schema = schema.map_or_else(|| json!({}), |schema| json!(schema(schemas)));
    let content = Map::from_iter([(media_type.to_owned(), json!({ "schema": schema }))]);
    json!({ "description": what, "content": content })
}
