//! Files of the host by semihosting, and what an inference costs. No dependencies: start-up, files and clock
//! of every emulated core in two files.

mod machine;

use core::ffi::CStr;
use core::ptr;
use machine::semihost;

/// Semihosting calls.
const OPEN: usize = 0x01;
const WRITE: usize = 0x05;
const READ: usize = 0x06;
const EXIT_EXTENDED: usize = 0x20;

/// Modes of `OPEN`: `rb` and `wb`.
const READ_BINARY: usize = 1;
const WRITE_BINARY: usize = 5;

/// Reason of `EXIT_EXTENDED`: the program ended by itself.
const APPLICATION_EXIT: usize = 0x20026;

/// Exit codes beside 0 (done) and 1 (files).
#[cfg(not(feature = "forbid-panics"))]
const PANICKED: u32 = 101;
const FAULTED: u32 = 102;

/// A file of the host.
pub struct File(usize);

impl File {
    #[unsafe(link_section = ".boot.open")]
    pub fn open(name: &CStr) -> Option<Self> {
        Self::with(name, READ_BINARY)
    }

    #[unsafe(link_section = ".boot.create")]
    pub fn create(name: &CStr) -> Option<Self> {
        Self::with(name, WRITE_BINARY)
    }

    #[unsafe(link_section = ".boot.with")]
    fn with(name: &CStr, mode: usize) -> Option<Self> {
        let length = name.to_bytes().len();
        // SAFETY: OPEN asks for a name that ends in a zero, a mode and the length of the name; they outlive the call.
        let handle = unsafe { semihost(OPEN, &[name.as_ptr() as usize, mode, length]) };
        (handle != usize::MAX).then_some(Self(handle))
    }

    /// Fills the bytes; false at the end of the file.
    #[unsafe(link_section = ".boot.read")]
    pub fn read(&mut self, bytes: &mut [u8]) -> bool {
        // The call yields the number of bytes that are missing.
        // SAFETY: READ asks for a handle, memory to write and its length; the memory is borrowed for the call.
        0 == unsafe { semihost(READ, &[self.0, bytes.as_mut_ptr() as usize, bytes.len()]) }
    }

    #[unsafe(link_section = ".boot.write")]
    pub fn write(&mut self, bytes: &[u8]) -> Option<()> {
        // SAFETY: WRITE asks for a handle, memory to read and its length; the memory is borrowed for the call.
        let missing = unsafe { semihost(WRITE, &[self.0, bytes.as_ptr() as usize, bytes.len()]) };
        (missing == 0).then_some(())
    }
}

#[unsafe(link_section = ".boot.exit")]
pub fn exit(code: u32) -> ! {
    // SAFETY: EXIT_EXTENDED asks for a reason and a code.
    unsafe { semihost(EXIT_EXTENDED, &[APPLICATION_EXIT, code as usize]) };
    loop {}
}

/// What a panic leads to.
#[cfg(not(feature = "forbid-panics"))]
#[unsafe(link_section = ".boot.panicked")]
pub fn panicked() -> ! {
    exit(PANICKED)
}

/// A function that exists nowhere: the firmware links only if no panic can be reached.
#[cfg(feature = "forbid-panics")]
pub fn panicked() -> ! {
    unsafe extern "C" {
        safe fn a_panic_can_be_reached() -> !;
    }
    a_panic_can_be_reached()
}

#[unsafe(link_section = ".boot.fault")]
extern "C" fn fault() -> ! {
    exit(FAULTED)
}

/// What one inference costs.
pub struct Usage {
    /// Ticks of the counter.
    pub time: u64,
    /// Bytes of stack.
    pub stack: u32,
}

/// What the stack holds before an inference, from its end to the stack pointer.
const PAINT: u32 = 0x5afe_57ac;

/// Runs a function and measures it.
#[inline(never)]
#[unsafe(link_section = ".boot.measure")]
pub fn measure<T>(on: &mut T, run: fn(&mut T)) -> Usage {
    unsafe extern "C" {
        static mut __stack_limit: u32;
    }
    let (limit, top) = (&raw mut __stack_limit, machine::stack_pointer());
    let mut at = limit;
    while at < top {
        // SAFETY: the linker script keeps the memory from the limit of the stack to its pointer free of anything else.
        unsafe { ptr::write_volatile(at, PAINT) };
        at = at.wrapping_add(1);
    }
    machine::start_counter();
    edge_core::rt::region_begin();
    run(on);
    edge_core::rt::region_end();
    let time = machine::read_counter();
    let mut deepest = limit;
    // SAFETY: as above; `run` has returned, so nothing below the pointer is in use.
    while deepest < top && unsafe { ptr::read_volatile(deepest) } == PAINT {
        deepest = deepest.wrapping_add(1);
    }
    Usage {
        time,
        stack: (top as usize - deepest as usize) as u32,
    }
}
