//! The zone is this process's alone, or it says nothing.

use std::sync::Weak;

use tokio::sync::watch;
use tracing::error;

use super::progress::Progress;
use super::{Broker, Inner, State};

/// Throws the zone away whenever the claim on it is lost; it is loaded anew when the claim is held again.
pub(super) async fn watch(broker: Weak<Inner>, mut claim: watch::Receiver<bool>, mut stopping: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            lost = claim.wait_for(|is_held| !is_held) => if lost.is_err() { return },
            _ = stopping.wait_for(|stopping| *stopping) => return,
        }
        let Some(broker) = broker.upgrade().map(Broker) else { return };
        broker.check_claim(&mut broker.lock());
        drop(broker);
        tokio::select! {
            held = claim.wait_for(|is_held| *is_held) => if held.is_err() { return },
            _ = stopping.wait_for(|stopping| *stopping) => return,
        }
    }
}

impl Broker {
    /// Whether the zone is still ours. If not, what it knows may not be so any more, and it is thrown away.
    pub(super) fn check_claim(&self, state: &mut State) -> bool {
        let is_ours = self.0.claim.is_held();
        if !is_ours && state.zone.is_some() {
            error!(zone = self.name(), "the claim on the zone is lost; it answers again when it has it back");
            self.throw_away(state);
        }
        is_ours
    }

    /// Ends the zone's life for good: another process may serve it now.
    pub(super) async fn give_back(&self) {
        {
            let mut state = self.lock();
            state.zone = None;
            state.generation += 1;
            self.0.progress.send_replace(Progress::ended(state.generation, state.submitted));
        }
        self.0.claim.release().await;
    }
}
