use super::*;
use crate::model::{Certainty, DoorDeed, DoorIx, DoorMode, OrderRefused, PortalState, Presence, Scope, Side};

fn door(id: &str) -> DoorView {
    DoorView {
        id: id.parse().unwrap(),
        mode: DoorMode::Controlled,
        until: None,
        state: PortalState::Secure,
        released: false,
        contact: None,
        hardware: Some(true),
        readers: Vec::new(),
        alarm: None,
        tampered: false,
        changed: START,
    }
}

#[tokio::test]
async fn orders_name_doors_rooms_and_the_site_and_reach_the_doors_with_who_and_why() {
    let mut house = House::new().await;
    let text = |text: &str| text.to_owned();
    let cases = [
        (DoorRequest::Unlock { door: text("main"), why: why() }, DoorDeed::Unlock(DoorIx(0))),
        (
            DoorRequest::Hold { door: text("hall-door"), until: some("2026-06-01"), why: why() },
            DoorDeed::Hold { door: DoorIx(1), unlocked: true, until: Wall::parse("2026-06-01T17:00:00Z") },
        ),
        (
            DoorRequest::Lock { door: text("main"), until: None, why: why() },
            DoorDeed::Hold { door: DoorIx(0), unlocked: false, until: None },
        ),
        (DoorRequest::Release { door: text("main"), why: why() }, DoorDeed::Release(DoorIx(0))),
        (DoorRequest::ClearAlarm { door: text("main"), why: why() }, DoorDeed::ClearAlarm(DoorIx(0))),
        (
            DoorRequest::Lockdown { scope: text("site"), end: false, why: why() },
            DoorDeed::Lockdown { scope: Scope::Site, on: true },
        ),
        (
            DoorRequest::Lockdown { scope: text("lobby"), end: true, why: why() },
            DoorDeed::Lockdown { scope: Scope::Room("lobby".parse().unwrap()), on: false },
        ),
        (
            DoorRequest::FireReset { scope: text("main"), why: why() },
            DoorDeed::FireReset(Scope::Door(DoorIx(0))),
        ),
        (
            DoorRequest::Pair { door: text("main"), side: text("exit"), why: why() },
            DoorDeed::Pair(DoorIx(0), Side::Exit),
        ),
        (DoorRequest::ForgetPresence { person: None, why: why() }, DoorDeed::ForgetPresence(None)),
    ];
    for (request, expected) in cases {
        let caller = console();
        let ordered = house.access.order(&caller, request);
        let answered = async {
            let Ordered { order, answer } = house.orders.recv().await.unwrap();
            answer.send(Err(OrderRefused::Fire)).unwrap();
            order
        };
        let (result, order) = tokio::join!(ordered, answered);
        assert!(matches!(result, Err(NotDone::Order(OrderRefused::Fire))), "what the doors say is answered");
        assert_eq!((order.deed, order.actor.as_str(), order.why.as_str()), (expected, "uid-0", "because"));
    }
}

#[tokio::test]
async fn an_order_takes_its_right_a_reason_and_a_door_that_is_there() {
    let house = House::new().await;
    let unlock = |door: &str, why: &str| DoorRequest::Unlock { door: door.to_owned(), why: why.to_owned() };
    let rights = Right::ALL.into_iter().filter(|right| *right != Right::DoorOperate).collect();
    let other = Caller { rights, ..console() };
    for (caller, request, words) in [
        (other, unlock("main", "x"), "no longer do this"),
        (console(), unlock("main", " "), "1 to 500 characters"),
        (console(), unlock("moon", "x"), "no door `moon`"),
        (console(), DoorRequest::FireReset { scope: "moon".to_owned(), why: why() }, "no room `moon`"),
    ] {
        let refused = house.access.order(&caller, request).await.unwrap_err().to_string();
        assert!(refused.contains(words), "not {words:?}: {refused}");
    }
}

#[tokio::test]
async fn doors_and_presence_are_told_as_they_are_seen() {
    let house = House::new().await;
    house.person("Lan", &[]).await;
    let presence = Presence {
        person: PersonId::parse("p1").unwrap(),
        room: Some("lobby".parse().unwrap()),
        certainty: Certainty::ExitNotSeen,
        since: START,
        door: "main".parse().unwrap(),
    };
    let doors = vec![Arc::new(door("main")), Arc::new(door("hall-door"))];
    house.view.send_replace(Arc::new(DoorsView { doors, presence: vec![presence], ..DoorsView::default() }));
    let line = house.access.doors().remove(1);
    assert_eq!(
        (line.name.as_str(), line.mode.as_str(), line.state.as_str()),
        ("Hall door", "controlled", "secure")
    );
    assert_eq!(line.settings["relock"], "on-close", "a magnet");
    assert_eq!(line.contact, None, "what is not known is not told");
    let certainty = |house: &House| house.access.presence().remove(0).certainty;
    assert_eq!(certainty(&house), "exit-not-seen");
    house.does(AccessDeed::EndPerson { person: "p1".to_owned(), handed_over: Vec::new(), why: why() }).await;
    assert_eq!(certainty(&house), "unknown", "who has ended may still be there");
}

#[tokio::test]
async fn coverage_tells_when_nobody_could_see() {
    let house = House::new().await;
    let from = START.rfc3339();
    house.at(START + std::time::Duration::from_secs(3600));
    let to = (START + std::time::Duration::from_secs(1800)).rfc3339();
    let spans = house.access.coverage("hall-door", &from, &to).await.unwrap();
    assert_eq!(
        spans.iter().map(|span| (span.part, span.able)).collect::<Vec<_>>(),
        [(Part::Controller, None), (Part::Clock, None), (Part::Hardware, None)]
    );
    let wrong = house.access.coverage("moon", &from, &to).await.unwrap_err();
    assert!(wrong.to_string().contains("no door `moon`"));
    assert!(house.access.coverage("main", &to, &from).await.is_err());
}
