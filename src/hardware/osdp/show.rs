//! What a reader's light and buzzer do for each feedback; the manual's table says the same.

use osdp::command::{
    BuzzerControl, BuzzerTone, Command, LedColor, LedControl, LedPermanent, LedTemporary, led::LedRecord,
};

use crate::model::Feedback;

/// Light: colour, and how long it is on and off, 100 ms; 0 off is steady.
type Light = (LedColor, u8, u8);

/// Beeps: how long on and off, 100 ms, and how many.
type Beeps = (u8, u8, u8);

/// One row of the table.
struct Look {
    light: Light,
    /// For a moment, 100 ms; else from now on.
    moment: Option<u16>,
    beeps: Option<Beeps>,
}

const fn look(feedback: Feedback) -> Look {
    let (light, moment, beeps) = match feedback {
        Feedback::Idle => ((LedColor::Red, 10, 0), None, None),
        Feedback::Granted => ((LedColor::Green, 10, 0), Some(30), Some((2, 1, 1))),
        Feedback::Denied => ((LedColor::Red, 1, 1), Some(10), Some((1, 1, 3))),
        Feedback::Pin => ((LedColor::Amber, 5, 5), None, Some((1, 1, 1))),
        Feedback::HeldWarning => ((LedColor::Amber, 2, 2), None, Some((2, 8, 5))),
        Feedback::Held => ((LedColor::Red, 2, 2), None, Some((5, 5, 10))),
        Feedback::Lockdown => ((LedColor::Red, 15, 5), None, None),
        Feedback::Free => ((LedColor::Green, 10, 0), None, None),
        Feedback::Fault => ((LedColor::Amber, 2, 18), None, None),
    };
    Look { light, moment, beeps }
}

/// Whether it is for a moment, after which the one before is shown again.
pub(super) const fn is_momentary(feedback: Feedback) -> bool {
    look(feedback).moment.is_some()
}

/// What the reader is told; only what it has.
pub(super) fn commands(feedback: Feedback, has_light: bool, has_buzzer: bool) -> Vec<Command> {
    let Look { light: (colour, on, off), moment, beeps } = look(feedback);
    let none = LedColor::Black;
    let temporary = LedTemporary {
        // A light for a moment that still runs ends when one from now on is shown.
        control: if moment.is_some() { 2 } else { 1 },
        on_time: on,
        off_time: off,
        on_color: colour,
        off_color: none,
        timer: moment.unwrap_or(0),
    };
    let permanent = LedPermanent {
        control: u8::from(moment.is_none()),
        on_time: on,
        off_time: off,
        on_color: colour,
        off_color: none,
    };
    let record = LedRecord { reader: 0, led: 0, temporary, permanent };
    let light = has_light.then(|| Command::Led(LedControl::new(vec![record])));
    let beeps = beeps.filter(|_| has_buzzer).map(|(on_time, off_time, count)| {
        Command::Buzzer(BuzzerControl { reader: 0, tone: BuzzerTone::Default, on_time, off_time, count })
    });
    light.into_iter().chain(beeps).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_leaves_what_was_shown_and_what_is_from_now_on_ends_a_moment() {
        let Command::Led(granted) = commands(Feedback::Granted, true, true).remove(0) else { panic!() };
        let Command::Led(idle) = commands(Feedback::Idle, true, true).remove(0) else { panic!() };
        let controls =
            |led: &LedControl| (led.records[0].temporary.control, led.records[0].permanent.control);
        assert_eq!((controls(&granted), controls(&idle)), ((2, 0), (1, 1)));
        assert!(is_momentary(Feedback::Denied) && !is_momentary(Feedback::Pin));
    }

    #[test]
    fn nothing_is_asked_of_a_reader_that_it_has_not_got() {
        let codes = |light, buzzer| {
            commands(Feedback::Denied, light, buzzer)
                .iter()
                .map(|one| one.code().as_byte())
                .collect::<Vec<_>>()
        };
        assert_eq!(codes(true, true), [0x69, 0x6A]);
        assert_eq!(codes(true, false), [0x69]);
        assert_eq!(codes(false, false), Vec::<u8>::new());
    }
}
