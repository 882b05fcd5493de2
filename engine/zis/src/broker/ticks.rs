//! What is due because time has passed: deliveries that are tried again, requests that time out, messages that are forgotten.

use std::sync::Weak;
use std::time::Duration;

use tokio::sync::watch;

use super::{Broker, Inner, now};

/// The clock is looked at this often at most.
const SHORTEST: Duration = Duration::from_millis(20);
/// And at least this often: what a message makes due is noticed no later.
const LONGEST: Duration = Duration::from_millis(250);

/// Runs until the broker stops or is gone.
pub(super) async fn run(broker: Weak<Inner>, mut stopping: watch::Receiver<bool>) {
    loop {
        let pause = match broker.upgrade().map(Broker) {
            Some(broker) => broker.tick().await,
            None => return,
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = stopping.wait_for(|stopping| *stopping) => return,
        }
    }
}

impl Broker {
    /// Does what is due; gives how long nothing will be.
    async fn tick(&self) -> Duration {
        let now = now();
        let due = self.lock().zone.as_ref().and_then(|zone| zone.next_due(now));
        if due.is_some_and(|due| due <= now) {
            // A zone that cannot keep anything is loaded anew, and what was due still is.
            let _ = self.step(|zone, now| (zone.tick(now), ())).await;
            return SHORTEST;
        }
        let until = due.and_then(|due| u64::try_from(due.0.saturating_sub(now.0)).ok()).map(Duration::from_millis);
        until.unwrap_or(LONGEST).clamp(SHORTEST, LONGEST)
    }
}
