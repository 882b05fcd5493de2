//! The page of an entity: its columns and where they go, its relations, and the facts about its rows.

use graph::{EntityId, FieldId, RelationId, Scope, Source};
use proving::Target;

use super::{element, examples};
use crate::Page;
use crate::anchors;
use crate::frame::Frame;
use crate::html::Html;
use crate::lineage::Column;
use crate::site::Site;

/// All entities.
pub fn list(site: &Site<'_>) -> Page {
    let frame = Frame::new(site, "tables.html");
    frame.page("Tables of the source", "", |html| {
        html.tagged(
            "p",
            &[("class", "lead")],
            "The tables of the student information system that the rulebook knows, by the names that rules call them. Only columns \
             that something reads are ever loaded.",
        );
        for (scope, title) in [(Scope::Organisation, "Of the organisation"), (Scope::Student, "Of a student")] {
            html.tagged("h2", &[], title);
            html.tag("div", &[("class", "wide")], |html| {
                html.tag("table", &[], |html| {
                    row(html, "th", &["Entity", "Table", "Holds", "Columns", "Read"]);
                    html.tag("tbody", &[], |html| {
                        for (id, entity) in site.plan.schema.entities().filter(|(_, entity)| entity.scope == scope) {
                            let read = site.plan.reads.fields_of(id).count();
                            html.tag("tr", &[], |html| {
                                html.tag("th", &[("scope", "row")], |html| frame.link(html, &site.entity_url(id), &entity.name));
                                html.tag("td", &[], |html| source(html, site, id));
                                html.tagged("td", &[], &entity.doc);
                                html.tagged("td", &[("class", "number")], &entity.fields.len().to_string());
                                html.tagged("td", &[("class", "number")], &read.to_string());
                            });
                        }
                    });
                });
            });
        }
    })
}

fn row(html: &mut Html, tag: &str, cells: &[&str]) {
    html.tag("thead", &[], |html| {
        html.tag("tr", &[], |html| {
            for cell in cells {
                html.tagged(tag, &[("scope", "col")], cell);
            }
        });
    });
}

fn source(html: &mut Html, site: &Site<'_>, id: EntityId) {
    match &site.plan.schema[id].source {
        Source::Table(table) => {
            html.tagged("code", &[], table);
        }
        Source::Group { of, .. } => {
            html.text("groups of ").tagged("code", &[], &site.plan.schema[*of].name);
        }
    }
}

/// One entity.
pub fn page(site: &Site<'_>, id: EntityId) -> Page {
    let entity = &site.plan.schema[id];
    let path = site.entity_url(id);
    let frame = Frame::new(site, &path);
    frame.page(&entity.name, "tables.html", |html| {
        frame.paragraph(html, "lead", &entity.doc);
        head(frame, html, id);
        let facts: Vec<usize> = (0..site.plan.facts.len()).filter(|at| site.plan.facts[*at].entity == id).collect();
        html.tag("div", &[("class", "columns")], |html| {
            html.tag("nav", &[("class", "tree"), ("aria-label", "On this page")], |html| {
                contents(site, html, id, &facts)
            });
            html.tag("div", &[("class", "elements")], |html| {
                columns(frame, html, id);
                relations(frame, html, id);
                if !facts.is_empty() {
                    html.tagged("h2", &[("id", "facts")], "Facts");
                    facts.iter().for_each(|at| fact(frame, html, *at));
                }
            });
        });
    })
}

/// What stands on the page, as links.
fn contents(site: &Site<'_>, html: &mut Html, id: EntityId, facts: &[usize]) {
    let entity = &site.plan.schema[id];
    let mut part = |title: &str, anchor: &str, prefix: &str, names: Vec<&str>| {
        if names.is_empty() {
            return;
        }
        html.tag("p", &[], |html| {
            html.tagged("a", &[("href", &format!("#{anchor}"))], title);
        });
        html.tag("ul", &[], |html| {
            for name in names {
                html.tag("li", &[("class", "d2")], |html| {
                    html.tagged("a", &[("href", &format!("#{prefix}-{}", anchors::plain(name)))], name);
                });
            }
        });
    };
    part("Columns", "columns", "column", entity.fields.iter().map(|field| field.name.as_str()).collect());
    part(
        "Relations",
        "relations",
        "relation",
        entity.relations.iter().map(|relation| relation.name.as_str()).collect(),
    );
    part("Facts", "facts", "fact", facts.iter().map(|at| &*site.plan.facts[*at].name).collect());
}

fn head(frame: Frame<'_, '_>, html: &mut Html, id: EntityId) {
    let site = frame.site;
    let entity = &site.plan.schema[id];
    html.tag("dl", &[("class", "terms")], |html| {
        frame.term(html, "Rows come from", |html| {
            html.text(if matches!(entity.source, Source::Table(_)) { "table " } else { "" });
            source(html, site, id);
        });
        frame.term(html, "Key", |html| frame.link(html, &site.field_url(id, entity.key), &entity[entity.key].name));
        frame.term(html, "Whose data", |html| {
            html.text(match entity.scope {
                Scope::Organisation => "The organisation’s.",
                Scope::Student => "A student’s.",
            });
        });
        if let Some((from, relation)) = entity.reached {
            frame.term(html, "Found by", |html| {
                let name = format!("{}.{}", site.plan.schema[from].name, site.plan.schema[from][relation].name);
                frame.link(html, &site.relation_url(from, relation), &name);
            });
        }
        if let Some(period) = entity.period {
            frame.term(html, "Holds", |html| {
                html.text("from ");
                frame.link(html, &site.field_url(id, period.start), &entity[period.start].name);
                html.text(" to ");
                frame.link(html, &site.field_url(id, period.end), &entity[period.end].name);
                html.text(if period.open_start {
                    ", both days included; without a start, from ever."
                } else {
                    ", both days included; without a start, never."
                });
            });
        }
    });
}

fn columns(frame: Frame<'_, '_>, html: &mut Html, id: EntityId) {
    let site = frame.site;
    let entity = &site.plan.schema[id];
    html.tagged("h2", &[("id", "columns")], "Columns");
    for (at, field) in (0_u16..).zip(&entity.fields) {
        let anchor = format!("column-{}", anchors::plain(&field.name));
        html.tag("section", &[("class", "column"), ("aria-labelledby", &anchor)], |html| {
            html.tag("h3", &[("id", &anchor)], |html| {
                html.tagged("a", &[("href", &format!("#{anchor}")), ("class", "path")], &field.name);
            });
            html.tag("p", &[("class", "marks")], |html| {
                if matches!(entity.source, Source::Table(_)) {
                    html.text("column ").tagged("code", &[], &field.column).text(", ");
                }
                html.tagged("code", &[], &field.field_type.word());
                html.text(if field.nullable { ", may be empty" } else { ", never empty" });
                if field.unique {
                    html.text(", unique");
                }
                if let Some(default) = &field.default {
                    html.text(", empty means ").tagged("code", &[], default);
                }
                if field.sensitive {
                    frame.sensitive(html);
                }
            });
            frame.paragraph(html, "says", &field.doc);
            goes(frame, html, id, FieldId(at));
        });
    }
}

/// Where a column goes.
fn goes(frame: Frame<'_, '_>, html: &mut Html, id: EntityId, field: FieldId) {
    let site = frame.site;
    let Some(column) = Column::of(&site.plan.schema, id, field).filter(|column| column.entity == id) else { return };
    let goes = site.lineage.column(column);
    let nothing =
        goes.facts.is_empty() && goes.sent.is_empty() && goes.decides.is_empty() && goes.populations.is_empty();
    html.tag("dl", &[("class", "terms")], |html| {
        if !goes.sent.is_empty() {
            frame.term(html, "Sent in", |html| {
                let links = goes.sent.iter().map(|id| (site.element_name(*id), site.element_url(*id), false));
                frame.many(html, goes.sent.len(), links);
            });
        }
        if !goes.decides.is_empty() {
            frame.term(html, "Decides about", |html| {
                let links = goes.decides.iter().map(|id| (site.element_name(*id), site.element_url(*id), false));
                frame.many(html, goes.decides.len(), links);
            });
        }
        if !goes.populations.is_empty() {
            frame.term(html, "Decides which rows", |html| {
                let link = |at: &usize| {
                    (site.objects[*at].title.clone(), format!("{}#population", site.object_url(*at)), false)
                };
                frame.chips(html, goes.populations.iter().map(link));
            });
        }
        if !goes.facts.is_empty() {
            frame.term(html, "Read by the facts", |html| {
                let links = goes.facts.iter().map(|fact| (site.fact_name(*fact), site.fact_url(*fact), false));
                frame.many(html, goes.facts.len(), links);
            });
        }
        if nothing {
            frame.term(html, "Goes", |html| {
                let joins = goes.joins || site.plan.reads.reads_field(id, field);
                html.text(if joins { "nowhere; rows are found by it." } else { "nowhere; it is not read." });
            });
        }
    });
}

fn relations(frame: Frame<'_, '_>, html: &mut Html, id: EntityId) {
    let site = frame.site;
    let entity = &site.plan.schema[id];
    if entity.relations.is_empty() {
        return;
    }
    html.tagged("h2", &[("id", "relations")], "Relations");
    html.tag("div", &[("class", "wide")], |html| {
        html.tag("table", &[], |html| {
            row(html, "th", &["Relation", "Leads to", "By"]);
            html.tag("tbody", &[], |html| {
                for (at, relation) in (0_u16..).zip(&entity.relations) {
                    let url = site.relation_url(id, RelationId(at));
                    let anchor = url.split('#').nth(1).unwrap_or_default();
                    let target = &site.plan.schema[relation.target];
                    html.tag("tr", &[("id", anchor)], |html| {
                        html.tagged("th", &[("scope", "row")], &relation.name);
                        html.tag("td", &[], |html| {
                            html.text(match (relation.many, relation.optional) {
                                (true, _) => "any number of ",
                                (false, true) => "one or no ",
                                (false, false) => "one ",
                            });
                            frame.link(html, &site.entity_url(relation.target), &target.name);
                        });
                        let pairs = relation.by.iter().map(|(own, theirs)| {
                            let (own, theirs) = (&entity[*own].name, &target[*theirs].name);
                            if own == theirs { own.clone() } else { format!("{own} = {theirs}") }
                        });
                        html.tagged("td", &[], &pairs.collect::<Vec<_>>().join(", "));
                    });
                }
            });
        });
    });
}

fn fact(frame: Frame<'_, '_>, html: &mut Html, at: usize) {
    let site = frame.site;
    let fact = &site.plan.facts[at];
    let anchor = format!("fact-{}", anchors::plain(&fact.name));
    html.tag("section", &[("class", "fact"), ("aria-labelledby", &anchor)], |html| {
        html.tag("h3", &[("id", &anchor)], |html| {
            html.tagged("a", &[("href", &format!("#{anchor}")), ("class", "path")], &fact.name);
        });
        html.tag("p", &[("class", "marks")], |html| {
            html.tagged("span", &[("class", "mark tier-fact")], fact.tier);
            html.text(" ").tagged("code", &[], &fact.ty.words(&site.plan.schema).to_string());
            for (name, ty) in &fact.given {
                html.text(", given ").tagged("code", &[], &format!("{name}: {}", ty.words(&site.plan.schema)));
            }
        });
        frame.paragraph(html, "says", &fact.doc);
        html.tag("dl", &[("class", "terms")], |html| {
            let users = &site.lineage.fact_users[at];
            frame.term(html, "Read by", |html| {
                if users.is_empty() {
                    html.text("nothing");
                } else {
                    frame.users(html, users.iter());
                }
            });
            frame.made_of(html, &site.lineage.facts[at], None);
        });
        html.tag("details", &[("class", "source"), ("open", "")], |html| {
            html.tag("summary", &[], |html| {
                html.text("Source: ").tagged("code", &[], &fact.place.file);
            });
            frame.code().yaml(html, &site.declared.lines(&fact.place));
            element::rule(frame, html, &fact.value);
        });
        examples::of(frame, html, &[Target::Fact(at)]);
    });
}
