//! POSIX extended regular expressions, as `[[ text =~ regex ]]` uses them.
//!
//! Written here because the crates at hand choose alternatives as Perl does, want UTF-8, and are larger than all of
//! the shell's patterns. A match is the leftmost one, and the longest there; the machine follows all alternatives
//! at once, so its cost is the length of the text times that of the program. Back references need more than that:
//! expressions with them are tried one alternative after the other, within a limit.

mod backtrack;
mod machine;
mod parse;

use super::class::Class;

/// One instruction of the matching machine; numbers are positions in the program.
#[derive(Debug)]
enum Step {
    Char(char),
    /// In lower case: matches both cases.
    Folded(char),
    /// A byte that is no UTF-8.
    Byte(u8),
    Any,
    Class(Box<Class>),
    /// Goes on in both places, preferring the first.
    Split(usize, usize),
    Jump(usize),
    /// Remembers the position in this slot.
    Save(usize),
    Assert(Assertion),
    /// The text of a group once more.
    Back(usize),
    Match,
}

/// Conditions on a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Assertion {
    TextStart,
    TextEnd,
    WordBoundary,
    NoWordBoundary,
    WordStart,
    WordEnd,
}

/// A compiled regular expression.
#[derive(Debug)]
pub struct Regex {
    steps: Vec<Step>,
    /// Two for the match and two for every group.
    slots: usize,
    /// Holds a `Back`.
    references: bool,
    /// Case does not count.
    fold: bool,
}

/// Where a regular expression matched: the whole and each group (none when it took no part).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// Begin and end in bytes; the whole match first.
    pub groups: Vec<Option<(usize, usize)>>,
}

impl Regex {
    /// Compiles an expression; `None` when it is wrong or too large. `fold`: case does not count.
    pub fn new(text: &[u8], fold: bool) -> Option<Regex> {
        parse::compile(text, fold)
    }

    /// The leftmost-longest match in `text`.
    pub fn find(&self, text: &[u8]) -> Option<Match> {
        if self.references {
            return backtrack::find(&self.steps, self.slots, text, self.fold);
        }
        machine::find(&self.steps, self.slots, text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, regex: &str) -> String {
        let Some(regex) = Regex::new(regex.as_bytes(), false) else { return "wrong".into() };
        let Some(found) = regex.find(text.as_bytes()) else { return "none".into() };
        let show = |group: &Option<(usize, usize)>| group.map_or("", |(start, end)| &text[start..end]).to_owned();
        found.groups.iter().map(show).collect::<Vec<_>>().join(",")
    }

    #[test]
    fn matches_are_those_of_bash() {
        let table = [
            ("a{x", "a{x", "wrong"),
            ("a*", "*", "wrong"),
            (")", ")", ")"),
            ("()", "()", ","),
            ("ab", "a||b", "a"),
            ("a", "(|a)", "a,a"),
            ("a{1}", "a{1}", "a"),
            ("aaa", "a{2}", "aa"),
            ("aaa", "a{,2}", "aa"),
            ("aaa", "a{2,1}", "wrong"),
            ("aa", "a**", "aa"),
            ("abcd", "(a|ab)(c|bcd)(d*)", "abcd,a,bcd,"),
            ("abcd", "(a|ab)(bcd|c)?", "abcd,a,bcd"),
            ("foobar", "(foo|foob)(ar|bar)?", "foobar,foo,bar"),
            ("x y", "\\bx\\b", "x"),
            ("a_b", "\\w+", "a_b"),
            ("a^b", "a^b", "none"),
            ("abab", "(ab)*", "abab,ab"),
            ("xay", "[[:alpha:]]+$", "xay"),
            ("a]b", "[]]", "]"),
            ("a\\b", "[\\]", "\\"),
            ("é", "^.$", "é"),
            ("2024-01-15", "^([0-9]{4})-([0-9]{2})-([0-9]{2})$", "2024-01-15,2024,01,15"),
            ("b", "(a)|b", "b,"),
            ("aab", "(a*)(ab)*(b*)", "aab,aa,,b"),
            ("ab", "(", "wrong"),
            ("ab", "[", "wrong"),
            ("ab", "a\\", "wrong"),
            ("aaa", "(a?)(a?)(a?)(a?)", "aaa,a,a,a,"),
            ("xabcabcy", "(abc)+", "abcabc,abc"),
            ("ab", "a|*b", "wrong"),
            ("a+b", "a\\+b", "a+b"),
            ("tab", "\\t", "t"),
            ("abcde", "b(c)?(x)?d", "bcd,c,"),
            ("aaaa", "(a|aa)*", "aaaa,a"),
            ("abc", "(a(b)?)+", "ab,ab,b"),
            ("aba", "(a(b)?)+", "aba,a,b"),
            ("foo.bar", "^([^.]*)\\.(.*)$", "foo.bar,foo,bar"),
            ("a\nb", "a.b", "a\nb"),
            ("a\nb", "^b", "none"),
            ("a", "a{0}", ""),
            ("x{1", "x\\{1", "x{1"),
            ("a{1a}", "a{1a}", "wrong"),
            ("ab", "(a)(b)?(c)?", "ab,a,b,"),
            ("abcd", "c|abcd", "abcd"),
            ("hello", "(.)\\1", "ll,l"),
            ("abab", "^(ab)\\1$", "abab,ab"),
            ("aabaa", "^(a*)b\\1$", "aabaa,aa"),
            ("aaba", "^(a*)b\\1$", "none"),
            ("aba", "((a)|b)*\\2", "aba,b,a"),
            ("aaaa", "(a*)\\1", "aaaa,aa"),
            ("ab", "\\1(a)", "wrong"),
            ("a", "[[:foo:]]", "wrong"),
            ("a", "[z-a]", "wrong"),
            ("-", "[[.hyphen.]]", "-"),
            ("a", "[[.nope.]]", "wrong"),
        ];
        for (text, regex, expected) in table {
            assert_eq!(check(text, regex), expected, "{text:?} =~ {regex}");
        }
    }

    #[test]
    fn hostile_expressions_end_soon() {
        let text = "a".repeat(3000);
        assert_eq!(check(&text, "(a*)*b"), "none");
        assert_eq!(check(&text, "(a|aa)+$b"), "none");
        assert_eq!(check(&text, "^(a*)*(a*)*\\1b"), "none");
        assert_eq!(check("a", "((((a{100}){100}){100}){100})"), "wrong");
        assert_eq!(check("a", &"(".repeat(10_000)), "wrong");
    }
}
