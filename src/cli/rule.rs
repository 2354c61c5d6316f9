//! `hallward rule …`: who may open which doors when, with schedules and holidays; through the running service.

use clap::Subcommand;

use super::{
    Outcome,
    access::{Asking, notes},
};
use crate::access::{AccessDeed, AccessList, Listed, ScheduleLine};

/// Say who may open which doors when: rules, schedules, holidays.
#[derive(clap::Args)]
#[command(
    after_help = "Example:\n  hallward rule add \"Staff by day\" --who staff --doors main --schedule office --why \"house rules\""
)]
pub(super) struct Arguments {
    #[command(subcommand)]
    what: What,
    #[command(flatten)]
    asking: Asking,
}

#[derive(Subcommand)]
enum What {
    /// One line a rule; with --at, which rules held then, and who had made them.
    #[command(after_help = "Example:\n  hallward rule list --at 2026-06-01 --json")]
    List {
        /// A day or time.
        #[arg(long)]
        at: Option<String>,
    },
    /// Add a rule.
    #[command(
        after_help = "Example:\n  hallward rule add \"Staff by day\" --who staff --doors main,hall --schedule office --why \"x\""
    )]
    Add {
        /// What people call it.
        name: String,
        /// A group, or a person's id.
        #[arg(long)]
        who: String,
        /// Which doors; all when absent.
        #[arg(long, value_delimiter = ',')]
        doors: Vec<String>,
        /// When; always when absent.
        #[arg(long)]
        schedule: Option<String>,
        /// The first day.
        #[arg(long)]
        from: Option<String>,
        /// The last day.
        #[arg(long)]
        until: Option<String>,
        /// Why: it stands in the journal.
        #[arg(long)]
        why: String,
    },
    /// Change a rule, which gets a further revision: what is not named stays as it is.
    #[command(after_help = "Example:\n  hallward rule change r3 --schedule none --why \"night shift too\"")]
    Change {
        /// Which, such as r3.
        rule: String,
        /// Another name.
        #[arg(long)]
        name: Option<String>,
        /// A group, or a person's id.
        #[arg(long)]
        who: Option<String>,
        /// Which doors.
        #[arg(long, value_delimiter = ',')]
        doors: Option<Vec<String>>,
        /// When; `none` for always.
        #[arg(long)]
        schedule: Option<String>,
        /// The first day; `none` for no beginning.
        #[arg(long)]
        from: Option<String>,
        /// The last day; `none` for no end.
        #[arg(long)]
        until: Option<String>,
        /// Why: it stands in the journal.
        #[arg(long)]
        why: String,
    },
    /// End a rule.
    #[command(after_help = "Example:\n  hallward rule end r3 --why \"project over\"")]
    End {
        /// Which.
        rule: String,
        /// Why: it stands in the journal.
        #[arg(long)]
        why: String,
    },
    /// Schedules.
    #[command(subcommand)]
    Schedule(ScheduleWhat),
    /// Holidays: on them schedules follow their eighth day.
    #[command(subcommand)]
    Holiday(HolidayWhat),
}

#[derive(Subcommand)]
enum ScheduleWhat {
    /// One line a schedule.
    #[command(after_help = "Example:\n  hallward rule schedule list")]
    List {
        /// A day or time.
        #[arg(long)]
        at: Option<String>,
    },
    /// Make or change a schedule. A day that is not named has no time; holidays take the place of their day of the week.
    #[command(
        after_help = "Example:\n  hallward rule schedule set office \"Mon-Fri 08:00-12:00,13:00-17:30; holidays none\" --why \"x\""
    )]
    Set {
        /// Its id.
        schedule: String,
        /// Its times.
        times: String,
        /// What people call it.
        #[arg(long)]
        name: Option<String>,
        /// Why: it stands in the journal.
        #[arg(long)]
        why: String,
    },
    /// End a schedule that nothing goes by.
    #[command(after_help = "Example:\n  hallward rule schedule end office --why \"no longer used\"")]
    End {
        /// Which.
        schedule: String,
        /// Why: it stands in the journal.
        #[arg(long)]
        why: String,
    },
}

#[derive(Subcommand)]
enum HolidayWhat {
    /// One line a holiday.
    #[command(after_help = "Example:\n  hallward rule holiday list")]
    List {
        /// A day or time.
        #[arg(long)]
        at: Option<String>,
    },
    /// Make a day a holiday.
    #[command(after_help = "Example:\n  hallward rule holiday set 2026-09-02 \"Quốc khánh\"")]
    Set {
        /// The day.
        date: String,
        /// What people call it.
        name: String,
    },
    /// Make it a day like others.
    #[command(after_help = "Example:\n  hallward rule holiday end 2026-09-02")]
    End {
        /// The day.
        date: String,
    },
}

pub(super) fn run(Arguments { what, asking }: Arguments) -> anyhow::Result<Outcome> {
    use AccessDeed as Deed;
    let deed = match what {
        What::List { at } => return asking.list(AccessList::Rules { at }, lines),
        What::Schedule(ScheduleWhat::List { at }) => {
            return asking.list(AccessList::Schedules { at }, lines);
        }
        What::Holiday(HolidayWhat::List { at }) => return asking.list(AccessList::Holidays { at }, lines),
        What::Add { name, who, doors, schedule, from, until, why } => {
            Deed::AddRule { name, who, doors, schedule, from, until, why }
        }
        What::Change { rule, name, who, doors, schedule, from, until, why } => {
            Deed::ChangeRule { rule, name, who, doors, schedule, from, until, why }
        }
        What::End { rule, why } => Deed::EndRule { rule, why },
        What::Schedule(ScheduleWhat::Set { schedule, times, name, why }) => {
            Deed::SetSchedule { schedule, name, times, why }
        }
        What::Schedule(ScheduleWhat::End { schedule, why }) => Deed::EndSchedule { schedule, why },
        What::Holiday(HolidayWhat::Set { date, name }) => Deed::SetHoliday { date, name },
        What::Holiday(HolidayWhat::End { date }) => Deed::EndHoliday { date },
    };
    asking.change(deed)
}

fn lines(listed: &Listed) -> Vec<String> {
    if let Listed::Rules(rules) = listed {
        return rules.iter().map(rule).collect();
    }
    if let Listed::Schedules(schedules) = listed {
        let line = |line: &ScheduleLine| format!("{:<16} {:<24} {}", line.id, line.name, line.times);
        return schedules.iter().map(line).collect();
    }
    let Listed::Holidays(holidays) = listed else { return Vec::new() };
    holidays.iter().map(|line| format!("{} {}", line.date, line.name)).collect()
}

fn rule(line: &crate::access::RuleLine) -> String {
    let doors = if line.doors.is_empty() { "all doors".to_owned() } else { line.doors.join(",") };
    let notes = notes([
        Some(doors),
        Some(line.schedule.clone().unwrap_or_else(|| "always".to_owned())),
        line.from.as_ref().map(|from| format!("from {from}")),
        line.until.as_ref().map(|until| format!("until {until}")),
        Some(format!("by {} since {}", line.made.by, line.made.since)),
    ]);
    format!("{:<4} rev {:<3} {:<20} for {:<12} {notes}", line.id, line.made.revision, line.name, line.who)
}
