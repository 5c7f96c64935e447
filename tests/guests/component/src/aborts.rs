//! Does what WebAssembly does not allow.

pub(crate) fn main() {
    std::process::abort();
}
