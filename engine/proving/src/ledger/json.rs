//! The ledger for programs.

use serde_json::{Value, json};

use super::{Ledger, LedgerRow, LedgerRule};

impl Ledger {
    /// Rows and population rules, without the problems.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "rows": self.rows.iter().map(row).collect::<Vec<_>>(),
            "population": self.rules.iter().map(rule).collect::<Vec<_>>(),
        })
    }
}

fn row(row: &LedgerRow) -> Value {
    let answers = row.answers.iter().map(|answer| {
        json!({
            "how": answer.how,
            "group": answer.group,
            "object": answer.object,
            "path": answer.path,
            "reason": answer.reason,
            "file": &*answer.place.file,
            "line": answer.place.line,
        })
    });
    json!({
        "id": row.id,
        "object": row.object,
        "kind": row.kind,
        "path": row.path,
        "answers": answers.collect::<Vec<_>>(),
        "cases": row.cases,
        "needs_cases": row.needs_cases(),
    })
}

fn rule(rule: &LedgerRule) -> Value {
    let places = rule.places.iter().map(|place| json!({ "file": &*place.file, "line": place.line }));
    json!({
        "id": rule.id,
        "object": rule.object,
        "about": if rule.of_rights { "rights" } else { "data" },
        "conditions": places.collect::<Vec<_>>(),
        "keeps_everybody": rule.always && !rule.places.is_empty(),
        "excluding": rule.excluding,
        "including": rule.including,
    })
}
