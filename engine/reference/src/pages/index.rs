//! The first page: what this is, how much of it there is, and the objects.

use crate::Page;
use crate::frame::Frame;
use crate::html::Html;
use crate::meaning;
use crate::site::Site;

pub fn page(site: &Site<'_>) -> Page {
    let frame = Frame::new(site, "index.html");
    frame.page("What Sifter reports", "", |html| {
        html.tag("p", &[("class", "lead")], |html| {
            html.text(
                "This site says of every element of every object what it reports, how it gets its value, and which columns of the \
                 student information system stand behind it. It is made from the rulebook itself, so it says what is sent.",
            );
        });
        objects(frame, html);
        counts(frame, html);
        html.tagged("h2", &[], "How to read it");
        html.tag("dl", &[("class", "terms")], |html| {
            let mut say = |term: &str, text: &str| frame.term(html, term, |html| {
                html.text(text);
            });
            say("Sent", "What stands in the column comes out: as it is, mapped to a code, or calculated with.");
            say("Decides", "The column only says whether something comes out, or which of several things.");
            say("Facts", "What the rulebook derives from columns, once, for all elements that need it.");
            say("M, O, C and R", "What SIF 2.4 says of an element: mandatory, optional, conditional, repeatable.");
            say("R123, P12", "Rows of the requirement: an element's, or a rule about which rows have an instance.");
        });
        html.tagged("h2", &[], "How elements get their values");
        html.tag("dl", &[("class", "terms")], |html| {
            for (word, says) in meaning::TIERS {
                html.tag("dt", &[], |html| tier(html, word)).tagged("dd", &[], &meaning::sentence(says));
            }
        });
        html.tagged("h2", &[], "Keys");
        html.tag("p", &[], |html| {
            html.tagged("kbd", &[], "/").text(" goes to the search, the arrows choose, ");
            html.tagged("kbd", &[], "Enter").text(" opens, ").tagged("kbd", &[], "Esc").text(" closes it.");
        });
    })
}

/// The mark that says how an element gets its value.
pub fn tier(html: &mut Html, word: &str) {
    html.tagged("span", &[("class", &format!("mark tier-{word}"))], word);
}

fn objects(frame: Frame<'_, '_>, html: &mut Html) {
    let site = frame.site;
    html.tagged("h2", &[], "Objects");
    html.tag("div", &[("class", "wide")], |html| {
        html.tag("table", &[], |html| {
            html.tag("thead", &[], |html| {
                html.tag("tr", &[], |html| {
                    for name in ["Object", "Reports", "One for each", "Elements", "Rows"] {
                        html.tagged("th", &[("scope", "col")], name);
                    }
                });
            });
            html.tag("tbody", &[], |html| {
                for object in &site.objects {
                    html.tag("tr", &[], |html| {
                        html.tag("th", &[("scope", "row")], |html| frame.link(html, &object.page, &object.title));
                        html.tagged("td", &[], &meaning::object_doc(site, object));
                        html.tag("td", &[], |html| {
                            let entity = object.plan.entity;
                            frame.link(html, &site.entity_url(entity), &site.plan.schema[entity].name);
                        });
                        html.tag("td", &[("class", "number")], |html| {
                            html.number(object.nodes.len() - 1);
                        });
                        html.tag("td", &[("class", "number")], |html| {
                            html.number(object.row_count());
                        });
                    });
                }
            });
        });
    });
}

fn counts(frame: Frame<'_, '_>, html: &mut Html) {
    let site = frame.site;
    let plan = site.plan;
    let columns: usize = plan.schema.entities().map(|(_, entity)| entity.fields.len()).sum();
    let cases: usize = site.material.suite.fixtures.iter().map(|fixture| fixture.cases.len()).sum();
    let counts = [
        ("requirements.html", "requirement rows", site.rows.len()),
        ("tables.html", "tables", plan.schema.len()),
        ("tables.html", "columns", columns),
        ("facts.html", "facts", plan.facts.len()),
        ("parameters.html", "parameters", plan.parameters.len()),
        ("value-sets.html", "value sets", plan.value_sets.len()),
        ("functions.html", "rule files", plan.rules.len()),
        ("people.html", "worked examples", cases),
    ];
    html.tagged("h2", &[], "In numbers");
    html.tag("ul", &[("class", "counts")], |html| {
        for (url, name, count) in counts {
            html.tag("li", &[], |html| {
                html.tag("b", &[], |html| {
                    html.number(count);
                });
                html.text(" ");
                frame.link(html, url, name);
            });
        }
    });
    html.tag("p", &[], |html| {
        html.text("The rulebook’s content hash is ").tagged("code", &[], &plan.generation);
        html.text(": two sites with the same hash say the same.");
    });
}
