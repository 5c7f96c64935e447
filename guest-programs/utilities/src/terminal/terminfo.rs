//! The terminals that are known, and what they can do: capabilities by their names in terminfo(5).

/// A terminal.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terminal {
    /// Its names, the first of which it is asked for by.
    names: &'static [&'static str],
    /// What it is.
    pub(crate) long_name: &'static str,
    flags: &'static [&'static str],
    numbers: &'static [(&'static str, u32)],
    /// Each table goes before the next one.
    strings: &'static [&'static [(&'static str, &'static str)]],
}

/// What a capability is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Capability {
    Flag(bool),
    /// A number, if the terminal has one.
    Number(Option<u32>),
    /// A string, if the terminal has it.
    Text(Option<&'static str>),
}

type Strings = &'static [(&'static str, &'static str)];

const DUMB: Strings = &[("bel", "\x07"), ("cr", "\r"), ("cud1", "\n"), ("ind", "\n")];

const COLORS_8: Strings = &[
    ("op", "\x1b[39;49m"),
    ("setab", "\x1b[4%p1%dm"),
    ("setaf", "\x1b[3%p1%dm"),
    ("setb", "\x1b[4%p1%dm"),
    ("setf", "\x1b[3%p1%dm"),
];

const COLORS_256: Strings = &[
    ("initc", "\x1b]4;%p1%d;rgb:%p2%{255}%*%{1000}%/%2.2X/%p3%{255}%*%{1000}%/%2.2X/%p4%{255}%*%{1000}%/%2.2X\x1b\\"),
    ("oc", "\x1b]104\x07"),
    ("op", "\x1b[39;49m"),
    ("setab", "\x1b[%?%p1%{8}%<%t4%p1%d%e%p1%{16}%<%t10%p1%{8}%-%d%e48;5;%p1%d%;m"),
    ("setaf", "\x1b[%?%p1%{8}%<%t3%p1%d%e%p1%{16}%<%t9%p1%{8}%-%d%e38;5;%p1%d%;m"),
];

const XTERM: Strings = &[
    ("E3", "\x1b[3J"),
    ("bel", "\x07"),
    ("blink", "\x1b[5m"),
    ("bold", "\x1b[1m"),
    ("cbt", "\x1b[Z"),
    ("civis", "\x1b[?25l"),
    ("clear", "\x1b[H\x1b[2J"),
    ("cnorm", "\x1b[?12l\x1b[?25h"),
    ("cr", "\r"),
    ("csr", "\x1b[%i%p1%d;%p2%dr"),
    ("cub", "\x1b[%p1%dD"),
    ("cub1", "\x08"),
    ("cud", "\x1b[%p1%dB"),
    ("cud1", "\n"),
    ("cuf", "\x1b[%p1%dC"),
    ("cuf1", "\x1b[C"),
    ("cup", "\x1b[%i%p1%d;%p2%dH"),
    ("cuu", "\x1b[%p1%dA"),
    ("cuu1", "\x1b[A"),
    ("cvvis", "\x1b[?12;25h"),
    ("dch", "\x1b[%p1%dP"),
    ("dch1", "\x1b[P"),
    ("dim", "\x1b[2m"),
    ("dl", "\x1b[%p1%dM"),
    ("dl1", "\x1b[M"),
    ("ech", "\x1b[%p1%dX"),
    ("ed", "\x1b[J"),
    ("el", "\x1b[K"),
    ("el1", "\x1b[1K"),
    ("flash", "\x1b[?5h\x1b[?5l"),
    ("home", "\x1b[H"),
    ("hpa", "\x1b[%i%p1%dG"),
    ("ht", "\t"),
    ("hts", "\x1bH"),
    ("ich", "\x1b[%p1%d@"),
    ("il", "\x1b[%p1%dL"),
    ("il1", "\x1b[L"),
    ("ind", "\n"),
    ("indn", "\x1b[%p1%dS"),
    ("invis", "\x1b[8m"),
    ("is2", "\x1b[!p\x1b[?3;4l\x1b[4l\x1b>"),
    ("kbs", "\x7f"),
    ("kcub1", "\x1bOD"),
    ("kcud1", "\x1bOB"),
    ("kcuf1", "\x1bOC"),
    ("kcuu1", "\x1bOA"),
    ("kdch1", "\x1b[3~"),
    ("kend", "\x1bOF"),
    ("kf1", "\x1bOP"),
    ("kf2", "\x1bOQ"),
    ("kf3", "\x1bOR"),
    ("kf4", "\x1bOS"),
    ("khome", "\x1bOH"),
    ("kich1", "\x1b[2~"),
    ("knp", "\x1b[6~"),
    ("kpp", "\x1b[5~"),
    ("nel", "\x1bE"),
    ("rc", "\x1b8"),
    ("rev", "\x1b[7m"),
    ("ri", "\x1bM"),
    ("rin", "\x1b[%p1%dT"),
    ("ritm", "\x1b[23m"),
    ("rmacs", "\x1b(B"),
    ("rmam", "\x1b[?7l"),
    ("rmcup", "\x1b[?1049l\x1b[23;0;0t"),
    ("rmir", "\x1b[4l"),
    ("rmkx", "\x1b[?1l\x1b>"),
    ("rmso", "\x1b[27m"),
    ("rmul", "\x1b[24m"),
    ("rs1", "\x1bc"),
    ("rs2", "\x1b[!p\x1b[?3;4l\x1b[4l\x1b>"),
    ("sc", "\x1b7"),
    ("sgr0", "\x1b(B\x1b[m"),
    ("sitm", "\x1b[3m"),
    ("smacs", "\x1b(0"),
    ("smam", "\x1b[?7h"),
    ("smcup", "\x1b[?1049h\x1b[22;0;0t"),
    ("smir", "\x1b[4h"),
    ("smkx", "\x1b[?1h\x1b="),
    ("smso", "\x1b[7m"),
    ("smul", "\x1b[4m"),
    ("tbc", "\x1b[3g"),
    ("vpa", "\x1b[%i%p1%dd"),
];

const FLAGS: &[&str] = &["am", "bce", "ccc", "km", "mc5i", "mir", "msgr", "npc", "xenl"];

const TERMINALS: &[Terminal] = &[
    Terminal {
        names: &["dumb"],
        long_name: "80-column dumb tty",
        flags: &["am"],
        numbers: &[("cols", 80)],
        strings: &[DUMB],
    },
    Terminal {
        names: &["xterm", "xterm-color"],
        long_name: "xterm terminal emulator (X Window System)",
        flags: FLAGS,
        numbers: &[("colors", 8), ("cols", 80), ("it", 8), ("lines", 24), ("pairs", 64)],
        strings: &[COLORS_8, XTERM],
    },
    Terminal {
        names: &["xterm-256color", "screen-256color", "tmux-256color"],
        long_name: "xterm with 256 colors",
        flags: FLAGS,
        numbers: &[("colors", 256), ("cols", 80), ("it", 8), ("lines", 24), ("pairs", 65_536)],
        strings: &[COLORS_256, XTERM],
    },
];

/// Names of flags that no terminal here has.
const OTHER_FLAGS: &[&str] =
    &["bw", "da", "db", "eo", "eslok", "gn", "hc", "hs", "hz", "in", "os", "ul", "xhp", "xsb", "xt"];
/// Names of numbers that no terminal here has.
const OTHER_NUMBERS: &[&str] = &["lm", "ncv", "nlab", "vt", "wsl", "xmc"];

impl Terminal {
    /// Finds a terminal by its name.
    pub(crate) fn find(name: &str) -> Option<&'static Self> {
        TERMINALS.iter().find(|terminal| terminal.names.contains(&name))
    }

    /// What a capability of that name is; `None` when no terminal has one of that name.
    pub(crate) fn capability(&self, name: &str) -> Option<Capability> {
        let string = |terminal: &Self| {
            let found = terminal.strings.iter().flat_map(|table| *table).find(|(known, _)| *known == name);
            found.map(|(_, text)| *text)
        };
        let number =
            |terminal: &Self| terminal.numbers.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
        let any = |knows: &dyn Fn(&Self) -> bool| TERMINALS.iter().any(knows);
        if OTHER_FLAGS.contains(&name) || any(&|terminal| terminal.flags.contains(&name)) {
            return Some(Capability::Flag(self.flags.contains(&name)));
        }
        if OTHER_NUMBERS.contains(&name) || any(&|terminal| number(terminal).is_some()) {
            return Some(Capability::Number(number(self)));
        }
        any(&|terminal| string(terminal).is_some()).then(|| Capability::Text(string(self)))
    }

    /// Returns a string that needs no parameters; empty when the terminal has none.
    pub(crate) fn text(&self, name: &str) -> &'static str {
        match self.capability(name) {
            Some(Capability::Text(Some(text))) => text,
            _ => "",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminals_differ_in_what_they_have() {
        let dumb = Terminal::find("dumb").expect("known");
        let xterm = Terminal::find("xterm").expect("known");
        assert_eq!(dumb.capability("bold"), Some(Capability::Text(None)));
        assert_eq!(xterm.capability("bold"), Some(Capability::Text(Some("\x1b[1m"))));
        assert_eq!(dumb.capability("colors"), Some(Capability::Number(None)));
        assert_eq!(dumb.capability("am"), Some(Capability::Flag(true)));
        assert_eq!(dumb.capability("bogus"), None);
    }
}
