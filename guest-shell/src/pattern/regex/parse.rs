//! Regular expressions to programs: a recursive-descent parser that emits instructions as it goes.

use super::super::class::Class;
use super::{Assertion, Regex, Step};
use crate::expand::text::{first_char, lower};

/// How deep groups may nest.
const NESTING_MAX: u32 = 200;
/// Most instructions of a program: counted repetitions copy their operand.
const STEPS_MAX: usize = 30_000;
/// Highest count of a repetition (glibc's RE_DUP_MAX).
const REPEAT_MAX: usize = 32_767;

pub(super) fn compile(text: &[u8], fold: bool) -> Option<Regex> {
    let mut parser = Parser { text, at: 0, fold, nesting: 0, groups: 0, references: false };
    let node = parser.alternatives()?;
    if parser.at < text.len() {
        return None;
    }
    let mut emitter = Emitter { steps: Vec::new() };
    emitter.push(Step::Save(0))?;
    emitter.node(&node)?;
    emitter.push(Step::Save(1))?;
    emitter.push(Step::Match)?;
    Some(Regex { steps: emitter.steps, slots: 2 * (parser.groups + 1), references: parser.references, fold })
}

enum Node {
    Char(char),
    Byte(u8),
    Folded(char),
    Any,
    Class(Class),
    Assert(Assertion),
    Back(usize),
    Row(Vec<Node>),
    Either(Vec<Node>),
    Group(usize, Box<Node>),
    /// At least, at most (none: any number).
    Repeat(Box<Node>, usize, Option<usize>),
}

struct Parser<'a> {
    text: &'a [u8],
    at: usize,
    fold: bool,
    nesting: u32,
    groups: usize,
    references: bool,
}

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn alternatives(&mut self) -> Option<Node> {
        let mut list = vec![self.row()?];
        while self.peek() == Some(b'|') {
            self.at += 1;
            list.push(self.row()?);
        }
        if list.len() == 1 { list.pop() } else { Some(Node::Either(list)) }
    }

    fn row(&mut self) -> Option<Node> {
        let mut row = Vec::new();
        while let Some(byte) = self.peek() {
            if byte == b'|' || (byte == b')' && self.nesting > 0) {
                break;
            }
            // An operator that repeats nothing is wrong.
            if matches!(byte, b'*' | b'+' | b'?' | b'{') {
                return None;
            }
            let atom = self.atom()?;
            row.push(self.repeats(atom)?);
        }
        Some(Node::Row(row))
    }

    fn atom(&mut self) -> Option<Node> {
        let byte = self.peek()?;
        match byte {
            b'(' => self.group(),
            b'[' => {
                let (class, len) = Class::parse(&self.text[self.at + 1..], false, self.fold)?;
                self.at += len + 1;
                Some(Node::Class(class))
            }
            b'\\' => self.escape(),
            b'.' | b'^' | b'$' => {
                self.at += 1;
                Some(match byte {
                    b'.' => Node::Any,
                    b'^' => Node::Assert(Assertion::TextStart),
                    _ => Node::Assert(Assertion::TextEnd),
                })
            }
            _ => Some(self.literal()),
        }
    }

    fn group(&mut self) -> Option<Node> {
        if self.nesting >= NESTING_MAX {
            return None;
        }
        self.at += 1;
        self.groups += 1;
        let number = self.groups;
        self.nesting += 1;
        let inner = self.alternatives()?;
        self.nesting -= 1;
        if self.peek() != Some(b')') {
            return None;
        }
        self.at += 1;
        Some(Node::Group(number, Box::new(inner)))
    }

    fn escape(&mut self) -> Option<Node> {
        self.at += 1;
        let byte = self.peek()?;
        let assertion = match byte {
            b'b' => Assertion::WordBoundary,
            b'B' => Assertion::NoWordBoundary,
            b'<' => Assertion::WordStart,
            b'>' => Assertion::WordEnd,
            b'`' => Assertion::TextStart,
            b'\'' => Assertion::TextEnd,
            b'w' | b'W' | b's' | b'S' => {
                self.at += 1;
                let set: &[u8] = match byte {
                    b'w' => b"[:alnum:]_]",
                    b'W' => b"^[:alnum:]_]",
                    b's' => b"[:space:]]",
                    _ => b"^[:space:]]",
                };
                return Class::parse(set, false, false).map(|(class, _)| Node::Class(class));
            }
            b'1'..=b'9' => {
                let number = usize::from(byte - b'0');
                if number > self.groups {
                    return None;
                }
                self.at += 1;
                self.references = true;
                return Some(Node::Back(number));
            }
            _ => return Some(self.literal()),
        };
        self.at += 1;
        Some(Node::Assert(assertion))
    }

    fn literal(&mut self) -> Node {
        let (c, len) = first_char(&self.text[self.at..]);
        let byte = self.text[self.at];
        self.at += len;
        match c {
            Some(c) if self.fold => Node::Folded(lower(c)),
            Some(c) => Node::Char(c),
            None => Node::Byte(byte),
        }
    }

    fn repeats(&mut self, atom: Node) -> Option<Node> {
        let mut node = atom;
        while let Some(byte) = self.peek() {
            let (least, most) = match byte {
                b'*' => (0, None),
                b'+' => (1, None),
                b'?' => (0, Some(1)),
                b'{' => {
                    let bounds = self.bounds()?;
                    node = Node::Repeat(Box::new(node), bounds.0, bounds.1);
                    continue;
                }
                _ => break,
            };
            self.at += 1;
            // `a**` is `a*`: repeating what already repeats freely adds nothing but cost.
            if !matches!((&node, most), (Node::Repeat(_, 0, None), _)) {
                node = Node::Repeat(Box::new(node), least, most);
            }
        }
        Some(node)
    }

    /// `{n}`, `{n,}`, `{n,m}`, `{,m}`.
    fn bounds(&mut self) -> Option<(usize, Option<usize>)> {
        let len = self.text[self.at..].iter().position(|byte| *byte == b'}')?;
        let inner = std::str::from_utf8(&self.text[self.at + 1..self.at + len]).ok()?;
        self.at += len + 1;
        let number = |text: &str| text.parse::<usize>().ok().filter(|number| *number <= REPEAT_MAX);
        let (least, most) = match inner.split_once(',') {
            None => (number(inner)?, Some(number(inner)?)),
            Some(("", "")) => (0, None),
            Some(("", most)) => (0, Some(number(most)?)),
            Some((least, "")) => (number(least)?, None),
            Some((least, most)) => (number(least)?, Some(number(most)?)),
        };
        most.is_none_or(|most| least <= most).then_some((least, most))
    }
}

struct Emitter {
    steps: Vec<Step>,
}

impl Emitter {
    fn push(&mut self, step: Step) -> Option<usize> {
        if self.steps.len() >= STEPS_MAX {
            return None;
        }
        self.steps.push(step);
        Some(self.steps.len() - 1)
    }

    fn node(&mut self, node: &Node) -> Option<()> {
        match node {
            Node::Char(c) => drop(self.push(Step::Char(*c))?),
            Node::Byte(byte) => drop(self.push(Step::Byte(*byte))?),
            Node::Folded(c) => drop(self.push(Step::Folded(*c))?),
            Node::Any => drop(self.push(Step::Any)?),
            Node::Class(class) => drop(self.push(Step::Class(Box::new(class.clone())))?),
            Node::Back(number) => drop(self.push(Step::Back(*number))?),
            Node::Assert(assertion) => drop(self.push(Step::Assert(*assertion))?),
            Node::Row(row) => {
                for node in row {
                    self.node(node)?;
                }
            }
            Node::Either(list) => self.either(list)?,
            Node::Group(number, inner) => {
                self.push(Step::Save(2 * number))?;
                self.node(inner)?;
                self.push(Step::Save(2 * number + 1))?;
            }
            Node::Repeat(inner, least, most) => self.repeat(inner, *least, *most)?,
        }
        Some(())
    }

    fn either(&mut self, list: &[Node]) -> Option<()> {
        let mut ends = Vec::new();
        for (i, node) in list.iter().enumerate() {
            if i + 1 == list.len() {
                self.node(node)?;
                break;
            }
            let split = self.push(Step::Split(0, 0))?;
            self.node(node)?;
            ends.push(self.push(Step::Jump(0))?);
            self.steps[split] = Step::Split(split + 1, self.steps.len());
        }
        let end = self.steps.len();
        for at in ends {
            self.steps[at] = Step::Jump(end);
        }
        Some(())
    }

    fn repeat(&mut self, inner: &Node, least: usize, most: Option<usize>) -> Option<()> {
        for _ in 0..least {
            self.node(inner)?;
        }
        let Some(most) = most else {
            let split = self.push(Step::Split(0, 0))?;
            self.node(inner)?;
            self.push(Step::Jump(split))?;
            self.steps[split] = Step::Split(split + 1, self.steps.len());
            return Some(());
        };
        let mut splits = Vec::new();
        for _ in least..most {
            splits.push(self.push(Step::Split(0, 0))?);
            self.node(inner)?;
        }
        let end = self.steps.len();
        for split in splits {
            self.steps[split] = Step::Split(split + 1, end);
        }
        Some(())
    }
}
