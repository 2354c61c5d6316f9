use super::*;

fn with(field: impl FnOnce(&mut HolderFields)) -> HolderFields {
    let mut fields = HolderFields::default();
    field(&mut fields);
    fields
}

fn change(person: &str, holder: HolderFields) -> AccessDeed {
    AccessDeed::ChangePerson { person: person.to_owned(), name: None, holder, why: why() }
}

#[tokio::test]
async fn a_person_is_added_changed_suspended_and_restored_with_who_why_and_what_was_otherwise() {
    let house = House::new().await;
    let lan = house.person("Nguyễn Lan", &["staff"]).await;
    assert_eq!(lan, "p1");
    let (actor, place, after) = house.told("person.added", "after").await;
    assert_eq!((actor.as_str(), place.as_str()), ("uid-0", "p1"));
    assert!(after.starts_with("groups=staff from=none until=none"), "{after}");
    let fields = HolderFields {
        groups: Some(texts(&["staff", "electricians"])),
        until: some("2026-06-30"),
        long_unlock: Some(true),
        escort: some("gives"),
        ..HolderFields::default()
    };
    house.does(change("Nguyễn Lan", fields)).await;
    let (_, _, before) = house.told("person.changed", "before").await;
    assert_eq!(before, "groups=staff until=none long-unlock=false escort=alone");
    let (_, _, after) = house.told("person.changed", "after").await;
    assert_eq!(
        after,
        "groups=electricians,staff until=2026-06-30T17:00:00.000Z long-unlock=true escort=gives"
    );
    house.does(AccessDeed::SuspendPerson { person: lan.clone(), why: why() }).await;
    assert_eq!(house.told("person.suspended", "why").await, told("uid-0", "p1", "because"));
    assert_eq!(house.access.people(None).await.unwrap()[0].standing, "suspended");
    house.refuses(AccessDeed::SuspendPerson { person: lan.clone(), why: why() }, "suspended already").await;
    house.does(AccessDeed::RestorePerson { person: lan.clone(), why: why() }).await;
    house.refuses(AccessDeed::RestorePerson { person: lan.clone(), why: why() }, "not suspended").await;
    house.refuses(change("Lan", HolderFields::default()), "no person `Lan`").await;
    house
        .refuses(AccessDeed::SuspendPerson { person: lan, why: " ".to_owned() }, "1 to 500 characters")
        .await;
    let data = house.access.data();
    assert_eq!((data.holders.len(), data.holders[0].long_unlock), (1, true));
}

#[tokio::test]
async fn no_name_pin_or_card_is_in_a_record() {
    let house = House::new().await;
    let holder = with(|fields| (fields.pin, fields.duress_pin) = (some("2580"), some("1470")));
    let add = AccessDeed::AddPerson { name: some("Nguyễn Lan"), person: None, holder, why: why() };
    assert_eq!(format!("{add:?}"), "AccessDeed(…)");
    house.does(add).await;
    house.badge("p1", 1245).await;
    for record in house.all_records().await {
        let text = format!("{record:?}");
        for secret in ["Lan", "2580", "1470", "1245", "…45"] {
            assert!(!text.contains(secret), "{secret}: {text}");
        }
    }
    assert_eq!(house.told("person.added", "pin").await.2, "set");
}

#[tokio::test]
async fn pins_are_four_to_eight_digits_and_duress_can_be_told_apart() {
    let house = House::new().await;
    house.person("Lan", &[]).await;
    house.refuses(change("p1", with(|fields| fields.pin = some("12"))), "4 to 8 digits").await;
    house.refuses(change("p1", with(|fields| fields.pin = some("1234"))), "too easy").await;
    house.does(change("p1", with(|fields| fields.pin = some("2580")))).await;
    house
        .refuses(change("p1", with(|fields| fields.duress_pin = some("2580"))), "another than the PIN")
        .await;
    house.does(change("p1", with(|fields| fields.duress_pin = some("1470")))).await;
    let line = house.access.people(None).await.unwrap().remove(0);
    assert!(line.has_pin && line.has_duress_pin);
    house.does(change("p1", with(|fields| fields.pin = some("none")))).await;
    let line = house.access.people(None).await.unwrap().remove(0);
    assert!(!line.has_pin && line.has_duress_pin, "what is absent stays");
}

#[tokio::test]
async fn who_has_an_account_is_the_same_person_at_the_doors() {
    let house = House::new().await;
    let id = house.account("lan", Role::Operator).await;
    let add = || AccessDeed::AddPerson {
        name: None,
        person: some("lan"),
        holder: HolderFields::default(),
        why: why(),
    };
    assert_eq!(house.does(add()).await.id, id.to_string());
    house.refuses(add(), "there already").await;
    assert_eq!(house.access.people(None).await.unwrap()[0].name, "Ngô lan");
}

#[tokio::test]
async fn what_a_person_was_at_a_time_is_told_with_who_made_it_so() {
    let house = House::new().await;
    house.person("Lan", &["staff"]).await;
    house.badge("p1", 7).await;
    house.at(START + std::time::Duration::from_secs(86_400));
    house.does(change("p1", with(|fields| fields.groups = Some(texts(&["fire"]))))).await;
    house.does(AccessDeed::ReturnBadge { badge: "b1".to_owned(), why: why() }).await;
    let then = "2026-06-01T06:00:00Z";
    let (past, now) =
        (house.access.people(Some(then)).await.unwrap(), house.access.people(None).await.unwrap());
    assert_eq!(
        (past[0].groups.as_slice(), now[0].groups.as_slice()),
        (&texts(&["staff"])[..], &texts(&["fire"])[..])
    );
    assert_eq!((past[0].badges.len(), now[0].badges.len()), (1, 0));
    assert_eq!((past[0].made.revision, past[0].made.by.as_str(), now[0].made.revision), (1, "uid-0", 2));
    assert_eq!(house.access.badges(Some(then)).await.unwrap()[0].state, "active");
    assert!(house.access.people(Some("2026-05-01")).await.unwrap().is_empty());
    assert!(house.access.people(Some("spring")).await.unwrap_err().to_string().contains("no day or time"));
}
