//! `check --source`: what the data says of the rulebook, in counts. Rows are never named, and values never printed but for codes
//! that cannot be about one person (see [`may_be_shown`]).

use std::collections::{BTreeMap, BTreeSet};

use graph::{EntityId, FieldId, ReadSet, Schema};
use problem::{Place, Problem, Severity, code};
use rulebook::plan::Plan;
use rulebook::value_sets::ValueSet;
use rulebook::{MappedColumn, mapped_columns};
use sis::{EntityCount, FieldCount, MOST_CODES, Source, Survey, Tally};

/// A code that occurs less often is not shown: it could point to one child.
const LEAST_ROWS: u64 = 3;
/// So many unknown codes of a column are shown.
const MOST_SHOWN: usize = 20;
/// A column with more unknown codes than this holds no codes but, say, names.
const MOST_DIFFERENT: usize = 50;
/// The longest code that is shown.
const LONGEST: usize = 8;
/// The most digits that a code that is shown may have: more are a number of somebody, or a date.
const MOST_DIGITS: usize = 4;

/// Counts what the source at `url` holds of what the plan reads.
///
/// # Errors
/// If the source cannot be opened or read.
pub fn problems(plan: &Plan, url: &str) -> Result<Vec<Problem>, Problem> {
    let schema = &plan.schema;
    let columns: Vec<MappedColumn> =
        mapped_columns(plan).into_iter().filter(|column| plan.reads.reads_field(column.entity, column.field)).collect();
    let mut asked: Vec<(EntityId, Vec<FieldId>)> =
        columns.iter().map(|column| (column.entity, vec![column.field])).collect();
    let dictionary = plan
        .dictionary
        .filter(|dictionary| dictionary.fields().all(|field| plan.reads.reads_field(dictionary.entity, field)));
    if let Some(dictionary) = dictionary {
        asked.push((dictionary.entity, vec![dictionary.attribute, dictionary.code, dictionary.sif_code]));
    }
    let mapped: Vec<EntityId> = plan.objects.iter().map(|object| object.entity).collect();
    let survey = sis::survey(&Source::open(url)?, schema, &plan.reads, &mapped, &asked)?;
    let dictionary = dictionary.and_then(|_| survey.tallies.last()).map(known_to_dictionary).unwrap_or_default();
    let mut problems = survey.problems;
    for count in &survey.entities {
        of_table(schema, count, &mut problems);
    }
    for (column, tally) in columns.iter().zip(&survey.tallies) {
        of_codes(schema, column, &plan.value_sets[column.set], tally, &dictionary, &mut problems);
    }
    Ok(once(problems))
}

/// Adds to the problems of what may be absent how often it is: to each place that declares such a field.
///
/// # Errors
/// If the source cannot be opened or read.
pub fn say_how_often_absent(schema: &Schema, url: &str, problems: &mut [Problem]) -> Result<(), Problem> {
    let fields = || {
        schema.entities().flat_map(|(id, entity)| {
            (0_u16..).zip(&entity.fields).map(move |(at, field)| (id, FieldId(at), &field.place))
        })
    };
    let mut reads = ReadSet::default();
    for problem in problems.iter().filter(|problem| problem.code == code::MAY_BE_ABSENT) {
        for (entity, field, place) in fields() {
            if problem.related.iter().any(|(related, _)| same_start(related, place)) {
                reads.add_field(schema, entity, field);
            }
        }
    }
    if reads == ReadSet::default() {
        return Ok(());
    }
    let survey = sis::survey(&Source::open(url)?, schema, &reads, &[], &[])?;
    for problem in problems.iter_mut().filter(|problem| problem.code == code::MAY_BE_ABSENT) {
        for (related, shows) in &mut problem.related {
            let declared = fields().find(|(.., place)| same_start(related, place));
            if let Some(counts) = declared.and_then(|(entity, field, _)| of_field(&survey, entity, field)) {
                shows.push_str(&format!("; empty in {}", of_rows(counts.1.empty, counts.0.rows)));
            }
        }
    }
    Ok(())
}

fn same_start(a: &Place, b: &Place) -> bool {
    (&a.file, a.line, a.column) == (&b.file, b.line, b.column)
}

fn of_field(survey: &Survey, entity: EntityId, field: FieldId) -> Option<(&EntityCount, &FieldCount)> {
    let count = survey.entities.iter().find(|count| count.entity == entity)?;
    Some((count, count.fields.iter().find(|counted| counted.field == field)?))
}

/// What is wrong with the rows and cells of a table.
fn of_table(schema: &Schema, count: &EntityCount, problems: &mut Vec<Problem>) {
    let declared = &schema[count.entity];
    let table = declared.table_name();
    let mut add = |code, place: &Place, column: Option<&str>, message: String| {
        let mut problem = Problem::new(code, message).at(place.clone());
        problem.subject.table = Some(table.into());
        problem.subject.column = column.map(Into::into);
        if code == code::EMPTY_CELLS {
            problem =
                problem.help("have the data mended, or put `?` behind the type and say in the rules what is sent then");
        }
        problems.push(problem);
    };
    if count.malformed > 0 {
        add(
            code::BAD_VALUE,
            &declared.place,
            None,
            format!("{} of `{table}` are no rows", counted(count.malformed, "line")),
        );
    }
    if count.rows == 0 {
        add(code::EMPTY_COLUMN, &declared.place, None, format!("`{table}` has no row"));
        return;
    }
    let key = &declared[declared.key];
    if count.without_key > 0 {
        let message = format!("`{table}` has no key in {}", of_rows(count.without_key, count.rows));
        add(code::NO_KEY, &key.place, Some(&key.column), message);
    }
    if count.keys_twice > 0 {
        let message = format!("{} in more than one row", occur(count.keys_twice, "key", table));
        add(code::DUPLICATE_KEY, &key.place, Some(&key.column), message);
    }
    for counts in count.fields.iter().filter(|counts| counts.field != declared.key) {
        let field = &declared[counts.field];
        let name = format!("`{}` of `{table}`", field.column);
        let mut add = |code, message| add(code, &field.place, Some(&field.column), message);
        if counts.unreadable > 0 {
            let rows = of_rows(counts.unreadable, count.rows);
            add(code::BAD_VALUE, format!("{name} holds no value of type {} in {rows}", field.field_type.word()));
        }
        if counts.empty > 0 && !field.nullable {
            let rows = of_rows(counts.empty, count.rows);
            add(code::EMPTY_CELLS, format!("{name} is empty in {rows}, and graph.yaml says that it never is"));
        } else if counts.empty == count.rows {
            add(code::EMPTY_COLUMN, format!("{name} is empty everywhere, in {}", counted(count.rows, "row")));
        }
        if let Some((target, rows)) = counts.dangling.filter(|(_, rows)| *rows > 0) {
            let target = schema[target].table_name();
            let rows = of_rows(rows, count.rows);
            add(code::DANGLING, format!("{name} refers to a row of `{target}` that does not exist, in {rows}"));
        }
    }
}

/// The codes of each attribute for which the source's own dictionary has a SIF code.
fn known_to_dictionary(tally: &Tally) -> BTreeMap<String, BTreeSet<String>> {
    let mut known: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for values in tally.counts.keys() {
        if let [attribute, code, sif_code] = &values[..]
            && !sif_code.is_empty()
        {
            known.entry(attribute.clone()).or_default().insert(code.clone());
        }
    }
    known
}

/// The codes of a column that its value set does not know.
fn of_codes(
    schema: &Schema,
    column: &MappedColumn,
    set: &ValueSet,
    tally: &Tally,
    dictionary: &BTreeMap<String, BTreeSet<String>>,
    problems: &mut Vec<Problem>,
) {
    let declared = &schema[column.entity];
    let field = &declared[column.field];
    let of_dictionary = set.dictionary.as_deref().and_then(|attribute| dictionary.get(attribute));
    let is_known = |code: &str| {
        set.codes.contains_key(code)
            || set.passes.is_some_and(|passes| passes.contains(code))
            || of_dictionary.is_some_and(|codes| codes.contains(code))
    };
    let mut unknown: Vec<(&str, u64)> = tally
        .counts
        .iter()
        .filter_map(|(values, rows)| Some((values.first()?.as_str(), *rows)))
        .filter(|(code, _)| !code.is_empty() && !is_known(code))
        .collect();
    unknown.sort_by_key(|(code, rows)| (std::cmp::Reverse(*rows), *code));
    let holds_codes = tally.others == 0 && unknown.len() <= MOST_DIFFERENT;
    let (shown, hidden): (Vec<_>, Vec<_>) =
        unknown.into_iter().partition(|(code, rows)| holds_codes && may_be_shown(code, *rows, declared.is_personal()));
    let name = format!("`{}` of `{}`", field.column, declared.table_name());
    let what = format!("not in the value set `{}`", set.name);
    let mut add = |message: String| {
        let mut problem = Problem::new(code::UNKNOWN_CODES, message)
            .at(set.place.clone())
            .and_at(column.place.clone(), "the column")
            .help(format!("add it to rules/value_sets/{}.yaml, or have the data mended", set.name));
        // Where the value set says what all others become, or that they are no problem, it is only worth knowing.
        if set.otherwise.is_some() || !set.problem {
            problem.severity = Severity::Info;
        }
        problem.subject.table = Some(declared.table_name().into());
        problem.subject.column = Some(field.column.as_str().into());
        problems.push(problem);
    };
    for (code, rows) in shown.iter().take(MOST_SHOWN) {
        add(format!("code `{code}` of {name} occurs {} and is {what}", times(*rows)));
    }
    let hidden = hidden.iter().chain(shown.iter().skip(MOST_SHOWN));
    let (codes, rows) = hidden.fold((0_u64, tally.others), |(codes, sum), (_, rows)| (codes + 1, sum + rows));
    if rows > 0 {
        let more = if shown.is_empty() { "" } else { "other " };
        let (codes, are) = match codes {
            _ if tally.others > 0 => (format!("more than {} {more}codes", grouped(MOST_CODES as u64)), "are"),
            1 => (format!("1 {more}code"), "is"),
            _ => (format!("{} {more}codes", grouped(codes)), "are"),
        };
        let rows = counted(rows, "row");
        add(format!("{codes} of {name}, in {rows}, {are} {what}; what may be about one person is not shown"));
    }
}

/// Whether a local code may be printed. A code of a list is short, has few digits and is used for several people; what is rare,
/// long, or looks like a name, a number of somebody or a date is not shown, though it stands in a column of codes. Of the
/// organisation's own tables, such as that of start statuses, rare codes are shown too.
fn may_be_shown(code: &str, rows: u64, personal: bool) -> bool {
    (rows >= LEAST_ROWS || !personal)
        && code.chars().count() <= LONGEST
        && code.chars().all(|c| c.is_ascii_alphanumeric() || "-_./+".contains(c))
        && code.chars().filter(char::is_ascii_digit).count() <= MOST_DIGITS
}

/// A table that several entities read, and a column that several expressions map, give each problem once.
fn once(problems: Vec<Problem>) -> Vec<Problem> {
    let mut kept: Vec<Problem> = Vec::new();
    for problem in problems {
        if !kept.iter().any(|other| other.code == problem.code && other.message == problem.message) {
            kept.push(problem);
        }
    }
    kept
}

/// `1,204 of 48,310 rows`
fn of_rows(some: u64, all: u64) -> String {
    if some == all {
        format!("all {}", counted(all, "row"))
    } else {
        format!("{} of {}", grouped(some), counted(all, "row"))
    }
}

fn counted(number: u64, what: &str) -> String {
    format!("{} {what}{}", grouped(number), if number == 1 { "" } else { "s" })
}

fn occur(number: u64, what: &str, table: &str) -> String {
    format!("{} of `{table}` {}", counted(number, what), if number == 1 { "occurs" } else { "occur" })
}

fn times(number: u64) -> String {
    counted(number, "time")
}

/// With commas between thousands.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_have_commas() {
        assert_eq!(
            [0, 17, 999, 1_000, 48_310, 1_234_567].map(grouped),
            ["0", "17", "999", "1,000", "48,310", "1,234,567"]
        );
        assert_eq!(
            (of_rows(1, 2), of_rows(1, 1), of_rows(4, 4)),
            ("1 of 2 rows".into(), "all 1 row".into(), "all 4 rows".into())
        );
    }

    #[test]
    fn what_may_be_about_a_person_is_not_shown() {
        for shown in ["Z9", "KG", "12", "A/B", "NOT-EL"] {
            assert!(may_be_shown(shown, 3, true), "{shown}");
            assert!(!may_be_shown(shown, 2, true), "{shown} is rare");
            assert!(may_be_shown(shown, 1, false), "{shown} is a code of the organisation");
        }
        for hidden in ["Ann Lee", "Oldfields-Smith", "12345", "2011-05-06", "529-01-0001", "a@b.us", "Zoë"] {
            assert!(!may_be_shown(hidden, 1_000, false), "{hidden}");
        }
    }
}
