//! Applying hunks to a file, and what becomes of the file.

use std::collections::HashSet;

use sandshell_sys::{SetTime, path_of, reason};

use super::hunk::Hunk;
use super::locate::Search;
use super::name::{Target, choose};
use super::options::{Form, Options, Verbosity};
use super::reject;
use super::report::Report;
use super::section::{Existence, Section};
use super::work::Work;
use crate::core::Text;
use crate::files;
use crate::message::text;

/// A patch being applied: what is remembered from file to file.
pub(crate) struct Patching<'a> {
    options: &'a Options,
    /// Files that are written already: their backup is made, and rejects and output are appended.
    written: HashSet<Vec<u8>>,
}

/// What to do with a patch that seems reversed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Reverse,
    ApplyAnyway,
    Skip,
}

impl<'a> Patching<'a> {
    pub(crate) fn new(options: &'a Options) -> Self {
        Self { options, written: HashSet::new() }
    }

    /// Applies what is about one file; answers the status.
    ///
    /// # Errors
    ///
    /// What ends the whole patch.
    pub(crate) fn section(&mut self, mut section: Section, is_first: bool, report: &mut Report) -> Result<i32, String> {
        if self.options.reverse {
            section.reverse();
        }
        introduce(&section, is_first, report);
        if section.git.as_ref().is_some_and(|git| git.is_binary) {
            report.say("git binary diffs are not supported.\n");
            return Ok(1);
        }
        let nothing_to_do = section.hunks.is_empty()
            && section.git.as_ref().is_some_and(|git| {
                !(git.is_new || git.is_deleted || git.is_rename || git.is_copy || git.mode[1].is_some())
            });
        if nothing_to_do {
            return Ok(0);
        }
        let exists = |name: &[u8]| std::fs::symlink_metadata(path_of(name)).is_ok();
        let Some(target) = choose(&section, self.options, report, exists) else {
            self.no_file(&section, report);
            return Ok(1);
        };
        self.file(section, &target, report)
    }

    /// Does what a script for `ed` says, which has neither context nor a way back.
    fn script(&mut self, mut work: Work, target: &Target, report: &mut Report) -> Result<i32, String> {
        let Some(script) = work.section.script.take() else { return Ok(0) };
        if self.options.reverse {
            return Err("ed scripts cannot be reversed".to_owned());
        }
        let lines = (0..work.input.len()).map(|line| work.input.line(line).to_vec()).collect();
        work.output = script.apply(lines).ok_or("ed FAILED")?;
        if self.options.dry_run { Ok(0) } else { self.write(&work, target, report) }
    }

    /// Tells that there is no file to patch.
    fn no_file(&self, section: &Section, report: &mut Report) {
        let hint = if self.options.strip.is_some() { "used the wrong" } else { "should have used the" };
        report.say(&format!(
            "can't find file to patch at input line {}\nPerhaps you {hint} -p or --strip option?\n",
            section.line
        ));
        leading_text(section, report);
        if self.options.force || self.options.batch {
            report.say("No file to patch.  Skipping patch.\n");
        } else {
            report.ask("File to patch: ");
            report.ask("Skip this patch? [y] ");
            report.tell("Skipping patch.\n");
        }
        let count = section.hunks.len();
        if count > 0 {
            report.say(&format!("{count} out of {count} {} ignored\n", hunks(count)));
        }
    }

    fn file(&mut self, section: Section, target: &Target, report: &mut Report) -> Result<i32, String> {
        let path = path_of(&target.input);
        let metadata = std::fs::symlink_metadata(path).ok();
        if metadata.as_ref().is_some_and(|metadata| !metadata.is_file()) && self.options.original.is_none() {
            report.say(&format!("File {} is not a regular file -- refusing to patch\n", text(&target.input)));
            return Ok(1);
        }
        let there = metadata.is_some();
        let bytes = if there { files::read(&target.input) } else { Ok(Vec::new()) };
        let bytes = bytes.map_err(|reason| format!("Can't open file {} : {reason}", text(&target.input)))?;
        let mut work = Work {
            section,
            reverse: self.options.reverse,
            input: Text::new(bytes),
            output: Vec::new(),
            settled: 0,
            offset: 0,
            growth: 0,
            rejected: Vec::new(),
            failed: 0,
            mismatch: false,
            skip: false,
            apply_anyway: false,
        };
        if work.section.script.is_some() {
            return self.script(work, target, report);
        }
        self.check_existence(&mut work, target, there, report);
        let ignored = work.skip;
        if !ignored {
            let is_copy = work.section.git.as_ref().is_some_and(|git| git.is_copy);
            report.tell(&self.announcement(target, if is_copy { "copied" } else { "renamed" }));
            report.chat("Using Plan A...\n");
        }
        for number in 0..work.section.hunks.len() {
            self.hunk(&mut work, number, report);
        }
        if let Some(message) = work.section.malformed.take() {
            return Err(message);
        }
        // A skipped patch writes nothing, also where something else is asked for than the file itself.
        if !work.skip {
            work.copy_until(i64::MAX);
        }
        let mut status = i32::from(work.failed > 0 || ignored);
        if !ignored && !self.options.dry_run {
            status = status.max(self.write(&work, target, report)?);
        }
        self.rejects(&work, target, ignored, report)?;
        Ok(status)
    }

    fn announcement(&self, target: &Target, how: &str) -> String {
        let verb = if self.options.dry_run { "checking" } else { "patching" };
        let input = text(&target.input);
        match &self.options.output {
            Some(output) => format!("{verb} file {} (read from {input})\n", text(output)),
            None if target.input != target.output => {
                format!("{verb} file {} ({how} from {input})\n", text(&target.output))
            }
            None => format!("{verb} file {input}\n"),
        }
    }

    /// Asks whether a patch is reversed that makes a file which is there, or removes one which is not.
    fn check_existence(&self, work: &mut Work, target: &Target, there: bool, report: &mut Report) {
        let empty = work.input.len() == 0;
        let says = work.section.says(usize::from(empty));
        let both = [work.section.says(usize::from(!there)), work.section.says(usize::from(there))];
        let known_empty = empty && both == [Existence::Empty, Existence::Nothing];
        let looks_reversed = if empty { says > Existence::Exists } else { says > Existence::Empty };
        if known_empty || !looks_reversed {
            return;
        }
        let (verb, state) = match (there, empty) {
            (false, _) => ("delete", "does not exist"),
            (true, true) => ("empty out", "is already empty"),
            (true, false) => ("create", "already exists"),
        };
        let when = if work.reverse { ", when reversed," } else { "" };
        let question = format!("The next patch{when} would {verb} the file {},\nwhich {state}!", text(&target.input));
        match self.ask(&question, work.reverse, report) {
            Answer::Reverse => work.reverse_all(),
            Answer::ApplyAnyway => work.apply_anyway = true,
            Answer::Skip => work.skip = true,
        }
    }

    /// Asks whether to reverse the patch; nobody answers, so options decide.
    fn ask(&self, question: &str, reverse: bool, report: &mut Report) -> Answer {
        if self.options.forward || !(self.options.force && report.verbosity == Verbosity::Silent) {
            report.say(question);
        }
        if self.options.forward {
            report.say("  Skipping patch.\n");
            return Answer::Skip;
        }
        if self.options.force {
            report.tell("  Applying it anyway.\n");
            return Answer::ApplyAnyway;
        }
        if self.options.batch {
            report.say(if reverse { "  Ignoring -R.\n" } else { "  Assuming -R.\n" });
            return Answer::Reverse;
        }
        report.ask(if reverse { "  Ignore -R? [n] " } else { "  Assume -R? [n] " });
        report.ask("Apply anyway? [n] ");
        report.tell("Skipping patch.\n");
        Answer::Skip
    }

    /// Applies one hunk, or rejects it.
    fn hunk(&self, work: &mut Work, number: usize, report: &mut Report) {
        let place = if work.skip { None } else { self.place(work, number, report) };
        let hunk = work.section.hunks[number].clone();
        let expected = place.map_or(hunk.first(), |(place, _)| place) + work.growth;
        let Some((place, fuzz)) = place else {
            work.failed += 1;
            if !work.skip {
                let endings = if work.other_endings(&hunk) { " (different line endings)" } else { "" };
                report.tell(&format!("Hunk #{} FAILED at {expected}{endings}.\n", number + 1));
            } else {
                report.chat(&format!("Hunk #{} ignored at {expected}.\n", number + 1));
            }
            self.reject(work, &hunk);
            return;
        };
        match &self.options.ifdef {
            Some(name) => work.apply_within(&hunk, place, name),
            None => work.apply(&hunk, place),
        }
        if report.verbosity == Verbosity::Verbose || fuzz > 0 || work.offset != 0 {
            let mut line = format!("Hunk #{} succeeded at {expected}", number + 1);
            if fuzz > 0 {
                line += &format!(" with fuzz {fuzz}");
            }
            if work.offset != 0 {
                let plural = if work.offset == 1 { "" } else { "s" };
                line += &format!(" (offset {} line{plural})", work.offset);
            }
            report.tell(&(line + ".\n"));
        }
    }

    /// Finds where a hunk goes and with how much fuzz. The first is tried in reverse, too.
    fn place(&self, work: &mut Work, number: usize, report: &mut Report) -> Option<(i64, usize)> {
        let [before, after] = work.section.hunks[number].context();
        let fuzz_max = self.options.fuzz.min(before.max(after));
        let mut fuzz = 0;
        while fuzz <= fuzz_max {
            let hunk = &work.section.hunks[number];
            let found = self.search(work).find(hunk, fuzz);
            work.mismatch |= fuzz > 0 || found.is_none();
            if let Some(place) = found {
                work.offset = place - hunk.first();
                work.mismatch |= work.offset != 0;
                return Some((place, fuzz));
            }
            let may_be_reversed =
                number == 0 && !(self.options.force || work.apply_anyway) && work.reverse == self.options.reverse;
            if may_be_reversed && let Some(place) = self.search(work).find(&hunk.reversed(), fuzz) {
                let what = if work.reverse { "Unreversed" } else { "Reversed (or previously applied)" };
                match self.ask(&format!("{what} patch detected!"), work.reverse, report) {
                    Answer::Reverse => {
                        work.reverse_all();
                        work.offset = place - work.section.hunks[number].first();
                        return Some((place, fuzz));
                    }
                    Answer::Skip => {
                        work.skip = true;
                        return None;
                    }
                    // The same fuzz again, without asking.
                    Answer::ApplyAnyway => {
                        work.apply_anyway = true;
                        continue;
                    }
                }
            }
            fuzz += 1;
        }
        None
    }

    fn search<'w>(&self, work: &'w Work) -> Search<'w> {
        Search {
            input: &work.input,
            settled: work.settled,
            offset: work.offset,
            ignore_white_space: self.options.ignore_white_space,
        }
    }

    fn reject(&self, work: &mut Work, hunk: &Hunk) {
        let written = work.section.form.unwrap_or(Form::Unified);
        let usual = if written == Form::Unified { Form::Unified } else { Form::Context };
        let form = self.options.reject_form.unwrap_or(usual);
        if work.rejected.is_empty() {
            reject::header(&mut work.rejected, &work.section, form);
        }
        reject::hunk(&mut work.rejected, hunk, work.growth, form, written);
    }

    /// Tells of failed hunks and saves them.
    fn rejects(&mut self, work: &Work, target: &Target, ignored: bool, report: &mut Report) -> Result<(), String> {
        if work.failed == 0 {
            return Ok(());
        }
        let count = work.section.hunks.len();
        let fate = if work.skip { "ignored" } else { "FAILED" };
        report.say(&format!("{} out of {count} {} {fate}", work.failed, hunks(count)));
        if ignored || self.options.dry_run {
            report.say("\n");
            return Ok(());
        }
        let beside = self.options.output.as_ref().unwrap_or(&target.output);
        let name = self.options.reject_file.clone().unwrap_or_else(|| [beside, &b".rej"[..]].concat());
        report.say(&format!(" -- saving rejects to file {}\n", text(&name)));
        self.put(&name, &work.rejected)
    }

    /// Writes a file, or adds to it if this patch has written it already.
    fn put(&mut self, name: &[u8], bytes: &[u8]) -> Result<(), String> {
        use std::io::Write;
        let again = !self.written.insert(name.to_vec());
        let mut open = std::fs::OpenOptions::new();
        open.create(true).write(true).append(again).truncate(!again);
        let done = open.open(path_of(name)).and_then(|mut file| file.write_all(bytes));
        done.map_err(|error| format!("Can't create file {} : {}", text(name), reason(&error)))
    }

    /// Puts the result where it belongs; answers the status.
    fn write(&mut self, work: &Work, target: &Target, report: &mut Report) -> Result<i32, String> {
        match self.options.output.as_deref() {
            Some(b"-") => {
                use std::io::Write;
                let mut out = std::io::stdout().lock();
                let done = out.write_all(&work.output).and_then(|()| out.flush());
                return done.map(|()| 0).map_err(|error| format!("write error : {}", reason(&error)));
            }
            Some(name) => return self.put(name, &work.output).map(|()| 0),
            None => {}
        }
        let says_nothing = work.section.says(1) == Existence::Nothing;
        if says_nothing && !work.output.is_empty() && !work.skip {
            report.say(&format!("Not deleting file {} as content differs from patch\n", text(&target.output)));
        }
        let changed = !work.skip && work.failed < work.section.hunks.len() || work.section.hunks.is_empty();
        self.back_up(work, target)?;
        let remove = work.output.is_empty() && (says_nothing || self.options.remove_empty) && changed;
        if remove {
            std::fs::remove_file(path_of(&target.output))
                .map_err(|error| format!("Can't remove file {} : {}", text(&target.output), reason(&error)))?;
            remove_empty_parents(&target.output);
            return Ok(i32::from(says_nothing && !work.output.is_empty() && !work.skip));
        }
        if changed {
            self.save(work, target)?;
        }
        Ok(i32::from(says_nothing && !work.output.is_empty() && !work.skip))
    }

    fn save(&self, work: &Work, target: &Target) -> Result<(), String> {
        let name = &target.output;
        let cannot = |error: std::io::Error| format!("Can't create file {} : {}", text(name), reason(&error));
        if let Some(slash) = name.iter().rposition(|byte| *byte == b'/') {
            std::fs::create_dir_all(path_of(&name[..slash])).map_err(cannot)?;
        }
        let git = work.section.git.as_ref();
        if target.input != *name && git.is_some_and(|git| git.is_rename) {
            std::fs::rename(path_of(&target.input), path_of(name)).map_err(cannot)?;
        }
        std::fs::write(path_of(name), &work.output).map_err(cannot)?;
        // Where modes and times cannot be set, the content still is what counts.
        if let Some(mode) = git.and_then(|git| git.mode[1]) {
            let _ = sandshell_sys::change_mode(name, mode, true);
        }
        let stamp = work.section.named[1].stamp.and_then(|nanos| u64::try_from(nanos).ok());
        if let Some(nanos) = stamp.filter(|_| self.options.set_times) {
            let time = SetTime::At(std::time::Duration::from_nanos(nanos));
            let _ = sandshell_sys::set_times(name, time, time, true);
        }
        Ok(())
    }

    /// Makes the backup of a file, once.
    fn back_up(&mut self, work: &Work, target: &Target) -> Result<(), String> {
        let wanted = self.options.backup || (self.options.backup_if_mismatch && work.mismatch);
        if !wanted || work.skip || !self.written.insert(target.output.clone()) {
            return Ok(());
        }
        let exists = |name: &[u8]| std::fs::symlink_metadata(path_of(name)).is_ok();
        let name = self.options.naming.backup(&target.output, exists);
        let cannot = |error: std::io::Error| format!("Can't create file {} : {}", text(&name), reason(&error));
        if let Some(slash) = name.iter().rposition(|byte| *byte == b'/') {
            std::fs::create_dir_all(path_of(&name[..slash])).map_err(cannot)?;
        }
        std::fs::write(path_of(&name), work.input.bytes()).map_err(cannot)
    }
}

/// With `--verbose`: what the patch looks like.
fn introduce(section: &Section, is_first: bool, report: &mut Report) {
    if report.verbosity != Verbosity::Verbose {
        return;
    }
    let form = match section.form {
        Some(Form::Context) => "new-style context",
        Some(Form::Normal) => "normal",
        Some(Form::Ed) => return introduce_script(section, is_first, report),
        Some(Form::Unified) | None => "unified",
    };
    let looks = if is_first { "Looks" } else { "The next patch looks" };
    report.say(&format!("Hmm...  {looks} like a {form} diff to me...\n"));
    leading_text(section, report);
}

fn introduce_script(section: &Section, is_first: bool, report: &mut Report) {
    let looks = if is_first { "Looks" } else { "The next patch looks" };
    report.say(&format!("Hmm...  {looks} like an ed script to me...\n"));
    leading_text(section, report);
}

fn leading_text(section: &Section, report: &mut Report) {
    if section.leading.is_empty() {
        return;
    }
    report.say("The text leading up to this was:\n--------------------------\n");
    for line in &section.leading {
        report.say(&format!("|{}", text(line)));
    }
    report.say("--------------------------\n");
}

fn hunks(count: usize) -> &'static str {
    if count == 1 { "hunk" } else { "hunks" }
}

/// Removes the directories above a removed file that are empty now.
fn remove_empty_parents(name: &[u8]) {
    let mut parent = name;
    while let Some(slash) = parent.iter().rposition(|byte| *byte == b'/').filter(|at| *at > 0) {
        parent = &parent[..slash];
        // Not empty, or not there: that is where it ends.
        if std::fs::remove_dir(path_of(parent)).is_err() {
            return;
        }
    }
}
