//! Copies standard input to standard output and says on standard error how much it was.

use std::io::{self, Write};

pub(crate) fn main() {
    let n = io::copy(&mut io::stdin().lock(), &mut io::stdout().lock()).expect("both stay open");
    io::stdout().flush().expect("there is room");
    eprintln!("{n} bytes");
}
