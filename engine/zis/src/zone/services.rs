//! Services that were invoked, and streams of notices.

use sif::message::{ErrorCode, error};

use super::own::{Failure, ServiceKind};
use super::record::{Closed, SERVICE, ServiceRecord};
use super::types::{Moment, Step};
use super::{Topic, Zone};
use crate::Right;

impl Closed {
    /// The code for packets of a service that come later.
    pub(crate) const fn service_code(self) -> ErrorCode {
        match self {
            Self::TimedOut => error::SERVICE_TIMED_OUT,
            Self::Removed => error::SERVICE_REMOVED,
            Self::Cancelled => error::SERVICE_CANCELLED,
        }
    }
}

impl Zone {
    pub(crate) fn put_service(&mut self, id: &str, service: ServiceRecord, step: &mut Step) {
        self.put(SERVICE, id, &service, step);
        let deadline = service.deadline;
        if let Some(old) = self.services.insert(id.to_owned(), service) {
            self.deadlines.remove(&(old.deadline, Topic::Service, id.to_owned()));
        }
        self.deadlines.insert((deadline, Topic::Service, id.to_owned()));
    }

    pub(crate) fn drop_service(&mut self, id: &str, step: &mut Step) {
        if let Some(service) = self.services.remove(id) {
            self.deadlines.remove(&(service.deadline, Topic::Service, id.to_owned()));
            self.delete(SERVICE, id, step);
        }
    }

    /// Ends an open invocation: takes what waits of it out of the provider's queue, and tells the invoker if that is wanted.
    pub(crate) fn end_service(
        &mut self,
        id: &str,
        (code, description): (ErrorCode, &str),
        (closed, tell): (Option<Closed>, bool),
        now: Moment,
        step: &mut Step,
    ) {
        let Some(mut service) = self.services.get(id).filter(|service| service.closed.is_none()).cloned() else {
            return;
        };
        if service.provider.is_empty() {
            // A stream of notices: nobody waits for an answer.
            self.drop_service(id, step);
            return;
        }
        let text = code.to_string();
        self.drop_about(&service.provider, id, &text, now, step);
        if closed == Some(Closed::Cancelled) {
            self.drop_about(&service.invoker, id, &text, now, step);
        }
        if tell {
            let to = [service.invoker.clone()];
            let packet = service.next_output;
            let failure = Failure { kind: ServiceKind::Output, id, packet, code, description };
            self.tell_service(&to, &service, &failure, now, step);
        }
        if closed.is_some() {
            service.closed = closed;
            service.deadline = now.after(self.config.options.request_seconds).0;
            self.put_service(id, service, step);
        } else {
            self.drop_service(id, step);
        }
    }

    /// The agent that provides a service in a context. It is registered, and may.
    pub(crate) fn service_provider(&self, service: &str, context: &str) -> Option<&str> {
        let provides = |(id, agent): &(&String, &super::agent::Agent)| {
            agent.registration().is_some()
                && agent.record.provision.service(Right::Provide, service, context).is_some()
                && self.may_service_in(id, Right::Provide, service, context)
        };
        self.agents.iter().find(provides).map(|(id, _)| id.as_str())
    }

    /// Agents that subscribe to a service's notices of an operation in one of the contexts, and may.
    pub(crate) fn service_subscribers(&self, service: &str, operation: &str, contexts: &[&str]) -> Vec<String> {
        let wants = |(id, agent): &(&String, &super::agent::Agent)| {
            agent.registration().is_some()
                && contexts.iter().any(|context| {
                    let subscribed = agent.record.provision.service(Right::Subscribe, service, context);
                    subscribed.is_some_and(|subscribed| {
                        subscribed.operations.is_empty() || subscribed.operations.contains(operation)
                    }) && self.may_service_in(id, Right::Subscribe, service, context)
                })
        };
        self.agents.iter().filter(wants).map(|(id, _)| id.clone()).collect()
    }
}
