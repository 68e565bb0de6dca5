//! An allocator that knows the greatest number of bytes in use, and refuses what is out of all proportion.
#![allow(unsafe_code, reason = "an allocator")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// The system's allocator, counted.
pub(crate) struct Counting;

/// An allocation above this many bytes fails, which ends the program.
const REFUSED: usize = 2 << 30;

/// What is in use, and the most that was since the start.
pub(crate) struct Peak {
    used: AtomicUsize,
    start: AtomicUsize,
    most: AtomicUsize,
}

/// Of this program.
pub(crate) static PEAK: Peak = Peak {
    used: AtomicUsize::new(0),
    start: AtomicUsize::new(0),
    most: AtomicUsize::new(0),
};

impl Peak {
    /// Counts from what is in use now.
    pub(crate) fn start(&self) {
        let used = self.used.load(Relaxed);
        self.start.store(used, Relaxed);
        self.most.store(used, Relaxed);
    }

    /// The most that was in use beyond that.
    pub(crate) fn get(&self) -> usize {
        self.most
            .load(Relaxed)
            .saturating_sub(self.start.load(Relaxed))
    }
}

// SAFETY: what is not refused is handed to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.size() > REFUSED {
            return std::ptr::null_mut();
        }
        let used = PEAK.used.fetch_add(layout.size(), Relaxed) + layout.size();
        PEAK.most.fetch_max(used, Relaxed);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        PEAK.used.fetch_sub(layout.size(), Relaxed);
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { System.dealloc(pointer, layout) }
    }
}
