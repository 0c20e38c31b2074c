//! The binary: wipes what it frees, leaves no core behind, and does what the command line says.

use std::process::ExitCode;

use tikv_jemallocator::Jemalloc;
use zeroizing_alloc::ZeroAlloc;

/// Wipes every piece of memory as it is freed, so that no library's buffer keeps a password after its use.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<Jemalloc> = ZeroAlloc(Jemalloc);

fn main() -> ExitCode {
    letterpost::cli::main()
}
