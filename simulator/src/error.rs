//! What can go wrong in starting the simulator.

use std::net::SocketAddr;

use hallward_profiles::Id;

/// Why the simulator or its broker cannot start.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum Error {
    #[error("{address} can be reached from other machines; give a loopback address such as 127.0.0.1:0")]
    NotLoopback { address: SocketAddr },
    #[error("cannot listen on {address} for {what}: {source}")]
    Listen { what: String, address: SocketAddr, source: std::io::Error },
    #[error("there is no line `{line}` in this site")]
    NoSuchLine { line: Id },
    #[error("line `{line}` is a serial port: it gets a pseudo terminal, and no address")]
    NoAddress { line: Id },
    #[error("no pseudo terminal for line `{line}`: {source}")]
    PseudoTerminal { line: Id, source: std::io::Error },
    #[error("the certificates of the TLS lines cannot be made: {source}")]
    Certificates { source: std::io::Error },
    #[error("the site's [simulation] is wrong:\n{}", .wrong.join("\n"))]
    Parameters { wrong: Vec<String> },
    #[error("the broker cannot start: {what}")]
    Broker { what: String },
    #[error("the speed must be 0 to {most}, not {speed}")]
    Speed { speed: f64, most: f64 },
}
