//! The shell's parser: any text is read to its end without a panic, within a bound on time, and what was read prints
//! and travels.
#![no_main]

use guest_shell::parse::{self, ParseOpts, Source};
use guest_shell::tree::print;

/// The most commands of one input: each takes a byte at least.
const COMMANDS_MAX: usize = 1 << 16;

libfuzzer_sys::fuzz_target!(|text: &[u8]| {
    let opts = ParseOpts { extglob: text.len() % 2 == 0, ..ParseOpts::default() };
    let aliases = Default::default();
    let mut source = Source::new(text, 1);
    for _ in 0..COMMANDS_MAX {
        match parse::next(&mut source, &aliases, opts) {
            Ok(Some(tree)) => {
                let mut shown = Vec::new();
                print::list(&mut shown, &tree.list);
            }
            Ok(None) | Err(_) => return,
        }
    }
    panic!("more commands than bytes");
});
