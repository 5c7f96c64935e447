//! A compact text form of trees for expectations: `(a 'b' $x)` is a simple command of a literal, a quoted word and a
//! parameter; operators stand before their operands.

use crate::tree::{
    Arg, Assignment, Braces, CaseChange, ClauseEnd, Command, CommandKind, Cond, Element, Joined, Junction, List, Of,
    Param, ParamOp, Piece, Pipeline, Place, Redirect, RedirectFd, ReplaceScope, Side, Simple, Target, Timed,
    UnsetAction, Value, Word,
};

fn text(bytes: &[u8]) -> String {
    bytes.escape_ascii().to_string().replace("\\'", "'").replace("\\\"", "\"")
}

pub(super) fn list(list: &List) -> String {
    let items = list.items.iter().map(|item| {
        let mut out = pipeline(&item.and_or.first);
        for (junction, next) in &item.and_or.rest {
            let operator = if *junction == Junction::And { "&&" } else { "||" };
            out = format!("({operator} {out} {})", pipeline(next));
        }
        if item.background { format!("(& {out})") } else { out }
    });
    items.collect::<Vec<_>>().join("; ")
}

fn pipeline(pipeline: &Pipeline) -> String {
    let stages: Vec<String> = pipeline.stages.iter().map(command).collect();
    let mut out = match stages.as_slice() {
        [one] => one.clone(),
        [] => "()".to_owned(),
        many => format!("(| {})", many.join(" ")),
    };
    if pipeline.negated {
        out = format!("(! {out})");
    }
    match pipeline.timed {
        Some(Timed::Bash) => format!("(time {out})"),
        Some(Timed::Posix) => format!("(time-p {out})"),
        None => out,
    }
}

fn command(command: &Command) -> String {
    let redirects: Vec<String> = command.redirects.iter().map(redirect).collect();
    let tail = if redirects.is_empty() { String::new() } else { format!(" {}", redirects.join(" ")) };
    match &command.kind {
        CommandKind::Simple(parts) => format!("({}{tail})", simple(parts)),
        kind if tail.is_empty() => compound(kind),
        kind => format!("({}{tail})", compound(kind)),
    }
}

fn simple(simple: &Simple) -> String {
    let assignments = simple.assignments.iter().map(assignment);
    let args = simple.args.iter().map(|arg| match arg {
        Arg::Word(arg) => word(arg),
        Arg::Assign(arg) => format!("<{}>", assignment(arg)),
    });
    assignments.chain(args).collect::<Vec<_>>().join(" ")
}

fn compound(kind: &CommandKind) -> String {
    match kind {
        CommandKind::Simple(parts) => simple(parts),
        CommandKind::Group(body) => format!("{{{}}}", list(body)),
        CommandKind::Subshell(body) => format!("(sub {})", list(body)),
        CommandKind::If(parts) => {
            let mut out = String::from("(if");
            for (test, body) in &parts.arms {
                out += &format!(" [{} then {}]", list(test), list(body));
            }
            if let Some(body) = &parts.otherwise {
                out += &format!(" [else {}]", list(body));
            }
            out + ")"
        }
        CommandKind::For(parts) => format!("(for {:?} [{}] {})", parts.name, words(&parts.words), list(&parts.body)),
        CommandKind::Select(parts) => {
            format!("(select {:?} [{}] {})", parts.name, words(&parts.words), list(&parts.body))
        }
        CommandKind::ArithFor(parts) => {
            let [init, test, step] = [&parts.init, &parts.test, &parts.step].map(|part| word(&part.word));
            format!("(for (({init};{test};{step})) {})", list(&parts.body))
        }
        CommandKind::While(parts) => {
            format!("({} [{}] {})", if parts.until { "until" } else { "while" }, list(&parts.test), list(&parts.body))
        }
        CommandKind::Case(parts) => {
            let mut out = format!("(case {}", word(&parts.word));
            for clause in &parts.clauses {
                let patterns: Vec<String> = clause.patterns.iter().map(|pattern| word(&pattern.word)).collect();
                let end = match clause.end {
                    ClauseEnd::Break => ";;",
                    ClauseEnd::FallThrough => ";&",
                    ClauseEnd::Continue => ";;&",
                };
                out += &format!(" [{}) {} {end}]", patterns.join("|"), list(&clause.body));
            }
            out + ")"
        }
        CommandKind::Cond(test) => format!("[[{}]]", cond(test)),
        CommandKind::Arith(arith) => format!("(({}))", word(&arith.word)),
        CommandKind::Function(function) => format!("(function {} {})", text(&function.name), command(&function.body)),
        CommandKind::Coproc(coproc) => format!("(coproc {:?} {})", coproc.name, command(&coproc.body)),
    }
}

fn cond(test: &Cond) -> String {
    match test {
        Cond::Not(inner) => format!("(! {})", cond(inner)),
        Cond::And(left, right) => format!("(&& {} {})", cond(left), cond(right)),
        Cond::Or(left, right) => format!("(|| {} {})", cond(left), cond(right)),
        Cond::Group(inner) => format!("(group {})", cond(inner)),
        Cond::Unary(letter, operand) => format!("(-{} {})", char::from(*letter), word(operand)),
        Cond::Word(operand) => word(operand),
        Cond::Binary(op, left, right) => format!("({} {} {})", op.spelling(), word(left), word(right)),
        Cond::Match { word: left, pattern, negated, .. } => {
            format!("({} {} {})", if *negated { "!=" } else { "==" }, word(left), word(&pattern.word))
        }
        Cond::Regex(left, pattern) => format!("(=~ {} {})", word(left), word(&pattern.word)),
    }
}

fn place(place: &Place) -> String {
    match &place.index {
        Some(index) => format!("{:?}[{}]", place.name, word(&index.word)),
        None => format!("{:?}", place.name),
    }
}

fn assignment(assignment: &Assignment) -> String {
    let operator = if assignment.append { "+=" } else { "=" };
    let value = match &assignment.value {
        Value::Scalar(value) => word(value),
        Value::Array(elements) => {
            let elements: Vec<String> = elements.iter().map(element).collect();
            format!("({})", elements.join(" "))
        }
    };
    format!("{}{operator}{value}", place(&assignment.place))
}

fn element(element: &Element) -> String {
    match element {
        Element::Word(element) => word(element),
        Element::Keyed { index, append, value, .. } => {
            format!("[{}]{}{}", word(&index.word), if *append { "+=" } else { "=" }, word(value))
        }
    }
}

fn redirect(redirect: &Redirect) -> String {
    let fd = match &redirect.fd {
        RedirectFd::Default => String::new(),
        RedirectFd::Number(number) => number.to_string(),
        RedirectFd::Variable(variable) => format!("{{{}}}", place(variable)),
    };
    let side = |side: &Side| if *side == Side::In { "<&" } else { ">&" };
    let right = match &redirect.target {
        Target::Read(target) => format!("<{}", word(target)),
        Target::Write(target) => format!(">{}", word(target)),
        Target::Clobber(target) => format!(">|{}", word(target)),
        Target::Append(target) => format!(">>{}", word(target)),
        Target::ReadWrite(target) => format!("<>{}", word(target)),
        Target::Both(target) => format!("&>{}", word(target)),
        Target::BothAppend(target) => format!("&>>{}", word(target)),
        Target::Dup(from, fd) => format!("{}{fd}", side(from)),
        Target::Move(from, fd) => format!("{}{fd}-", side(from)),
        Target::Close(from) => format!("{}-", side(from)),
        Target::DupWord(from, target) => format!("{}({})", side(from), word(target)),
        Target::HereDoc(document) => format!("<<[{}]", word(document.body())),
        Target::HereString(target) => format!("<<<{}", word(target)),
    };
    fd + &right
}

fn words(words: &[Word]) -> String {
    words.iter().map(word).collect::<Vec<_>>().join(" ")
}

pub(super) fn word(word: &Word) -> String {
    let glob = if word.glob { "%" } else { "" };
    format!("{glob}{}", pieces(&word.pieces))
}

fn pieces(pieces: &[Piece]) -> String {
    pieces.iter().map(piece).collect::<Vec<_>>().join("+")
}

fn piece(piece: &Piece) -> String {
    match piece {
        Piece::Literal(literal) => text(literal),
        Piece::Quoted(quoted) => format!("'{}'", text(quoted)),
        Piece::Double(inner) => format!("\"{}\"", pieces(inner)),
        Piece::Param(inner) => param(inner),
        Piece::Arith(arith) => format!("$(({}))", word(&arith.word)),
        Piece::Command(script) => match &script.error {
            Some(error) => format!("$({} error: {error})", list(&script.list)),
            None => format!("$({})", list(&script.list)),
        },
        Piece::Process(direction, script) => format!("{direction:?}({})", list(&script.list)),
        Piece::Tilde(prefix) => format!("tilde({})", text(prefix)),
        Piece::Braces(inner) => match inner.as_ref() {
            Braces::Alternatives(alternatives) => {
                let alternatives: Vec<String> =
                    alternatives.iter().map(|alternative| self::pieces(alternative)).collect();
                format!("{{{}}}", alternatives.join(","))
            }
            Braces::Numbers { first, last, step, width } => format!("{{{first}..{last}..{step} width {width}}}"),
            Braces::Letters { first, last, step } => {
                format!("{{{}..{}..{step}}}", char::from(*first), char::from(*last))
            }
        },
        Piece::Broken(error) => format!("broken({error})"),
    }
}

fn joined(joined: Joined) -> char {
    if joined == Joined::At { '@' } else { '*' }
}

fn param(param: &Param) -> String {
    let of = match &param.of {
        Of::Var(name) => format!("{name:?}"),
        Of::Element(name, index) => format!("{name:?}[{}]", word(&index.word)),
        Of::All(name, how) => format!("{name:?}[{}]", joined(*how)),
        Of::Positional(number) => number.to_string(),
        Of::Arguments(how) => joined(*how).to_string(),
        Of::Special(byte) => char::from(*byte).to_string(),
    };
    let of = if param.indirect { format!("!{of}") } else { of };
    let op = match &param.op {
        ParamOp::Value => return format!("${of}"),
        ParamOp::Length => "length".to_owned(),
        ParamOp::Keys => "keys".to_owned(),
        ParamOp::Names(how) => format!("names{}", joined(*how)),
        ParamOp::Unset { action, colon, word: argument } => {
            let action = match action {
                UnsetAction::Default => "-",
                UnsetAction::Assign => "=",
                UnsetAction::Fail => "?",
                UnsetAction::Alternative => "+",
            };
            format!("{}{action} {}", if *colon { ":" } else { "" }, word(argument))
        }
        ParamOp::Slice { offset, length } => match length {
            Some(length) => format!("slice {} {}", word(&offset.word), word(&length.word)),
            None => format!("slice {}", word(&offset.word)),
        },
        ParamOp::Trim { suffix, longest, pattern } => {
            let operator = if *suffix { "%" } else { "#" };
            format!("{} {}", operator.repeat(1 + usize::from(*longest)), word(&pattern.word))
        }
        ParamOp::Replace { scope, pattern, with } => {
            let scope = match scope {
                ReplaceScope::First => "/",
                ReplaceScope::All => "//",
                ReplaceScope::Prefix => "/#",
                ReplaceScope::Suffix => "/%",
            };
            let with = with.as_ref().map_or("nothing".to_owned(), word);
            format!("{scope} {} {with}", word(&pattern.word))
        }
        ParamOp::Case { change, all, pattern } => {
            let operator = match change {
                CaseChange::Upper => "^",
                CaseChange::Lower => ",",
                CaseChange::Toggle => "~",
            };
            let pattern = pattern.as_ref().map_or(String::new(), |pattern| format!(" {}", word(&pattern.word)));
            format!("{}{pattern}", operator.repeat(1 + usize::from(*all)))
        }
        ParamOp::Transform(letter) => format!("@{}", char::from(*letter)),
        ParamOp::Bad(source) => return format!("bad({})", text(source)),
    };
    format!("${{{of} {op}}}")
}
