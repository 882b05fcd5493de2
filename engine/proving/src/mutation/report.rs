//! What became of the changes, for people and for programs.

use problem::render::Sources;

use super::{Fate, Mutant, Outcomes};
use crate::coverage::excerpt;

/// The score, and each change that no case noticed, with a case that would.
#[must_use]
pub fn human(mutants: &[Mutant], outcomes: &Outcomes, sources: &dyn Sources) -> String {
    let mut text = String::new();
    for (mutant, fate) in in_order(mutants, outcomes) {
        let what = match fate {
            Fate::Survived => "no case noticed that",
            Fate::NotReached => "no case reaches this:",
            Fate::Killed | Fate::NotTried => continue,
        };
        let (line, column) = (mutant.at.line, mutant.at.column);
        text.push_str(&format!("{}:{line}:{column}: {what} {}\n", mutant.file, mutant.says));
        text.push_str(&excerpt(&mutant.file, line, column, sources));
        if !mutant.skeleton.is_empty() {
            text.push_str("    a case that would notice it:\n");
            for line in mutant.skeleton.lines() {
                text.push_str(&format!("      {line}\n"));
            }
        }
    }
    let (killed, tried) = (outcomes.count(Fate::Killed), outcomes.tried());
    text.push_str(&format!(
        "changes: {killed} of {tried} noticed ({} %), {} not noticed, {} not reached\n",
        outcomes.percent(),
        outcomes.count(Fate::Survived),
        outcomes.count(Fate::NotReached)
    ));
    let not_tried = outcomes.count(Fate::NotTried);
    if not_tried > 0 {
        text.push_str(&format!(
            "{not_tried} more changes were not tried, as the time was up; --mutate-seconds gives more\n"
        ));
    }
    text
}

/// The same as JSON: every change that was not noticed, and the counts.
#[must_use]
pub fn json(mutants: &[Mutant], outcomes: &Outcomes) -> serde_json::Value {
    let survivors: Vec<serde_json::Value> = in_order(mutants, outcomes)
        .into_iter()
        .filter(|(_, fate)| matches!(fate, Fate::Survived | Fate::NotReached))
        .map(|(mutant, fate)| {
            serde_json::json!({
                "file": &*mutant.file, "line": mutant.at.line, "column": mutant.at.column, "change": mutant.says,
                "reached": fate == Fate::Survived, "case": mutant.skeleton,
            })
        })
        .collect();
    serde_json::json!({
        "changes": mutants.len(), "tried": outcomes.tried(), "noticed": outcomes.count(Fate::Killed),
        "not_noticed": outcomes.count(Fate::Survived), "not_reached": outcomes.count(Fate::NotReached),
        "not_tried": outcomes.count(Fate::NotTried), "percent": outcomes.percent(), "survivors": survivors,
    })
}

/// By file and place.
fn in_order<'m>(mutants: &'m [Mutant], outcomes: &Outcomes) -> Vec<(&'m Mutant, Fate)> {
    let mut all: Vec<(&Mutant, Fate)> = mutants.iter().zip(outcomes.fates.iter().copied()).collect();
    all.sort_by(|(a, _), (b, _)| (&a.file, a.at).cmp(&(&b.file, b.at)));
    all
}
