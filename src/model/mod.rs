//! The nouns: ids, time, values and their quality, the plant's points, the live state, journal records, samples.
//!
//! Everything else in the gateway speaks in these types. Nothing here does I/O or reads a clock.
//!
//! Terms: *plant* — what the site file wires, with every point numbered; *reading* — one point's value or the
//! reason that there is none, with the time its answer arrived; *snapshot* — all readings at one moment;
//! *record* — one line of the journal; *sample* — a reading on its way into history; *right* — what somebody may do;
//! *role* — rights that go together; *account* — a person's; *token* — what programs and wall displays show instead.

mod access;
mod account;
mod delivery;
mod door;
mod door_settings;
mod door_view;
mod plant;
mod reading;
mod record;
mod right;
mod sample;
mod snapshot;
mod texts;
mod time;
mod written;

pub use access::{
    AccessData, AccessRule, Badge, BadgeId, BadgeState, CardKey, CarriedDevice, Escort, Holder, Holiday,
    PinKey, RuleId, Schedule, Visit, Who, Window,
};
pub use account::{Account, Link, Person, PersonId, Purpose, SecretHash, Session, Token, TokenId};
pub use delivery::{Delivery, DeliveryId, Direction};
pub use door::{
    CardBits, Contact, DoorInputs, DoorIx, DoorReport, DoorSense, Feedback, LockOrder, Pairing,
    ReaderAbility, ReaderEvent, ReaderIdentity, ReaderKey, ReaderOrder, ReaderRef, Side,
};
pub use door_settings::{DoorSettings, DoubtfulClock, Passback, Proof, Relock, Unrecorded};
pub use door_view::{
    ByRule, Certainty, DoorAlarm, DoorDeed, DoorMode, DoorOrder, DoorStanding, DoorView, DoorsView, Hold,
    OrderRefused, PortalState, Presence, ReaderView, Scope, UnknownCard,
};
pub use hallward_profiles::{Class, Id, PointName, Unit};
pub use plant::{
    DeviceInfo, DeviceIx, DeviceKey, FAST, Pace, Plant, PointInfo, PointIx, PointRef, PointSource, SLOW,
    ValueKind,
};
pub use reading::{Quality, Reading, Value};
pub use record::{BadRecord, NewRecord, PersonalData, Record, RecordBody, RecordId, Severity, Trust};
pub use right::{Right, Rights, Role, display_rights};
pub use sample::{Column, SampleGroup, SampleRow, StateChange};
pub use snapshot::{Changes, DeviceState, Snapshot};
pub use texts::{Language, Texts};
pub use time::{Clock, Mono, Now, Wall};
