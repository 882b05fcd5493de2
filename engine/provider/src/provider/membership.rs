//! Staying in a zone: joining it, and noticing that it has forgotten the provider.

use std::sync::atomic::Ordering;
use std::time::Duration;

use agent::{AgentFault, Data, Provision, Registration, Resend};
use sif::message::{ErrorCode, error};
use tokio::time::Instant;

use super::offer::{Offer, offer};
use super::rights::Rights;
use super::{Provider, accepted, presence};

/// The first pause after a zone could not be joined; it doubles up to the longest.
const PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// A zone that has delivered nothing while it was asked so often whether it is there is told that the provider is awake: it may have
/// given up calling.
const QUIET: u32 = 10;

/// What the zone was told of what the provider does.
pub(super) struct Standing {
    /// All that the provider would do.
    wanted: Provision,
    /// What the zone lets it do, if it says so.
    rights: Option<Rights>,
    offer: Offer,
    /// When it was offered.
    at: Instant,
}

impl Standing {
    /// Registers, and offers what the zone lets the provider do.
    pub(super) async fn begin(provider: &Provider, registration: &Registration) -> Result<Self, AgentFault> {
        let agent = provider.agent();
        let answer = agent.register(registration).await?.accepted()?;
        let rights = rights(answer.data);
        let wanted = provider.provision();
        let offer = offer(agent, wanted.clone(), rights.as_ref(), &[]).await?;
        let standing = Self { wanted, rights, offer, at: Instant::now() };
        standing.say(provider);
        Ok(standing)
    }

    /// Offers what is wanted now, and what was missing, by the rights that the zone gives now.
    async fn again(&self, provider: &Provider, wanted: Provision) -> Result<Self, AgentFault> {
        let agent = provider.agent();
        let mut rights = self.rights.clone();
        if rights.is_some() {
            match agent.agent_acl().await?.accepted() {
                Ok(answer) => rights = self::rights(answer.data).or(rights),
                // It gave them with the registration; it goes on with those.
                Err(AgentFault::Refused { code, .. }) if !is_about_registration(code) => {}
                Err(fault) => return Err(fault),
            }
        }
        let offer = offer(agent, wanted.clone(), rights.as_ref(), &self.offer.taken).await?;
        let standing = Self { wanted, rights, offer, at: Instant::now() };
        if standing.offer.missing != self.offer.missing {
            standing.say(provider);
        }
        Ok(standing)
    }

    /// Says what the zone does not let the provider do.
    fn say(&self, provider: &Provider) {
        let (agent, zone) = (provider.agent().id(), &*provider.shared.config.zone.name);
        for (why, what) in self.offer.missing_by_reason() {
            let again = provider.shared.config.offer_again.as_secs();
            tracing::warn!(agent, zone, what, %why, again_in_seconds = again, "not in the zone what the rulebook offers");
        }
        if self.offer.taken.is_empty() {
            tracing::warn!(
                agent,
                zone,
                "the provider is in the zone and provides nothing: ask the zone's administrator for rights"
            );
        } else if self.offer.missing.is_empty() {
            tracing::info!(agent, zone, "the zone takes all that the rulebook offers");
        }
    }
}

/// The rights that an answer carries.
fn rights(data: Option<Data>) -> Option<Rights> {
    match data {
        Some(Data::AgentAcl(acl)) => Rights::read(&acl),
        _ => None,
    }
}

/// Whether the provider is in its zone, as far as it knows.
pub(super) struct Membership<'p> {
    provider: &'p Provider,
    registration: &'p Registration,
    /// What the zone was told of what the provider does; none where the zone has to be joined.
    told: Option<Standing>,
    pause: Duration,
    /// How often the zone was asked since it delivered something, and how much it had delivered by then.
    quiet: u32,
    delivered: u64,
    /// Whether a fault is shown that is over once the zone answers.
    shows_fault: bool,
}

impl<'p> Membership<'p> {
    /// Not in the zone yet.
    pub(super) const fn new(provider: &'p Provider, registration: &'p Registration) -> Self {
        Self { provider, registration, told: None, pause: PAUSE, quiet: 0, delivered: 0, shows_fault: false }
    }

    /// Joins the zone if that is needed, and tells it where a generation brings other objects; what it did not let the provider do is
    /// offered again every so often. False if the zone does not let it.
    pub(super) async fn join(&mut self) -> bool {
        let provider = self.provider;
        let wanted = provider.provision();
        let mut is_same = false;
        let joined = match &self.told {
            Some(told) => {
                is_same = told.wanted == wanted;
                let is_due = !told.offer.missing.is_empty() && told.at.elapsed() >= provider.shared.config.offer_again;
                if is_same && !is_due {
                    return true;
                }
                told.again(provider, wanted).await
            }
            None => Standing::begin(provider, self.registration).await,
        };
        let agent = provider.agent();
        match joined {
            Ok(standing) => {
                if self.told.is_none() {
                    tracing::info!(agent = %agent.id(), zone = self.zone(), "the provider has joined the zone");
                }
                self.told = Some(standing);
                self.show(None);
                true
            }
            Err(fault) => {
                let again = self.pause.as_secs();
                let (agent, zone, help) = (agent.id(), self.zone(), self.help(&fault));
                tracing::warn!(agent, zone, %fault, help, again_in_seconds = again, "the provider could not join the zone");
                self.heard(&fault);
                self.show(Some(&fault));
                // What the zone had taken it has still.
                if let Some(told) = self.told.as_mut().filter(|_| is_same) {
                    told.at = Instant::now();
                    return true;
                }
                false
            }
        }
    }

    /// Asks the zone whether it knows the provider, which a zone that calls by itself would never say; false if it does not, or does not
    /// answer.
    pub(super) async fn check(&mut self) -> bool {
        let delivered = self.provider.shared.delivered.load(Ordering::Relaxed);
        self.quiet = if delivered == self.delivered { self.quiet.saturating_add(1) } else { 0 };
        self.delivered = delivered;
        let agent = self.provider.agent();
        let answer = if self.quiet >= QUIET {
            self.quiet = 0;
            agent.wakeup().await
        } else {
            agent.ping().await
        };
        match answer.and_then(accepted) {
            Ok(()) => {
                self.well();
                true
            }
            Err(fault) => {
                tracing::warn!(agent = %agent.id(), zone = self.zone(), %fault, "the zone may not deliver to the provider; it is joined anew");
                // Whatever it is: once the zone answers again, it is told everything anew, which changes nothing where nothing was lost.
                self.told = None;
                self.show(Some(&fault));
                false
            }
        }
    }

    /// Has the zone hold what comes, since nobody will answer its calls. It is woken when the zone is joined again. A zone that does not
    /// answer finds out by itself.
    pub(super) async fn sleep(&mut self) {
        let agent = self.provider.agent();
        if self.told.take().is_some() {
            self.show(None);
            let once = agent.clone().with_resend(Resend { attempts: 1, pause: Duration::ZERO });
            if let Err(fault) = once.sleep().await.and_then(accepted) {
                tracing::warn!(agent = %agent.id(), zone = self.zone(), %fault, "the zone was not told that the provider ends");
            }
        }
    }

    /// The zone knows the provider.
    pub(super) fn well(&mut self) {
        self.pause = PAUSE;
        if self.shows_fault {
            self.show(None);
        }
    }

    /// Shows how the provider stands in the zone, and what went wrong.
    fn show(&mut self, fault: Option<&AgentFault>) {
        self.shows_fault = fault.is_some();
        let offer = self.told.as_ref().map(|told| &told.offer);
        presence::show(&self.provider.shared.presence, offer, fault.map(ToString::to_string));
    }

    /// What the zone has said means that it has to be joined anew: it does not know the provider, or not as it is. One that was away may
    /// have come back with less than it knew.
    pub(super) fn heard(&mut self, fault: &AgentFault) {
        let is_known = match fault {
            AgentFault::Refused { code, .. } => !is_about_registration(*code),
            AgentFault::Transport(_) => false,
            _ => true,
        };
        if !is_known && self.told.take().is_some() {
            self.show(Some(fault));
            tracing::warn!(agent = %self.provider.agent().id(), zone = self.zone(), "the zone is joined anew");
        }
    }

    /// Whether the zone has to be joined.
    pub(super) const fn is_out(&self) -> bool {
        self.told.is_none()
    }

    /// How long to wait before the zone is tried again.
    pub(super) fn pause(&mut self) -> Duration {
        let pause = self.pause;
        self.pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
        pause
    }

    fn zone(&self) -> &str {
        &self.provider.shared.config.zone.name
    }

    /// What a person may do about a zone that cannot be joined.
    fn help(&self, fault: &AgentFault) -> &'static str {
        let is_called = self.registration.push.is_some();
        match fault {
            AgentFault::Transport(_) | AgentFault::Answer { .. } => {
                "check the zone's address, and whether its server runs"
            }
            AgentFault::Asleep => "the zone sleeps until its administrator wakes it",
            AgentFault::Refused { code, .. } => match *code {
                code if code.category == error::AUTHENTICATION_MISSING.category => {
                    "the zone does not take the certificate that the provider shows, or none"
                }
                code if code.category == error::REGISTRATION.category && is_called => {
                    "the zone does not take the address at which it is to call the provider, or how: its administrator must allow the host"
                }
                code if code.category == error::MAY_NOT_REGISTER.category => {
                    "the zone's administrator must approve the provider and give it rights"
                }
                _ => "ask the zone's administrator",
            },
            AgentFault::Setup { .. } => "check how the provider is set up",
        }
    }
}

/// Whether an error says that the agent is not registered, or otherwise than it is.
fn is_about_registration(code: ErrorCode) -> bool {
    code == error::NOT_REGISTERED || code.category == error::REGISTRATION.category
}
