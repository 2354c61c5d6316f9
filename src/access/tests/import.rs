use super::*;

fn take(csv: &str, dry_run: bool) -> AccessDeed {
    AccessDeed::ImportPeople { csv: csv.to_owned(), dry_run, why: why() }
}

const LIST: &str = "name,card,pin,from,to,groups,doors\n\
    Nguyễn Lan,42/1234,2580,,2026-12-31,staff fire,\n\
    Trần Bình,34:1000/7,,,,staff,main hall-door\n";

#[tokio::test]
async fn a_staff_list_is_taken_in_and_a_dry_run_only_tells_the_difference() {
    let house = House::new().await;
    let dry = house.does(take(LIST, true)).await;
    assert_eq!(house.all_records().await.len(), 0);
    assert!(house.access.data().holders.is_empty());
    let done = house.does(take(LIST, false)).await;
    assert_eq!(dry, done, "what a dry run tells is what comes");
    assert!(done.said[0].starts_with("line 2: adds Nguyễn Lan: groups=fire,staff"), "{:?}", done.said);
    assert!(done.said[1].contains("rule r1: doors main hall-door"), "{:?}", done.said);
    let data = house.access.data();
    assert_eq!((data.holders.len(), data.badges.len(), data.rules.len()), (2, 2, 1));
    assert!(data.holders[0].pin.is_some());
    assert_eq!(house.told("people.imported", "lines").await, told("uid-0", "", "2"));

    let again = house.does(take(LIST, false)).await;
    assert!(again.said[1].ends_with("Trần Bình stays as it is"), "{:?}", again.said);
    let change = "person,groups,doors\np2,night,main\n";
    let done = house.does(take(change, false)).await;
    assert!(done.said[0].contains("was groups=staff, groups=night"), "{:?}", done.said);
    assert_eq!(house.access.data().rules[0].revision, 2);
}

#[tokio::test]
async fn every_mistake_is_told_at_once_with_its_line_and_nothing_is_taken_in() {
    let house = House::new().await;
    let wrong = "name,card,pin,to,doors\n\
        Lan,42/1234,12,,\n\
        Bình,300/1,,,\n\
        Chi,42/5,,,moon\n\
        ,42/6,,,\n\
        Dung,42/1234,,spring,\n";
    let refused = house.access.carry_out(&console(), take(wrong, false)).await.unwrap_err().to_string();
    for words in [
        "line 2: a PIN",
        "line 3: which card?",
        "line 4: there is no door `moon`",
        "line 5: `name`",
        "line 6: `spring`",
    ] {
        assert!(refused.contains(words), "{words}: {refused}");
    }
    house.refuses(take("name,kard\nLan,1/2\n", false), "no column is called kard").await;
    house.refuses(take("name,card\nLan\n", false), "line: 2").await;
    house.refuses(take("name,card\nLan,42/1\nBình,42/1\n", false), "line 3: this card is badge b1").await;
    house.refuses(take("name,card\nLan,42/1\nLan,42/2\n", false), "line 3: p1 is there already").await;
    assert!(house.access.data().holders.is_empty() && house.accounts.registry().persons.is_empty());
}
