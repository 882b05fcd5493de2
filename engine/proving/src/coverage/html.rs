//! Coverage as pages that anyone can open: an index, and a page for each file. No scripts, no styles from elsewhere.

use std::collections::BTreeMap;

use problem::render::Sources;

use super::{Coverage, Missed, tally};

/// A page: the name of its file, and its text.
#[derive(Clone, Debug)]
pub struct Page {
    /// The name of its file.
    pub name: String,
    /// Its text.
    pub text: String,
}

const STYLE: &str = "body{font:16px/1.5 sans-serif;max-width:80rem;margin:2rem auto;padding:0 1rem;color:#111;background:#fff}\
table{border-collapse:collapse}td,th{padding:.1rem .8rem;text-align:left;vertical-align:top}td.n{text-align:right}\
pre{margin:0;font:14px/1.4 monospace;white-space:pre-wrap}tr.seen td.n{background:#dff0d8}tr.part td.n{background:#f8d7da}\
tr.part td{border-top:1px solid #b00}summary{cursor:pointer}a{color:#0645ad}";

/// The pages: `index.html` first.
#[must_use]
pub fn pages(coverage: &Coverage, missed: &[Missed], sources: &dyn Sources) -> Vec<Page> {
    let mut index =
        String::from("<h1>Coverage</h1>\n<table>\n<tr><th>Kind</th><th>Seen</th><th>Of</th><th>Percent</th></tr>\n");
    let row = |name: &str, tally: super::Tally| {
        format!(
            "<tr class=\"{}\"><td>{name}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{} %</td></tr>\n",
            if tally.seen == tally.all { "seen" } else { "part" },
            tally.seen,
            tally.all,
            tally.percent()
        )
    };
    for (kind, tally) in coverage.by_kind() {
        index.push_str(&row(kind.word(), tally));
    }
    index.push_str(&row("all", coverage.total()));
    index.push_str(
        "</table>\n<h2>Files</h2>\n<table>\n<tr><th>File</th><th>Seen</th><th>Of</th><th>Percent</th></tr>\n",
    );
    let mut pages = Vec::new();
    for (file, decisions) in coverage.by_file() {
        let name = page_name(&file);
        let link = format!("<a href=\"{}\">{}</a>", escaped(&name), escaped(&file));
        index.push_str(&row(&link, tally(&decisions)));
        pages.push(Page { name, text: page(&file, coverage, missed, sources) });
    }
    index.push_str("</table>\n");
    pages.insert(0, Page { name: "index.html".to_owned(), text: document("Coverage", &index) });
    pages
}

fn page(file: &str, coverage: &Coverage, missed: &[Missed], sources: &dyn Sources) -> String {
    let mut lines: BTreeMap<u32, (u32, Vec<&Missed>)> = BTreeMap::new();
    for covered in coverage.decisions.iter().filter(|covered| &*covered.decision.file == file) {
        let most = covered.cases.iter().copied().max().unwrap_or_default();
        let line = lines.entry(covered.decision.at.line).or_default();
        line.0 = line.0.max(most);
    }
    for missed in missed {
        let decision = &coverage.decisions[missed.decision].decision;
        if &*decision.file == file {
            lines.entry(decision.at.line).or_default().1.push(missed);
        }
    }
    let mut body = format!(
        "<p><a href=\"index.html\">All files</a></p>\n<h1>{}</h1>\n<p>The number before a line says how many cases reached it; \
         a red one has something that no case saw, which stands below it.</p>\n<table>\n",
        escaped(file)
    );
    let source = sources.text(file).unwrap_or_default();
    for (number, written) in (1_u32..).zip(source.lines()) {
        let (class, cases, missed) = match lines.get(&number) {
            None => ("", String::new(), &[][..]),
            Some((cases, missed)) if missed.is_empty() => ("seen", cases.to_string(), &[][..]),
            Some((cases, missed)) => ("part", cases.to_string(), missed.as_slice()),
        };
        body.push_str(&format!(
            "<tr class=\"{class}\" id=\"L{number}\"><td class=\"n\">{number}</td><td class=\"n\">{cases}</td><td><pre>{}</pre>",
            escaped(written)
        ));
        for missed in missed {
            let column = coverage.decisions[missed.decision].decision.at.column;
            body.push_str(&format!("<p>column {column}: {}</p>\n", escaped(&missed.says)));
            if !missed.skeleton.is_empty() {
                body.push_str(&format!(
                    "<details><summary>a case that would reach it</summary><pre>{}</pre></details>\n",
                    escaped(&missed.skeleton)
                ));
            }
        }
        body.push_str("</td></tr>\n");
    }
    body.push_str("</table>\n");
    document(file, &body)
}

fn document(title: &str, body: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>{}</title>\n<style>{STYLE}</style></head>\n\
         <body>\n{body}</body>\n</html>\n",
        escaped(title)
    )
}

/// The name of a file's page: no two files have the same.
fn page_name(file: &str) -> String {
    let mut name = String::new();
    for character in file.chars() {
        match character {
            '/' => name.push_str("__"),
            c if c.is_ascii_alphanumeric() || c == '.' || c == '_' || c == '-' => name.push(c),
            c => name.push_str(&format!("-{:x}", u32::from(c))),
        }
    }
    name.push_str(".html");
    name
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
