//! The rulebooks of the server's zones, as administrators see them, and what is written down of them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use problem::Problem;
use provider::Generation;
use store::{Change, Store};
use tokio::runtime::Handle;
use tracing::error;
use zis::{RulebookProblem, RulebookView, Rulebooks};

use super::reload::{Happened, Reloader, Witness};

/// The space of records about generations.
const SPACE: store::Space = "generation";
/// The key of the record about the generation in force.
const IN_FORCE: &str = "in_force";
/// The key of the record about the last candidate that was refused.
const REFUSED: &str = "refused";

/// The rulebooks, by zone. Copies are the same.
#[derive(Clone, Default)]
pub struct Desk {
    reloaders: Arc<Mutex<BTreeMap<String, Reloader>>>,
}

impl Desk {
    /// Puts the rulebook of a zone on it.
    pub fn add(&self, zone: String, reloader: Reloader) {
        self.reloaders.lock().unwrap_or_else(PoisonError::into_inner).insert(zone, reloader);
    }

    /// Looks at every rulebook's folder.
    pub fn look(&self) {
        self.reloaders.lock().unwrap_or_else(PoisonError::into_inner).values().for_each(Reloader::look);
    }

    fn find(&self, zone: &str) -> Option<Reloader> {
        self.reloaders.lock().unwrap_or_else(PoisonError::into_inner).get(zone).cloned()
    }
}

impl Rulebooks for Desk {
    fn view(&self, zone: &str) -> Option<RulebookView> {
        let reloader = self.find(zone)?;
        let problems = reloader.problems().iter().map(shown).collect();
        Some(RulebookView { generation: reloader.current(), earlier: reloader.earlier(), problems })
    }

    fn roll_back(&self, zone: &str, generation: &str) -> Option<String> {
        self.find(zone)?.roll_back(generation)
    }
}

fn shown(problem: &Problem) -> RulebookProblem {
    RulebookProblem {
        code: problem.code.name().to_owned(),
        message: problem.message.clone(),
        file: problem.place.as_ref().map(|place| place.file.to_string()),
        line: problem.place.as_ref().map(|place| place.line),
        help: problem.help.clone(),
    }
}

/// A witness that keeps records of what became of the rulebook of these zones, in the store. The first generation is kept at once.
pub fn note_down(store: Store, zones: Vec<String>, first: &Generation) -> Witness {
    let zones: Vec<Arc<str>> = zones.into_iter().map(Arc::from).collect();
    let runtime = Handle::current();
    let keep = move |happened: &Happened| {
        let at = chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        let (key, value) = match happened {
            Happened::InForce { hash, back } => {
                (IN_FORCE, serde_json::json!({ "generation": hash, "since": at, "rolled_back": back }))
            }
            Happened::Refused(problems) => {
                let problems: Vec<_> = problems.iter().take(100).map(Problem::to_json).collect();
                (REFUSED, serde_json::json!({ "at": at, "problems": problems }))
            }
        };
        let put = |zone: &Arc<str>| Change::PutRecord {
            zone: Arc::clone(zone),
            space: SPACE,
            key: key.to_owned(),
            value: value.to_string(),
        };
        let changes = zones.iter().map(put).collect();
        let store = store.clone();
        // Nobody waits for it: what is in force is in force.
        runtime.spawn(async move {
            if let Err(fault) = store.apply(changes).await {
                error!(%fault, "what became of the rulebook could not be kept");
            }
        });
    };
    keep(&Happened::InForce { hash: first.hash.to_string(), back: false });
    Box::new(keep)
}
