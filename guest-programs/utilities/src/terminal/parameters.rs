//! Parameters in a capability: the stack language of terminfo(5).

/// Deepest the stack gets; capabilities use a handful.
const STACK_MAX: usize = 64;

/// Fills parameters into a string.
pub(crate) fn expand(text: &str, parameters: &[i64]) -> String {
    let mut parameters: Vec<i64> = parameters.to_vec();
    parameters.resize(9.max(parameters.len()), 0);
    let characters: Vec<char> = text.chars().collect();
    let mut machine = Machine { text: &characters, at: 0, stack: Vec::new(), parameters, out: String::new() };
    while let Some(character) = machine.take() {
        if character == '%' {
            machine.operator();
        } else {
            machine.out.push(character);
        }
    }
    machine.out
}

struct Machine<'a> {
    text: &'a [char],
    at: usize,
    stack: Vec<i64>,
    parameters: Vec<i64>,
    out: String,
}

impl Machine<'_> {
    fn take(&mut self) -> Option<char> {
        let character = self.text.get(self.at).copied();
        self.at += 1;
        character
    }

    fn pop(&mut self) -> i64 {
        self.stack.pop().unwrap_or(0)
    }

    fn push(&mut self, value: i64) {
        if self.stack.len() < STACK_MAX {
            self.stack.push(value);
        }
    }

    fn operator(&mut self) {
        let Some(letter) = self.take() else { return };
        match letter {
            '%' => self.out.push('%'),
            'i' => self.parameters.iter_mut().take(2).for_each(|value| *value = value.saturating_add(1)),
            'p' => {
                let index = self.take().and_then(|digit| digit.to_digit(10)).unwrap_or(0);
                let value = usize::try_from(index).ok().and_then(|index| self.parameters.get(index.wrapping_sub(1)));
                self.push(value.copied().unwrap_or(0));
            }
            '{' => {
                let mut value: i64 = 0;
                while let Some(digit) = self.take().and_then(|digit| digit.to_digit(10)) {
                    value = value.saturating_mul(10).saturating_add(digit.into());
                }
                self.push(value);
            }
            '\'' => {
                let value = self.take().map_or(0, |character| i64::from(u32::from(character)));
                self.at += 1;
                self.push(value);
            }
            'c' => {
                let value = u32::try_from(self.pop()).ok().and_then(char::from_u32);
                self.out.extend(value);
            }
            't' => {
                if self.pop() == 0 {
                    self.skip(true);
                }
            }
            'e' => self.skip(false),
            '?' | ';' => {}
            '!' => {
                let value = self.pop();
                self.push((value == 0).into());
            }
            '+' | '-' | '*' | '/' | 'm' | '&' | '|' | '^' | '=' | '<' | '>' | 'A' | 'O' => self.binary(letter),
            _ => self.print(letter),
        }
    }

    fn binary(&mut self, letter: char) {
        let (right, left) = (self.pop(), self.pop());
        self.push(match letter {
            '+' => left.saturating_add(right),
            '-' => left.saturating_sub(right),
            '*' => left.saturating_mul(right),
            '/' => left.checked_div(right).unwrap_or(0),
            'm' => left.checked_rem(right).unwrap_or(0),
            '&' => left & right,
            '|' => left | right,
            '^' => left ^ right,
            '=' => (left == right).into(),
            '<' => (left < right).into(),
            '>' => (left > right).into(),
            'A' => (left != 0 && right != 0).into(),
            _ => (left != 0 || right != 0).into(),
        });
    }

    /// Goes on behind the `%e` (if `at_else`) or `%;` of the condition it stands in.
    fn skip(&mut self, at_else: bool) {
        let mut depth = 0usize;
        while let Some(character) = self.take() {
            if character != '%' {
                continue;
            }
            match (self.take(), depth) {
                (Some('?'), _) => depth += 1,
                (Some(';'), 0) => return,
                (Some(';'), _) => depth -= 1,
                (Some('e'), 0) if at_else => return,
                _ => {}
            }
        }
    }

    /// `%d`, `%3d`, `%2.2X` and so on.
    fn print(&mut self, first: char) {
        let mut specification = String::new();
        let mut letter = first;
        while !letter.is_ascii_alphabetic() {
            specification.push(letter);
            match self.take() {
                Some(next) if specification.len() < 16 => letter = next,
                _ => return,
            }
        }
        let value = self.pop();
        let text = match letter {
            'x' => format!("{value:x}"),
            'X' => format!("{value:X}"),
            'o' => format!("{value:o}"),
            _ => value.to_string(),
        };
        let is_zero = specification.trim_start_matches(':').starts_with('0');
        let (width, digits) = specification.split_once('.').unwrap_or((&specification, ""));
        let width = width.trim_start_matches(|other: char| !other.is_ascii_digit()).parse().unwrap_or(0usize);
        let digits = digits.parse().unwrap_or(if is_zero { width } else { 0 });
        let text = format!("{}{text}", "0".repeat(digits.min(STACK_MAX).saturating_sub(text.len())));
        let width = width.min(STACK_MAX);
        self.out.push_str(&format!("{text:>width$}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_filled_in() {
        assert_eq!(expand("\x1b[%i%p1%d;%p2%dH", &[3, 4]), "\x1b[4;5H");
        let color = "%?%p1%{8}%<%t3%p1%d%e%p1%{16}%<%t9%p1%{8}%-%d%e38;5;%p1%d%;m";
        assert_eq!(expand(color, &[1]), "31m");
        assert_eq!(expand(color, &[9]), "91m");
        assert_eq!(expand(color, &[200]), "38;5;200m");
        assert_eq!(expand("%p1%{255}%*%{1000}%/%2.2X", &[1000]), "FF");
        assert_eq!(expand("%", &[]), "");
    }
}
