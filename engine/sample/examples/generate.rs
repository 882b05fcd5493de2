//! Generates a district from the shell, with the time it took: `generate STUDENTS SEED URL`.

use std::process::ExitCode;

#[path = "../tests/common/mod.rs"]
mod common;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [students, seed, out] = arguments.as_slice() else {
        eprintln!("generate STUDENTS SEED URL");
        return ExitCode::from(3);
    };
    let (Ok(students), Ok(seed)) = (students.parse(), seed.parse()) else {
        eprintln!("STUDENTS and SEED are whole numbers");
        return ExitCode::from(3);
    };
    let plan = sample::Plan { students, seed, ..sample::Plan::default() };
    let start = std::time::Instant::now();
    match sample::generate(&common::schema(), &plan, out, &mut |_| {}) {
        Ok(summary) => {
            for table in &summary.tables {
                println!("{} {}", table.table, table.rows);
            }
            println!("{} rows, {:.1} s", summary.rows(), start.elapsed().as_secs_f64());
            ExitCode::SUCCESS
        }
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}
