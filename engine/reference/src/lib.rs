//! Makes the reference: a static site that says what every element of every object reports, and where it comes from.
//!
//! [`site`] is a pure function from a rulebook, its plan and its fixtures to files. It writes nothing; the same rulebook gives the
//! same bytes.
#![forbid(unsafe_code)]

mod anchors;
mod colour;
mod declared;
mod examples;
mod frame;
mod html;
pub mod lineage;
mod meaning;
mod pages;
mod search;
mod site;

use proving::{Ledger, Suite};
use rulebook::Files;
use rulebook::plan::Plan;

/// What the reference is made of.
#[derive(Clone, Copy)]
pub struct Material<'m> {
    /// The plan.
    pub plan: &'m Plan,
    /// The files that it was compiled from.
    pub files: &'m Files,
    /// The fixtures.
    pub suite: &'m Suite,
    /// The files of the fixtures and of the people that they share.
    pub tests: &'m Files,
    /// How the requirement is answered, where the rulebook lists its rows.
    pub ledger: Option<&'m Ledger>,
}

/// A file of the site: its path, with `/`, and its text.
pub type Page = (String, String);

/// The files of the site, in the order of their paths.
#[must_use]
pub fn site(material: Material<'_>) -> Vec<Page> {
    let site = site::Site::new(material);
    let mut pages = pages::all(&site);
    pages.push(("assets/search-index.js".to_owned(), search::index(&site)));
    pages.push(("assets/site.css".to_owned(), include_str!("assets/site.css").to_owned()));
    pages.push(("assets/site.js".to_owned(), include_str!("assets/site.js").to_owned()));
    pages.push(("assets/theme.js".to_owned(), include_str!("assets/theme.js").to_owned()));
    pages.sort();
    pages
}
