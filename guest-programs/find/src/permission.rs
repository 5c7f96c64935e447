//! `-perm`: a mode, octal or symbolic, and how the bits of a file are compared with it.

/// How many of the bits a file must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Match {
    Exactly,
    All,
    Any,
}

/// The test of `-perm`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Permission {
    how: Match,
    /// The bits for files and for directories, which an `X` tells apart.
    bits: [u32; 2],
}

impl Permission {
    /// Reads `MODE`, `-MODE` or `/MODE`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (how, mode) = match text.as_bytes().first()? {
            b'-' => (Match::All, &text[1..]),
            b'/' => (Match::Any, &text[1..]),
            _ => (Match::Exactly, text),
        };
        Some(Self { how, bits: [bits(mode, false)?, bits(mode, true)?] })
    }

    /// Whether it asks for any of no bits, which every file once failed and now meets.
    pub(crate) fn is_vacuous(self) -> bool {
        self.how == Match::Any && self.bits == [0, 0]
    }

    pub(crate) fn holds(self, permissions: u32, is_directory: bool) -> bool {
        let wanted = self.bits[usize::from(is_directory)];
        match self.how {
            Match::Exactly => permissions == wanted,
            Match::All => permissions & wanted == wanted,
            // No bits at all are had by every file.
            Match::Any => wanted == 0 || permissions & wanted != 0,
        }
    }
}

/// Reads an octal mode, or a symbolic one applied to no bits (POSIX, chmod).
fn bits(text: &str, is_directory: bool) -> Option<u32> {
    if text.is_empty() {
        return None;
    }
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return u32::from_str_radix(text, 8).ok().filter(|mode| *mode <= 0o7777);
    }
    text.split(',').try_fold(0, |mode, clause| apply(mode, clause, is_directory))
}

const ALL_CLASSES: u32 = 0o7777;

/// Applies one clause: who, and operators with what.
fn apply(mut mode: u32, clause: &str, is_directory: bool) -> Option<u32> {
    let letters = clause.find(['+', '-', '='])?;
    let (who, mut actions) = clause.split_at(letters);
    let mut classes = if who.is_empty() { ALL_CLASSES } else { 0 };
    for class in who.chars() {
        classes |= match class {
            'u' => 0o4700,
            'g' => 0o2070,
            'o' => 0o1007,
            'a' => ALL_CLASSES,
            _ => return None,
        };
    }
    while let Some(operator) = actions.chars().next() {
        let rest = &actions[1..];
        let end = rest.find(['+', '-', '=']).unwrap_or(rest.len());
        let what = permissions(&rest[..end], mode, is_directory)? & classes;
        match operator {
            '+' => mode |= what,
            '-' => mode &= !what,
            '=' => mode = (mode & !classes) | what,
            _ => return None,
        }
        actions = &rest[end..];
    }
    Some(mode)
}

/// Reads letters as bits of every class; `u`, `g` or `o` alone copies that class's.
fn permissions(letters: &str, mode: u32, is_directory: bool) -> Option<u32> {
    match letters {
        "u" => return Some((mode >> 6 & 7) * 0o111),
        "g" => return Some((mode >> 3 & 7) * 0o111),
        "o" => return Some((mode & 7) * 0o111),
        _ => {}
    }
    letters.chars().try_fold(0, |bits, letter| {
        Some(
            bits | match letter {
                'r' => 0o444,
                'w' => 0o222,
                'x' => 0o111,
                'X' if is_directory || mode & 0o111 != 0 => 0o111,
                'X' => 0,
                's' => 0o6000,
                't' => 0o1000,
                _ => return None,
            },
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_are_octal_or_symbolic() {
        let check = |text: &str, mode: u32, expected: bool| {
            assert_eq!(Permission::parse(text).expect(text).holds(mode, false), expected, "{text} {mode:o}");
        };
        check("644", 0o644, true);
        check("644", 0o645, false);
        check("-600", 0o644, true);
        check("/022", 0o644, false);
        check("/0", 0o644, true);
        check("u=rw,go=r", 0o644, true);
        check("-u+r,g+w", 0o664, true);
        check("-u+r,g+w", 0o644, false);
        check("/u=x", 0o711, true);
        check("a=r,u+w", 0o644, true);
        check("g=u", 0, true);
        check("-u=s", 0o4755, true);
        check("/o=t", 0o1777, true);
        check("+x", 0o111, true);
        for text in ["", "-", "zz", "888", "u+z", "77777"] {
            assert_eq!(Permission::parse(text), None, "{text}");
        }
    }
}
