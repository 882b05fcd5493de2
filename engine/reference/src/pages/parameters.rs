//! All parameters: what they mean, since when they have which value, who says so, who reads them.

use super::shown;
use crate::Page;
use crate::frame::Frame;
use crate::site::Site;

pub fn page(site: &Site<'_>) -> Page {
    let frame = Frame::new(site, "parameters.html");
    frame.page("Parameters", "", |html| {
        html.tagged(
            "p",
            &[("class", "lead")],
            "Numbers, dates and switches that law or policy may change. Each value holds from its day on, until the next.",
        );
        for at in 0..site.plan.parameters.len() {
            let parameter = &site.plan.parameters[at];
            let url = site.parameter_url(at);
            let anchor = url.split('#').nth(1).unwrap_or_default();
            html.tag("section", &[("class", "fact"), ("aria-labelledby", anchor)], |html| {
                html.tag("h2", &[("id", anchor)], |html| {
                    html.tagged("a", &[("href", &format!("#{anchor}")), ("class", "path")], &site.parameter_name(at));
                });
                frame.paragraph(html, "says", &parameter.doc);
                html.tag("div", &[("class", "wide")], |html| {
                    html.tag("table", &[], |html| {
                        html.tag("thead", &[], |html| {
                            html.tag("tr", &[], |html| {
                                for name in ["From", "Value", "Says so"] {
                                    html.tagged("th", &[("scope", "col")], name);
                                }
                            });
                        });
                        html.tag("tbody", &[], |html| {
                            for dated in &parameter.values {
                                html.tag("tr", &[], |html| {
                                    html.tagged("td", &[], &dated.from.to_string());
                                    let unit = parameter.unit.as_ref().map(|unit| format!(" {unit}")).unwrap_or_default();
                                    html.tagged("td", &[], &format!("{}{unit}", shown(&dated.value)));
                                    html.tagged("td", &[], &dated.cite);
                                });
                            }
                        });
                    });
                });
                html.tag("dl", &[("class", "terms")], |html| {
                    let users = &site.lineage.parameter_users[at];
                    if !users.is_empty() {
                        frame.term(html, "Read by", |html| frame.users(html, users.iter()));
                    }
                    frame.term(html, "Declared in", |html| {
                        html.tagged("code", &[], &parameter.place.file);
                    });
                });
            });
        }
    })
}
