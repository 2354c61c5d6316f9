//! The command line: one file per verb. Exit 0: done; 1: the answer is "no" (a check failed); 2: could not be done.

/// Prints a line; whoever closed the pipe (`| head`) has seen enough.
macro_rules! say {
    ($($text:tt)*) => {{
        use std::io::Write as _;
        drop(writeln!(std::io::stdout(), $($text)*))
    }};
}

mod access;
mod account;
mod badge;
mod cert;
mod check;
mod delivery;
#[cfg(feature = "demo")]
mod demo;
mod door;
mod load;
mod log;
mod own;
mod person;
mod profile;
mod program_log;
mod read;
mod review;
mod rule;
mod run;
mod scan;
mod service;
mod signals;
mod site;
mod token;
mod trace;
mod write;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Keeps a data hall: its power, its climate and its doors.
#[derive(Parser)]
#[command(name = "hallward", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Run the gateway of a hall.
    Run(run::Arguments),
    /// Run a simulated hall, a broker and the gateway: nothing else is needed.
    #[cfg(feature = "demo")]
    Demo(demo::Arguments),
    /// Check a site file and print every problem in it.
    Check(check::Arguments),
    /// Make a certificate for the pages.
    Cert(cert::Arguments),
    /// Read a device's registers now.
    Read(read::Arguments),
    /// Find out what is on a line, and what is wrong with it.
    Scan(scan::Arguments),
    /// Make a site file from a wiring list.
    Site(site::Arguments),
    /// Show every frame of a line.
    Trace(trace::Arguments),
    /// Write a value to a device, where the site file allows it.
    Write(write::Arguments),
    /// List, show and check device profiles.
    Profile(profile::Arguments),
    /// Check, follow and export the log; decide what of it is kept.
    Log(log::Arguments),
    /// Make, change, lock and end the accounts of people.
    Account(account::Arguments),
    /// Make and end tokens of programs, and pair wall displays.
    Token(token::Arguments),
    /// Add, change, suspend and end persons who go through doors, and visitors; say who is where.
    Person(person::Arguments),
    /// Issue, change and take back badges.
    Badge(badge::Arguments),
    /// Say who may open which doors when: rules, schedules, holidays.
    Rule(rule::Arguments),
    /// See, order and set doors.
    Door(door::Arguments),
    /// Record equipment that comes into the hall or leaves it.
    Delivery(delivery::Arguments),
    /// Sign that the journal was reviewed up to a record, or see how far it was.
    Review(review::Arguments),
}

/// How a verb ended, when it did not fail.
enum Outcome {
    Done,
    /// The answer is "no".
    No,
}

/// Runs the verb that the user gave.
#[must_use]
pub fn main() -> ExitCode {
    let outcome = match Cli::parse().verb {
        Verb::Run(arguments) => run::run(arguments),
        #[cfg(feature = "demo")]
        Verb::Demo(arguments) => demo::run(arguments),
        Verb::Check(arguments) => check::run(&arguments),
        Verb::Cert(arguments) => cert::run(&arguments),
        Verb::Read(arguments) => read::run(&arguments),
        Verb::Scan(arguments) => scan::run(&arguments),
        Verb::Site(arguments) => site::run(&arguments),
        Verb::Trace(arguments) => trace::run(&arguments),
        Verb::Write(arguments) => write::run(arguments),
        Verb::Profile(arguments) => profile::run(&arguments),
        Verb::Log(arguments) => log::run(arguments),
        Verb::Account(arguments) => account::run(arguments),
        Verb::Token(arguments) => token::run(arguments),
        Verb::Person(arguments) => person::run(arguments),
        Verb::Badge(arguments) => badge::run(arguments),
        Verb::Rule(arguments) => rule::run(arguments),
        Verb::Door(arguments) => door::run(arguments),
        Verb::Delivery(arguments) => delivery::run(arguments),
        Verb::Review(arguments) => review::run(arguments),
    };
    match outcome {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::No) => ExitCode::from(1),
        Err(error) => {
            eprintln!("hallward: {error:#}");
            ExitCode::from(2)
        }
    }
}
