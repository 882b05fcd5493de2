//! The requirement's rows with what answers each: from the ledger where there is one, else from the rulebook alone.

use std::collections::{BTreeMap, BTreeSet};

use proving::{Ledger, LedgerRow, LedgerRule, Target};

use crate::Page;
use crate::anchors;
use crate::frame::Frame;
use crate::html::Html;
use crate::lineage::ElementId;
use crate::meaning;
use crate::site::{Answer, Site};

/// A line of the table: a row, or one of several answers of it.
struct Line {
    id: String,
    kind: String,
    how: String,
    answer: Option<Answer>,
    examples: String,
}

pub fn page(site: &Site<'_>) -> Page {
    let frame = Frame::new(site, "requirements.html");
    frame.page("Requirements", "", |html| {
        html.tagged(
            "p",
            &[("class", "lead")],
            "The rows of the requirement by their ids, with what answers each: an element that is sent, a decision to leave it out, or \
             a rule about which rows have an instance. Examples are the cases about just that element or rule.",
        );
        let mut parts = site.material.ledger.map(|ledger| of_ledger(site, ledger)).unwrap_or_default();
        let known: BTreeSet<String> = parts.iter().flat_map(|(_, lines)| lines).map(|line| line.id.clone()).collect();
        parts.extend(of_rulebook(site, &known));
        if let Some(ledger) = site.material.ledger {
            summary(html, ledger);
        }
        let mut anchored = BTreeSet::new();
        for (object, lines) in &parts {
            html.tagged("h2", &[("id", &format!("of-{}", anchors::plain(object)))], object);
            html.tag("div", &[("class", "wide")], |html| table(frame, html, lines, &mut anchored));
        }
    })
}

/// How many rows of each object are answered in which way.
fn summary(html: &mut Html, ledger: &Ledger) {
    let summary = ledger.summary();
    let ways: BTreeSet<&str> = summary.iter().flat_map(|object| object.ways.keys().copied()).collect();
    html.tag("div", &[("class", "wide")], |html| {
        html.tag("table", &[("class", "counts-of-rows")], |html| {
            html.tag("thead", &[], |html| {
                html.tag("tr", &[], |html| {
                    html.tagged("th", &[("scope", "col")], "Object");
                    for name in ["all", "unanswered"].into_iter().chain(ways.iter().copied()) {
                        html.tagged("th", &[("scope", "col"), ("class", "number")], name);
                    }
                });
            });
            html.tag("tbody", &[], |html| {
                for object in &summary {
                    html.tag("tr", &[], |html| {
                        html.tag("th", &[("scope", "row")], |html| {
                            html.tagged(
                                "a",
                                &[("href", &format!("#of-{}", anchors::plain(object.object)))],
                                object.object,
                            );
                        });
                        let counts = ways.iter().map(|way| object.ways.get(way).copied().unwrap_or_default());
                        for count in [object.rows, object.unanswered].into_iter().chain(counts) {
                            html.tagged(
                                "td",
                                &[("class", "number")],
                                &if count == 0 { String::new() } else { count.to_string() },
                            );
                        }
                    });
                }
            });
        });
    });
}

/// The lines of the ledger by object, in its order; population rules first.
fn of_ledger(site: &Site<'_>, ledger: &Ledger) -> Vec<(String, Vec<Line>)> {
    let mut parts: Vec<(String, Vec<Line>)> = Vec::new();
    let mut add = |object: &str, lines: Vec<Line>| match parts.iter_mut().find(|(known, _)| known == object) {
        Some((_, all)) => all.extend(lines),
        None => parts.push((object.to_owned(), lines)),
    };
    ledger.rules.iter().for_each(|rule| add(&rule.object, vec![of_rule(site, rule)]));
    ledger.rows.iter().for_each(|row| add(&row.object, of_row(site, row)));
    parts
}

fn of_rule(site: &Site<'_>, rule: &LedgerRule) -> Line {
    let of_object =
        |answer: &&Answer| matches!(answer, Answer::Population(at, _) if site.objects[*at].title == rule.object);
    let answer = site.rows.get(&rule.id).and_then(|answers| answers.iter().find(of_object)).copied();
    Line {
        id: rule.id.clone(),
        kind: if rule.of_rights { "rights of agents".to_owned() } else { "which rows".to_owned() },
        how: if answer.is_some() { "keep".to_owned() } else { "unanswered".to_owned() },
        answer,
        examples: format!("{} in, {} out", rule.including, rule.excluding),
    }
}

fn of_row(site: &Site<'_>, row: &LedgerRow) -> Vec<Line> {
    let line = |how: &str, answer: Option<Answer>| Line {
        id: row.id.clone(),
        kind: row.kind.replace('_', " "),
        how: how.to_owned(),
        answer,
        examples: row.cases.to_string(),
    };
    if row.answers.is_empty() {
        return vec![line("unanswered", None)];
    }
    row.answers.iter().map(|answer| line(answer.how, find(site, &answer.object, &answer.path))).collect()
}

/// What stands at a path of an object.
fn find(site: &Site<'_>, object: &str, path: &str) -> Option<Answer> {
    let at = site.objects.iter().position(|known| known.title == object)?;
    let known = &site.objects[at];
    let element = known.nodes.iter().position(|node| &*node.path == path);
    let omitted = || known.plan.omissions.iter().position(|omission| omission.path == path);
    element
        .map(|node| Answer::Element(ElementId { object: at, node }))
        .or_else(|| omitted().map(|omission| Answer::Omission(at, omission)))
}

/// The rows that the rulebook answers and the ledger does not list, by object.
fn of_rulebook(site: &Site<'_>, known: &BTreeSet<String>) -> Vec<(String, Vec<Line>)> {
    let mut parts: BTreeMap<usize, Vec<Line>> = BTreeMap::new();
    for (id, answers) in site.rows.iter().filter(|(id, _)| !known.contains(*id)) {
        for answer in answers {
            let (object, how, targets) = match answer {
                Answer::Element(id) => (id.object, meaning::tier(site.element(*id).1), site.targets_of(*id)),
                Answer::Omission(object, _) => (*object, "omitted", Vec::new()),
                Answer::Population(object, _) => {
                    (*object, "keep", vec![Target::Population(site.objects[*object].title.clone())])
                }
            };
            let cases = targets.iter().flat_map(|target| site.examples_of(target)).map(|examples| examples.cases.len());
            parts.entry(object).or_default().push(Line {
                id: id.clone(),
                kind: String::new(),
                how: how.to_owned(),
                answer: Some(*answer),
                examples: cases.sum::<usize>().to_string(),
            });
        }
    }
    let title = |object: usize| match site.material.ledger {
        Some(_) => format!("{}: not in the list", site.objects[object].title),
        None => site.objects[object].title.clone(),
    };
    parts.into_iter().map(|(object, lines)| (title(object), lines)).collect()
}

fn table(frame: Frame<'_, '_>, html: &mut Html, lines: &[Line], anchored: &mut BTreeSet<String>) {
    let kinds = lines.iter().any(|line| !line.kind.is_empty());
    html.tag("table", &[("class", if kinds { "rows kinds" } else { "rows" })], |html| {
        html.tag("thead", &[], |html| {
            html.tag("tr", &[], |html| {
                let names = ["Row", "Kind", "How", "Answered by", "Examples"];
                for name in names.into_iter().filter(|name| kinds || *name != "Kind") {
                    html.tagged("th", &[("scope", "col")], name);
                }
            });
        });
        html.tag("tbody", &[], |html| {
            for line in lines {
                let id = anchors::plain(&line.id);
                let attributes: &[(&str, &str)] = if anchored.insert(id.clone()) { &[("id", &id)] } else { &[] };
                html.tag("tr", attributes, |html| write(frame, html, line, kinds));
            }
        });
    });
}

fn write(frame: Frame<'_, '_>, html: &mut Html, line: &Line, kinds: bool) {
    let site = frame.site;
    html.tagged("th", &[("scope", "row")], &line.id);
    if kinds {
        html.tagged("td", &[], &line.kind);
    }
    html.tag("td", &[], |html| super::index::tier(html, &line.how));
    html.tag("td", &[], |html| {
        if let Some(given) = line.answer {
            let (name, url) = answer(site, given);
            frame.link(html, &url, &name);
            if let Answer::Omission(object, at) = given {
                html.tagged("p", &[], &meaning::sentence(&site.objects[object].plan.omissions[at].reason));
            }
        }
    });
    html.tagged("td", &[("class", "number")], &line.examples);
}

/// What answers a row is called, and where it stands.
pub fn answer(site: &Site<'_>, answer: Answer) -> (String, String) {
    match answer {
        Answer::Element(id) => (site.element_name(id), site.element_url(id)),
        Answer::Omission(object, at) => {
            let object = &site.objects[object];
            (
                format!("{}/{}", object.title, object.plan.omissions[at].path),
                format!("{}#{}", object.page, object.omitted[at]),
            )
        }
        Answer::Population(object, _) => {
            let object = &site.objects[object];
            (format!("{}: which rows", object.title), format!("{}#population", object.page))
        }
    }
}
