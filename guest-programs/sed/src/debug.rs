//! `--debug`: the script in canonical form.

use crate::replacement::Replacement;
use crate::script::{Action, Address, Command, Pattern, Program};

/// The whole script, a command a line.
pub(crate) fn program(program: &Program) -> String {
    let lines = (0..program.commands.len()).map(|index| format!("  {}\n", command(program, index)));
    format!("SED PROGRAM:\n{}", lines.collect::<String>())
}

/// One command, indented by the blocks it is in.
pub(crate) fn command(program: &Program, index: usize) -> String {
    let before = program.commands.get(..index).unwrap_or_default();
    let opened = before.iter().filter(|command| matches!(command.action, Action::Block(_))).count();
    let closed = before.iter().filter(|command| matches!(command.action, Action::End)).count();
    let Some(command) = program.commands.get(index) else { return String::new() };
    let depth = opened.saturating_sub(closed + usize::from(matches!(command.action, Action::End)));
    let mut text = "  ".repeat(depth);
    text.push_str(&addresses(command));
    text.push_str(&action(program, &command.action));
    text
}

fn addresses(command: &Command) -> String {
    let Some(first) = &command.first else { return if command.negated { "!".to_owned() } else { String::new() } };
    let mut text = address(first);
    if let Some(second) = &command.second {
        text.push(',');
        text.push_str(&address(second));
    }
    text.push_str(if command.negated { "! " } else { " " });
    text
}

fn address(address: &Address) -> String {
    match address {
        Address::Line(line) => line.to_string(),
        Address::Step(first, step) => format!("{first}~{step}"),
        Address::Last => "$".to_owned(),
        Address::Match(pattern) => regex(pattern),
        Address::Count(count) => format!("+{count}"),
        Address::Multiple(step) => format!("~{step}"),
    }
}

fn regex(pattern: &Pattern) -> String {
    format!("/{}/{}", String::from_utf8_lossy(&pattern.source), pattern.flags)
}

fn action(program: &Program, action: &Action) -> String {
    let lossy = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let output = |index: usize| lossy(program.outputs.get(index).map_or(&[][..], Vec::as_slice));
    let text = |letter: char, text: &[u8]| format!("{letter}\\\n{}", lossy(text).trim_end_matches('\n'));
    let label = |letter: char, name: &[u8]| format!("{letter} {}", lossy(name)).trim_end().to_owned();
    let status =
        |letter: char, status: i32| if status == 0 { letter.to_string() } else { format!("{letter} {status}") };
    match action {
        Action::Block(_) => "{".to_owned(),
        Action::End => "}".to_owned(),
        Action::Label(name) => format!(":{}", lossy(name)),
        Action::Number => "=".to_owned(),
        Action::Append(words) => text('a', words),
        Action::Insert(words) => text('i', words),
        Action::Change(words) => text('c', words),
        Action::Branch(_, name) => label('b', name),
        Action::BranchIfReplaced(_, name) => label('t', name),
        Action::BranchUnlessReplaced(_, name) => label('T', name),
        Action::Delete => "d".to_owned(),
        Action::DeleteFirst => "D".to_owned(),
        Action::Execute(command) => label('e', command),
        Action::FileName => "F".to_owned(),
        Action::Get => "g".to_owned(),
        Action::GetAppend => "G".to_owned(),
        Action::Hold => "h".to_owned(),
        Action::HoldAppend => "H".to_owned(),
        Action::List(length) => length.map_or("l".to_owned(), |length| format!("l {length}")),
        Action::Next => "n".to_owned(),
        Action::NextAppend => "N".to_owned(),
        Action::Print => "p".to_owned(),
        Action::PrintFirst => "P".to_owned(),
        Action::Quit(code) => status('q', *code),
        Action::QuitSilently(code) => status('Q', *code),
        Action::ReadFile(name) => format!("r {}", lossy(name)),
        Action::ReadLine(name) => format!("R {}", lossy(name)),
        Action::Substitute(made) => {
            let Replacement { source, .. } = &made.replacement;
            let mut flags = made.pattern.flags.clone();
            if made.global {
                flags.push('g');
            }
            if made.execute {
                flags.push('e');
            }
            if made.print {
                flags.push('p');
            }
            if made.number > 1 {
                flags.push_str(&made.number.to_string());
            }
            if let Some(index) = made.output {
                flags.push_str(&format!("w {}", output(index)));
            }
            format!("s/{}/{}/{flags}", lossy(&made.pattern.source), lossy(source))
        }
        Action::Version => "v".to_owned(),
        Action::Write(index) => format!("w {}", output(*index)),
        Action::WriteFirst(index) => format!("W {}", output(*index)),
        Action::Exchange => "x".to_owned(),
        Action::Translate(_) => "y".to_owned(),
        Action::Zap => "z".to_owned(),
    }
}
