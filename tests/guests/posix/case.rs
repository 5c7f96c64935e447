//! The text of the cases: blocks, lines, words.

/// Some lines that are run in a fresh directory.
pub struct Block<'t> {
    pub title: &'t str,
    /// It says something of this system alone.
    pub here_only: bool,
    pub lines: Vec<Line<'t>>,
}

/// One operation and what it is to answer.
pub struct Line<'t> {
    pub number: usize,
    pub operation: &'t str,
    pub here: Option<&'t str>,
    /// What Linux answers where that differs on purpose.
    pub linux: Option<&'t str>,
}

/// Reads the blocks of a file; what is wrong with it is said in words.
pub fn parse(text: &str) -> Result<Vec<Block<'_>>, String> {
    let mut blocks: Vec<Block<'_>> = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(title) = line.strip_prefix("== ") {
            blocks.push(Block { title, here_only: title.contains("(here only: "), lines: Vec::new() });
            continue;
        }
        let block = blocks.last_mut().ok_or_else(|| format!("line {number} comes before the first block"))?;
        block.lines.push(parse_line(number, line)?);
    }
    Ok(blocks)
}

fn parse_line(number: usize, line: &str) -> Result<Line<'_>, String> {
    // Nothing after the sign is an empty answer.
    let Some((operation, expected)) = line.split_once(" = ").or(line.strip_suffix(" =").map(|line| (line, ""))) else {
        return Ok(Line { number, operation: line, here: None, linux: None });
    };
    let (here, linux) = match expected.split_once(" ~ ") {
        None => (expected, None),
        Some((here, other)) => {
            let (linux, reason) = other.split_once(": ").ok_or(format!("line {number} gives no reason"))?;
            if reason.trim().is_empty() {
                return Err(format!("line {number} gives no reason"));
            }
            (here, Some(linux.trim()))
        }
    };
    Ok(Line { number, operation: operation.trim(), here: Some(here.trim()), linux })
}

/// Expands a word: `\s`, `\n`, `\0`, `\\`, `{TEXT*N}` for repetition, `{cwd}` for the block's directory.
pub fn expand(word: &str, cwd: &str) -> Result<Vec<u8>, String> {
    let mut out = Vec::new();
    let mut chars = word.char_indices();
    while let Some((at, char)) = chars.next() {
        match char {
            '\\' => match chars.next() {
                Some((_, 's')) => out.push(b' '),
                Some((_, 'n')) => out.push(b'\n'),
                Some((_, '0')) => out.push(0),
                Some((_, '\\')) => out.push(b'\\'),
                other => return Err(format!("{word}: unknown escape {other:?}")),
            },
            '{' => {
                let end = word[at..].find('}').ok_or(format!("{word}: no end of {{"))? + at;
                out.extend(braces(&word[at + 1..end], cwd)?);
                while chars.next().is_some_and(|(at, _)| at < end) {}
            }
            char => out.extend(char.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    Ok(out)
}

fn braces(text: &str, cwd: &str) -> Result<Vec<u8>, String> {
    if text == "cwd" {
        return Ok(cwd.as_bytes().to_vec());
    }
    let (text, times) = text.rsplit_once('*').ok_or(format!("{{{text}}} is no repetition"))?;
    let times: usize = times.parse().map_err(|_| format!("{times} is no number"))?;
    Ok(text.as_bytes().repeat(times))
}

/// Writes bytes as a word.
pub fn show(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in bytes.iter().take(100) {
        match byte {
            b' ' => text.push_str("\\s"),
            b'\n' => text.push_str("\\n"),
            0 => text.push_str("\\0"),
            b'\\' => text.push_str("\\\\"),
            byte => text.push(char::from(*byte)),
        }
    }
    if bytes.len() > 100 {
        text.push_str(&format!("... ({} bytes)", bytes.len()));
    }
    text
}
