//! Prompts: backslash escapes, then expansion as in double quotes (PS0 to PS4, `${x@P}`).

use super::fields::Fields;
use super::word::Place;
use crate::flow::{Flow, Unwind};
use crate::options::ShellOption;
use crate::parse::{self, ParseOpts};
use crate::shell::Shell;
use crate::vars::Name;

impl Shell {
    /// The text of a prompt.
    ///
    /// # Errors
    /// As [`Shell::expand_word`].
    pub fn expand_prompt(&mut self, text: &[u8]) -> Flow<Vec<u8>> {
        let decoded = self.decode_prompt(text);
        if !self.is_shopt(ShellOption::PromptVars) {
            return Ok(decoded);
        }
        let options = ParseOpts { extglob: self.is_shopt(ShellOption::ExtGlob), ..ParseOpts::default() };
        let pieces = match parse::double_quoted(&decoded, options) {
            Ok(pieces) => pieces,
            Err(error) => {
                self.report_syntax_error(&error);
                return Err(Unwind::Discard(1));
            }
        };
        let mut fields = Fields::text(Vec::new(), self.ifs());
        self.expand_pieces(&pieces, Place { quoted: true, argument: false }, &mut fields)?;
        Ok(fields.current.text)
    }

    fn decode_prompt(&self, text: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(text.len());
        let mut rest = text;
        while let Some((byte, after)) = rest.split_first() {
            rest = after;
            if *byte != b'\\' {
                out.push(*byte);
                continue;
            }
            let Some((letter, after)) = rest.split_first() else {
                out.push(b'\\');
                break;
            };
            rest = after;
            if matches!(letter, b'0'..=b'7') {
                let more = rest.iter().take(2).take_while(|byte| matches!(byte, b'0'..=b'7')).count();
                let digits = std::iter::once(letter).chain(&rest[..more]);
                let value = digits.fold(0u32, |value, digit| value * 8 + u32::from(digit - b'0'));
                out.push(value.to_le_bytes()[0]);
                rest = &rest[more..];
            } else if *letter == b'D' && rest.first() == Some(&b'{') {
                let len = rest.iter().position(|byte| *byte == b'}').unwrap_or(rest.len() - 1);
                let format = if len <= 1 { b"%H:%M:%S" } else { &rest[1..len] };
                out.extend(self.clock_text(format));
                rest = &rest[len + 1..];
            } else {
                self.push_prompt_escape(*letter, &mut out);
            }
        }
        out
    }

    fn push_prompt_escape(&self, letter: u8, out: &mut Vec<u8>) {
        let text: Vec<u8> = match letter {
            b'u' => b"root".to_vec(),
            b'h' | b'H' => {
                // The machine's, whatever became of HOSTNAME.
                let host = self.host_name().unwrap_or_default();
                let len = if letter == b'h' { host.iter().position(|byte| *byte == b'.') } else { None };
                host[..len.unwrap_or(host.len())].to_vec()
            }
            b'w' | b'W' => self.prompt_directory(letter == b'W'),
            b's' => self.name.rsplit(|byte| *byte == b'/').next().unwrap_or_default().to_vec(),
            b'v' => b"5.2".to_vec(),
            b'V' => b"5.2.15".to_vec(),
            b'$' => b"#".to_vec(),
            b'n' => b"\n".to_vec(),
            b'r' => b"\r".to_vec(),
            b'e' => b"\x1b".to_vec(),
            b'a' => b"\x07".to_vec(),
            b'\\' => b"\\".to_vec(),
            // Marks for a line editor; there is none.
            b'[' | b']' => Vec::new(),
            b'!' => self.history_number().to_string().into_bytes(),
            b'#' => (u64::from(self.start.commands) + u64::from(self.start.prompting)).to_string().into_bytes(),
            b'j' => self.exec.jobs.list.len().to_string().into_bytes(),
            b'l' => b"tty".to_vec(),
            b't' => self.clock_text(b"%H:%M:%S"),
            b'T' => self.clock_text(b"%I:%M:%S"),
            b'@' => self.clock_text(b"%I:%M %p"),
            b'A' => self.clock_text(b"%H:%M"),
            b'd' => self.clock_text(b"%a %b %d"),
            other => vec![b'\\', other],
        };
        out.extend(text);
    }

    /// The number of the entry that the command makes in the history; 1 without a history.
    fn history_number(&self) -> usize {
        let next = self.builtins.history.next_number();
        if self.is_set(crate::options::SetOption::History) {
            next.saturating_sub(usize::from(!self.start.prompting)).max(1)
        } else {
            1
        }
    }

    /// The working directory with `~` for HOME; `last`: its last part alone.
    fn prompt_directory(&self, last: bool) -> Vec<u8> {
        let directory = self.vars.get(Name::PWD).unwrap_or(b"/");
        let home = self.vars.get(Name::HOME).unwrap_or_default();
        let below = directory.strip_prefix(home).filter(|rest| rest.is_empty() || rest.starts_with(b"/"));
        match below {
            Some(b"") if !home.is_empty() => b"~".to_vec(),
            Some(rest) if !home.is_empty() && !last => [b"~", rest].concat(),
            _ if last && directory != b"/" => {
                directory.rsplit(|byte| *byte == b'/').next().unwrap_or_default().to_vec()
            }
            _ => directory.to_vec(),
        }
    }

    /// The present time in a `strftime` format.
    fn clock_text(&self, format: &[u8]) -> Vec<u8> {
        let seconds = i64::try_from(self.sys.wall_clock() / 1_000_000_000).unwrap_or(0);
        crate::builtins::time_format::format_time(self, format, seconds)
    }
}
