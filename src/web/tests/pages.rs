use super::*;

const PAGES: [&str; 7] = [
    "/",
    "/devices",
    "/devices/ups-a",
    "/lines",
    "/lines/plant",
    "/trends",
    "/trends?point=ups-a/battery.charge&point=ups-a/ups.status&hours=6",
];

async fn page(hall: &Hall, path: &str) -> String {
    let response = hall.get(path).await;
    assert_eq!(response.status(), StatusCode::OK, "{path}");
    assert_eq!(header_of(&response, header::CONTENT_TYPE), "text/html; charset=utf-8");
    text(response).await
}

#[tokio::test]
async fn names_from_the_site_file_are_escaped_on_every_page() {
    let hall = Hall::new(&[]).await;
    for path in PAGES.iter().chain(&["/devices/room-1"]) {
        let html = page(&hall, path).await;
        assert!(!html.contains("<script>alert"), "{path}");
        assert!(!html.contains("<b>sensor"), "{path}");
        assert!(html.contains("Hall &#60;script&#62;alert(1)"), "{path}");
    }
}

#[tokio::test]
async fn pages_keep_to_the_content_security_policy() {
    let hall = Hall::new(&[("ups-a", "~timeout")]).await;
    for path in PAGES {
        let html = page(&hall, path).await;
        for forbidden in ["style=", "<style", "onclick=", "onload=", "javascript:", "http-equiv=\"Content"] {
            assert!(!html.contains(forbidden), "{path} has {forbidden}");
        }
        let inline = html
            .match_indices("<script")
            .filter(|(at, _)| !html[*at..].starts_with("<script type=\"module\" src=\"/assets/"));
        assert_eq!(inline.count(), 0, "{path}");
    }
}

#[tokio::test]
async fn every_page_says_simulated_and_what_time_it_is() {
    let hall = Hall::new(&[]).await;
    for path in PAGES {
        let html = page(&hall, path).await;
        assert!(html.contains(">SIMULATED<"), "{path}");
        assert!(html.contains("14:32:07 +07"), "{path}");
        assert!(html.contains("clock synchronised"), "{path}");
    }
}

#[tokio::test]
async fn the_language_is_chosen_by_query_cookie_or_browser() {
    let hall = Hall::new(&[]).await;
    let chosen = hall.get("/?lang=vi").await;
    assert!(header_of(&chosen, header::SET_COOKIE).starts_with("lang=vi; Path=/; "));
    let html = text(chosen).await;
    assert!(html.contains("<html lang=\"vi\">") && html.contains("Điện lưới"));
    let get = || Request::get("/devices").header(header::HOST, "localhost");
    let kept = hall.send(get().header(header::COOKIE, "lang=vi")).await;
    assert_eq!(header_of(&kept, header::SET_COOKIE), "");
    assert!(text(kept).await.contains("Bộ chuyển nguồn tự động"));
    let preferred = hall.send(get().header(header::ACCEPT_LANGUAGE, "vi-VN,vi;q=0.9")).await;
    assert!(text(preferred).await.contains("<html lang=\"vi\">"));
    assert!(text(hall.send(get()).await).await.contains("Transfer switches"));
    let trends = page(&hall, "/trends?point=ups-a/battery.charge&hours=6").await;
    assert!(
        trends.contains("href=\"/trends?point=ups-a%2Fbattery.charge&#38;hours=6&#38;lang=vi\""),
        "keeps the rest"
    );
}

#[tokio::test]
async fn the_hall_tells_the_power_path_and_draws_it() {
    let calm = page(&Hall::new(&[]).await, "/").await;
    assert!(calm.contains("On mains") && calm.contains("2 of 2 sources"));
    assert!(
        calm.contains("<li>Mains → Transfer: carries load</li>")
            && calm.contains("<li>Generator → Transfer: dead</li>")
    );
    assert!(calm.contains("class=\"feed live\"") && !calm.contains("class=\"feed unknown\""));
    assert!(calm.contains("data-point=\"ups-a/output.load\""));
    let silent = page(&Hall::new(&[("ats-1", "~timeout")]).await, "/").await;
    assert!(silent.contains("class=\"feed unknown\"") && silent.contains("Not known: Transfer"));
    assert!(silent.contains("class=\"node p3 hatched\""), "the silent switch is hatched and marked");
}

#[tokio::test]
async fn a_stale_or_missing_value_never_looks_good() {
    let hall =
        Hall::new(&[("rack-1/temperature", "~stale 23.4"), ("rack-2/temperature", "~not-available")]).await;
    let html = page(&hall, "/").await.replace('\u{a0}', " ");
    assert!(html.contains("class=\"value stale\" data-point=\"rack-1/temperature\""));
    assert!(html.contains(">23.4 °C · 2 min old</span>"));
    assert!(html.contains("class=\"value bad\" data-point=\"rack-2/temperature\""));
    assert!(html.contains(">not available</span>"));
    let device = page(&hall, "/devices/rack-1").await.replace('\u{a0}', " ");
    assert!(device.contains(">23.4 °C · 2 min old</span>") && device.contains("<td>old</td>"));
}

#[tokio::test]
async fn abnormal_values_carry_their_priority_in_shape_number_and_text() {
    let html = page(&Hall::new(&[("ups-b/alarm.fan", "true")]).await, "/").await.replace('\u{a0}', " ");
    assert!(html.contains("<span class=\"count p3 on\">■ 3 <b>1</b></span>"));
    assert!(html.contains("<span class=\"mark p3\">■ 3</span>") && html.contains("Fan failed: active"));
}

#[tokio::test]
async fn a_wrong_device_stands_out_wherever_it_is_shown() {
    let hall = Hall::new(&[("ups-a", "~wrong-device")]).await;
    let shown = |html: String| html.replace('\u{a0}', " ");
    let start = shown(page(&hall, "/").await);
    assert!(start.contains("<span class=\"count p2 on\">◆ 2 <b>1</b></span>"));
    let listed = "<span class=\"mark p2\">◆ 2</span> <span><a href=\"/devices/ups-a\"><b>UPS A</b></a> another device \
                  answers in its place";
    assert!(start.contains(listed), "the list of the abnormal");
    assert!(
        start.contains("class=\"node p2 hatched\"") && start.contains(">wrong device</text>"),
        "the diagram"
    );
    let devices = shown(page(&hall, "/devices").await);
    let row = "<span class=\"mark p2\">◆ 2</span> <span class=\"device-wrong\">wrong device</span>";
    assert!(devices.contains(row));
    let device = shown(page(&hall, "/devices/ups-a?lang=vi").await);
    assert!(device.contains("<span class=\"device-wrong\">sai thiết bị</span>"));
    assert!(device.contains("<span class=\"mark p2\">◆ 2</span> một thiết bị khác trả lời thay"));
    assert!(!shown(page(&hall, "/devices/ups-b").await).contains("device-wrong"));
}

#[tokio::test]
async fn the_device_page_has_every_point_and_what_is_lacking() {
    let hall = Hall::new(&[]).await;
    let html = page(&hall, "/devices/ups-a").await;
    let (_, info) = hall.plant.device(hall.plant.find_device("ups-a").unwrap()).unwrap();
    for point in info.points.iter() {
        assert!(html.contains(&format!("data-point=\"ups-a/{}\"", point.name)), "{}", point.name);
    }
    assert!(html.contains("vendor.gap") && html.contains("not measured") && html.contains("no sensor"));
    assert_eq!(hall.get("/devices/nope").await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn trends_draw_lines_with_gaps_and_list_states() {
    let hall = Hall::new(&[]).await;
    let sample = |ago: u64, value| {
        testing::sample(&hall.plant, "rack-1", testing::NOW - Duration::from_secs(ago), value)
    };
    let rows = vec![sample(300, Ok(20.0)), sample(299, Ok(22.0)), sample(100, Ok(24.0))];
    let state = |ago: u64, word: &str| crate::model::StateChange {
        point: hall.plant.find("ups-a/ups.status").unwrap(),
        time: testing::NOW - Duration::from_secs(ago),
        value: Ok(crate::model::Value::Word(word.into())),
    };
    let states = vec![state(200, "online"), state(100, "on-battery")];
    assert!(hall.history.offer(Batch { rows, states }));
    hall.history.flush().await.unwrap();
    let html =
        page(&hall, "/trends?point=rack-1/temperature&point=ups-a/ups.status").await.replace('\u{a0}', " ");
    assert_eq!(html.matches("<polyline").count(), 2, "a silence is a gap");
    assert!(
        html.contains("<td class=\"n\">20.0 °C</td><td class=\"n\">22.0 °C</td><td class=\"n\">24.0 °C</td>")
    );
    assert!(html.contains("2026-11-23 14:30:27</td><td><span>on battery</span>"));
    assert_eq!(hall.get("/trends?hours=0").await.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn records_are_on_the_hall_in_words() {
    let hall = Hall::new(&[]).await;
    let record = crate::model::NewRecord::system(
        StoppedClock.now(),
        "device.offline",
        crate::model::Severity::Warning,
    );
    let write = Write { records: vec![record.at("ups-a").with("reason", "timeout")], rows: Vec::new() };
    hall.journal.write(write).await.unwrap();
    let html = page(&hall, "/").await;
    assert!(html.contains("<b>UPS A</b> no longer answers: no answer in time"));
}

#[tokio::test]
async fn assets_are_there_under_the_names_that_pages_use_and_may_be_kept() {
    let hall = Hall::new(&[]).await;
    let html = page(&hall, "/").await;
    let addresses = html.split('"').filter(|part| part.starts_with("/assets/"));
    let mut seen = 0;
    for address in addresses {
        let response = hall.get(address).await;
        assert_eq!(response.status(), StatusCode::OK, "{address}");
        assert!(header_of(&response, header::CACHE_CONTROL).contains("immutable"));
        seen += 1;
    }
    assert!(seen >= 2, "styles and icon at least");
    assert_eq!(hall.get("/assets/0-hallward.css").await.status(), StatusCode::NOT_FOUND);
}
