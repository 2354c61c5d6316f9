//! Starting and stopping.

use std::{collections::BTreeMap, net::SocketAddr};

use hallward_simulator::{Error, Options, Simulator};
use tokio::net::TcpStream;

use crate::client::{demo, demo_options, loopback};

#[tokio::test]
async fn lines_listen_where_they_are_told() {
    let free = std::net::TcpListener::bind(loopback()).unwrap().local_addr().unwrap();
    let lines = BTreeMap::from([("ups-a".parse().unwrap(), free)]);
    let simulator = Simulator::start(Options { lines, ..demo_options() }).await.unwrap();
    assert_eq!(simulator.lines()["ups-a"].to_string(), free.to_string());
    assert_eq!(simulator.lines().len(), 21);
    let mut endpoints = simulator.lines().values().filter_map(|at| at.endpoint());
    assert!(endpoints.all(|at| at.to_string().starts_with("127.0.0.1:")));
}

#[tokio::test]
async fn a_stopped_simulator_listens_no_more() {
    let simulator = demo().await;
    let endpoints = simulator.lines().values().filter_map(|at| at.endpoint());
    let lines = endpoints.map(|at| at.to_string().parse().unwrap());
    let addresses: Vec<SocketAddr> = lines.chain([simulator.control_address()]).collect();
    simulator.shutdown().await;
    for address in addresses {
        assert!(TcpStream::connect(address).await.is_err(), "{address} still listens");
    }
}

async fn refused(options: Options) -> Error {
    Simulator::start(options).await.expect_err("a refusal")
}

#[tokio::test]
async fn only_loopback_is_served() {
    let open: SocketAddr = "0.0.0.0:0".parse().unwrap();
    let error = refused(Options { control: open, ..demo_options() }).await;
    assert!(error.to_string().contains("give a loopback address"), "{error}");
    let lines = BTreeMap::from([("ups-a".parse().unwrap(), open)]);
    let error = refused(Options { lines, ..demo_options() }).await;
    assert!(matches!(error, Error::NotLoopback { .. }), "{error}");
}

#[tokio::test]
async fn options_that_make_no_sense_are_refused() {
    let lines = BTreeMap::from([("ups-z".parse().unwrap(), loopback())]);
    let error = refused(Options { lines, ..demo_options() }).await;
    assert!(error.to_string().contains("no line `ups-z`"), "{error}");
    let error = refused(Options { speed: f64::NAN, ..demo_options() }).await;
    assert!(error.to_string().contains("0 to 1000"), "{error}");
    let mut options = demo_options();
    options.site.simulation.device.entry("ups-a".to_owned()).or_default().insert("colour".to_owned(), 1.0);
    let error = refused(options).await;
    assert!(error.to_string().contains("colour is unknown"), "{error}");
}

#[tokio::test]
async fn an_address_that_is_taken_is_named() {
    let other = std::net::TcpListener::bind(loopback()).unwrap();
    let address = other.local_addr().unwrap();
    let error = refused(Options { control: address, ..demo_options() }).await;
    assert!(
        error.to_string().contains(&format!("cannot listen on {address} for the control API")),
        "{error}"
    );
}
