//! How much memory a script holds: a count of bytes for each thread, kept by the program's allocator.
//!
//! Rhai's own limits bound single values and not their sum, so the sum is measured where memory comes from. The count costs an
//! addition for each allocation of the program.

#![allow(unsafe_code)] // An allocator is an unsafe trait by its nature; this one hands every call to the system's.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    /// What this thread allocated less what it gave back. It has no destructor, so that it can be used as long as the thread runs.
    static HELD: Cell<i64> = const { Cell::new(0) };
}

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn count(bytes: usize, sign: i64) {
    // An allocation takes more than was asked for: a script of a million small values holds twice their sizes.
    let taken = bytes.saturating_add(8).next_multiple_of(16).max(32);
    // No allocation comes near 2^63 bytes.
    HELD.set(HELD.get().wrapping_add(sign * i64::try_from(taken).unwrap_or(0)));
}

// SAFETY: every method passes its arguments on to `System`, whose contract is the same, and answers what that answers. Counting touches
// a thread-local number alone: it neither allocates nor panics.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 1);
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 1);
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(layout.size(), -1);
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        count(layout.size(), -1);
        count(new_size, 1);
        unsafe { System.realloc(pointer, layout, new_size) }
    }
}

/// What this thread holds, in bytes; only differences mean something.
pub(super) fn held() -> i64 {
    HELD.get()
}

/// Does `work` without its allocations counting: what an operation needs for itself is not the script's.
pub(super) fn apart<T>(work: impl FnOnce() -> T) -> T {
    let before = held();
    let done = work();
    HELD.set(before);
    done
}

/// Hands a value that was made apart over to the script, whose copy counts.
pub(super) fn hand_over<T: Clone>(made: T) -> T {
    let copy = made.clone();
    apart(|| drop(made));
    copy
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_is_counted_and_what_is_given_back_is_not() {
        let before = held();
        let text = vec![1_u8; 1_000_000];
        assert!((1_000_000..1_010_000).contains(&(held() - before)));
        drop(text);
        assert!((held() - before).abs() < 10_000);
    }

    #[test]
    fn work_apart_does_not_count_until_it_is_handed_over() {
        let before = held();
        let made = apart(|| vec![1_u8; 1_000_000]);
        assert_eq!(held(), before);
        let copy = hand_over(made);
        assert!((held() - before) >= 1_000_000);
        drop(copy);
        assert!((held() - before).abs() < 10_000);
    }
}
