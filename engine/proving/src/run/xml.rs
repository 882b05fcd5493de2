//! Compares whole instances, element by element.

use std::sync::Arc;

use sif::tree::Tree;

/// The lines around the first difference of two texts; nothing, if they are equal.
#[must_use]
pub fn difference(expected: &str, actual: &str) -> Option<(String, String)> {
    if expected == actual {
        return None;
    }
    let common = expected.lines().zip(actual.lines()).take_while(|(a, b)| a == b).count();
    let from = |text: &str| {
        let lines: Vec<String> = text.lines().skip(common).take(12).map(|line| format!("  {line}")).collect();
        format!("from line {}:\n{}", common + 1, lines.join("\n"))
    };
    Some((from(expected), from(actual)))
}

/// Instances, in an element around them.
fn read(xml: &str) -> Result<Tree, String> {
    let wrapped = format!(
        "<SIF_ObjectData xmlns=\"{}\" xmlns:xsi=\"{}\">{xml}</SIF_ObjectData>",
        sif::NAMESPACE,
        sif::INSTANCE_NAMESPACE
    );
    let names = Arc::new(sif::tree::Names::new());
    sif::xml::read::read(wrapped.as_bytes(), &names).map_err(|error| error.to_string())
}

/// Elements one a line, indented, so that they can be compared and shown.
pub fn pretty(xml: &str) -> Result<String, String> {
    let tree = read(xml)?;
    let mut out = String::new();
    if let Some(root) = tree.root() {
        for child in root.children() {
            print(child, 0, &mut out);
        }
    }
    Ok(out)
}

fn print(element: sif::tree::Element<'_>, depth: usize, out: &mut String) {
    let indent = "  ".repeat(depth);
    out.push_str(&format!("{indent}<{}", element.name()));
    for (name, value) in element.attributes() {
        out.push_str(&format!(" {name}=\"{value}\""));
    }
    if element.is_nil() {
        out.push_str(" xsi:nil=\"true\"");
    }
    out.push('>');
    let children: Vec<_> = element.children().collect();
    if children.is_empty() {
        out.push_str(element.text().trim());
        out.push('\n');
        return;
    }
    out.push('\n');
    for child in children {
        print(child, depth + 1, out);
    }
}

/// Instances as XML, an element a line, as a fixture holds them.
pub fn laid_out(xml: &str) -> Result<String, String> {
    let tree = read(xml)?;
    let mut out = String::new();
    for child in tree.root().into_iter().flat_map(|root| root.children()) {
        lay_out(child, 0, &mut out);
    }
    Ok(out)
}

fn lay_out(element: sif::tree::Element<'_>, depth: usize, out: &mut String) {
    let indent = "  ".repeat(depth);
    let name = element.name();
    out.push_str(&format!("{indent}<{name}"));
    for (attribute, value) in element.attributes() {
        out.push_str(&format!(" {attribute}=\"{}\"", escaped(value)));
    }
    if element.is_nil() {
        out.push_str(" xsi:nil=\"true\"");
    }
    let children: Vec<_> = element.children().collect();
    let text = element.text();
    if children.is_empty() && text.is_empty() {
        out.push_str("/>\n");
    } else if children.is_empty() {
        out.push_str(&format!(">{}</{name}>\n", escaped(&text)));
    } else {
        out.push_str(">\n");
        children.into_iter().for_each(|child| lay_out(child, depth + 1, out));
        out.push_str(&format!("{indent}</{name}>\n"));
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
