//! The values of `-printf`'s directives.

use sandshell_sys::{Errno, Kind, Stat, path_of, stat};

use crate::calendar;
use crate::context::Context;
use crate::entry::Entry;
use crate::printf::{Directive, Format, Piece};
use crate::time::nanos;

/// What a session's file system is called.
pub(crate) const FILE_SYSTEM: &str = "tmpfs";

/// Writes a file by a format; answers `None` when its state is needed and cannot be had, which is told.
pub(crate) fn render(format: &Format, entry: &Entry, context: &mut Context) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    for piece in &format.0 {
        match piece {
            Piece::Text(text) => out.extend(text),
            Piece::Stop => break,
            Piece::Directive(directive) => {
                let value = match of_path(directive, entry) {
                    Some(value) => value,
                    None => match entry.stat() {
                        Ok(stat) => of_stat(directive, &stat, context),
                        Err(errno) => {
                            context.complain_of(&entry.path, errno);
                            return None;
                        }
                    },
                };
                directive.pad(value, matches!(directive.letter, 'd' | 'm'), &mut out);
            }
        }
    }
    Some(out)
}

/// The value of a directive that the path alone tells.
fn of_path(directive: &Directive, entry: &Entry) -> Option<Vec<u8>> {
    let path = &entry.path;
    let last_slash = path.iter().rposition(|byte| *byte == b'/');
    Some(match directive.letter {
        'p' => path.clone(),
        'P' => entry.below_start().to_vec(),
        'H' => path[..entry.start].to_vec(),
        'd' => entry.depth.to_string().into_bytes(),
        'f' => {
            let end = path.iter().rposition(|byte| *byte != b'/').unwrap_or(0);
            let at = path[..end].iter().rposition(|byte| *byte == b'/').map_or(0, |at| at + 1);
            path[at..].to_vec()
        }
        'h' => last_slash.map_or(b".".to_vec(), |at| path[..at].to_vec()),
        'F' => FILE_SYSTEM.into(),
        // One file system, which has no number; no birth times, no contexts.
        'D' => b"0".to_vec(),
        'B' | 'Z' => Vec::new(),
        'y' => letter(entry.kind()).into(),
        'Y' => match entry.kind() {
            Ok(Kind::Symlink) => letter(stat(path).map(|stat| stat.mode.kind())).into(),
            kind => letter(kind).into(),
        },
        'l' => match entry.kind() {
            Ok(Kind::Symlink) => link_target(path).unwrap_or_default(),
            _ => Vec::new(),
        },
        _ => return None,
    })
}

/// The letter of a kind, or of why there is none.
fn letter(kind: Result<Kind, Errno>) -> String {
    let letter = match kind {
        Ok(kind) => kind.letter(),
        Err(Errno::ENOENT | Errno::ENOTDIR) => 'N',
        Err(Errno::ELOOP) => 'L',
        Err(_) => '?',
    };
    letter.into()
}

/// What a symbolic link points to.
pub(crate) fn link_target(path: &[u8]) -> Option<Vec<u8>> {
    let target = std::fs::read_link(path_of(path)).ok()?;
    Some(sandshell_sys::bytes_of(target.as_os_str()).to_vec())
}

fn of_stat(directive: &Directive, stat: &Stat, context: &Context) -> Vec<u8> {
    let time = match directive.letter {
        'a' | 'A' => nanos(stat.accessed),
        'c' | 'C' => nanos(stat.changed),
        _ => nanos(stat.modified),
    };
    match directive.letter {
        'a' | 'c' | 't' => calendar::long(time),
        'A' | 'C' | 'T' => calendar::format(time, directive.time),
        'b' => stat.blocks.to_string(),
        'k' => stat.blocks.div_ceil(2).to_string(),
        's' => stat.size.to_string(),
        'S' => sparseness(stat),
        'i' => stat.inode.to_string(),
        'n' => stat.links.to_string(),
        'm' if directive.alternate => format!("0{:o}", stat.mode.permissions()),
        'm' => format!("{:o}", stat.mode.permissions()),
        'M' => stat.mode.symbolic(),
        'u' => context.accounts().user_name(stat.uid).map_or_else(|| stat.uid.to_string(), str::to_owned),
        'g' => context.accounts().group_name(stat.gid).map_or_else(|| stat.gid.to_string(), str::to_owned),
        'U' => stat.uid.to_string(),
        'G' => stat.gid.to_string(),
        // Nothing else is read as a directive.
        _ => String::new(),
    }
    .into_bytes()
}

/// Bytes occupied to bytes of length, in six digits as C's `%g` shows them.
#[expect(clippy::cast_precision_loss, reason = "six digits are shown")]
fn sparseness(stat: &Stat) -> String {
    if stat.size == 0 {
        return if stat.blocks == 0 { "1" } else { "inf" }.to_owned();
    }
    let ratio = stat.blocks as f64 * 512.0 / stat.size as f64;
    if ratio == 0.0 {
        return "0".to_owned();
    }
    let exponent = ratio.log10().floor();
    if !(-4.0..6.0).contains(&exponent) {
        return format!("{ratio:.5e}");
    }
    // Between 0 and 9: the exponent is between -4 and 5.
    let decimals = (0..=9u8).find(|n| f64::from(*n) + exponent >= 5.0).unwrap_or(9);
    let text = format!("{ratio:.decimals$}", decimals = usize::from(decimals));
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}
