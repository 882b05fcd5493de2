//! Answers one request: takes what is produced, cuts it into packets, delivers them, and keeps how far it is.

use agent::Body;
use problem::Problem;
use sif::message::{Message, error};
use sif::xml::read::Limits;
use tokio::sync::watch;

use super::deliver::{Delivery, deliver};
use super::open::{Mark, Next, Open};
use super::packets::{Cut, Envelope, Filling, Item};
use super::produce::{Produced, Work, begin};
use super::question::{self, Refused};
use crate::log_entry::Journal;
use crate::provider::Shared;

/// How the work at an answer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// The answer is complete, or nobody wants it.
    Complete,
    /// The provider stops, or cannot keep how far it is; the answer goes on after a start.
    Stopped,
}

/// Answers a request from where its answer stands.
pub(crate) async fn answer(shared: &Shared, id: &str, open: Open, stop: watch::Receiver<bool>) -> Ended {
    let document = bytes::Bytes::from(open.document.clone());
    let Ok(message) = Message::read(&document, &Limits::default()) else {
        // It could be read when it was taken.
        tracing::error!(request = %id, "a request that was kept cannot be read any more");
        return Ended::Complete;
    };
    let envelope = Envelope {
        agent: shared.agent.clone(),
        zone: shared.config.zone.name.clone(),
        request_id: id.to_owned(),
        requester: open.requester.clone(),
        contexts: message.header.contexts.clone(),
        version: question::version(&message),
        limit: 0,
        around: None,
    };
    let journal = Journal::new(shared.agent.clone(), &message.header, shared.config.max_log_entries);
    let repeat = open.next;
    let mut answer = Answer { shared, id, open, envelope, stop, journal, filling: Filling::default(), repeat };
    let ended = answer.run(&message).await;
    if ended == Ended::Complete
        && let Err(fault) = shared.progress.forget(id).await
    {
        tracing::error!(request = %id, %fault, "a complete answer could not be forgotten");
        return Ended::Stopped;
    }
    ended
}

struct Answer<'a> {
    shared: &'a Shared,
    id: &'a str,
    open: Open,
    envelope: Envelope,
    stop: watch::Receiver<bool>,
    journal: Journal,
    filling: Filling,
    /// The packet that may have been sent before the provider was stopped, until it is made again.
    repeat: Option<Next>,
}

/// Whether an answer goes on, or how it ended.
type Goes = Result<(), Ended>;

impl Answer<'_> {
    async fn run(&mut self, message: &Message) -> Ended {
        let generation = self.shared.generations.current();
        let visibility = self.shared.visibility(&self.open.requester);
        let asked = match question::read(message, &generation.plan, &self.shared.config, &visibility) {
            Ok(asked) => asked,
            Err(refused) => return self.refuse(&refused).await,
        };
        self.open.generation = generation.hash.to_string();
        self.envelope.limit = asked.limit;
        let work = Work {
            config: self.shared.config.clone(),
            generation,
            visibility,
            question: asked.question,
            as_of: self.open.as_of,
            after: self.open.reached,
        };
        let mut produced = begin(work);
        loop {
            let next = tokio::select! {
                biased;
                _ = self.stop.wait_for(|stopped| *stopped) => return Ended::Stopped,
                next = produced.recv() => next,
            };
            let goes = match next {
                Some(Produced::Around(around)) => {
                    self.envelope.around = Some(around);
                    Ok(())
                }
                Some(Produced::Items(items)) => self.items(items).await,
                Some(Produced::Problems(problems)) => {
                    self.journal.problems(&problems).await;
                    Ok(())
                }
                Some(Produced::Refused(refused)) => Err(self.refuse(&refused).await),
                Some(Produced::Failed(problems)) => Err(self.fail(&problems).await),
                Some(Produced::End) => Err(self.end().await),
                None => Err(self.fail(&[]).await),
            };
            if let Err(ended) = goes {
                return ended;
            }
        }
    }

    async fn items(&mut self, items: Vec<Item>) -> Goes {
        for item in items {
            self.item(&item).await?;
        }
        Ok(())
    }

    async fn item(&mut self, item: &Item) -> Goes {
        if let Some(next) = self.repeat
            && is_beyond(item.mark, next.until)
        {
            // The packet ended here. If it was the last one and was taken, the zone wants no more than it has.
            self.packet(true, Cut::First).await?;
        }
        // The packet that was repeated reached further than this.
        if is_within(item.mark, self.open.reached) {
            return Ok(());
        }
        loop {
            let empty = self.envelope.empty_size(self.open.sent + 1);
            match self.filling.add(item, empty, self.envelope.limit) {
                Ok(true) => return Ok(()),
                Ok(false) => {
                    let cut = if self.repeat.is_some() { Cut::Anew } else { Cut::First };
                    self.packet(true, cut).await?;
                    if is_within(item.mark, self.open.reached) {
                        return Ok(());
                    }
                }
                Err(too_large) => {
                    let why = format!(
                        "one object needs a packet of {} bytes, and {} is the most",
                        too_large.needed, self.envelope.limit
                    );
                    let refused = Refused::new(error::RESPONDER_BUFFER, why);
                    self.journal.refused(&refused).await;
                    return Err(self.refuse(&refused).await);
                }
            }
        }
    }

    async fn end(&mut self) -> Ended {
        if let Some(Next { more: true, .. }) = self.repeat {
            // It said that more follow, and nothing does any more.
            if let Err(ended) = self.packet(true, Cut::First).await {
                return ended;
            }
        }
        self.packet(false, Cut::First).await.err().unwrap_or(Ended::Complete)
    }

    /// Sends what is there as a packet. It is kept first that it may have been sent, so that after a crash the same packet is made.
    async fn packet(&mut self, more: bool, cut: Cut) -> Goes {
        let number = self.open.sent + 1;
        let filling = std::mem::take(&mut self.filling);
        let before = self.repeat.take();
        let until = filling.until.unwrap_or(self.open.reached);
        let until = match (cut, before) {
            (Cut::First, Some(next)) => next.until,
            _ => until,
        };
        // One that is cut anew may stand in the place of one that was taken; until that is known, the first is kept.
        if cut != Cut::Anew {
            self.open.next = Some(Next { until, more });
        }
        self.keep().await?;
        let packet = self.envelope.packet(number, more, self.envelope.body(&filling.xml), cut);
        match deliver(&self.envelope.agent, &packet, &mut self.stop).await {
            Delivery::Taken => {
                self.reached(number, until);
                tracing::info!(request = %self.id, packet = number, more, generation = %self.open.generation, "a packet was taken");
            }
            Delivery::OtherNumber => match before {
                Some(next) if cut == Cut::Anew => self.reached(number, next.until),
                _ => {
                    tracing::error!(request = %self.id, packet = number, "the zone waits for another packet");
                    return Err(Ended::Complete);
                }
            },
            Delivery::Closed => return Err(Ended::Complete),
            Delivery::Stopped => return Err(Ended::Stopped),
        }
        if more { Ok(()) } else { Err(Ended::Complete) }
    }

    const fn reached(&mut self, number: u32, until: Mark) {
        self.open.sent = number;
        self.open.reached = until;
        self.open.next = None;
    }

    async fn keep(&self) -> Goes {
        self.shared.progress.keep(self.id, &self.open).await.map_err(|fault| {
            tracing::error!(request = %self.id, %fault, "it cannot be kept how far an answer is");
            Ended::Stopped
        })
    }

    /// Ends the answer with an error.
    async fn refuse(&mut self, refused: &Refused) -> Ended {
        tracing::info!(request = %self.id, code = %refused.code, "the request is refused");
        self.error(refused).await
    }

    /// Ends the answer because the source failed.
    async fn fail(&mut self, problems: &[Problem]) -> Ended {
        let codes: Vec<&str> = problems.iter().map(|problem| problem.code.name()).collect();
        tracing::error!(request = %self.id, codes = %codes.join(" "), "the source could not be read to its end");
        let why = format!("the provider's source cannot be read ({})", codes.join(" "));
        let refused = Refused::new(error::SYSTEM, why.replace(" ()", ""));
        self.journal.failed(problems).await;
        self.error(&refused).await
    }

    async fn error(&mut self, refused: &Refused) -> Ended {
        let Refused { code, description } = refused.clone();
        let body = Body::Error { code, description, extended: None };
        // The packet that may have been sent was taken if the zone waits for the one behind it.
        for number in [self.open.sent + 1, self.open.sent + 2] {
            let packet = self.envelope.packet(number, false, body.clone(), Cut::Error);
            match deliver(&self.envelope.agent, &packet, &mut self.stop).await {
                Delivery::Taken | Delivery::Closed => return Ended::Complete,
                Delivery::Stopped => return Ended::Stopped,
                Delivery::OtherNumber => {}
            }
        }
        Ended::Complete
    }
}

/// Whether something lies behind a mark: by its position where it has one, else by its count.
fn is_beyond(mark: Mark, until: Mark) -> bool {
    match (mark.position, until.position) {
        (Some(position), Some(until)) => position > until,
        (Some(_), None) => true,
        (None, _) => mark.count > until.count,
    }
}

fn is_within(mark: Mark, reached: Mark) -> bool {
    !is_beyond(mark, reached)
}
