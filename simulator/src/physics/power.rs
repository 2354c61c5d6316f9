//! The electrical plant: every element that makes, passes on or draws power, and the energy books.
//!
//! Each step: the sources move, the switches and generators act on what they see, [`Network::settle`] works out the
//! flows, and stores and counters move by them. The books say where the energy went; they balance (see the tests):
//! supplied = racks + cooling + UPS losses + stored. So do they with those of the rooms (`thermal.rs`): heat made in them =
//! racks + controls and fans of cooling units + UPS losses. The rest of what cooling draws goes outdoors, or into steam.
//!
//! Racks draw the same power at every voltage down to [`LEAST_RACK_VOLTS`], the lower end of the usual power
//! supplies for 100 to 240 V, and nothing below.

use std::collections::BTreeMap;

use hallward_profiles::Class;
use hallward_site::{FeedNode, Site};
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    cooling::CoolingUnit,
    events::Place,
    generator::Generator,
    mains::Mains,
    network::{Elements, Flow, Network, Supply},
    random::{Drift, Random},
    rooms::place_in_room,
    transfer_switch::TransferSwitch,
    ups::Ups,
};

/// Power factor of everything.
pub(super) const POWER_FACTOR: f64 = 0.96;

/// Voltage at which racks still work, V.
const LEAST_RACK_VOLTS: f64 = 90.0;

/// Share of the site's `it_load_w` that racks may be told to draw.
const IT_SHARES: (f64, f64) = (0.0, 3.0);

/// Energy since the start, J.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct Books {
    /// Given by mains and generators.
    pub supplied_j: f64,
    /// Drawn by the racks.
    pub it_j: f64,
    /// Drawn by cooling units.
    pub cooling_j: f64,
    /// Of that, by their controls and fans: heat of the rooms.
    pub cooling_indoors_j: f64,
    /// Turned into heat of the rooms by UPSs.
    pub ups_loss_j: f64,
    /// Put into batteries, less what was taken out.
    pub stored_j: f64,
    /// What else batteries hold more than at the start: set by actions, or (negative) lost by ageing.
    pub adjusted_j: f64,
}

/// All electrical elements, by index of their device (mains: of their source).
#[derive(Clone, Debug)]
pub(super) struct Plant {
    pub(super) network: Network,
    pub(super) mains: Vec<Mains>,
    pub(super) switches: BTreeMap<usize, TransferSwitch>,
    pub(super) generators: BTreeMap<usize, Generator>,
    pub(super) upses: BTreeMap<usize, Ups>,
    pub(super) cooling: BTreeMap<usize, CoolingUnit>,
    /// Energy that went through each meter, J.
    pub(super) metered_j: BTreeMap<usize, f64>,
    pub(super) books: Books,
    /// What the racks at each load draw when it is live, W.
    racks_w: BTreeMap<FeedNode, f64>,
    /// Share of that which they are told to draw.
    it_share: f64,
    wander: Drift,
}

impl Plant {
    pub(super) fn new(site: &Site) -> Self {
        let mut network = Network::new(site);
        let racks_w = racks(site, &mut network);
        let of = |class: Class| {
            let devices = site.devices.iter().enumerate();
            devices.filter(move |(_, device)| device.profile.class == class)
        };
        let it_w = site.simulation.it_load_w;
        let units = of(Class::Cooling).count();
        let capacity_w = 1.4 * it_w / count(units.max(2) - 1);
        let generator_w = 1.6 * (it_w / 0.9 + it_w * 0.5);
        let unit = |(n, device)| (n, CoolingUnit::new(site, device, capacity_w, place_in_room(site, n)));
        let cooling = of(Class::Cooling).map(unit);
        let mut plant = Self {
            mains: vec![Mains::new(); site.sources.len().max(1)],
            switches: of(Class::Ats).map(|(n, device)| (n, TransferSwitch::new(site, device))).collect(),
            generators: of(Class::Generator)
                .map(|(n, device)| (n, Generator::new(site, device, generator_w)))
                .collect(),
            upses: of(Class::Ups).map(|(n, device)| (n, Ups::new(site, device, it_w / 0.8))).collect(),
            cooling: cooling.collect(),
            metered_j: of(Class::Meter).map(|(n, _)| (n, 0.0)).collect(),
            books: Books::default(),
            racks_w,
            network,
            it_share: 1.0,
            wander: Drift::default(),
        };
        plant.settle();
        plant
    }

    /// Begins books and counters anew.
    pub(super) fn restart_books(&mut self) {
        self.books = Books::default();
        self.metered_j.values_mut().for_each(|metered_j| *metered_j = 0.0);
        for ups in self.upses.values_mut() {
            ups.output_j = 0.0;
            ups.battery.adjusted_j = 0.0;
        }
    }

    /// The racks draw `percent` of what the site says.
    pub(super) fn set_it_load(&mut self, percent: f64) {
        self.it_share = (percent / 100.0).clamp(IT_SHARES.0, IT_SHARES.1);
    }

    /// The state that each element of the supply is in, by the event that its beginning is.
    pub(super) fn states(&self) -> impl Iterator<Item = (Place, &'static str)> {
        let mains = self.mains.iter().enumerate().map(|(n, mains)| (Place::Source(n), mains.code()));
        let switches = self.switches.iter().map(|(n, switch)| (Place::Device(*n), switch.code()));
        let generators = self.generators.iter().map(|(n, one)| (Place::Device(*n), one.code()));
        let upses = self.upses.iter().map(|(n, ups)| (Place::Device(*n), ups.mode.code()));
        mains.chain(switches).chain(generators).chain(upses)
    }

    /// Time until something timed happens in the supply if nothing else does, s.
    pub(super) fn next_change_s(&self) -> f64 {
        let start_delay_s =
            self.generators.values().map(|one| one.start_delay_s).fold(f64::INFINITY, f64::min);
        let mains = self.mains.iter().map(Mains::next_change_s);
        let switches = self.switches.values().map(|switch| switch.next_change_s(start_delay_s));
        let generators = self.generators.values().map(Generator::next_change_s);
        let upses = self.upses.iter().map(|(n, ups)| ups.next_change_s(self.flow(*n).out_w));
        mains.chain(switches).chain(generators).chain(upses).fold(f64::INFINITY, f64::min)
    }

    pub(super) fn flow(&self, device: usize) -> Flow {
        self.network.flow(FeedNode::Device(device))
    }

    /// What the racks draw in all, W.
    pub(super) fn it_w(&self) -> f64 {
        self.racks_w.keys().map(|node| self.network.flow(*node).in_w).sum()
    }

    fn rack_w(&self, node: FeedNode) -> f64 {
        self.racks_w.get(&node).copied().unwrap_or(0.0) * self.it_share * (1.0 + 0.015 * self.wander.get())
    }

    /// One step; `room_c` is the air around each device. Cooling units are stepped by their rooms.
    pub(super) fn step(&mut self, dt_s: f64, random: &mut Random, room_c: impl Fn(usize) -> f64) {
        self.mains.iter_mut().for_each(|mains| mains.step(dt_s, random));
        self.wander.step(dt_s, 120.0, random);
        for (n, switch) in &mut self.switches {
            let node = FeedNode::Device(*n);
            let mut tested = self.generators.iter().filter(|(_, one)| one.is_tested_on_load());
            let tested = tested.any(|(n, _)| self.network.reaches(FeedNode::Device(*n), node));
            switch.step(dt_s, self.network.inputs(node), tested);
        }
        let wanted: Vec<bool> = self.generators.iter().map(|(n, one)| self.wants(*n, one)).collect();
        for (generator, wanted) in self.generators.values_mut().zip(wanted) {
            generator.step(dt_s, wanted);
        }
        self.settle();
        for (n, generator) in &mut self.generators {
            generator.carry(dt_s, self.network.flow(FeedNode::Device(*n)).out_w);
        }
        for (n, ups) in &mut self.upses {
            let flow = self.network.flow(FeedNode::Device(*n));
            ups.step(dt_s, flow.incoming, flow.out_w, room_c(*n));
        }
        for (n, metered_j) in &mut self.metered_j {
            *metered_j += self.network.flow(FeedNode::Device(*n)).in_w * dt_s;
        }
        self.book(dt_s);
    }

    /// Whether a generator is called: by a switch that it feeds, or without one by the mains.
    fn wants(&self, device: usize, generator: &Generator) -> bool {
        let node = FeedNode::Device(device);
        let feeds = |n: usize| self.network.reaches(node, FeedNode::Device(n));
        let mut switches = self.switches.iter().filter(|(n, _)| feeds(**n)).peekable();
        if switches.peek().is_none() {
            return self.mains.iter().all(|mains| mains.supply().is_none());
        }
        switches.any(|(_, switch)| switch.wants_generator(generator.start_delay_s))
    }

    fn settle(&mut self) {
        let mut network = std::mem::take(&mut self.network);
        network.settle(self);
        self.network = network;
    }

    fn book(&mut self, dt_s: f64) {
        let sources = (0..self.mains.len()).map(FeedNode::Source);
        let generators = self.generators.keys().map(|n| FeedNode::Device(*n));
        let supplied_w: f64 = sources.chain(generators).map(|node| self.network.flow(node).out_w).sum();
        let it_w = self.it_w();
        let cooling_w: f64 = self.cooling.keys().map(|n| self.flow(*n).in_w).sum();
        let indoors = self.cooling.iter().map(|(n, unit)| unit.drawn(self.flow(*n).incoming).indoors_w);
        let cooling_indoors_w: f64 = indoors.sum();
        let ups_loss_w: f64 = self.upses.values().map(|ups| ups.loss_w).sum();
        let stored_w: f64 = self.upses.values().map(|ups| ups.battery.power_w).sum();
        self.books.supplied_j += supplied_w * dt_s;
        self.books.it_j += it_w * dt_s;
        self.books.cooling_j += cooling_w * dt_s;
        self.books.cooling_indoors_j += cooling_indoors_w * dt_s;
        self.books.ups_loss_j += ups_loss_w * dt_s;
        self.books.stored_j += stored_w * dt_s;
        self.books.adjusted_j = self.upses.values().map(|ups| ups.battery.adjusted_j).sum();
    }
}

impl Elements for Plant {
    fn selected(&self, node: FeedNode) -> Option<Option<usize>> {
        let FeedNode::Device(n) = node else { return None };
        self.switches.get(&n).map(TransferSwitch::selected)
    }

    fn output(&self, node: FeedNode, incoming: Option<Supply>) -> Option<Supply> {
        match node {
            FeedNode::Source(n) => self.mains.get(n).and_then(Mains::supply),
            FeedNode::Load(_) => incoming,
            FeedNode::Device(n) => match (self.generators.get(&n), self.upses.get(&n)) {
                (Some(generator), _) => generator.supply(),
                (None, Some(ups)) => ups.supply(incoming),
                (None, None) => incoming,
            },
        }
    }

    fn input_w(&self, node: FeedNode, incoming: Option<Supply>, out_w: f64) -> f64 {
        match node {
            FeedNode::Source(_) => 0.0,
            FeedNode::Load(_) => {
                let live = incoming.is_some_and(|supply| supply.volts >= LEAST_RACK_VOLTS);
                if live { self.rack_w(node) } else { 0.0 }
            }
            FeedNode::Device(n) => {
                match (self.generators.get(&n), self.upses.get(&n), self.cooling.get(&n)) {
                    (Some(_), _, _) => 0.0,
                    (None, Some(ups), _) => ups.input_w(incoming, out_w),
                    (None, None, Some(unit)) => unit.drawn(incoming).total_w(),
                    (None, None, None) => out_w,
                }
            }
        }
    }
}

/// Where the racks hang: on the site's loads; without any, on UPSs that feed nothing, else on meters that feed
/// nothing, each of which gets a load of its own.
fn racks(site: &Site, network: &mut Network) -> BTreeMap<FeedNode, f64> {
    let ends = |network: &Network, class: Class| -> Vec<FeedNode> {
        let devices = site.devices.iter().enumerate();
        let of_class = devices.filter(|(_, device)| device.profile.class == class);
        let nodes = of_class.map(|(n, _)| FeedNode::Device(n));
        nodes.filter(|node| !network.has_consumers(*node)).collect()
    };
    let mut loads: Vec<FeedNode> = (0..site.loads.len()).map(FeedNode::Load).collect();
    if loads.is_empty() {
        let places = [Class::Ups, Class::Meter].map(|class| ends(network, class));
        let places = places.into_iter().find(|places| !places.is_empty()).unwrap_or_default();
        for (n, place) in places.into_iter().enumerate() {
            network.hang(FeedNode::Load(n), place);
            loads.push(FeedNode::Load(n));
        }
    }
    let share_w = site.simulation.it_load_w / count(loads.len());
    loads.into_iter().map(|node| (node, share_w)).collect()
}

/// A count as a divisor: at least 1.
pub(super) fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number.max(1)).unwrap_or(u32::MAX))
}
