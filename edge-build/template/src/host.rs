//! Runs networks on this machine.

mod infer;
mod models;

mod platform {
    //! Files and clock of the operating system.

    use std::ffi::CStr;
    use std::io::{Read, Write};

    pub struct File(std::fs::File);

    impl File {
        pub fn open(name: &CStr) -> Option<Self> {
            std::fs::File::open(name.to_str().ok()?).ok().map(Self)
        }

        pub fn create(name: &CStr) -> Option<Self> {
            std::fs::File::create(name.to_str().ok()?).ok().map(Self)
        }

        pub fn read(&mut self, bytes: &mut [u8]) -> bool {
            self.0.read_exact(bytes).is_ok()
        }

        pub fn write(&mut self, bytes: &[u8]) -> Option<()> {
            self.0.write_all(bytes).ok()
        }
    }

    pub struct Usage {
        /// Nanoseconds.
        pub time: u64,
        /// Not measured.
        pub stack: u32,
    }

    #[inline(never)]
    pub fn measure<T>(on: &mut T, run: fn(&mut T)) -> Usage {
        let start = std::time::Instant::now();
        run(std::hint::black_box(on));
        Usage {
            time: start.elapsed().as_nanos() as u64,
            stack: 0,
        }
    }
}

fn main() -> std::process::ExitCode {
    match models::run() {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(infer::Failure) => {
            eprintln!("cannot read or write the files of a network");
            std::process::ExitCode::FAILURE
        }
    }
}
