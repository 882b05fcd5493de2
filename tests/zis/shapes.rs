//! The shapes of messages in versions other than 2.4, as files beside the repository say them: which elements and attributes stand where,
//! which must, how often, and which codes a value may be.

use std::collections::BTreeMap;
use std::path::Path;

use sif::tree::Element;

/// Part of what may stand in an element.
#[derive(Clone, Debug)]
enum Part {
    /// An element.
    Element(Shape),
    /// An attribute.
    Attribute { name: String, is_mandatory: bool },
    /// One of these.
    Choice { is_mandatory: bool, parts: Vec<Part> },
    /// Anything.
    Any,
}

/// An element.
#[derive(Clone, Debug)]
struct Shape {
    name: String,
    is_mandatory: bool,
    is_repeatable: bool,
    /// The section that says what stands in it.
    section: Option<String>,
    /// The only values that it takes.
    codes: Option<Vec<String>>,
    parts: Vec<Part>,
}

/// The shapes of one version, by section.
#[derive(Debug)]
pub struct Shapes(BTreeMap<String, Vec<Part>>);

impl Shapes {
    /// Those of a version; none where there is no file for it.
    pub fn of(version: &str, shared: &Path) -> Option<Self> {
        let file = match version {
            "2.0" | "2.0r1" => "us_2_0_r1.txt",
            "2.1" => "us_2_1.txt",
            "2.2" => "us_2_2.txt",
            "2.3" => "us_2_3.txt",
            "2.5" => "us_2_5.txt",
            _ => return None,
        };
        let text = std::fs::read_to_string(shared.join("zis/shapes").join(file)).unwrap();
        Some(Self::read(&text))
    }

    fn read(text: &str) -> Self {
        let mut sections = BTreeMap::new();
        for section in text.split("## ").skip(1) {
            let (head, body) = section.split_once('\n').unwrap_or((section, ""));
            let lines: Vec<(usize, &str)> =
                body.lines().filter(|line| !line.trim().is_empty()).map(|line| (depth(line), line.trim())).collect();
            let name = head.split_whitespace().next().unwrap_or_default().to_owned();
            sections.insert(name, parts(&lines, &mut 0, 1));
        }
        Self(sections)
    }

    /// What is wrong with an element whose section has its name.
    ///
    /// # Errors
    /// The first thing, with its path.
    pub fn check(&self, element: Element<'_>) -> Result<(), String> {
        let name = element.name();
        let parts = self.0.get(name).ok_or_else(|| format!("{name} is no message of this version"))?;
        self.inside(element, parts, name)
    }

    fn inside(&self, element: Element<'_>, parts: &[Part], path: &str) -> Result<(), String> {
        let is_any = parts.iter().any(|part| matches!(part, Part::Any));
        let known: Vec<&str> = parts.iter().filter_map(attribute).map(|(name, _)| name).collect();
        for (name, _) in
            element.attributes().filter(|(name, _)| !name.starts_with("xmlns") && !name.starts_with("xsi:"))
        {
            if !is_any && !known.contains(&name) {
                return Err(format!("{path}/@{name} is not known"));
            }
        }
        if let Some((name, _)) = parts
            .iter()
            .filter_map(attribute)
            .find(|(name, is_mandatory)| *is_mandatory && element.attribute(name).is_none())
        {
            return Err(format!("{path}/@{name} is missing"));
        }
        let children: Vec<Element<'_>> = element.children().collect();
        let mut at = 0;
        for part in parts {
            self.part(part, &children, &mut at, path)?;
        }
        match children.get(at) {
            Some(left) => Err(format!("{path}/{} does not stand there", left.name())),
            None => Ok(()),
        }
    }

    fn part(&self, part: &Part, children: &[Element<'_>], at: &mut usize, path: &str) -> Result<(), String> {
        match part {
            Part::Attribute { .. } => Ok(()),
            Part::Any => {
                *at = children.len();
                Ok(())
            }
            Part::Choice { is_mandatory, parts } => {
                let next = children.get(*at).map(|child| child.name());
                match parts.iter().find(|part| next.is_some_and(|next| begins(part, next))) {
                    Some(chosen) => self.part(chosen, children, at, path),
                    None if *is_mandatory => Err(format!("{path} lacks one of several")),
                    None => Ok(()),
                }
            }
            Part::Element(shape) => self.element(shape, children, at, path),
        }
    }

    fn element(&self, shape: &Shape, children: &[Element<'_>], at: &mut usize, path: &str) -> Result<(), String> {
        let path = format!("{path}/{}", shape.name);
        let mut times = 0;
        while let Some(child) = children.get(*at).filter(|child| child.name() == shape.name) {
            times += 1;
            *at += 1;
            let text = child.text();
            if let Some(codes) = &shape.codes
                && !child.is_nil()
                && !codes.iter().any(|code| *code == text.trim())
            {
                return Err(format!("{path} has a code that this version does not know"));
            }
            match &shape.section {
                // An answer has the version of the message that it carries.
                Some(section) if section == "SIF_Message" => {
                    child.children().try_for_each(|message| self.check(message))?;
                }
                Some(section) => {
                    let parts = self.0.get(section).ok_or_else(|| format!("{path}: there is no section {section}"))?;
                    self.inside(*child, parts, &path)?;
                }
                None => self.inside(*child, &shape.parts, &path)?,
            }
        }
        match times {
            0 if shape.is_mandatory => Err(format!("{path} is missing")),
            2.. if !shape.is_repeatable => Err(format!("{path} stands more than once")),
            _ => Ok(()),
        }
    }
}

fn attribute(part: &Part) -> Option<(&str, bool)> {
    match part {
        Part::Attribute { name, is_mandatory } => Some((name, *is_mandatory)),
        _ => None,
    }
}

/// Whether a part may begin with an element of this name.
fn begins(part: &Part, name: &str) -> bool {
    match part {
        Part::Element(shape) => shape.name == name,
        Part::Choice { parts, .. } => parts.iter().any(|part| begins(part, name)),
        Part::Any => true,
        Part::Attribute { .. } => false,
    }
}

/// How deep a line stands: two spaces are one step.
fn depth(line: &str) -> usize {
    (line.len() - line.trim_start().len()) / 2
}

/// The parts that stand at a depth, from a line on.
fn parts(lines: &[(usize, &str)], at: &mut usize, depth: usize) -> Vec<Part> {
    let mut parts_here = Vec::new();
    while let Some((deep, line)) = lines.get(*at).copied().filter(|(deep, _)| *deep >= depth) {
        assert_eq!(deep, depth, "a line of shapes stands too deep: {line}");
        *at += 1;
        if line == "}" {
            continue;
        }
        if line.starts_with('<') {
            parts_here.push(Part::Any);
        } else if line.starts_with("content:") {
            if line.contains("anyType") {
                parts_here.push(Part::Any);
            }
        } else if line.starts_with("CHOICE") {
            let inside = parts(lines, at, depth + 1);
            parts_here.push(Part::Choice { is_mandatory: line.contains("[M"), parts: inside });
        } else {
            let name = line.split_whitespace().next().unwrap_or_default();
            let kind = line.split_once('[').and_then(|(_, rest)| rest.split(']').next()).unwrap_or_default();
            let is_mandatory = kind.starts_with('M');
            let inside = parts(lines, at, depth + 1);
            parts_here.push(match name.strip_prefix('@') {
                Some(name) => Part::Attribute { name: name.to_owned(), is_mandatory },
                None => Part::Element(Shape {
                    name: name.to_owned(),
                    is_mandatory,
                    is_repeatable: kind.ends_with('R'),
                    section: line.split_once("-> see ").map(|(_, section)| section.trim().to_owned()),
                    codes: codes(line),
                    parts: inside,
                }),
            });
        }
    }
    parts_here
}

/// The codes of a value; none where they are not listed.
fn codes(line: &str) -> Option<Vec<String>> {
    let listed = line.split_once("enum:")?.1.split('}').next()?;
    (!listed.starts_with('(')).then(|| listed.split('|').map(str::to_owned).collect())
}

#[test]
fn a_shape_finds_what_is_missing_unknown_misplaced_and_too_often() {
    let shapes = Shapes::read(
        "## SIF_A\n  SIF_B [M] : xs:token\n  CHOICE [M] {\n    SIF_C [M]\n      SIF_D [OR] : {xs:token enum:1|2}\n    SIF_E [M] -> see SIF_F\n  }\n  @Type [M] : xs:token\n\
         ## SIF_F (only here)\n  <any>\n",
    );
    let check = |inside: &str, attributes: &str| {
        let text = format!("<SIF_A xmlns=\"{}\"{attributes}>{inside}</SIF_A>", sif::NAMESPACE);
        let tree = sif::xml::read::read(text.as_bytes(), sif::message::names()).unwrap();
        shapes.check(tree.root().unwrap())
    };
    let typed = " Type=\"x\"";
    assert_eq!(check("<SIF_B/><SIF_C><SIF_D>1</SIF_D><SIF_D>2</SIF_D></SIF_C>", typed), Ok(()));
    assert_eq!(check("<SIF_B/><SIF_E><SIF_G/></SIF_E>", typed), Ok(()));
    for (inside, attributes) in [
        ("<SIF_B/><SIF_C/>", ""),
        ("<SIF_B/><SIF_C/>", " Type=\"x\" Other=\"y\""),
        ("<SIF_C/>", typed),
        ("<SIF_B/>", typed),
        ("<SIF_B/><SIF_B/><SIF_C/>", typed),
        ("<SIF_C/><SIF_B/>", typed),
        ("<SIF_B/><SIF_C/><SIF_E/>", typed),
        ("<SIF_B/><SIF_C><SIF_D>3</SIF_D></SIF_C>", typed),
    ] {
        assert!(check(inside, attributes).is_err(), "{inside}{attributes}");
    }
}
