//! How many connections there are, in all and from each address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// Counts connections.
#[derive(Debug)]
pub(super) struct Peers {
    total: usize,
    each: usize,
    counts: Mutex<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    total: usize,
    each: HashMap<IpAddr, usize>,
}

/// A connection that is counted for as long as this lives.
#[derive(Debug)]
pub(super) struct Counted {
    peers: Arc<Peers>,
    address: IpAddr,
}

impl Peers {
    /// Takes at most so many connections in all, and of each address.
    pub(super) fn new(total: usize, each: usize) -> Arc<Self> {
        Arc::new(Self { total, each, counts: Mutex::default() })
    }

    /// Counts one more connection; none if there are too many.
    pub(super) fn enter(self: &Arc<Self>, address: IpAddr) -> Option<Counted> {
        let address = address.to_canonical();
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let of_peer = counts.each.get(&address).copied().unwrap_or(0);
        if counts.total >= self.total || of_peer >= self.each {
            return None;
        }
        counts.total += 1;
        counts.each.insert(address, of_peer + 1);
        Some(Counted { peers: Arc::clone(self), address })
    }

    /// How many connections there are.
    pub(super) fn total(&self) -> usize {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).total
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let mut counts = self.peers.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.total = counts.total.saturating_sub(1);
        let left = counts.each.get(&self.address).map_or(0, |count| count.saturating_sub(1));
        // Addresses without connections are forgotten, or the map would grow with everybody who ever called.
        if left == 0 {
            counts.each.remove(&self.address)
        } else {
            counts.each.insert(self.address, left)
        };
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

    use super::*;

    #[test]
    fn one_peer_cannot_take_every_connection_and_leaving_gives_room() {
        let peers = Peers::new(3, 2);
        let (one, two): (IpAddr, IpAddr) = ("10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap());
        let first = peers.enter(one).unwrap();
        let _second = peers.enter("::ffff:10.0.0.1".parse().unwrap()).unwrap();
        assert!(peers.enter(one).is_none(), "the same address in IPv6 counts too");
        let _third = peers.enter(two).unwrap();
        assert!(peers.enter(two).is_none(), "three are all");
        drop(first);
        assert_eq!(peers.total(), 2);
        assert!(peers.enter(one).is_some());
        assert_eq!(peers.total(), 2, "what was entered and dropped is not counted");
    }
}
