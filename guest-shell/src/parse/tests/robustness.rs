//! Whatever comes in, the parser returns: no panic, no stack overflow, no long search.

use proptest::prelude::*;

use super::parse_all;
use crate::parse::{Aliases, ParseOpts, arith, compound, double_quoted, place, word};
use crate::tree::{Tree, print};

const OPTS: ParseOpts = ParseOpts { expand_aliases: true, extglob: true, braces: true, posix: false };

/// Runs `test` with as much stack as an unoptimised build needs for the deepest tree.
fn with_stack(test: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(64 << 20).spawn(test).expect("a thread starts");
    thread.join().expect("the test passes");
}

fn printed(trees: &[Tree]) -> Vec<u8> {
    let mut out = Vec::new();
    for tree in trees {
        print::list(&mut out, &tree.list);
        out.push(b'\n');
    }
    out
}

/// Parses by every entry; what parses also prints and serialises.
fn exercise(text: &[u8]) {
    let aliases: Aliases =
        [("a", "b "), ("b", "a; c"), ("c", "{ a")].iter().map(|&(k, v)| (k.into(), v.into())).collect();
    if let Ok(trees) = parse_all(text, &aliases, OPTS) {
        printed(&trees);
        let bytes = postcard::to_allocvec(&trees).expect("serialises");
        let back: Vec<Tree> = postcard::from_bytes(&bytes).expect("deserialises");
        assert_eq!(back, trees);
    }
    let _ = (double_quoted(text, OPTS), word(text, OPTS), arith(text, OPTS), compound(text, OPTS), place(text, OPTS));
}

const SOUP: &[&str] = &[
    "a", "b", "c", " ", " ", "\n", ";", ";;", ";&", "&", "&&", "|", "||", "|&", "(", ")", "((", "))", "{", "}", "[[",
    "]]", "<", ">", "<<", "<<-", "<<<", "<&", ">&", "&>", "2>", "{x}>", "if", "then", "elif", "else", "fi", "for",
    "in", "do", "done", "while", "until", "case", "esac", "select", "function", "coproc", "time", "!", "x=", "x+=",
    "x[", "]=", "x=(", "$x", "${", "${x:-", "${x/", "${#", "${!", "$(", "$((", "`", "\"", "'", "$'", "$\"", "\\",
    "\\\n", "#", "~", "*", "?", "[", "]", "@(", "!(", "{a,", "{1..3}", ",", "..", ":", "/", "=", "==", "=~", "-f",
    "E\n", "<<E\n", "é",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_never_panic(text in prop::collection::vec(any::<u8>(), 0..200)) {
        exercise(&text);
    }

    #[test]
    fn token_soup_never_panics(tokens in prop::collection::vec(prop::sample::select(SOUP), 0..60), spaced in any::<bool>()) {
        exercise(tokens.join(if spaced { " " } else { "" }).as_bytes());
    }

    #[test]
    fn printing_is_stable(tokens in prop::collection::vec(prop::sample::select(SOUP), 0..30)) {
        let opts = ParseOpts { extglob: true, ..ParseOpts::default() };
        // Left out is what bash itself prints to be read differently: a nameless coprocess with its default name (which is
        // then a command), the lines around here-documents, and a backslash as the last byte.
        let unstable = ["\\", "coproc", "<<", "<<-", "<<E\n"];
        let tokens: Vec<_> = tokens.into_iter().filter(|token| !unstable.contains(token)).collect();
        // bash prints nothing for `! !`.
        prop_assume!(!tokens.windows(2).any(|pair| pair == ["!", "!"]));
        if let Ok(trees) = parse_all(tokens.join(" ").as_bytes(), &Aliases::new(), opts) {
            let once = printed(&trees);
            if let Ok(again) = parse_all(&once, &Aliases::new(), opts) {
                prop_assert_eq!(printed(&again), once);
            }
        }
    }
}

#[test]
fn deep_nesting_ends_with_an_error() {
    with_stack(|| {
        for opening in [
            "(",
            "((",
            "{ ",
            "$(",
            "echo $(",
            "$((",
            "\"${a:-",
            "${a:-",
            "${a[",
            "<(",
            "if ",
            "while ",
            "case x in x) ",
            "a=($(",
            "f() ",
            "function f ",
            "coproc ",
            "[[ ( ",
            "[[ ! ",
            "[[ a && ",
            "[[ a || ",
            "@(",
            "x[$(",
            "`",
            "$[",
            "for x in y; do ",
            "! (",
        ] {
            exercise(opening.repeat(20_000).as_bytes());
        }
    });
}

#[test]
fn the_depth_limit_leaves_room_for_real_scripts() {
    with_stack(|| {
        let deep = |n: usize| format!("{}a{}", "(".repeat(n).replace('(', "( "), ")".repeat(n));
        assert!(parse_all(deep(400).as_bytes(), &Aliases::new(), OPTS).is_ok());
        let error = parse_all(deep(600).as_bytes(), &Aliases::new(), OPTS).expect_err("too deep");
        assert_eq!(error.messages[0].as_bytes(), b"syntax error: maximum nesting level exceeded (500)");
    });
}

#[test]
fn the_size_of_one_command_is_bounded() {
    let error = parse_all("a;".repeat(800_000).as_bytes(), &Aliases::new(), OPTS).expect_err("too long");
    assert_eq!(error.messages[0].as_bytes(), b"syntax error: command too long (limit 1500000 parts)");
    assert!(parse_all("a\n".repeat(400_000).as_bytes(), &Aliases::new(), OPTS).is_ok(), "many lines are many commands");
}
