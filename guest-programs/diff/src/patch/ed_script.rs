//! Scripts for `ed` as `diff -e` and `diff3 -e` write them. Only what those write is understood: nothing is executed.

/// A script: commands in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Script {
    commands: Vec<Command>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Command {
    /// First and last line, counted from 1; none for the current one.
    lines: Option<(usize, usize)>,
    edit: Edit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verb {
    Append,
    Change,
    Delete,
    Insert,
    /// `s/.//` or `s/^\.//`: the period that protected a line goes.
    Unprotect,
    /// `w` and `q`, which say what is done anyway.
    Finish,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Edit {
    verb: Verb,
    /// Lines to insert, with their newlines.
    text: Vec<Vec<u8>>,
}

/// Tells that a line is a command with an address, with which a script begins.
pub(crate) fn begins(line: &[u8]) -> bool {
    read(line).is_some_and(|(lines, verb)| lines.is_some() && verb != Verb::Finish)
}

/// Reads a script; answers how many lines it has.
///
/// # Errors
///
/// Text to insert that does not end.
pub(crate) fn parse<'a>(lines: impl Iterator<Item = &'a [u8]>) -> Result<(Script, usize), String> {
    let mut script = Script::default();
    let mut count = 0;
    let mut lines = lines.peekable();
    while let Some((addresses, verb)) = lines.peek().and_then(|line| read(line)) {
        lines.next();
        count += 1;
        let mut text = Vec::new();
        if matches!(verb, Verb::Append | Verb::Change | Verb::Insert) {
            loop {
                let line = lines.next().ok_or("unexpected end of file in patch")?;
                count += 1;
                if line == b".\n" || line == b"." {
                    break;
                }
                text.push(line.to_vec());
            }
        }
        script.commands.push(Command { lines: addresses, edit: Edit { verb, text } });
    }
    Ok((script, count))
}

/// Addresses and verb of a command line.
fn read(line: &[u8]) -> Option<(Option<(usize, usize)>, Verb)> {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let split = line.iter().position(|byte| !byte.is_ascii_digit() && *byte != b',')?;
    let (addresses, command) = line.split_at(split);
    let verb = match command {
        b"a" => Verb::Append,
        b"c" => Verb::Change,
        b"d" => Verb::Delete,
        b"i" => Verb::Insert,
        b"s/.//" | br"s/^\.//" => Verb::Unprotect,
        b"w" | b"q" => Verb::Finish,
        _ => return None,
    };
    let number = |text: &str| text.parse::<usize>().ok();
    let addresses = std::str::from_utf8(addresses).ok()?;
    let lines = match addresses.split_once(',') {
        _ if addresses.is_empty() => None,
        None => Some((number(addresses)?, number(addresses)?)),
        Some((first, last)) => Some((number(first)?, number(last)?)),
    };
    Some((lines, verb))
}

impl Script {
    /// Changes a text; none when it has not the lines of a command.
    pub(crate) fn apply(&self, mut lines: Vec<Vec<u8>>) -> Option<Vec<u8>> {
        let mut current = lines.len();
        for command in &self.commands {
            let (first, last) = command.lines.unwrap_or((current, current));
            let Edit { verb, text } = &command.edit;
            if *verb == Verb::Finish {
                continue;
            }
            // Only text can stand before the first line.
            let least = usize::from(!matches!(verb, Verb::Append | Verb::Insert));
            if first < least || last < first || last > lines.len() {
                return None;
            }
            let replaced = match verb {
                Verb::Append => last..last,
                Verb::Insert => last.saturating_sub(1)..last.saturating_sub(1),
                _ => first - 1..last,
            };
            current = match verb {
                Verb::Unprotect => {
                    for line in lines.get_mut(replaced)?.iter_mut().filter(|line| line.starts_with(b".")) {
                        line.remove(0);
                    }
                    last
                }
                _ => {
                    let end = replaced.start + text.len();
                    lines.splice(replaced, text.iter().cloned());
                    if text.is_empty() { end.saturating_add(1).min(lines.len()) } else { end }
                }
            };
        }
        Some(lines.concat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<Vec<u8>> {
        text.split_inclusive('\n').map(|line| line.as_bytes().to_vec()).collect()
    }

    fn check(script: &str, before: &str, after: Option<&str>) {
        let script_lines = lines(script);
        let (script, count) = parse(script_lines.iter().map(Vec::as_slice)).expect("a script");
        assert_eq!(count, script_lines.len());
        assert_eq!(script.apply(lines(before)), after.map(|after| after.as_bytes().to_vec()));
    }

    #[test]
    fn commands_change_lines() {
        check("3a\nx\n.\n2d\n", "1\n2\n3\n", Some("1\n3\nx\n"));
        check("1,2c\nx\ny\nz\n.\nw\nq\n", "1\n2\n3\n", Some("x\ny\nz\n3\n"));
        check("0a\nx\n.\n", "", Some("x\n"));
        check("2i\nx\n.\n", "1\n2\n", Some("1\nx\n2\n"));
    }

    #[test]
    fn protected_periods_come_out_alone() {
        check("1c\n..\n.\ns/.//\na\nx\n.\n", "1\n2\n", Some(".\nx\n2\n"));
        check("1a\n..\n.a\n.\n2,3s/^\\.//\n", "1\n", Some("1\n.\na\n"));
    }

    #[test]
    fn lines_that_are_not_there_are_refused() {
        check("4d\n", "1\n2\n3\n", None);
        check("3,2d\n", "1\n2\n3\n", None);
        check("0d\n", "1\n", None);
        assert!(parse([&b"1a\n"[..], b"x\n"].into_iter()).is_err());
    }

    #[test]
    fn a_script_begins_with_an_address() {
        assert!(begins(b"1,2d\n") && begins(b"10a\n"));
        assert!(!begins(b"a\n") && !begins(b"1a2\n") && !begins(b"1w\n") && !begins(b"12\n"));
    }
}
