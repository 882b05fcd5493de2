//! Value sets and the code sets that they map to.

use rulebook::value_sets::ValueSet;

use crate::Page;
use crate::frame::Frame;
use crate::html::Html;
use crate::site::Site;

/// All value sets.
pub fn value_sets(site: &Site<'_>) -> Page {
    let frame = Frame::new(site, "value-sets.html");
    frame.page("Value sets", "", |html| {
        html.tagged("p", &[("class", "lead")], "What the local codes of a district become.");
        for (at, set) in site.plan.value_sets.iter().enumerate() {
            let url = site.value_set_url(at);
            let anchor = url.split('#').nth(1).unwrap_or_default();
            html.tag("section", &[("class", "fact"), ("aria-labelledby", anchor)], |html| {
                html.tag("h2", &[("id", anchor)], |html| {
                    html.tagged("a", &[("href", &format!("#{anchor}")), ("class", "path")], &set.name);
                });
                frame.paragraph(html, "says", &set.doc);
                html.tag("dl", &[("class", "terms")], |html| terms(frame, html, at, set));
                entries(html, set);
            });
        }
    })
}

fn terms(frame: Frame<'_, '_>, html: &mut Html, at: usize, set: &ValueSet) {
    if let Some(name) = &set.code_set {
        frame.term(html, "Gives codes of", |html| frame.link(html, &Site::code_set_url(name), name));
    }
    if let Some(attribute) = &set.dictionary {
        frame.term(html, "Dictionary", |html| {
            html.text("A row of the source’s dictionary for ")
                .tagged("code", &[], attribute)
                .text(" wins over this table.");
        });
    }
    if set.identity {
        frame.term(html, "Codes of the standard", |html| {
            html.text("stand for themselves.");
        });
    }
    if let Some(otherwise) = &set.otherwise {
        frame.term(html, "Any other code", |html| {
            html.text("becomes ").tagged("code", &[], otherwise).text(".");
        });
    }
    if let Some(blank) = &set.blank {
        frame.term(html, "No code", |html| {
            html.text("becomes ").tagged("code", &[], blank).text(".");
        });
    }
    frame.term(html, "An unknown code", |html| {
        html.text(if set.problem { "is reported." } else { "is not reported." });
    });
    let users = &frame.site.lineage.value_set_users[at];
    if !users.is_empty() {
        frame.term(html, "Used by", |html| frame.users(html, users.iter()));
    }
    frame.term(html, "Declared in", |html| {
        html.tagged("code", &[], &set.place.file);
    });
}

fn entries(html: &mut Html, set: &ValueSet) {
    if set.entries.is_empty() {
        return;
    }
    html.tag("details", &[("open", "")], |html| {
        html.tagged("summary", &[], &codes_in_words(set.entries.len()));
        html.tag("div", &[("class", "wide")], |html| {
            html.tag("table", &[("class", "codes")], |html| {
                html.tag("thead", &[], |html| {
                    html.tag("tr", &[], |html| {
                        html.tagged("th", &[("scope", "col")], "Local code").tagged(
                            "th",
                            &[("scope", "col")],
                            "Becomes",
                        );
                    });
                });
                html.tag("tbody", &[], |html| {
                    for (local, to, _) in &set.entries {
                        html.tag("tr", &[], |html| {
                            html.tag("td", &[], |html| {
                                html.tagged("code", &[], local);
                            });
                            html.tag("td", &[], |html| {
                                html.tagged("code", &[], to);
                            });
                        });
                    }
                });
            });
        });
    });
}

fn codes_in_words(count: usize) -> String {
    if count == 1 { "1 code".to_owned() } else { format!("{count} codes") }
}

/// The code sets of SIF that the rulebook gives codes of.
pub fn code_sets(site: &Site<'_>) -> Page {
    let frame = Frame::new(site, "code-sets.html");
    frame.page("Code sets", "", |html| {
        html.tagged(
            "p",
            &[("class", "lead")],
            "The code sets of SIF 2.4 that elements take, with what maps to each code. A code that nothing maps to is sent only where \
             a source or a rule gives it by itself.",
        );
        for (name, set) in site.code_sets() {
            let sets: Vec<(usize, &ValueSet)> = site
                .plan
                .value_sets
                .iter()
                .enumerate()
                .filter(|(_, known)| known.code_set.as_deref() == Some(name))
                .collect();
            let url = Site::code_set_url(name);
            let anchor = url.split('#').nth(1).unwrap_or_default();
            html.tag("section", &[("class", "fact"), ("aria-labelledby", anchor)], |html| {
                html.tag("h2", &[("id", anchor)], |html| {
                    html.tagged("a", &[("href", &format!("#{anchor}")), ("class", "path")], name);
                });
                html.tag("dl", &[("class", "terms")], |html| code_set_terms(frame, html, name, &sets));
                html.tag("details", &[], |html| {
                    html.tagged("summary", &[], &codes_in_words(set.codes().len()));
                    html.tag("div", &[("class", "wide")], |html| codes(frame, html, set.codes(), &sets));
                });
            });
        }
    })
}

fn code_set_terms(frame: Frame<'_, '_>, html: &mut Html, name: &str, sets: &[(usize, &ValueSet)]) {
    let site = frame.site;
    let mut elements = Vec::new();
    for (object, known) in site.objects.iter().enumerate() {
        for (node, element) in known.nodes.iter().enumerate() {
            if element.schema.and_then(|schema| schema.code_set()).is_some_and(|set| set.name() == name) {
                elements.push(crate::lineage::User::Element(crate::lineage::ElementId { object, node }));
            }
        }
    }
    if !sets.is_empty() {
        frame.term(html, "Value sets", |html| {
            frame.chips(html, sets.iter().map(|(at, set)| (set.name.clone(), site.value_set_url(*at), false)));
        });
    }
    for (_, set) in sets {
        if let Some(attribute) = &set.dictionary {
            frame.term(html, "Dictionary attribute", |html| {
                html.tagged("code", &[], attribute);
            });
        }
    }
    if !elements.is_empty() {
        frame.term(html, "Taken by", |html| frame.users(html, elements.iter()));
    }
}

fn codes(frame: Frame<'_, '_>, html: &mut Html, codes: &[&str], sets: &[(usize, &ValueSet)]) {
    html.tag("table", &[("class", "codes")], |html| {
        html.tag("thead", &[], |html| {
            html.tag("tr", &[], |html| {
                html.tagged("th", &[("scope", "col")], "Code").tagged("th", &[("scope", "col")], "Local codes");
            });
        });
        html.tag("tbody", &[], |html| {
            for code in codes {
                html.tag("tr", &[], |html| {
                    html.tag("td", &[], |html| {
                        html.tagged("code", &[], code);
                    });
                    html.tag("td", &[], |html| mapped(frame, html, code, sets));
                });
            }
        });
    });
}

fn mapped(frame: Frame<'_, '_>, html: &mut Html, code: &str, sets: &[(usize, &ValueSet)]) {
    for (at, set) in sets {
        let mut locals: Vec<String> = Vec::new();
        if set.identity {
            locals.push("itself".to_owned());
        }
        locals.extend(set.entries.iter().filter(|(_, to, _)| **to == *code).map(|(local, ..)| format!("“{local}”")));
        if set.otherwise.as_deref() == Some(code) {
            locals.push("any other".to_owned());
        }
        if set.blank.as_deref() == Some(code) {
            locals.push("none".to_owned());
        }
        if !locals.is_empty() {
            html.tag("p", &[], |html| {
                html.text(&locals.join(", ")).text(" by ");
                frame.link(html, &frame.site.value_set_url(*at), &set.name);
            });
        }
    }
}
