//! What administrators see of the rulebooks that a server's providers map by, and may do with them. The zone itself knows nothing of
//! rulebooks: the program that starts the server does.

use serde::Serialize;
use utoipa::ToSchema;

/// The rulebook of a zone's provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RulebookView {
    /// The hash of the generation in force.
    pub generation: String,
    /// The hashes of earlier generations that can be gone back to, the latest first.
    pub earlier: Vec<String>,
    /// What is wrong with what stands on the disk; empty where that is in force.
    pub problems: Vec<RulebookProblem>,
}

/// Something wrong with a rulebook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RulebookProblem {
    /// The code of the problem, which `sifter check --explain` explains.
    pub code: String,
    /// What is wrong.
    pub message: String,
    /// The file, as seen from the rulebook's folder.
    pub file: Option<String>,
    /// The line, from 1.
    pub line: Option<u32>,
    /// What to do about it.
    pub help: Option<String>,
}

/// The rulebooks of a server's providers, by zone.
pub trait Rulebooks: Send + Sync {
    /// The rulebook of a zone's provider; none where the zone has no provider here.
    fn view(&self, zone: &str) -> Option<RulebookView>;

    /// Goes back to an earlier generation, named by its hash or its beginning, and keeps that. Answers the whole hash. It may block.
    ///
    /// # Errors
    /// Why what is in force stays.
    fn roll_back(&self, zone: &str, generation: &str) -> Result<String, RollBackRefusal>;
}

/// Why a rulebook does not go back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RollBackRefusal {
    /// No earlier generation of the zone's rulebook is meant by it.
    Unknown,
    /// A newer program finds mistakes in the earlier generation.
    DoesNotCheck(Vec<RulebookProblem>),
    /// It could not be kept.
    NotKept,
}
