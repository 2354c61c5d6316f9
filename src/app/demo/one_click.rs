//! One-click orders of the demo's page, as the simulated hall carries them out.
//!
//! `web` decides who may order and how it is shown; scenarios and faults are the simulator's own.

use std::{net::SocketAddr, sync::Arc};

use hallward_profiles::{Class, Id};
use hallward_simulator::{Fault, FaultKind, Hall, Scenario, Script};

use crate::web::{Order, Simulated};

/// What mends everything.
const MENDED: &str = include_str!("mended.toml");

/// The hall behind the page.
pub(super) struct OneClick {
    hall: Arc<Hall>,
    control: SocketAddr,
}

impl OneClick {
    pub(super) fn new(hall: Arc<Hall>, control: SocketAddr) -> Self {
        Self { hall, control }
    }

    fn has(&self, class: Class) -> bool {
        self.of(class).next().is_some()
    }

    fn of(&self, class: Class) -> impl Iterator<Item = &Id> {
        let devices = self.hall.site().devices.iter();
        devices.filter(move |device| device.profile.class == class).map(|device| &device.id)
    }

    /// The last UPS, beside which others carry the racks; in a hall without, the first device.
    fn silenced(&self) -> Option<&Id> {
        self.of(Class::Ups).last().or_else(|| self.hall.site().devices.first().map(|device| &device.id))
    }

    fn start(&self, scenario: Scenario) -> Result<(), String> {
        self.hall.start(scenario).map(drop).map_err(|error| error.to_string())
    }

    fn silence(&self) -> Result<(), String> {
        let device = self.silenced().ok_or("this hall has no device")?.clone();
        let fault = Fault::of_device(device, FaultKind::Silence);
        self.hall.set_fault(fault).map(drop).map_err(|error| error.to_string())
    }

    /// Nothing goes on breaking meanwhile, and every point reports what is.
    fn mend(&self) -> Result<(), String> {
        self.hall.stop_scenarios(None);
        self.hall.clear_overrides();
        let mended = Script::from_toml(MENDED)?;
        self.hall.play(&mended).map(drop).map_err(|error| error.to_string())
    }
}

impl Simulated for OneClick {
    fn control(&self) -> SocketAddr {
        self.control
    }

    fn orders(&self) -> Vec<Order> {
        let mains = !self.hall.site().sources.is_empty();
        let possible = |order: &Order| match order {
            Order::MainsFailure | Order::MainsRestored => mains,
            Order::GeneratorFails => mains && self.has(Class::Generator),
            Order::CoolingFailure => self.has(Class::Cooling),
            Order::Smoke => self.has(Class::Fire),
            Order::Leak => self.has(Class::Leak),
            Order::Silence => self.silenced().is_some(),
            Order::Mended => true,
        };
        Order::ALL.into_iter().filter(possible).collect()
    }

    fn order(&self, order: Order) -> Result<(), String> {
        match order {
            Order::MainsFailure => self.start(Scenario::MainsFailure),
            Order::GeneratorFails => self.start(Scenario::MainsFailureGeneratorFails),
            Order::CoolingFailure => self.start(Scenario::CoolingFailure),
            Order::Smoke => self.start(Scenario::Smoke),
            Order::Leak => self.start(Scenario::Leak),
            Order::MainsRestored => self.start(Scenario::MainsRestored),
            Order::Silence => self.silence(),
            Order::Mended => self.mend(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use hallward_profiles::Library;
    use hallward_simulator::{Action, DEMO_SITE, Truth};
    use hallward_site::Site;

    use super::*;

    fn of(site: &str) -> OneClick {
        let library = Library::load(None).unwrap_or_else(|wrong| panic!("{}", wrong[0]));
        let site = Site::parse("demo", site, &library).unwrap_or_else(|wrong| panic!("{wrong}"));
        OneClick::new(Arc::new(Hall::new(site).unwrap()), SocketAddr::from(([127, 0, 0, 1], 8090)))
    }

    /// What is true `seconds` after an order.
    fn after(one_click: &OneClick, order: Order, seconds: u64) -> Truth {
        one_click.order(order).unwrap_or_else(|why| panic!("{order:?}: {why}"));
        one_click.hall.advance(Duration::from_secs(seconds));
        one_click.hall.truth()
    }

    fn is_alarmed(truth: &Truth) -> bool {
        truth.fire.iter().any(|one| one.stage != "normal") || truth.leaks.iter().any(|one| one.litres > 0.3)
    }

    #[test]
    fn each_order_does_what_its_button_says() {
        let demo = || of(DEMO_SITE);
        assert_eq!(demo().orders(), Order::ALL);
        let hall = demo();
        assert_eq!(after(&hall, Order::MainsFailure, 3).upses[0].mode, "on-battery");
        assert_eq!(after(&hall, Order::MainsRestored, 60).transfer_switches[0].position, "1");
        let dark = after(&demo(), Order::GeneratorFails, 120);
        assert_eq!((dark.generators[0].engine, dark.upses[0].mode), ("fault", "on-battery"));
        let warm = after(&demo(), Order::CoolingFailure, 5);
        assert_eq!(warm.cooling.iter().filter(|unit| unit.state == "fault").count(), 1);
        for order in [Order::Smoke, Order::Leak] {
            assert!(is_alarmed(&after(&demo(), order, 180)), "{order:?}");
        }
        let hall = demo();
        after(&hall, Order::Silence, 0);
        let faults = hall.hall.faults();
        assert_eq!(faults[0].fault, Fault::of_device("ups-b".parse().unwrap(), FaultKind::Silence));
    }

    #[test]
    fn mending_leaves_nothing_broken_whatever_went_before() {
        let one_click = of(DEMO_SITE);
        for order in
            Order::ALL.into_iter().filter(|order| *order != Order::MainsRestored && *order != Order::Mended)
        {
            after(&one_click, order, 100);
        }
        one_click.hall.act(&Action::SwitchSticks { device: None }).unwrap();
        one_click
            .hall
            .set_override("ups-a", "battery.charge", hallward_profiles::Literal::Number(1.0))
            .unwrap();
        assert!(is_alarmed(&one_click.hall.truth()));
        let truth = after(&one_click, Order::Mended, 600);
        assert!(!is_alarmed(&truth), "{:?} {:?}", truth.fire, truth.leaks);
        assert_eq!(truth.transfer_switches[0].position, "1");
        assert_eq!(truth.generators[0].engine, "stopped");
        assert!(truth.upses.iter().all(|ups| ups.mode == "online"));
        assert!(truth.cooling.iter().all(|unit| unit.state != "fault"));
        assert!(truth.fire.iter().all(|one| one.suppression.is_none_or(|state| state == "ready")));
        assert!(one_click.hall.faults().is_empty() && one_click.hall.overrides().is_empty());
    }

    #[test]
    fn a_hall_offers_what_it_has_the_devices_for() {
        let small = of(
            "[site]\nid = \"s\"\nname = \"S\"\ntime_zone = \"UTC\"\n[[line]]\nid = \"m\"\ntcp = \"127.0.0.1:502\"\n\
             [[device]]\nid = \"m-1\"\nname = \"Meter\"\nline = \"m\"\nprofile = \"eastron-sdm630\"\nevery = \"1s\"\n",
        );
        assert_eq!(small.orders(), [Order::Silence, Order::Mended]);
        for order in small.orders() {
            after(&small, order, 30);
        }
        assert_eq!(
            small.order(Order::Leak),
            Err("scenario `leak`, step 1: this hall has no leak detection".to_owned())
        );
    }
}
