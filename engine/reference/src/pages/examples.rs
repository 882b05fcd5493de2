//! Fixtures as worked examples.

use proving::Target;

use crate::anchors;
use crate::frame::Frame;
use crate::html::Html;

/// The examples that are about something; nothing if there are none.
pub fn of(frame: Frame<'_, '_>, html: &mut Html, targets: &[Target]) {
    let files: Vec<_> = targets.iter().flat_map(|target| frame.site.examples_of(target)).collect();
    let count: usize = files.iter().map(|file| file.cases.len()).sum();
    if count == 0 {
        return;
    }
    html.tag("details", &[("class", "examples")], |html| {
        let word = if count == 1 { "worked example" } else { "worked examples" };
        html.tagged("summary", &[], &format!("{count} {word}"));
        for file in files {
            html.tag("p", &[("class", "file")], |html| {
                html.tagged("code", &[], &file.file);
            });
            if !file.shared.is_empty() {
                frame.code().fixture(html, &file.shared);
            }
            html.tag("ol", &[("class", "cases")], |html| {
                for case in &file.cases {
                    html.tag("li", &[], |html| {
                        html.tag("p", &[], |html| {
                            html.text(&crate::meaning::sentence(&case.name));
                            if let Some(person) = &case.person {
                                html.text(" The student is ");
                                frame.link(html, &format!("people.html#{}", anchors::plain(person)), person);
                                html.text(".");
                            }
                        });
                        frame.code().fixture(html, &case.text);
                    });
                }
            });
        }
    });
}
