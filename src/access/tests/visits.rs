use super::*;

fn visit(devices: &[&str], until: &str) -> AccessDeed {
    AccessDeed::RegisterVisit {
        name: "Trần Khách".to_owned(),
        host: "p1".to_owned(),
        firm: "Công ty Điện".to_owned(),
        purpose: "UPS maintenance".to_owned(),
        groups: Vec::new(),
        from: None,
        until: until.to_owned(),
        alone: false,
        devices: texts(devices),
    }
}

#[tokio::test]
async fn r_visitor_has_host_firm_purpose_end_and_escort_and_carries_nothing_without_authority() {
    let house = House::new().await;
    house.person("Lan", &[]).await;
    house.refuses(visit(&["laptop"], "2026-06-01"), "authority, need and legal basis").await;
    house.refuses(visit(&["laptop | A05 | | Law"], "2026-06-01"), "authority, need and legal basis").await;
    house.refuses(visit(&[], ""), "`until` is missing").await;
    house.refuses(visit(&[], "2026-05-01"), "end before it begins").await;
    let mut nobody = visit(&[], "2026-06-01");
    if let AccessDeed::RegisterVisit { host, .. } = &mut nobody {
        *host = "p7".to_owned();
    }
    house.refuses(nobody, "no person `p7`").await;
    let done = house.does(visit(&["laptop | A05 | forensics | Law 86/2015", ""], "2026-06-01")).await;
    assert_eq!(done.id, "p2");
    let line = house.access.visits(None).await.unwrap().remove(0);
    assert_eq!((line.host.as_str(), line.escort.as_str(), line.standing.as_str()), ("p1", "needs", "active"));
    assert_eq!(line.devices, ["laptop | A05 | forensics | Law 86/2015"]);
    assert_eq!(line.until.as_deref(), Some("2026-06-01T17:00:00.000Z"));
    assert_eq!(house.access.people(None).await.unwrap()[1].groups, ["visitors"]);
    assert_eq!(house.told("visit.registered", "host").await, told("uid-0", "p2", "p1"));
    assert_eq!(house.told("visit.registered", "devices").await.2, "1");
    let text = format!("{:?}", house.all_records().await);
    assert!(!text.contains("Khách") && !text.contains("Công ty"), "{text}");
}

#[tokio::test]
async fn who_is_erased_leaves_no_visit_behind_in_any_revision() {
    let house = House::new().await;
    house.person("Lan", &[]).await;
    house.does(visit(&[], "2026-06-01")).await;
    let guest = PersonId::parse("p2").unwrap();
    let caller = console();
    let erase = || house.accounts.erase(&caller, guest, "asked for it");
    assert!(erase().await.unwrap_err().to_string().contains("end"), "it may still come in");
    let end = AccessDeed::EndPerson { person: "p2".to_owned(), handed_over: Vec::new(), why: why() };
    house.does(end).await;
    erase().await.unwrap();
    for at in [None, Some("2026-06-01T05:00:00Z")] {
        assert!(house.access.visits(at).await.unwrap().is_empty(), "{at:?}");
        assert_eq!(house.access.people(at).await.unwrap().len(), 2, "that there was somebody stays: {at:?}");
    }
    assert_eq!(house.accounts.registry().person(guest).unwrap().name, "");
}

fn delivery(record: Option<u64>, items: &[&str]) -> AccessDeed {
    let text = |text: &str| text.to_owned();
    AccessDeed::RecordDelivery {
        direction: text("out"),
        owner: text("Sở TTTT"),
        request: text("12/TTr"),
        decision: text("34/QĐ"),
        approver: text("Giám đốc"),
        items: texts(items),
        handed_by: text("Lan"),
        taken_by: text("Bình"),
        door: some("main"),
        record,
        witness: some("p1"),
    }
}

#[tokio::test]
async fn r_delivery_names_owner_request_decision_approver_items_and_the_door_event() {
    let house = House::new().await;
    house.person("Lan", &[]).await;
    house.refuses(delivery(None, &[" "]), "`items` is missing").await;
    house.refuses(delivery(Some(99), &["server"]), "record=99").await;
    assert_eq!(house.does(delivery(Some(1), &["server TS-1", "2 rails"])).await.id, "d1");
    let line = house.access.deliveries().remove(0);
    assert_eq!((line.record, line.items.len(), line.by.as_str()), (Some(1), 2, "uid-0"));
    assert_eq!(house.told("delivery.recorded", "items").await, told("uid-0", "d1", "server TS-1; 2 rails"));
    assert_eq!(house.does(delivery(None, &["server"])).await.id, "d2");
}
