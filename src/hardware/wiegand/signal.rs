//! Light and buzzer of a reader with data wires: on or off, no colours. The manual's table says the same.

use std::{collections::VecDeque, future::pending, time::Duration};

use embedded_hal::digital::{OutputPin, PinState};
use tokio::time::sleep;
use tracing::debug;

use crate::model::Feedback;

/// How long a granted light is on.
const GRANTED: Duration = Duration::from_secs(3);

/// The length of a beep, and of the rest behind it.
const BEEP: Duration = Duration::from_millis(120);

/// An output that is on while its level is high, or low.
#[derive(Debug)]
pub struct Signal<P> {
    pin: P,
    low: bool,
}

impl<P: OutputPin> Signal<P> {
    /// Of this pin.
    pub fn new(pin: P, low: bool) -> Self {
        Self { pin, low }
    }

    fn put(&mut self, on: bool) {
        let state = if on == self.low { PinState::Low } else { PinState::High };
        if let Err(error) = self.pin.set_state(state) {
            debug!(?error, "a reader's signal cannot be set");
        }
    }
}

/// Light and buzzer, and what they are still to do.
#[derive(Debug)]
pub struct Signals<P> {
    led: Option<Signal<P>>,
    buzzer: Option<Signal<P>>,
    /// What the light shows when nothing is shown for a moment.
    lasting: bool,
    /// Waits, and then whether light and buzzer are on.
    plan: VecDeque<(Duration, bool, bool)>,
}

impl<P: OutputPin> Signals<P> {
    /// Both off.
    pub fn new(led: Option<Signal<P>>, buzzer: Option<Signal<P>>) -> Self {
        Self { led, buzzer, lasting: false, plan: VecDeque::new() }
    }

    /// Begins to show this; what was under way ends.
    pub fn show(&mut self, feedback: Feedback) {
        let (light, beeps) = match feedback {
            Feedback::Granted => (true, 1),
            Feedback::Free => (true, 0),
            Feedback::Denied => (false, 3),
            Feedback::Pin => (false, 1),
            Feedback::HeldWarning => (false, 5),
            Feedback::Held => (false, 10),
            Feedback::Idle | Feedback::Lockdown | Feedback::Fault => (false, 0),
        };
        if !matches!(feedback, Feedback::Granted | Feedback::Denied) {
            self.lasting = light;
        }
        self.plan.clear();
        self.put(light, beeps > 0);
        for beep in 0..beeps {
            self.plan.push_back((BEEP, light, false));
            if beep + 1 < beeps {
                self.plan.push_back((BEEP, light, true));
            }
        }
        if light != self.lasting {
            self.plan.push_back((GRANTED, self.lasting, false));
        }
    }

    /// Does the next thing of the plan at its time; never ends where there is none.
    pub async fn next(&mut self) {
        let Some((wait, light, sound)) = self.plan.front().copied() else { return pending().await };
        sleep(wait).await;
        self.plan.pop_front();
        self.put(light, sound);
    }

    fn put(&mut self, light: bool, sound: bool) {
        self.led.iter_mut().for_each(|led| led.put(light));
        self.buzzer.iter_mut().for_each(|buzzer| buzzer.put(sound));
    }
}

#[cfg(test)]
mod tests {
    use embedded_hal_mock::eh1::digital::{Mock, State, Transaction};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_denial_beeps_three_times_and_a_grant_lights_for_a_while() {
        let set = |states: &[State]| states.iter().map(|state| Transaction::set(*state)).collect::<Vec<_>>();
        let (high, low) = (State::High, State::Low);
        // The light is on while its level is low.
        let mut led = Mock::new(&set(&[high, high, high, high, high, high, low, low, high]));
        let mut buzzer = Mock::new(&set(&[high, low, high, low, high, low, high, low, low]));
        let mut signals =
            Signals::new(Some(Signal::new(led.clone(), true)), Some(Signal::new(buzzer.clone(), false)));
        signals.show(Feedback::Denied);
        for _ in 0..5 {
            signals.next().await;
        }
        signals.show(Feedback::Granted);
        signals.next().await;
        signals.next().await;
        assert!(signals.plan.is_empty());
        led.done();
        buzzer.done();
    }
}
