//! The `sifter` program.

/// Counts what each thread allocates, so that a rule that hoards memory can be stopped.
#[global_allocator]
static ALLOCATOR: budget::CountingAllocator = budget::CountingAllocator;

fn main() -> std::process::ExitCode {
    cli::run(std::env::args_os())
}
