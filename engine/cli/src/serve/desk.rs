//! The rulebooks of the server's zones, as administrators see them, and what is written down of them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use problem::Problem;
use tokio::runtime::Handle;
use tracing::error;
use zis::{RollBackRefusal, RulebookProblem, RulebookView, Rulebooks};

use super::archive::Archive;
use super::reload::{Happened, Reloader, Stays, Witness};

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

    fn roll_back(&self, zone: &str, generation: &str) -> Result<String, RollBackRefusal> {
        let reloader = self.find(zone).ok_or(RollBackRefusal::Unknown)?;
        reloader.roll_back(generation).map_err(|stays| match stays {
            Stays::Unknown => RollBackRefusal::Unknown,
            Stays::DoesNotCheck(problems) => RollBackRefusal::DoesNotCheck(problems.iter().map(shown).collect()),
            Stays::NotKept(why) => {
                error!(zone, why, "that the rulebook goes back could not be kept, so it does not");
                RollBackRefusal::NotKept
            }
        })
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

/// A witness that keeps in the store what became of the rulebook. It blocks, so it must not be called by a task.
pub fn note_down(archive: Archive) -> Witness {
    let runtime = Handle::current();
    Box::new(move |happened| {
        let kept = runtime.block_on(async {
            match happened {
                Happened::InForce(history) => archive.keep(history).await,
                Happened::Refused(problems) => archive.refused(problems).await,
            }
        });
        kept.map_err(|fault| fault.to_string())
    })
}
