//! How busy a line is and how fast it answers, as both of the lines' pages show it.

use std::time::Duration;

use super::{super::lines::LineState, frame::Frame};

/// A line's load, and its answer times.
pub(super) struct LoadView {
    /// Load now: a text, and the length of its bar out of 100. `None` while the line is being started.
    pub(super) now: Option<(String, String)>,
    /// What the site file asks of the line: a text, and where it stands on the bar.
    pub(super) planned: (String, String),
    /// Answer times that half, and 99 of 100 answers did not exceed; `None` before the first answer.
    pub(super) answers: Option<(String, String)>,
}

impl LoadView {
    /// Of a line.
    pub(super) fn new(frame: &Frame<'_>, state: &LineState<'_>) -> Self {
        let both = |share: f64| {
            let percent = share * 100.0;
            // A stroke of 1 at the end of the bar is still on it.
            let length = percent.clamp(0.0, 99.0);
            (format!("{}\u{a0}%", frame.words.number(percent, 1)), format!("{length:.1}"))
        };
        let counters = state.counters.as_deref();
        let answer =
            |quantile| counters?.answer_times.quantile(state.now, quantile).map(|time| millis(frame, time));
        Self {
            now: counters.map(|counters| both(counters.load.share(state.now))),
            planned: both(state.planned.share),
            answers: answer(0.5).zip(answer(0.99)),
        }
    }
}

/// A span in ms: to a tenth below ten.
pub(super) fn millis(frame: &Frame<'_>, span: Duration) -> String {
    let ms = span.as_secs_f64() * 1000.0;
    format!("{}\u{a0}ms", frame.words.number(ms, if ms < 10.0 { 1 } else { 0 }))
}
