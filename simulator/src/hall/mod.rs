//! A simulated hall as everyone drives it: the building that physics computes, each device's registers, faults and
//! counters.
//!
//! Who calls it: `server` with requests (`reply.rs`), `control` with questions and orders, `clock` with time, and tests,
//! which need no listeners. It may be shared: every method takes `&self`.
//!
//! Locks are std's, held for a computation and never over an await, and taken in the order turn, scenarios, faults,
//! registers, building. A poisoned lock is taken all the same: each computation leaves its state whole.

mod reply;

use std::{
    collections::BTreeMap,
    io,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use hallward_profiles::{Area, Id};
use hallward_site::{Device, Site};
use tokio::{
    io::{AsyncRead, AsyncWrite, DuplexStream, duplex},
    sync::Notify,
};

use crate::{
    encode::{Encoder, Values},
    error::Error,
    faults::{Fault, FaultId, Faults, Standing, WrongFault},
    modbus::{
        Frame, Framing, MBAP_HEADER,
        function::{Registers, Writable},
    },
    physics::{Action, Building, Event, NotHere, Truth, wrong_parameters},
    scenario::Scenarios,
    server::{self, Answer},
    spoilt::Restart,
};

/// Time passes in pieces of this at most, between which devices answer.
const MOST_PIECE: Duration = Duration::from_secs(60);

/// Bytes that an in-memory connection holds each way: several of the longest answers.
const PIPE: usize = 4096;

/// What happens to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    /// These bytes come back, or none.
    Answers(Vec<Answer>),
    /// The connection is closed.
    Close,
    /// These bytes come back, and the connection is reset.
    Reset(Vec<u8>),
    /// Nothing comes back, ever again on this connection.
    Gone,
}

/// The simulated hall of one site, with or without a [`crate::Simulator`] around it.
#[derive(Debug)]
pub struct Hall {
    pub(crate) site: Arc<Site>,
    /// Held while time passes, a scenario starts or all begins anew: each is done whole before the next.
    pub(crate) turn: Mutex<()>,
    pub(crate) building: Mutex<Building>,
    /// By line and unit id: which device it is.
    units: BTreeMap<(usize, u8), usize>,
    pub(crate) scenarios: Mutex<Scenarios>,
    faults: Mutex<Faults>,
    pub(crate) served: Vec<Served>,
    /// Rung when something may have happened, and badge readers may have read something.
    pub(crate) happened: Notify,
    /// The building at its start, or at the last reset.
    first: Mutex<Arc<Building>>,
}

#[derive(Debug)]
pub(crate) struct Served {
    pub(crate) registers: Mutex<(Encoder, Writable)>,
    /// If it has begun anew since the start.
    restart: Mutex<Option<Restart>>,
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
        let served = site.devices.iter().map(|device| Served {
            registers: Mutex::new(fresh(device)),
            restart: Mutex::default(),
            answered: AtomicU64::new(0),
        });
        let first = Arc::new(Building::new(&site));
        let units = site.devices.iter().enumerate().map(|(n, device)| ((device.line, device.unit), n));
        Ok(Self {
            units: units.collect(),
            served: served.collect(),
            turn: Mutex::default(),
            building: Mutex::new(Building::clone(&first)),
            first: Mutex::new(first),
            scenarios: Mutex::default(),
            happened: Notify::new(),
            faults: Mutex::new(Faults::new(site.simulation.seed)),
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

    /// What a device answers to one request (function code and data), as it would on its line but at once; `None` if
    /// there is no such device, or no answer.
    #[must_use]
    pub fn ask(&self, device: &str, request: &[u8]) -> Option<Vec<u8>> {
        let (_, device) = self.site.device(device)?;
        let request = Frame { transaction: 0, unit: device.unit, pdu: request.to_vec() };
        match self.reply(device.line, Framing::Mbap, &request) {
            Reply::Answers(answers) => answers.first()?.bytes.get(MBAP_HEADER..).map(<[u8]>::to_vec),
            Reply::Close | Reply::Reset(_) | Reply::Gone => None,
        }
    }

    /// A connection in memory to a line, on which its devices answer as [`Hall::serve`] says. It ends when the stream
    /// is dropped. Needs a tokio runtime with time.
    ///
    /// # Errors
    /// `NotFound` when the site has no such line; `ConnectionRefused` while the line, or all of its devices, refuse.
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

    /// Whether a line takes no connections.
    pub(crate) fn refuses(&self, line: usize) -> bool {
        let mut faults = lock(&self.faults);
        !faults.is_empty() && faults.refuses(&self.site, self.elapsed(), line)
    }

    /// The site that it was made from.
    #[must_use]
    pub fn site(&self) -> &Site {
        &self.site
    }

    /// Lets time pass. Devices answer meanwhile, at the latest after a minute of it.
    pub fn advance(&self, time: Duration) {
        self.advance_in(time, Duration::from_secs(1));
    }

    /// As [`Hall::advance`], in steps of up to `longest_step` (1 to 10 s) while nothing is about to change in the power
    /// supply: for long runs that nobody looks into more often.
    pub fn advance_in(&self, time: Duration, longest_step: Duration) {
        let _turn = lock(&self.turn);
        let mut left = time;
        while !left.is_zero() {
            let piece = self.piece(left.min(MOST_PIECE));
            lock(&self.building).advance_in(piece, longest_step);
            self.go_on();
            self.happened.notify_waiters();
            left -= piece;
        }
    }

    /// The building at its start, or at the last reset.
    pub(crate) fn first(&self) -> Arc<Building> {
        Arc::clone(&lock(&self.first))
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

    /// What a device, by its place in the site, holds in `count` registers or bits from `first` on, without a wire: faults
    /// do not touch it, and it is not counted. `None` where it would refuse, and where there is no such device.
    #[must_use]
    pub fn words(&self, device: usize, area: Area, first: u16, count: u16) -> Option<Vec<u16>> {
        let (served, limits) = (self.served.get(device)?, &self.site.devices.get(device)?.profile.limits);
        let (encoder, writable) = &mut *lock(&served.registers);
        let image = self.image(device, encoder);
        Registers { image, writable, limits }.cells(area, first, count).ok()
    }

    /// What has truly happened after the event numbered `after` (0: from the first): the last 10 000 are kept, and
    /// numbers go on at a reset.
    #[must_use]
    pub fn events(&self, after: u64) -> Vec<Event> {
        lock(&self.building).events(after)
    }

    /// Does something to the building.
    ///
    /// # Errors
    /// When the hall has not got what it is about.
    pub fn act(&self, action: &Action) -> Result<(), NotHere> {
        let done = lock(&self.building).act(action);
        self.happened.notify_waiters();
        done
    }

    /// Notes an event that is not of physics.
    pub(crate) fn note(&self, code: &'static str, place: &str) {
        lock(&self.building).note(code, place);
        self.happened.notify_waiters();
    }

    /// Puts a fault up, in place of one of its kind on the same place.
    ///
    /// # Errors
    /// When the site cannot have it, or there are 256 already.
    pub fn set_fault(&self, fault: Fault) -> Result<Standing, WrongFault> {
        let now = self.elapsed();
        lock(&self.faults).set(&self.site, now, fault)
    }

    /// The faults that are on or still to begin, in the order of setting.
    #[must_use]
    pub fn faults(&self) -> Vec<Standing> {
        let now = self.elapsed();
        lock(&self.faults).list(now)
    }

    /// Ends one fault; whether it was there.
    pub fn clear_fault(&self, id: FaultId) -> bool {
        let now = self.elapsed();
        lock(&self.faults).clear_one(now, id)
    }

    /// Ends the faults of one device and its points, or all faults.
    pub fn clear_faults(&self, device: Option<&Id>) {
        let now = self.elapsed();
        match device {
            Some(device) => lock(&self.faults).clear_device(now, &self.site, device),
            None => lock(&self.faults).clear_all(now),
        }
    }

    /// Ends the faults of one line itself.
    pub fn clear_line_fault(&self, line: &Id) {
        let now = self.elapsed();
        lock(&self.faults).clear_line(now, line);
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

    /// Everything as at the start: the hall, what was written, no faults, overrides or scenarios under way. Counters go
    /// on. Time that is passing comes before it or after.
    pub fn reset(&self) {
        self.reset_to_seed(self.site.simulation.seed);
    }

    /// As [`Hall::reset`], with another seed of everything random than the site file's: a new hall of that seed.
    pub fn reset_to_seed(&self, seed: u64) {
        let mut site = Site::clone(&self.site);
        site.simulation.seed = seed;
        let first = Arc::new(Building::new(&site));
        let _turn = lock(&self.turn);
        {
            // All at once, so that no request meets half of it; in the order in which everyone takes them.
            let mut scenarios = lock(&self.scenarios);
            let mut faults = lock(&self.faults);
            let mut registers: Vec<_> = self.served.iter().map(|served| lock(&served.registers)).collect();
            let mut building = lock(&self.building);
            scenarios.reset();
            *faults = Faults::new(seed);
            registers.iter_mut().zip(&self.site.devices).for_each(|(each, device)| **each = fresh(device));
            self.served.iter().for_each(|served| *lock(&served.restart) = None);
            building.reset_to(&first);
            *lock(&self.first) = first;
        }
        self.happened.notify_waiters();
    }
}
