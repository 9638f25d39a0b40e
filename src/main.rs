//! The program. Everything is in the library, so that tests use the same code.

use std::process::ExitCode;

/// What one thread allocates another frees: a request is read at the door and written by the writer, which costs the
/// system's allocator a sixth of an accepted prescription.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    rxgate::cli::run()
}
