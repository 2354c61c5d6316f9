//! What the plan asks of each line, as a share of what the line can carry; and whether that fits.
//!
//! Called on a checked site before anything is polled: by `hallward check`, at the start and when the site file is read
//! again. A plan that cannot be kept is refused there, with the smallest change that would do, instead of being seen
//! as late values at three in the morning.

use std::time::Duration;

use hallward_profiles::{Area, Limits};
use hallward_site::{Baud, Device, Transport};

use super::{
    plan::{Block, plan_device},
    timing::Timing,
};
use crate::model::{DeviceInfo, FAST, Pace, Plant, SLOW};

/// A line with fast points may never be held longer than this by one exchange or one missing answer: the inputs of
/// doors and fire are to be new each 100 ms.
pub const FAST_HOLD: Duration = Duration::from_millis(100);

/// What a line carries.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LineLoad {
    /// The share of the line's time that its polls take; 1 is all of it.
    pub share: f64,
    /// The longest exchange.
    pub longest: Duration,
}

/// A line that cannot carry its plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Overload {
    /// The line: index into the site's lines.
    pub line: usize,
    /// What is wrong.
    pub what: String,
    /// The smallest change that would do.
    pub right: String,
}

/// One device's part in its line.
struct Part<'p> {
    device: &'p Device,
    blocks: Vec<Block>,
}

/// The load of each line of the site.
#[must_use]
pub fn loads(plant: &Plant) -> Vec<LineLoad> {
    let lines = plant.site.lines.iter().enumerate();
    lines.map(|(n, line)| load(&parts(plant, n, &line.transport), Timing::of(&line.transport))).collect()
}

/// Every line that cannot carry its plan.
#[must_use]
pub fn overloads(plant: &Plant) -> Vec<Overload> {
    let mut found = Vec::new();
    for (n, line) in plant.site.lines.iter().enumerate() {
        let parts = parts(plant, n, &line.transport);
        let timing = Timing::of(&line.transport);
        let carried = load(&parts, timing);
        if carried.share > 1.0 {
            let what =
                format!("line `{}` would carry {:.0} % of what it can", line.id, carried.share * 100.0);
            found.push(Overload { line: n, what, right: relief(&parts, timing) });
        }
        let fast = |part: &&Part<'_>| part.blocks.iter().any(|block| block.pace == Pace::Fast);
        if let Some(first) = parts.iter().find(fast) {
            let mut held = parts.iter().filter_map(|part| holds(part, first.device, timing));
            if let Some((what, right)) = held.next() {
                let what = match held.count() {
                    0 => what,
                    others => format!("{what}; so would {others} more"),
                };
                found.push(Overload { line: n, what, right });
            }
        }
    }
    found
}

fn parts<'p>(plant: &'p Plant, line: usize, transport: &Transport) -> Vec<Part<'p>> {
    let on_line = plant.iter().filter(|(_, device, _)| device.line == line);
    let part = |device: &'p Device, info: &DeviceInfo| Part {
        device,
        blocks: plan_device(device, info, Timing::of(transport)),
    };
    on_line.map(|(_, device, info)| part(device, info)).collect()
}

fn load(parts: &[Part<'_>], timing: Timing) -> LineLoad {
    let shares = parts.iter().map(|part| {
        share(part, timing, Pace::Fast) + share(part, timing, Pace::Normal) + share(part, timing, Pace::Slow)
    });
    let longest = parts.iter().flat_map(|part| exchanges(part, timing, None)).max();
    LineLoad { share: shares.sum(), longest: longest.unwrap_or_default() }
}

/// The share of a line that a device's blocks of one pace take.
fn share(part: &Part<'_>, timing: Timing, pace: Pace) -> f64 {
    let period = match pace {
        Pace::Fast => FAST,
        Pace::Normal => part.device.every,
        Pace::Slow => SLOW.max(part.device.every),
    };
    let pause = millis(part.device.limits.pause_ms);
    let taken: Duration = exchanges(part, timing, Some(pace)).map(|exchange| exchange + pause).sum();
    taken.as_secs_f64() / period.as_secs_f64()
}

/// How long each request of a device takes, with its answer.
fn exchanges<'p>(
    part: &'p Part<'_>,
    timing: Timing,
    pace: Option<Pace>,
) -> impl Iterator<Item = Duration> + 'p {
    let answer = millis(part.device.limits.answer_ms);
    let blocks = part.blocks.iter().filter(move |block| pace.is_none_or(|pace| block.pace == pace));
    let segments = blocks.flat_map(|block| block.segments.iter().map(|segment| (block.area, segment.count)));
    segments.map(move |(area, count)| timing.read(registers(area, count), answer))
}

/// Registers that take as many characters.
fn registers(area: Area, count: u16) -> u16 {
    if area.is_bits() { count.div_ceil(16) } else { count }
}

/// The smallest change that lets a line carry its plan.
fn relief(parts: &[Part<'_>], timing: Timing) -> String {
    let of = |pace| parts.iter().map(|part| share(part, timing, pace)).sum::<f64>();
    let left = 1.0 - of(Pace::Fast) - of(Pace::Slow);
    let slowest = parts.iter().map(|part| part.device.every).max().unwrap_or_default();
    let mut ways = Vec::new();
    if left > 0.0 {
        let times = of(Pace::Normal) / left;
        let every = (slowest.as_secs_f64() * times * 10.0).ceil() * 100.0;
        ways.push(format!("every = \"{every:.0}ms\" for its devices"));
    }
    let faster = Baud::STANDARD.iter().filter(|_| timing.is_serial());
    let fits = |baud: &&Baud| load(parts, Timing::at(**baud)).share <= 1.0;
    ways.extend(
        faster.copied().collect::<Vec<_>>().iter().find(fits).map(|baud| format!("{} baud", baud.get())),
    );
    ways.push("another line for some of them".to_owned());
    ways.join(", or ")
}

/// How a device holds a line with fast points for too long, and what would do.
fn holds(part: &Part<'_>, fast: &Device, timing: Timing) -> Option<(String, String)> {
    let id = &part.device.id;
    let limits: &Limits = &part.device.limits;
    let answer = millis(limits.answer_ms);
    let longest = exchanges(part, timing, None).max().unwrap_or_default();
    let reason = format!("`{}` has points that are read fast", fast.id);
    let own_line = || format!("another line for `{}`", fast.id);
    if longest > FAST_HOLD {
        let what = format!("`{id}` would hold its line for {} ms, and {reason}", longest.as_millis());
        let wait = millis(limits.timeout_ms);
        let fits = |count: &u16| timing.read(*count, answer.max(wait)) <= FAST_HOLD;
        let most = (1..=125).rev().find(fits);
        let fewer = most.map(|most| format!("limits = {{ max_registers = {most} }} for `{id}`, or "));
        return Some((what, format!("{}{}", fewer.unwrap_or_default(), own_line())));
    }
    // A unit that does not answer holds the line for the request and the wait.
    let wire = longest.saturating_sub(answer);
    let wait = millis(limits.timeout_ms);
    (wire + wait > FAST_HOLD).then(|| {
        let what = format!(
            "`{id}`, should it be silent, would hold its line for {} ms, and {reason}",
            (wire + wait).as_millis()
        );
        let shorter = FAST_HOLD.saturating_sub(wire);
        (
            what,
            format!("limits = {{ timeout = \"{}ms\" }} for `{id}`, or {}", shorter.as_millis(), own_line()),
        )
    })
}

fn millis(ms: u16) -> Duration {
    Duration::from_millis(u64::from(ms))
}

#[cfg(test)]
mod tests {
    use hallward_profiles::{Library, Profile};
    use hallward_site::Site;

    use super::*;

    /// So many devices of fifty registers on a line.
    fn plant(line: &str, devices: u8, rest: &str) -> Plant {
        let profile = "[profile]\nid = \"fifty\"\nname = \"t\"\nvendor = \"t\"\nclass = \"io\"\nconfidence = \"low\"\n\
                       sources = [\"test\"]\n[connection]\n[limits]\nanswer_ms = 0\ntimeout_ms = 50\n\
                       [[point]]\nname = \"r{n}\"\narea = \"holding\"\naddress = 0\ntype = \"u16\"\n\
                       each = { from = 0, to = 49, address_step = 1 }\n\
                       text = { en = \"t\", vi = \"t\" }\n\
                       [[point]]\nname = \"input.0\"\narea = \"discrete\"\naddress = 0\ntype = \"bool\"\nperiod = \"slow\"\n";
        let profile = Profile::parse("fifty.toml", profile).unwrap_or_else(|wrong| panic!("{wrong}"));
        let mut site =
            format!("[site]\nid = \"s\"\nname = \"s\"\ntime_zone = \"UTC\"\n[[line]]\nid = \"l\"\n{line}\n");
        for unit in 1..=devices {
            site += &format!(
                "[[device]]\nid = \"d{unit}\"\nline = \"l\"\nunit = {unit}\nprofile = \"fifty\"\n{rest}\n"
            );
        }
        Plant::new(
            Site::parse("site.toml", &site, &Library::from_iter([profile])).unwrap_or_else(|e| panic!("{e}")),
            false,
        )
    }

    const SERIAL: &str = "serial = \"/dev/x\"\nbaud = 9600";

    #[test]
    fn ten_devices_of_fifty_registers_do_not_fit_on_9600_baud_each_second() {
        let found = overloads(&plant(SERIAL, 10, ""));
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].what, "line `l` would carry 138 % of what it can");
        assert_eq!(
            found[0].right,
            "every = \"1400ms\" for its devices, or 19200 baud, or another line for some of them"
        );
        assert_eq!(overloads(&plant(SERIAL, 10, "every = \"1400ms\"")), []);
        assert_eq!(overloads(&plant("serial = \"/dev/x\"\nbaud = 19200", 10, "")), []);
        let load = loads(&plant(SERIAL, 5, ""))[0];
        assert!((load.share - 0.69).abs() < 0.01 && load.longest.as_millis() == 137, "{load:?}");
    }

    #[test]
    fn a_line_with_fast_points_is_not_held_for_long() {
        let fast = "fast = [\"input.0\"]";
        let found = overloads(&plant(SERIAL, 1, fast));
        let right = "limits = { max_registers = 11 } for `d1`, or another line for `d1`";
        assert_eq!(found.iter().map(|wrong| wrong.right.as_str()).collect::<Vec<_>>(), [right], "{found:?}");
        assert_eq!(overloads(&plant("tcp = \"h:502\"", 1, fast)), []);
        let slow = format!("{fast}\nlimits = {{ timeout = \"500ms\" }}");
        let found = overloads(&plant("tcp = \"h:502\"", 1, &slow));
        assert!(found[0].what.contains("should it be silent, would hold its line for 500 ms"), "{found:?}");
        assert_eq!(found[0].right, "limits = { timeout = \"100ms\" } for `d1`, or another line for `d1`");
    }
}
