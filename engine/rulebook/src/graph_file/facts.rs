//! The facts that `graph.yaml` declares for an entity. Their expressions are compiled later, when every name is known.

use graph::{EntityId, Schema};
use problem::{Place, Problem, code};

use super::check_name;
use super::population::{self, Ranking};
use crate::yaml::{Key, Kind, Node, Reader, Scalar};

/// A fact as `graph.yaml` declares it.
#[derive(Clone, Debug)]
pub struct FactDeclaration {
    /// The entity whose rows have the fact.
    pub entity: EntityId,
    /// Its name.
    pub name: String,
    /// What it means.
    pub doc: String,
    /// Its type, as written.
    pub type_word: (String, Place),
    /// What it needs besides the row: name and type, as written.
    pub given: Vec<(String, String, Place)>,
    /// How it is computed.
    pub tier: FactTier,
    /// Where it is declared.
    pub place: Place,
    /// Where another view of the entity's table says that it shares the fact; then the declaration is that of the original.
    pub shared_at: Option<Place>,
}

/// How a fact is computed.
#[derive(Clone, Debug)]
pub enum FactTier {
    /// An expression.
    Value(Scalar),
    /// A decision table.
    Table(Node),
    /// A local code through a value set: where it comes from, and the set.
    Codes {
        /// The expression that gives the local code.
        from: Scalar,
        /// The value set.
        set: Scalar,
    },
    /// A rule of `rules/facts/`.
    Rule,
    /// Rows along a path, filtered and ordered.
    Select(Box<Selection>),
    /// A place among all students.
    Rank(Ranking),
    /// How many the fact of this name ranks together.
    Size(Scalar),
}

/// Rows along a path.
#[derive(Clone, Debug)]
pub struct Selection {
    /// What is made of the rows.
    pub what: SelectWord,
    /// The path.
    pub path: Scalar,
    /// Which rows.
    pub filter: Option<Scalar>,
    /// Another name for the path's last row.
    pub alias: Option<Scalar>,
    /// Rows with an equal value of this count once.
    pub distinct: Option<Scalar>,
    /// Order.
    pub order: Vec<OrderItem>,
    /// What `sum` adds, or the date of `days`.
    pub of: Option<Scalar>,
    /// What a `first` leads on to.
    pub then: Option<Scalar>,
    /// Where there is no row: another path.
    pub otherwise: Option<Scalar>,
    /// Further rows, behind those of the path.
    pub also: Option<Scalar>,
}

/// What is made of the rows of a selection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SelectWord {
    /// The first row.
    First,
    /// The rows.
    Rows,
    /// How many rows.
    Count,
    /// Whether there is a row.
    Any,
    /// Whether the filter holds for every row.
    Every,
    /// The sum of a value of the rows.
    Sum,
    /// The dates of the rows.
    Days,
}

/// One item of an order.
#[derive(Clone, Debug)]
pub struct OrderItem {
    /// The expression.
    pub by: Scalar,
    /// Largest first.
    pub descending: bool,
    /// Whether what is absent comes first.
    pub absent_first: bool,
}

const SELECT_WORDS: [(&str, SelectWord); 7] = [
    ("first", SelectWord::First),
    ("rows", SelectWord::Rows),
    ("count", SelectWord::Count),
    ("any", SelectWord::Any),
    ("every", SelectWord::Every),
    ("sum", SelectWord::Sum),
    ("days", SelectWord::Days),
];

/// Reads the facts of one entity.
pub fn read(
    entity_key: &Key,
    node: &Node,
    entity: EntityId,
    schema: &Schema,
    facts: &mut Vec<FactDeclaration>,
    problems: &mut Vec<Problem>,
) {
    let Kind::Map(keys) = &node.kind else { return };
    let Some((_, node)) = keys.iter().find(|(key, _)| key.text == "facts") else { return };
    for (key, node) in node.map("facts by name", problems).unwrap_or_default() {
        check_name(key, "a fact", problems);
        let name = key.text.split('(').next().unwrap_or_default().to_owned();
        let declared = &schema[entity];
        let twice = declared
            .field(&name)
            .map(|field| declared[field].place.clone())
            .or_else(|| declared.relation(&name).map(|relation| declared[relation].place.clone()));
        let twice = twice.or_else(|| {
            facts.iter().find(|fact| fact.entity == entity && fact.name == name).map(|fact| fact.place.clone())
        });
        if let Some(other) = twice {
            problems.push(
                Problem::new(code::NAME_TWICE, format!("`{}` has two things called `{name}`", entity_key.text))
                    .at(key.place.clone())
                    .and_at(other, "the other one"),
            );
            continue;
        }
        if let Some(fact) = read_fact(key, name, node, entity, problems)
            && population::check_entity(&fact, schema, problems)
        {
            facts.push(fact);
        }
    }
}

fn read_fact(
    key: &Key,
    name: String,
    node: &Node,
    entity: EntityId,
    problems: &mut Vec<Problem>,
) -> Option<FactDeclaration> {
    let mut reader = Reader::new(node, "a fact", problems);
    let type_node = reader.need("type", problems);
    let doc = reader.need("doc", problems).and_then(|node| node.scalar("a text", problems));
    let given_node = reader.get("given");
    let value = reader.text("value", problems);
    let table = reader.get("table");
    let codes = reader.get("codes");
    let rule = reader.flag("rule", problems);
    let mut selects = Vec::new();
    for (word, what) in SELECT_WORDS {
        if let Some(node) = reader.get(word) {
            selects.push((word, what, node));
        }
    }
    let filter = reader.text("where", problems);
    let alias = reader.text("as", problems);
    let distinct = reader.text("distinct", problems);
    let order = reader.get("order").map(|node| read_order(node, problems)).unwrap_or_default();
    let of = reader.text("of", problems);
    let date = reader.text("date", problems);
    let then = reader.text("then", problems);
    let otherwise = reader.text("otherwise", problems);
    let also = reader.text("also", problems);
    let scope = reader.get("scope");
    let rank = reader.get("rank");
    let size = reader.text("size", problems);
    let known_all = reader.finish(problems);

    let mut tiers = Vec::new();
    if let Some(value) = value {
        tiers.push(FactTier::Value(value.clone()));
    }
    if let Some(table) = table {
        tiers.push(FactTier::Table(table.clone()));
    }
    if let Some(node) = codes {
        let mut reader = Reader::new(node, "codes", problems);
        let from = reader.need("from", problems).and_then(|node| node.scalar("an expression", problems));
        let set = reader.need("set", problems).and_then(|node| node.scalar("a value set", problems));
        reader.finish(problems);
        tiers.push(FactTier::Codes { from: from?.clone(), set: set?.clone() });
    }
    if rule {
        tiers.push(FactTier::Rule);
    }
    if let Some(node) = rank {
        tiers.push(FactTier::Rank(population::read_rank(node, problems)?));
    }
    if let Some(size) = size {
        tiers.push(FactTier::Size(size.clone()));
    }
    for (_, what, node) in &selects {
        let path = node.scalar("a path to rows", problems)?;
        tiers.push(FactTier::Select(Box::new(Selection {
            what: *what,
            path: path.clone(),
            filter: filter.cloned(),
            alias: alias.cloned(),
            distinct: distinct.cloned(),
            order: order.clone(),
            of: of.or(date).cloned(),
            then: then.cloned(),
            otherwise: otherwise.cloned(),
            also: also.cloned(),
        })));
    }
    if tiers.is_empty() && !known_all {
        return None;
    }
    if tiers.len() != 1 {
        let code = if tiers.is_empty() { code::MISSING_KEY } else { code::CONTRADICTING_KEYS };
        problems.push(
            Problem::new(
                code,
                format!(
                    "the fact `{name}` needs exactly one of value, table, codes, rule, first, rows, count, any, every, sum, days, rank, size; it has {}",
                    tiers.len()
                ),
            )
            .at(key.place.clone())
            .help("keep one of them, or add one"),
        );
        return None;
    }
    let needs_of = matches!(&tiers[0], FactTier::Select(select) if select.of.is_none()
        && matches!(select.what, SelectWord::Sum | SelectWord::Days));
    if needs_of {
        problems.push(
            Problem::new(code::MISSING_KEY, "a `sum` needs `of`, the value to add, and `days` needs `date`")
                .at(key.place.clone()),
        );
        return None;
    }
    population::check_scope(key, scope, &tiers[0], given_node.is_some(), problems)?;
    let type_node = type_node?;
    let type_word = type_node.scalar("a type", problems)?;
    let mut given = Vec::new();
    if let Some(node) = given_node {
        for (name, word) in node.map("names with their types", problems).unwrap_or_default() {
            let word_text = word.scalar("a type", problems)?;
            given.push((name.text.clone(), word_text.text.clone(), word.place.clone()));
        }
    }
    Some(FactDeclaration {
        entity,
        name,
        doc: doc?.text.trim().to_owned(),
        type_word: (type_word.text.clone(), type_node.place.clone()),
        given,
        tier: tiers.remove(0),
        place: key.place.clone(),
        shared_at: None,
    })
}

fn read_order(node: &Node, problems: &mut Vec<Problem>) -> Vec<OrderItem> {
    let mut items = Vec::new();
    for scalar in node.texts("expressions to order by", problems) {
        let mut by = scalar.clone();
        let (mut descending, mut absent_first) = (false, false);
        loop {
            if let Some(rest) = by.text.strip_suffix(" absent first") {
                absent_first = true;
                by.text = rest.to_owned();
            } else if let Some(rest) = by.text.strip_suffix(" absent last") {
                by.text = rest.to_owned();
            } else if let Some(rest) = by.text.strip_suffix(" desc") {
                descending = true;
                by.text = rest.to_owned();
            } else {
                break;
            }
        }
        items.push(OrderItem { by, descending, absent_first });
    }
    items
}
