//! A provider from its start to its end, which may be sudden.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use agent::{Agent, Registration, Resend, Transport};
use provider::{Generation, Provider, ProviderConfig};
use rulebook::plan::Plan;
use store::Store;
use tokio::runtime::Runtime;
use tokio::sync::Notify;

use super::zone::FakeZone;
use super::{plan, today, zone_of};

/// The configuration that the tests begin with.
pub fn config(source: &str) -> ProviderConfig {
    let poll = Duration::from_millis(20);
    ProviderConfig { jobs: 1, poll, ..ProviderConfig::new(zone_of(&[2026]), source, Arc::new(today)) }
}

/// A provider in a zone, with a runtime of its own.
pub struct Life {
    runtime: Option<Runtime>,
    pub zone: Arc<FakeZone>,
    pub provider: Provider,
}

impl Life {
    pub fn begin(zone: &Arc<FakeZone>, config: ProviderConfig, folder: &Path) -> Self {
        Self::with_plan(zone, config, folder, plan())
    }

    pub fn with_plan(zone: &Arc<FakeZone>, config: ProviderConfig, folder: &Path, plan: Arc<Plan>) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let url = format!("sqlite:{}", folder.join("store.db").display());
        let transport: Arc<dyn Transport> = zone.clone();
        let resend = Resend { attempts: 1, pause: Duration::from_millis(1) };
        let agent = Agent::new("provider", transport).with_resend(resend);
        let provider = runtime.block_on(async {
            let store = Store::open(&url).await.unwrap();
            let provider = Provider::start(config, Generation::of(plan), agent, store).await.unwrap();
            let serving = provider.clone();
            tokio::spawn(async move {
                let registration = Registration::pull("provider");
                serving.serve(&registration, Arc::new(Notify::new()), std::future::pending()).await;
            });
            provider
        });
        Self { runtime: Some(runtime), zone: Arc::clone(zone), provider }
    }

    /// Waits until the zone's queue is empty and every answer is complete.
    pub fn settle(&self) {
        self.runtime.as_ref().unwrap().block_on(async {
            let settled = async {
                while !self.zone.is_queue_empty() || self.provider.open_requests() > 0 {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            };
            tokio::time::timeout(Duration::from_secs(180), settled).await.expect("the answers are complete in time");
        });
    }

    /// Waits until the zone was cut off, and ends as by kill -9: nothing is finished.
    pub fn kill_at_the_cut(mut self) {
        let runtime = self.runtime.take().unwrap();
        let cut = async { tokio::time::timeout(Duration::from_secs(180), self.zone.was_cut.notified()).await };
        runtime.block_on(cut).expect("the zone is cut off in time");
        runtime.shutdown_background();
    }
}

impl Drop for Life {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
