//! The broker.

use std::{
    io::{Read, Write},
    net::TcpStream,
};

use hallward_simulator::{Error, broker};

use crate::client::loopback;

#[test]
fn a_client_is_welcome_and_gets_its_message_back() {
    let address = broker::start(loopback()).unwrap();
    let mut client = TcpStream::connect(address).unwrap();
    let mut expect = |send: &[u8], answer: &[u8]| {
        client.write_all(send).unwrap();
        let mut got = vec![0; answer.len()];
        client.read_exact(&mut got).unwrap();
        assert_eq!(got, answer);
    };
    // MQTT 3.1.1: CONNECT as "t", SUBSCRIBE to "a", PUBLISH "x" to "a".
    expect(b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x3c\x00\x01t", b"\x20\x02\x00\x00");
    expect(b"\x82\x06\x00\x01\x00\x01a\x00", b"\x90\x03\x00\x01\x00");
    expect(b"\x30\x04\x00\x01ax", b"\x30\x04\x00\x01ax");
}

#[test]
fn only_loopback_and_free_addresses_are_taken() {
    let open = broker::start("0.0.0.0:0".parse().unwrap()).unwrap_err();
    assert!(matches!(open, Error::NotLoopback { .. }), "{open}");
    let other = std::net::TcpListener::bind(loopback()).unwrap();
    let taken = broker::start(other.local_addr().unwrap()).unwrap_err();
    assert!(taken.to_string().contains("for the broker"), "{taken}");
}
