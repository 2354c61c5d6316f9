//! One listener for each line: takes connections, cuts requests out of the stream and sends what [`Devices`] replies.
//!
//! Bounds: [`MOST_CONNECTIONS`] a line (more are closed at once), one request at a time on a connection, and a
//! connection that says nothing for [`IDLE`] is closed.

use std::{sync::Arc, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpListener,
    sync::Semaphore,
    task::JoinSet,
    time::{sleep, timeout},
};

use crate::{
    devices::{Devices, Reply},
    faults::FaultKind,
    modbus::frame::{Frame, LONGEST},
};

/// Connections that a line takes at a time.
const MOST_CONNECTIONS: usize = 16;

/// How long a connection may be quiet.
const IDLE: Duration = Duration::from_secs(3600);

/// Rest after an error of accepting, such as no more file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves a line until the task is dropped, and its connections with it.
pub(crate) async fn serve(listener: TcpListener, line: usize, devices: Arc<Devices>) {
    let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!(line, %error, "cannot accept");
                sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
            tracing::warn!(line, "more than {MOST_CONNECTIONS} connections: one is closed");
            continue;
        };
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(line, %error, "no TCP_NODELAY");
        }
        let devices = Arc::clone(&devices);
        connections.spawn(async move {
            connection(stream, line, &devices).await;
            drop(place);
        });
    }
}

/// Answers the requests of one connection until it ends, is idle for too long or makes no sense.
async fn connection(mut stream: impl AsyncRead + AsyncWrite + Unpin, line: usize, devices: &Devices) {
    let mut waiting: Vec<u8> = Vec::with_capacity(LONGEST);
    let mut chunk = [0_u8; LONGEST];
    loop {
        match Frame::parse(&waiting) {
            Ok(Some((request, length))) => {
                waiting.drain(..length);
                if !reply(&mut stream, devices, devices.reply(line, &request)).await {
                    return;
                }
            }
            Ok(None) => match timeout(IDLE, stream.read(&mut chunk)).await {
                Ok(Ok(count @ 1..)) => waiting.extend(chunk.iter().take(count)),
                Ok(Ok(0) | Err(_)) | Err(_) => return,
            },
            Err(_) => {
                tracing::debug!(line, "bytes that are no Modbus TCP: the connection is closed");
                return;
            }
        }
    }
}

/// Sends a reply; `false` when the connection is over.
async fn reply(stream: &mut (impl AsyncWrite + Unpin), devices: &Devices, reply: Reply) -> bool {
    match reply {
        Reply::Close => false,
        Reply::Silence => true,
        Reply::Answer { frame, device, fault } => {
            let delay = fault.map(FaultKind::delay).unwrap_or_default();
            if !delay.is_zero() {
                sleep(delay).await;
            }
            // Counted first: who has the answer also finds it counted.
            device.into_iter().for_each(|device| devices.count(device));
            stream.write_all(&frame.bytes()).await.is_ok()
        }
    }
}
