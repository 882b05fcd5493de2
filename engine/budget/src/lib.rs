//! Counts the memory that each thread holds, so that a rule can be stopped when it takes too much; and gives back what was freed.
//!
//! This is the one crate of the project that may contain `unsafe` code: a global allocator cannot be written without it.
//! Every call is passed on to the system's allocator unchanged; all that is added is one thread-local addition.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    static HELD: Cell<isize> = const { Cell::new(0) };
}

/// The system's allocator, counting for each thread the bytes that it has allocated and not freed.
pub struct CountingAllocator;

/// Bytes that this thread has allocated less those that it has freed, since the thread began.
///
/// Negative when the thread frees what others allocated. Always 0 where [`CountingAllocator`] is not installed.
///
/// ```
/// let before = budget::held_by_this_thread();
/// let block = vec![0_u8; 1000];
/// // Without the allocator installed (as in this example) nothing is counted.
/// assert!(budget::held_by_this_thread() >= before);
/// drop(block);
/// ```
#[must_use]
pub fn held_by_this_thread() -> isize {
    HELD.try_with(Cell::get).unwrap_or(0)
}

/// Gives memory that was freed back to the system, where the allocator would keep it for the threads that freed it. For the end of a
/// phase that needed much, before other threads begin one: it takes some milliseconds.
///
/// ```
/// drop(vec![7_u8; 1 << 20]);
/// budget::give_back();
/// ```
pub fn give_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: it may be called at any time, from any thread; it only looks at what is free.
    let _whether_any = unsafe { libc::malloc_trim(0) };
}

fn add(bytes: isize) {
    // A thread that is ending has no counter any more; what it frees then is of no interest.
    let _ = HELD.try_with(|held| held.set(held.get().wrapping_add(bytes)));
}

fn signed(size: usize) -> isize {
    isize::try_from(size).unwrap_or(isize::MAX)
}

// SAFETY: every method passes its arguments on to `System` unchanged and returns what `System` returned.
unsafe impl GlobalAlloc for CountingAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        add(signed(layout.size()));
        // SAFETY: the caller keeps the contract of `GlobalAlloc::alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        add(-signed(layout.size()));
        // SAFETY: the caller keeps the contract of `GlobalAlloc::dealloc`.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        add(signed(layout.size()));
        // SAFETY: the caller keeps the contract of `GlobalAlloc::alloc_zeroed`.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        add(signed(new_size) - signed(layout.size()));
        // SAFETY: the caller keeps the contract of `GlobalAlloc::realloc`.
        unsafe { System.realloc(pointer, layout, new_size) }
    }
}
