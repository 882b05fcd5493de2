//! Colours YAML and Rhai while the site is made, and links the names in them to what they name.

mod names;
mod rhai;
mod yaml;

use crate::html::Html;
use crate::site::Site;

/// Writes code for a page whose way to the site's folder is `root`.
#[derive(Clone, Copy)]
pub struct Colour<'s, 'm> {
    pub site: &'s Site<'m>,
    pub root: &'s str,
}

impl Colour<'_, '_> {
    /// A rule file, or a part of one.
    pub fn rhai(self, html: &mut Html, text: &str) {
        block(html, "Rhai", |html| rhai::write(html, text, &mut names::Names::new(self)));
    }

    /// A part of the rulebook's YAML, with its expressions.
    pub fn yaml(self, html: &mut Html, text: &str) {
        block(html, "YAML", |html| yaml::write(html, text, Some(self)));
    }

    /// A part of a fixture's YAML.
    pub fn fixture(self, html: &mut Html, text: &str) {
        block(html, "YAML", |html| yaml::write(html, text, None));
    }

    /// An expression in a line of text.
    pub fn expression(self, html: &mut Html, text: &str) {
        html.tag("code", &[], |html| rhai::write(html, text, &mut names::Names::new(self)));
    }
}

/// A block of code. It can be scrolled by keyboard where it is wider than the page.
fn block(html: &mut Html, language: &str, inside: impl FnOnce(&mut Html)) {
    html.tag("pre", &[("tabindex", "0"), ("aria-label", language)], |html| {
        html.tag("code", &[], inside);
    });
}

/// A coloured word: `c` comment, `s` text, `n` number or constant, `k` word of the language, `f` function, `p` key.
fn word(html: &mut Html, class: &str, text: &str) {
    html.tagged("span", &[("class", class)], text);
}
