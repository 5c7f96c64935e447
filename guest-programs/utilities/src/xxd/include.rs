//! The dump as an array of C.

use std::io::Read;

use super::Settings;
use super::dump::{digits, push_octet, read};
use crate::output::Output;
use crate::program::{Outcome, Program};

/// Octets of a line.
const COLUMNS: usize = 12;

/// Writes the array; its name is that of the file, and standard input has none.
pub(super) fn run(
    program: &Program,
    settings: &Settings,
    mut source: Box<dyn Read>,
    path: &[u8],
    mut out: Output,
) -> Outcome {
    let name = match &settings.name {
        Some(name) => Some(identifier(name.as_bytes(), settings.capitalize)),
        None if path == b"-" => None,
        None => Some(identifier(path, settings.capitalize)),
    };
    if let Some(name) = &name {
        out.text(&format!("unsigned char {name}[] = {{\n"));
    }
    let columns = settings.columns.filter(|columns| *columns > 0).unwrap_or(COLUMNS);
    let mut octets = vec![0; columns];
    let mut total = 0;
    loop {
        let length = read(program, source.as_mut(), &mut octets)?;
        let mut line = Vec::with_capacity(6 * length);
        for (at, octet) in octets.iter().take(length).enumerate() {
            let before: &[u8] = match (at, total) {
                (0, 0) => b"  ",
                (0, _) => b",\n  ",
                _ => b", ",
            };
            line.extend_from_slice(before);
            line.extend_from_slice(if settings.upper { b"0X" } else { b"0x" });
            push_octet(&mut line, *octet, digits(settings));
        }
        out.put(&line);
        total += length;
        if length < columns || out.has_failed() {
            break;
        }
    }
    if total > 0 {
        out.text("\n");
    }
    if let Some(name) = &name {
        let suffix = if settings.capitalize { "_LEN" } else { "_len" };
        out.text(&format!("}};\nunsigned int {name}{suffix} = {total};\n"));
    }
    Ok(out.finish(program, 0))
}

/// A path as a name of C.
fn identifier(path: &[u8], capitalize: bool) -> String {
    let mut name = String::new();
    if path.first().is_some_and(u8::is_ascii_digit) {
        name.push_str("__");
    }
    for byte in path {
        let shown = if byte.is_ascii_alphanumeric() { char::from(*byte) } else { '_' };
        name.push(if capitalize { shown.to_ascii_uppercase() } else { shown });
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_identifiers() {
        assert_eq!(identifier(b"dir/a-b.c", false), "dir_a_b_c");
        assert_eq!(identifier(b"1x", true), "__1X");
    }
}
