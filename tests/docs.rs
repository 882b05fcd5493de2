//! `sifter docs`: the reference is whole, says everything, is always the same, and a real browser likes it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use reference::lineage::{Column, Lineage};

use rulebook::plan::Plan;
use rulebook::{Requirements, Rulebook};
use support::{copy_rulebook, edit, sifter, skip, workspace};
use tempfile::TempDir;

/// The site of the project's rulebook, in a folder that goes.
fn site() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("reference");
    sifter(&["docs", "--out", out.to_str().unwrap()]).ends(0);
    (folder, out)
}

/// The files of a folder by path.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(next) = waiting.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().replace('\\', "/");
                found.insert(name, std::fs::read_to_string(path).unwrap());
            }
        }
    }
    found
}

/// The values of an attribute, in the order of a page.
fn values<'p>(page: &'p str, attribute: &str) -> Vec<&'p str> {
    let start = format!(" {attribute}=\"");
    page.split(&start).skip(1).map(|rest| rest.split('"').next().unwrap()).collect()
}

/// A page's text without its tags.
fn text(page: &str) -> String {
    let mut text = String::new();
    for part in page.split('<') {
        text.push_str(part.split_once('>').map_or(part, |(_, rest)| rest));
    }
    [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")]
        .iter()
        .fold(text, |text, (from, to)| text.replace(from, to))
}

/// Where a link of a page leads: path and anchor.
fn target(page: &str, link: &str) -> (String, Option<String>) {
    let (path, anchor) = link.split_once('#').map_or((link, None), |(path, anchor)| (path, Some(anchor.to_owned())));
    if path.is_empty() {
        return (page.to_owned(), anchor);
    }
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        if part == ".." {
            parts.pop().unwrap_or_else(|| panic!("{page}: {link} leads out of the site"));
        } else {
            parts.push(part);
        }
    }
    (parts.join("/"), anchor)
}

fn book() -> Rulebook {
    let mut texts = rulebook::Files::new();
    for part in ["objects", "rules"] {
        for (path, text) in files(&workspace().join(part)) {
            texts.insert(format!("{part}/{path}"), text);
        }
    }
    Rulebook::new(texts)
}

fn plan() -> Arc<Plan> {
    book().plan.unwrap()
}

#[test]
fn every_link_and_every_anchor_leads_somewhere() {
    let (_folder, out) = site();
    let files = files(&out);
    let mut anchors: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (path, page) in files.iter().filter(|(path, _)| path.ends_with(".html")) {
        let ids = values(page, "id");
        let set: BTreeSet<&str> = ids.iter().copied().collect();
        assert_eq!(set.len(), ids.len(), "{path}: an id stands twice");
        anchors.insert(path, set);
    }
    let mut links = 0;
    for (path, page) in files.iter().filter(|(path, _)| path.ends_with(".html")) {
        for link in values(page, "href").into_iter().chain(values(page, "src")) {
            assert!(!link.contains("//") && !link.starts_with('/'), "{path}: {link} leads out of the site");
            let (to, anchor) = target(path, link);
            assert!(files.contains_key(&to), "{path}: there is no {to}");
            if let Some(anchor) = anchor {
                assert!(anchors[&*to].contains(&*anchor), "{path}: {to} has no anchor {anchor}");
            }
            links += 1;
        }
        for id in values(page, "aria-labelledby").into_iter().chain(values(page, "for")) {
            assert!(anchors[&**path].contains(id), "{path}: nothing is called {id}");
        }
    }
    assert!(links > 10_000, "only {links} links were looked at");
    let index = &files["assets/search-index.js"];
    let entries = index.lines().filter(|line| line.starts_with('['));
    let entries: Vec<Vec<String>> =
        entries.map(|line| serde_json::from_str(line.trim_end_matches(',')).unwrap()).collect();
    for entry in &entries {
        let (to, anchor) = target("index.html", &entry[2]);
        assert!(files.contains_key(&to), "the search leads to {to}");
        if let Some(anchor) = anchor {
            assert!(anchors[&*to].contains(&*anchor), "the search leads to {to}#{anchor}");
        }
    }
    assert!(entries.len() > 1_000, "only {} names can be searched", entries.len());
}

#[test]
fn every_element_row_fact_and_column_is_there() {
    let (_folder, out) = site();
    let files = files(&out);
    let plan = plan();
    let requirements = &files["requirements.html"];
    let rows: BTreeSet<&str> = values(requirements, "id").into_iter().collect();
    let mut count = 0;
    for object in &plan.objects {
        let page = files
            .iter()
            .find(|(path, _)| **path == format!("objects/{}.html", object.label.replace('/', ".")))
            .unwrap()
            .1;
        let headings: BTreeSet<String> = page
            .split("<h3")
            .skip(1)
            .map(|rest| text(&format!("<h3{}", rest.split("</h3>").next().unwrap())))
            .collect();
        for node in object.nodes().into_iter().skip(1) {
            assert!(headings.contains(node.path.trim()), "{} has no {}", object.label, node.path);
            count += 1;
        }
        for omission in &object.omissions {
            assert!(headings.contains(&omission.path), "{} has no {}", object.label, omission.path);
        }
        let population = object.population.iter().flat_map(|(rows, _)| rows);
        let elements = object.nodes().into_iter().flat_map(|node| &node.rows);
        let omitted = object.omissions.iter().flat_map(|omission| &omission.rows);
        for row in population.chain(elements).chain(omitted) {
            assert!(rows.contains(row.as_str()), "the requirements have no {row}");
            assert!(text(page).contains(row.as_str()), "{} does not say {row}", object.label);
        }
    }
    assert!(count > 200, "only {count} elements were looked for");
    let listed = Requirements::read(&book().files, &mut Vec::new()).unwrap();
    for id in listed.rows.iter().map(|row| &row.id).chain(listed.rules.iter().map(|rule| &rule.id)) {
        assert!(rows.contains(id.as_str()), "the requirements have no {id}");
    }
    for (_, entity) in plan.schema.entities() {
        let page = &files[&format!("tables/{}.html", entity.name)];
        let ids: BTreeSet<&str> = values(page, "id").into_iter().collect();
        for field in &entity.fields {
            assert!(ids.contains(&*format!("column-{}", field.name)), "{} has no {}", entity.name, field.name);
        }
    }
    for fact in &plan.facts {
        let page = &files[&format!("tables/{}.html", plan.schema[fact.entity].name)];
        assert!(values(page, "id").contains(&&*format!("fact-{}", fact.name)), "there is no {}", fact.name);
        assert!(text(page).contains(&fact.doc), "{} does not say what it means", fact.name);
    }
    for parameter in &plan.parameters {
        let name = format!("{}.{}", parameter.group, parameter.name);
        assert!(values(&files["parameters.html"], "id").contains(&&*name), "there is no {name}");
    }
    for set in &plan.value_sets {
        assert!(values(&files["value-sets.html"], "id").contains(&&*set.name), "there is no {}", set.name);
    }
}

/// The row of a sensitive column: the elements that it is sent in, and those that it decides about.
fn exposed(page: &str, column: &str) -> (String, String) {
    let row = page.split("<tr>").find(|row| text(row).trim_start().starts_with(column)).unwrap();
    let cells: Vec<String> = row.split("<td").skip(1).map(|cell| text(&format!("<td{cell}"))).collect();
    (cells[0].clone(), cells[1].clone())
}

#[test]
fn sensitive_columns_say_what_is_sent_and_what_only_decides() {
    let (_folder, out) = site();
    let page = std::fs::read_to_string(out.join("sensitive.html")).unwrap();
    let (sent, decides) = exposed(&page, "identity.ssn");
    assert!(sent.contains("StudentPersonal/OtherIdList/OtherId") && !sent.contains("@Type"), "{sent}");
    assert!(decides.contains("StudentPersonal/OtherIdList/OtherId/@Type"), "{decides}");
    let (sent, decides) = exposed(&page, "homeless.startDate");
    assert!(sent.contains("none"), "{sent}");
    assert!(decides.contains("StudentPersonal/Homeless"), "{decides}");
    let (sent, _) = exposed(&page, "raceEthnicity.code");
    assert!(sent.contains("StudentPersonal/Demographics/RaceList/Race/Code"), "{sent}");
    assert!(!text(&page).contains("calendar.name"), "only what is marked is listed");
}

#[test]
fn the_columns_of_the_pages_are_those_that_the_plan_reads() {
    let plan = plan();
    let lineage = Lineage::of(&plan);
    for (at, object) in plan.objects.iter().enumerate() {
        let mut said: BTreeSet<Column> = BTreeSet::new();
        let elements = lineage.elements[at].iter().map(|element| &element.own);
        for flow in elements.chain([&lineage.populations[at]]) {
            said.extend(flow.columns());
            said.extend(flow.joined_columns());
        }
        let read: BTreeSet<Column> = plan
            .schema
            .entities()
            .flat_map(|(entity, _)| object.reads.fields_of(entity).map(move |field| (entity, field)))
            .filter_map(|(entity, field)| Column::of(&plan.schema, entity, field))
            .collect();
        let unread: Vec<String> = said.difference(&read).map(|column| column.name(&plan.schema)).collect();
        assert!(unread.is_empty(), "{}: the pages name what the plan does not read: {unread:?}", object.label);
        // Rows are loaded along the ways of graph.yaml, whatever an object asks: by keys and by what relations join.
        let joins = |column: &Column| {
            let entity = &plan.schema[column.entity];
            let theirs = plan.schema.entities().flat_map(|(_, other)| &other.relations).any(|relation| {
                relation.target == column.entity && relation.by.iter().any(|(_, theirs)| *theirs == column.field)
            });
            let own = entity.relations.iter().any(|relation| relation.by.iter().any(|(own, _)| *own == column.field));
            entity.key == column.field || own || theirs
        };
        let left: Vec<String> =
            read.difference(&said).filter(|column| !joins(column)).map(|column| column.name(&plan.schema)).collect();
        assert!(left.is_empty(), "{}: the plan reads what no page names: {left:?}", object.label);
    }
}

#[test]
fn the_same_rulebook_gives_the_same_bytes_whatever_was_there() {
    let (_first, one) = site();
    let (_second, two) = site();
    std::fs::write(two.join("stray.html"), "left over").unwrap();
    sifter(&["docs", "--out", two.to_str().unwrap()]).ends(0);
    assert_eq!(files(&one), files(&two));
    let beside = std::fs::read_dir(two.parent().unwrap()).unwrap().count();
    assert_eq!(beside, 1, "nothing is left beside the folder");
}

#[test]
fn a_folder_with_something_else_in_it_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("index.html"), "mine").unwrap();
    sifter(&["docs", "--out", folder.path().to_str().unwrap()]).ends(3).says(&["something other than a reference"]);
    assert_eq!(files(folder.path()), [("index.html".to_owned(), "mine".to_owned())].into());
}

#[test]
fn what_a_rulebook_says_is_never_markup() {
    let folder = tempfile::tempdir().unwrap();
    copy_rulebook(folder.path());
    let hostile = "doc: A <script>alert(1)</script> & <b>school</b> of the zone";
    edit(&folder.path().join("objects/SchoolInfo.yaml"), "doc: A school of the zone", hostile);
    let out = folder.path().join("out");
    sifter(&["docs", "--rulebook", folder.path().to_str().unwrap(), "--out", out.to_str().unwrap()]).ends(0);
    let pages = files(&out);
    let page = &pages["objects/SchoolInfo.html"];
    assert!(page.contains("A &lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;b&gt;school&lt;/b&gt; of the zone"));
    assert!(pages.iter().filter(|(path, _)| path.ends_with(".html")).all(|(_, page)| !page.contains("<script>alert")));
}

/// Where the browser's helpers are, installed if they are not there yet: axe-core and playwright-core of the versions that
/// tests/browser/package.json names.
fn modules() -> Result<PathBuf, String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("browser");
    let wanted = std::fs::read_to_string(workspace().join("tests/browser/package.json")).unwrap();
    let installed = folder.join("installed.json");
    if std::fs::read_to_string(&installed).is_ok_and(|there| there == wanted) {
        return Ok(folder);
    }
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("package.json"), &wanted).unwrap();
    let npm = Command::new("npm")
        .args(["install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts", "--prefix"])
        .arg(&folder)
        .output()
        .map_err(|error| format!("npm cannot be run: {error}"))?;
    if !npm.status.success() {
        return Err(format!("npm installs no axe-core: {}", String::from_utf8_lossy(&npm.stderr)));
    }
    std::fs::write(installed, wanted).unwrap();
    Ok(folder)
}

#[test]
fn a_browser_finds_nothing_wrong_with_it_from_the_disk() {
    let names = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
    let Some(chromium) = names.into_iter().find(|name| Path::new(name).exists()) else {
        return skip("there is no Chromium");
    };
    let modules = match modules() {
        Ok(modules) => modules,
        Err(why) => return skip(&why),
    };
    let (_folder, out) = site();
    let script = workspace().join("tests/browser/reference.mjs");
    let run = match Command::new("node").arg(script).arg(&out).arg(chromium).arg(&modules).output() {
        Ok(run) => run,
        Err(error) => return skip(&format!("node cannot be run: {error}")),
    };
    let said = format!("{}{}", String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    assert!(run.status.success(), "{said}");
    assert!(said.contains("well"), "{said}");
}
