//! The requirement's rows with what answers each.

use crate::Page;
use crate::frame::Frame;
use crate::html::Html;
use crate::meaning;
use crate::site::{Answer, Site};
use proving::Target;

pub fn page(site: &Site<'_>) -> Page {
    let frame = Frame::new(site, "requirements.html");
    frame.page("Requirements", "", |html| {
        html.tagged(
            "p",
            &[("class", "lead")],
            "The rows of the requirement by their ids, with what answers each: an element that is sent, a decision to leave it out, or \
             a rule about which rows have an instance. Examples are the cases that are about just that.",
        );
        for (at, object) in site.objects.iter().enumerate() {
            let rows: Vec<_> = site.rows.iter().filter(|(_, answers)| answers.first().map(object_of) == Some(at)).collect();
            if rows.is_empty() {
                continue;
            }
            html.tagged("h2", &[("id", &format!("of-{}", crate::anchors::plain(&object.title)))], &object.title);
            html.tag("div", &[("class", "wide")], |html| table(frame, html, &rows));
        }
    })
}

fn table(frame: Frame<'_, '_>, html: &mut Html, rows: &[(&String, &Vec<Answer>)]) {
    html.tag("table", &[("class", "rows")], |html| {
        html.tag("thead", &[], |html| {
            html.tag("tr", &[], |html| {
                for name in ["Row", "How", "Answered by", "Examples"] {
                    html.tagged("th", &[("scope", "col")], name);
                }
            });
        });
        html.tag("tbody", &[], |html| {
            for (row, answers) in rows {
                for (number, answer) in answers.iter().enumerate() {
                    let id = crate::anchors::plain(row);
                    let attributes: &[(&str, &str)] = if number == 0 { &[("id", &id)] } else { &[] };
                    html.tag("tr", attributes, |html| line(frame, html, row, *answer));
                }
            }
        });
    });
}

fn line(frame: Frame<'_, '_>, html: &mut Html, row: &str, given: Answer) {
    let site = frame.site;
    let (name, url) = answer(site, given);
    let (how, examples) = match given {
        Answer::Element(id) => (meaning::tier(site.element(id).1), site.targets_of(id)),
        Answer::Omission(..) => ("omitted", Vec::new()),
        Answer::Population(object, _) => ("which rows", vec![Target::Population(site.objects[object].title.clone())]),
    };
    let count: usize =
        examples.iter().flat_map(|target| site.examples_of(target)).map(|examples| examples.cases.len()).sum();
    html.tagged("th", &[("scope", "row")], row);
    html.tag("td", &[], |html| super::index::tier(html, how));
    html.tag("td", &[], |html| {
        frame.link(html, &url, &name);
        if let Answer::Omission(object, at) = given {
            html.tagged("p", &[], &meaning::sentence(&site.objects[object].plan.omissions[at].reason));
        }
    });
    html.tag("td", &[("class", "number")], |html| {
        html.number(count);
    });
}

const fn object_of(answer: &Answer) -> usize {
    match answer {
        Answer::Element(id) => id.object,
        Answer::Omission(object, _) | Answer::Population(object, _) => *object,
    }
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
