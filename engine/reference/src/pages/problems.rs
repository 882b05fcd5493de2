//! The codes of problems, as `check --explain` says them.

use problem::{Code, code};

use crate::Page;
use crate::frame::Frame;
use crate::site::Site;

/// What the first letter of a code stands for.
const LETTERS: &[(&str, &str)] = &[
    ("Y", "YAML"),
    ("G", "The graph"),
    ("R", "Rules"),
    ("D", "Object definitions"),
    ("P", "Parameters"),
    ("V", "Value sets"),
    ("F", "Fixtures"),
    ("S", "Source data"),
    ("M", "Mapping"),
    ("Z", "Zones and configuration"),
    ("O", "Output"),
];

pub fn page(site: &Site<'_>) -> Page {
    let frame = Frame::new(site, "problems.html");
    frame.page("Problem codes", "", |html| {
        html.tag("p", &[("class", "lead")], |html| {
            html.text("What ").tagged("code", &[], "check").text(" and ").tagged("code", &[], "map");
            html.text(" report, by code. A code never changes its meaning.");
        });
        let named = |code: &Code| LETTERS.iter().any(|(letter, _)| code.name().starts_with(letter));
        // A letter that is new has no title yet, and its codes stand at the end.
        for (letter, title) in LETTERS.iter().copied().chain([("", "Others")]) {
            let of_letter =
                |code: &&Code| if letter.is_empty() { !named(code) } else { code.name().starts_with(letter) };
            let codes: Vec<&Code> = code::ALL.iter().filter(of_letter).collect();
            if codes.is_empty() {
                continue;
            }
            html.tagged("h2", &[], title);
            html.tag("dl", &[("class", "terms list")], |html| {
                for code in codes {
                    html.tag("dt", &[("id", code.name())], |html| {
                        html.tagged("code", &[], code.name()).text(" ").text(code.title());
                        html.text(" ").tagged("span", &[("class", "mark")], code.severity().word());
                    });
                    html.tag("dd", &[], |html| crate::meaning::prose(html, code.explanation()));
                }
            });
        }
    })
}
