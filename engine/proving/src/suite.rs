//! All fixtures of a rulebook with the people that they share.

use problem::Problem;
use rulebook::Files;
use rulebook::plan::Plan;

use crate::fixture::{self, Fixture};
use crate::people::People;

/// Where the people stand, below the folder that holds `tests/`.
const PEOPLE: &str = "tests/people/";

/// The fixtures that were read.
pub struct Suite {
    /// The people.
    pub people: People,
    /// The fixtures, in the order of their files.
    pub fixtures: Vec<Fixture>,
    /// What is wrong with them.
    pub problems: Vec<Problem>,
}

impl Suite {
    /// Reads fixtures and people, told apart by their folder: `tests/people/` holds the people.
    #[must_use]
    pub fn read(plan: &Plan, files: &Files) -> Self {
        let mut problems = Vec::new();
        let (people, fixtures): (Vec<_>, Vec<_>) = files.iter().partition(|(file, _)| file.starts_with(PEOPLE));
        let people: Files = people.into_iter().map(|(file, text)| (file.clone(), text.clone())).collect();
        let people = People::read(plan, &people, &mut problems);
        let fixtures = fixtures
            .into_iter()
            .filter_map(|(file, text)| fixture::read(plan, &people, file, text, &mut problems))
            .collect();
        Self { people, fixtures, problems }
    }
}
