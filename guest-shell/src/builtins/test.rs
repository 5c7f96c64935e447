//! `test` and `[`.
//!
//! Up to four arguments are judged by their number, as POSIX says; more go through the grammar with `-a` and `-o`.

use crate::flow::Flow;
use crate::shell::Shell;

use super::{Call, builtin, file_test, options};

builtin! {
    /// Evaluate conditional expression.
    ///
    /// Exits with a status of 0 (true) or 1 (false) depending on the evaluation of EXPR. Expressions may be unary or
    /// binary: tests of files (-e -f -d -r -w -x -s -h ...), strings (-z -n = != < >), numbers (-eq -ne -lt -le -gt
    /// -ge), options (-o) and variables (-v -R), joined by !, -a, -o and parentheses.
    TEST = "test", "test [expr]", test, emits
}
builtin! {
    /// Evaluate conditional expression.
    ///
    /// This is a synonym for the "test" builtin, but the last argument must be a literal `]', to match the opening `['.
    BRACKET = "[", "[ arg... ]", bracket, emits
}

/// How deep parentheses and negations may nest.
const DEPTH_MAX: usize = 200;

/// An error's message; the status is 2.
type Judged = Flow<Result<bool, Vec<u8>>>;

fn test(shell: &mut Shell, call: &mut Call<'_>) -> Flow<u8> {
    let args = call.args();
    evaluate(shell, call, args)
}

fn bracket(shell: &mut Shell, call: &mut Call<'_>) -> Flow<u8> {
    match call.args().split_last() {
        Some((last, args)) if last == b"]" => evaluate(shell, call, args),
        _ => {
            shell.builtin_error(call, b"missing `]'");
            Ok(2)
        }
    }
}

fn evaluate(shell: &mut Shell, call: &mut Call<'_>, args: &[Vec<u8>]) -> Flow<u8> {
    match judge(shell, args)? {
        Ok(truth) => Ok(u8::from(!truth)),
        Err(message) => {
            shell.builtin_error(call, &message);
            Ok(2)
        }
    }
}

fn judge(shell: &mut Shell, args: &[Vec<u8>]) -> Judged {
    match args {
        [] => Ok(Ok(false)),
        [one] => Ok(Ok(!one.is_empty())),
        [not, one] if not == b"!" => Ok(Ok(one.is_empty())),
        [op, operand] => unary(shell, op, operand),
        [left, op, right] => three(shell, left, op, right),
        [not, rest @ ..] if not == b"!" && rest.len() == 3 => Ok(judge(shell, rest)?.map(|truth| !truth)),
        [open, inner @ .., close] if open == b"(" && close == b")" && inner.len() == 2 => judge(shell, inner),
        _ => {
            let mut parser = Parser { args, at: 0, depth: 0 };
            let truth = parser.or(shell)?;
            Ok(truth.and_then(|truth| match args.get(parser.at) {
                None => Ok(truth),
                Some(word) if word.starts_with(b"-") => {
                    Err([b"syntax error: `".as_slice(), word, b"' unexpected"].concat())
                }
                Some(_) => Err(b"too many arguments".to_vec()),
            }))
        }
    }
}

fn three(shell: &mut Shell, left: &[u8], op: &[u8], right: &[u8]) -> Judged {
    if is_binary(op) {
        return binary(shell, left, op, right);
    }
    match op {
        b"-a" => return Ok(Ok(!left.is_empty() && !right.is_empty())),
        b"-o" => return Ok(Ok(!left.is_empty() || !right.is_empty())),
        _ => {}
    }
    if left == b"!" {
        return Ok(judge(shell, &[op.to_vec(), right.to_vec()])?.map(|truth| !truth));
    }
    if left == b"(" && right == b")" {
        return Ok(Ok(!op.is_empty()));
    }
    Ok(Err([op, b": binary operator expected"].concat()))
}

fn is_unary(op: &[u8]) -> bool {
    matches!(op, [b'-', letter] if b"abcdefghknoprstuvwxzGLNORS".contains(letter))
}

fn is_binary(op: &[u8]) -> bool {
    matches!(
        op,
        b"=" | b"=="
            | b"!="
            | b"<"
            | b">"
            | b"-eq"
            | b"-ne"
            | b"-lt"
            | b"-le"
            | b"-gt"
            | b"-ge"
            | b"-nt"
            | b"-ot"
            | b"-ef"
    )
}

fn unary(shell: &mut Shell, op: &[u8], operand: &[u8]) -> Judged {
    if !is_unary(op) {
        return Ok(Err([op, b": unary operator expected"].concat()));
    }
    let letter = op.get(1).copied().unwrap_or(0);
    shell.unary_test(letter, operand).map(Ok)
}

fn binary(shell: &mut Shell, left: &[u8], op: &[u8], right: &[u8]) -> Judged {
    let truth = match op {
        b"=" | b"==" => left == right,
        b"!=" => left != right,
        b"<" => left < right,
        b">" => left > right,
        b"-nt" => file_test::newer(shell, left, right),
        b"-ot" => file_test::newer(shell, right, left),
        b"-ef" => file_test::same_file(shell, left, right),
        _ => {
            let mut numbers = [0; 2];
            for (number, text) in numbers.iter_mut().zip([left, right]) {
                match options::number(text) {
                    Some(value) => *number = value,
                    None => return Ok(Err([text, b": integer expression expected"].concat())),
                }
            }
            let [left, right] = numbers;
            match op {
                b"-eq" => left == right,
                b"-ne" => left != right,
                b"-lt" => left < right,
                b"-le" => left <= right,
                b"-gt" => left > right,
                _ => left >= right,
            }
        }
    };
    Ok(Ok(truth))
}

/// The grammar for five arguments and more: `or`, `and`, `not`, primaries.
struct Parser<'a> {
    args: &'a [Vec<u8>],
    at: usize,
    depth: usize,
}

impl Parser<'_> {
    fn peek(&self, ahead: usize) -> Option<&[u8]> {
        self.args.get(self.at + ahead).map(Vec::as_slice)
    }

    fn or(&mut self, shell: &mut Shell) -> Judged {
        let mut truth = match self.and(shell)? {
            Ok(truth) => truth,
            error => return Ok(error),
        };
        while self.peek(0) == Some(b"-o") {
            self.at += 1;
            match self.and(shell)? {
                Ok(right) => truth |= right,
                error => return Ok(error),
            }
        }
        Ok(Ok(truth))
    }

    fn and(&mut self, shell: &mut Shell) -> Judged {
        let mut truth = match self.not(shell)? {
            Ok(truth) => truth,
            error => return Ok(error),
        };
        while self.peek(0) == Some(b"-a") {
            self.at += 1;
            match self.not(shell)? {
                Ok(right) => truth &= right,
                error => return Ok(error),
            }
        }
        Ok(Ok(truth))
    }

    fn not(&mut self, shell: &mut Shell) -> Judged {
        let mut negated = false;
        while self.peek(0) == Some(b"!") && self.at + 1 < self.args.len() {
            self.at += 1;
            negated = !negated;
        }
        Ok(self.primary(shell)?.map(|truth| truth != negated))
    }

    fn primary(&mut self, shell: &mut Shell) -> Judged {
        let Some(first) = self.peek(0).map(<[u8]>::to_vec) else { return Ok(Err(b"argument expected".to_vec())) };
        if self.peek(1).is_some_and(is_binary)
            && let (Some(op), Some(right)) = (self.peek(1).map(<[u8]>::to_vec), self.peek(2).map(<[u8]>::to_vec))
        {
            self.at += 3;
            return binary(shell, &first, &op, &right);
        }
        if first == b"(" {
            self.depth += 1;
            if self.depth > DEPTH_MAX {
                return Ok(Err(b"too many nested parentheses".to_vec()));
            }
            self.at += 1;
            let truth = self.or(shell)?;
            self.depth -= 1;
            if self.peek(0) != Some(b")") {
                let found = self.peek(0).map_or(Vec::new(), |found| [b", found ", found].concat());
                return Ok(truth.and(Err([b"`)' expected".as_slice(), &found].concat())));
            }
            self.at += 1;
            return Ok(truth);
        }
        if is_unary(&first)
            && let Some(operand) = self.peek(1).map(<[u8]>::to_vec)
        {
            self.at += 2;
            return unary(shell, &first, &operand);
        }
        self.at += 1;
        Ok(Ok(!first.is_empty()))
    }
}
