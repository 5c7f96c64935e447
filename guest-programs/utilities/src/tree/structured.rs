//! The tree as JSON and as XML.

use std::fmt::Write as _;

use sandshell_sys::{Kind, Stat};

use super::entry::{Entry, Totals};
use super::line::{Facts, size};
use super::options::{Form, Settings, Units};
use crate::output::Output;

/// Writes what stands before the first tree.
pub(super) fn open(settings: &Settings, out: &mut Output) {
    match settings.form {
        Form::Drawing => {}
        Form::Json => out.text("["),
        Form::Xml => out.text("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<tree>\n"),
    }
}

/// Writes the report and what stands behind the last tree.
pub(super) fn close(settings: &Settings, totals: &Totals, out: &mut Output) {
    let (directories, files) = (totals.directories, totals.files);
    if settings.form == Form::Json {
        if settings.report {
            out.text(",\n  {\"type\":\"report\"");
            if settings.sums {
                out.text(&format!(",\"size\":{}", totals.bytes));
            }
            out.text(&format!(",\"directories\":{directories}"));
            out.text(&if settings.directories_only { String::new() } else { format!(",\"files\":{files}") });
            out.text("}");
        }
        out.text("\n]\n");
        return;
    }
    if settings.report {
        out.text("  <report>\n");
        if settings.sums {
            out.text(&format!("    <size>{}</size>\n", totals.bytes));
        }
        out.text(&format!("    <directories>{directories}</directories>\n"));
        if !settings.directories_only {
            out.text(&format!("    <files>{files}</files>\n"));
        }
        out.text("  </report>\n");
    }
    out.text("</tree>\n");
}

/// Writes one tree as JSON.
pub(super) fn json(settings: &Settings, root: &Entry, is_last: bool, out: &mut Output) {
    out.text("\n");
    json_entry(settings, &Facts::new(settings), root, 1, out);
    out.text(if is_last { "\n" } else { "," });
}

fn json_entry(settings: &Settings, facts: &Facts<'_>, entry: &Entry, level: usize, out: &mut Output) {
    let margin = "  ".repeat(level);
    let mut text = format!("{margin}{{\"type\":\"{}\",\"name\":\"{}\"", kind(entry), json_text(&entry.name));
    if let Some(target) = &entry.target {
        let _infallible = write!(text, ",\"target\":\"{}\"", json_text(target));
    }
    for (name, value) in attributes(settings, facts, entry) {
        let is_number = matches!(name, "inode" | "dev") || (name == "size" && settings.units == Units::Bytes);
        let quote = if is_number { "" } else { "\"" };
        let value = if name == "size" && !is_number { size(settings, entry.size).trim().to_owned() } else { value };
        let _infallible = write!(text, ",\"{name}\":{quote}{}{quote}", json_text(value.as_bytes()));
    }
    out.text(&text);
    match (&entry.children, &entry.error) {
        (_, Some(error)) => {
            out.text(&format!(",\"contents\":[{{\"error\": \"{error}\"}}\n\n{margin}]}}"));
        }
        (Some(children), None) => {
            out.text(",\"contents\":[");
            for (at, child) in children.iter().enumerate() {
                out.text(if at == 0 { "\n" } else { ",\n" });
                json_entry(settings, facts, child, level + 1, out);
            }
            out.text(&format!("\n{margin}]}}"));
        }
        (None, None) => out.text("}"),
    }
}

/// Writes one tree as XML.
pub(super) fn xml(settings: &Settings, root: &Entry, out: &mut Output) {
    xml_entry(settings, &Facts::new(settings), root, 1, out);
}

fn xml_entry(settings: &Settings, facts: &Facts<'_>, entry: &Entry, level: usize, out: &mut Output) {
    let (margin, kind) = ("  ".repeat(level), kind(entry));
    let mut text = format!("{margin}<{kind} name=\"{}\"", xml_text(&entry.name));
    if let Some(target) = &entry.target {
        let _infallible = write!(text, " target=\"{}\"", xml_text(target));
    }
    for (name, value) in attributes(settings, facts, entry) {
        let _infallible = write!(text, " {name}=\"{}\"", xml_text(value.as_bytes()));
    }
    out.text(&text);
    out.text(">");
    if let Some(error) = &entry.error {
        out.text(&format!("<error>{error}</error>\n{margin}</{kind}>\n"));
        return;
    }
    if let Some(children) = &entry.children {
        out.text("\n");
        for child in children {
            xml_entry(settings, facts, child, level + 1, out);
        }
        out.text(&margin);
    }
    out.text(&format!("</{kind}>\n"));
}

fn kind(entry: &Entry) -> &'static str {
    match entry.stat.map(|stat| stat.mode.kind()) {
        Some(Kind::Symlink) => "link",
        Some(Kind::Directory) => "directory",
        Some(Kind::Fifo) => "fifo",
        Some(Kind::Socket) => "socket",
        Some(Kind::BlockDevice) => "block",
        Some(Kind::CharacterDevice) => "char",
        _ => "file",
    }
}

/// What the options tell of a file.
fn attributes(settings: &Settings, facts: &Facts<'_>, entry: &Entry) -> Vec<(&'static str, String)> {
    let Some(stat) = &entry.stat else { return Vec::new() };
    let mut found = Vec::new();
    let mut add = |is_asked: bool, name: &'static str, tell: &dyn Fn(&Stat) -> String| {
        if is_asked {
            found.push((name, tell(stat)));
        }
    };
    add(settings.inodes, "inode", &|stat| stat.inode.to_string());
    add(settings.device, "dev", &|stat| stat.device.to_string());
    add(settings.permissions, "mode", &|stat| format!("{:04o}", stat.mode.permissions()));
    add(settings.permissions, "prot", &|stat| stat.mode.symbolic());
    add(settings.owner, "user", &|stat| facts.user(stat));
    add(settings.group, "group", &|stat| facts.group(stat));
    add(settings.size, "size", &|_| entry.size.to_string());
    add(settings.date, "time", &|stat| facts.time(stat));
    found
}

fn json_text(text: &[u8]) -> String {
    let mut result = String::new();
    for character in String::from_utf8_lossy(text).chars() {
        match character {
            '"' => result.push_str("\\\""),
            '\\' => result.push_str("\\\\"),
            '\n' => result.push_str("\\n"),
            '\t' => result.push_str("\\t"),
            '\r' => result.push_str("\\r"),
            '\u{8}' => result.push_str("\\b"),
            '\u{c}' => result.push_str("\\f"),
            control if control < ' ' => {
                let _infallible = write!(result, "\\u{:04x}", u32::from(control));
            }
            other => result.push(other),
        }
    }
    result
}

fn xml_text(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
