//! An element on the page of its object.

use rulebook::plan::{Node, Value};

use super::{examples, index};
use crate::frame::Frame;
use crate::html::Html;
use crate::lineage::ElementId;
use crate::meaning;
use crate::site::Site;

/// An element: what it reports, and all that stands behind it.
pub fn section(frame: Frame<'_, '_>, html: &mut Html, id: ElementId) {
    let site = frame.site;
    let (object, node) = site.element(id);
    let anchor = &object.anchors[id.node];
    let depth = object.depths[id.node].min(9);
    html.tag("section", &[("class", &format!("element d{depth}")), ("aria-labelledby", anchor)], |html| {
        heading(html, anchor, &node.path, meaning::tier(node), &letters(node));
        frame.paragraph(html, "says", &meaning::of(site, object, node));
        html.tag("dl", &[("class", "terms")], |html| {
            if !node.rows.is_empty() {
                frame.term(html, "Requirement rows", |html| frame.rows(html, &node.rows));
            }
            type_of(frame, html, node);
            if let Some(leaf) = &node.leaf {
                frame.term(html, "Without a value", |html| {
                    match &leaf.otherwise {
                        Some(otherwise) => html.text(&format!("“{otherwise}” is sent.")),
                        None => html.text(&absent(node)),
                    };
                });
            }
            for remark in &node.remarks {
                frame.term(html, "Warns", |html| {
                    html.text(&meaning::sentence(&remark.say));
                });
            }
            let lineage = &site.lineage.elements[id.object][id.node];
            frame.made_of(html, &lineage.own, Some(&lineage.around));
        });
        source(frame, html, node);
        examples::of(frame, html, &site.targets_of(id));
    });
}

/// An element that is left out by decision.
pub fn omission(frame: Frame<'_, '_>, html: &mut Html, object: usize, at: usize) {
    let object = &frame.site.objects[object];
    let omission = &object.plan.omissions[at];
    let anchor = &object.omitted[at];
    let depth = (omission.path.matches('/').count() + 1).min(9);
    html.tag("section", &[("class", &format!("element d{depth}")), ("aria-labelledby", anchor)], |html| {
        heading(html, anchor, &omission.path, "omitted", "");
        frame.paragraph(html, "says", &meaning::sentence(&omission.reason));
        if !omission.rows.is_empty() {
            html.tag("dl", &[("class", "terms")], |html| {
                frame.term(html, "Requirement rows", |html| frame.rows(html, &omission.rows));
            });
        }
    });
}

fn heading(html: &mut Html, anchor: &str, path: &str, tier: &str, letters: &str) {
    let last = meaning::last_step(path);
    let before = path.strip_suffix(last).unwrap_or_default();
    html.tag("h3", &[("id", anchor)], |html| {
        html.tag("a", &[("href", &format!("#{anchor}")), ("class", "path")], |html| {
            if !before.is_empty() {
                html.tagged("span", &[("class", "before")], before);
            }
            html.text(last);
        });
    });
    html.tag("p", &[("class", "marks")], |html| {
        index::tier(html, tier);
        if !letters.is_empty() {
            html.text(" ").tagged("span", &[("class", "mark letters")], letters);
        }
    });
}

/// What SIF says of an element, in letters and in a word.
fn letters(node: &Node) -> String {
    let Some(schema) = node.schema else { return "extension".to_owned() };
    let letters = schema.characteristic.letters();
    let word = match letters {
        "M" => "mandatory",
        "MR" => "mandatory, repeatable",
        "O" => "optional",
        "OR" => "optional, repeatable",
        "C" => "conditional",
        _ => "conditional, repeatable",
    };
    format!("{letters} {word}")
}

fn absent(node: &Node) -> String {
    let Some(leaf) = &node.leaf else { return String::new() };
    let text = meaning::absent(leaf.absent);
    text.strip_prefix("Without a value ").map(meaning::sentence).unwrap_or_else(|| text.to_owned())
}

fn type_of(frame: Frame<'_, '_>, html: &mut Html, node: &Node) {
    let Some(schema) = node.schema else { return };
    if let Some(set) = schema.code_set() {
        frame.term(html, "Type", |html| {
            html.text("A code of ");
            frame.link(html, &Site::code_set_url(set.name()), set.name());
            html.text(if schema.open { ", or another." } else { "." });
        });
    } else if let Some(value) = schema.value {
        frame.term(html, "Type", |html| {
            html.text(&meaning::sentence(value.describe()));
        });
    }
}

/// The element as it is written: its lines of the definition, and its rule file.
fn source(frame: Frame<'_, '_>, html: &mut Html, node: &Node) {
    let site = frame.site;
    let lines = site.lines_of(node);
    let rule = node.leaf.as_ref().and_then(|leaf| site.rule_of(&leaf.value));
    if lines.is_empty() && rule.is_none() {
        return;
    }
    // What is short is shown; what is generated by a path alone has no lines of its own.
    html.tag("details", &[("class", "source"), ("open", "")], |html| {
        html.tag("summary", &[], |html| {
            html.text("Source: ").tagged("code", &[], rule.map_or(&*node.place.file, |rule| &*rule.file));
        });
        if !lines.is_empty() {
            frame.code().yaml(html, &lines);
        }
        if let Some(rule) = rule {
            frame.code().rhai(html, rule.text.trim_end());
        }
    });
}

/// The rule file behind a value, in colours.
pub fn rule(frame: Frame<'_, '_>, html: &mut Html, value: &Value) {
    if let Some(rule) = frame.site.rule_of(value) {
        html.tag("p", &[("class", "file")], |html| {
            html.tagged("code", &[], &rule.file);
        });
        frame.code().rhai(html, rule.text.trim_end());
    }
}
