//! The check of instances agrees with xmllint on the strict schema: every path, and every kind of value.
#![allow(missing_docs, reason = "tests")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests may fail this way")]

mod support;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use sif::message::Response;
use sif::schema::{ObjectSchema, SimpleType};
use sif::tree::{Names, check};
use support::instance::{Variant, instance};

/// The lines, from 1, of instances that we find invalid; the message's own lines come before.
fn ours(object: &ObjectSchema, instances: &[String], names: &Arc<Names>, first_line: usize) -> BTreeSet<usize> {
    let mut lines = BTreeSet::new();
    for (index, instance) in instances.iter().enumerate() {
        let (start, rest) = instance.split_at(object.name.len() + 1);
        let alone = format!("{start} xmlns=\"{}\" xmlns:xsi=\"{}\"{rest}", sif::NAMESPACE, sif::INSTANCE_NAMESPACE);
        let tree = sif::xml::read::read(alone.as_bytes(), names).unwrap_or_else(|error| panic!("{error}: {instance}"));
        if !check(object, &tree).is_empty() {
            lines.insert(first_line + index);
        }
    }
    lines
}

fn compare(schema: &Path, object: &ObjectSchema, cases: &[(String, String)]) {
    let names = Arc::new(Names::new());
    let response = Response { zone: "test", object: object.name, as_of: chrono::NaiveDate::default() };
    for chunk in cases.chunks(10_000) {
        let instances: Vec<String> = chunk.iter().map(|(_, instance)| instance.clone()).collect();
        let mut document = response.prefix();
        let first_line = document.iter().filter(|byte| **byte == b'\n').count() + 1;
        document.extend_from_slice(instances.join("\n").as_bytes());
        document.push(b'\n');
        document.extend_from_slice(response.suffix());
        let ours = ours(object, &instances, &names, first_line);
        let (theirs, said) = support::invalid_lines(schema, &document);
        let differ: Vec<_> = ours
            .symmetric_difference(&theirs)
            .filter_map(|line| {
                let (case, instance) = chunk.get(line.checked_sub(first_line)?)?;
                let who = if ours.contains(line) { "only we refuse" } else { "only xmllint refuses" };
                let why = said.lines().find(|said| said.contains(&format!(":{line}:"))).unwrap_or_default();
                Some(format!("{who}: {} {case}\n  {instance}\n  {why}", object.name))
            })
            .collect();
        assert!(
            differ.is_empty(),
            "{} differences, the first:\n{}",
            differ.len(),
            differ.iter().take(40).cloned().collect::<Vec<_>>().join("\n")
        );
        let outside = theirs.iter().filter(|line| **line < first_line || **line >= first_line + chunk.len()).count();
        assert_eq!(outside, 0, "the message itself: {}", said.lines().next().unwrap_or_default());
    }
}

/// Objects that the strict schema has.
fn objects() -> impl Iterator<Item = &'static ObjectSchema> {
    sif::schema().objects().filter(|object| object.name != "StudentRecordExchange")
}

#[test]
fn every_path_is_judged_as_xmllint_judges_it() {
    let Some(folder) = support::published_schema() else {
        return;
    };
    if !support::has_xmllint() {
        return;
    }
    for object in objects() {
        let mut cases = vec![("whole".to_owned(), instance(object, "", Variant::Good))];
        for (path, _) in object.paths() {
            for variant in [
                Variant::Good,
                Variant::Without,
                Variant::Nil,
                Variant::Twice,
                Variant::Value(""),
                Variant::Value("no-such-value"),
                Variant::Value("&lt;x"),
                Variant::Value("04"),
            ] {
                cases.push((format!("{path} {variant:?}"), instance(object, &path, variant)));
            }
        }
        compare(&folder.join("sif24-strict.xsd"), object, &cases);
    }
}

/// Values near the border of each type.
fn border_values(kind: SimpleType) -> Vec<&'static str> {
    let mut values = vec!["", " ", "&#9;", "A", " A ", "0", "1", "-1", "+1", "é", "A  B", "&#10;1", "1 ", " 1 1 "];
    values.extend(match kind {
        SimpleType::Date | SimpleType::PartialDate | SimpleType::Year | SimpleType::Time | SimpleType::DateTime => {
            vec![
                "2026-01-31",
                "2026-02-29",
                "2024-02-29",
                "1900-02-29",
                "2000-02-29",
                "2026-04-31",
                "2026-13-01",
                "2026-00-01",
                "2026-1-1",
                "20260131",
                "2026-01-31Z",
                "2026-01-31+14:00",
                "2026-01-31+14:01",
                "2026-01-31-13:59",
                "2026-01-31+15:00",
                "2026-01-31z",
                "2026-01-31+1:00",
                "-2026-01-31",
                "+2026-01-31",
                "0000-01-01",
                "0001-01-01",
                "12026-01-31",
                "02026-01-31",
                "2026-01",
                "2026-13",
                "2026-1",
                "--01",
                "2026Z",
                "2026",
                "0000",
                "26",
                "-0001",
                "-0000",
                "02026",
                "12026",
                "2026-01-31 ",
                " 2026",
                "2026-01-31T00:00:00",
                "2026-01-31T24:00:00",
                "2026-01-31T24:00:01",
                "2026-01-31T24:00:00.0",
                "2026-01-31T24:00:00.1",
                "2026-01-31T23:59:60",
                "2026-01-31T23:59:59.999Z",
                "2026-01-31T23:59:59.",
                "2026-01-31T23:59",
                "2026-01-31t23:59:59",
                "2026-01-31 23:59:59",
                "13:05:00",
                "24:00:00",
                "24:00:01",
                "13:05",
                "13:05:00.5",
                "13:05:00Z",
                "13:05:00+05:30",
                "1:05:00",
                "13:60:00",
                "13:05:60",
                "25:00:00",
                "99999-12-31",
                "2026-01-31-00:00",
                "2026-01-31+13:60",
                "9999999999-01-01",
                "２０２６",
            ]
        }
        SimpleType::Decimal | SimpleType::UnsignedInt | SimpleType::Boolean => vec![
            "1.0",
            "01.10",
            "1.",
            ".5",
            ".",
            "-.5",
            "+.5",
            "-",
            "+",
            "1e3",
            "1,5",
            "0.50",
            "0.500",
            "0.501",
            "0.505",
            "1.000",
            "1.001",
            "-0",
            "-0.001",
            "90",
            "90.0",
            "90.000001",
            "-90",
            "-90.1",
            "180",
            "180.5",
            "-180",
            "-180.0000001",
            "123456789012345678901234",
            "1234567890123456789012345",
            "12345678901234567890.12345",
            "000000000000000000000000000001",
            "0.0000000000000000000000001",
            "0.5000000000000000000000000000",
            "4294967295",
            "4294967296",
            "0000000000000001",
            "00",
            "NaN",
            "INF",
            "true",
            "false",
            "TRUE",
            "True",
            "yes",
            "9",
            "10",
            "1 000",
            "１",
            "--1",
            "+-1",
            "1.1.1",
        ],
        SimpleType::AnyUri => vec![
            "http://example.org/",
            "example.org",
            "a b",
            "http://example.org/ä",
            "http://example.org/a|b",
            "http://[::1]/",
            "http://[::1",
            "%41",
            "%4",
            "%zz",
            "%",
            "a%41b",
            "::",
            ":",
            "1a:b",
            "a:b",
            "http://example.org:80/",
            "http://a:b@c:1/?d#e",
            "#",
            "##",
            "a#b#c",
            "?a?b",
            "//",
            "///",
            "http:",
            "http://a:99999999999/",
            "mailto:a@b.c",
            "a\\b",
            "http://a_b/",
            "{x}",
            "&lt;x&gt;",
            "&quot;",
            "^`",
            "[x]",
            "a[x]",
            "//a b/",
            "http://exa mple.org/",
            "&#127;",
            "a/b:c",
            "b:c/d",
            "./b:c",
        ],
        SimpleType::Text | SimpleType::Normalized | SimpleType::Token => vec![
            "0123456789ABCDEF0123456789ABCDEF",
            "0123456789abcdef0123456789abcdef",
            " 0123456789ABCDEF0123456789ABCDEF ",
            "0123456789ABCDEF0123456789ABCDE",
            "0123456789ABCDEF0123456789ABCDEF0",
            "0123456789ABCDEF 0123456789ABCDEF",
            "0123456789ABCDEG0123456789ABCDEF",
            "Yes",
            " Yes",
            "yes",
            "04",
            " 04&#10;",
            "UT",
            "Utah",
        ],
    });
    values
}

#[test]
fn every_kind_of_value_is_judged_as_xmllint_judges_it() {
    let Some(folder) = support::published_schema() else {
        return;
    };
    if !support::has_xmllint() {
        return;
    }
    // libxml2 is laxer here, and knowingly so; nothing that we make needs these.
    let stricter = |kind, value: &str| kind == SimpleType::AnyUri && matches!(value, "[x]" | "a[x]");
    let mut seen = BTreeSet::new();
    for object in objects() {
        let mut cases = Vec::new();
        for (path, element) in object.paths() {
            let Some(kind) = element.value else { continue };
            let set = element.code_set().map(|set| set.name());
            let signature =
                format!("{kind:?} {:?} {set:?} {} {}", element.facets, element.may_be_empty, element.attribute);
            if !seen.insert(signature) {
                continue;
            }
            for value in border_values(kind).into_iter().filter(|value| !stricter(kind, value)) {
                cases.push((format!("{path} {value}"), instance(object, &path, Variant::Value(value))));
            }
            for code in element.code_set().map(|set| set.codes()).unwrap_or_default() {
                let escaped = code.replace('&', "&amp;").replace('<', "&lt;");
                cases.push((format!("{path} code"), instance(object, &path, Variant::Value(&escaped))));
                cases.push((
                    format!("{path} code and x"),
                    instance(object, &path, Variant::Value(&format!("{escaped}x"))),
                ));
            }
        }
        compare(&folder.join("sif24-strict.xsd"), object, &cases);
    }
}
