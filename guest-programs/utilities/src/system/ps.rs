//! `ps`: the session's processes, in the columns of procps.

use super::ps_columns::{Column, Context};
use super::ps_options::{self, Selection, Settings};
use super::table::{self, Machine, Process};
use crate::options::Grammar;
use crate::output::Output;
use crate::program::{Outcome, Program};

/// `ps`.
pub(crate) const PROGRAM: Program = Program {
    name: "ps",
    failure: 1,
    help: ps_options::HELP,
    grammar: Grammar { short: "", long: &[], stops_at_operand: true },
    main,
};

fn main(program: &Program, arguments: Vec<Vec<u8>>) -> Outcome {
    let settings = ps_options::read(program, arguments)?;
    let mut processes: Vec<Process> = table::all();
    processes.retain(|process| is_selected(&settings, process) != settings.negate);
    let context = Context::new(Machine::load());
    for (column, reverse) in settings.order.iter().rev() {
        processes.sort_by(|left, right| {
            let order = column.compare(&context, left, right);
            if *reverse { order.reverse() } else { order }
        });
    }
    let rows: Vec<(String, Process)> = if settings.forest {
        forest(processes)
    } else {
        processes.into_iter().map(|process| (String::new(), process)).collect()
    };
    let mut out = Output::new();
    let columns = settings.columns();
    if settings.headers && columns.iter().any(|(_, header)| !header.is_empty()) {
        let cells = columns.iter().map(|(column, header)| (*column, header.clone(), header.as_str()));
        out.text(&line(cells));
    }
    for (prefix, process) in &rows {
        let cells = columns.iter().map(|(column, header)| {
            let value = column.value(&context, process);
            (*column, if column.is_command() { format!("{prefix}{value}") } else { value }, header.as_str())
        });
        out.text(&line(cells));
    }
    let status = if rows.is_empty() { program.failure } else { 0 };
    Ok(out.finish(program, status))
}

/// Makes a line of cells: a column, what stands in it, and its header, which it is at least as wide as.
fn line<'a>(cells: impl Iterator<Item = (&'a Column, String, &'a str)>) -> String {
    let cells: Vec<_> = cells.collect();
    let mut line = String::new();
    for (at, (column, text, header)) in cells.iter().enumerate() {
        let width = column.width.max(header.chars().count());
        let is_last = at + 1 == cells.len();
        let shown: String = if column.left && !is_last { text.chars().take(width).collect() } else { text.clone() };
        match (column.left, is_last) {
            (true, true) => line.push_str(&shown),
            (true, false) => line.push_str(&format!("{shown:<width$}")),
            (false, _) => line.push_str(&format!("{shown:>width$}")),
        }
        if !is_last {
            line.push(' ');
        }
    }
    line.push('\n');
    line
}

fn is_selected(settings: &Settings, process: &Process) -> bool {
    match &settings.selection {
        Selection::All => true,
        Selection::NoLeaders => process.session != process.pid,
        // No process of a session has a terminal.
        Selection::OfTerminals => false,
        Selection::Lists(lists) => {
            lists.pids.contains(&process.pid)
                || lists.parents.contains(&process.parent)
                || lists.sessions.contains(&process.session)
                || lists.names.contains(&process.name)
                || lists.users.contains(&0)
        }
    }
}

/// Orders processes below their parents, each with the drawing before its command.
fn forest(processes: Vec<Process>) -> Vec<(String, Process)> {
    let is_root = |process: &&Process| !processes.iter().any(|other| other.pid == process.parent);
    let mut rows = Vec::with_capacity(processes.len());
    // Not recursive: a chain of processes is as long as the session allows.
    let mut left: Vec<(String, bool, &Process)> =
        processes.iter().filter(is_root).rev().map(|process| (String::new(), true, process)).collect();
    while let Some((margin, is_root, process)) = left.pop() {
        let shown = if is_root { String::new() } else { format!("{margin} \\_ ") };
        rows.push((shown, process.clone()));
        let children: Vec<&Process> = processes.iter().filter(|other| other.parent == process.pid).collect();
        let has_next = left.last().is_some_and(|(_, _, next)| next.parent == process.parent && !is_root);
        let margin = match (is_root, has_next) {
            (true, _) => margin,
            (false, true) => format!("{margin} |  "),
            (false, false) => format!("{margin}    "),
        };
        left.extend(children.into_iter().rev().map(|child| (margin.clone(), false, child)));
    }
    rows
}
