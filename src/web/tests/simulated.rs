//! One-click orders: there in a demo alone, from its own page alone.

use std::{net::SocketAddr, sync::Mutex};

use axum::http::request::Builder;

use super::*;
use crate::web::Order;

/// A hall without a leak cable, in which no cooling unit runs.
#[derive(Default)]
pub(super) struct Given(Mutex<Vec<Order>>);

impl Simulated for Given {
    fn control(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], 8090))
    }

    fn orders(&self) -> Vec<Order> {
        Order::ALL.into_iter().filter(|order| *order != Order::Leak).collect()
    }

    fn order(&self, order: Order) -> Result<(), String> {
        if order == Order::CoolingFailure {
            return Err("this hall has no cooling unit that runs".to_owned());
        }
        self.0.lock().unwrap().push(order);
        Ok(())
    }
}

async fn demo() -> (Hall, Arc<Given>) {
    let given = Arc::<Given>::default();
    (Hall::around(&[], Some(Arc::clone(&given) as Arc<dyn Simulated>)).await, given)
}

fn post(path: &str) -> Builder {
    Request::post(path)
        .header(header::HOST, "localhost:8080")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
}

fn own(path: &str) -> Builder {
    post(path).header("sec-fetch-site", "same-origin").header(header::ORIGIN, "http://localhost:8080")
}

/// Sent by the page of an operator.
async fn sent(hall: &Hall, request: Builder) -> Response {
    let (cookie, proof) = hall.cookie_of(Role::Operator).await;
    hall.send_body(request.header(header::COOKIE, cookie), Body::from(format!("proof={proof}"))).await
}

#[tokio::test]
async fn the_page_of_a_demo_has_a_button_for_all_that_its_hall_can_do() {
    let (hall, _) = demo().await;
    let html = text(hall.get("/").await).await;
    assert!(html.contains("formaction=\"/simulated/mains-failure\">Mains failure</button>"));
    assert!(html.contains("href=\"http://127.0.0.1:8090/\""));
    assert_eq!(html.matches("formaction=").count(), Order::ALL.len() - 1);
    assert!(!html.contains("simulated/leak"));
    let viewer = hall.token_of(Role::Viewer).await;
    let as_viewer = Request::get("/")
        .header(header::HOST, "localhost")
        .header(header::AUTHORIZATION, format!("Bearer {viewer}"));
    assert!(!text(hall.send(as_viewer).await).await.contains("formaction"), "who may not has no buttons");
    let html = text(hall.get("/?lang=vi").await).await;
    assert!(html.contains("formaction=\"/simulated/mains-failure?lang=vi\">Mất điện lưới</button>"));
}

#[tokio::test]
async fn an_order_is_done_and_leads_back_to_the_page_in_its_language() {
    let (hall, given) = demo().await;
    for (path, back) in [
        ("/simulated/smoke", "/"),
        ("/simulated/mended?lang=vi", "/?lang=vi"),
        ("/simulated/silence?lang=en", "/?lang=en"),
    ] {
        let answer = sent(&hall, own(path)).await;
        assert_eq!((answer.status(), header_of(&answer, header::LOCATION)), (StatusCode::SEE_OTHER, back));
    }
    assert_eq!(*given.0.lock().unwrap(), [Order::Smoke, Order::Mended, Order::Silence]);
}

#[tokio::test]
async fn what_cannot_be_ordered_is_told() {
    let (hall, given) = demo().await;
    let cases = [
        (own("/simulated/flood"), 404, "this hall has no order `flood`"),
        (own("/simulated/leak"), 404, "this hall has no order `leak`"),
        (own("/simulated/cooling-failure"), 409, "this hall has no cooling unit that runs"),
        (own("/simulated/smoke?lang=fr"), 400, "`lang=fr`: en or vi"),
        (own("/simulated/smoke?x=1"), 400, "unknown query parameter `x`: one of lang"),
        (post("/simulated/smoke"), 403, "this is taken from this program's own pages"),
        (post("/simulated/smoke").header("sec-fetch-site", "same-site"), 403, "this is taken from"),
        (post("/simulated/smoke").header(header::ORIGIN, "http://evil.example"), 403, "this is taken from"),
        (Request::post("/simulated/smoke").header(header::HOST, "evil.example"), 421, "this host name"),
        (
            Request::get("/simulated/smoke").header(header::HOST, "localhost"),
            405,
            "GET is not possible at /simulated/smoke",
        ),
    ];
    for (request, status, detail) in cases {
        let answer = sent(&hall, request).await;
        assert_eq!(answer.status(), status, "{detail}");
        let problem: Json = serde_json::from_str(&text(answer).await).unwrap();
        assert!(problem["detail"].as_str().unwrap().starts_with(detail), "{problem}");
    }
    assert_eq!(*given.0.lock().unwrap(), []);
}

#[tokio::test]
async fn a_real_hall_has_neither_strip_nor_route() {
    let hall = Hall::new(&[]).await;
    for lang in ["en", "vi"] {
        let html = text(hall.get(&format!("/?lang={lang}")).await).await;
        assert!(!html.contains("/simulated/") && !html.contains("formaction"));
    }
    for order in Order::ALL {
        let answer = sent(&hall, own(&format!("/simulated/{}", order.id()))).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{order:?}");
    }
}
