//! What administrators do with a zone.

use std::fmt;

use super::{Broker, Unavailable, lock};
use crate::zone::{AdminFault, Moment, Step, Zone, record};
use crate::{AgentConfig, ZoneConfig};

/// Why an administrator's wish is not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AdminRefusal {
    /// The zone says why.
    Refused(AdminFault),
    /// The zone cannot keep anything now.
    Unavailable,
}

impl From<Unavailable> for AdminRefusal {
    fn from(_: Unavailable) -> Self {
        Self::Unavailable
    }
}

impl fmt::Display for AdminRefusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(fault) => fault.fmt(formatter),
            Self::Unavailable => Unavailable.fmt(formatter),
        }
    }
}

impl std::error::Error for AdminRefusal {}

impl Broker {
    /// Changes the zone as an administrator wishes; done when it is kept. Like a message, it is done to its end even if the future
    /// is dropped.
    ///
    /// # Errors
    /// Why it is not done.
    pub async fn administer(
        &self,
        act: impl FnOnce(&mut Zone, Moment) -> Result<Step, AdminFault> + Send + 'static,
    ) -> Result<(), AdminRefusal> {
        let broker = self.clone();
        let task = tokio::spawn(async move {
            let stepped = broker.step(|zone, now| {
                let (step, result) = match act(zone, now) {
                    Ok(step) => (step, Ok(())),
                    Err(fault) => (Step::default(), Err(fault)),
                };
                // Agents' addresses may have changed.
                broker.set_fence(zone);
                (step, result)
            });
            let (_, result) = stepped.await?;
            result.map_err(AdminRefusal::Refused)
        });
        task.await.unwrap_or(Err(AdminRefusal::Unavailable))
    }

    /// Looks at the zone.
    ///
    /// # Errors
    /// It is being loaded.
    pub fn look<T>(&self, look: impl FnOnce(&Zone) -> T) -> Result<T, Unavailable> {
        self.lock().zone.as_ref().map(look).ok_or(Unavailable)
    }

    /// How the zone's file has an agent; none if it does not name it.
    pub(crate) fn agent_in_file(&self, agent: &str) -> Option<AgentConfig> {
        lock(&self.0.config).agents.get(agent).cloned()
    }

    /// Takes a changed configuration, as its file has it. What administrators have changed of agents stays. Its name stays.
    ///
    /// # Errors
    /// The zone cannot keep anything now; it takes the configuration when it is loaded again.
    pub async fn reconfigure(&self, config: ZoneConfig) -> Result<(), AdminRefusal> {
        if config.name != self.0.name {
            return Ok(());
        }
        *lock(&self.0.config) = config.clone();
        let records = self.0.store.records(&self.0.name, record::AGENT_CONFIG).await;
        let changed: Result<Vec<AgentConfig>, _> =
            records.map_err(|_| Unavailable)?.iter().map(|record| serde_json::from_str(&record.value)).collect();
        let changed = changed.map_err(|_| Unavailable)?;
        self.administer(move |zone, now| Ok(zone.configure(config, changed, now))).await
    }
}
