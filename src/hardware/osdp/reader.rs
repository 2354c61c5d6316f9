//! One reader as we see it: what to ask it next, and what follows from its answers. No I/O: bytes go out and come in.
//!
//! ```text
//! serve:   Probe (who are you?) ─▶ Challenge(own key) ─▶ Cryptogram ─▶ Identify ─▶ Abilities ─▶ Running: poll, show, status
//!                        └ wrong: doubt
//! doubt:   Probe ─▶ Challenge(default key): swapped, in install mode, or without its key; told once
//! pair:    Probe ─▶ Challenge(default key) ─▶ Cryptogram ─▶ Identify ─▶ Abilities ─▶ SetKey ─▶ try the new key
//! ```
//!
//! Silence and a broken channel begin it anew. A reader that was never paired is asked in plain text, and believed only where the site file says `secure = false`.
//! A new key counts once a channel was made with it: whether the reader took it is not known before.

use std::{collections::VecDeque, time::Duration};

use osdp::{
    command::{Cap, Command, Id, KeySet, Poll},
    reply::{NakErrorCode, Reply},
};

use super::{
    channel::{Channel, Heard, Proof, With},
    show,
    told::{self, Standing},
};
use crate::model::{
    Feedback, Mono, Pairing, ReaderAbility, ReaderEvent, ReaderIdentity, ReaderKey, ReaderOrder,
};

/// How often a reader that answers is asked.
const POLL: Duration = Duration::from_millis(50);

/// How often its status is asked for, although it tells changes by itself.
const STATUS: Duration = Duration::from_secs(2);

/// How long one that does not answer is left alone, and one that is not believed.
const PROBE: (Duration, Duration) = (Duration::from_millis(700), Duration::from_secs(2));

/// Silence after which it is offline (IEC 60839-11-5).
const OFFLINE: Duration = Duration::from_secs(8);

/// How often a question is sent again with its number.
const RESENDS: u8 = 2;

/// How often a busy reader is asked again.
const MOST_BUSY: u8 = 40;

/// Commands that wait to be sent; the oldest goes.
const MOST_COMMANDS: usize = 16;

/// What all of this is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    Serve,
    Doubt,
    Pair { until: Mono },
}

/// What was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Probe,
    Challenge,
    Cryptogram,
    Identify,
    Abilities,
    SetKey,
    Running,
}

/// A question on its way.
struct Sent {
    frame: Vec<u8>,
    tries: u8,
}

/// One reader.
pub(super) struct Reader {
    channel: Channel,
    /// Whether it must have been paired.
    secure: bool,
    pairing: Option<Pairing>,
    /// A key that it was told and has not shown yet.
    trial: Option<Pairing>,
    purpose: Purpose,
    step: Step,
    sent: Option<Sent>,
    busy: u8,
    due: Mono,
    heard_at: Mono,
    status_due: Mono,
    answers: bool,
    identity: Option<ReaderIdentity>,
    abilities: Vec<ReaderAbility>,
    commands: VecDeque<Command>,
    shown: Feedback,
    standing: Standing,
}

impl Reader {
    pub(super) fn new(now: Mono, address: u8, secure: bool, pairing: Option<Pairing>) -> Self {
        Self {
            channel: Channel::new(address),
            secure,
            pairing,
            trial: None,
            purpose: Purpose::Serve,
            step: Step::Probe,
            sent: None,
            busy: 0,
            due: now,
            heard_at: now,
            status_due: now,
            answers: false,
            identity: None,
            abilities: Vec::new(),
            commands: VecDeque::new(),
            shown: Feedback::Idle,
            standing: Standing::default(),
        }
    }

    /// When it is to be asked.
    pub(super) fn due(&self) -> Mono {
        self.due
    }

    /// Whether it answered the last question: asking it does not hold the line.
    pub(super) fn answers(&self) -> bool {
        self.answers
    }

    /// The number of the question on its way.
    pub(super) fn sequence(&self) -> u8 {
        self.channel.sequence()
    }

    /// An order for it.
    pub(super) fn order(&mut self, now: Mono, order: &ReaderOrder) {
        match order {
            ReaderOrder::Show(feedback) => {
                if !show::is_momentary(*feedback) {
                    self.shown = *feedback;
                }
                if self.step == Step::Running {
                    self.show(*feedback);
                }
            }
            ReaderOrder::Pair(within) => {
                self.purpose = Purpose::Pair { until: now + *within };
                self.restart(now);
            }
        }
    }

    fn show(&mut self, feedback: Feedback) {
        let has = |function| told::has(&self.abilities, function);
        for command in show::commands(feedback, has(told::LIGHT), has(told::BUZZER)) {
            if self.commands.len() >= MOST_COMMANDS {
                self.commands.pop_front();
            }
            self.commands.push_back(command);
        }
    }

    /// The next question, or the last one again; `random` is for a handshake.
    pub(super) fn ask(&mut self, now: Mono, random: [u8; 16], out: &mut Vec<ReaderEvent>) -> Option<Vec<u8>> {
        self.tick(now, out);
        if let Some(sent) = &self.sent {
            return Some(sent.frame.clone());
        }
        let frame = match self.step {
            Step::Challenge => {
                let [eight @ .., _, _, _, _, _, _, _, _] = random;
                self.channel.challenge(self.with(), eight)
            }
            Step::Cryptogram => self.channel.cryptogram(),
            // Not a poll: its answer might be a card, said in plain text and therefore lost.
            Step::Probe | Step::Identify => self.channel.frame(&Command::Id(Id::standard())),
            Step::Abilities => self.channel.frame(&Command::Cap(Cap::default())),
            Step::SetKey => {
                let pairing = Pairing {
                    key: ReaderKey::new(random),
                    identity: self.identity.clone().unwrap_or_default(),
                    abilities: self.abilities.clone(),
                };
                self.trial = Some(pairing);
                self.channel.frame(&Command::KeySet(KeySet::scbk(random)))
            }
            Step::Running => {
                let command = self.next_command(now);
                self.channel.frame(&command)
            }
        };
        match frame {
            Ok(frame) => {
                self.sent = Some(Sent { frame: frame.clone(), tries: 0 });
                Some(frame)
            }
            Err(_) => {
                self.restart(now + PROBE.0);
                None
            }
        }
    }

    /// Silence, and the end of the time for pairing.
    fn tick(&mut self, now: Mono, out: &mut Vec<ReaderEvent>) {
        if now.since(self.heard_at) >= OFFLINE {
            out.extend(self.standing.offline());
        }
        if let Purpose::Pair { until } = self.purpose
            && now >= until
        {
            let why = match self.standing.is_offline() {
                true => "the reader does not answer",
                false => "no reader in install mode has taken a key in time",
            };
            out.push(ReaderEvent::PairingFailed(why.to_owned()));
            self.purpose = Purpose::Serve;
            self.restart(now);
        }
    }

    fn with(&self) -> With {
        let own = self.trial.as_ref().or(match self.purpose {
            Purpose::Serve => self.pairing.as_ref(),
            Purpose::Doubt | Purpose::Pair { .. } => None,
        });
        own.map_or(With::Default, |pairing| With::Own(pairing.key.clone()))
    }

    fn next_command(&mut self, now: Mono) -> Command {
        if let Some(command) = self.commands.pop_front() {
            return command;
        }
        if now >= self.status_due {
            self.status_due = now + STATUS;
            return Command::LocalStatus(osdp::command::LocalStatus);
        }
        Command::Poll(Poll)
    }

    /// Everything anew from `due` on.
    fn restart(&mut self, due: Mono) {
        self.channel.reset();
        (self.step, self.sent, self.busy, self.due) = (Step::Probe, None, 0, due);
        self.commands.clear();
    }

    /// Nobody answered in time.
    pub(super) fn unanswered(&mut self, now: Mono, out: &mut Vec<ReaderEvent>) {
        self.answers = false;
        self.due = now + POLL;
        let tries = self.sent.as_mut().map_or(RESENDS, |sent| {
            sent.tries = sent.tries.saturating_add(1);
            sent.tries
        });
        // A question from which nothing is expected is not worth the line's time twice.
        if tries > RESENDS || self.step == Step::Probe {
            self.restart(now + PROBE.0);
        }
        self.tick(now, out);
    }

    /// A frame of its came.
    pub(super) fn answered(&mut self, now: Mono, raw: &[u8], out: &mut Vec<ReaderEvent>) {
        self.answers = true;
        self.due = now + POLL;
        let secure = self.channel.is_secure();
        match self.channel.hear(raw) {
            Heard::Busy if self.busy < MOST_BUSY => self.busy += 1,
            // Who does not keep to the channel is not believed, and has to show its key again.
            Heard::Busy | Heard::Unfit => self.restart(now + POLL),
            Heard::Reply(reply) => {
                (self.sent, self.busy) = (None, 0);
                if secure || self.pairing.is_none() || self.purpose != Purpose::Serve {
                    self.heard_at = now;
                }
                self.take(now, reply, out);
            }
        }
        self.tick(now, out);
    }

    fn take(&mut self, now: Mono, reply: Reply, out: &mut Vec<ReaderEvent>) {
        if matches!(&reply, Reply::Nak(nak) if nak.error == NakErrorCode::UnexpectedSequenceNumber) {
            return self.restart(now + POLL);
        }
        match self.step {
            Step::Probe => {
                self.identity = told::identity(&reply);
                self.step = self.after_probe();
            }
            Step::Challenge | Step::Cryptogram => self.prove(now, &reply, out),
            Step::Identify => {
                self.identity = told::identity(&reply);
                self.step = Step::Abilities;
            }
            Step::Abilities => {
                self.abilities = told::abilities(&reply);
                match self.purpose {
                    Purpose::Pair { .. } => self.step = Step::SetKey,
                    Purpose::Serve | Purpose::Doubt => self.settle(now, out),
                }
            }
            Step::SetKey => {
                if matches!(reply, Reply::Nak(_)) {
                    self.trial = None;
                    self.purpose = Purpose::Serve;
                    out.push(ReaderEvent::PairingFailed("the reader refused the key".to_owned()));
                }
                self.restart(now + POLL);
            }
            Step::Running => out.extend(self.running(&reply)),
        }
    }

    fn after_probe(&self) -> Step {
        let plain = self.pairing.is_none() && self.trial.is_none();
        match self.purpose {
            Purpose::Serve if plain => Step::Abilities,
            Purpose::Serve | Purpose::Pair { .. } | Purpose::Doubt => Step::Challenge,
        }
    }

    /// A step of the handshake was answered.
    fn prove(&mut self, now: Mono, reply: &Reply, out: &mut Vec<ReaderEvent>) {
        let proof = self.channel.prove(reply);
        match (proof, self.purpose, self.step) {
            (Proof::Wrong, _, _) if self.trial.is_some() => {
                self.trial = None;
                self.restart(now + POLL);
            }
            (_, Purpose::Doubt, _) => {
                let install = proof == Proof::Right;
                let known = self.pairing.as_ref().map(|pairing| &pairing.identity);
                out.extend(self.standing.doubted(known, self.identity.take(), install));
                self.purpose = Purpose::Serve;
                self.restart(now + PROBE.1);
            }
            (Proof::Wrong, Purpose::Serve, _) => {
                self.purpose = Purpose::Doubt;
                self.restart(now + POLL);
            }
            (Proof::Wrong, Purpose::Pair { .. }, _) => self.restart(now + PROBE.1),
            (Proof::Right, _, Step::Challenge) => self.step = Step::Cryptogram,
            (Proof::Right, _, _) => {
                if let Some(pairing) = self.trial.take() {
                    out.push(ReaderEvent::Paired(Box::new(pairing.clone())));
                    self.pairing = Some(pairing);
                    self.purpose = Purpose::Serve;
                }
                self.heard_at = now;
                self.step = Step::Identify;
            }
        }
    }

    /// Who it is and what it can do is known: it is believed, or not.
    fn settle(&mut self, now: Mono, out: &mut Vec<ReaderEvent>) {
        let identity = self.identity.clone();
        let secure = self.channel.is_secure();
        let event = match &self.pairing {
            Some(pairing) => self.standing.paired(pairing, identity, &self.abilities),
            None if self.secure => self.standing.unpaired(identity.unwrap_or_default()),
            None => self.standing.online(secure, identity),
        };
        out.extend(event);
        if self.standing.is_doubted() {
            return self.restart(now + PROBE.1);
        }
        self.step = Step::Running;
        self.status_due = now;
        self.standing.forget_tamper();
        self.show(self.shown);
    }

    fn running(&mut self, reply: &Reply) -> Option<ReaderEvent> {
        if !self.standing.is_believed() {
            return None;
        }
        if let Reply::LStatR(status) = reply {
            return self.standing.tamper(status.tamper != 0);
        }
        told::read(reply)
    }
}

#[cfg(test)]
#[path = "reader_tests.rs"]
mod tests;
