//! The forms in which a case gives several rows: a list, a table, weekdays; a list may hold tables and weekdays too.

use graph::{Date, EntityId, FieldId, FieldType};
use problem::{Problem, code};
use rulebook::yaml::{Key, Kind as Yaml, Node, Reader};

use super::{Given, Own, RowKey};

/// The keys of a table of rows.
pub const COLUMNS: &str = "columns";
/// The name of a row, by which it is spoken of elsewhere.
pub const CALLED: &str = "called";
/// The keys of a change to the rows of a person.
pub const CHANGES: [&str; 3] = ["change", "add", "remove"];

/// Whether a node is a map with this key.
pub fn has(node: &Node, key: &str) -> bool {
    node.entries().iter().any(|(found, _)| found.text == key)
}

/// Whether a node says what changes in the rows of a person.
pub fn is_change(node: &Node) -> bool {
    CHANGES.iter().any(|key| has(node, key))
}

/// The rows of `{ columns: [names], rows: [[values], …], with: {…} }`, each written as a row is.
pub fn table(node: &Node, problems: &mut Vec<Problem>) -> Option<Vec<Node>> {
    let mut reader = Reader::new(node, "a table of rows", problems);
    let columns = reader.need(COLUMNS, problems);
    let rows = reader.need("rows", problems);
    let with = reader.get("with").map(|node| node.map("what every row has", problems).unwrap_or_default());
    let known = reader.finish(problems);
    let columns = columns_of(columns?, problems)?;
    let mut made = Vec::new();
    for row in rows?.list("rows, each a list of values", problems)? {
        let mut entries = line(&columns, row, problems)?;
        entries.extend(with.unwrap_or_default().iter().cloned());
        made.push(Node { kind: Yaml::Map(entries), place: row.place.clone() });
    }
    known.then_some(made)
}

/// The columns of a table, each once.
pub fn columns_of(node: &Node, problems: &mut Vec<Problem>) -> Option<Vec<Key>> {
    let mut columns: Vec<Key> = Vec::new();
    for node in node.list("names of columns", problems)? {
        let scalar = node.scalar("the name of a column", problems)?;
        if columns.iter().any(|column| column.text == scalar.text) {
            let message = format!("the column `{}` stands here twice", scalar.text);
            problems.push(Problem::new(code::BAD_FIXTURE, message).at(node.place.clone()));
            return None;
        }
        columns.push(Key { text: scalar.text.clone(), place: node.place.clone() });
    }
    Some(columns)
}

/// A line of a table: its values by their columns.
pub fn line(columns: &[Key], node: &Node, problems: &mut Vec<Problem>) -> Option<Vec<(Key, Node)>> {
    let values = node.list("a list with a value for each column", problems)?;
    if values.len() != columns.len() {
        let many = |number: usize, word: &str| format!("{number} {word}{}", if number == 1 { "" } else { "s" });
        let (has, needs) = (many(values.len(), "value"), many(columns.len(), "column"));
        let message = format!("the line has {has}, and the table {needs}");
        problems.push(Problem::new(code::BAD_FIXTURE, message).at(node.place.clone()));
        return None;
    }
    Some(columns.iter().cloned().zip(values.iter().cloned()).collect())
}

impl Given<'_> {
    /// Adds several rows, in whatever form; gives their keys. `what` is what is given them, for messages.
    pub(super) fn rows(&mut self, entity: EntityId, what: &str, node: &Node, preset: &[(FieldId, Own)]) -> Vec<RowKey> {
        let mut keys = Vec::new();
        match &node.kind {
            Yaml::Null => {}
            Yaml::List(items) => items.iter().for_each(|item| self.item(entity, what, item, preset, &mut keys)),
            Yaml::Map(_) if has(node, "weekdays") || has(node, COLUMNS) => {
                self.item(entity, what, node, preset, &mut keys);
            }
            _ if is_change(node) => {
                let message = format!("there are no rows of `{what}` to change, add to or remove from");
                let problem = Problem::new(code::BAD_FIXTURE, message).at(node.place.clone());
                self.problems.push(problem.help("write a list of rows, or say with `extends:` whose rows are changed"));
            }
            _ => {
                let message = format!("`{what}` takes a list of rows");
                let mut problem = Problem::new(code::BAD_FIXTURE, message).at(node.place.clone());
                if let [(key, _), ..] = node.entries() {
                    problem = problem.did_you_mean(&key.text, CHANGES.into_iter().chain([COLUMNS, "weekdays"]));
                }
                self.problems.push(problem);
            }
        }
        keys
    }

    fn item(&mut self, entity: EntityId, what: &str, node: &Node, preset: &[(FieldId, Own)], keys: &mut Vec<RowKey>) {
        if let Yaml::Map(entries) = &node.kind
            && has(node, "weekdays")
        {
            self.weekdays(entity, node, entries, preset, keys);
        } else if has(node, COLUMNS) {
            let before = self.problems.len();
            let rows = table(node, &mut self.problems).unwrap_or_default();
            for row in &rows {
                keys.extend(self.row_with(entity, row, preset, true));
                // A column that is wrong is wrong once.
                if self.problems.len() > before {
                    return;
                }
            }
        } else if matches!(node.kind, Yaml::List(_)) {
            self.wrong(&node.place, format!("`{what}` takes a list of rows"));
        } else {
            keys.extend(self.row_with(entity, node, preset, true));
        }
    }

    /// `{ weekdays: [from, to], except: [dates], with: {...} }`: a row for each day from Monday to Friday.
    fn weekdays(
        &mut self,
        entity: EntityId,
        node: &Node,
        entries: &[(Key, Node)],
        preset: &[(FieldId, Own)],
        keys: &mut Vec<RowKey>,
    ) {
        let Some(date_field) = self.plan.schema[entity].field("date") else {
            self.wrong(&node.place, "only rows with a date can be given by weekdays".to_owned());
            return;
        };
        let mut span = Vec::new();
        let mut except = Vec::new();
        let mut with = None;
        for (key, node) in entries {
            match key.text.as_str() {
                "weekdays" => span = self.dates(node),
                "except" => except = self.dates(node),
                "with" => with = Some(node),
                other => {
                    let problem = Problem::new(
                        code::UNKNOWN_KEY,
                        format!("unknown key `{other}`; the keys are weekdays, except, with"),
                    )
                    .at(key.place.clone())
                    .did_you_mean(other, ["weekdays", "except", "with"]);
                    self.problems.push(problem);
                }
            }
        }
        let [from, to] = span[..] else {
            self.wrong(&node.place, "`weekdays` takes the first and the last day".to_owned());
            return;
        };
        if (to - from).num_days() > 800 {
            self.wrong(&node.place, "`weekdays` takes at most about two years".to_owned());
            return;
        }
        let nothing = Node { kind: Yaml::Null, place: node.place.clone() };
        for date in from.iter_days().take_while(|date| *date <= to) {
            if is_weekday(date) && !except.contains(&date) {
                let mut preset = preset.to_vec();
                preset.push((date_field, Own::Date(date)));
                keys.extend(self.row_with(entity, with.unwrap_or(&nothing), &preset, false));
            }
        }
    }

    pub(super) fn dates(&mut self, node: &Node) -> Vec<Date> {
        let mut dates = Vec::new();
        let items: &[Node] = match &node.kind {
            Yaml::List(items) => items,
            _ => std::slice::from_ref(node),
        };
        for item in items {
            if let Some(Own::Date(date)) = self.value(&FieldType::Date, item) {
                dates.push(date);
            }
        }
        dates
    }
}

/// Monday to Friday.
fn is_weekday(date: Date) -> bool {
    use chrono::Datelike;
    date.weekday().number_from_monday() <= 5
}
