//! Requests that wait for their answers.

use sif::message::{ErrorCode, error};
use store::Number;

use super::own::Content;
use super::record::{Closed, REQUEST, RequestRecord};
use super::seen::Id;
use super::types::{Moment, Step};
use super::{Topic, Zone};

/// How a request ends before its last packet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ending<'e> {
    /// What the requester is told.
    pub code: ErrorCode,
    pub description: &'e str,
    /// What later packets are told; none: that the request is not known (8/10).
    pub closed: Option<Closed>,
    /// Whether the requester gets a last SIF_Response.
    pub tell: bool,
    /// Whether packets that wait for the requester are dropped.
    pub drop_packets: bool,
}

impl Closed {
    /// The code for packets that come later.
    pub(crate) const fn code(self) -> ErrorCode {
        match self {
            Self::TimedOut => error::REQUEST_TIMED_OUT,
            Self::Removed => error::REQUEST_REMOVED,
            Self::Cancelled => error::REQUEST_CANCELLED,
        }
    }
}

impl Zone {
    /// An open request.
    pub(crate) fn open_request(&self, id: &str) -> Option<&RequestRecord> {
        self.requests.get(id).filter(|request| request.closed.is_none())
    }

    /// Opens a request, or keeps what has changed of one.
    pub(crate) fn put_request(&mut self, id: &str, request: RequestRecord, step: &mut Step) {
        self.put(REQUEST, id, &request, step);
        let deadline = request.deadline;
        if let Some(old) = self.requests.insert(id.to_owned(), request) {
            self.deadlines.remove(&(old.deadline, Topic::Request, id.to_owned()));
        }
        self.deadlines.insert((deadline, Topic::Request, id.to_owned()));
    }

    /// Forgets a request.
    pub(crate) fn drop_request(&mut self, id: &str, step: &mut Step) {
        if let Some(request) = self.requests.remove(id) {
            self.deadlines.remove(&(request.deadline, Topic::Request, id.to_owned()));
            self.delete(REQUEST, id, step);
        }
    }

    /// Ends an open request: takes it out of the responder's queue, and tells the requester if that is wanted.
    pub(crate) fn end_request(&mut self, id: &str, ending: Ending<'_>, now: Moment, step: &mut Step) {
        let Some(mut request) = self.open_request(id).cloned() else { return };
        let code = ending.code.to_string();
        self.dequeue(
            &request.responder.clone(),
            request.number,
            ("skipped", &code, "the request has ended"),
            now,
            step,
        );
        if ending.drop_packets {
            self.drop_about(&request.requester.clone(), id, &code, now, step);
        }
        if ending.tell {
            self.respond(id, &request, &Content::Error(ending.code, ending.description), now, step);
        }
        if ending.closed.is_some() {
            request.closed = ending.closed;
            request.deadline = now.after(self.config.options.request_seconds).0;
            self.put_request(id, request, step);
        } else {
            self.drop_request(id, step);
        }
    }

    /// Takes all messages that belong to a request or invocation out of an agent's queue.
    pub(crate) fn drop_about(&mut self, agent: &str, about: &str, code: &str, now: Moment, step: &mut Step) {
        let about = Id::new(about);
        let numbers: Vec<Number> = self
            .agents
            .get(agent)
            .map(|state| {
                let in_flight = state.flight;
                let wanted = state.queue.numbers(|entry| entry.about.as_ref() == Some(&about));
                wanted.into_iter().filter(|number| Some(*number) != in_flight).collect()
            })
            .unwrap_or_default();
        for number in numbers {
            self.dequeue(agent, number, ("skipped", code, "what it belongs to has ended"), now, step);
        }
    }
}
