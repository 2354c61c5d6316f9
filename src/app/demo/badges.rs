//! Badges for the simulated hall's people, as a hall's administrator would issue them: those who have a PIN are staff and may
//! enter always; others with a card are contractors, who may on working days.

use crate::{
    access::{Access, AccessDeed, CardFields, HolderFields},
    accounts::{Caller, NotDone},
};

const WHY: &str = "the simulated hall's people";

/// Issues what is missing; what a demo's folder already has stays as it is.
pub(super) async fn issue(access: &Access, site: &hallward_site::Site) -> Result<(), NotDone> {
    let demo = Caller::console("demo".to_owned());
    let people: Vec<_> = site.simulation.person.iter().filter(|person| person.card.is_some()).collect();
    if people.is_empty() || !access.data().rules.is_empty() {
        return Ok(());
    }
    let schedule = AccessDeed::SetSchedule {
        schedule: "working-days".to_owned(),
        name: Some("Working days".to_owned()),
        times: "Mon-Fri 07:00-18:00; holidays none".to_owned(),
        why: WHY.to_owned(),
    };
    access.carry_out(&demo, schedule).await?;
    for (group, name, schedule) in
        [("staff", "Staff", None), ("contractors", "Contractors", Some("working-days".to_owned()))]
    {
        let (name, who, why) = (name.to_owned(), group.to_owned(), WHY.to_owned());
        let rule =
            AccessDeed::AddRule { name, who, doors: Vec::new(), schedule, from: None, until: None, why };
        access.carry_out(&demo, rule).await?;
    }
    for person in people {
        let group = if person.pin.is_some() { "staff" } else { "contractors" };
        let holder = HolderFields {
            groups: Some(vec![group.to_owned()]),
            pin: person.pin.clone(),
            ..HolderFields::default()
        };
        let name = Some(person.name.clone());
        let add = AccessDeed::AddPerson { name, person: None, holder, why: WHY.to_owned() };
        let added = access.carry_out(&demo, add).await?;
        let card = person.card.map(|card| CardFields {
            facility: Some(card.facility),
            number: Some(card.card),
            bits: Some(if card.facility < 256 && card.card < 65_536 { 26 } else { 37 }),
            ..CardFields::default()
        });
        let card = card.unwrap_or_default();
        let why = WHY.to_owned();
        let badge = AccessDeed::IssueBadge { person: added.id, card, from: None, until: None, why };
        access.carry_out(&demo, badge).await?;
    }
    Ok(())
}
