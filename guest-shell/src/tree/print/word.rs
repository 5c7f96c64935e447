//! Words and assignments: their kept text, with the commands of substitutions printed into its gaps.

use crate::tree::{
    Arith, Assignment, Braces, Element, List, Of, Param, ParamOp, Piece, Place, Script, Subscript, Value, Word,
};

use super::{Layout, Printer};

/// Appends a word as written.
pub fn word(out: &mut Vec<u8>, word: &Word) {
    match (&word.text, word.pieces.as_slice()) {
        (Some(text), pieces) if text.contains(&0) => fill(out, text, &mut |scripts| in_pieces(pieces, scripts)),
        (Some(text), _) => out.extend_from_slice(text),
        (None, pieces) => {
            // Without a text of its own the word is one literal, or part of a word that has one.
            for piece in pieces {
                if let Piece::Literal(text) | Piece::Quoted(text) | Piece::Tilde(text) = piece {
                    out.extend_from_slice(text);
                }
            }
        }
    }
}

/// Appends an assignment as written.
pub fn assignment(out: &mut Vec<u8>, assignment: &Assignment) {
    if !assignment.text.contains(&0) {
        return out.extend_from_slice(&assignment.text);
    }
    fill(out, &assignment.text, &mut |scripts| {
        in_place(&assignment.place, scripts);
        match &assignment.value {
            Value::Scalar(word) => in_pieces(&word.pieces, scripts),
            Value::Array(elements) => elements.iter().for_each(|element| in_element(element, scripts)),
        }
    });
}

/// Appends `text` with its gaps filled by the scripts that `collect` finds, in order.
fn fill<'t>(out: &mut Vec<u8>, text: &[u8], collect: &mut dyn FnMut(&mut Vec<&'t Script>)) {
    let mut scripts = Vec::new();
    collect(&mut scripts);
    let mut scripts = scripts.into_iter();
    for (n, part) in text.split(|&byte| byte == 0).enumerate() {
        if n > 0
            && let Some(script) = scripts.next()
        {
            substitution(out, &script.list);
        }
        out.extend_from_slice(part);
    }
}

fn substitution(out: &mut Vec<u8>, list: &List) {
    let start = out.len();
    let mut printer = Printer::new(out, Layout::Substitution);
    printer.list(list);
    printer.bodies(b"");
    if out.get(start) == Some(&b'(') {
        out.insert(start, b' ');
    }
}

/// The scripts of `$( )`, `<( )` and `>( )` in source order; backquoted ones are in the text.
fn in_pieces<'t>(pieces: &'t [Piece], scripts: &mut Vec<&'t Script>) {
    for piece in pieces {
        match piece {
            Piece::Command(script) if !script.backquoted => scripts.push(script),
            Piece::Process(_, script) => scripts.push(script),
            Piece::Double(inner) => in_pieces(inner, scripts),
            Piece::Arith(arith) => in_arith(arith, scripts),
            Piece::Param(param) => in_param(param, scripts),
            Piece::Braces(braces) => {
                if let Braces::Alternatives(alternatives) = braces.as_ref() {
                    alternatives.iter().for_each(|alternative| in_pieces(alternative, scripts));
                }
            }
            Piece::Command(_) | Piece::Literal(_) | Piece::Quoted(_) | Piece::Tilde(_) | Piece::Broken(_) => {}
        }
    }
}

fn in_arith<'t>(arith: &'t Arith, scripts: &mut Vec<&'t Script>) {
    in_pieces(&arith.word.pieces, scripts);
}

fn in_subscript<'t>(index: &'t Subscript, scripts: &mut Vec<&'t Script>) {
    in_pieces(&index.word.pieces, scripts);
}

fn in_place<'t>(place: &'t Place, scripts: &mut Vec<&'t Script>) {
    if let Some(index) = &place.index {
        in_subscript(index, scripts);
    }
}

fn in_element<'t>(element: &'t Element, scripts: &mut Vec<&'t Script>) {
    match element {
        Element::Word(word) => in_pieces(&word.pieces, scripts),
        Element::Keyed { index, value, .. } => {
            in_subscript(index, scripts);
            in_pieces(&value.pieces, scripts);
        }
    }
}

fn in_param<'t>(param: &'t Param, scripts: &mut Vec<&'t Script>) {
    if let Of::Element(_, index) = &param.of {
        in_subscript(index, scripts);
    }
    match &param.op {
        ParamOp::Unset { word, .. } => in_pieces(&word.pieces, scripts),
        ParamOp::Slice { offset, length } => {
            in_arith(offset, scripts);
            if let Some(length) = length {
                in_arith(length, scripts);
            }
        }
        ParamOp::Trim { pattern, .. } | ParamOp::Case { pattern: Some(pattern), .. } => {
            in_pieces(&pattern.word.pieces, scripts);
        }
        ParamOp::Replace { pattern, with, .. } => {
            in_pieces(&pattern.word.pieces, scripts);
            if let Some(with) = with {
                in_pieces(&with.pieces, scripts);
            }
        }
        _ => {}
    }
}
