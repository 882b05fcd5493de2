//! What happens because time passes.

use sif::message::error;
use store::Change;

use super::record::Closed;
use super::requests::Ending;
use super::types::{Moment, Step};
use super::{FORGET_EVERY, Topic, Zone};

impl Zone {
    /// When [`Zone::tick`] has something to do, if nothing else happens; perhaps in the past.
    #[must_use]
    pub fn next_due(&self, now: Moment) -> Option<Moment> {
        let deadline = self.deadlines.first().map(|(at, _, _)| Moment(*at));
        let retry = self.agents.values().filter_map(|agent| agent.retry_at).min();
        let status = self.is_status_due().then_some(now);
        [deadline, retry, status, Some(self.forget_at)].into_iter().flatten().min()
    }

    /// Does what is due: deliveries that are to be tried again, requests that time out, what is to be forgotten.
    pub fn tick(&mut self, now: Moment) -> Step {
        let mut step = Step::default();
        for (id, agent) in &mut self.agents {
            if agent.retry_at.is_some_and(|at| at <= now) {
                agent.retry_at = None;
                step.wake.push(id.clone());
            }
        }
        while self.deadlines.first().is_some_and(|(at, _, _)| *at <= now.0) {
            let Some((_, topic, id)) = self.deadlines.pop_first() else { break };
            match topic {
                Topic::Request => self.request_is_due(&id, now, &mut step),
                Topic::Service => self.service_is_due(&id, now, &mut step),
            }
        }
        if self.forget_at <= now {
            self.forget_at = now.after(FORGET_EVERY);
            let options = &self.config.options;
            self.seen.forget(now.before(options.duplicate_seconds).0);
            let before = now.before(options.keep_seconds.max(options.duplicate_seconds)).0;
            step.changes.push(Change::Forget { zone: self.zone_key(), before });
            self.expire_log(now, &mut step);
        }
        self.announce_status(now, &mut step);
        step
    }

    fn request_is_due(&mut self, id: &str, now: Moment, step: &mut Step) {
        if self.open_request(id).is_some() {
            let ending = Ending {
                code: error::REQUEST_TIMED_OUT,
                description: error::meaning(error::REQUEST_TIMED_OUT),
                closed: Some(Closed::TimedOut),
                tell: true,
                drop_packets: false,
            };
            self.end_request(id, ending, now, step);
        } else {
            self.drop_request(id, step);
        }
    }

    fn service_is_due(&mut self, id: &str, now: Moment, step: &mut Step) {
        if self.services.get(id).is_some_and(|service| service.closed.is_none()) {
            let code = error::SERVICE_TIMED_OUT;
            self.end_service(id, (code, error::meaning(code)), (Some(Closed::TimedOut), true), now, step);
        } else {
            self.drop_service(id, step);
        }
    }
}
