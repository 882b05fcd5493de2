//! The functions that rules may call, and the options of the zone.

use rulebook::functions::{FUNCTIONS, Function};
use rulebook::plan::ZoneField;

use crate::Page;
use crate::frame::Frame;
use crate::html::Html;
use crate::site::Site;

/// The functions of the engine by name, in the order in which they are declared.
pub fn native() -> Vec<(&'static str, Vec<&'static Function>)> {
    let mut named: Vec<(&'static str, Vec<&'static Function>)> = Vec::new();
    for function in FUNCTIONS {
        match named.iter_mut().find(|(name, _)| *name == function.name) {
            Some((_, functions)) => functions.push(function),
            None => named.push((function.name, vec![function])),
        }
    }
    named
}

pub fn page(site: &Site<'_>) -> Page {
    let frame = Frame::new(site, "functions.html");
    frame.page("Functions", "", |html| {
        html.tagged("p", &[("class", "lead")], "What rules and expressions may call and read.");
        html.tagged("h2", &[("id", "shared")], "Shared by rules");
        for (file, text) in &site.plan.shared {
            let url = Site::shared_url(file);
            let anchor = url.split('#').nth(1).unwrap_or_default();
            html.tag("section", &[("class", "fact"), ("aria-labelledby", anchor)], |html| {
                html.tag("h3", &[("id", anchor)], |html| {
                    html.tagged("a", &[("href", &format!("#{anchor}")), ("class", "path")], file);
                });
                frame.code().rhai(html, text.trim_end());
                if let Some(users) = site.lineage.shared_users.get(&**file) {
                    html.tag("dl", &[("class", "terms")], |html| {
                        frame.term(html, "Used by", |html| frame.users(html, users.iter()));
                    });
                }
            });
        }
        html.tagged("h2", &[("id", "engine")], "Of the engine");
        html.tag("dl", &[("class", "terms list")], |html| {
            for (name, functions) in native() {
                html.tag("dt", &[("id", &format!("function-{name}"))], |html| {
                    for function in &functions {
                        html.tagged("code", &[], &format!("{name}({})", function.parameters)).text(" ");
                    }
                });
                for function in functions {
                    html.tagged("dd", &[], function.doc);
                }
            }
        });
        zone(site, html);
    })
}

fn zone(site: &Site<'_>, html: &mut Html) {
    html.tagged("h2", &[("id", "zone")], "Options of the zone");
    html.tag("dl", &[("class", "terms list")], |html| {
        for (name, field, ty) in ZoneField::ALL {
            html.tag("dt", &[("id", &format!("zone-{name}"))], |html| {
                html.tagged("code", &[], &format!("zone.{name}"));
            });
            html.tagged("dd", &[], &format!("{} ({})", says(field), ty.words(&site.plan.schema)));
        }
    });
}

const fn says(field: ZoneField) -> &'static str {
    match field {
        ZoneField::SchoolYear => "The school year that is being mapped, by the year in which it ends.",
        ZoneField::YearStart => "Its first day.",
        ZoneField::YearEnd => "Its last day.",
        ZoneField::AllSchools => "Whether the zone covers every school.",
        ZoneField::Schools => "The numbers of the schools that it covers.",
        ZoneField::ExcludedCalendars => "The ids of the calendars that it leaves out.",
        ZoneField::ExcludeNoShow => "Whether it leaves out No Show enrollments.",
        ZoneField::ExcludeStateExclude => "Whether it leaves out State Exclude enrollments.",
        ZoneField::ExcludeNonPrimary => "Whether it leaves out enrollments that are not Primary.",
        ZoneField::ExcludeSchoolsWithoutCalendar => "Whether it leaves out schools without a calendar.",
        ZoneField::PublishSsn => "Whether it publishes Social Security Numbers.",
    }
}
