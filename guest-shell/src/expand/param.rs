//! Parameter expansion: which parameter, its value or values, and what happens when it is unset.

use std::borrow::Cow;

use super::fields::Fields;
use super::word::Place;
use crate::flow::{Flow, Unwind};
use crate::options::SetOption;
use crate::parse::{self, ParseOpts};
use crate::shell::Shell;
use crate::tree::{Joined, Of, Param, ParamOp, Subscript, UnsetAction, Word};
use crate::vars::{Attrs, Key, Name, Resolved, Value, VarError};

/// The value of a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Values {
    /// It is unset.
    Unset,
    /// One text.
    One(Vec<u8>),
    /// The elements of an array or the arguments.
    Many(Vec<Vec<u8>>, Joined),
}

impl Shell {
    /// The text of `$name` for an ordinary variable, without a copy.
    #[inline]
    pub(super) fn plain_variable(&self, param: &Param) -> Option<&[u8]> {
        let (false, Of::Var(name), ParamOp::Value) = (param.indirect, &param.of, &param.op) else { return None };
        let var = self.vars.var(*name)?;
        if var.attrs.any(Attrs::DYNAMIC.or(Attrs::NAMEREF)) {
            return None;
        }
        var.text()
    }

    pub(super) fn expand_param(&mut self, param: &Param, place: Place, fields: &mut Fields) -> Flow {
        if let Some(text) = self.plain_variable(param) {
            fields.push_expansion(text, place.quoted);
            return self.check_size(fields);
        }
        self.enter_expansion()?;
        let result = self.expand_param_slowly(param, place, fields);
        self.expand.depth -= 1;
        result?;
        self.check_size(fields)
    }

    fn expand_param_slowly(&mut self, param: &Param, place: Place, fields: &mut Fields) -> Flow {
        if let ParamOp::Bad(text) = &param.op {
            let text = [text, b": bad substitution".as_slice()].concat();
            return Err(self.fail(&VarError::Message(text)));
        }
        if !param.indirect {
            return self.expand_of(&param.of, &param.op, place, fields);
        }
        let Some(of) = self.indirection(&param.of)? else {
            // `${!ref}` of a nameref is the name it refers to.
            if let Of::Var(name) = param.of
                && let Some(var) = self.vars.var(name)
            {
                let target = match self.vars.resolve(name) {
                    Resolved::Name(target) => target.bytes().to_vec(),
                    Resolved::Element(base, subscript) => [base.bytes(), b"[", &subscript, b"]"].concat(),
                    _ => var.text().unwrap_or_default().to_vec(),
                };
                return self.apply(Values::One(target), &param.of, &param.op, place, fields);
            }
            return Ok(());
        };
        if self.is_set(SetOption::NoUnset)
            && !matches!(param.op, ParamOp::Unset { .. } | ParamOp::Keys | ParamOp::Names(_))
            && self.values(&of)? == Values::Unset
        {
            let name = [b"!".as_slice(), &self.describe(&param.of)].concat();
            return Err(self.fail(&VarError::Unbound(name)));
        }
        self.expand_of(&of, &param.op, place, fields)
    }

    fn expand_of(&mut self, of: &Of, op: &ParamOp, place: Place, fields: &mut Fields) -> Flow {
        match op {
            ParamOp::Names(joined) => {
                let prefix = match of {
                    Of::Var(name) => name.bytes(),
                    _ => b"",
                };
                let names = self.vars.names_with_prefix(prefix);
                let names = names.into_iter().map(|name| name.bytes().to_vec()).collect();
                self.push_values(Values::Many(names, *joined), place, fields);
                return Ok(());
            }
            ParamOp::Keys => {
                let Of::All(name, joined) = of else { return Ok(()) };
                let keys = self.variable(*name).map(|var| var.keys()).unwrap_or_default();
                let keys = Values::Many(keys, *joined);
                let keys = if place.quoted { super::operators::assigned(keys, fields) } else { keys };
                self.push_values(keys, place, fields);
                return Ok(());
            }
            ParamOp::Length => {
                let length = self.length(of)?;
                fields.push_expansion(length.to_string().as_bytes(), place.quoted);
                return Ok(());
            }
            ParamOp::Unset { action, colon, word } => {
                return self.expand_unset(of, *action, *colon, word, place, fields);
            }
            _ => {}
        }
        let values = self.values(of)?;
        if values == Values::Unset && self.is_set(SetOption::NoUnset) {
            return Err(self.fail(&VarError::Unbound(self.describe(of))));
        }
        self.apply(values, of, op, place, fields)
    }

    /// Puts what an expansion came to where it belongs.
    pub(super) fn push_values(&mut self, values: Values, place: Place, fields: &mut Fields) {
        match values {
            Values::Unset if place.quoted => fields.push_quoted(b""),
            Values::Unset => {}
            Values::One(text) => fields.push_expansion(&text, place.quoted),
            Values::Many(list, joined) => push_list(&list, joined, place, fields),
        }
    }

    // Values.

    /// The value of a parameter.
    pub(super) fn values(&mut self, of: &Of) -> Flow<Values> {
        Ok(match of {
            Of::Var(name) => match self.text_of(*name) {
                Some(text) => Values::One(text.into_owned()),
                None => self.circular_value(*name),
            },
            Of::Element(name, subscript) => match self.element_value(*name, subscript) {
                Ok(Some(text)) => Values::One(text),
                Ok(None) => Values::Unset,
                Err(error @ VarError::Message(_)) if error.text().ends_with(b"bad array subscript") => {
                    // bash tells and goes on with nothing.
                    self.report(&error.text());
                    Values::Unset
                }
                Err(error) => return Err(self.fail(&error)),
            },
            Of::All(name, joined) => Values::Many(self.all_elements(*name), *joined),
            Of::Positional(number) => {
                let index = (*number as usize).checked_sub(1);
                let text = index.and_then(|index| self.vars.positional().get(index));
                text.map_or(Values::Unset, |text| Values::One(text.clone()))
            }
            Of::Arguments(joined) => Values::Many(self.vars.positional().to_vec(), *joined),
            Of::Special(byte) => self.special(*byte),
        })
    }

    /// The value of a variable that has none: of a nameref in a circle, which is told, it is the global one's.
    fn circular_value(&mut self, name: Name) -> Values {
        if !self.vars.var(name).is_some_and(|var| var.attrs.has(Attrs::NAMEREF))
            || self.vars.resolve(name) != Resolved::Circular
        {
            return Values::Unset;
        }
        let warning = [b"warning: ".as_slice(), name.bytes(), b": circular name reference"].concat();
        self.report(&warning);
        if !self.vars.in_function() {
            return Values::Unset;
        }
        self.report(&warning);
        let text = self.vars.with_global(name, |vars| vars.var(name).and_then(|var| var.text()).map(<[u8]>::to_vec));
        text.map_or(Values::Unset, Values::One)
    }

    fn all_elements(&self, name: Name) -> Vec<Vec<u8>> {
        if let Resolved::Element(..) = self.vars.resolve(name) {
            return self.vars.get(name).map(|text| vec![text.to_vec()]).unwrap_or_default();
        }
        match self.variable(name) {
            Some(var) => var.texts().into_iter().map(<[u8]>::to_vec).collect(),
            None => Vec::new(),
        }
    }

    fn special(&self, byte: u8) -> Values {
        Values::One(match byte {
            b'#' => self.vars.positional().len().to_string().into_bytes(),
            b'?' => self.status.to_string().into_bytes(),
            b'$' => self.shell_pid.to_string().into_bytes(),
            b'!' => match self.last_background {
                Some(pid) => pid.to_string().into_bytes(),
                None => return Values::Unset,
            },
            b'0' => self.name.to_vec(),
            b'-' => {
                let mut letters = self.options.letters();
                for (on, letter, before) in
                    [(self.start.interactive, b'i', &b"abefh"[..]), (self.is_restricted(), b'r', b"abefhikmnp")]
                {
                    let at = letters.iter().take_while(|known| before.contains(known)).count();
                    letters.splice(at..at, on.then_some(letter));
                }
                letters.extend(self.execution_string.is_some().then_some(b'c'));
                letters.extend(self.start.from_input.then_some(b's'));
                letters
            }
            _ => Vec::new(),
        })
    }

    fn element_value(&mut self, name: Name, subscript: &Subscript) -> Result<Option<Vec<u8>>, VarError> {
        // The common case: a number into an ordinary array, read without copying the array.
        let key = self.key_of(name, subscript)?;
        let referred = match self.vars.resolve(name) {
            Resolved::Name(target) | Resolved::Unbound(target) => target,
            Resolved::Element(..) | Resolved::Circular => return Ok(None),
        };
        Ok(self.element(referred, &key)?.map(Cow::into_owned))
    }

    /// The key a subscript means for the array `name`.
    pub(super) fn key_of(&mut self, name: Name, subscript: &Subscript) -> Result<Key, VarError> {
        if !self.is_assoc(name) {
            if subscript.word.pieces.is_empty() {
                return Err(VarError::subscript(&[name.bytes(), b"[]"].concat()));
            }
            if let Some(all @ (b"*" | b"@")) = subscript.word.constant().map(|text| text.as_bytes()) {
                return Err(VarError::subscript(&[name.bytes(), b"[", all, b"]"].concat()));
            }
            return Ok(Key::Index(self.evaluate_subscript(subscript)?));
        }
        let key = self.expand_key(&subscript.word)?;
        if key.is_empty() {
            return Err(VarError::subscript(&[name.bytes(), b"[", &subscript.word.source(), b"]"].concat()));
        }
        Ok(Key::Text(key))
    }

    fn expand_key(&mut self, word: &Word) -> Flow<Vec<u8>> {
        match word.constant() {
            Some(text) => Ok(text.to_vec()),
            None => self.expand_single(word),
        }
    }

    /// How messages name a parameter.
    pub(super) fn describe(&self, of: &Of) -> Vec<u8> {
        match of {
            Of::Var(name) => name.bytes().to_vec(),
            Of::Element(name, subscript) => [name.bytes(), b"[", &subscript.word.source(), b"]"].concat(),
            Of::All(name, Joined::At) => [name.bytes(), b"[@]"].concat(),
            Of::All(name, Joined::Star) => [name.bytes(), b"[*]"].concat(),
            Of::Positional(number) => format!("${number}").into_bytes(),
            Of::Arguments(Joined::At) => b"$@".to_vec(),
            Of::Arguments(Joined::Star) => b"$*".to_vec(),
            Of::Special(byte) => vec![b'$', *byte],
        }
    }

    // Indirection.

    /// The parameter that `${!of}` means; `None` for a nameref, whose target's name is the result.
    fn indirection(&mut self, of: &Of) -> Flow<Option<Of>> {
        if let Of::Var(name) = of
            && self.vars.var(*name).is_some_and(|var| var.attrs.has(Attrs::NAMEREF))
        {
            return Ok(None);
        }
        let text = match self.values(of)? {
            Values::One(text) => text,
            Values::Many(list, _) => list.join(&b' '),
            Values::Unset => {
                let text = [&self.describe(of), b": invalid indirect expansion".as_slice()].concat();
                return Err(self.fail(&VarError::Message(text)));
            }
        };
        match parse_parameter(&text) {
            Some(of) => Ok(Some(of)),
            None => Err(self.fail(&VarError::Message([&text, b": invalid variable name".as_slice()].concat()))),
        }
    }

    // Length.

    fn length(&mut self, of: &Of) -> Flow<usize> {
        match of {
            Of::Arguments(_) => return Ok(self.vars.positional().len()),
            Of::All(name, _) => {
                let Some(var) = self.variable(*name).filter(|var| var.is_set()) else { return Ok(0) };
                return Ok(match &var.value {
                    Value::Scalar(_) => 1,
                    Value::Indexed(array) => array.len(),
                    Value::Assoc(array) => array.len(),
                });
            }
            Of::Var(name) => {
                if let Some(text) = self.text_of(*name) {
                    return Ok(super::text::count_chars(&text));
                }
            }
            _ => {}
        }
        match self.values(of)? {
            Values::One(text) => Ok(super::text::count_chars(&text)),
            Values::Many(list, _) => Ok(list.len()),
            Values::Unset if self.is_set(SetOption::NoUnset) => Err(self.fail(&VarError::Unbound(self.describe(of)))),
            Values::Unset => Ok(0),
        }
    }

    // `-`, `=`, `?`, `+`.

    fn expand_unset(
        &mut self,
        of: &Of,
        action: UnsetAction,
        colon: bool,
        word: &Word,
        place: Place,
        fields: &mut Fields,
    ) -> Flow {
        let values = self.values(of)?;
        let missing = match &values {
            Values::Unset => true,
            Values::One(text) => colon && text.is_empty(),
            Values::Many(list, _) => list.is_empty() || (colon && list.len() == 1 && list[0].is_empty()),
        };
        match (action, missing) {
            (UnsetAction::Alternative, true) => {
                self.push_values(Values::Unset, place, fields);
                Ok(())
            }
            (UnsetAction::Alternative, false) | (UnsetAction::Default, true) => {
                self.expand_argument(word, place, fields)
            }
            (UnsetAction::Assign, true) => {
                let text = self.assign_default(of, word, place)?;
                fields.push_expansion(&text, place.quoted);
                Ok(())
            }
            (UnsetAction::Fail, true) => self.fail_unset(of, colon, word),
            _ => {
                self.push_values(values, place, fields);
                Ok(())
            }
        }
    }

    /// The word of `${x-word}`, in place of the parameter.
    fn expand_argument(&mut self, word: &Word, place: Place, fields: &mut Fields) -> Flow {
        if place.quoted && word.pieces.is_empty() {
            fields.push_quoted(b"");
        }
        self.expand_pieces(&word.pieces, Place { quoted: place.quoted, argument: !place.quoted }, fields)
    }

    fn assign_default(&mut self, of: &Of, word: &Word, place: Place) -> Flow<Vec<u8>> {
        let mut text = Fields::text(Vec::new(), self.ifs());
        self.expand_pieces(&word.pieces, Place { quoted: place.quoted, argument: false }, &mut text)?;
        let text = text.current.text;
        let result = match of {
            Of::Var(name) => self.set_variable(*name, &text, false),
            Of::Element(name, subscript) => match self.key_of(*name, subscript) {
                Ok(key) => self.set_element(*name, &key, &text, false),
                Err(error) => Err(error),
            },
            _ => {
                let text = [&self.describe(of), b": cannot assign in this way".as_slice()].concat();
                Err(VarError::Message(text))
            }
        };
        if let Err(error) = result {
            return Err(self.fail(&error));
        }
        // An attribute may have changed what was assigned.
        match self.values(of)? {
            Values::One(stored) => Ok(stored),
            _ => Ok(text),
        }
    }

    fn fail_unset(&mut self, of: &Of, colon: bool, word: &Word) -> Flow {
        let mut message = match of {
            Of::Positional(number) => number.to_string().into_bytes(),
            Of::Special(byte) => vec![*byte],
            Of::Arguments(Joined::At) => b"@".to_vec(),
            Of::Arguments(Joined::Star) => b"*".to_vec(),
            of => self.describe(of),
        };
        message.extend_from_slice(b": ");
        if word.pieces.is_empty() {
            message.extend_from_slice(if colon { b"parameter null or not set" } else { b"parameter not set" });
        } else {
            message.extend(self.expand_single(word)?);
        }
        self.report(&message);
        Err(self.fatal())
    }

    /// How an unset parameter under `set -u` or `${x?}` ends a shell without a user.
    pub(super) fn fatal(&mut self) -> Unwind {
        if self.start.interactive {
            return Unwind::Discard(1);
        }
        self.status = if self.execution_string.is_some() { 127 } else { 1 };
        Unwind::Exit(self.status)
    }
}

/// The elements of a list, joined or one by one as the place wants it.
fn push_list(list: &[Vec<u8>], joined: Joined, place: Place, fields: &mut Fields) {
    let words = fields.mode == super::fields::Mode::Words;
    if joined == Joined::Star && (place.quoted || !words) {
        let joiner = fields.ifs().joiner().to_vec();
        push_joined(list, &joiner, place, fields);
    } else if !words {
        push_joined(list, b" ", place, fields);
    } else if !place.quoted && !fields.ifs().is_empty() {
        // bash joins the elements and splits the whole, so a separator of IFS keeps empty elements.
        let joiner = fields.ifs().joiner().to_vec();
        push_joined(list, &joiner, place, fields);
    } else {
        if list.is_empty() && place.quoted {
            fields.note_empty_list();
        }
        for (i, text) in list.iter().enumerate() {
            if i > 0 {
                fields.next_element(place.quoted);
            }
            fields.push_expansion(text, place.quoted);
        }
    }
}

fn push_joined(list: &[Vec<u8>], joiner: &[u8], place: Place, fields: &mut Fields) {
    if list.is_empty() && place.quoted {
        fields.push_quoted(b"");
    }
    for (i, text) in list.iter().enumerate() {
        if i > 0 {
            fields.push_expansion(joiner, place.quoted);
        }
        fields.push_expansion(text, place.quoted);
    }
}

/// The parameter a text names, as the value of an indirection does.
fn parse_parameter(text: &[u8]) -> Option<Of> {
    match text {
        b"@" => return Some(Of::Arguments(Joined::At)),
        b"*" => return Some(Of::Arguments(Joined::Star)),
        [byte @ (b'#' | b'?' | b'-' | b'$' | b'!' | b'0')] => return Some(Of::Special(*byte)),
        _ => {}
    }
    if !text.is_empty() && text.iter().all(u8::is_ascii_digit) {
        return std::str::from_utf8(text).ok()?.parse().ok().map(Of::Positional);
    }
    if crate::vars::is_name(text) {
        return Some(Of::Var(Name::new(text)));
    }
    let open = text.iter().position(|byte| *byte == b'[')?;
    let inner = text[open + 1..].strip_suffix(b"]")?;
    let name = &text[..open];
    if !crate::vars::is_name(name) {
        return None;
    }
    let name = Name::new(name);
    match inner {
        b"" => None,
        b"@" => Some(Of::All(name, Joined::At)),
        b"*" => Some(Of::All(name, Joined::Star)),
        _ => {
            let place = parse::place(text, ParseOpts::default())?;
            place.index.map(|index| Of::Element(name, index))
        }
    }
}
