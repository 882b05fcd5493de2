//! The sensitive columns, with the elements that expose them.

use std::collections::BTreeSet;

use graph::{EntityId, FieldId};

use crate::Page;
use crate::frame::Frame;
use crate::html::Html;
use crate::lineage::{Column, ElementId};
use crate::site::Site;

pub fn page(site: &Site<'_>) -> Page {
    let frame = Frame::new(site, "sensitive.html");
    frame.page("Sensitive columns", "", |html| {
        html.tag("p", &[("class", "lead")], |html| {
            html.text("What strangers should not know of a person: columns that ").tagged("code", &[], "objects/graph.yaml");
            html.text(" marks ").tagged("code", &[], "sensitive: true");
            html.text(
                ". A column is sent where what stands in it comes out, as it is, mapped or calculated with. Where it only decides, \
                 something can still be learnt of it: that a flag says Yes, or that a row is there.",
            );
        });
        html.tag("p", &[], |html| {
            html.text("A value set’s dictionary, and conditions around an element, are followed too. Remarks (warnings of the run) count as deciding.");
        });
        for (id, entity) in site.plan.schema.entities() {
            let columns: Vec<Column> = (0_u16..)
                .zip(&entity.fields)
                .filter(|(_, field)| field.sensitive)
                .filter_map(|(at, _)| Column::of(&site.plan.schema, id, FieldId(at)))
                .collect();
            if !columns.is_empty() {
                table(frame, html, id, &columns);
            }
        }
    })
}

fn table(frame: Frame<'_, '_>, html: &mut Html, id: EntityId, columns: &[Column]) {
    let site = frame.site;
    let entity = &site.plan.schema[id];
    html.tagged("h2", &[("id", &crate::anchors::plain(&entity.name))], &entity.name);
    html.tag("div", &[("class", "wide")], |html| {
        html.tag("table", &[("class", "sensitive")], |html| {
            html.tag("thead", &[], |html| {
                html.tag("tr", &[], |html| {
                    for name in ["Column", "Sent in", "Decides about"] {
                        html.tagged("th", &[("scope", "col")], name);
                    }
                });
            });
            html.tag("tbody", &[], |html| {
                for column in columns {
                    let goes = site.lineage.column(*column);
                    html.tag("tr", &[], |html| {
                        html.tag("th", &[("scope", "row")], |html| {
                            frame.link(html, &site.column_url(*column), &column.name(&site.plan.schema));
                        });
                        html.tag("td", &[], |html| elements(frame, html, &goes.sent, &BTreeSet::new()));
                        html.tag("td", &[], |html| elements(frame, html, &goes.decides, &goes.populations));
                    });
                }
            });
        });
    });
}

fn elements(frame: Frame<'_, '_>, html: &mut Html, elements: &BTreeSet<ElementId>, populations: &BTreeSet<usize>) {
    let site = frame.site;
    if elements.is_empty() && populations.is_empty() {
        html.tagged("span", &[("class", "none")], "none");
        return;
    }
    let rows = populations.iter().map(|at| {
        (format!("{}: which rows", site.objects[*at].title), format!("{}#population", site.object_url(*at)), false)
    });
    let links = elements.iter().map(|id| (site.element_name(*id), site.element_url(*id), false));
    frame.many(html, elements.len() + populations.len(), rows.chain(links).collect::<Vec<_>>());
}
