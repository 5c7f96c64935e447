//! Assignments of the tree: `x=value`, `a[i]+=value`, `a=( ... )`.

use super::fields::{Fields, Mode};
use super::word::Place as Location;
use crate::flow::Flow;
use crate::options::SetOption;
use crate::shell::Shell;
use crate::tree::{Assignment, Element, Piece, Place, Subscript, Value as Assigned, Word};
use crate::vars::{AssocArray, Attrs, IndexedArray, Key, Name, Value, VarError};

/// One element of a compound assignment after its expansions.
enum Item {
    /// For the next index.
    Next(Vec<u8>),
    /// `[key]=text`, `[key]+=text`; `source` is what a message calls the key.
    Keyed { key: Key, append: bool, text: Vec<u8>, source: Vec<u8> },
}

impl Shell {
    /// Carries out an assignment (scalar or compound) with all its expansions.
    ///
    /// # Errors
    /// A failing expansion or a readonly variable, printed here.
    pub fn assign(&mut self, assignment: &Assignment) -> Flow {
        let name = assignment.place.name;
        match (&assignment.value, &assignment.place.index) {
            (Assigned::Scalar(word), index) => {
                let text = self.expand_assignment_value(word)?;
                if self.is_set(SetOption::XTrace) {
                    let mut left = place_text(&assignment.place);
                    left.extend_from_slice(if assignment.append { b"+" } else { b"" });
                    self.trace_assignment(&left, &text);
                }
                let stored = match index {
                    None => self.set_variable(name, &text, assignment.append),
                    Some(subscript) => self
                        .key_of(name, subscript)
                        .and_then(|key| self.set_element(name, &key, &text, assignment.append)),
                };
                self.recycle(text);
                stored.map_err(|error| self.fail(&error))
            }
            (Assigned::Array(elements), None) => {
                if self.is_set(SetOption::XTrace) {
                    self.trace_source(assignment);
                }
                self.assign_elements(name, elements, assignment.append)
            }
            (Assigned::Array(_), Some(_)) => {
                let text = [place_text(&assignment.place), b": cannot assign list to array member".to_vec()].concat();
                Err(self.fail(&VarError::Message(text)))
            }
        }
    }

    /// Expands the value of a scalar assignment.
    ///
    /// # Errors
    /// As [`Shell::expand_word`].
    pub fn expand_assignment_value(&mut self, word: &Word) -> Flow<Vec<u8>> {
        let mut out = self.expand.buffers.pop().unwrap_or_default();
        if let Some(text) = word.constant() {
            out.extend_from_slice(text);
            return Ok(out);
        }
        let mut fields = Fields::text(out, self.ifs());
        fields.mode = Mode::Value;
        self.expand_pieces(&word.pieces, Location::default(), &mut fields)?;
        Ok(fields.current.text)
    }

    /// `name=( elements )` or `+=`: to an indexed array unless the variable is an associative one.
    ///
    /// # Errors
    /// As [`Shell::assign`].
    pub fn assign_elements(&mut self, name: Name, elements: &[Element], append: bool) -> Flow {
        let result = self.referred(name).and_then(|name| self.assign_compound(name, elements, append));
        result.map_err(|error| self.fail(&error))
    }

    fn assign_compound(&mut self, name: Name, elements: &[Element], append: bool) -> Result<(), VarError> {
        let attrs = self.vars.var(name).map(|var| var.attrs).unwrap_or_default();
        if attrs.has(Attrs::READONLY) {
            return Err(VarError::Readonly(name.bytes().to_vec()));
        }
        if attrs.has(Attrs::NAMEREF) {
            self.report(&[b"warning: ", name.bytes(), b": removing nameref attribute"].concat());
            self.vars.change(name, |var| var.attrs.remove(Attrs::NAMEREF));
        }
        let assoc = self.is_assoc(name);
        let items = if assoc { self.assoc_items(name, elements)? } else { self.indexed_items(elements)? };
        if attrs.has(Attrs::NOASSIGN) {
            return Ok(());
        }
        let size = items.iter().map(|item| {
            48 + match item {
                Item::Next(text) | Item::Keyed { text, .. } => text.len(),
            }
        });
        self.check_state(size.sum())?;
        self.vars.change(name, |var| {
            match (&mut var.value, assoc) {
                (Value::Assoc(array), true) if !append => *array = AssocArray::default(),
                (_, false) if !append => var.value = Value::Indexed(IndexedArray::default()),
                (Value::Scalar(_), false) => drop(var.make_indexed()),
                _ => {}
            }
            var.attrs.remove(Attrs::INVISIBLE);
        });
        self.store_items(name, items)?;
        if self.is_set(SetOption::AllExport) {
            self.vars.change(name, |var| var.attrs.add(Attrs::EXPORT));
        }
        Ok(())
    }

    fn store_items(&mut self, name: Name, items: Vec<Item>) -> Result<(), VarError> {
        let mut next = match self.vars.var(name).map(|var| &var.value) {
            Some(Value::Indexed(array)) => i64::try_from(array.end()).unwrap_or(i64::MAX),
            _ => 0,
        };
        for item in items {
            match item {
                Item::Next(text) => {
                    self.set_element(name, &Key::Index(next), &text, false)?;
                    next = next.saturating_add(1);
                }
                Item::Keyed { key: key @ Key::Index(..=-1), text, source, .. } if self.beyond(name, &key) => {
                    self.report(&[b"[", &source[..], b"]=", &text, b": bad array subscript"].concat());
                }
                Item::Keyed { key, append, text, .. } => {
                    self.set_element(name, &key, &text, append)?;
                    if let Key::Index(index) = key {
                        // A negative index counts from the end at that moment.
                        let end = match self.vars.var(name).map(|var| &var.value) {
                            Some(Value::Indexed(array)) => i64::try_from(array.end()).unwrap_or(i64::MAX),
                            _ => 0,
                        };
                        next = if index < 0 { end.saturating_add(index) } else { index }.saturating_add(1);
                    }
                }
            }
        }
        Ok(())
    }

    /// Whether a negative index counts back beyond the first element.
    fn beyond(&self, name: Name, key: &Key) -> bool {
        let end = match self.vars.var(name).map(|var| &var.value) {
            Some(Value::Indexed(array)) => i64::try_from(array.end()).unwrap_or(i64::MAX),
            _ => 0,
        };
        matches!(key, Key::Index(index) if index.saturating_add(end) < 0)
    }

    fn indexed_items(&mut self, elements: &[Element]) -> Result<Vec<Item>, VarError> {
        let mut items = Vec::with_capacity(elements.len());
        let mut words = Vec::new();
        for element in elements {
            match element {
                Element::Word(word) => {
                    self.expand_word(word, &mut words)?;
                    items.extend(words.drain(..).map(Item::Next));
                }
                Element::Keyed { index, append, value, .. } => {
                    if let Some(word) = self.braces_of(index, *append, value) {
                        self.expand_word(&word, &mut words)?;
                        items.extend(words.drain(..).map(Item::Next));
                        continue;
                    }
                    let text = self.expand_assignment_value(value)?;
                    let key = Key::Index(self.evaluate_subscript(index)?);
                    items.push(Item::Keyed { key, append: *append, text, source: index.word.source() });
                }
            }
        }
        Ok(items)
    }

    /// `[1]={a,b}`: braces make several words of it, none of which is an element with a subscript any more.
    fn braces_of(&self, index: &Subscript, append: bool, value: &Word) -> Option<Word> {
        if !self.is_set(SetOption::BraceExpand) {
            return None;
        }
        let (index, value) = (index.word.source(), value.source());
        let open = |text: &[u8]| text.contains(&b'{') && (text.contains(&b',') || text.contains(&b'.'));
        if !open(&index) && !open(&value) {
            return None;
        }
        let operator: &[u8] = if append { b"]+=" } else { b"]=" };
        let text = [b"[", &index[..], operator, &value].concat();
        let word = crate::parse::word(&text, self.parse_options()).ok()?;
        word.pieces.iter().any(|piece| matches!(piece, Piece::Braces(..))).then_some(word)
    }

    /// A key or a value among keys and values in turn: braces are ordinary in it.
    fn expand_in_turn(&mut self, word: &Word) -> Flow<Vec<u8>> {
        if !word.pieces.iter().any(|piece| matches!(piece, Piece::Braces(..))) {
            return self.expand_single(word);
        }
        let options = crate::parse::ParseOpts { braces: false, ..self.parse_options() };
        match crate::parse::word(&word.source(), options) {
            Ok(plain) => self.expand_single(&plain),
            Err(_) => self.expand_single(word),
        }
    }

    /// Elements of an associative array: all with subscripts, or keys and values in turn.
    fn assoc_items(&mut self, name: Name, elements: &[Element]) -> Result<Vec<Item>, VarError> {
        let mut items = Vec::with_capacity(elements.len());
        let in_turn = matches!(elements.first(), Some(Element::Word(_)));
        let mut key: Option<Vec<u8>> = None;
        for element in elements {
            match element {
                Element::Word(word) if in_turn => {
                    let text = self.expand_in_turn(word)?;
                    match key.take() {
                        None => key = Some(text),
                        Some(key) => items.push(paired(key, text)),
                    }
                }
                Element::Word(word) => {
                    let source = word.source();
                    let text = [name.bytes(), b": ", &source, b": must use subscript when assigning associative array"];
                    self.report(&text.concat());
                }
                Element::Keyed { index, append, value, .. } if !in_turn => {
                    let text = self.expand_assignment_value(value)?;
                    let key = self.key_of(name, index)?;
                    items.push(Item::Keyed { key, append: *append, text, source: Vec::new() });
                }
                Element::Keyed { index, append, value, .. } => {
                    // Among keys and values in turn it is a word like any other.
                    let value = self.expand_single(value)?;
                    let operator: &[u8] = if *append { b"]+=" } else { b"]=" };
                    let text = [b"[".as_slice(), &index.word.source(), operator, &value].concat();
                    match key.take() {
                        None => key = Some(text),
                        Some(key) => items.push(paired(key, text)),
                    }
                }
            }
        }
        if let Some(key) = key {
            items.push(paired(key, Vec::new()));
        }
        Ok(items)
    }
}

fn paired(key: Vec<u8>, text: Vec<u8>) -> Item {
    Item::Keyed { key: Key::Text(key), append: false, text, source: Vec::new() }
}

/// A place as written.
fn place_text(place: &Place) -> Vec<u8> {
    match &place.index {
        Some(subscript) => [place.name.bytes(), b"[", &subscript.word.source(), b"]"].concat(),
        None => place.name.bytes().to_vec(),
    }
}
