//! Coverage for programs.

use super::{Coverage, Missed, Tally, tally, words};

/// Every place with how many cases saw each of its outcomes; the missing ones with a case that would reach them.
#[must_use]
pub fn json(coverage: &Coverage, missed: &[Missed]) -> serde_json::Value {
    let counts = |tally: Tally| serde_json::json!({ "all": tally.all, "seen": tally.seen, "percent": tally.percent() });
    let kinds: serde_json::Map<String, serde_json::Value> =
        coverage.by_kind().into_iter().map(|(kind, tally)| (kind.word().to_owned(), counts(tally))).collect();
    let files: Vec<serde_json::Value> = coverage
        .by_file()
        .into_iter()
        .map(|(file, decisions)| {
            let places: Vec<serde_json::Value> = decisions
                .iter()
                .map(|covered| {
                    let decision = &covered.decision;
                    let outcomes: Vec<serde_json::Value> = decision
                        .outcomes
                        .iter()
                        .zip(&covered.cases)
                        .map(|(outcome, cases)| {
                            serde_json::json!({ "outcome": words::outcome(*outcome), "cases": cases })
                        })
                        .collect();
                    serde_json::json!({
                        "line": decision.at.line, "column": decision.at.column,
                        "what": words::what(decision.what), "name": &*decision.name, "outcomes": outcomes,
                    })
                })
                .collect();
            serde_json::json!({ "file": &*file, "outcomes": counts(tally(&decisions)), "places": places })
        })
        .collect();
    let missed: Vec<serde_json::Value> = missed
        .iter()
        .map(|missed| {
            let decision = &coverage.decisions[missed.decision].decision;
            serde_json::json!({
                "file": &*decision.file, "line": decision.at.line, "column": decision.at.column,
                "what": words::what(decision.what), "outcome": words::outcome(missed.outcome),
                "message": missed.says, "case": missed.skeleton,
            })
        })
        .collect();
    serde_json::json!({ "all": counts(coverage.total()), "kinds": kinds, "files": files, "missed": missed })
}
