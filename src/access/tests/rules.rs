use std::collections::BTreeMap;

use super::*;

fn add(who: &str, doors: &[&str], schedule: Option<&str>) -> AccessDeed {
    AccessDeed::AddRule {
        name: "day".to_owned(),
        who: who.to_owned(),
        doors: texts(doors),
        schedule: schedule.map(str::to_owned),
        from: None,
        until: None,
        why: why(),
    }
}

fn office(times: &str) -> AccessDeed {
    let (schedule, name, times) = ("office".to_owned(), some("Office hours"), times.to_owned());
    AccessDeed::SetSchedule { schedule, name, times, why: why() }
}

fn set(door: &str, settings: &[(&str, &str)]) -> AccessDeed {
    let settings = settings.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    AccessDeed::SetDoor { door: door.to_owned(), settings: settings.collect(), why: why() }
}

#[tokio::test]
async fn each_change_of_a_rule_is_a_further_revision() {
    let house = House::new().await;
    house.person("Lan", &["staff"]).await;
    house.refuses(add("staff", &["moon"], None), "no door `moon`").await;
    house.refuses(add("staff", &[], Some("office")), "no schedule `office`").await;
    house.refuses(add("p9", &[], None), "`p9` holds no badges").await;
    house.refuses(add("Staff!", &[], None), "is no group").await;
    house.does(office("Mon-Fri 08:00-17:30")).await;
    assert_eq!(house.does(add("staff", &["main"], Some("office"))).await.id, "r1");
    let change = AccessDeed::ChangeRule {
        rule: "r1".to_owned(),
        name: None,
        who: some("p1"),
        doors: Some(texts(&["main", "hall-door"])),
        schedule: some("none"),
        from: None,
        until: some("2026-12-31"),
        why: why(),
    };
    house.does(change).await;
    assert_eq!(
        house.told("rule.changed", "after").await,
        told("uid-0", "r1", "who=p1 doors=hall-door,main schedule=none until=2026-12-31T17:00:00.000Z")
    );
    assert_eq!(house.told("rule.changed", "revision").await.2, "2");
    assert_eq!(house.access.data().rules[0].revision, 2);
    house.does(AccessDeed::EndRule { rule: "r1".to_owned(), why: why() }).await;
    house.refuses(AccessDeed::EndRule { rule: "r1".to_owned(), why: why() }, "no rule `r1`").await;
    assert_eq!(house.does(add("staff", &[], None)).await.id, "r2", "a number is never given again");
}

#[tokio::test]
async fn a_schedule_that_something_goes_by_stays() {
    let house = House::new().await;
    let end = || AccessDeed::EndSchedule { schedule: "office".to_owned(), why: why() };
    house.refuses(office("always"), "are no times").await;
    house.refuses(end(), "no schedule").await;
    house.does(office("Mon-Fri 08:00-17:30; holidays none")).await;
    house.does(set("main", &[("unlocked", "office")])).await;
    house.refuses(end(), "main goes by it").await;
    house.does(set("main", &[("unlocked", "none")])).await;
    house.does(end()).await;
    let day = || "2026-09-02".to_owned();
    house.does(AccessDeed::SetHoliday { date: day(), name: "Quốc khánh".to_owned() }).await;
    assert_eq!(house.access.holidays(None).await.unwrap()[0].date, day());
    house.does(AccessDeed::EndHoliday { date: day() }).await;
    house.refuses(AccessDeed::EndHoliday { date: day() }, "no holiday on 2026-09-02").await;
    let wrong = AccessDeed::SetHoliday { date: "2026-02-30".to_owned(), name: "x".to_owned() };
    house.refuses(wrong, "no day or time").await;
}

#[tokio::test]
async fn every_setting_of_a_door_keeps_to_its_span() {
    let house = House::new().await;
    let all: [(&str, &str); 13] = [
        ("proof", "card-pin"),
        ("first-card", "staff"),
        ("unlock", "7s"),
        ("long-unlock", "30"),
        ("held", "2min"),
        ("warning", "20s"),
        ("relock", "on-open"),
        ("debounce", "100ms"),
        ("two-persons", "yes"),
        ("passback", "hard"),
        ("interlock", "lock"),
        ("unrecorded", "deny"),
        ("doubtful-clock", "ignore"),
    ];
    house.does(set("hall-door", &all)).await;
    let settings = house.access.settings(&"hall-door".parse().unwrap());
    let shown: BTreeMap<_, _> =
        SETTINGS.iter().map(|(name, _)| (*name, setting_text(&settings, name))).collect();
    for (name, text) in all {
        let text = text.replace("2min", "120s").replace("30", "30s");
        assert_eq!(shown[name], text, "{name}");
    }
    assert!(house.told("door.settings", "before").await.2.contains("relock=on-close"), "a magnet, at first");
    for (name, wrong) in [
        ("unlock", "2s"),
        ("unlock", "61s"),
        ("long-unlock", "6s"),
        ("long-unlock", "61"),
        ("held", "9s"),
        ("warning", "120s"),
        ("warning", "0s"),
        ("debounce", "400ms"),
        ("debounce", "5"),
        ("proof", "face"),
        ("two-persons", "true"),
        ("first-card", "p1"),
        ("unlock", "-1"),
        ("unlock", "soon"),
        ("colour", "red"),
    ] {
        let refused = house.access.carry_out(&console(), set("hall-door", &[(name, wrong)])).await;
        assert!(refused.is_err(), "{name}={wrong}");
    }
    house.refuses(set("hall-door", &[("unlock", "2s")]), "unlock=2s (3s–60s)").await;
    house.refuses(set("moon", &[]), "no door `moon`").await;
}

#[tokio::test]
async fn r_logreview_the_reviewer_signs_up_to_a_record_that_is_there_and_only_onwards() {
    let house = House::new().await;
    for day in 1..5 {
        let date = format!("2026-01-0{day}");
        house.does(AccessDeed::SetHoliday { date, name: "x".to_owned() }).await;
    }
    let review = |up_to| AccessDeed::Review { up_to, findings: "nothing odd".to_owned() };
    house.refuses(review(5), "record 5 cannot be reviewed").await;
    house.refuses(review(0), "cannot be reviewed").await;
    house.does(review(3)).await;
    house.refuses(review(3), "was reviewed before").await;
    house.does(review(4)).await;
    let (reviews, last) = house.access.reviews(10).await.unwrap();
    assert_eq!((reviews.len(), reviews[0].up_to, reviews[1].up_to, last), (2, 4, 3, 6));
    assert_eq!(house.told("log.reviewed", "from").await, told("uid-0", "", "4"));
}
