//! Everything that requests share: the hall, each device's registers, faults and counters.
//!
//! Who calls it: `server` with requests, `control` with questions and orders, `clock` with time. Locks are std's, held
//! for a computation and never over an await. A poisoned lock is taken all the same: each computation leaves its
//! state whole.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use hallward_profiles::Id;
use hallward_site::{Device, Site};

use crate::{
    encode::Encoder,
    faults::{FaultKind, Faults},
    modbus::{
        frame::Frame,
        function::{Exception, Registers, Writable, refusal},
    },
    physics::Hall,
};

/// What happens to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    /// It is answered.
    Answer {
        frame: Frame,
        /// The device that answers, if there is one with this unit id.
        device: Option<usize>,
        fault: Option<FaultKind>,
    },
    /// Nothing comes back.
    Silence,
    /// The connection is closed.
    Close,
}

/// The simulated devices of one site.
#[derive(Debug)]
pub(crate) struct Devices {
    pub(crate) site: Arc<Site>,
    pub(crate) hall: Arc<Mutex<Hall>>,
    pub(crate) faults: Mutex<Faults>,
    served: Vec<Served>,
    /// The hall at its start.
    first: Hall,
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

impl Devices {
    pub(crate) fn new(site: Site) -> Self {
        let served = site
            .devices
            .iter()
            .map(|device| Served { registers: Mutex::new(fresh(device)), answered: AtomicU64::new(0) });
        let first = Hall::new(&site);
        Self {
            served: served.collect(),
            hall: Arc::new(Mutex::new(first.clone())),
            first,
            faults: Mutex::default(),
            site: Arc::new(site),
        }
    }

    /// What becomes of a request on a line.
    pub(crate) fn reply(&self, line: usize, request: &Frame) -> Reply {
        let mut devices = self.site.devices.iter().zip(&self.served).enumerate();
        let found = devices.find(|(_, (device, _))| device.line == line && device.unit == request.unit);
        let function = request.pdu.first().copied().unwrap_or(0);
        let frame = |pdu| Frame { transaction: request.transaction, unit: request.unit, pdu };
        let Some((n, (device, served))) = found else {
            let pdu = refusal(function, Exception::NoSuchUnit as u8);
            return Reply::Answer { frame: frame(pdu), device: None, fault: None };
        };
        let fault = lock(&self.faults).of(&device.id);
        let pdu = match fault {
            Some(FaultKind::Silence) => return Reply::Silence,
            Some(FaultKind::Refuse) => return Reply::Close,
            Some(FaultKind::Exception { code }) => refusal(function, code),
            Some(FaultKind::Delay { .. }) | None => self.answer(n, device, served, &request.pdu),
        };
        Reply::Answer { frame: frame(pdu), device: Some(n), fault }
    }

    fn answer(&self, n: usize, device: &Device, served: &Served, request: &[u8]) -> Vec<u8> {
        let values = lock(&self.hall).values_at(n);
        let (encoder, writable) = &mut *lock(&served.registers);
        let image = encoder.image(values);
        Registers { image, writable, limits: &device.profile.limits }.answer(request)
    }

    /// Counts an answer that has been sent.
    pub(crate) fn count(&self, device: usize) {
        if let Some(served) = self.served.get(device) {
            served.answered.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Requests answered so far, by device.
    pub(crate) fn counters(&self) -> BTreeMap<Id, u64> {
        let each = self.site.devices.iter().zip(&self.served);
        each.map(|(device, served)| (device.id.clone(), served.answered.load(Ordering::Relaxed))).collect()
    }

    /// Everything as at the start: the hall, what was written, no faults. Counters go on.
    pub(crate) fn reset(&self) {
        lock(&self.hall).clone_from(&self.first);
        lock(&self.faults).clear(None);
        for (device, served) in self.site.devices.iter().zip(&self.served) {
            *lock(&served.registers) = fresh(device);
        }
    }
}
