//! Changes of file modes, symbolic and octal.
//!
//! The rules are those of POSIX `chmod` with GNU's additions. Nothing here asks the system; the umask is an argument.

const ALL: u32 = 0o7777;
const SET_IDS: u32 = 0o6000;

#[derive(Clone, Copy, Debug)]
enum Value {
    /// These bits.
    Bits(u32),
    /// These bits, and `x` where anybody has it or for a directory.
    SearchToo(u32),
    /// The permissions that the class of these bits has now.
    CopyOf(u32),
}

#[derive(Clone, Copy, Debug)]
struct Change {
    operator: u8,
    affected: u32,
    value: Value,
    mentioned: u32,
}

/// A parsed mode: changes that are made one after the other (POSIX, `chmod`, with GNU's additions).
#[derive(Clone, Debug)]
pub struct ModeChanges(Vec<Change>);

impl ModeChanges {
    /// Parses `u=rwx,g+s`, `+X`, `755` and the like. `None`: it is no mode.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.starts_with(|first: char| first.is_digit(8)) {
            let bits = octal(text)?;
            // Up to four digits leave the set-id bits of a directory alone, unless they name them.
            let mentioned = if text.len() < 5 { (bits & SET_IDS) | 0o1777 } else { ALL };
            return Some(Self(vec![Change { operator: b'=', affected: ALL, value: Value::Bits(bits), mentioned }]));
        }
        let mut changes = Vec::new();
        for clause in text.split(',') {
            parse_clause(clause.as_bytes(), &mut changes)?;
        }
        Some(Self(changes))
    }

    /// The change to exactly these bits.
    #[must_use]
    pub fn exactly(bits: u32) -> Self {
        Self(vec![Change { operator: b'=', affected: ALL, value: Value::Bits(bits & ALL), mentioned: ALL }])
    }

    /// Applies the changes to the permission bits of a file.
    #[must_use]
    pub fn apply(&self, mode: u32, is_directory: bool, umask: u32) -> u32 {
        self.apply_to(mode, is_directory, umask).0
    }

    /// The mode of a new directory: bits that the changes say nothing of are those of any new directory.
    #[must_use]
    pub fn of_new_directory(&self, umask: u32) -> u32 {
        let (mode, said) = self.apply_to(0o777, true, umask);
        mode & (said | !umask)
    }

    /// Answers the mode and the bits that the changes decided.
    fn apply_to(&self, mode: u32, is_directory: bool, umask: u32) -> (u32, u32) {
        let mut mode = mode & ALL;
        let mut said = 0;
        for change in &self.0 {
            let kept = if is_directory { SET_IDS & !change.mentioned } else { 0 };
            let value = match change.value {
                Value::Bits(bits) => bits,
                Value::SearchToo(bits) => bits | if is_directory || mode & 0o111 != 0 { 0o111 } else { 0 },
                Value::CopyOf(class) => {
                    let own = mode & class;
                    [0o444, 0o222, 0o111].into_iter().filter(|kind| own & kind != 0).fold(0, |sum, kind| sum | kind)
                }
            };
            let reach = if change.affected == 0 { !umask } else { change.affected };
            let value = value & reach & !kept;
            let preserved = if change.affected == 0 { 0 } else { !change.affected } | kept;
            said |= if change.operator == b'=' { ALL & !preserved } else { value };
            mode = match change.operator {
                b'+' => mode | value,
                b'-' => mode & !value,
                _ => (mode & preserved) | value,
            } & ALL;
        }
        (mode, said)
    }
}

/// Parses octal digits of at most 0o7777.
fn octal(text: &str) -> Option<u32> {
    u32::from_str_radix(text, 8).ok().filter(|bits| *bits <= ALL && !text.starts_with('+'))
}

fn parse_clause(mut rest: &[u8], changes: &mut Vec<Change>) -> Option<()> {
    let mut affected = 0;
    while let [who, tail @ ..] = rest {
        affected |= match who {
            b'u' => 0o4700,
            b'g' => 0o2070,
            b'o' => 0o1007,
            b'a' => ALL,
            _ => break,
        };
        rest = tail;
    }
    if rest.is_empty() {
        return None;
    }
    while let [operator @ (b'=' | b'+' | b'-'), tail @ ..] = rest {
        let (change, tail) = parse_change(*operator, affected, tail)?;
        changes.push(change);
        rest = tail;
    }
    rest.is_empty().then_some(())
}

fn parse_change(operator: u8, affected: u32, rest: &[u8]) -> Option<(Change, &[u8])> {
    let change = |value, mentioned| Change { operator, affected, value, mentioned };
    match rest {
        [b'0'..=b'7', ..] => {
            let bits = octal(std::str::from_utf8(rest).ok()?)?;
            let all = Change { operator, affected: ALL, value: Value::Bits(bits), mentioned: ALL };
            (affected == 0).then_some((all, &rest[rest.len()..]))
        }
        [class @ (b'u' | b'g' | b'o'), tail @ ..] => {
            let class = match class {
                b'u' => 0o700,
                b'g' => 0o070,
                _ => 0o007,
            };
            let mentioned = if affected == 0 { class } else { affected & class };
            Some((change(Value::CopyOf(class), mentioned), tail))
        }
        _ => {
            let (mut bits, mut search, mut rest) = (0, false, rest);
            while let [letter, tail @ ..] = rest {
                match letter {
                    b'r' => bits |= 0o444,
                    b'w' => bits |= 0o222,
                    b'x' => bits |= 0o111,
                    b'X' => search = true,
                    b's' => bits |= SET_IDS,
                    b't' => bits |= 0o1000,
                    _ => break,
                }
                rest = tail;
            }
            let mentioned = if affected == 0 { bits } else { affected & bits };
            let value = if search { Value::SearchToo(bits) } else { Value::Bits(bits) };
            Some((change(value, mentioned), rest))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, mode: u32, is_directory: bool, expected: u32) {
        let changes = ModeChanges::parse(text).expect("a mode");
        assert_eq!(changes.apply(mode, is_directory, 0o022), expected, "{text} of {mode:o}");
    }

    #[test]
    fn clauses_change_the_classes_they_name() {
        check("u+x", 0o644, false, 0o744);
        check("go=", 0o755, false, 0o700);
        check("+w", 0o444, false, 0o644);
        check("a+w", 0o444, false, 0o666);
        check("g=u,o=g", 0o640, false, 0o666);
        check("u-w+s", 0o755, false, 0o4555);
    }

    #[test]
    fn capital_x_searches_directories_and_programs() {
        check("a+X", 0o600, false, 0o600);
        check("a+X", 0o700, false, 0o711);
        check("a+X", 0o600, true, 0o711);
    }

    #[test]
    fn set_id_bits_of_directories_stay_unless_named() {
        check("755", 0o2755, true, 0o2755);
        check("00755", 0o2755, true, 0o755);
        check("755", 0o2755, false, 0o755);
        check("g-s", 0o2755, true, 0o755);
    }

    #[test]
    fn what_is_no_mode_is_refused() {
        for text in ["", "8", "u", "u+q", "77777", "u+r,", "ug=rwy", "u+111"] {
            assert!(ModeChanges::parse(text).is_none(), "{text}");
        }
    }
}
