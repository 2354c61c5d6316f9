//! A simulated hall as everyone drives it: the building that physics computes, each device's registers, faults and
//! counters.
//!
//! Who calls it: `server` with requests, `control` with questions and orders, `clock` with time, and tests, which need
//! no listeners. It may be shared: every method takes `&self`. Locks are std's, held for a computation and never over an await. A poisoned lock is taken all the same:
//! each computation leaves its state whole.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    io,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use hallward_profiles::Id;
use hallward_site::{Device, Site};
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, duplex};

use crate::{
    disturbance,
    encode::{self, Encoder, Values},
    error::Error,
    faults::{Fault, FaultKind, Faults, Place},
    modbus::{
        Frame, Framing,
        function::{Exception, Registers, Writable, refusal},
        identification,
    },
    physics::{Action, Building, NotHere, Random, Scenario, Truth, wrong_parameters},
    server::{self, Answer, Wait},
};

/// The revision that every simulated device tells.
const REVISION: &str = env!("CARGO_PKG_VERSION");

/// Bytes that an in-memory connection holds each way: several of the longest answers.
const PIPE: usize = 4096;

/// What happens to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    /// These bytes come back, or none.
    Answers(Vec<Answer>),
    /// The connection is closed.
    Close,
}

/// The simulated hall of one site, with or without a [`crate::Simulator`] around it.
#[derive(Debug)]
pub struct Hall {
    pub(crate) site: Arc<Site>,
    building: Mutex<Building>,
    pub(crate) faults: Mutex<Faults>,
    /// For faults that come by chance.
    random: Mutex<Random>,
    served: Vec<Served>,
    /// The building at its start.
    first: Building,
}

#[derive(Debug)]
struct Served {
    registers: Mutex<(Encoder, Writable)>,
    answered: AtomicU64,
}

/// Takes a lock, poisoned or not.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn fresh(device: &Device) -> (Encoder, Writable) {
    (Encoder::new(Arc::clone(&device.map)), Writable::new(&device.map))
}

impl Hall {
    /// The hall of `site`, at rest, in which time stands still until [`Hall::advance`].
    ///
    /// # Errors
    /// When the site's `[simulation]` is wrong.
    pub fn new(site: Site) -> Result<Self, Error> {
        let wrong = wrong_parameters(&site);
        if !wrong.is_empty() {
            return Err(Error::Parameters { wrong });
        }
        let served = site
            .devices
            .iter()
            .map(|device| Served { registers: Mutex::new(fresh(device)), answered: AtomicU64::new(0) });
        let first = Building::new(&site);
        Ok(Self {
            served: served.collect(),
            building: Mutex::new(first.clone()),
            first,
            faults: Mutex::default(),
            random: Mutex::new(Random::new(site.simulation.seed)),
            site: Arc::new(site),
        })
    }

    /// Answers on `stream` as the devices of a line do, in its framing (TLS is not spoken) and, on serial lines, at its
    /// speed. Ends with the stream. Needs a tokio runtime with time.
    ///
    /// # Errors
    /// When the site has no such line.
    pub async fn serve(&self, line: &Id, stream: impl AsyncRead + AsyncWrite + Unpin) -> Result<(), Error> {
        let found = self.site.lines.iter().position(|one| one.id == *line);
        let line = found.ok_or_else(|| Error::NoSuchLine { line: line.clone() })?;
        server::serve_stream(stream, line, self).await;
        Ok(())
    }

    /// A connection in memory to a line, on which its devices answer as [`Hall::serve`] says. It ends when the stream
    /// is dropped. Needs a tokio runtime with time.
    ///
    /// # Errors
    /// `NotFound` when the site has no such line; `ConnectionRefused` while all of the line's devices refuse.
    pub fn connect(self: &Arc<Self>, line: &Id) -> io::Result<DuplexStream> {
        let found = self.site.lines.iter().position(|one| one.id == *line);
        let line = found.ok_or_else(|| {
            io::Error::new(io::ErrorKind::NotFound, Error::NoSuchLine { line: line.clone() })
        })?;
        if self.refuses(line) {
            return Err(io::ErrorKind::ConnectionRefused.into());
        }
        let (ours, theirs) = duplex(PIPE);
        let hall = Arc::clone(self);
        tokio::spawn(async move { server::serve_stream(ours, line, &hall).await });
        Ok(theirs)
    }

    fn refuses(&self, line: usize) -> bool {
        let faults = lock(&self.faults);
        let mut devices = self.site.devices.iter().filter(|device| device.line == line).peekable();
        devices.peek().is_some()
            && devices.all(|device| faults.of_device(&device.id) == Some(FaultKind::Refuse))
    }

    /// The site that it was made from.
    #[must_use]
    pub fn site(&self) -> &Site {
        &self.site
    }

    /// Lets time pass. Devices answer meanwhile, at the latest after a second of it.
    pub fn advance(&self, time: Duration) {
        let mut left = time;
        while !left.is_zero() {
            let piece = left.min(Duration::from_secs(1));
            lock(&self.building).advance(piece);
            left -= piece;
        }
    }

    /// How much time has passed.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        lock(&self.building).elapsed()
    }

    /// The physical state, not what devices report.
    #[must_use]
    pub fn truth(&self) -> Truth {
        lock(&self.building).truth()
    }

    /// The vocabulary's values that a device would see, by its id; `None` if there is no such device.
    #[must_use]
    pub fn values(&self, device: &str) -> Option<Values> {
        lock(&self.building).values(device)
    }

    /// Does something to the building.
    ///
    /// # Errors
    /// When the hall has not got what it is about.
    pub fn act(&self, action: &Action) -> Result<(), NotHere> {
        lock(&self.building).act(action)
    }

    /// Starts a scenario; time then brings what follows from it.
    ///
    /// # Errors
    /// When the hall has not got what the scenario is about.
    pub fn start(&self, scenario: Scenario) -> Result<(), NotHere> {
        lock(&self.building).start(scenario)
    }

    /// Puts a fault on a device or a line, in place of the one it may have.
    pub fn set_fault(&self, fault: Fault) {
        lock(&self.faults).set(fault);
    }

    /// Ends the fault of one device, or all faults.
    pub fn clear_faults(&self, device: Option<&Id>) {
        match device {
            Some(device) => lock(&self.faults).clear(&Place::Device(device.clone())),
            None => lock(&self.faults).clear_all(),
        }
    }

    /// Ends the fault of one line.
    pub fn clear_line_fault(&self, line: &Id) {
        lock(&self.faults).clear(&Place::Line(line.clone()));
    }

    /// Whether a line gives back what is sent on it.
    pub(crate) fn is_echoing(&self, line: &Id) -> bool {
        lock(&self.faults).is_echoing(line)
    }

    /// What becomes of a request on a line.
    pub(crate) fn reply(&self, line: usize, framing: Framing, request: &Frame) -> Reply {
        let mut devices = self.site.devices.iter().zip(&self.served).enumerate();
        let found = devices.find(|(_, (device, _))| device.line == line && device.unit == request.unit);
        let function = request.pdu.first().copied().unwrap_or(0);
        let frame = |pdu| Frame { pdu, ..request.clone() };
        let plain = |frame: &Frame, device| {
            let wait = Wait::Line(Duration::ZERO);
            Reply::Answers(vec![Answer { bytes: framing.bytes(frame), device, wait }])
        };
        let Some((n, (device, served))) = found else {
            return match framing {
                Framing::Mbap => plain(&frame(refusal(function, Exception::NoSuchUnit as u8)), None),
                Framing::Rtu => Reply::Answers(Vec::new()),
            };
        };
        let fault = lock(&self.faults).of_device(&device.id);
        let pdu = match fault {
            // Who is silent has heard nothing either: what was to be written is not.
            Some(FaultKind::Silence) => return Reply::Answers(Vec::new()),
            Some(FaultKind::Refuse) => return Reply::Close,
            Some(FaultKind::Exception { code }) => refusal(function, code),
            fault => self.answer(n, device, served, &request.pdu, fault == Some(FaultKind::Identity)),
        };
        match fault {
            Some(kind) => disturbance::reply(kind, framing, &frame(pdu), n, &mut lock(&self.random)),
            None => plain(&frame(pdu), Some(n)),
        }
    }

    fn answer(&self, n: usize, device: &Device, served: &Served, request: &[u8], mistaken: bool) -> Vec<u8> {
        if let Some((&identification::FUNCTION, data)) = request.split_first() {
            let profile = &device.profile;
            return identification::answer(data, [&profile.vendor, profile.id.as_str(), REVISION]);
        }
        let values = lock(&self.building).values_at(n);
        let (encoder, writable) = &mut *lock(&served.registers);
        let mut image = Cow::Borrowed(encoder.image(values));
        if let Some(identity) = device.profile.identity.as_ref().filter(|_| mistaken) {
            encode::mistake(image.to_mut(), &device.map, identity);
        }
        let limits = &device.profile.limits;
        let answer = Registers { image: &image, writable, limits }.answer(request);
        self.obey(n, encoder, writable);
        answer
    }

    /// What has just been written counts: in the device's other registers, and in the hall.
    fn obey(&self, n: usize, encoder: &mut Encoder, writable: &mut Writable) {
        let written = writable.take_new();
        if written.is_empty() {
            return;
        }
        let values = lock(&self.building).values_at(n);
        let before = encoder.image(values).clone();
        let told = encoder.obey(&written, |area, address| {
            writable.get(area, address).or_else(|| before.get(area, address))
        });
        let values = {
            let mut building = lock(&self.building);
            building.obey(n, &told);
            building.values_at(n)
        };
        writable.forget(encoder.image(values));
    }

    /// Counts an answer that has been sent.
    pub(crate) fn count(&self, device: usize) {
        if let Some(served) = self.served.get(device) {
            served.answered.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Requests answered so far, by device.
    #[must_use]
    pub fn counters(&self) -> BTreeMap<Id, u64> {
        let each = self.site.devices.iter().zip(&self.served);
        each.map(|(device, served)| (device.id.clone(), served.answered.load(Ordering::Relaxed))).collect()
    }

    /// Everything as at the start: the hall, what was written, no faults. Counters go on.
    pub fn reset(&self) {
        lock(&self.building).clone_from(&self.first);
        lock(&self.faults).clear_all();
        for (device, served) in self.site.devices.iter().zip(&self.served) {
            *lock(&served.registers) = fresh(device);
        }
    }
}
