//! How others reach the lines that run.

use std::{collections::BTreeMap, sync::Arc};

use hallward_profiles::Id;
use tokio::sync::mpsc;

use super::{Command, LineCounters};

/// A line that runs.
#[derive(Clone, Debug)]
pub struct LineHandle {
    /// Its commands; a full queue means that the line is busy.
    pub commands: mpsc::Sender<Command>,
    /// What it counts.
    pub counters: Arc<LineCounters>,
}

/// The lines that run now, by id. The table is another one after the site file has been read again.
pub type Lines = BTreeMap<Id, LineHandle>;
