//! The requirement's rows with what answers each.

use crate::Page;
use crate::frame::Frame;
use crate::html::Html;
use crate::site::{Answer, Site};

pub fn page(site: &Site<'_>) -> Page {
    let frame = Frame::new(site, "requirements.html");
    frame.page("Requirements", "", |html| {
        html.tagged(
            "p",
            &[("class", "lead")],
            "The rows of the requirement by their ids, with what answers each: an element that is sent, a decision to leave it out, or \
             a rule about which rows have an instance.",
        );
        html.tag("div", &[("class", "wide")], |html| {
            html.tag("table", &[], |html| {
                html.tag("thead", &[], |html| {
                    html.tag("tr", &[], |html| {
                        html.tagged("th", &[("scope", "col")], "Row").tagged("th", &[("scope", "col")], "Answered by");
                    });
                });
                html.tag("tbody", &[], |html| {
                    for (row, answers) in &site.rows {
                        html.tag("tr", &[("id", &crate::anchors::plain(row))], |html| {
                            html.tagged("th", &[("scope", "row")], row);
                            html.tag("td", &[], |html| list(frame, html, answers));
                        });
                    }
                });
            });
        });
    })
}

fn list(frame: Frame<'_, '_>, html: &mut Html, answers: &[Answer]) {
    html.tag("ul", &[("class", "plain")], |html| {
        for given in answers {
            html.tag("li", &[], |html| {
                let (name, url) = answer(frame.site, *given);
                frame.link(html, &url, &name);
                if let Answer::Omission(object, at) = given {
                    html.text(" left out: ").text(&frame.site.objects[*object].plan.omissions[*at].reason);
                }
            });
        }
    });
}

/// What answers a row is called, and where it stands.
pub fn answer(site: &Site<'_>, answer: Answer) -> (String, String) {
    match answer {
        Answer::Element(id) => (site.element_name(id), site.element_url(id)),
        Answer::Omission(object, at) => {
            let object = &site.objects[object];
            (
                format!("{}/{}", object.title, object.plan.omissions[at].path),
                format!("{}#{}", object.page, object.omitted[at]),
            )
        }
        Answer::Population(object, _) => {
            let object = &site.objects[object];
            (format!("{}: which rows", object.title), format!("{}#population", object.page))
        }
    }
}
