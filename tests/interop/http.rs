//! Just enough of HTTP to ask the gateway and the simulated hall.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use serde_json::Value;

/// `GET base/path`, as JSON, without sign-in: of the simulated hall.
pub(crate) fn get(base: &str, path: &str) -> Value {
    get_with("", base, path)
}

/// `GET base/path` with a token, as JSON: of the gateway.
pub(crate) fn get_with(token: &str, base: &str, path: &str) -> Value {
    ask("GET", base, path, token, "").unwrap_or_else(|why| panic!("GET {base}{path}: {why}"))
}

/// `POST base/path` with a JSON body (or none).
pub(crate) fn post(base: &str, path: &str, body: &str) -> Value {
    ask("POST", base, path, "", body).unwrap_or_else(|why| panic!("POST {base}{path}: {why}"))
}

/// The status of an answer to nobody in particular.
pub(crate) fn status(method: &str, base: &str, path: &str) -> u16 {
    let authority = base.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(authority).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let request = format!("{method} {path} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut head = [0; 12];
    stream.read_exact(&mut head).unwrap();
    std::str::from_utf8(&head[9..]).unwrap().parse().unwrap()
}

fn ask(method: &str, base: &str, path: &str, token: &str, body: &str) -> Result<Value, String> {
    let authority = base.strip_prefix("http://").ok_or("no http address")?;
    let told = |error: std::io::Error| error.to_string();
    let mut stream = TcpStream::connect(authority).map_err(told)?;
    stream.set_read_timeout(Some(Duration::from_secs(10))).map_err(told)?;
    let length = body.len();
    let token = if token.is_empty() { String::new() } else { format!("Authorization: Bearer {token}\r\n") };
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n{token}\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).map_err(told)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).map_err(told)?;
    let (head, body) = answer.split_once("\r\n\r\n").ok_or("an answer without an end of its head")?;
    let status = head.split(' ').nth(1).unwrap_or_default();
    if !status.starts_with('2') {
        return Err(format!("{head}\n{body}"));
    }
    serde_json::from_str(body).map_err(|error| format!("{error}: {body}"))
}
