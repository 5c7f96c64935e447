//! The language as its users see it: a program, an input, outputs.

use std::rc::Rc;

use crate::builtins::Context;
use crate::cli::{NoInput, compile_program};
use crate::compile::Library;
use crate::json;
use crate::message::Failure;
use crate::vm::Machine;

/// Runs a program on JSON text; outputs, and the error at the end if there is one.
fn run(program: &str, input: &str) -> Vec<String> {
    let library = Rc::new(Library::default());
    let code = match compile_program(program, &[], &library) {
        Ok(code) => code,
        Err(report) => return vec![report],
    };
    let mut context = Context::new(Box::new(NoInput), library);
    let mut outputs = Vec::new();
    for value in json::parse_text(input.as_bytes()).expect("tests give JSON") {
        let mut machine = Machine::new(&code, &mut context, value);
        loop {
            match machine.next() {
                Ok(Some(value)) => outputs.push(json::compact(&value)),
                Ok(None) => break,
                Err(Failure::Error(value)) => {
                    outputs.push(format!("error: {}", json::compact(&value)));
                    break;
                }
                Err(other) => {
                    outputs.push(format!("{other:?}"));
                    break;
                }
            }
        }
    }
    outputs
}

fn check(program: &str, input: &str, expected: &[&str]) {
    assert_eq!(run(program, input), expected, "{program}");
}

#[test]
fn every_builtin_written_in_the_language_compiles() {
    let mut known = std::collections::BTreeSet::new();
    for (name, arity) in crate::builtins::names() {
        assert!(known.insert((name, arity)), "{name}/{arity} is there twice");
        let args = if arity == 0 { String::new() } else { format!("({})", vec!["."; arity].join(";")) };
        let code = compile_program(&format!("{name}{args}"), &[], &Rc::new(Library::default()));
        assert!(code.is_ok(), "{name}/{arity}: {code:?}");
    }
}

#[test]
fn backtracking_restores_variables_and_paths() {
    check("[.[] as $x | .[] as $y | $x * $y]", "[1,2]", &["[1,2,2,4]"]);
    check("[path(.a[] | if . > 1 then . else empty end)]", r#"{"a":[1,2,3]}"#, &[r#"[["a",1],["a",2]]"#]);
    check("def f(g): [g, g]; [f(.[])]", "[1,2]", &["[[1,2,1,2]]"]);
    check("[first(.[] | select(. > 1)), (.[] | . + 1)]", "[1,2,3]", &["[2,2,3,4]"]);
}

#[test]
fn closures_see_the_variables_of_where_they_were_made() {
    check("2 as $x | def f: $x * 3; 5 as $x | f", "null", &["6"]);
    check("def outer(g): 10 as $y | def inner: g + $y; inner; 1 as $y | outer($y)", "null", &["11"]);
    check("def f($a; g): $a as [$b] | g | . + $b; [f([1]; 2, 3)]", "null", &["[3,4]"]);
}

#[test]
fn tail_calls_take_no_room() {
    check("def f: if . < 3000000 then . + 1 | f end; f", "0", &["3000000"]);
    check("[limit(3; repeat(1))], last(limit(200000; repeat(1)))", "null", &["[1,1,1]", "1"]);
    check("until(. > 500000; . + 1)", "0", &["500001"]);
}

#[test]
fn recursion_without_end_is_an_error() {
    check("def f: 1 + f; f", "null", &[r#"error: "stack overflow""#]);
    check("def f: f + 1, f; [f]", "null", &[r#"error: "stack overflow""#]);
}

#[test]
fn updates_change_values_in_place_and_copies_stay_as_they_were() {
    check(". as $old | .a.b += 1 | [., $old]", r#"{"a":{"b":1}}"#, &[r#"[{"a":{"b":2}},{"a":{"b":1}}]"#]);
    check("[.[] |= (., 9)], [(.[] | select(. == 2)) |= empty]", "[1,2,2,3]", &["[[1,2,2,3]]", "[[1,3]]"]);
    check("reduce range(3000) as $i ({}; .[$i | tostring] = $i) | length", "null", &["3000"]);
    check("try (.a |= error(\"x\")) catch ., .a", r#"{"a":1}"#, &[r#""x""#, "1"]);
}

#[test]
fn errors_after_a_try_pass_it() {
    check("try (try 1 catch 2 | error(\"late\")) catch [.]", "null", &[r#"["late"]"#]);
    check("[.[] | try error catch . + 1]", "[1,2]", &["[2,3]"]);
    check("label $a | try (1, break $a, 2) catch 3", "null", &["1"]);
}

#[test]
fn values_nested_without_bound_are_dropped_and_compared() {
    check("reduce range(300000) as $i (0; [.]) | length", "null", &["1"]);
    check("reduce range(300000) as $i (0; {a: .}) | keys", "null", &[r#"["a"]"#]);
}

/// As much stack as a program has in a session; unoptimised code needs it more.
fn with_stack(test: fn()) {
    let thread = std::thread::Builder::new().stack_size(64 << 20).spawn(test).expect("a thread starts");
    thread.join().expect("the test holds");
}

#[test]
fn programs_nested_too_deeply_are_refused() {
    with_stack(refuse_deep_programs);
}

fn refuse_deep_programs() {
    for (open, close) in
        [("(", ")"), ("[", "]"), ("-", ""), ("{a:", "}"), ("if . then ", " end"), ("1 as $x|", ""), ("1+(", ")")]
    {
        let depth = 100_000;
        let program = format!("{}1{}", open.repeat(depth), close.repeat(depth));
        let report = run(&program, "null").join("");
        assert!(report.contains("nested too deeply"), "{open}: {}", report.get(..200).unwrap_or(&report));
    }
    let chain = vec!["1"; 100_000].join("+");
    assert!(run(&chain, "null").join("").contains("nested too deeply"));
}

#[test]
fn dates_of_the_whole_calendar_go_both_ways() {
    check("[range(-200000; 200000; 977) * 86400 | select((gmtime | mktime) != .)]", "null", &["[]"]);
    check("\"2024-02-29\" | strptime(\"%Y-%m-%d\")", "null", &["[2024,1,29,0,0,0,4,59]"]);
}
