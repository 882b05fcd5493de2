//! All facts with what they mean.

use crate::Page;
use crate::frame::Frame;
use crate::site::Site;

pub fn list(site: &Site<'_>) -> Page {
    let frame = Frame::new(site, "facts.html");
    frame.page("Facts", "", |html| {
        html.tagged(
            "p",
            &[("class", "lead")],
            "What the rulebook derives from the source’s columns, so that elements that need the same thing get the same answer.",
        );
        for (id, entity) in site.plan.schema.entities() {
            let facts: Vec<usize> = (0..site.plan.facts.len()).filter(|at| site.plan.facts[*at].entity == id).collect();
            if facts.is_empty() {
                continue;
            }
            html.tagged("h2", &[("id", &crate::anchors::plain(&entity.name))], &format!("Of a row of {}", entity.name));
            html.tag("dl", &[("class", "terms list")], |html| {
                for at in facts {
                    html.tag("dt", &[], |html| frame.link(html, &site.fact_url(at), &site.fact_name(at)));
                    html.tag("dd", &[], |html| crate::meaning::prose(html, &site.plan.facts[at].doc));
                }
            });
        }
    })
}
