//! What becomes of a request on a line: who is meant, what strikes it, what the device's registers say.
//!
//! Who calls it: `server` for every request, and [`Hall::ask`]. Bytes and their times are `disturbance`'s and `server`'s.

use std::borrow::Cow;

use hallward_site::{Device, Transport};

use super::{Hall, Reply, Served, fresh, lock};
use crate::{
    disturbance,
    encode::{Encoder, Image},
    faults::{FaultKind, Strike, Strikes},
    modbus::{
        Frame, Framing,
        function::{Exception, Registers, Writable, refusal},
        identification,
    },
    spoilt::{Restart, spoil},
};

/// The revision that every simulated device tells.
const REVISION: &str = env!("CARGO_PKG_VERSION");

impl Hall {
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
        if device.safe_state.is_some() {
            lock(&self.building).ask(n);
        }
        let (encoder, writable) = &mut *lock(&served.registers);
        let restart = lock(&served.restart);
        let restart = restart.as_ref().map(|restart| (restart, encoder.overrides().clone()));
        let mut image = Cow::Borrowed(self.image(n, encoder));
        if let Some((restart, overrides)) = restart {
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
    pub(super) fn image<'e>(&self, n: usize, encoder: &'e mut Encoder) -> &'e Image {
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
}
