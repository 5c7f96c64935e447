//! What the special variables ask for, in the form that the machine uses.

use std::rc::Rc;

use crate::failure::Result;
use crate::format::NumberFormat;
use crate::patterns::Patterns;
use crate::reader::Separator;
use crate::special;
use crate::split::{self, Splitter};
use crate::value::Value;

/// The settings in force.
pub(crate) struct Settings {
    pub(crate) convfmt: NumberFormat,
    pub(crate) ofmt: NumberFormat,
    /// `OFS`.
    pub(crate) output_separator: Vec<u8>,
    /// `ORS`.
    pub(crate) output_record_separator: Vec<u8>,
    pub(crate) subsep: Vec<u8>,
    pub(crate) splitter: Splitter,
    /// `RS`.
    pub(crate) separator: Separator,
    pub(crate) ignore_case: bool,
    /// Which of `FS`, `FPAT` and `FIELDWIDTHS` was assigned last.
    fields_by: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            convfmt: NumberFormat::default(),
            ofmt: NumberFormat::default(),
            output_separator: b" ".to_vec(),
            output_record_separator: b"\n".to_vec(),
            subsep: vec![0x1c],
            splitter: Splitter::Blanks,
            separator: Separator::Byte(b'\n'),
            ignore_case: false,
            fields_by: special::FS,
        }
    }
}

impl Settings {
    /// The values that special variables begin with.
    pub(crate) fn initial() -> [(u32, Value); 12] {
        [
            (special::FS, Value::text(b" ")),
            (special::OFS, Value::text(b" ")),
            (special::ORS, Value::text(b"\n")),
            (special::RS, Value::text(b"\n")),
            (special::SUBSEP, Value::text(&[0x1c])),
            (special::CONVFMT, Value::text(b"%.6g")),
            (special::OFMT, Value::text(b"%.6g")),
            (special::FPAT, Value::text(b"[^[:space:]]+")),
            (special::RSTART, Value::Number(0.0)),
            (special::RLENGTH, Value::Number(-1.0)),
            (special::IGNORECASE, Value::Number(0.0)),
            (special::FILENAME, Value::text(b"")),
        ]
    }

    /// Takes over a variable that was just assigned.
    pub(crate) fn refresh(&mut self, slot: u32, globals: &[Value], patterns: &mut Patterns) -> Result<()> {
        let Some(value) = globals.get(slot as usize) else { return Ok(()) };
        let text = value.bytes(&self.convfmt).into_owned();
        match slot {
            special::OFS => self.output_separator = text,
            special::ORS => self.output_record_separator = text,
            special::SUBSEP => self.subsep = text,
            special::CONVFMT => self.convfmt = NumberFormat::new(&text),
            special::OFMT => self.ofmt = NumberFormat::new(&text),
            special::FS | special::FPAT | special::FIELDWIDTHS => {
                self.fields_by = slot;
                self.refresh_splitter(globals, patterns)?;
            }
            special::RS => {
                self.separator = self.separator_of(value, patterns)?;
                self.refresh_splitter(globals, patterns)?;
            }
            special::IGNORECASE => {
                self.ignore_case = value.is_true();
                self.refresh_splitter(globals, patterns)?;
                let separator = globals.get(special::RS as usize).cloned().unwrap_or(Value::Unset);
                self.separator = self.separator_of(&separator, patterns)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn separator_of(&self, value: &Value, patterns: &mut Patterns) -> Result<Separator> {
        let text = value.bytes(&self.convfmt);
        Ok(match &*text {
            b"" => Separator::Paragraph,
            [byte] => Separator::Byte(*byte),
            _ => Separator::Regex(patterns.of(value, self)?),
        })
    }

    fn refresh_splitter(&mut self, globals: &[Value], patterns: &mut Patterns) -> Result<()> {
        let Some(value) = globals.get(self.fields_by as usize) else { return Ok(()) };
        self.splitter = match self.fields_by {
            special::FPAT => Splitter::Fields(patterns.of(value, self)?),
            special::FIELDWIDTHS => Splitter::Widths(Rc::new(split::widths(&value.bytes(&self.convfmt))?)),
            _ => {
                let splitter = self.splitter_of(value, patterns)?;
                if matches!(self.separator, Separator::Paragraph) {
                    self.in_paragraph(splitter, patterns)?
                } else {
                    splitter
                }
            }
        };
        Ok(())
    }

    /// The splitter that a value of `FS`, or the separator of `split`, asks for.
    pub(crate) fn splitter_of(&self, value: &Value, patterns: &mut Patterns) -> Result<Splitter> {
        if let Value::Regex(pattern) = value {
            if pattern.source().is_empty() {
                return Ok(Splitter::Characters);
            }
            return Ok(Splitter::Regex(patterns.of(value, self)?));
        }
        let text = value.bytes(&self.convfmt);
        Ok(match &*text {
            b"" => Splitter::Characters,
            b" " => Splitter::Blanks,
            [byte] if byte.is_ascii() => Splitter::Byte(*byte),
            _ => Splitter::Regex(patterns.of(value, self)?),
        })
    }

    /// In paragraphs a newline separates fields as well.
    fn in_paragraph(&self, splitter: Splitter, patterns: &mut Patterns) -> Result<Splitter> {
        Ok(match splitter {
            Splitter::Byte(byte) => Splitter::ByteOrNewline(byte),
            Splitter::Regex(pattern) => {
                let either = [b"(", pattern.source(), b")|\n"].concat();
                Splitter::Regex(patterns.of(&Value::from_vec(either), self)?)
            }
            other => other,
        })
    }
}
