//! Redirections and here-documents.

use crate::tree::{HereDoc, Redirect, RedirectFd, Side, Target, Word};

use super::{Layout, Printer};

impl<'t> Printer<'_, 't> {
    /// Redirections on the current line; the bodies of here-documents wait for the connector.
    pub(super) fn redirects(&mut self, redirects: &'t [Redirect]) {
        if redirects.is_empty() {
            return;
        }
        self.was_here_doc = false;
        for (n, redirect) in redirects.iter().enumerate() {
            if n > 0 {
                self.text(" ");
            }
            self.redirect(redirect);
        }
        if self.layout == Layout::Substitution {
            self.bodies(b"");
        }
    }

    fn redirect(&mut self, redirect: &'t Redirect) {
        // The number that is not printed because it goes without saying.
        let (implied, operator, word): (u32, &str, &Word) = match &redirect.target {
            Target::Read(word) => (0, "< ", word),
            Target::Write(word) => (1, "> ", word),
            Target::Clobber(word) => (1, ">| ", word),
            Target::Append(word) => (1, ">> ", word),
            // Bash forgets that the default is 0 here.
            Target::ReadWrite(word) if redirect.fd == RedirectFd::Default => (1, "0<> ", word),
            Target::ReadWrite(word) => (1, "<> ", word),
            Target::HereString(word) => (0, "<<< ", word),
            Target::Both(word) => (1, "&> ", word),
            Target::BothAppend(word) => (1, "&>> ", word),
            Target::DupWord(Side::Out, word) => (1, ">&", word),
            Target::DupWord(Side::In, word) => (0, "<&", word),
            Target::Dup(side, fd) => {
                return self.duplicate(redirect, *side, |out| out.extend_from_slice(fd.to_string().as_bytes()));
            }
            Target::Move(side, fd) => {
                return self.duplicate(redirect, *side, |out| out.extend_from_slice(format!("{fd}-").as_bytes()));
            }
            Target::Close(side) => {
                self.descriptor(&redirect.fd, Some(*side));
                return self.text(">&-");
            }
            Target::HereDoc(document) => {
                self.unless(&redirect.fd, 0);
                return self.here_doc(document);
            }
        };
        self.unless(&redirect.fd, implied);
        self.text(operator);
        super::word(self.out, word);
    }

    /// The left side, unless it is the number the operator implies.
    fn unless(&mut self, fd: &RedirectFd, implied: u32) {
        if *fd != RedirectFd::Number(implied) {
            self.descriptor(fd, None);
        }
    }

    fn duplicate(&mut self, redirect: &Redirect, side: Side, right: impl FnOnce(&mut Vec<u8>)) {
        self.descriptor(&redirect.fd, Some(side));
        self.text(if side == Side::In { "<&" } else { ">&" });
        right(self.out);
    }

    /// The left side; bash spells out the default of a duplication.
    fn descriptor(&mut self, fd: &RedirectFd, default: Option<Side>) {
        match fd {
            RedirectFd::Number(number) => self.text(number.to_string()),
            RedirectFd::Variable(place) => {
                self.text("{");
                self.text(place.name.bytes());
                if let Some(index) = &place.index {
                    self.text("[");
                    super::word(self.out, &index.word);
                    self.text("]");
                }
                self.text("}");
            }
            RedirectFd::Default => match default {
                Some(Side::In) => self.text("0"),
                Some(Side::Out) => self.text("1"),
                None => {}
            },
        }
    }

    fn here_doc(&mut self, document: &'t HereDoc) {
        self.text(if document.strip_tabs { "<<-" } else { "<<" });
        let (delimiter, quoted) = document.unquoted_delimiter();
        if quoted {
            self.text("'");
            self.text(delimiter.split(|&byte| byte == b'\'').collect::<Vec<_>>().join(&b"'\\''"[..]));
            self.text("'");
        } else {
            self.text(&delimiter);
        }
        self.deferred.push(document);
    }

    /// The connector and then the bodies that waited for it.
    pub(super) fn bodies(&mut self, connector: &[u8]) {
        let shown = !matches!(connector, [] | [b';']);
        if self.deferred.is_empty() {
            return;
        }
        if shown {
            self.text(connector);
        }
        self.text("\n");
        for document in std::mem::take(&mut self.deferred) {
            super::word(self.out, document.body());
            self.text(document.unquoted_delimiter().0);
            self.text("\n");
        }
        self.was_here_doc = true;
        if shown {
            self.text(" ");
        }
    }
}
