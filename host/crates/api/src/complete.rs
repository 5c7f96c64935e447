//! `POST /complete`: complete the word before the cursor, in the older server's shape.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use base::SessionKey;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use session::{Candidate, Completion};

use crate::app::App;
use crate::errors::ApiError;
use crate::reply::{json, plain_error};
use crate::{body, run};

#[derive(Deserialize)]
struct Request {
    #[serde(default)]
    input: String,
    #[serde(default)]
    cursor: i64,
}

#[derive(Serialize, PartialEq, Eq, Debug)]
struct Reply {
    /// `None` (null) when a command was looked for and none found.
    completions: Option<Vec<String>>,
    prefix: String,
    token: String,
}

pub(crate) async fn complete(State(app): State<Arc<App>>, headers: HeaderMap, body: Body) -> Response {
    match answer(&app, &headers, body).await {
        Ok(reply) => json(StatusCode::OK, &reply),
        Err(error) => plain_error(&error),
    }
}

async fn answer(app: &App, headers: &HeaderMap, body: Body) -> Result<Reply, ApiError> {
    let held = body::read(app, body, app.config.max_body).await?;
    let request: Request = body::object(&held.bytes).ok_or(ApiError::InvalidCompletion)?;
    let word = Word::before(&request.input, request.cursor);
    let line = Bytes::copy_from_slice(word.line.as_bytes());
    let completion = match run::named_session(headers) {
        Some(id) => match app.sessions.complete(&SessionKey::of_default(id), line.clone(), word.line.len()).await {
            Err(session::Error::NotFound) => app.sessions.complete_fresh(line, word.line.len()).await?,
            other => other?,
        },
        None => app.sessions.complete_fresh(line, word.line.len()).await?,
    };
    Ok(reply(&word, &completion))
}

/// The word to complete, as the older server cuts it: back to a blank or an operator.
#[derive(Debug, PartialEq, Eq)]
struct Word<'a> {
    /// The line up to the cursor.
    line: &'a str,
    /// The word's first byte.
    start: usize,
}

const BREAKS: [char; 7] = [' ', '\t', '|', '&', ';', '(', '\n'];

impl<'a> Word<'a> {
    /// Cuts `input` at byte `cursor`; zero, negative or too far is the end.
    fn before(input: &'a str, cursor: i64) -> Self {
        let wanted = usize::try_from(cursor).ok().filter(|at| *at > 0 && *at <= input.len()).unwrap_or(input.len());
        let end = (0..=wanted).rev().find(|at| input.is_char_boundary(*at)).unwrap_or_default();
        let line = input.get(..end).unwrap_or_default();
        // Every break is one byte long.
        Self { line, start: line.rfind(BREAKS).map_or(0, |at| at + 1) }
    }

    fn prefix(&self) -> &'a str {
        self.line.get(..self.start).unwrap_or_default()
    }

    fn token(&self) -> &'a str {
        self.line.get(self.start..).unwrap_or_default()
    }

    /// Tells whether a command's name is expected here.
    fn is_command(&self) -> bool {
        let before = self.prefix().trim_end_matches([' ', '\t']);
        !self.token().contains('/') && (before.is_empty() || before.ends_with(['|', '&', ';', '(', '\n']))
    }
}

fn reply(word: &Word<'_>, completion: &Completion) -> Reply {
    let mut found: Vec<String> =
        completion.candidates.iter().filter_map(|candidate| fit(word, completion.start, candidate)).collect();
    found.sort_unstable();
    found.dedup();
    Reply {
        completions: if found.is_empty() && word.is_command() { None } else { Some(found) },
        prefix: word.prefix().to_owned(),
        token: word.token().to_owned(),
    }
}

/// Makes a candidate that replaces the line from `start` one that replaces the word.
fn fit(word: &Word<'_>, start: usize, candidate: &Candidate) -> Option<String> {
    let mut text = String::from_utf8_lossy(&candidate.word).into_owned();
    // A command is no path; a directory is marked so that the next word is not begun after it.
    if candidate.is_dir && !word.is_command() && !text.ends_with('/') {
        text.push('/');
    }
    if start >= word.start {
        return word.line.get(word.start..start).map(|kept| format!("{kept}{text}"));
    }
    let skipped = word.line.get(start..word.start)?;
    text.strip_prefix(skipped).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_reaches_back_to_a_blank_or_an_operator() {
        let check = |input, cursor, prefix: &str, token: &str, command: bool| {
            let word = Word::before(input, cursor);
            assert_eq!((word.prefix(), word.token(), word.is_command()), (prefix, token, command), "{input:?}");
        };
        check("ec", 0, "", "ec", true);
        check("cat fi", -1, "cat ", "fi", false);
        check("cat fi", 2, "", "ca", true);
        check("a | gr", 0, "a | ", "gr", true);
        check("a;b", 99, "a;", "b", true);
        check("x=$(l", 0, "x=$(", "l", true);
        check("./pro", 0, "", "./pro", false);
        check("é", 1, "", "", true);
        check("", 0, "", "", true);
    }

    #[test]
    fn no_command_is_null_and_no_file_is_an_empty_list() {
        let none = Completion::default();
        assert_eq!(reply(&Word::before("zzz", 0), &none).completions, None);
        assert_eq!(reply(&Word::before("cat zzz", 0), &Completion { start: 4, ..none }).completions, Some(Vec::new()));
    }

    #[test]
    fn candidates_are_made_to_fit_the_word() {
        let candidate = |word: &[u8], is_dir| Candidate { word: word.to_vec(), is_dir };
        let candidates = vec![candidate(b"src", true), candidate(b"sbin/", true), candidate(b"share", false)];
        let found = reply(&Word::before("ls /usr/s", 0), &Completion { start: 8, candidates });
        assert_eq!(found.completions, Some(["/usr/sbin/", "/usr/share", "/usr/src/"].map(str::to_owned).to_vec()));
    }
}
