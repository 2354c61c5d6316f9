//! The description of the API is true: it says what the router has, and the answers are as it says.

use std::collections::BTreeSet;

use axum::{
    body::{Body, to_bytes},
    http::{Request, StatusCode},
};
use futures_util::StreamExt;
use hallward_profiles::Library;
use hallward_site::Site;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::*;
use crate::DEMO_SITE;

fn demo() -> Router {
    let site = Site::parse("demo.toml", DEMO_SITE, &Library::load(None).unwrap()).unwrap();
    let hall = Arc::new(Hall::new(site).unwrap());
    router(Arc::new(Shared::new(hall, BTreeMap::new(), None, 0.0)))
}

/// Status, media type and body.
async fn ask(router: &Router, method: &str, path: &str, body: &Value) -> (u16, String, String) {
    let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
    let request = Request::builder().method(method).uri(path).header("content-type", "application/json");
    let answer = router.clone().oneshot(request.body(body).unwrap()).await.unwrap();
    let media_type = answer.headers()["content-type"].to_str().unwrap().to_owned();
    let status = answer.status().as_u16();
    let body = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
    (status, media_type, String::from_utf8(body.to_vec()).unwrap())
}

/// A request to each route that it can do, or that it refuses with a problem that it tells of.
fn example(method: &str, path: &str) -> Value {
    match (method, path) {
        ("post", "/clock/advance") => json!({ "until": { "truth": "it_w", "above": 0 }, "max_s": 1 }),
        ("post", "/scenarios") => {
            let what = json!({ "en": "A leak.", "vi": "Rò nước." });
            json!({ "name": "own", "what": what, "step": [{ "at": "5s", "do": "leak" }] })
        }
        ("post", "/actions") => json!({ "do": "mains-off" }),
        ("post", "/faults") => json!({ "device": "ups-a", "kind": "silence" }),
        ("put", "/overrides/{device}/{point}") => json!({ "value": 41.5 }),
        ("post", "/reset") => json!({ "seed": 2 }),
        _ => Value::Null,
    }
}

#[tokio::test]
async fn every_route_is_described_and_answers_as_described() {
    let router = demo();
    let (status, _, body) = ask(&router, "GET", "/openapi.json", &Value::Null).await;
    let described: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((status, &described["openapi"]), (200, &json!("3.1.0")));
    let mut seen = BTreeSet::new();
    for (path, operations) in described["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            seen.insert(format!("{} {path}", method.to_uppercase()));
            let filled = path.replace("{device}", "inlet-01").replace("{point}", "temperature");
            let filled =
                filled.replace("{name}", "leak").replace("{verb}", "open").replace("{door}", "front");
            let sent = example(method, path);
            let (status, media_type, body) = ask(&router, &method.to_uppercase(), &filled, &sent).await;
            let answer = &operation["responses"][status.to_string()];
            assert!(answer.is_object(), "{method} {path} says nothing of {status}: {body}");
            let media_type = media_type.split(';').next().unwrap();
            let schema = &answer["content"][media_type]["schema"];
            assert!(!schema.is_null(), "{method} {path} {status}: {media_type} is not described");
            if media_type.ends_with("json") {
                check(&described, schema, &serde_json::from_str(&body).unwrap(), &format!("{method} {path}"));
            }
            assert!(status < 400 || path.starts_with("/doors"), "{method} {path}: {body}");
        }
    }
    let routes: BTreeSet<String> =
        routes().iter().map(|route| format!("{} {}", route.method.to_uppercase(), route.path)).collect();
    assert_eq!(seen, routes);
}

/// `value` has the properties of its schema, and no others where the schema names some.
fn check(described: &Value, schema: &Value, value: &Value, place: &str) {
    let schema = match schema["$ref"].as_str() {
        Some(reference) => described.pointer(reference.trim_start_matches('#')).expect(reference),
        None => schema,
    };
    let one_of = ["anyOf", "oneOf"].iter().find_map(|key| schema[key].as_array());
    if one_of.is_some() {
        return;
    }
    if let (Some(items), Some(values)) = (schema.get("items"), value.as_array()) {
        values.iter().for_each(|value| check(described, items, value, &format!("{place}[]")));
    }
    if let (Some(properties), Some(values)) = (schema["properties"].as_object(), value.as_object()) {
        for required in schema["required"].as_array().into_iter().flatten() {
            assert!(values.contains_key(required.as_str().unwrap()), "{place} lacks {required}");
        }
        for (key, value) in values {
            let property = properties.get(key).unwrap_or_else(|| panic!("{place}: {key} is not described"));
            check(described, property, value, &format!("{place}.{key}"));
        }
    }
    let types: Vec<&str> = match schema["type"].as_str() {
        Some(one) => vec![one],
        None => schema["type"].as_array().into_iter().flatten().filter_map(Value::as_str).collect(),
    };
    let is = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let fits = types.is_empty() || types.contains(&is) || is == "number" && types.contains(&"integer");
    assert!(fits, "{place} is {is}, described as {types:?}");
}

#[tokio::test]
async fn programs_get_the_list_of_routes_and_browsers_a_page_that_says_what_it_is() {
    let router = demo();
    let index: Value = serde_json::from_str(&ask(&router, "GET", "/", &Value::Null).await.2).unwrap();
    assert_eq!(index["simulated"], true);
    let listed: Vec<&str> =
        index["routes"].as_array().unwrap().iter().filter_map(|one| one["route"].as_str()).collect();
    assert!(
        listed.contains(&"GET /truth") && listed.contains(&"DELETE /faults[?id=&device=&line=]"),
        "{listed:?}"
    );
    let request = Request::builder().uri("/").header("accept", "text/html,*/*").body(Body::empty()).unwrap();
    let answer = router.oneshot(request).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    let page = String::from_utf8(to_bytes(answer.into_body(), 1 << 20).await.unwrap().to_vec()).unwrap();
    assert!(page.contains("SIMULATED"));
    for inline in ["<style", "style=", "onclick", "<script>", "http://", "https://"] {
        assert!(!page.contains(inline), "{inline}");
    }
}

#[tokio::test]
async fn a_stream_tells_what_time_alone_brings() {
    let site = Site::parse("demo.toml", DEMO_SITE, &Library::load(None).unwrap()).unwrap();
    let hall = Arc::new(Hall::new(site).unwrap());
    hall.act(&crate::Action::MainsOff { source: None }).unwrap();
    let seen = hall.events(0).last().unwrap().seq;
    let router = router(Arc::new(Shared::new(Arc::clone(&hall), BTreeMap::new(), None, 0.0)));
    let request =
        Request::builder().uri(format!("/events?after={seen}")).header("accept", "text/event-stream");
    let answer = router.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let mut told = answer.into_body().into_data_stream();
    let listening = tokio::spawn(async move { told.next().await.unwrap().unwrap() });
    tokio::task::yield_now().await;
    assert!(!listening.is_finished(), "nothing has happened yet");
    hall.advance(std::time::Duration::from_secs(20));
    let patience = std::time::Duration::from_secs(30);
    let heard = tokio::time::timeout(patience, listening).await.expect("time rings").unwrap();
    assert!(heard.starts_with(format!("id: {}\n", seen + 1).as_bytes()), "{heard:?}");
}

#[tokio::test]
async fn what_cannot_be_read_gets_a_problem_too_and_ends_no_fault() {
    let router = demo();
    for kind in ["silence", "twice"] {
        ask(&router, "POST", "/faults", &json!({ "device": "ups-a", "kind": kind })).await;
    }
    for (method, path, status) in [
        ("DELETE", "/faults?devise=ups-a", 400),
        ("DELETE", "/faults?id=one", 400),
        ("DELETE", "/faults?device=ups-a&line=nobody", 404),
        ("DELETE", "/faults?device=ups-a&id=9", 404),
        ("GET", "/events?after=x", 400),
        ("GET", "/events?afer=1", 400),
        ("GET", "/points?devise=ups-a", 400),
        ("DELETE", "/scenarios/%FF", 400),
    ] {
        let (told, media_type, body) = ask(&router, method, path, &Value::Null).await;
        assert_eq!((told, media_type.as_str()), (status, "application/problem+json"), "{path}: {body}");
    }
    for (path, body, status) in [
        ("/scenarios", vec![0xFF], 400),
        ("/scenarios", vec![b' '; 3 << 20], 413),
        ("/reset", vec![b' '; 3 << 20], 413),
    ] {
        let request = Request::builder().method("POST").uri(path).body(Body::from(body)).unwrap();
        let answer = router.clone().oneshot(request).await.unwrap();
        let told = (answer.status().as_u16(), answer.headers()["content-type"].to_str().unwrap());
        assert_eq!(told, (status, "application/problem+json"), "{path}");
    }
    let (_, _, left) = ask(&router, "GET", "/faults", &Value::Null).await;
    assert_eq!(serde_json::from_str::<Value>(&left).unwrap()["faults"].as_array().unwrap().len(), 2);
    ask(&router, "DELETE", "/faults?device=ups-a&id=1", &Value::Null).await;
    assert!(ask(&router, "GET", "/faults", &Value::Null).await.2.contains("[]"), "one of the device's own");
}
