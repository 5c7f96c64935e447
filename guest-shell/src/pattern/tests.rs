//! Patterns against what bash 5.2 answers.

use super::*;

fn matcher(pattern: &str) -> Matcher {
    Matcher::new(pattern.as_bytes(), Flags { extended: true, fold: false })
}

#[test]
fn whole_texts_match_as_in_bash() {
    // pattern, text, matches
    let table = [
        ("", "", true),
        ("abc", "abc", true),
        ("a*c", "abbbc", true),
        ("a*c", "abbb", false),
        ("*", "", true),
        ("?", "é", true),
        ("??", "é", false),
        ("[a-c]x", "bx", true),
        ("[!a-c]x", "bx", false),
        ("[^a-c]x", "dx", true),
        ("[]]", "]", true),
        ("[!]]", "]", false),
        ("[a-]", "-", true),
        ("[[:digit:][:upper:]]*", "7up", true),
        ("[[:digit:]]", "x", false),
        ("[", "[", true),
        ("[abc", "[abc", true),
        ("\\*", "*", true),
        ("\\*", "x", false),
        ("[\\]]", "]", true),
        ("a*b*c", "aXbYc", true),
        ("a*b*c", "acb", false),
        ("*a*a*", "aba", true),
        ("*a*a*", "ab", false),
        ("@(a|b)c", "bc", true),
        ("+(ab)", "ababab", true),
        ("+(ab)", "", false),
        ("*(ab|c)", "abcab", true),
        ("?(x)y", "y", true),
        ("!(a)", "a", false),
        ("!(a)", "", true),
        ("!(a|b)c", "bc", false),
        ("!(a|b)c", "dc", true),
        ("*.!(txt)", "x.md", true),
        ("*.!(txt)", "x.txt", false),
        ("!(*.txt)", "a.txt", false),
        ("a!(x)b", "ab", true),
        ("+(a|b*)", "abxa", true),
        ("@(a|@(b|c))d", "cd", true),
        ("*(*(a))", "aaaa", true),
        ("[[:alpha:]]", "é", true),
        ("[à-ü]", "é", true),
        ("a[b", "a[b", true),
        ("@(a", "@(a", true),
        ("[[.-.]]", "-", true),
        ("[[=a=]b]", "a", true),
        ("[--0]", ".", true),
    ];
    for (pattern, text, expected) in table {
        assert_eq!(matcher(pattern).matches(text.as_bytes()), expected, "{pattern:?} on {text:?}");
    }
}

#[test]
fn prefixes_and_suffixes_are_shortest_and_longest() {
    // pattern, text, ends of prefixes, begins of suffixes
    type Ends = (Option<usize>, Option<usize>);
    let table: [(&str, &str, Ends, Ends); 8] = [
        ("*/", "a/b/c", (Some(2), Some(4)), (None, None)),
        ("/*", "a/b/c", (None, None), (Some(3), Some(1))),
        ("*", "abc", (Some(0), Some(3)), (Some(3), Some(0))),
        ("?", "éa", (Some(2), Some(2)), (Some(2), Some(2))),
        ("a*b", "aabab", (Some(3), Some(5)), (Some(3), Some(0))),
        ("+(a)", "aab", (Some(1), Some(2)), (None, None)),
        ("!(b)", "ab", (Some(0), Some(2)), (Some(2), Some(0))),
        ("x", "abc", (None, None), (None, None)),
    ];
    for (pattern, text, prefix, suffix) in table {
        let matcher = matcher(pattern);
        let text = text.as_bytes();
        assert_eq!((matcher.prefix_at(text, 0, false), matcher.prefix_at(text, 0, true)), prefix, "{pattern} prefix");
        assert_eq!((matcher.suffix(text, false), matcher.suffix(text, true)), suffix, "{pattern} suffix");
    }
}

#[test]
fn case_is_folded_on_request() {
    let matcher = Matcher::new(b"a[x-z]*\xc3\xa9", Flags { extended: false, fold: true });
    assert!(matcher.matches("AY_É".as_bytes()));
    assert!(!matcher.matches("BY_É".as_bytes()));
}

#[test]
fn hostile_patterns_end_soon() {
    let text = [b'a'; 2000];
    assert!(!matcher("*a*a*a*a*a*a*a*a*a*b").matches(&text));
    assert!(!matcher("*(*(*(a)))b").matches(&text));
    assert!(!matcher("+(a|aa|aaa)b").matches(&text));
    assert!(matcher("!(!(!(b)))").matches(&text[..200]));
    let deep = format!("{}{}", "@(".repeat(5000), ")".repeat(5000));
    assert!(!matcher(&deep).matches(b"x"));
}
