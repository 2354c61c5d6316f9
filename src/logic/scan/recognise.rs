//! Which profile a unit that answers may have.
//!
//! Asked first: what the unit calls itself (function 43/14), and the registers by which profiles tell their device. If
//! none of these is its own, each profile is tried: are its registers there, and do they decode to values that can be?
//! Answers are kept, so that what several profiles want is read once. Bounded by [`MOST_READS`].

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
    time::Duration,
};

use hallward_profiles::{Area, Id, Profile, Unit};
use hallward_site::Device;

use super::{Heard, Question};
use crate::{
    logic::{
        decode::{Decoder, Words, equals},
        plan::{Block, Segment, plan_device},
        puzzle,
        timing::Timing,
    },
    model::{DeviceInfo, Pace, PointIx, PointSource, Quality, Value},
};

/// Questions to one unit.
const MOST_READS: usize = 300;

/// Requests by which one profile is tried, those that tell most.
const MOST_SEGMENTS: usize = 4;

/// Unanswered questions in a row after which a unit is left alone.
const MOST_SILENT: u8 = 3;

/// The least share of believable values, percent, for a profile to be named.
const LEAST: u8 = 60;

/// Candidates that are named.
const MOST_CANDIDATES: usize = 5;

/// A profile that a unit may have.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// The profile.
    pub profile: Id,
    /// Whether a register proved it, not likeness alone.
    pub certain: bool,
    /// The share of its values that can be, percent.
    pub believable_percent: u8,
    /// Why it is named.
    pub why: String,
}

/// A profile on trial.
#[derive(Clone)]
struct Trial {
    device: Arc<Device>,
    info: DeviceInfo,
    probes: VecDeque<(Area, Segment)>,
    answers: Vec<(Vec<PointIx>, Words)>,
    /// Measured values whose registers were refused.
    refused: usize,
}

/// The recognition of one unit.
pub(super) struct Recognition {
    identity: Option<Vec<(u8, String)>>,
    /// Profiles that name a register by which they tell their device.
    proofs: VecDeque<Trial>,
    trials: VecDeque<Trial>,
    /// What was read; `None` where it was refused.
    known: BTreeMap<Question, Option<Vec<u16>>>,
    /// Areas that the unit does not have.
    barred: BTreeSet<Area>,
    asked: Option<Question>,
    silent: u8,
    ranked: Vec<(f64, Candidate)>,
}

impl Recognition {
    pub(super) fn new(profiles: &[Arc<Profile>], timing: Timing) -> Self {
        let trials: VecDeque<_> = profiles.iter().filter_map(|profile| Trial::new(profile, timing)).collect();
        let proofs = trials.iter().filter_map(Trial::of_identity).collect();
        Self {
            identity: None,
            proofs,
            trials,
            known: BTreeMap::new(),
            barred: BTreeSet::new(),
            asked: None,
            silent: 0,
            ranked: Vec::new(),
        }
    }

    pub(super) fn ask(&mut self) -> Option<Question> {
        if self.identity.is_none() {
            self.asked = Some(Question::Identify);
            return self.asked;
        }
        while self.silent < MOST_SILENT && self.known.len() < MOST_READS {
            let proving = !self.proofs.is_empty();
            let trials = if proving { &mut self.proofs } else { &mut self.trials };
            let trial = trials.front_mut()?;
            if let Some((area, segment)) = trial.probes.front() {
                let question = Question::Read { area: *area, start: segment.start, count: segment.count };
                match known(&self.known, &self.barred, question) {
                    Some(words) => trial.take(words),
                    None => {
                        self.asked = Some(question);
                        return self.asked;
                    }
                }
            } else {
                let trial = trials.pop_front()?;
                if proving { self.prove(&trial) } else { self.rank(&trial) }
            }
        }
        None
    }

    pub(super) fn hear(&mut self, heard: Heard) {
        self.silent = if matches!(heard, Heard::Silence | Heard::Garbage(_)) { self.silent + 1 } else { 0 };
        match (self.asked.take(), heard) {
            (Some(Question::Identify), heard) => {
                // Many devices do not know the function and keep silent.
                self.silent = 0;
                self.identity = Some(if let Heard::Identity(objects) = heard { objects } else { Vec::new() });
            }
            (Some(question), Heard::Words(words)) => drop(self.known.insert(question, Some(words))),
            (Some(question), heard) => {
                self.known.insert(question, None);
                if let (Question::Read { area, .. }, Heard::Exception(1)) = (question, heard) {
                    self.barred.insert(area);
                }
            }
            (None, _) => {}
        }
    }

    /// A profile whose register holds what it must is the one: nothing else needs to be tried.
    fn prove(&mut self, trial: &Trial) {
        let profile = &trial.device.profile;
        let Some(identity) = &profile.identity else { return };
        let told = trial.values().into_iter().find_map(|(_, value)| value.ok());
        let Some(value) = told.filter(|value| identity.is.values().iter().any(|is| equals(value, is))) else {
            self.trials.retain(|other| other.device.profile.id != profile.id);
            return;
        };
        let why =
            format!("its register `{}` holds {}, which only this device does", identity.point, shown(&value));
        let candidate =
            Candidate { profile: profile.id.clone(), certain: true, believable_percent: 100, why };
        self.ranked.push((f64::INFINITY, candidate));
        self.proofs.clear();
        self.trials.clear();
    }

    fn rank(&mut self, trial: &Trial) {
        let profile = &trial.device.profile;
        let values = trial.values();
        let (mut fitting, mut alive, mut examples) = (0_u32, 0_u32, Vec::new());
        let mut telling = u32::try_from(trial.refused).unwrap_or(u32::MAX);
        for (ix, value) in &values {
            if !trial.tells(*ix) {
                continue;
            }
            telling += 1;
            let Some(info) = trial.info.point(*ix) else { continue };
            match value {
                Ok(value) if can_be(value, info.unit) => {
                    fitting += 1;
                    if trial.is_alive(*ix, value) {
                        alive += 1;
                        let unit = info.unit.map_or("", Unit::symbol);
                        examples.push(format!("{} {} {unit}", info.name, shown(value)).trim_end().to_owned());
                    }
                }
                Err(Quality::NotAvailable | Quality::NotYetRead) => fitting += 1,
                Ok(_) | Err(_) => {}
            }
        }
        let percent = (fitting * 100).checked_div(telling).and_then(|percent| u8::try_from(percent).ok());
        let percent = percent.unwrap_or_default();
        let named = self.named(profile).filter(|_| !trial.answers.is_empty());
        if named.is_none() && (alive == 0 || percent < LEAST) {
            return;
        }
        examples.truncate(3);
        let mut why = match telling {
            0 => "its registers are there, and tell nothing more".to_owned(),
            _ => format!("{fitting} of {telling} values can be: {}", examples.join(", ")),
        };
        let mut rank = f64::from(percent) * f64::from(alive + 1).ln();
        if let Some((words, named)) = named {
            rank += 1e6 * f64::from(words);
            why = format!("it calls itself `{named}`; {why}");
        }
        let candidate =
            Candidate { profile: profile.id.clone(), certain: false, believable_percent: percent, why };
        self.ranked.push((rank, candidate));
    }

    /// What the unit calls itself, if that names this vendor, and how many words of the profile's name are in it.
    fn named(&self, profile: &Profile) -> Option<(u8, String)> {
        let texts: Vec<_> = self.identity.iter().flatten().map(|(_, text)| text.as_str()).collect();
        let whole = texts.join(" ");
        let lower = whole.to_lowercase();
        let has = |word: &&str| word.len() > 2 && lower.contains(&word.to_lowercase());
        profile.vendor.split_whitespace().next().filter(has)?;
        let words = profile.name.split(|c: char| !c.is_alphanumeric()).filter(has).count();
        Some((u8::try_from(words).unwrap_or(u8::MAX).saturating_add(1), whole))
    }

    /// What it calls itself, and the profiles that it may have, best first.
    pub(super) fn conclude(mut self) -> (Vec<(u8, String)>, Vec<Candidate>) {
        self.ranked.sort_by(|(one, _), (other, _)| other.total_cmp(one));
        let best = self.ranked.into_iter().take(MOST_CANDIDATES).map(|(_, candidate)| candidate);
        (self.identity.unwrap_or_default(), best.collect())
    }
}

/// What is known of a read without asking: itself, or a part of a longer one. The inner `None` is a refusal.
#[expect(clippy::option_option, reason = "whether it is known, and what")]
fn known(
    reads: &BTreeMap<Question, Option<Vec<u16>>>,
    barred: &BTreeSet<Area>,
    wanted: Question,
) -> Option<Option<Vec<u16>>> {
    let Question::Read { area, start, count } = wanted else { return None };
    if barred.contains(&area) {
        return Some(None);
    }
    if let Some(known) = reads.get(&wanted) {
        return Some(known.clone());
    }
    reads.iter().find_map(|(question, words)| {
        let Question::Read { area: other, start: from, .. } = question else { return None };
        let skip = usize::from(start.checked_sub(*from).filter(|_| *other == area)?);
        let part = words.as_ref()?.get(skip..skip + usize::from(count))?;
        Some(Some(part.to_vec()))
    })
}

impl Trial {
    fn new(profile: &Arc<Profile>, timing: Timing) -> Option<Self> {
        let map = Arc::new(profile.map(&profile.options).ok()?);
        let device = Device {
            id: profile.id.clone(),
            name: String::new(),
            line: 0,
            unit: 1,
            room: None,
            limits: profile.limits.clone(),
            profile: Arc::clone(profile),
            map,
            every: Duration::from_secs(1),
            labels: BTreeMap::new(),
            asset: None,
            fast: Vec::new(),
            writes: BTreeMap::new(),
            address_offset: 0,
            safe_state: None,
        };
        let info = DeviceInfo::new(&device);
        let blocks = plan_device(&device, &info, timing);
        let device = Arc::new(device);
        let (answers, refused) = (Vec::new(), 0);
        let mut trial = Self { device, info, probes: VecDeque::new(), answers, refused };
        let each =
            |block: Block| block.segments.into_iter().map(move |segment| (block.pace, block.area, segment));
        let mut probes: Vec<_> = blocks.into_iter().flat_map(each).collect();
        let telling = |segment: &Segment| segment.points.iter().filter(|ix| trial.tells(**ix)).count();
        probes.sort_by_key(|(pace, _, segment)| (*pace == Pace::Slow, Reverse(telling(segment))));
        let probes = probes.into_iter().map(|(_, area, segment)| (area, segment));
        trial.probes = probes.take(MOST_SEGMENTS).collect();
        Some(trial)
    }

    /// The same profile's proof: its identity register alone.
    fn of_identity(&self) -> Option<Self> {
        let identity = self.device.profile.identity.as_ref()?;
        let ix = self.info.find(identity.point.as_str())?;
        let PointSource::Register(n) = self.info.point(ix)?.source else { return None };
        let point = self.device.map.points.get(n)?;
        let (low, high) = point.addresses.iter().min().zip(point.addresses.iter().max())?;
        let segment = Segment { start: *low, count: (high - low).saturating_add(1), points: vec![ix] };
        Some(Self { probes: [(point.area, segment)].into(), ..self.clone() })
    }

    /// Takes the answer to the first probe; gives up on a profile of which more is refused than there.
    fn take(&mut self, words: Option<Vec<u16>>) {
        let Some((area, segment)) = self.probes.pop_front() else { return };
        match words {
            Some(values) => {
                self.answers.push((segment.points, Words { area, start: segment.start, values }));
            }
            None => {
                // Settings and nameplates are what clones of a device leave out.
                let measured = |ix: &&PointIx| {
                    self.info.point(**ix).is_some_and(|point| point.pace != Pace::Slow) && self.tells(**ix)
                };
                self.refused += segment.points.iter().filter(measured).count();
                if self.answers.is_empty() {
                    self.probes.clear();
                }
            }
        }
    }

    /// Every value in what was read; those that others depend on are decoded first.
    fn values(&self) -> Vec<(PointIx, Result<Value, Quality>)> {
        let decoder = Decoder::new(&self.device.map, &self.info);
        let mut settings: BTreeMap<PointIx, Value> = BTreeMap::new();
        let mut values = Vec::new();
        for depending in [false, true] {
            for (points, words) in &self.answers {
                for ix in points.iter().filter(|ix| decoder.depends(**ix) == depending) {
                    let value = decoder.decode(*ix, words, |other| settings.get(&other));
                    if let (false, Ok(value)) = (depending, &value) {
                        settings.insert(*ix, value.clone());
                    }
                    values.push((*ix, value));
                }
            }
        }
        values
    }

    /// Whether a value is more than registers full of zeros tell.
    fn is_alive(&self, ix: PointIx, value: &Value) -> bool {
        let Some(PointSource::Register(n)) = self.info.point(ix).map(|point| point.source) else {
            return false;
        };
        let words = self.device.map.points.get(n).map(|point| point.words.as_slice()).unwrap_or_default();
        match value.word() {
            Some(word) => words.iter().any(|(code, known)| *code != 0 && known == word),
            None => value.number().is_some_and(|number| number.abs() > 1e-6),
        }
    }

    /// Whether a wrong value of this point would show: a bit can always be 0 or 1.
    fn tells(&self, ix: PointIx) -> bool {
        let Some(PointSource::Register(n)) = self.info.point(ix).map(|point| point.source) else {
            return false;
        };
        let Some(point) = self.device.map.points.get(n) else { return false };
        let spanned = point.unit.is_some_and(|unit| span(unit).is_some());
        !point.words.is_empty() || point.is_number() && (point.valid.is_some() || spanned)
    }
}

/// What a measured value in a data hall can be, where the unit says it.
fn span(unit: Unit) -> Option<(f64, f64)> {
    #[expect(clippy::wildcard_enum_match_arm, reason = "only of these units it is known")]
    match unit {
        Unit::Percent => Some((0.0, 150.0)),
        Unit::Celsius => Some((-60.0, 200.0)),
        Unit::Hertz => Some((0.0, 500.0)),
        Unit::Volt => Some((-1000.0, 50_000.0)),
        _ => None,
    }
}

fn can_be(value: &Value, unit: Option<Unit>) -> bool {
    match (value.number(), unit.and_then(span)) {
        (Some(number), Some((low, high))) => (low..=high).contains(&number),
        (_, _) => true,
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Number(number) => puzzle::number(*number),
        Value::Flag(flag) => flag.to_string(),
        Value::Word(text) | Value::Text(text) => text.to_string(),
    }
}
