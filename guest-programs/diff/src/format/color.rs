//! Colors, as `--color` and `--palette` give them.

/// What a piece of output is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Color {
    Header,
    Added,
    Deleted,
    LineNumber,
}

/// The colors: terminal attributes by what they mark.
#[derive(Clone, Debug)]
pub(crate) struct Palette {
    reset: String,
    header: String,
    added: String,
    deleted: String,
    line: String,
}

impl Default for Palette {
    fn default() -> Self {
        let [reset, header, added, deleted, line] = ["0", "1", "32", "31", "36"].map(str::to_owned);
        Self { reset, header, added, deleted, line }
    }
}

impl Palette {
    /// Reads the argument of `--palette`, `rs=0:hd=1:ad=32:de=31:ln=36`.
    ///
    /// # Errors
    ///
    /// The message: an unknown capability, or none at all where one must be.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut palette = Self::default();
        for item in text.split(':').filter(|item| !item.is_empty()) {
            let (name, value) = item.split_once('=').ok_or_else(|| "unparsable value for --palette".to_owned())?;
            let place = match name {
                "rs" => &mut palette.reset,
                "hd" => &mut palette.header,
                "ad" => &mut palette.added,
                "de" => &mut palette.deleted,
                "ln" => &mut palette.line,
                _ => return Err(format!("unrecognized prefix: {name}")),
            };
            value.clone_into(place);
        }
        Ok(palette)
    }

    /// The bytes that begin a color; none ends them all.
    pub(crate) fn sequence(&self, color: Option<Color>) -> String {
        let attributes = match color {
            None => &self.reset,
            Some(Color::Header) => &self.header,
            Some(Color::Added) => &self.added,
            Some(Color::Deleted) => &self.deleted,
            Some(Color::LineNumber) => &self.line,
        };
        format!("\x1b[{attributes}m")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_palette_changes_what_it_names() {
        let palette = Palette::parse("ad=33:hd=").expect("well-formed");
        assert_eq!(palette.sequence(Some(Color::Added)), "\x1b[33m");
        assert_eq!(palette.sequence(Some(Color::Header)), "\x1b[m");
        assert_eq!(palette.sequence(None), "\x1b[0m");
        assert!(Palette::parse("xx=1").is_err() && Palette::parse("ad").is_err());
    }
}
