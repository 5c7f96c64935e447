//! Builtins written in the language. Each is parsed when a program first names it, so starting costs nothing.

use std::rc::Rc;

use crate::lang::{Def, parse};

/// Name, number of parameters, definition.
const DEFINITIONS: &[(&str, usize, &str)] = &[
    ("IN", 1, "def IN(s): any(s == .; .);"),
    ("IN", 2, "def IN(source; s): any(source == s; .);"),
    ("INDEX", 1, "def INDEX(f): INDEX(.[]; f);"),
    ("INDEX", 2, "def INDEX(rows; f): reduce rows as $row ({}; .[$row | f | tostring] = $row);"),
    ("GROUP_BY", 1, "def GROUP_BY(f): group_by(f);"),
    ("JOIN", 2, "def JOIN($index; f): [.[] | [., $index[f]]];"),
    ("JOIN", 3, "def JOIN($index; rows; f): rows | [., $index[f]];"),
    ("JOIN", 4, "def JOIN($index; rows; f; join): rows | [., $index[f]] | join;"),
    (
        "_regex",
        0,
        "def _regex: if type == \"array\" and . != [] then . elif type == \"string\" then [.] else error(type + \" not a string or array\") end;",
    ),
    ("add", 1, "def add(f): reduce f as $x (null; . + $x);"),
    ("all", 0, "def all: all(.[]; .);"),
    ("all", 1, "def all(f): all(.[]; f);"),
    ("all", 2, "def all(items; f): isempty(items | f and empty);"),
    ("any", 0, "def any: any(.[]; .);"),
    ("any", 1, "def any(f): any(.[]; f);"),
    ("any", 2, "def any(items; f): isempty(items | f or empty) | not;"),
    ("arrays", 0, "def arrays: select(type == \"array\");"),
    ("booleans", 0, "def booleans: select(type == \"boolean\");"),
    ("capture", 1, "def capture($re): ($re | _regex) as $r | capture($r[0]; $r[1]);"),
    ("capture", 2, "def capture(re; flags): match(re; flags) | _captured;"),
    (
        "combinations",
        0,
        "def combinations: if length == 0 then [] else .[0][] as $x | (.[1:] | combinations) as $rest | [$x] + $rest end;",
    ),
    ("combinations", 1, "def combinations(n): . as $dot | [range(n) | $dot] | combinations;"),
    ("date", 0, "def date: todate;"),
    ("dateadd", 2, "def dateadd(unit; n): . + n;"),
    ("datesub", 2, "def datesub(unit; n): . - n;"),
    ("debug", 1, "def debug(messages): (messages | debug | empty), .;"),
    ("del", 1, "def del(f): delpaths([path(f)]);"),
    ("finites", 0, "def finites: select(isfinite);"),
    ("first", 0, "def first: .[0];"),
    ("from_entries", 0, "def from_entries: reduce .[] as $entry ({}; . + _member($entry));"),
    ("fromdate", 0, "def fromdate: fromdateiso8601;"),
    ("fromdateiso8601", 0, "def fromdateiso8601: strptime(\"%Y-%m-%dT%H:%M:%SZ\") | mktime;"),
    (
        "fromstream",
        1,
        "def fromstream(events): {value: null, done: false} as $new | foreach events as $event ($new; if .done then $new end | if $event | length == 2 then .done = ($event[0] | length == 0) | setpath([\"value\"] + $event[0]; $event[1]) else .done = ($event[0] | length == 1) end; if .done then .value else empty end);",
    ),
    ("group_by", 1, "def group_by(f): _group_by(map([f]));"),
    ("gsub", 2, "def gsub($re; s): sub($re; s; \"g\");"),
    ("gsub", 3, "def gsub($re; s; $flags): sub($re; s; $flags + \"g\");"),
    ("halt_error", 0, "def halt_error: halt_error(5);"),
    ("in", 1, "def in(container): . as $key | container | has($key);"),
    ("index", 1, "def index($i): indices($i) | .[0];"),
    (
        "inputs",
        0,
        "def inputs: def more: try {value: input} catch (if . == \"break\" then null else error end); def rest: more | if . == null then empty else .value, rest end; rest;",
    ),
    ("inside", 1, "def inside(container): . as $part | container | contains($part);"),
    ("isempty", 1, "def isempty(f): first((f | false), true);"),
    ("isvalid", 1, "def isvalid(f): try (f | true) catch false;"),
    ("iterables", 0, "def iterables: select(type | . == \"array\" or . == \"object\");"),
    ("last", 0, "def last: .[-1];"),
    ("last", 1, "def last(f): reduce f as $x ([]; [$x]) | .[];"),
    ("leaf_paths", 0, "def leaf_paths: paths(scalars);"),
    (
        "limit",
        2,
        "def limit($n; f): if $n > 0 then label $done | foreach f as $x ($n; . - 1; $x, if . <= 0 then break $done else empty end) elif $n == 0 then empty else f end;",
    ),
    ("match", 1, "def match($re): ($re | _regex) as $r | match($r[0]; $r[1]);"),
    ("match", 2, "def match(re; flags): _match(re; flags; false) | .[];"),
    ("max_by", 1, "def max_by(f): _max_by(map([f]));"),
    ("min_by", 1, "def min_by(f): _min_by(map([f]));"),
    ("normals", 0, "def normals: select(isnormal);"),
    ("nth", 1, "def nth($n): .[$n];"),
    (
        "nth",
        2,
        "def nth($n; f): if $n < 0 then error(\"nth doesn't support negative indices\") else first(skip($n; f)) end;",
    ),
    ("nulls", 0, "def nulls: select(. == null);"),
    ("numbers", 0, "def numbers: select(type == \"number\");"),
    ("objects", 0, "def objects: select(type == \"object\");"),
    ("paths", 0, "def paths: path(..) | select(length > 0);"),
    ("paths", 1, "def paths(f): path(.. | select(f)) | select(length > 0);"),
    ("pick", 1, "def pick(f): . as $all | reduce path(f) as $path (null; setpath($path; $all | getpath($path)));"),
    ("range", 1, "def range($to): range(0; $to);"),
    (
        "range",
        3,
        "def range($from; $to; $by): if $by > 0 then $from | while(. < $to; . + $by) elif $by < 0 then $from | while(. > $to; . + $by) else empty end;",
    ),
    ("recurse", 0, "def recurse: def all: ., (.[]? | all); all;"),
    ("recurse", 1, "def recurse(f): def all: ., (f | all); all;"),
    ("recurse", 2, "def recurse(f; while): def all: ., (f | select(while) | all); all;"),
    ("recurse_down", 0, "def recurse_down: recurse;"),
    ("repeat", 1, "def repeat(f): def again: f, again; again;"),
    ("rindex", 1, "def rindex($i): indices($i) | .[-1:][0];"),
    ("scalars", 0, "def scalars: select(type | . != \"array\" and . != \"object\");"),
    ("scan", 1, "def scan($re): scan($re; null);"),
    (
        "scan",
        2,
        "def scan($re; $flags): match($re; \"g\" + $flags) | if .captures == [] then .string else [.captures[].string] end;",
    ),
    (
        "skip",
        2,
        "def skip($n; f): if $n > 0 then foreach f as $x ($n; . - 1; if . < 0 then $x else empty end) elif $n == 0 then f else error(\"skip doesn't support negative count\") end;",
    ),
    ("sort_by", 1, "def sort_by(f): _sort_by(map([f]));"),
    ("split", 2, "def split($re; $flags): [splits($re; $flags)];"),
    ("splits", 1, "def splits($re): splits($re; null);"),
    (
        "splits",
        2,
        "def splits($re; $flags): . as $text | foreach (match($re; $flags + \"g\"), null) as $found ({next: 0}; {from: .next, to: $found.offset, next: (if $found == null then null else $found.offset + $found.length end)}; $text[.from:.to]);",
    ),
    ("strings", 0, "def strings: select(type == \"string\");"),
    ("sub", 2, "def sub($re; s): sub($re; s; \"\");"),
    (
        "sub",
        3,
        "def sub($re; s; $flags): . as $text | (reduce (match($re; $flags) | . as $found | {offset, length, new: [_captured | s]}) as $edit ({outputs: [], at: 0}; $text[.at:$edit.offset] as $gap | .outputs = (reduce range($edit.new | length) as $i (.outputs; .[$i] += $gap + $edit.new[$i])) | .at = $edit.offset + $edit.length) | .at as $at | .outputs[] + $text[$at:]) // $text;",
    ),
    ("test", 1, "def test($re): ($re | _regex) as $r | test($r[0]; $r[1]);"),
    ("test", 2, "def test(re; flags): _match(re; flags; true);"),
    ("todate", 0, "def todate: todateiso8601;"),
    ("todateiso8601", 0, "def todateiso8601: strftime(\"%Y-%m-%dT%H:%M:%SZ\");"),
    (
        "tostream",
        0,
        "def tostream: path(def down: (.[]? | down), .; down) as $path | getpath($path) | reduce path(.[]?) as $last ([$path, .]; [$path + $last]);",
    ),
    (
        "truncate_stream",
        1,
        "def truncate_stream(events): . as $depth | null | events | . as $event | if .[0] | length > $depth then setpath([0]; $event[0][$depth:]) else empty end;",
    ),
    ("unique_by", 1, "def unique_by(f): _unique_by(map([f]));"),
    ("until", 2, "def until(done; f): def again: if done then . else f | again end; again;"),
    ("values", 0, "def values: select(. != null);"),
    (
        "walk",
        1,
        "def walk(f): def inner: if type == \"object\" then map_values(inner) elif type == \"array\" then map(inner) end | f; inner;",
    ),
    ("while", 2, "def while(going; f): def again: if going then ., (f | again) else empty end; again;"),
    ("with_entries", 1, "def with_entries(f): to_entries | map(f) | from_entries;"),
];

/// The definition of a builtin.
pub(super) fn find(name: &str, arity: usize) -> Option<Rc<Def>> {
    let found = DEFINITIONS.iter().find(|(known, params, _)| *known == name && *params == arity)?;
    parse(found.2).ok()?.defs.into_iter().next()
}

/// Names and numbers of parameters of all builtins here.
pub(crate) fn names() -> impl Iterator<Item = (&'static str, usize)> {
    DEFINITIONS.iter().map(|(name, arity, _)| (*name, *arity))
}
