//! Names of things: tenants, sessions, processes, signals.

use std::fmt;
use std::sync::{Arc, LazyLock};

/// A process number, unique within its session while the process is in the table; the shell is 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pid(pub u32);

impl fmt::Display for Pid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A signal number with Linux's numbering, 1 to 64.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Signal(pub u8);

#[expect(missing_docs, reason = "the names are those of POSIX <signal.h>")]
impl Signal {
    pub const HUP: Self = Self(1);
    pub const INT: Self = Self(2);
    pub const QUIT: Self = Self(3);
    pub const ILL: Self = Self(4);
    pub const ABRT: Self = Self(6);
    pub const FPE: Self = Self(8);
    pub const KILL: Self = Self(9);
    pub const USR1: Self = Self(10);
    pub const SEGV: Self = Self(11);
    pub const USR2: Self = Self(12);
    pub const PIPE: Self = Self(13);
    pub const ALRM: Self = Self(14);
    pub const TERM: Self = Self(15);
    pub const CHLD: Self = Self(17);
    pub const CONT: Self = Self(18);
    pub const STOP: Self = Self(19);
    pub const TSTP: Self = Self(20);
    pub const TTIN: Self = Self(21);
    pub const TTOU: Self = Self(22);
    pub const URG: Self = Self(23);
    pub const XCPU: Self = Self(24);
    pub const WINCH: Self = Self(28);
}

/// The name of a session: 16 to 64 hexadecimal digits, compared as written (`aA` and `aa` differ).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(Arc<str>);

/// The text is not a session id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("invalid session id: use 16-64 hex chars or 'new'")]
pub struct InvalidSessionId;

impl SessionId {
    /// Makes the 32-digit lower-case id of 128 random bits.
    #[must_use]
    pub fn from_random(bits: u128) -> Self {
        Self(format!("{bits:032x}").into())
    }

    /// Returns the id as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns what logs call the session: 8 hexadecimal digits of a hash. Who knows the id can find its lines
    /// (`printf %s ID | b3sum | cut -c 1-8`); who reads a log does not learn the id, which lets its holder in.
    #[must_use]
    pub fn tag(&self) -> String {
        let hash = blake3::hash(self.0.as_bytes());
        hash.to_hex().chars().take(8).collect()
    }
}

impl std::str::FromStr for SessionId {
    type Err = InvalidSessionId;

    fn from_str(text: &str) -> Result<Self, InvalidSessionId> {
        let valid = (16..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_hexdigit());
        if valid { Ok(Self(text.into())) } else { Err(InvalidSessionId) }
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The name of a tenant: 1 to 64 characters of `a-z`, `0-9`, `_` and `-`. Sessions, keys and quotas belong to one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TenantId(Arc<str>);

/// The text is not a tenant's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("invalid tenant: use 1-64 characters of a-z, 0-9, '_' and '-'")]
pub struct InvalidTenantId;

impl TenantId {
    /// Returns the one tenant of a host that has no others: `default`.
    #[must_use]
    pub fn default_tenant() -> Self {
        static DEFAULT: LazyLock<TenantId> = LazyLock::new(|| TenantId("default".into()));
        DEFAULT.clone()
    }

    /// Returns the name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for TenantId {
    type Err = InvalidTenantId;

    fn from_str(text: &str) -> Result<Self, InvalidTenantId> {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-';
        let valid = (1..=64).contains(&text.len()) && text.bytes().all(allowed);
        if valid { Ok(Self(text.into())) } else { Err(InvalidTenantId) }
    }
}

impl fmt::Display for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What names a session in a host: the same id under two tenants is two sessions.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionKey {
    /// Whose it is.
    pub tenant: TenantId,
    /// Its name within the tenant.
    pub id: SessionId,
}

impl SessionKey {
    /// Returns the key of the default tenant's session of this id.
    #[must_use]
    pub fn of_default(id: SessionId) -> Self {
        Self { tenant: TenantId::default_tenant(), id }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_tells_sessions_apart_and_holds_nothing_of_the_id() {
        let tag = |text: &str| text.parse::<SessionId>().expect("an id").tag();
        assert_eq!(tag("0123456789abcdef"), tag("0123456789abcdef"));
        assert_ne!(tag("0123456789abcdef"), tag("0123456789abcdee"));
        assert!(tag("0123456789abcdef").len() == 8 && !"0123456789abcdef".contains(&tag("0123456789abcdef")));
    }

    #[test]
    fn a_session_id_is_16_to_64_hex_digits() {
        let check = |text: &str, valid: bool| assert_eq!(text.parse::<SessionId>().is_ok(), valid, "{text:?}");
        check("0123456789abcdef", true);
        check("0123456789ABCDEF", true);
        check(&"f".repeat(64), true);
        check("0123456789abcde", false);
        check(&"f".repeat(65), false);
        check("0123456789abcdeg", false);
        check("new", false);
        check("", false);
    }

    #[test]
    fn a_tenant_is_1_to_64_plain_characters() {
        let check = |text: &str, valid: bool| assert_eq!(text.parse::<TenantId>().is_ok(), valid, "{text:?}");
        check("default", true);
        check("a_b-9", true);
        check(&"x".repeat(64), true);
        check(&"x".repeat(65), false);
        check("", false);
        check("Upper", false);
        check("a/b", false);
    }
}
