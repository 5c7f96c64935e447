//! Words: what the parser makes of `foo"$bar"{1,2}`. A word is a list of pieces that are quoted, unquoted or to be
//! expanded, in source order. Owns the shape of every expansion; how one is carried out belongs to `expand`.

use std::rc::Rc;

use serde::{Deserialize, Serialize};

use super::text::{Cache, Text};
use super::{List, Name, SyntaxError, print};

/// A word, ready for expansion.
///
/// How its pieces count (splitting, globbing) depends on where it stands: the word of a simple command gets
/// all expansions, an assignment's value no splitting and no globbing, and so on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Word {
    /// The pieces, in source order. No pieces at all: an empty unquoted word (`x=`), which vanishes in an argument
    /// list. `''` and `""` are one empty quoted piece, which does not.
    pub pieces: Vec<Piece>,
    /// Some `Literal` holds an unquoted `*`, `?`, `[` or an extglob opening: the word is a pattern as it stands.
    /// (What its expansions put in may be one too.)
    pub glob: bool,
    /// The source text where it cannot be read off the pieces; a NUL stands for each command's body in
    /// `$(NUL)`, `<(NUL)`, `>(NUL)`.
    pub(crate) text: Option<Text>,
}

impl Word {
    /// A word of one unquoted literal, without glob characters and of its own text.
    pub fn literal(text: impl Into<Text>) -> Word {
        Word { pieces: vec![Piece::Literal(text.into())], glob: false, text: None }
    }

    /// The text of a word that needs no expansion and is no pattern: constant, with all quotes removed.
    pub fn constant(&self) -> Option<&Text> {
        match self.pieces.as_slice() {
            [Piece::Literal(text)] if !self.glob => Some(text),
            [Piece::Quoted(text)] => Some(text),
            _ => None,
        }
    }

    /// The word as a user would write it, quotes included: for `declare -f`, `BASH_COMMAND`, `jobs` and messages.
    /// Commands in substitutions are printed from their trees, as bash does.
    pub fn source(&self) -> Vec<u8> {
        let mut out = Vec::new();
        print::word(&mut out, self);
        out
    }
}

/// One part of a word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Piece {
    /// Unquoted text, where glob characters and, in the right side of `=~`, regular expression syntax count.
    /// It is never split, except in the argument of an unquoted parameter expansion (`${x-a b}`).
    Literal(Text),
    /// Text that stands for itself: from `'...'`, `$'...'` (decoded), a backslash, or inside double quotes.
    /// Neighbouring constant pieces of a word that is no pattern are merged into one of these.
    Quoted(Text),
    /// `"..."` or `$"..."`: its pieces (`Quoted`, `Param`, `Arith`, `Command` alone) are not split or globbed. Empty for `""`.
    Double(Vec<Piece>),
    /// `$x`, `${x...}`.
    Param(Box<Param>),
    /// `$((...))` or `$[...]`.
    Arith(Box<Arith>),
    /// `$(...)` or a backquoted command.
    Command(Rc<Script>),
    /// `<(...)` or `>(...)`.
    Process(Direction, Rc<Script>),
    /// An unquoted tilde prefix where one is expanded: the text from `~` up to but excluding the `/` or `:` (`~`, `~+`, `~user`).
    /// Stays as it is when there is no such user.
    Tilde(Text),
    /// A brace expansion: the word stands for one word per alternative, left braces varying slowest. Never inside
    /// `Double`, assignments, redirection bodies or argument words.
    Braces(Box<Braces>),
    /// What bash complains about only when it comes to expand it (an unclosed `$(` in a here-document).
    Broken(Box<SyntaxError>),
}

/// The two brace expansions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Braces {
    /// `{a,b,c}`: at least two alternatives, each a piece list that may hold braces itself.
    Alternatives(Vec<Vec<Piece>>),
    /// `{first..last[..step]}` of numbers; `width` > 0 pads with zeros to that many characters (sign included).
    Numbers {
        /// First number.
        first: i64,
        /// Last number, which may be smaller.
        last: i64,
        /// Positive distance; the direction follows from first and last.
        step: u64,
        /// Zero padding, 0 for none.
        width: usize,
    },
    /// `{a..z[..step]}` of single ASCII characters.
    Letters {
        /// First character.
        first: u8,
        /// Last character, which may be smaller.
        last: u8,
        /// Positive distance.
        step: u64,
    },
}

/// The side of a process substitution that the outer command sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Direction {
    /// `<(...)`: the outer command reads what the inner one writes.
    Read,
    /// `>(...)`: the outer command writes what the inner one reads.
    Write,
}

/// The commands of a substitution.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Script {
    /// The commands, in order.
    pub list: List,
    /// Of a backquoted command alone: what stopped its parse. The commands before it are run, then this is reported.
    pub error: Option<Box<SyntaxError>>,
    /// Written in backquotes: only the printer cares.
    pub backquoted: bool,
    /// Line of the opening.
    pub line: u32,
}

impl Script {
    /// The file word of `$(<file)`, which is read without starting anything.
    pub fn file(&self) -> Option<&Word> {
        let [item] = self.list.items.as_slice() else { return None };
        item.and_or.only_redirect()
    }
}

/// An arithmetic expression in its place: its text is expanded like a double-quoted word and then evaluated.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arith {
    /// The expression. Never has `Literal` pieces; constant when it holds nothing to expand (then it need be parsed only
    /// once). Double quotes in it are `Double` pieces, single quotes are ordinary characters.
    pub word: Word,
    /// For the evaluator's parsed form.
    #[serde(skip)]
    pub cache: Cache,
}

/// A word used as a pattern: `case`, `[[ x == p ]]`, `${x#p}`. `Literal` pieces hold its operators (extglob too).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pattern {
    /// The word.
    pub word: Word,
    /// It was read while extended operators were on: they count whatever the option says by now.
    pub extended: bool,
    /// For the matcher's compiled form.
    #[serde(skip)]
    pub cache: Cache,
}

/// `[...]` after an array's name. Which of its two uses counts depends on the array: the key of an associative one is
/// the expanded word (not split, quotes removed); for an indexed one that result is an arithmetic expression.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscript {
    /// The text between the brackets. Never has `Literal` pieces; constant when it holds nothing to expand.
    pub word: Word,
    /// For the evaluator's parsed form, when the word is constant.
    #[serde(skip)]
    pub cache: Cache,
}

/// A variable or one element of an array, where one can be assigned (`name`, `name[sub]`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The variable.
    pub name: Name,
    /// The element, if one is meant.
    pub index: Option<Box<Subscript>>,
}

/// `$x` and all of `${...}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Param {
    /// A variable written without braces (`$x`): name characters that brace expansion puts behind it belong to the name.
    pub bare: bool,
    /// `${!x...}`: the value of the parameter names the one that is meant.
    pub indirect: bool,
    /// The parameter.
    pub of: Of,
    /// What is done with its value.
    pub op: ParamOp,
}

/// What a parameter expansion is of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Of {
    /// `$name`.
    Var(Name),
    /// `${name[sub]}`.
    Element(Name, Box<Subscript>),
    /// `${name[@]}` or `${name[*]}`.
    All(Name, Joined),
    /// `$1`, `${10}`: from 1.
    Positional(u32),
    /// `$@` or `$*`.
    Arguments(Joined),
    /// One of the bytes `#`, `?`, `-`, `$`, `!`, `0`.
    Special(u8),
}

/// The two ways to expand all of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Joined {
    /// `@`: in double quotes, one word each.
    At,
    /// `*`: in double quotes, one word joined with the first character of IFS.
    Star,
}

/// The operators of `${...}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ParamOp {
    /// `$x`, `${x}`: the value.
    Value,
    /// `${#x}`: length, or number of elements or arguments.
    Length,
    /// `${!x[@]}`: the keys of an array (`of` is `All`; `indirect` is false).
    Keys,
    /// `${!x@}`, `${!x*}`: the names that begin with `of` (a `Var`; `indirect` is false).
    Names(Joined),
    /// `${x-w}`, `${x=w}`, `${x?w}`, `${x+w}`; `colon`: null counts as unset.
    Unset {
        /// Which of the four.
        action: UnsetAction,
        /// With a colon before it.
        colon: bool,
        /// The argument. In a double-quoted expansion its text is quoted too (no `Literal` in it but what is inside no quotes there).
        word: Word,
    },
    /// `${x:offset:length}`.
    Slice {
        /// The offset.
        offset: Arith,
        /// The length, if given.
        length: Option<Arith>,
    },
    /// `${x#p}`, `${x##p}`, `${x%p}`, `${x%%p}`.
    Trim {
        /// True for `%`: at the end.
        suffix: bool,
        /// The doubled operator: the longest match.
        longest: bool,
        /// What is cut off.
        pattern: Pattern,
    },
    /// `${x/p/w}`, `${x//p/w}`, `${x/#p/w}`, `${x/%p/w}`.
    Replace {
        /// Which matches.
        scope: ReplaceScope,
        /// What is replaced.
        pattern: Pattern,
        /// By what (nothing when absent); an unquoted `&` in its expansion stands for the match with `patsub_replacement`.
        with: Option<Word>,
    },
    /// `${x^p}`, `${x^^p}`, `${x,p}`, `${x,,p}`, `${x~p}`, `${x~~p}`.
    Case {
        /// To which case.
        change: CaseChange,
        /// Every character rather than the first.
        all: bool,
        /// Only characters that match; any when absent.
        pattern: Option<Pattern>,
    },
    /// `${x@Q}` and the like: one of `U u L Q E P A K a k`.
    Transform(u8),
    /// Not an expansion; reported when it is expanded as `TEXT: bad substitution`.
    Bad(Text),
}

/// What `${x<op>word}` does about an unset parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum UnsetAction {
    /// `-`: use the word.
    Default,
    /// `=`: assign the word and use it.
    Assign,
    /// `?`: fail with the word.
    Fail,
    /// `+`: use the word when it is set.
    Alternative,
}

/// Which matches `${x/p/w}` replaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReplaceScope {
    /// `/`: the first.
    First,
    /// `//`: all.
    All,
    /// `/#`: one at the beginning.
    Prefix,
    /// `/%`: one at the end.
    Suffix,
}

/// The case operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CaseChange {
    /// `^`.
    Upper,
    /// `,`.
    Lower,
    /// `~`.
    Toggle,
}
