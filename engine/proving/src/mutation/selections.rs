//! The changes of selections, rankings, elements and population rules.

use graph::EntityId;
use rulebook::graph_file::SelectWord;
use rulebook::plan::{At, Body, Expr, Node, Op, Plan, Ranking, Select};

use super::change::{NodeEdit, RankingEdit, SelectionEdit};

/// The changes of a selection: the edit, its place if it has one of its own, what it says, and the step to look at.
pub fn of_selection<'p>(plan: &Plan, select: &'p Select) -> Vec<(SelectionEdit, At, String, Option<&'p Expr>)> {
    let mut found = Vec::new();
    for (at, condition) in select.conditions.iter().enumerate() {
        let says = "the condition was dropped, so that no row is left out for it".to_owned();
        found.push((SelectionEdit::Condition(at), condition.expr.at, says, Some(&condition.expr)));
    }
    // Where only the number of rows matters, their order does not.
    let ordered = matches!(select.what, SelectWord::First | SelectWord::Rows);
    if ordered {
        for (at, (by, descending, _)) in select.order.iter().enumerate() {
            let says = if *descending {
                "`desc` was dropped from the order".to_owned()
            } else {
                "the order was turned round (`desc`)".to_owned()
            };
            found.push((SelectionEdit::Turn(at), by.at, says, None));
            // Rows stand in the order of their keys anyway: a last key adds nothing.
            let by_key = at + 1 == select.order.len() && !descending && is_key(plan, select.path.target, by);
            if !by_key {
                found.push((SelectionEdit::Order(at), by.at, "this part of the order was dropped".to_owned(), None));
            }
        }
    }
    if let Some(distinct) = &select.distinct {
        found.push((SelectionEdit::Distinct, distinct.at, "`distinct` was dropped".to_owned(), None));
    }
    if let Some(otherwise) = &select.otherwise {
        found.push((SelectionEdit::Otherwise, otherwise.at, "`otherwise` was dropped".to_owned(), Some(otherwise)));
    }
    if let Some(also) = &select.also {
        found.push((SelectionEdit::Also, also.at, "`also` was dropped".to_owned(), None));
    }
    found
}

fn is_key(plan: &Plan, target: EntityId, by: &Expr) -> bool {
    matches!(&by.op, Op::Field(_, entity, field) if *entity == target && *field == plan.schema[*entity].key)
}

/// The changes of a ranking: the edit, what it is about, what it says.
pub fn of_ranking(ranking: &Ranking) -> Vec<(RankingEdit, &Body, String)> {
    let mut found = Vec::new();
    if !matches!(ranking.who.expr.op, Op::Const(_)) {
        found.push((RankingEdit::Who, &ranking.who, "`who` was dropped, so that everybody is ranked".to_owned()));
    }
    for (at, by) in ranking.by.iter().enumerate() {
        found.push((RankingEdit::By(at), by, "those who differ in this were ranked together".to_owned()));
    }
    found
}

/// The changes of an element.
pub fn of_element(node: &Node) -> Vec<(NodeEdit, String)> {
    let mut found = Vec::new();
    if node.when.is_some() {
        found.push((NodeEdit::When, "the element's condition (`when`) was dropped".to_owned()));
    }
    if let Some(take) = node.each.as_ref().and_then(|each| each.take) {
        found.push((NodeEdit::Take, format!("`take: {take}` was dropped")));
    }
    if let Some(leaf) = &node.leaf {
        if leaf.otherwise.is_some() {
            found.push((NodeEdit::Otherwise, "`otherwise` was dropped".to_owned()));
        }
        if leaf.codes.is_some() {
            found.push((NodeEdit::Codes, "the value set was not used".to_owned()));
        }
        if let Some(places) = leaf.decimals {
            found.push((NodeEdit::Decimals(places + 1), format!("`decimals: {places}` became {}", places + 1)));
        }
    }
    found
}
