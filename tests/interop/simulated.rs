//! A simulated hall without a gateway, served in this process: its time stands still until a test moves it.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use hallward_profiles::{Library, Literal};
use hallward_simulator::{Action, Hall, Options, Simulator};
use hallward_site::Site;
use tokio::runtime::Runtime;

use crate::http;

/// Hall time until a UPS that has mains again is on line.
const MOST_RETURN: Duration = Duration::from_secs(600);

/// A hall, served while this lives.
pub(crate) struct Simulated {
    simulator: Simulator,
    pub(crate) runtime: Runtime,
}

impl Simulated {
    pub(crate) fn start(site: &str) -> Self {
        Self::at_speed(site, 0.0)
    }

    /// One whose time passes, 1 for that of the wall.
    pub(crate) fn at_speed(site: &str, speed: f64) -> Self {
        let library = Library::load(None).unwrap_or_else(|wrong| panic!("{}", wrong[0]));
        let site = Site::parse("site", site, &library);
        let options = Options {
            site: site.unwrap_or_else(|wrong| panic!("{wrong}")),
            control: "127.0.0.1:0".parse().unwrap(),
            lines: BTreeMap::new(),
            client_certificates: false,
            gateway: None,
            speed,
        };
        let runtime = Runtime::new().unwrap();
        let simulator = runtime.block_on(Simulator::start(options)).unwrap();
        Self { simulator, runtime }
    }

    pub(crate) fn hall(&self) -> &Arc<Hall> {
        self.simulator.hall()
    }

    pub(crate) fn control(&self) -> String {
        format!("http://{}", self.simulator.control_address())
    }

    /// Where a device answers, as the control API tells it: the part before its speed.
    pub(crate) fn address(&self, device: &str) -> String {
        let devices = http::get(&self.control(), "/devices");
        let found = devices["devices"].as_array().unwrap().iter().find(|found| found["id"] == device);
        found.unwrap()["address"].as_str().unwrap().split(' ').next().unwrap().to_owned()
    }

    /// What physics says of a device.
    pub(crate) fn number(&self, device: &str, point: &str) -> f64 {
        let values = self.hall().values(device).unwrap();
        let found = values.iter().find(|(name, _)| name.as_str() == point);
        let Some((_, Literal::Number(number))) = found else { panic!("no number {device}/{point}") };
        *number
    }

    /// The true mode of a UPS.
    pub(crate) fn mode(&self, ups: &str) -> &'static str {
        let upses = self.hall().truth().upses;
        upses.into_iter().find(|one| one.id == ups).unwrap_or_else(|| panic!("no UPS {ups}")).mode
    }

    /// Leads `ups` through a mains failure and asks at each of its stages: on line, a minute on battery, on line again.
    pub(crate) fn mains_failure(&self, ups: &str, mut ask: impl FnMut(&Self)) {
        let (hall, second) = (self.hall(), Duration::from_secs(1));
        assert_eq!(self.mode(ups), "online");
        ask(self);
        hall.act(&Action::MainsOff { source: None }).unwrap();
        hall.advance(second * 60);
        assert_eq!(self.mode(ups), "on-battery");
        ask(self);
        hall.act(&Action::MainsOn { source: None }).unwrap();
        let back = hall.elapsed() + MOST_RETURN;
        while self.mode(ups) != "online" {
            assert!(hall.elapsed() < back, "{ups} stays {}", self.mode(ups));
            hall.advance(second);
        }
        ask(self);
    }
}
