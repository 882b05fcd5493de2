//! Gives messages to agents in push mode: one task for each that something waits for, one message at a time, so that an agent that is
//! slow, silent or gone costs the others nothing.

use std::sync::Arc;

use sif::message::error;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::{Broker, lock};
use crate::push::PushClient;
use crate::zone::{Delivery, PushResult, PushTarget};

impl Broker {
    /// Makes sure that somebody looks after these agents' queues.
    pub(super) fn wake(&self, mut agents: Vec<String>) {
        self.tell_listeners(&agents);
        if agents.is_empty() || *self.0.stopping.borrow() {
            return;
        }
        {
            let state = self.lock();
            let Some(zone) = &state.zone else { return };
            agents.retain(|agent| zone.push_target(agent).is_some());
        }
        for agent in agents {
            let mut deliverers = lock(&self.0.deliverers);
            match deliverers.get_mut(&agent) {
                Some(again) => *again = true,
                None => {
                    deliverers.insert(agent.clone(), false);
                    tokio::spawn(self.clone().deliver(agent));
                }
            }
        }
    }

    /// Hears when there may be something new for an agent in pull mode that is a part of this process, so that it need not ask again and
    /// again. What came before is remembered once.
    #[must_use]
    pub fn subscribe_wakes(&self, agent: &str) -> Arc<Notify> {
        Arc::clone(lock(&self.0.listening).entry(agent.to_owned()).or_default())
    }

    fn tell_listeners(&self, agents: &[String]) {
        let listening = lock(&self.0.listening);
        if listening.is_empty() {
            return;
        }
        agents.iter().filter_map(|agent| listening.get(agent)).for_each(|listener| listener.notify_one());
    }

    async fn deliver(self, agent: String) {
        let end = Deliverer { broker: &self, agent: &agent };
        loop {
            while let Some((delivery, target)) = self.next_push(&agent) {
                let working = self.work();
                self.push(&delivery, &target).await;
                drop(working);
            }
            let mut deliverers = lock(&self.0.deliverers);
            match deliverers.get_mut(&agent) {
                Some(again) if *again => *again = false,
                _ => {
                    // In the same moment, so that nobody believes that this one goes on.
                    deliverers.remove(&agent);
                    drop(deliverers);
                    std::mem::forget(end);
                    return;
                }
            }
        }
    }

    fn next_push(&self, agent: &str) -> Option<(Delivery, PushTarget)> {
        if *self.0.stopping.borrow() {
            return None;
        }
        let mut state = self.lock();
        let zone = state.zone.as_mut()?;
        let target = zone.push_target(agent)?;
        let channel = PushClient::channel(&target);
        Some((zone.next_push(agent, &channel, super::now())?, target))
    }

    async fn push(&self, delivery: &Delivery, target: &PushTarget) {
        let Delivery { agent, number, .. } = delivery;
        let result = match self.0.store.document(&self.0.name, agent, *number).await {
            Ok(Some(document)) => {
                let began = Instant::now();
                let result = self.0.push.deliver(target, document).await;
                self.0.metrics.delivered(&self.0.name, began.elapsed(), matches!(result, PushResult::Ack(_)));
                result
            }
            Ok(None) => {
                let why = "the message is not in the queue any more".to_owned();
                PushResult::Failed { code: error::SYSTEM, why }
            }
            Err(fault) if self.unreadable(agent, *number, &fault).await => return,
            Err(_) => PushResult::Failed { code: error::SYSTEM, why: "the message could not be read".to_owned() },
        };
        if let PushResult::Failed { code, why } = &result {
            tracing::warn!(zone = self.name(), agent, message = delivery.message_id, %code, why, "a delivery failed");
        }
        // What cannot be kept is delivered again, once the zone is loaded.
        let _ = self.step(|zone, now| (zone.pushed(agent, *number, result, now), ())).await;
    }
}

/// Takes itself out of the list should the task panic, or nobody would deliver to the agent again.
struct Deliverer<'d> {
    broker: &'d Broker,
    agent: &'d str,
}

impl Drop for Deliverer<'_> {
    fn drop(&mut self) {
        lock(&self.broker.0.deliverers).remove(self.agent);
    }
}
