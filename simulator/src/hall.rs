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
use hallward_site::{Device, Site};
use tokio::{
    io::{AsyncRead, AsyncWrite, DuplexStream, duplex},
    sync::Notify,
};

use crate::{
    disturbance,
    encode::{self, Encoder, Image, Values},
    error::Error,
    faults::{Fault, FaultKind, Faults, Place},
    modbus::{
        Frame, Framing, MBAP_HEADER,
        function::{Exception, Registers, Writable, refusal},
        identification,
    },
    physics::{Action, Building, Event, NotHere, Random, Truth, wrong_parameters},
    scenario::Scenarios,
    server::{self, Answer, Wait},
};

/// The revision that every simulated device tells.
const REVISION: &str = env!("CARGO_PKG_VERSION");

/// Time passes in pieces of this at most, between which devices answer.
const MOST_PIECE: Duration = Duration::from_secs(60);

/// Bytes that an in-memory connection holds each way.
const STREAM: usize = 4096;

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
    pub(crate) building: Mutex<Building>,
    /// By line and unit id: which device it is.
    units: BTreeMap<(usize, u8), usize>,
    pub(crate) scenarios: Mutex<Scenarios>,
    pub(crate) faults: Mutex<Faults>,
    /// For faults that come by chance.
    random: Mutex<Random>,
    pub(crate) served: Vec<Served>,
    /// Rung when something may have happened, and badge readers may have read something.
    pub(crate) happened: Notify,
    /// The building at its start.
    pub(crate) first: Building,
}

#[derive(Debug)]
pub(crate) struct Served {
    pub(crate) registers: Mutex<(Encoder, Writable)>,
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
        let units = site.devices.iter().enumerate().map(|(n, device)| ((device.line, device.unit), n));
        Ok(Self {
            units: units.collect(),
            served: served.collect(),
            building: Mutex::new(first.clone()),
            first,
            scenarios: Mutex::default(),
            happened: Notify::new(),
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

    /// What a device answers to one request (function code and data), as it would on its line but at once; `None` if
    /// there is no such device, or no answer.
    #[must_use]
    pub fn ask(&self, device: &str, request: &[u8]) -> Option<Vec<u8>> {
        let (_, device) = self.site.device(device)?;
        let request = Frame { transaction: 0, unit: device.unit, pdu: request.to_vec() };
        match self.reply(device.line, Framing::Mbap, &request) {
            Reply::Answers(answers) => answers.first()?.bytes.get(MBAP_HEADER..).map(<[u8]>::to_vec),
            Reply::Close => None,
        }
    }

    /// A connection in memory to a line, on which its devices answer as [`Hall::serve`] says. It ends when the stream
    /// is dropped. Needs a tokio runtime.
    ///
    /// # Errors
    /// When the site has no such line.
    pub fn connect(self: &Arc<Self>, line: &Id) -> io::Result<DuplexStream> {
        let (ours, theirs) = duplex(STREAM);
        let found = self.site.lines.iter().position(|one| one.id == *line);
        let line = found.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
        let hall = Arc::clone(self);
        tokio::spawn(async move { server::serve_stream(theirs, line, &hall).await });
        Ok(ours)
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
        let mut left = time;
        while !left.is_zero() {
            let piece = lock(&self.scenarios).piece(left.min(MOST_PIECE));
            lock(&self.building).advance_in(piece, longest_step);
            self.go_on(piece);
            left -= piece;
        }
        self.happened.notify_waiters();
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
        let found = self.units.get(&(line, request.unit)).and_then(|n| {
            let device = self.site.devices.get(*n)?;
            Some((*n, (device, self.served.get(*n)?)))
        });
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
            let vendors = profile.identification.iter();
            let vendors = vendors.filter_map(|object| Some((object.object, object.bytes()?)));
            let objects = identification::objects([&profile.vendor, profile.id.as_str(), REVISION], vendors);
            return identification::answer(data, &objects);
        }
        let (encoder, writable) = &mut *lock(&served.registers);
        let mut image = Cow::Borrowed(self.image(n, encoder));
        if let Some(identity) = device.profile.identity.as_ref().filter(|_| mistaken) {
            encode::mistake(image.to_mut(), &device.map, identity);
        }
        let limits = &device.profile.limits;
        let answer = Registers { image: &image, writable, limits }.answer(request);
        self.obey(n, encoder, writable);
        answer
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
    /// on.
    pub fn reset(&self) {
        self.reset_to_seed(self.site.simulation.seed);
    }

    /// As [`Hall::reset`], with another seed of everything random than the site file's.
    pub fn reset_to_seed(&self, seed: u64) {
        lock(&self.scenarios).reset();
        if seed == self.site.simulation.seed {
            lock(&self.building).reset_to(&self.first);
        } else {
            let mut site = Site::clone(&self.site);
            site.simulation.seed = seed;
            lock(&self.building).reset_to(&Building::new(&site));
        }
        self.happened.notify_waiters();
        *lock(&self.random) = Random::new(seed);
        lock(&self.faults).clear_all();
        for (device, served) in self.site.devices.iter().zip(&self.served) {
            *lock(&served.registers) = fresh(device);
        }
    }
}
