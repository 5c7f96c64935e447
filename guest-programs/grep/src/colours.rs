//! The colours of `--color`, and how `GREP_COLORS` changes them.

/// The sequences that colour the parts of the output: what stands between `ESC [` and `m`.
#[derive(Debug, PartialEq)]
pub(crate) struct Colours {
    /// Matches in selected lines.
    pub(crate) selected: String,
    /// Matches in context lines.
    pub(crate) context: String,
    pub(crate) name: String,
    pub(crate) number: String,
    pub(crate) offset: String,
    pub(crate) separator: String,
    /// Whole selected and context lines, empty for none.
    pub(crate) selected_line: String,
    pub(crate) context_line: String,
    /// The two exchange their roles with `-v`.
    pub(crate) reversed: bool,
    /// The rest of the line is not cleared in the background's colour.
    pub(crate) no_clear: bool,
}

impl Colours {
    /// Reads the environment.
    pub(crate) fn from_environment() -> Self {
        let text = |name: &str| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned());
        let mut colours = Self::parse(text("GREP_COLORS").as_deref().unwrap_or(""));
        if text("GREP_COLORS").is_none()
            && let Some(old) = text("GREP_COLOR").filter(|old| is_sequence(old) && !old.is_empty())
        {
            colours.selected.clone_from(&old);
            colours.context = old;
        }
        colours
    }

    /// Reads `name=sequence` pairs separated by colons; from the first that is malformed on, nothing is taken.
    pub(crate) fn parse(text: &str) -> Self {
        let plain = |sequence: &str| sequence.to_owned();
        let mut colours = Self {
            selected: plain("01;31"),
            context: plain("01;31"),
            name: plain("35"),
            number: plain("32"),
            offset: plain("32"),
            separator: plain("36"),
            selected_line: String::new(),
            context_line: String::new(),
            reversed: false,
            no_clear: false,
        };
        for pair in text.split(':') {
            let (name, sequence) = pair.split_once('=').unwrap_or((pair, ""));
            if !is_sequence(sequence) {
                break;
            }
            let sequence = sequence.to_owned();
            match name {
                "mt" => {
                    colours.selected.clone_from(&sequence);
                    colours.context = sequence;
                }
                "ms" => colours.selected = sequence,
                "mc" => colours.context = sequence,
                "fn" => colours.name = sequence,
                "ln" => colours.number = sequence,
                "bn" => colours.offset = sequence,
                "se" => colours.separator = sequence,
                "sl" => colours.selected_line = sequence,
                "cx" => colours.context_line = sequence,
                "rv" => colours.reversed = true,
                "ne" => colours.no_clear = true,
                _ => {}
            }
        }
        colours
    }
}

fn is_sequence(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit() || byte == b';')
}

#[cfg(test)]
mod tests {
    use super::Colours;

    #[test]
    fn pairs_change_what_they_name() {
        let colours = Colours::parse("mt=1:fn=2:rv:xx=3:ln=x:se=4");
        let expected = Colours {
            selected: "1".to_owned(),
            context: "1".to_owned(),
            name: "2".to_owned(),
            reversed: true,
            ..Colours::parse("")
        };
        assert_eq!(colours, expected);
    }
}
