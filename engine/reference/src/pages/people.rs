//! The people whom worked examples share.

use rulebook::yaml;

use crate::Page;
use crate::anchors;
use crate::declared::text_of;
use crate::frame::Frame;
use crate::site::Site;

/// Where the people stand.
const PEOPLE: &str = "tests/people/";

pub fn page(site: &Site<'_>) -> Page {
    let frame = Frame::new(site, "people.html");
    frame.page("People", "", |html| {
        html.tagged(
            "p",
            &[("class", "lead")],
            "Invented people whom worked examples share. A case takes a person’s rows and says what differs.",
        );
        for (file, text) in site.material.tests.iter().filter(|(file, _)| file.starts_with(PEOPLE)) {
            let name = file.rsplit('/').next().unwrap_or(file).trim_end_matches(".yaml");
            let anchor = anchors::plain(name);
            let root = yaml::parse(file, text).ok();
            let says = |key: &str| root.as_ref().and_then(|root| text_of(root, key)).unwrap_or_default();
            html.tag("section", &[("class", "fact"), ("aria-labelledby", &anchor)], |html| {
                html.tag("h2", &[("id", &anchor)], |html| {
                    html.tagged("a", &[("href", &format!("#{anchor}")), ("class", "path")], name);
                });
                frame.paragraph(html, "says", &crate::meaning::sentence(&says("who")));
                frame.paragraph(html, "", &crate::meaning::sentence(&says("why")));
                html.tag("details", &[("class", "source")], |html| {
                    html.tag("summary", &[], |html| {
                        html.text("Source: ").tagged("code", &[], file);
                    });
                    frame.code().fixture(html, text.trim_end());
                });
            });
        }
    })
}
