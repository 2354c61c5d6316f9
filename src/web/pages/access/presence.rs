//! `GET /presence`: who is where, as far as doors can tell; printed, it is the muster list.

use std::collections::BTreeMap;

use askama::Template;
use axum::response::Response;

use super::super::{super::problem::Problem, asked::Asked, frame::Frame, page};
use crate::access::PresenceLine;

const HERE: &str = "nav-presence";

#[derive(Template)]
#[template(path = "access/presence.html")]
struct PresencePage<'p> {
    frame: &'p Frame<'p>,
    rooms: Vec<Room>,
}

/// A room with those who were seen there last.
struct Room {
    name: String,
    people: Vec<PresenceLine>,
}

/// The handler.
pub(super) async fn list(asked: Asked) -> Result<Response, Problem> {
    let frame = asked.frame(HERE, "/presence")?;
    let mut rooms: BTreeMap<Option<String>, Vec<PresenceLine>> = BTreeMap::new();
    for line in asked.access().presence() {
        rooms.entry(line.room.clone()).or_default().push(line);
    }
    let name = |id: Option<String>| match id {
        Some(id) => {
            let room = frame.plant.site.rooms.iter().find(|room| room.id.as_str() == id);
            room.map_or(id, |room| room.name.clone())
        }
        None => frame.say("presence-outside"),
    };
    let rooms = rooms.into_iter().map(|(id, people)| Room { name: name(id), people }).collect();
    page(&PresencePage { frame: &frame, rooms }, &frame)
}
