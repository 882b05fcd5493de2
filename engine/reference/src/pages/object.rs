//! The page of an object: which rows have an instance, and every element in order.

use rulebook::plan::Body;
use rulebook::yaml::{Kind, Node as Yaml};

use super::{element, examples};
use crate::Page;
use crate::frame::Frame;
use crate::html::Html;
use crate::lineage::ElementId;
use crate::meaning;
use crate::site::Site;
use proving::Target;

/// What stands on the page, in the order of the file.
pub enum Item {
    Element(usize),
    Omission(usize),
}

/// The elements of an object and what is left out, in order.
pub fn items(site: &Site<'_>, at: usize) -> Vec<Item> {
    let object = &site.objects[at];
    let mut omissions: Vec<usize> = (0..object.plan.omissions.len()).collect();
    omissions.sort_by_key(|omission| object.plan.omissions[*omission].place.line);
    let mut waiting = omissions.into_iter().peekable();
    let mut items = Vec::new();
    for (number, node) in object.nodes.iter().enumerate().skip(1) {
        if node.place.file == object.plan.place.file {
            while let Some(omission) =
                waiting.next_if(|omission| object.plan.omissions[*omission].place.line < node.place.line)
            {
                items.push(Item::Omission(omission));
            }
        }
        items.push(Item::Element(number));
    }
    items.extend(waiting.map(Item::Omission));
    items
}

pub fn page(site: &Site<'_>, at: usize) -> Page {
    let object = &site.objects[at];
    let frame = Frame::new(site, &object.page);
    frame.page(&object.title, "index.html", |html| {
        frame.paragraph(html, "lead", &meaning::object_doc(site, object));
        head(frame, html, at);
        population(frame, html, at);
        html.tag("div", &[("class", "columns")], |html| {
            html.tag("nav", &[("class", "tree"), ("aria-label", "Elements")], |html| tree(frame, html, at));
            html.tag("div", &[("class", "elements")], |html| {
                html.tagged("h2", &[("id", "elements")], "Elements");
                for item in items(site, at) {
                    match item {
                        Item::Element(node) => element::section(frame, html, ElementId { object: at, node }),
                        Item::Omission(omission) => element::omission(frame, html, at, omission),
                    }
                }
                // Cases of an object with variants may be about all of them.
                let mut targets = vec![Target::Object(object.title.clone())];
                if object.plan.variant.is_some() {
                    targets.push(Target::Object(object.plan.name.to_string()));
                }
                targets.retain(|target| site.examples_of(target).next().is_some());
                if !targets.is_empty() {
                    html.tagged("h2", &[("id", "examples")], "Whole instances");
                    examples::of(frame, html, &targets);
                }
            });
        });
    })
}

fn head(frame: Frame<'_, '_>, html: &mut Html, at: usize) {
    let site = frame.site;
    let plan = site.objects[at].plan;
    html.tag("dl", &[("class", "terms")], |html| {
        frame.term(html, "One for each", |html| {
            frame.link(html, &site.entity_url(plan.entity), &site.plan.schema[plan.entity].name);
        });
        let variants = site.objects.iter().filter(|other| other.plan.name == plan.name);
        let others: Vec<_> = variants.filter(|other| other.plan.label != plan.label).collect();
        if !others.is_empty() {
            frame.term(html, "Other variants", |html| {
                frame.chips(html, others.iter().map(|other| (other.title.clone(), other.page.clone(), false)));
            });
        }
        frame.term(html, "Key", |html| {
            html.tagged("code", &[], &plan.key.join(", "));
        });
        frame.term(html, "Events", |html| {
            html.text(if plan.raises_events { "Changes are reported as events." } else { "Never reported in events." });
        });
        frame.term(html, "Declared in", |html| {
            html.tagged("code", &[], &plan.place.file);
        });
        for remark in &plan.remarks {
            frame.term(html, "Warns", |html| {
                html.text(&meaning::sentence(&remark.say));
            });
        }
    });
}

fn population(frame: Frame<'_, '_>, html: &mut Html, at: usize) {
    let site = frame.site;
    let object = &site.objects[at];
    html.tagged("h2", &[("id", "population")], "Which rows");
    let entity = &site.plan.schema[object.plan.entity].name;
    let says = match object.plan.population.len() {
        0 => format!("Every {entity} has an instance."),
        1 => format!("A {entity} has an instance where this holds:"),
        _ => format!("A {entity} has an instance where all of this holds:"),
    };
    html.tagged("p", &[], &says);
    let mut taken = Vec::new();
    html.tag("ol", &[("class", "rules")], |html| {
        for (rows, keep) in &object.plan.population {
            let written = written(site, rows, keep, &mut taken);
            html.tag("li", &[], |html| {
                if let Some(doc) = written.and_then(|node| crate::declared::text_of(node, "doc")) {
                    frame.paragraph(html, "", &doc);
                }
                if let Some(keep) = written.and_then(|node| crate::declared::text_of(node, "keep")) {
                    html.tag("p", &[], |html| frame.code().expression(html, &keep));
                }
                frame.rows(html, rows);
            });
        }
    });
    html.tag("details", &[], |html| {
        html.tagged("summary", &[], "What the rules read");
        html.tag("dl", &[("class", "terms")], |html| frame.made_of(html, &site.lineage.populations[at], None));
    });
    examples::of(frame, html, &[Target::Population(object.title.clone())]);
}

/// A population rule as it is written: the map whose `keep` stands where the condition does.
fn written<'s>(site: &'s Site<'_>, rows: &[String], keep: &Body, taken: &mut Vec<(u32, u32)>) -> Option<&'s Yaml> {
    let maps = site.declared.maps_with(&keep.file, &["rules", "keep"]);
    let found = maps.into_iter().find(|node| {
        let value = |key: &str| node.entries().iter().find(|(known, _)| known.text == key).map(|(_, value)| value);
        let ids: Vec<&str> = value("rules").map(texts).unwrap_or_default();
        let start = value("keep").and_then(|node| match &node.kind {
            Kind::Scalar(scalar) => Some(&scalar.start),
            _ => None,
        });
        let near = start.is_some_and(|start| {
            let lines = keep.expr.at.line.abs_diff(start.line);
            lines == 0 || (keep.expr.at.line > start.line && lines < 12)
        });
        near && ids == rows && !taken.contains(&(node.place.line, node.place.column))
    })?;
    taken.push((found.place.line, found.place.column));
    Some(found)
}

fn texts(node: &Yaml) -> Vec<&str> {
    match &node.kind {
        Kind::List(items) => items.iter().flat_map(texts).collect(),
        Kind::Scalar(scalar) => vec![&scalar.text],
        _ => Vec::new(),
    }
}

/// The elements as a tree of links.
fn tree(frame: Frame<'_, '_>, html: &mut Html, at: usize) {
    let object = &frame.site.objects[at];
    html.tag("p", &[], |html| {
        html.tagged("a", &[("href", "#elements")], "Elements");
    });
    html.tag("ul", &[], |html| {
        for item in items(frame.site, at) {
            let (path, anchor, depth, tier) = match item {
                Item::Element(node) => (
                    &*object.nodes[node].path,
                    &object.anchors[node],
                    object.depths[node],
                    meaning::tier(object.nodes[node]),
                ),
                Item::Omission(omission) => {
                    let path = object.plan.omissions[omission].path.as_str();
                    (path, &object.omitted[omission], path.matches('/').count() + 1, "omitted")
                }
            };
            html.tag("li", &[("class", &format!("d{}", depth.min(9)))], |html| {
                let class = if tier == "omitted" { "gone" } else { "" };
                html.tagged("a", &[("href", &format!("#{anchor}")), ("class", class)], meaning::last_step(path));
            });
        }
    });
}
