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

use hallward_profiles::{Area, Id};
use hallward_site::{Device, Site, Transport};
use tokio::{
    io::{AsyncRead, AsyncWrite, DuplexStream, duplex},
    sync::Notify,
};

use crate::{
    disturbance,
    encode::{Encoder, Image, Values},
    error::Error,
    faults::{Fault, FaultId, FaultKind, Faults, Standing, Strike, Strikes, WrongFault},
    modbus::{
        Frame, Framing, MBAP_HEADER,
        function::{Exception, Registers, Writable, refusal},
        identification,
    },
    physics::{Action, Building, Event, NotHere, Truth, wrong_parameters},
    scenario::Scenarios,
    server::{self, Answer},
    spoilt::{Restart, spoil},
};

/// The revision that every simulated device tells.
const REVISION: &str = env!("CARGO_PKG_VERSION");

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

    /// What a request would find in `count` registers or bits of a device from `start`, without a wire: faults do not
    /// touch it, and it is not counted. Registers that the device has not got are 0; empty if there is no such device.
    #[must_use]
    pub fn words(&self, device: usize, area: Area, start: u16, count: u16) -> Vec<u16> {
        let Some(served) = self.served.get(device) else { return Vec::new() };
        let (encoder, writable) = &mut *lock(&served.registers);
        let image = self.image(device, encoder);
        let word = |address| writable.get(area, address).or_else(|| image.get(area, address)).unwrap_or(0);
        (start..start.saturating_add(count)).map(word).collect()
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

    /// Whether a fault of this kind that a line itself has strikes now.
    pub(crate) fn is_struck(&self, line: usize, kind: FaultKind) -> bool {
        let mut faults = lock(&self.faults);
        !faults.is_empty() && faults.strikes_line(self.elapsed(), line, kind)
    }

    /// What becomes of a request on a line.
    pub(crate) fn reply(&self, line: usize, framing: Framing, request: &Frame) -> Reply {
        let found = self.units.get(&(line, request.unit)).and_then(|n| {
            let device = self.site.devices.get(*n)?;
            Some((*n, (device, self.served.get(*n)?)))
        });
        let n = found.as_ref().map(|(n, _)| *n);
        let mut strikes = self.strikes(line, n);
        let serial =
            self.site.lines.get(line).is_some_and(|line| matches!(line.transport, Transport::Serial(_)));
        if let Some((n, (device, served))) = found.filter(|_| strikes.restarted) {
            self.restart(n, device, served);
        }
        if let Some(reply) = disturbance::instead(&mut strikes, framing, request, serial) {
            return reply;
        }
        let function = request.pdu.first().copied().unwrap_or(0);
        let pdu = match (strikes.exception(), found, framing) {
            (Some(code), Some(_), _) => refusal(function, code),
            (None, Some((n, (device, served))), _) => {
                self.answer(n, device, served, &request.pdu, &strikes.list)
            }
            (_, None, Framing::Mbap) => refusal(function, Exception::NoSuchUnit as u8),
            (_, None, Framing::Rtu) => return Reply::Answers(Vec::new()),
        };
        disturbance::reply(&mut strikes, framing, &Frame { pdu, ..request.clone() }, n)
    }

    fn strikes(&self, line: usize, device: Option<usize>) -> Strikes {
        let mut faults = lock(&self.faults);
        if faults.is_empty() { Strikes::default() } else { faults.strikes(self.elapsed(), line, device) }
    }

    fn answer(
        &self,
        n: usize,
        device: &Device,
        served: &Served,
        request: &[u8],
        strikes: &[Strike],
    ) -> Vec<u8> {
        if let Some((&identification::FUNCTION, data)) = request.split_first() {
            let profile = &device.profile;
            let vendors = profile.identification.iter();
            let vendors = vendors.filter_map(|object| Some((object.object, object.bytes()?)));
            let objects = identification::objects([&profile.vendor, profile.id.as_str(), REVISION], vendors);
            return identification::answer(data, &objects);
        }
        let (encoder, writable) = &mut *lock(&served.registers);
        let overrides = encoder.overrides().clone();
        let mut image = Cow::Borrowed(self.image(n, encoder));
        if let Some(restart) = &*lock(&served.restart) {
            restart.recount(image.to_mut(), &device.map, &overrides);
        }
        if !strikes.is_empty() {
            spoil(image.to_mut(), device, strikes);
        }
        let limits = &device.profile.limits;
        let answer = Registers { image: &image, writable, limits }.answer(request);
        self.obey(n, encoder, writable);
        answer
    }

    /// A device begins anew: what was written is forgotten, what it counts is as at the start. What a tester has it
    /// report it still reports.
    fn restart(&self, n: usize, device: &Device, served: &Served) {
        let (mut first, writable) = fresh(device);
        let building = self.first();
        let start = first.image(0, |given| building.tell(n, given)).clone();
        let told = first.obey(writable.allowed(), |area, address| start.get(area, address));
        lock(&self.building).obey(n, &told);
        let mut registers = lock(&served.registers);
        let overrides = registers.0.overrides().clone();
        *registers = fresh(device);
        let then = self.image(n, &mut registers.0).clone();
        overrides.into_iter().for_each(|(point, value)| {
            registers.0.override_point(point, Some(value));
        });
        *lock(&served.restart) = Some(Restart { then, first: start });
    }

    /// A device's registers as they are now, but for what was written over them.
    fn image<'e>(&self, n: usize, encoder: &'e mut Encoder) -> &'e Image {
        let building = lock(&self.building);
        encoder.image(building.changes(), |given| building.tell(n, given))
    }

    /// What has just been written counts: in the device's other registers, and in the hall.
    fn obey(&self, n: usize, encoder: &mut Encoder, writable: &mut Writable) {
        let written = writable.take_new();
        if written.is_empty() {
            return;
        }
        let before = self.image(n, encoder).clone();
        let told = encoder.obey(&written, |area, address| {
            writable.get(area, address).or_else(|| before.get(area, address))
        });
        lock(&self.building).obey(n, &told);
        writable.forget(self.image(n, encoder));
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
