//! Extended queries, held against joins by nested loops.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Write;
use std::sync::{Arc, OnceLock};

use proptest::prelude::*;
use proptest::sample::Index;
use sif::tree::{Names, Tree};

use crate::support::answer::{ask, ask_all, extended};
use crate::support::life::config;
use crate::support::{assert_valid, cedar_ridge, mapped};

/// An instance: its XML and its tree.
struct Known {
    xml: String,
    tree: Tree,
}

impl Known {
    fn values(&self, path: &str) -> Vec<String> {
        self.tree.root().unwrap().find(path).map(Cow::into_owned).collect()
    }
}

fn all(object: &str) -> &'static [Known] {
    static ALL: OnceLock<HashMap<&str, Vec<Known>>> = OnceLock::new();
    &ALL.get_or_init(|| {
        let names = Arc::new(Names::new());
        let known = |xml: String| {
            let spaces = " xmlns=\"http://www.sifinfo.org/infrastructure/2.x\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">";
            let tree = sif::xml::read::read(xml.replacen('>', spaces, 1).as_bytes(), &names).unwrap();
            Known { xml, tree }
        };
        OBJECTS.iter().map(|object| (*object, mapped(&cedar_ridge(), object).into_iter().map(known).collect())).collect()
    })[object]
}

const OBJECTS: [&str; 5] =
    ["StudentPersonal", "StudentSchoolEnrollment", "SchoolInfo", "StudentParticipation", "StudentAttendanceSummary"];

/// What can be joined: an object and path that is there, the new object and its path.
const JOINS: [(&str, &str, &str, &str); 8] = [
    ("StudentPersonal", "@RefId", "StudentSchoolEnrollment", "@StudentPersonalRefId"),
    ("StudentSchoolEnrollment", "@StudentPersonalRefId", "StudentPersonal", "@RefId"),
    ("StudentSchoolEnrollment", "@SchoolInfoRefId", "SchoolInfo", "@RefId"),
    ("SchoolInfo", "@RefId", "StudentSchoolEnrollment", "@SchoolInfoRefId"),
    ("StudentPersonal", "@RefId", "StudentParticipation", "@StudentPersonalRefId"),
    ("StudentParticipation", "@StudentPersonalRefId", "StudentPersonal", "@RefId"),
    ("StudentPersonal", "@RefId", "StudentAttendanceSummary", "@StudentPersonalRefId"),
    ("StudentSchoolEnrollment", "@SchoolInfoRefId", "StudentAttendanceSummary", "@SchoolInfoRefId"),
];

const KINDS: [&str; 4] = ["Inner", "LeftOuter", "RightOuter", "FullOuter"];

/// Paths whose values are one text each, to be columns, conditions and orders.
fn paths(object: &str) -> &'static [&'static str] {
    match object {
        "StudentPersonal" => &["@RefId", "LocalId", "Demographics/BirthDate"],
        "StudentSchoolEnrollment" => &["@RefId", "@TimeFrame", "EntryDate", "@SchoolInfoRefId"],
        "SchoolInfo" => &["@RefId", "SchoolName", "LocalId"],
        "StudentParticipation" => &["@RefId", "@StudentPersonalRefId"],
        _ => &["@SchoolYear", "@SchoolInfoRefId", "StartDate"],
    }
}

#[derive(Clone, Debug)]
struct Drawn {
    from: usize,
    joins: Vec<(Index, Index)>,
    columns: Vec<(Index, Index)>,
    conditions: Vec<(Index, Index, Index, bool)>,
    all_hold: bool,
    order: Vec<(Index, Index, bool)>,
    distinct: bool,
    count: Option<usize>,
}

fn drawn() -> impl Strategy<Value = Drawn> {
    (
        (0..OBJECTS.len(), prop::collection::vec(any::<(Index, Index)>(), 0..3)),
        prop::collection::vec(any::<(Index, Index)>(), 1..4),
        (prop::collection::vec(any::<(Index, Index, Index, bool)>(), 0..3), any::<bool>()),
        prop::collection::vec(any::<(Index, Index, bool)>(), 0..3),
        any::<bool>(),
        prop::option::weighted(0.3, 1..40_usize),
    )
        .prop_map(|((from, joins), columns, (conditions, all_hold), order, distinct, count)| Drawn {
            from,
            joins,
            columns,
            conditions,
            all_hold,
            order,
            distinct,
            count,
        })
}

/// A row: for each object the instance, if there is one.
type Row = Vec<Option<usize>>;

struct Naive {
    objects: Vec<&'static str>,
    rows: Vec<Row>,
    from: String,
}

/// The rows of the joins, by nested loops; and SIF_From.
fn joined(drawn: &Drawn) -> Naive {
    let mut objects = vec![OBJECTS[drawn.from]];
    let mut rows: Vec<Row> = (0..all(objects[0]).len()).map(|at| vec![Some(at)]).collect();
    let mut from = format!("<SIF_From ObjectName=\"{}\">", objects[0]);
    for (join, kind) in &drawn.joins {
        let possible: Vec<_> =
            JOINS.iter().filter(|(known, _, new, _)| objects.contains(known) && !objects.contains(new)).collect();
        if possible.is_empty() {
            break;
        }
        let (known, known_path, new, new_path) = **join.get(&possible);
        let kind = *kind.get(&KINDS);
        write!(
            from,
            "<SIF_Join Type=\"{kind}\"><SIF_JoinOn><SIF_LeftElement ObjectName=\"{known}\">{known_path}</SIF_LeftElement>\
            <SIF_RightElement ObjectName=\"{new}\">{new_path}</SIF_RightElement></SIF_JoinOn></SIF_Join>"
        )
        .unwrap();
        let place = objects.iter().position(|object| *object == known).unwrap();
        let mut next: Vec<Row> = Vec::new();
        let mut met = vec![false; all(new).len()];
        for row in &rows {
            let mut alone = true;
            for (at, instance) in all(new).iter().enumerate() {
                let equal = row[place].is_some_and(|known| {
                    all(objects[place])[known]
                        .values(known_path)
                        .iter()
                        .any(|value| instance.values(new_path).contains(value))
                });
                if equal {
                    (met[at], alone) = (true, false);
                    next.push([row.clone(), vec![Some(at)]].concat());
                }
            }
            if alone && (kind == "LeftOuter" || kind == "FullOuter") {
                next.push([row.clone(), vec![None]].concat());
            }
        }
        if kind == "RightOuter" || kind == "FullOuter" {
            for at in (0..met.len()).filter(|at| !met[*at]) {
                next.push([vec![None; objects.len()], vec![Some(at)]].concat());
            }
        }
        rows = next;
        objects.push(new);
    }
    from.push_str("</SIF_From>");
    Naive { objects, rows, from }
}

impl Naive {
    fn first(&self, row: &Row, object: &str, path: &str) -> Option<String> {
        let place = self.objects.iter().position(|known| *known == object).unwrap();
        row[place].and_then(|at| all(object)[at].values(path).into_iter().next())
    }

    fn cell(&self, row: &Row, object: &str, path: Option<&str>) -> String {
        let place = self.objects.iter().position(|known| *known == object).unwrap();
        let Some(instance) = row[place].map(|at| &all(object)[at]) else { return "<C/>".to_owned() };
        match path {
            None => format!("<C>{}</C>", instance.xml),
            Some(path) => {
                let value = instance.values(path).into_iter().next().unwrap_or_default();
                let value = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
                match path.rsplit('/').next().unwrap() {
                    attribute if attribute.starts_with('@') => format!("<C>{value}</C>"),
                    name if instance.values(path).is_empty() => format!("<C/>{}", &name[..0]),
                    name if value.is_empty() => format!("<C><{name}/></C>"),
                    name => format!("<C><{name}>{value}</{name}></C>"),
                }
            }
        }
    }
}

/// The query as XML, and its rows.
fn expected(drawn: &Drawn) -> (String, Vec<String>) {
    let mut naive = joined(drawn);
    let mut select = String::new();
    let mut columns = Vec::new();
    for (object, path) in &drawn.columns {
        let object = *object.get(&naive.objects);
        let choices: Vec<Option<&str>> = paths(object).iter().copied().map(Some).chain([None]).collect();
        let path = *path.get(&choices);
        write!(select, "<SIF_Element ObjectName=\"{object}\">{}</SIF_Element>", path.unwrap_or_default()).unwrap();
        columns.push((object, path));
    }
    let mut rest = String::new();
    let mut conditions = Vec::new();
    for (object, path, value, equal) in &drawn.conditions {
        let object = *object.get(&naive.objects);
        let path = *path.get(paths(object));
        let values: Vec<String> =
            all(object).iter().flat_map(|known| known.values(path)).filter(|value| !value.is_empty()).collect();
        if !values.is_empty() {
            conditions.push((object, path, value.get(&values).clone(), *equal));
        }
    }
    if !conditions.is_empty() {
        let join = match (conditions.len(), drawn.all_hold) {
            (1, _) => "None",
            (_, true) => "And",
            (_, false) => "Or",
        };
        write!(rest, "<SIF_Where><SIF_ConditionGroup Type=\"None\"><SIF_Conditions Type=\"{join}\">").unwrap();
        for (object, path, value, equal) in &conditions {
            let operator = if *equal { "EQ" } else { "GE" };
            write!(
                rest,
                "<SIF_Condition><SIF_Element ObjectName=\"{object}\">{path}</SIF_Element><SIF_Operator>{operator}</SIF_Operator><SIF_Value>{value}</SIF_Value></SIF_Condition>"
            )
            .unwrap();
        }
        rest.push_str("</SIF_Conditions></SIF_ConditionGroup></SIF_Where>");
        let rows = std::mem::take(&mut naive.rows);
        let holds = |row: &Row| {
            let mut results = conditions.iter().map(|(object, path, value, equal)| {
                naive.first(row, object, path).is_some_and(|own| if *equal { own == *value } else { own >= *value })
            });
            if drawn.all_hold { results.all(|result| result) } else { results.any(|result| result) }
        };
        naive.rows = rows.into_iter().filter(holds).collect();
    }
    let mut order = Vec::new();
    for (object, path, descending) in &drawn.order {
        let object = *object.get(&naive.objects);
        order.push((object, *path.get(paths(object)), *descending));
    }
    if !order.is_empty() {
        rest.push_str("<SIF_OrderBy>");
        for (object, path, descending) in &order {
            let direction = if *descending { "Descending" } else { "Ascending" };
            write!(rest, "<SIF_Element ObjectName=\"{object}\" Ordering=\"{direction}\">{path}</SIF_Element>").unwrap();
        }
        rest.push_str("</SIF_OrderBy>");
        let mut rows = std::mem::take(&mut naive.rows);
        for (object, path, descending) in order.iter().rev() {
            rows.sort_by(|one, other| {
                let (one, other) = (naive.first(one, object, path), naive.first(other, object, path));
                if *descending { other.cmp(&one) } else { one.cmp(&other) }
            });
        }
        naive.rows = rows;
    }
    let mut written: Vec<String> = Vec::new();
    for row in &naive.rows {
        let cells: String = columns.iter().map(|(object, path)| naive.cell(row, object, *path)).collect();
        let row = format!("<R>{cells}</R>");
        if !drawn.distinct || !written.contains(&row) {
            written.push(row);
        }
    }
    written.truncate(drawn.count.unwrap_or(usize::MAX));
    let count = drawn.count.map_or_else(|| "All".to_owned(), |count| count.to_string());
    let query = format!(
        "<SIF_ExtendedQuery><SIF_Select Distinct=\"{}\" RowCount=\"{count}\">{select}</SIF_Select>{}{rest}</SIF_ExtendedQuery>",
        drawn.distinct, naive.from
    );
    (query, written)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, max_shrink_iters: 40, ..ProptestConfig::default() })]

    #[test]
    fn rows_are_those_of_nested_loops(drawn in prop::collection::vec(drawn(), 6)) {
        let (queries, expected): (Vec<String>, Vec<Vec<String>>) = drawn.iter().map(expected).unzip();
        let requests: Vec<_> = queries.iter().map(|query| ("Library", extended(query))).collect();
        let answers = ask_all(config(&cedar_ridge()), &requests);
        for ((answer, rows), query) in answers.iter().zip(&expected).zip(&queries) {
            prop_assert_eq!(answer.error(), None, "{}", query);
            prop_assert_eq!(&answer.items(), rows, "{}", query);
        }
        assert_valid(&answers.into_iter().flat_map(|answer| answer.packets).collect::<Vec<_>>());
    }
}

#[test]
fn a_star_is_a_column_for_each_attribute_and_immediate_child() {
    let query = "<SIF_ExtendedQuery><SIF_Select Distinct=\"false\" RowCount=\"2\"><SIF_Element ObjectName=\"SchoolInfo\" Alias=\"No\">*</SIF_Element>\
        <SIF_Element ObjectName=\"SchoolInfo\" Alias=\"Name &amp; more\">SchoolName</SIF_Element></SIF_Select><SIF_From ObjectName=\"SchoolInfo\"/></SIF_ExtendedQuery>";
    let answer = ask(config(&cedar_ridge()), "Library", &extended(query));
    let schema = &sif::schema().object("SchoolInfo").unwrap().root;
    let packet = &answer.packets[0];
    assert_eq!(packet.matches("<SIF_Element ObjectName=\"SchoolInfo\"").count(), schema.children.len() + 1);
    assert!(packet.contains("<SIF_Element ObjectName=\"SchoolInfo\">@RefId</SIF_Element>"));
    assert!(packet.contains("Alias=\"Name &amp; more\">SchoolName</SIF_Element>"));
    let rows = answer.items();
    assert_eq!(rows.len(), 2);
    for row in &rows {
        assert!(row.contains("<C><AddressList>") && row.matches("<SchoolName>").count() == 2, "{row}");
    }
    assert_valid(&answer.packets);
}

#[test]
fn the_examples_of_the_specification_are_answered() {
    let folder = crate::support::workspace().join("../shared/zis/messages/spec");
    if !folder.exists() {
        return crate::support::skip("there is no folder ../shared");
    }
    let mut asked = Vec::new();
    for number in ["03", "04", "05", "06", "07", "09"] {
        let entries = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
        let path =
            entries.into_iter().find(|path| path.file_name().unwrap().to_string_lossy().starts_with(number)).unwrap();
        let text = std::fs::read_to_string(path).unwrap();
        asked.push(("Library", extended(&text[text.find("<SIF_ExtendedQuery>").unwrap()..])));
    }
    let answers = ask_all(config(&cedar_ridge()), &asked);
    for answer in &answers {
        assert_eq!(answer.error(), None);
        assert!(answer.packets[0].contains("<SIF_ExtendedQueryResults><SIF_ColumnHeaders>"));
    }
    assert_eq!(answers[0].items().len(), mapped(&cedar_ridge(), "StudentPersonal").len());
    assert_valid(&answers.into_iter().flat_map(|answer| answer.packets).collect::<Vec<_>>());
}
