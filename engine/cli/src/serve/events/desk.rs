//! The events of the server's zones, as administrators see them and ask for them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use zis::{Confirmed, EventsNumbers, EventsView, Publishing};

use super::board::Board;

/// The boards of all zones that raise events here. Copies are the same.
#[derive(Clone, Default)]
pub struct EventsDesk {
    boards: Arc<Mutex<BTreeMap<String, Board>>>,
}

impl EventsDesk {
    /// Puts the board of a zone on it.
    pub fn add(&self, zone: String, board: Board) {
        self.lock().insert(zone, board);
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Board>> {
        self.boards.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find(&self, zone: &str) -> Option<Board> {
        self.lock().get(zone).cloned()
    }
}

impl Publishing for EventsDesk {
    fn view(&self, zone: &str) -> Option<EventsView> {
        Some(self.find(zone)?.view())
    }

    fn look(&self, zone: &str, everything: bool) -> Option<u64> {
        Some(self.find(zone)?.ask(everything))
    }

    fn confirm(&self, zone: &str, token: &str) -> Option<Confirmed> {
        let held = self.find(zone)?.held_back(token)?;
        Some(Confirmed { keep: provider::events::confirmation(Arc::from(zone), token), objects: held.objects })
    }

    fn confirmed(&self, zone: &str) -> Option<u64> {
        Some(self.find(zone)?.ask_again())
    }

    fn numbers(&self) -> Vec<EventsNumbers> {
        self.lock().values().map(Board::numbers).collect()
    }
}
