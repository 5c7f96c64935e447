//! Commands and lists.

use crate::tree::{
    AndOr, Arg, ArithFor, Case, ClauseEnd, Command, CommandKind, Cond, For, Function, If, Junction, List, Pipeline,
    Simple, Timed, While, Word,
};

use super::{Layout, Printer};

impl<'t> Printer<'_, 't> {
    pub(super) fn list(&mut self, list: &'t List) {
        if list.items.is_empty() {
            return;
        }
        self.begin();
        let count = list.items.len();
        for (n, item) in list.items.iter().enumerate() {
            self.continued += 1;
            self.and_or(&item.and_or);
            let last = n + 1 == count;
            if n > 0 {
                // Bash's tree leans to the left: only the first command's here-documents wait for the connector.
                self.bodies(b"");
            }
            if item.background {
                self.connector(" &");
                if !last {
                    self.text(" ");
                }
            } else if !last {
                self.separator(item.newline);
            }
        }
    }

    /// Between two commands of a list.
    fn separator(&mut self, newline: bool) {
        let newline = newline && self.layout == Layout::Substitution;
        if !self.deferred.is_empty() {
            self.bodies(if self.in_function > 0 { b"" } else { b";" });
        } else if self.was_here_doc {
            self.was_here_doc = false;
        } else {
            self.text(if newline { "\n" } else { ";" });
        }
        if self.in_function > 0 {
            self.text("\n");
            self.margin();
        } else if !newline {
            self.text(" ");
        }
    }

    pub(super) fn and_or(&mut self, and_or: &'t AndOr) {
        self.begin();
        self.continued += 1;
        self.pipeline(&and_or.first);
        for (junction, pipeline) in &and_or.rest {
            self.connector(if *junction == Junction::And { " && " } else { " || " });
            self.continued += 1;
            self.pipeline(pipeline);
        }
    }

    pub(super) fn pipeline(&mut self, pipeline: &'t Pipeline) {
        self.begin();
        match pipeline.timed {
            Some(Timed::Bash) => self.text("time "),
            Some(Timed::Posix) => self.text("time -p "),
            None => {}
        }
        if pipeline.negated {
            self.text("! ");
        }
        for (n, command) in pipeline.stages.iter().enumerate() {
            if n > 0 {
                self.connector(" |");
                self.text(" ");
            }
            self.continued += 1;
            self.command(command);
        }
    }

    fn connector(&mut self, text: &str) {
        if self.deferred.is_empty() {
            self.text(text);
        } else {
            self.bodies(text.as_bytes());
        }
    }

    pub(super) fn command(&mut self, command: &'t Command) {
        self.begin();
        match &command.kind {
            CommandKind::Simple(simple) => self.simple(simple, !command.redirects.is_empty()),
            CommandKind::Group(list) => self.group(list),
            CommandKind::Subshell(list) => {
                self.text("( ");
                self.continued += 1;
                self.list(list);
                self.bodies(b"");
                self.text(" )");
            }
            CommandKind::If(parts) => self.if_command(parts),
            CommandKind::For(parts) => self.for_words("for", parts),
            CommandKind::Select(parts) => self.for_words("select", parts),
            CommandKind::ArithFor(parts) => self.arith_for(parts),
            CommandKind::While(parts) => self.while_command(parts),
            CommandKind::Case(parts) => self.case(parts),
            CommandKind::Cond(cond) => {
                self.text("[[ ");
                self.cond(cond);
                self.text(" ]]");
            }
            CommandKind::Arith(arith) => {
                self.text("((");
                super::word(self.out, &arith.word);
                self.text("))");
            }
            CommandKind::Function(function) => self.nested_function(function),
            CommandKind::Coproc(coproc) => {
                self.text("coproc ");
                self.text(coproc.name.bytes());
                self.text(" ");
                self.continued += 1;
                self.command(&coproc.body);
            }
        }
        if !command.redirects.is_empty() && !matches!(command.kind, CommandKind::Simple(_)) {
            self.text(" ");
        }
        self.redirects(&command.redirects);
    }

    fn simple(&mut self, simple: &'t Simple, redirected: bool) {
        let mut separator = "";
        for assignment in &simple.assignments {
            self.text(separator);
            super::assignment(self.out, assignment);
            separator = " ";
        }
        for arg in &simple.args {
            self.text(separator);
            match arg {
                Arg::Word(word) => super::word(self.out, word),
                Arg::Assign(assignment) => super::assignment(self.out, assignment),
            }
            separator = " ";
        }
        if redirected {
            self.text(separator);
        }
    }

    fn group(&mut self, list: &'t List) {
        self.text("{ ");
        if self.in_function == 0 {
            self.continued += 1;
        } else {
            self.text("\n");
            self.indent += self.step;
        }
        self.list(list);
        self.bodies(b"");
        if self.in_function > 0 {
            self.text("\n");
            self.indent -= self.step;
            self.margin();
        } else {
            self.semicolon();
            self.text(" ");
        }
        self.text("}");
    }

    /// A block one level deeper.
    fn block(&mut self, list: &'t List) {
        self.indent += self.step;
        self.list(list);
        self.bodies(b"");
        self.indent -= self.step;
    }

    fn if_command(&mut self, parts: &'t If) {
        // `elif` is printed as an `if` inside `else`, as bash's own tree has it.
        let count = parts.arms.len();
        for (n, (test, body)) in parts.arms.iter().enumerate() {
            self.text("if ");
            self.continued += 1;
            self.list(test);
            self.semicolon();
            self.text(" then\n");
            self.block(body);
            if n + 1 < count {
                self.semicolon();
                self.newline("else\n");
                self.indent += self.step;
                self.margin();
            }
        }
        if let Some(list) = &parts.otherwise {
            self.semicolon();
            self.newline("else\n");
            self.block(list);
        }
        for n in 0..count {
            if n > 0 {
                self.indent -= self.step;
            }
            self.semicolon();
            self.newline("fi");
        }
    }

    fn words(&mut self, words: &'t [Word], separator: &str) {
        for (n, word) in words.iter().enumerate() {
            if n > 0 {
                self.text(separator);
            }
            super::word(self.out, word);
        }
    }

    fn for_words(&mut self, keyword: &str, parts: &'t For) {
        self.text(keyword);
        self.text(" ");
        self.text(parts.name.bytes());
        self.text(" in ");
        self.words(&parts.words, " ");
        self.text(";");
        self.do_block(&parts.body);
    }

    fn do_block(&mut self, body: &'t List) {
        self.newline("do\n");
        self.block(body);
        self.semicolon();
        self.newline("done");
    }

    fn arith_for(&mut self, parts: &'t ArithFor) {
        self.text("for ((");
        for (n, arith) in [&parts.init, &parts.test, &parts.step].into_iter().enumerate() {
            if n > 0 {
                self.text("; ");
            }
            let start = self.out.len();
            super::word(self.out, &arith.word);
            if self.out.len() == start {
                self.text("1");
            }
        }
        self.text("))");
        self.do_block(&parts.body);
    }

    fn while_command(&mut self, parts: &'t While) {
        self.text(if parts.until { "until " } else { "while " });
        self.continued += 1;
        self.list(&parts.test);
        self.bodies(b"");
        self.semicolon();
        self.text(" do\n");
        self.block(&parts.body);
        self.semicolon();
        self.newline("done");
    }

    fn case(&mut self, parts: &'t Case) {
        self.text("case ");
        super::word(self.out, &parts.word);
        self.text(" in ");
        self.indent += self.step;
        for clause in &parts.clauses {
            self.newline("");
            for (n, pattern) in clause.patterns.iter().enumerate() {
                if n > 0 {
                    self.text(" | ");
                }
                super::word(self.out, &pattern.word);
            }
            self.text(")\n");
            self.block(&clause.body);
            self.newline(match clause.end {
                ClauseEnd::Break => ";;",
                ClauseEnd::FallThrough => ";&",
                ClauseEnd::Continue => ";;&",
            });
        }
        self.indent -= self.step;
        self.newline("esac");
    }

    pub(super) fn cond(&mut self, cond: &'t Cond) {
        match cond {
            Cond::Not(inner) => {
                self.text("! ");
                self.cond(inner);
            }
            Cond::And(left, right) => self.cond_pair(left, " && ", right),
            Cond::Or(left, right) => self.cond_pair(left, " || ", right),
            Cond::Group(inner) => {
                self.text("( ");
                self.cond(inner);
                self.text(" )");
            }
            Cond::Unary(letter, word) => {
                self.text([b'-', *letter, b' ']);
                super::word(self.out, word);
            }
            Cond::Word(word) => {
                self.text("-n ");
                super::word(self.out, word);
            }
            Cond::Binary(op, left, right) => self.cond_test(left, op.spelling(), right),
            Cond::Match { word, pattern, negated, single } => {
                let operator = match (negated, single) {
                    (true, _) => "!=",
                    (false, true) => "=",
                    (false, false) => "==",
                };
                self.cond_test(word, operator, &pattern.word);
            }
            Cond::Regex(word, regex) => self.cond_test(word, "=~", &regex.word),
        }
    }

    fn cond_pair(&mut self, left: &'t Cond, operator: &str, right: &'t Cond) {
        self.cond(left);
        self.text(operator);
        self.cond(right);
    }

    fn cond_test(&mut self, left: &'t Word, operator: &str, right: &'t Word) {
        super::word(self.out, left);
        self.text(" ");
        self.text(operator);
        self.text(" ");
        super::word(self.out, right);
    }

    fn nested_function(&mut self, function: &'t Function) {
        self.text("function ");
        self.text(&function.name);
        self.text(" () \n");
        self.margin();
        self.text("{ \n");
        self.in_function += 1;
        self.indent += self.step;
        self.function_body(&function.body);
    }

    /// The body and the closing brace of a function, its opening being printed.
    pub(super) fn function_body(&mut self, body: &'t Command) {
        let redirects = match &body.kind {
            CommandKind::Group(list) => {
                self.list(list);
                body.redirects.as_slice()
            }
            _ => {
                self.command(body);
                &[]
            }
        };
        self.bodies(b"");
        self.indent = if self.exported && self.in_function == 1 { 0 } else { self.indent.saturating_sub(self.step) };
        self.in_function -= 1;
        self.newline("}");
        if !redirects.is_empty() {
            self.text(" ");
            self.redirects(redirects);
        }
        self.bodies(b"");
    }
}
