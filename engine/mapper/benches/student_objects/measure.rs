//! Interleaved runs and their medians.

use std::hint::black_box;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use crate::district::District;
use crate::sifter::Sifter;
use crate::{Output, Subject};

/// One pass. Its name is what callgrind counts the instructions of.
#[inline(never)]
pub fn measured_pass(pass: &mut dyn FnMut(&mut Output), output: &mut Output) {
    pass(black_box(output));
    // So that the call is none that leaves this function for good.
    black_box(());
}

/// The median time of each subject in seconds; they take turns, so that whatever else the machine does meets all of them.
pub fn interleaved(runs: usize, subjects: &mut [Subject<'_>]) -> Vec<f64> {
    let mut times = vec![Vec::with_capacity(runs); subjects.len()];
    let mut output = Output::default();
    for run in 0..=runs {
        for (subject, times) in subjects.iter_mut().zip(&mut times) {
            output.iter_mut().for_each(Vec::clear);
            let begun = thread_time();
            measured_pass(&mut *subject.pass, &mut output);
            let time = thread_time() - begun;
            // The first run warms up.
            if run > 0 {
                times.push(time);
            }
        }
    }
    times.into_iter().map(median).collect()
}

/// The medians of the wall time of Sifter with one thread and with two, which take turns. Threads take the next batch when they
/// are done with one, as in the command line.
pub fn two_threads(runs: usize, district: &District) -> (f64, f64) {
    let mut times = [Vec::new(), Vec::new()];
    for run in 0..=runs {
        for (threads, times) in [1, 2].into_iter().zip(&mut times) {
            let time = with_threads(threads, district);
            if run > 0 {
                times.push(time);
            }
        }
    }
    let [one, two] = times.map(median);
    (one, two)
}

fn with_threads(threads: usize, district: &District) -> f64 {
    let next = AtomicUsize::new(0);
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let mut sifter = Sifter::new(district);
                let mut output = Output::default();
                while let Some(batch) = district.batches.get(next.fetch_add(1, Ordering::Relaxed)) {
                    output.iter_mut().for_each(Vec::clear);
                    sifter.batch(district, batch, &mut output);
                    black_box(&output);
                }
            });
        }
    });
    begun.elapsed().as_secs_f64()
}

/// The first subject is the one that the others are held against.
pub fn print_table(district: &District, subjects: &[Subject<'_>], times: &[f64]) {
    let each = |time: f64| time * 1e6 / district.students as f64;
    println!("\n{:<38} {:>12} {:>16}", "median, one thread", "µs/student", "Sifter takes");
    for (at, (subject, time)) in subjects.iter().zip(times).enumerate() {
        print!("{:<38} {:>12.2}", subject.what, each(*time));
        if at > 0 {
            print!(" {:>10.2} times", times[0] / time);
        }
        println!();
    }
}

/// The middle one.
pub fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    let middle = times.len() / 2;
    match times.len() % 2 {
        0 if middle > 0 => f64::midpoint(times[middle - 1], times[middle]),
        _ => times.get(middle).copied().unwrap_or_default(),
    }
}

/// The processor time of this thread in seconds: what else the machine does does not count.
pub fn thread_time() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}
