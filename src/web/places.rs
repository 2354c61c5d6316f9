//! Places for connections from other machines: a bounded number in all, and of each address, so that one peer cannot take
//! those of all others. [`super::listener`] gives them out; a [`super::connection`] holds one for as long as it lives.

use std::{
    collections::BTreeMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Connections in all.
pub(super) const CONNECTIONS: usize = 400;

/// Connections of one address: some browsers with their tabs behind it, and programs.
const OF_ONE: usize = 200;

/// See the module.
#[derive(Clone)]
pub(super) struct Places {
    all: Arc<Semaphore>,
    taken: Arc<Mutex<BTreeMap<IpAddr, usize>>>,
}

/// One place, given back when it is dropped.
pub(super) struct Place {
    _one_of_all: OwnedSemaphorePermit,
    address: IpAddr,
    taken: Arc<Mutex<BTreeMap<IpAddr, usize>>>,
}

impl Places {
    pub(super) fn new(all: usize) -> Self {
        Self { all: Arc::new(Semaphore::new(all)), taken: Arc::default() }
    }

    /// Whether there is none for anybody.
    pub(super) fn are_taken(&self) -> bool {
        self.all.available_permits() == 0
    }

    /// Waits for one of all; always, as they are never closed.
    pub(super) async fn one_of_all(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.all).acquire_owned().await.ok()
    }

    /// The place of a peer; none if its address has as many as one may have.
    pub(super) fn of(&self, address: IpAddr, one_of_all: OwnedSemaphorePermit) -> Option<Place> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let own = taken.entry(address).or_default();
        if *own >= OF_ONE {
            return None;
        }
        *own += 1;
        Some(Place { _one_of_all: one_of_all, address, taken: Arc::clone(&self.taken) })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = taken.get_mut(&self.address) {
            *own -= 1;
            if *own == 0 {
                taken.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_address_leaves_places_to_others() {
        let places = Places::new(OF_ONE + 2);
        let (one, other) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        let mut held = Vec::new();
        for _ in 0..OF_ONE {
            held.extend(places.of(one, places.one_of_all().await.unwrap()));
        }
        assert_eq!(held.len(), OF_ONE);
        assert!(places.of(one, places.one_of_all().await.unwrap()).is_none());
        assert!(places.of(other, places.one_of_all().await.unwrap()).is_some());
        held.pop();
        assert!(places.of(one, places.one_of_all().await.unwrap()).is_some());
        drop(held);
        assert!(places.taken.lock().unwrap().is_empty());
    }
}
