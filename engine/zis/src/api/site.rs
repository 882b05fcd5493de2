//! A zone in which a provider of this server works: one that is served here, or one of somebody else.

use access::Principal;
use store::{Change, Record, Store};

use super::Api;
use super::audit::{AUDIT, deed, note};
use super::refusal::Refusal;
use crate::Broker;
use crate::broker::now;
use crate::zone::Step;

/// A zone, and where what is kept of it is changed.
#[derive(Clone)]
pub(super) struct Site {
    zone: String,
    /// What serves it; none for a zone of somebody else.
    broker: Option<Broker>,
    store: Store,
}

impl Api {
    /// Where a provider works that somebody may look at.
    pub(super) fn viewed_site(&self, principal: &Principal, zone: &str) -> Result<Site, Refusal> {
        let site = |broker| Site { zone: zone.to_owned(), broker, store: self.store.clone() };
        let is_remote = self.remote.as_ref().is_some_and(|remote| remote.is_one(zone));
        if is_remote && principal.may_view(zone) {
            return Ok(site(None));
        }
        Ok(site(Some(self.viewed(principal, zone)?.clone())))
    }

    /// Where a provider works that somebody may change.
    pub(super) fn changed_site(&self, principal: &Principal, zone: &str) -> Result<Site, Refusal> {
        let site = self.viewed_site(principal, zone)?;
        if principal.may_change(zone) { Ok(site) } else { Err(Refusal::Forbidden) }
    }
}

impl Site {
    /// Keeps changes, and who wanted them, in one transaction.
    pub(super) async fn keep(
        self,
        principal: Principal,
        what: &'static str,
        subject: String,
        mut changes: Vec<Change>,
    ) -> Result<(), Refusal> {
        let Self { zone, broker, store } = self;
        if let Some(broker) = broker {
            let kept = broker.administer(move |zone, now| {
                let mut step = Step::default();
                step.changes.extend(changes);
                Ok(note(step, zone, &principal, what, &subject, now))
            });
            return Ok(kept.await?);
        }
        changes.push(deed(&zone, &principal, what, &subject, None, now())?);
        Ok(store.apply(changes).await?)
    }

    /// What administrators did with it, by time.
    pub(super) async fn deeds(&self) -> Result<Vec<Record>, Refusal> {
        Ok(self.store.records(&self.zone, AUDIT).await?)
    }
}
