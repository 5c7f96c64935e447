//! The kinds of values settings have: how each is written, what it allows, and how it is shown.
//!
//! Every kind is read from one word, whichever way it was given; the file's types are checked against [`Value::FORM`].

use std::time::Duration;

use crate::duration::{GoDuration, short_text};
use crate::size;

/// What the file may hold for a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// A string.
    Text,
    /// An integer.
    Number,
    /// A string with a unit, or a number.
    Measure,
    /// `true` or `false`.
    Truth,
    /// An array of strings; a comma separates them in a variable.
    List,
}

/// A value as the file would hold it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Plain {
    Text(String),
    Number(u64),
    Truth(bool),
    List(Vec<String>),
}

impl Plain {
    /// Returns the value as a person reads it, and as a flag takes it.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
            Self::Truth(truth) => truth.to_string(),
            Self::List(list) => list.join(","),
        }
    }
}

/// One kind of value.
pub(crate) trait Value: Sized {
    /// What the file may hold.
    const FORM: Form;
    /// What stands for the value in the usage of a flag.
    const NAME: &'static str;
    /// All values there are, for kinds that have few.
    const CHOICES: &'static [&'static str] = &[];

    /// Says what is allowed, as the end of "must be ...".
    fn allowed() -> String;
    /// Reads one word; `None` if it is not allowed.
    fn read(word: &str) -> Option<Self>;
    /// Returns the value as the file would hold it.
    fn plain(&self) -> Plain;
}

/// An address to listen on, as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address(pub(crate) String);

impl AsRef<str> for Address {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl Value for Address {
    const FORM: Form = Form::Text;
    const NAME: &'static str = "ADDRESS";

    fn allowed() -> String {
        "an address with a port, like 127.0.0.1:8080, [::1]:8080, localhost:0 or :8080 (every address)".to_owned()
    }

    fn read(word: &str) -> Option<Self> {
        let (_, port) = word.rsplit_once(':')?;
        port.parse::<u16>().is_ok().then(|| Self(word.to_owned()))
    }

    fn plain(&self) -> Plain {
        Plain::Text(self.0.clone())
    }
}

/// Yes or no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Switch(pub(crate) bool);

impl Value for Switch {
    const FORM: Form = Form::Truth;
    const NAME: &'static str = "BOOL";
    const CHOICES: &'static [&'static str] = &["true", "false"];

    fn allowed() -> String {
        "true or false".to_owned()
    }

    fn read(word: &str) -> Option<Self> {
        match word.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" => Some(Self(true)),
            "false" | "no" | "off" | "0" => Some(Self(false)),
            _ => None,
        }
    }

    fn plain(&self) -> Plain {
        Plain::Truth(self.0)
    }
}

/// Names of hosts, in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HostNames(pub(crate) Vec<String>);

impl Value for HostNames {
    const FORM: Form = Form::List;
    const NAME: &'static str = "NAME";

    fn allowed() -> String {
        "host names without port, like box.example".to_owned()
    }

    fn read(word: &str) -> Option<Self> {
        let names: Vec<String> = word.split(',').map(|name| name.trim().to_ascii_lowercase()).collect();
        let is_name = |name: &String| {
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_'))
        };
        match names.as_slice() {
            [only] if only.is_empty() => Some(Self(Vec::new())),
            _ => names.iter().all(is_name).then_some(Self(names)),
        }
    }

    fn plain(&self) -> Plain {
        Plain::List(self.0.clone())
    }
}

/// A whole number from `MIN` to `MAX`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Count<const MIN: u64, const MAX: u64>(pub(crate) u64);

impl<const MIN: u64, const MAX: u64> Value for Count<MIN, MAX> {
    const FORM: Form = Form::Number;
    const NAME: &'static str = "N";

    fn allowed() -> String {
        format!("a whole number from {MIN} to {MAX}")
    }

    fn read(word: &str) -> Option<Self> {
        word.parse().ok().filter(|number| (MIN..=MAX).contains(number)).map(Self)
    }

    fn plain(&self) -> Plain {
        Plain::Number(self.0)
    }
}

/// A large number, written with a unit of a thousand: 500G.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Amount<const MIN: u64, const MAX: u64>(pub(crate) u64);

const AMOUNT_UNITS: [(&str, u64); 5] =
    [("T", 1_000_000_000_000), ("G", 1_000_000_000), ("M", 1_000_000), ("K", 1_000), ("", 1)];

impl<const MIN: u64, const MAX: u64> Value for Amount<MIN, MAX> {
    const FORM: Form = Form::Measure;
    const NAME: &'static str = "AMOUNT";

    fn allowed() -> String {
        format!("a number like 2000000, 500M or 2G, from {} to {}", Self(MIN).plain().text(), Self(MAX).plain().text())
    }

    fn read(word: &str) -> Option<Self> {
        let upper = word.to_ascii_uppercase();
        let (unit, factor) = AMOUNT_UNITS.iter().find(|(unit, _)| upper.ends_with(unit))?;
        let number: u64 = upper.strip_suffix(unit)?.parse().ok()?;
        number.checked_mul(*factor).filter(|amount| (MIN..=MAX).contains(amount)).map(Self)
    }

    fn plain(&self) -> Plain {
        let whole = |factor: u64| self.0.is_multiple_of(factor) && self.0 >= factor;
        let (unit, factor) = AMOUNT_UNITS.iter().find(|(_, factor)| whole(*factor)).unwrap_or(&("", 1));
        Plain::Text(format!("{}{unit}", self.0 / factor))
    }
}

/// A number of bytes from `MIN` to `MAX`, written with a unit of 1024: 16MiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bytes<const MIN: u64, const MAX: u64>(pub(crate) u64);

impl<const MIN: u64, const MAX: u64> Value for Bytes<MIN, MAX> {
    const FORM: Form = Form::Measure;
    const NAME: &'static str = "SIZE";

    fn allowed() -> String {
        format!("a size like 65536, 16MiB or 2GiB, from {} to {}", size::text(MIN), size::text(MAX))
    }

    fn read(word: &str) -> Option<Self> {
        size::read(word).filter(|bytes| (MIN..=MAX).contains(bytes)).map(Self)
    }

    fn plain(&self) -> Plain {
        Plain::Text(size::text(self.0))
    }
}

/// A duration from `MIN` to `MAX` milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span<const MIN: u64, const MAX: u64>(pub(crate) Duration);

impl<const MIN: u64, const MAX: u64> Value for Span<MIN, MAX> {
    const FORM: Form = Form::Measure;
    const NAME: &'static str = "DURATION";

    fn allowed() -> String {
        let text = |millis| short_text(Duration::from_millis(millis));
        format!("a duration like 500ms, 30s, 1m30s or 90 (seconds), from {} to {}", text(MIN), text(MAX))
    }

    fn read(word: &str) -> Option<Self> {
        let duration: GoDuration = word.parse().ok()?;
        let (least, most) = (Duration::from_millis(MIN), Duration::from_millis(MAX));
        let length = duration.or_zero();
        (!duration.is_negative() && (least..=most).contains(&length)).then_some(Self(length))
    }

    fn plain(&self) -> Plain {
        Plain::Text(short_text(self.0))
    }
}

/// The wall-clock limit of a run; the older server's rule makes zero and less five seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Timeout(pub(crate) Duration);

impl Value for Timeout {
    const FORM: Form = Form::Measure;
    const NAME: &'static str = "DURATION";

    fn allowed() -> String {
        let fallback = short_text(base::Limits::FALLBACK_TIMEOUT);
        format!("a duration like 500ms, 30s, 1m30s or 90 (seconds); 0 or less means {fallback}")
    }

    fn read(word: &str) -> Option<Self> {
        let length = word.parse::<GoDuration>().ok()?.or_zero();
        Some(Self(if length.is_zero() { base::Limits::FALLBACK_TIMEOUT } else { length }))
    }

    fn plain(&self) -> Plain {
        Plain::Text(short_text(self.0))
    }
}

/// A filter of log lines: a level, or levels by target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Filter(pub(crate) String);

/// The levels, quietest first.
pub(crate) const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];

impl Value for Filter {
    const FORM: Form = Form::Text;
    const NAME: &'static str = "FILTER";

    fn allowed() -> String {
        format!("one of {}, or levels by target like info,sandshell_session=debug", LEVELS.join(", "))
    }

    fn read(word: &str) -> Option<Self> {
        // A misspelt level would be taken for a target of which everything is logged.
        let is_plain = |directive: &str| directive.contains('=') || LEVELS.contains(&directive);
        let parses = tracing_subscriber::EnvFilter::try_new(word).is_ok();
        (parses && word.split(',').all(|directive| is_plain(directive.trim()))).then(|| Self(word.to_owned()))
    }

    fn plain(&self) -> Plain {
        Plain::Text(self.0.clone())
    }
}

/// The path of a folder of the host; empty for none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Folder(pub(crate) String);

impl Value for Folder {
    const FORM: Form = Form::Text;
    const NAME: &'static str = "FOLDER";

    fn allowed() -> String {
        "the path of a folder".to_owned()
    }

    fn read(word: &str) -> Option<Self> {
        (!word.contains('\0')).then(|| Self(word.to_owned()))
    }

    fn plain(&self) -> Plain {
        Plain::Text(self.0.clone())
    }
}

/// An enumeration whose values have names.
macro_rules! choice {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum $name { $($(#[$doc])* $variant),+ }

        impl Value for $name {
            const FORM: Form = Form::Text;
            const NAME: &'static str = "WORD";
            const CHOICES: &'static [&'static str] = &[$($text),+];

            fn allowed() -> String {
                [$($text),+].join(" or ")
            }

            fn read(word: &str) -> Option<Self> {
                match word { $($text => Some(Self::$variant),)+ _ => None }
            }

            fn plain(&self) -> Plain {
                Plain::Text(match self { $(Self::$variant => $text),+ }.to_owned())
            }
        }
    };
}

choice! {
    /// How guest code is metered.
    Metering {
        /// With fuel: CPU use is limited and reported to the unit.
        FuelAndEpoch = "fuel+epoch",
        /// Without: code is faster.
        Epoch = "epoch",
    }
}

choice! {
    /// How log lines look.
    LogFormat {
        /// For people.
        Human = "human",
        /// One JSON object a line.
        Json = "json",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<T: Value>(word: &str, shown: Option<&str>) {
        let read = T::read(word).map(|value| value.plain().text());
        assert_eq!(read.as_deref(), shown, "{word:?}");
        if let Some(shown) = shown {
            assert_eq!(
                T::read(shown).map(|value| value.plain().text()).as_deref(),
                Some(shown),
                "shown and read again"
            );
        }
    }

    #[test]
    fn a_count_keeps_its_bounds() {
        check::<Count<1, 10>>("1", Some("1"));
        check::<Count<1, 10>>("10", Some("10"));
        for word in ["0", "11", "-1", "1.5", "1k", ""] {
            check::<Count<1, 10>>(word, None);
        }
    }

    #[test]
    fn amounts_have_units_of_a_thousand() {
        check::<Amount<1, 1_000_000_000_000>>("500g", Some("500G"));
        check::<Amount<1, 1_000_000_000_000>>("1500000", Some("1500K"));
        check::<Amount<1, 1_000_000_000_000>>("1234", Some("1234"));
        for word in ["0", "2T", "G", "1.5G", "99999999999999999999T"] {
            check::<Amount<1, 1_000_000_000_000>>(word, None);
        }
    }

    #[test]
    fn sizes_and_durations_keep_their_bounds() {
        check::<Bytes<1024, { 1 << 30 }>>("64m", Some("64MiB"));
        check::<Bytes<1024, { 1 << 30 }>>("1023", None);
        check::<Bytes<0, { 1 << 30 }>>("0", Some("0"));
        check::<Bytes<0, { 1 << 30 }>>("2GiB", None);
        check::<Span<1, 60_000>>("60", Some("1m"));
        check::<Span<1, 60_000>>("0", None);
        check::<Span<1, 60_000>>("61s", None);
        check::<Span<0, 60_000>>("-1s", None);
        check::<Timeout>("-1s", Some("5s"));
        check::<Timeout>("1h", Some("1h"));
    }

    #[test]
    fn names_are_a_list_without_ports() {
        check::<HostNames>("Box.Example, other", Some("box.example,other"));
        check::<HostNames>("", Some(""));
        for word in ["a,,b", "box:80", "a b", "http://a"] {
            check::<HostNames>(word, None);
        }
    }

    #[test]
    fn a_misspelt_level_is_no_filter() {
        check::<Filter>("debug", Some("debug"));
        check::<Filter>("warn,sandshell_api=trace", Some("warn,sandshell_api=trace"));
        for word in ["debgu", "warn,debgu", "", "a=b=c", "x=loud"] {
            check::<Filter>(word, None);
        }
    }

    #[test]
    fn an_address_has_a_port() {
        for word in ["127.0.0.1:0", ":8080", "[::1]:80", "localhost:1"] {
            check::<Address>(word, Some(word));
        }
        for word in ["nonsense", "127.0.0.1", "1.2.3.4:99999", ""] {
            check::<Address>(word, None);
        }
    }
}
