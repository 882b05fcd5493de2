//! What an element reports, in a sentence: the best that the rulebook says of it.

use rulebook::plan::{AbsentPolicy, Body, Const, Expr, Leaf, Node, Op, Statement, Value};

use crate::html::Html;
use crate::site::{Object, Site};

/// How an element gets its value, in a word.
pub fn tier(node: &Node) -> &'static str {
    let Some(leaf) = &node.leaf else { return if node.each.is_some() { "repeated" } else { "part" } };
    match leaf.tier {
        "from" if end_of(&leaf.value).is_some_and(|end| matches!(end, End::Fact(_))) => "fact",
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
    if let Some(doc) = site.declared.says(&node.place, "doc") {
        return doc;
    }
    if let Some(leaf) = &node.leaf {
        if let Some(rule) = site.rule_of(&leaf.value) {
            return sentence(&rule.header.reports);
        }
        return of_leaf(site, node, leaf);
    }
    of_part(site, node)
}

/// What an object says of itself.
pub fn object_doc(site: &Site<'_>, object: &Object<'_>) -> String {
    let doc = site.declared.says(&object.plan.place, "doc");
    doc.or_else(|| site.declared.file_says(&object.plan.place.file, "doc")).unwrap_or_default()
}

fn of_leaf(site: &Site<'_>, node: &Node, leaf: &Leaf) -> String {
    let condition = node.when.as_ref().map(|when| condition(site, when));
    if let Some(constant) = constant(&leaf.value) {
        return match (condition, &leaf.otherwise) {
            (None, _) => format!("Always “{constant}”."),
            (Some(condition), None) => format!("“{constant}” where this holds, otherwise nothing. {condition}"),
            (Some(condition), Some(otherwise)) => {
                format!("“{constant}” where this holds, otherwise “{otherwise}”. {condition}")
            }
        };
    }
    let mut says = match end_of(&leaf.value) {
        Some(End::Fact(fact)) => site.plan.facts[fact].doc.clone(),
        Some(End::Field(entity, field)) => {
            let declared = &site.plan.schema[entity];
            let own = &declared[field].doc;
            let column = format!("{}.{}", declared.table_name(), declared[field].column);
            if own.is_empty() { format!("What stands in {column}.") } else { own.clone() }
        }
        None => match &leaf.value {
            Value::Body(Body { expr: Expr { op: Op::Table(..), .. }, .. }) => "Read from a decision table.".to_owned(),
            Value::Body(body) => from_columns(site, &body.expr),
            _ => String::new(),
        },
    };
    if let Some(set) = leaf.codes {
        says.push_str(&format!(" Mapped by the value set {}.", site.plan.value_sets[set].name));
    }
    if let Some(otherwise) = &leaf.otherwise {
        says.push_str(&format!(" Without a value: “{otherwise}”."));
    }
    if let Some(condition) = condition {
        says.push_str(&format!(" Sent only where this holds. {condition}"));
    }
    says.trim().to_owned()
}

fn of_part(site: &Site<'_>, node: &Node) -> String {
    let names: Vec<String> = node.children.iter().map(|child| last_step(&child.path).to_owned()).collect();
    let mut says = match &node.each {
        Some(each) => {
            let entity = &site.plan.schema[each.entity];
            let most = each.take.map(|most| format!(", at most {most}")).unwrap_or_default();
            let rows = end_of_expr(&each.rows.expr).and_then(|end| match end {
                End::Fact(fact) => Some(site.plan.facts[fact].doc.clone()),
                End::Field(..) => None,
            });
            format!("One for each {}{most}. {}", entity.name, rows.unwrap_or_default()).trim().to_owned()
        }
        None if names.is_empty() => String::new(),
        None => format!("Holds {}.", list(&names)),
    };
    if let Some(when) = &node.when {
        says.push_str(&format!(" Sent only where this holds. {}", condition(site, when)));
    }
    says.trim().to_owned()
}

/// What a condition asks: what its one fact means, or what its facts mean.
fn condition(site: &Site<'_>, when: &Body) -> String {
    let mut docs = Vec::new();
    rulebook::steps::of(&when.expr, &mut |expr| {
        if let Op::Fact(_, fact, _) = &expr.op {
            let doc = &site.plan.facts[*fact].doc;
            if site.plan.facts[*fact].ty.kind == rulebook::types::Kind::Bool && !docs.contains(doc) {
                docs.push(doc.clone());
            }
        }
    });
    if docs.is_empty() { from_columns(site, &when.expr).replacen("Made of", "It asks", 1) } else { docs.join(" ") }
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
enum End {
    Fact(usize),
    Field(graph::EntityId, graph::FieldId),
}

fn end_of(value: &Value) -> Option<End> {
    match value {
        Value::Body(body) => end_of_expr(&body.expr),
        _ => None,
    }
}

fn end_of_expr(expr: &Expr) -> Option<End> {
    match &expr.op {
        Op::Fact(_, fact, _) => Some(End::Fact(*fact)),
        Op::Field(_, entity, field) => Some(End::Field(*entity, *field)),
        Op::IfPresent(_, _, then) => end_of_expr(then),
        Op::Lookup(_, inner) => end_of_expr(inner),
        Op::Call(rulebook::functions::Native::RefId | rulebook::functions::Native::ToText, arguments) => {
            end_of_expr(arguments.first()?)
        }
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
