//! What an element reports, in a sentence: the best that the rulebook says of it.

use rulebook::functions::Native;
use rulebook::plan::{AbsentPolicy, Body, Compare, Const, Expr, Leaf, Node, Op, Statement, Value};
use rulebook::types::Kind;

use crate::html::Html;
use crate::site::{Object, Site};

/// How an element gets its value, in a word.
pub fn tier(node: &Node) -> &'static str {
    let Some(leaf) = &node.leaf else { return if node.each.is_some() { "repeated" } else { "part" } };
    match leaf.tier {
        "from" if matches!(&leaf.value, Value::Body(body) if matches!(end_of_expr(&body.expr), Some(End::Fact(_)))) => {
            "fact"
        }
        other => other,
    }
}

/// What a word for how an element gets its value means.
pub const TIERS: &[(&str, &str)] = &[
    ("const", "always the same text"),
    ("from", "an expression of the source's columns"),
    ("fact", "a derived fact of graph.yaml"),
    ("codes", "a local code, through a value set"),
    ("table", "a decision table"),
    ("rule", "a rule file"),
    ("part", "holds other elements"),
    ("repeated", "holds other elements, once for each row"),
    ("omitted", "never sent, by decision"),
];

/// What an element reports.
pub fn of(site: &Site<'_>, object: &Object<'_>, node: &Node) -> String {
    if node.path.is_empty() {
        return object_doc(site, object);
    }
    let derived = match &node.leaf {
        Some(leaf) => match site.rule_of(&leaf.value) {
            Some(rule) => sentence(&rule.header.reports),
            None => of_leaf(site, node, leaf),
        },
        None => of_part(site, node),
    };
    let doc = if site.is_declared(node) { site.declared.says(&node.place, "doc") } else { None };
    [derived, doc.unwrap_or_default()].join(" ").trim().to_owned()
}

/// What an object says of itself.
pub fn object_doc(site: &Site<'_>, object: &Object<'_>) -> String {
    let doc = site.declared.says(&object.plan.place, "doc");
    doc.or_else(|| site.declared.file_says(&object.plan.place.file, "doc")).unwrap_or_default()
}

fn of_leaf(site: &Site<'_>, node: &Node, leaf: &Leaf) -> String {
    if let Some(constant) = constant(&leaf.value) {
        let otherwise = leaf.otherwise.as_ref().map_or_else(|| "nothing".to_owned(), |text| format!("“{text}”"));
        return match node.when.as_ref().map(|when| condition(site, &when.expr)) {
            None => format!("Always “{constant}”."),
            Some(Condition::Asks(asks)) => format!("“{constant}” where {asks}, otherwise {otherwise}."),
            Some(Condition::Says(says)) => format!("“{constant}” where this holds, otherwise {otherwise}. {says}"),
        };
    }
    let mut says = match &leaf.value {
        Value::Body(body) => match end_of_expr(&body.expr) {
            Some(end) => of_end(site, &body.expr, end),
            None if matches!(body.expr.op, Op::Table(..)) => format!("By a table. {}", from_columns(site, &body.expr)),
            None => from_columns(site, &body.expr),
        },
        _ => String::new(),
    };
    if let Some(set) = leaf.codes {
        says.push_str(&format!(" Mapped by the value set {}.", site.plan.value_sets[set].name));
    }
    if let Some(otherwise) = &leaf.otherwise {
        says.push_str(&format!(" Without a value: “{otherwise}”."));
    }
    says.push_str(&only_where(site, node));
    says.trim().to_owned()
}

/// What stands at the end of a path, and of which row it is.
fn of_end(site: &Site<'_>, expr: &Expr, end: End) -> String {
    let row = row_fact(expr).filter(|fact| end != End::Fact(*fact));
    match end {
        End::Fact(fact) => {
            let doc = &site.plan.facts[fact].doc;
            row.map_or_else(
                || doc.clone(),
                |row| format!("{doc} Of {}: {}", site.fact_name(row), site.plan.facts[row].doc),
            )
        }
        End::Field(entity, field) => {
            let declared = &site.plan.schema[entity];
            let column = format!("{}.{}", declared.table_name(), declared[field].column);
            let of = row.map(|row| format!(", of {}", site.fact_name(row))).unwrap_or_default();
            let doc = &declared[field].doc;
            let doc = if doc.is_empty() { String::new() } else { format!(" {}", sentence(doc)) };
            format!("What stands in {column}{of}.{doc}")
        }
    }
}

/// The fact that gives the row which a path goes on from.
fn row_fact(expr: &Expr) -> Option<usize> {
    let mut found = None;
    rulebook::steps::of(expr, &mut |inner| {
        if let (Op::Fact(_, fact, _), Kind::Row(_)) = (&inner.op, inner.ty.kind) {
            found = found.or(Some(*fact));
        }
    });
    found
}

fn of_part(site: &Site<'_>, node: &Node) -> String {
    let names: Vec<String> = node.children.iter().map(|child| last_step(&child.path).to_owned()).collect();
    let mut says = match &node.each {
        Some(each) => {
            let entity = &site.plan.schema[each.entity];
            let most = each.take.map(|most| format!(", at most {most}")).unwrap_or_default();
            let rows = match end_of_expr(&each.rows.expr) {
                Some(End::Fact(fact)) => site.plan.facts[fact].doc.clone(),
                _ => String::new(),
            };
            format!("One for each {}{most}. {rows}", entity.name).trim().to_owned()
        }
        None if names.is_empty() => String::new(),
        None if names.len() > 8 => format!("Holds {} elements.", names.len()),
        None => format!("Holds {}.", list(&names)),
    };
    says.push_str(&only_where(site, node));
    says.trim().to_owned()
}

fn only_where(site: &Site<'_>, node: &Node) -> String {
    match node.when.as_ref().map(|when| condition(site, &when.expr)) {
        None => String::new(),
        Some(Condition::Asks(asks)) => format!(" Sent only where {asks}."),
        Some(Condition::Says(says)) => format!(" Sent only where this holds. {says}"),
    }
}

/// What a condition asks.
enum Condition {
    /// In words that go on a sentence.
    Asks(String),
    /// In sentences of their own.
    Says(String),
}

/// What a condition asks: whether something is there, else what its facts mean, else what it is made of.
fn condition(site: &Site<'_>, when: &Expr) -> Condition {
    if let Some(asks) = asks(site, when) {
        return Condition::Asks(asks);
    }
    let mut docs = Vec::new();
    rulebook::steps::of(when, &mut |expr| {
        if let (Op::Fact(_, fact, _), Kind::Bool) = (&expr.op, expr.ty.kind) {
            push(&mut docs, site.plan.facts[*fact].doc.clone());
        }
    });
    let made = from_columns(site, when).replacen("Made of", "It asks", 1);
    Condition::Says(if docs.is_empty() { made } else { docs.join(" ") })
}

/// The words for a condition that only asks whether something is there.
fn asks(site: &Site<'_>, when: &Expr) -> Option<String> {
    let together = |all: &[Expr], word: &str| {
        let parts: Option<Vec<String>> = all.iter().map(|part| asks(site, part)).collect();
        parts.map(|parts| parts.join(word))
    };
    match &when.op {
        Op::Compare(Compare::NotEqual, value, nothing) if matches!(nothing.op, Op::Const(Const::Absent)) => {
            Some(match end_of_expr(value)? {
                End::Fact(fact) => format!("there is {}", site.fact_name(fact)),
                End::Field(entity, field) => {
                    let declared = &site.plan.schema[entity];
                    format!("{}.{} is filled", declared.table_name(), declared[field].column)
                }
            })
        }
        Op::Call(Native::Any, arguments) => match end_of_expr(arguments.first()?)? {
            End::Fact(fact) => Some(format!("there is any of {}", site.fact_name(fact))),
            End::Field(..) => None,
        },
        Op::Or(all) => together(all, " or "),
        Op::And(all) => together(all, " and "),
        _ => None,
    }
}

fn from_columns(site: &Site<'_>, expr: &Expr) -> String {
    let mut names = Vec::new();
    rulebook::steps::of(expr, &mut |expr| match &expr.op {
        Op::Field(_, entity, field) => {
            let declared = &site.plan.schema[*entity];
            push(&mut names, format!("{}.{}", declared.table_name(), declared[*field].column));
        }
        Op::Fact(_, fact, _) => push(&mut names, site.fact_name(*fact)),
        Op::Parameter(parameter) => push(&mut names, site.parameter_name(*parameter)),
        Op::Zone(field) => {
            let known = rulebook::plan::ZoneField::ALL.iter().find(|(_, known, _)| known == field);
            push(&mut names, format!("zone.{}", known.map_or("", |(name, ..)| name)));
        }
        _ => {}
    });
    if names.is_empty() { String::new() } else { format!("Made of {}.", list(&names)) }
}

fn push(names: &mut Vec<String>, name: String) {
    if !names.contains(&name) {
        names.push(name);
    }
}

/// The constant that a value is.
pub fn constant(value: &Value) -> Option<&str> {
    match value {
        Value::Body(Body { expr: Expr { op: Op::Const(Const::Text(text)), .. }, .. }) => Some(text),
        _ => None,
    }
}

/// What a value ends in, where it is a plain path.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Fact(usize),
    Field(graph::EntityId, graph::FieldId),
}

fn end_of_expr(expr: &Expr) -> Option<End> {
    match &expr.op {
        Op::Fact(_, fact, _) => Some(End::Fact(*fact)),
        Op::Field(_, entity, field) => Some(End::Field(*entity, *field)),
        Op::IfPresent(_, _, then) => end_of_expr(then),
        Op::Lookup(_, inner) => end_of_expr(inner),
        Op::Call(Native::RefId | Native::ToText | Native::Guid, arguments) => end_of_expr(arguments.first()?),
        Op::Block(statements) => match statements.last()? {
            Statement::Expr(last) => end_of_expr(last),
            Statement::Let(..) => None,
        },
        _ => None,
    }
}

/// What is sent of nothing.
pub const fn absent(policy: AbsentPolicy) -> &'static str {
    match policy {
        AbsentPolicy::Omit => "Without a value the element is left out.",
        AbsentPolicy::Empty => "Without a value an empty element is sent.",
        AbsentPolicy::Nil => "Without a value the element is sent with xsi:nil.",
        AbsentPolicy::Reject => "Without a value the nearest part around it that may be left out is not sent.",
    }
}

/// The last step of a path.
pub fn last_step(path: &str) -> &str {
    let mut depth = 0_usize;
    let mut start = 0;
    for (at, character) in path.char_indices() {
        match character {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            '/' if depth == 0 => start = at + 1,
            _ => {}
        }
    }
    path.get(start..).unwrap_or(path)
}

/// A text as a sentence: a capital at its start, a full stop at its end.
pub fn sentence(text: &str) -> String {
    let text = text.trim();
    let mut characters = text.chars();
    let Some(first) = characters.next() else { return String::new() };
    let stop = if text.ends_with(['.', '?', '!']) { "" } else { "." };
    format!("{}{}{stop}", first.to_uppercase(), characters.as_str())
}

/// Names in a row: `a, b and c`.
pub fn list(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [before @ .., last] => format!("{} and {last}", before.join(", ")),
    }
}

/// A text with the words in backticks set as code, and blank lines as paragraphs.
pub fn prose(html: &mut Html, text: &str) {
    for (at, part) in text.split('`').enumerate() {
        if at % 2 == 1 {
            html.tagged("code", &[], part);
        } else {
            html.text(part);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{last_step, list, sentence};

    #[test]
    fn sentences_and_lists_read_well() {
        assert_eq!(sentence("the days of it"), "The days of it.");
        assert_eq!(sentence("Whether?"), "Whether?");
        assert_eq!(list(&["a".to_owned(), "b".to_owned(), "c".to_owned()]), "a, b and c");
        assert_eq!(last_step("A/B[@C=1/2]/@D"), "@D");
        assert_eq!(last_step("A/B[@C=1/2]"), "B[@C=1/2]");
    }
}
