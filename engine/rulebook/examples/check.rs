//! Checks the rulebook in the folder that is named, or in the working folder.

use std::path::Path;

fn read(folder: &Path, under: &str, files: &mut rulebook::Files) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let path = format!("{under}/{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            read(&entry.path(), &path, files)?;
        } else if path.ends_with(".yaml") || path.ends_with(".rhai") {
            files.insert(path, std::fs::read_to_string(entry.path())?);
        }
    }
    Ok(())
}

fn main() -> std::io::Result<()> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| ".".to_owned());
    let mut files = rulebook::Files::new();
    for part in ["objects", "rules"] {
        read(&Path::new(&folder).join(part), part, &mut files)?;
    }
    let book = rulebook::Rulebook::new(files);
    for problem in &book.problems {
        print!("{}", problem::render::human(problem, &book.files, false));
    }
    match &book.plan {
        Some(plan) => {
            println!("{} objects, {} facts, {} rules", plan.objects.len(), plan.facts.len(), plan.rules.len())
        }
        None => println!("does not check"),
    }
    Ok(())
}
