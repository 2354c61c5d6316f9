//! What a device would report, point by point: physics as far as its profile can tell it, with overrides, and the
//! profile's `simulate` values where physics does not speak.
//!
//! Who asks: conditions, the control API's page. It reads no registers: what rounds there, what was written over it, and
//! all faults, those of values too, show on the wire and in [`Hall::ask`], and not here.

use hallward_profiles::Derivation;

use crate::{encode::Values, hall::Hall};

impl Hall {
    /// The value of each point that a device would report by physics and overrides, by its id; `None` if there is no such device. What a gateway
    /// works out for itself, such as dew points, is not among them.
    #[must_use]
    pub fn reported(&self, device: &str) -> Option<Values> {
        let mut values = self.values(device)?;
        let (n, device) = self.site().device(device)?;
        values.extend(self.overrides_of(n));
        let in_registers = device.map.points.iter().map(|point| (&point.name, point.simulate.as_ref()));
        let by_rules =
            device.map.derived.iter().filter(|derived| matches!(derived.how, Derivation::Rules(_)));
        let names = in_registers.chain(by_rules.map(|derived| (&derived.name, None)));
        let reported = names.filter_map(|(name, otherwise)| {
            let value = values.get(name).or(otherwise)?;
            Some((name.clone(), value.clone()))
        });
        Some(reported.collect())
    }
}
