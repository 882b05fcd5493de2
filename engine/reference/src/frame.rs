//! What every page has: its head, the navigation, the search, its foot; and how it links.

use crate::Page;
use crate::colour::Colour;
use crate::html::Html;
use crate::lineage::{Column, Flow, User};
use crate::meaning;
use crate::site::Site;

/// The pages of the navigation, with what they are called.
const NAVIGATION: &[(&str, &str)] = &[
    ("index.html", "Objects"),
    ("requirements.html", "Requirements"),
    ("tables.html", "Tables"),
    ("facts.html", "Facts"),
    ("parameters.html", "Parameters"),
    ("value-sets.html", "Value sets"),
    ("code-sets.html", "Code sets"),
    ("sensitive.html", "Sensitive columns"),
    ("functions.html", "Functions"),
    ("people.html", "People"),
    ("problems.html", "Problem codes"),
];

/// A page that is being made.
#[derive(Clone, Copy)]
pub struct Frame<'s, 'm> {
    pub site: &'s Site<'m>,
    /// The page's path.
    path: &'s str,
    /// The way from the page to the site's folder.
    root: &'s str,
}

impl<'s, 'm> Frame<'s, 'm> {
    pub fn new(site: &'s Site<'m>, path: &'s str) -> Self {
        Self { site, path, root: if path.contains('/') { "../" } else { "" } }
    }

    /// The page, with what `inside` writes below its heading.
    pub fn page(self, title: &str, part_of: &str, inside: impl FnOnce(&mut Html)) -> Page {
        let mut html = Html::default();
        html.open("!DOCTYPE html", &[]);
        html.tag("html", &[("lang", "en"), ("data-root", self.root)], |html| {
            html.tag("head", &[], |html| self.head(html, title));
            html.tag("body", &[], |html| {
                html.tagged("a", &[("class", "skip"), ("href", "#content")], "Skip to the content");
                html.tag("header", &[("class", "top")], |html| self.top(html, part_of));
                html.tag("main", &[("id", "content"), ("tabindex", "-1")], |html| {
                    html.tagged("h1", &[], title);
                    inside(html);
                });
                html.tag("footer", &[], |html| {
                    html.tag("p", &[], |html| {
                        html.text("Made by ").tagged("code", &[], "sifter docs").text(" from the rulebook ");
                        html.tagged("code", &[], &self.site.plan.generation).text(".");
                    });
                });
            });
        });
        (self.path.to_owned(), html.into_text())
    }

    fn head(self, html: &mut Html, title: &str) {
        html.open("meta", &[("charset", "utf-8")]);
        html.open("meta", &[("name", "viewport"), ("content", "width=device-width, initial-scale=1")]);
        html.open("meta", &[("name", "generator"), ("content", "sifter docs")]);
        html.open("meta", &[("name", "color-scheme"), ("content", "light dark")]);
        html.tagged("title", &[], &format!("{title} · Sifter reference"));
        let asset = |name: &str| format!("{}assets/{name}", self.root);
        html.tag("script", &[("src", &asset("theme.js"))], |_| {});
        html.open("link", &[("rel", "stylesheet"), ("href", &asset("site.css"))]);
        html.tag("script", &[("src", &asset("search-index.js")), ("defer", "")], |_| {});
        html.tag("script", &[("src", &asset("site.js")), ("defer", "")], |_| {});
    }

    fn top(self, html: &mut Html, part_of: &str) {
        html.tag("div", &[("class", "bar")], |html| {
            self.link_of(html, "index.html", "brand", "Sifter reference");
            html.tag("div", &[("class", "search"), ("role", "search"), ("id", "search"), ("hidden", "")], |html| {
                html.tagged("label", &[("for", "find"), ("class", "unseen")], "Search names, row ids and columns");
                html.open(
                    "input",
                    &[
                        ("id", "find"),
                        ("type", "search"),
                        ("role", "combobox"),
                        ("placeholder", "Search: press /"),
                        ("autocomplete", "off"),
                        ("spellcheck", "false"),
                        ("aria-expanded", "false"),
                        ("aria-autocomplete", "list"),
                        ("aria-controls", "found"),
                    ],
                );
                html.tag(
                    "ul",
                    &[("id", "found"), ("role", "listbox"), ("aria-label", "Found"), ("hidden", "")],
                    |_| {},
                );
                html.tag("p", &[("id", "count"), ("class", "unseen"), ("role", "status")], |_| {});
            });
            html.tagged("button", &[("id", "theme"), ("type", "button"), ("hidden", "")], "Dark");
        });
        html.tag("nav", &[("aria-label", "Site")], |html| {
            html.tag("ul", &[], |html| {
                for (url, name) in NAVIGATION {
                    html.tag("li", &[], |html| {
                        let href = format!("{}{url}", self.root);
                        if self.path == *url {
                            html.tagged("a", &[("href", &href), ("aria-current", "page")], name);
                        } else if part_of == *url {
                            html.tagged("a", &[("href", &href), ("aria-current", "true")], name);
                        } else {
                            html.tagged("a", &[("href", &href)], name);
                        }
                    });
                }
            });
        });
    }

    /// Code of this page.
    pub const fn code(self) -> Colour<'s, 'm> {
        Colour { site: self.site, root: self.root }
    }

    /// A link to a page of the site.
    pub fn link(self, html: &mut Html, url: &str, text: &str) {
        // A path may go on in the next line behind a stroke.
        html.tag("a", &[("href", &self.href(url))], |html| {
            for (at, step) in text.split_inclusive('/').enumerate() {
                if at > 0 {
                    html.open("wbr", &[]);
                }
                html.text(step);
            }
        });
    }

    /// A link that looks like something else.
    pub fn link_of(self, html: &mut Html, url: &str, class: &str, text: &str) {
        html.tagged("a", &[("href", &self.href(url)), ("class", class)], text);
    }

    /// An address on the site, as seen from this page.
    pub fn href(self, url: &str) -> String {
        match url.strip_prefix(self.path) {
            Some(anchor) if anchor.starts_with('#') => anchor.to_owned(),
            _ => format!("{}{url}", self.root),
        }
    }

    /// A paragraph of prose.
    pub fn paragraph(self, html: &mut Html, class: &str, text: &str) {
        if !text.is_empty() {
            html.tag("p", &[("class", class)], |html| meaning::prose(html, text));
        }
    }

    /// Links in a row, each a name and an address.
    pub fn chips(self, html: &mut Html, links: impl IntoIterator<Item = (String, String, bool)>) {
        html.tag("ul", &[("class", "chips")], |html| {
            for (name, url, sensitive) in links {
                html.tag("li", &[], |html| {
                    self.link(html, &url, &name);
                    if sensitive {
                        self.sensitive(html);
                    }
                });
            }
        });
    }

    /// The mark of a sensitive column.
    pub fn sensitive(self, html: &mut Html) {
        html.text(" ").tagged("span", &[("class", "mark mark-sensitive")], "sensitive");
    }

    /// Columns as links.
    pub fn columns(self, html: &mut Html, columns: impl IntoIterator<Item = Column>) {
        let schema = &self.site.plan.schema;
        self.chips(
            html,
            columns.into_iter().map(|column| {
                let sensitive = schema[column.entity][column.field].sensitive;
                (column.name(schema), self.site.column_url(column), sensitive)
            }),
        );
    }

    /// Requirement rows as links.
    pub fn rows(self, html: &mut Html, rows: &[String]) {
        self.chips(html, rows.iter().map(|row| (row.clone(), Site::row_url(row), false)));
    }

    /// What uses something, as links; closed where there are many.
    pub fn users<'u>(self, html: &mut Html, users: impl ExactSizeIterator<Item = &'u User>) {
        let count = users.len();
        let links = users.map(|user| {
            let (name, url) = self.site.user(*user);
            (name, url, false)
        });
        self.many(html, count, links);
    }

    /// Links in a row, closed where there are many.
    pub fn many(self, html: &mut Html, count: usize, links: impl IntoIterator<Item = (String, String, bool)>) {
        if count <= 8 {
            self.chips(html, links);
            return;
        }
        html.tag("details", &[], |html| {
            html.tagged("summary", &[], &format!("{count} places"));
            self.chips(html, links);
        });
    }

    /// A term and what is said of it.
    pub fn term(self, html: &mut Html, term: &str, inside: impl FnOnce(&mut Html)) {
        html.tagged("dt", &[], term).tag("dd", &[], inside);
    }

    /// The terms of what a value is made of: facts, parameters, value sets, functions, columns.
    pub fn made_of(self, html: &mut Html, flow: &Flow, around: Option<&Flow>) {
        let site = self.site;
        if !flow.facts.is_empty() {
            self.term(html, "Facts", |html| {
                self.chips(html, flow.facts.iter().map(|fact| (site.fact_name(*fact), site.fact_url(*fact), false)));
            });
        }
        if !flow.parameters.is_empty() {
            self.term(html, "Parameters", |html| {
                html.tag("ul", &[("class", "plain")], |html| {
                    flow.parameters.iter().for_each(|parameter| self.parameter(html, *parameter));
                });
            });
        }
        if !flow.value_sets.is_empty() {
            let name = |set: &usize| (site.plan.value_sets[*set].name.clone(), site.value_set_url(*set), false);
            self.term(html, "Value sets", |html| self.chips(html, flow.value_sets.iter().map(name)));
        }
        if !flow.shared.is_empty() {
            let name = |file: &std::sync::Arc<str>| (file.to_string(), Site::shared_url(file), false);
            self.term(html, "Shared functions", |html| self.chips(html, flow.shared.iter().map(name)));
        }
        if !flow.zone.is_empty() {
            let name = |option: &&str| (format!("zone.{option}"), format!("functions.html#zone-{option}"), false);
            self.term(html, "Zone options", |html| self.chips(html, flow.zone.iter().map(name)));
        }
        let mut columns = |term: &str, columns: Vec<Column>| {
            if !columns.is_empty() {
                self.term(html, term, |html| self.columns(html, columns));
            }
        };
        columns("Columns sent", flow.sent_columns().collect());
        columns(
            "Columns that decide",
            flow.deciding_columns().collect::<std::collections::BTreeSet<_>>().into_iter().collect(),
        );
        if let Some(around) = around {
            let known = flow.columns();
            columns(
                "Columns that decide about the parts around it",
                around.columns().into_iter().filter(|column| !known.contains(column)).collect(),
            );
        }
        let joined: Vec<Column> = flow.joined_columns().collect();
        if !joined.is_empty() {
            self.term(html, "Rows are found by", |html| {
                html.tag("details", &[], |html| {
                    html.tagged("summary", &[], &format!("{} columns", joined.len()));
                    self.columns(html, joined.iter().copied());
                });
            });
        }
    }

    /// A parameter with its values, in a line each.
    fn parameter(self, html: &mut Html, at: usize) {
        let site = self.site;
        let parameter = &site.plan.parameters[at];
        html.tag("li", &[], |html| {
            self.link(html, &site.parameter_url(at), &site.parameter_name(at));
            for dated in &parameter.values {
                html.text(": ").tagged("b", &[], &crate::pages::shown(&dated.value));
                if let Some(unit) = &parameter.unit {
                    html.text(" ").text(unit);
                }
                html.text(&format!(" from {}", dated.from));
                html.text(" (").text(&dated.cite).text(")");
            }
        });
    }
}
