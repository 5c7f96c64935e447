//! Times as people write them: `strftime`'s directives over a time in the zone of `TZ`.

use jiff::Timestamp;
use sandshell_sys::local_zone;

use crate::time::Nanos;

const SECOND: Nanos = 1_000_000_000;

/// Formats a time by one directive of `strftime` and find's own `@` and `+`; seconds have find's ten digits of fraction.
pub(crate) fn format(time: Nanos, directive: char) -> String {
    let (seconds, fraction) = (time.div_euclid(SECOND), format!("{:09}0", time.rem_euclid(SECOND)));
    let plain = |pattern: &str| strftime(time, pattern);
    match directive {
        '@' => format!("{seconds}.{fraction}"),
        '+' => format!("{}.{fraction}", plain("%Y-%m-%d+%H:%M:%S")),
        'S' => format!("{}.{fraction}", plain("%S")),
        'T' | 'X' => format!("{}.{fraction}", plain("%H:%M:%S")),
        'c' => plain("%a %b %e %H:%M:%S %Y"),
        'D' | 'x' => plain("%m/%d/%y"),
        'r' => plain("%I:%M:%S %p"),
        'h' => plain("%b"),
        'n' => "\n".to_owned(),
        't' => "\t".to_owned(),
        's' => seconds.to_string(),
        'a' | 'A' | 'b' | 'B' | 'C' | 'd' | 'e' | 'F' | 'g' | 'G' | 'H' | 'I' | 'j' | 'k' | 'l' | 'm' | 'M' | 'p'
        | 'R' | 'u' | 'U' | 'V' | 'w' | 'W' | 'y' | 'Y' | 'z' | 'Z' => plain(&format!("%{directive}")),
        other => format!("%{other}"),
    }
}

/// Formats a time as `ctime` does, with the fraction of the second.
pub(crate) fn long(time: Nanos) -> String {
    format!("{}.{:09}0 {}", strftime(time, "%a %b %e %H:%M:%S"), time.rem_euclid(SECOND), strftime(time, "%Y"))
}

/// Formats a time as `ls -l` does: with the year unless it is of the last six months.
pub(crate) fn short(time: Nanos, now: Nanos) -> String {
    const HALF_A_YEAR: Nanos = 31_556_952 / 2 * SECOND;
    let is_recent = time <= now && now - time < HALF_A_YEAR;
    strftime(time, if is_recent { "%b %e %H:%M" } else { "%b %e  %Y" })
}

/// What is beyond the calendar is shown as its seconds.
fn strftime(time: Nanos, pattern: &str) -> String {
    let zoned = Timestamp::from_nanosecond(time).map(|stamp| stamp.to_zoned(local_zone()));
    let formatted = zoned.and_then(|zoned| jiff::fmt::strtime::format(pattern, &zoned));
    formatted.unwrap_or_else(|_| time.div_euclid(SECOND).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIME: Nanos = 1_704_164_645_678_000_000;

    #[test]
    fn every_directive_is_as_gnu_finds() {
        let expected = "a=Tue A=Tuesday b=Jan B=January c=Tue Jan  2 03:04:05 2024 C=20 d=02 D=01/02/24 e= 2 F=2024-01-02 \
                        g=24 G=2024 h=Jan H=03 I=03 j=002 k= 3 l= 3 m=01 M=04 p=AM r=03:04:05 AM R=03:04 \
                        s=1704164645 S=05.6780000000 T=03:04:05.6780000000 u=2 U=00 V=01 w=2 W=01 x=01/02/24 \
                        X=03:04:05.6780000000 y=24 Y=2024 z=+0000 Z=UTC +=2024-01-02+03:04:05.6780000000 \
                        @=1704164645.6780000000 q=%q";
        let directives = "aAbBcCdDeFgGhHIjklmMprRsSTuUVwWxXyYzZ+@q";
        let found: Vec<String> =
            directives.chars().map(|directive| format!("{directive}={}", format(TIME, directive))).collect();
        assert_eq!(found.join(" "), expected);
    }

    #[test]
    fn an_old_time_is_shown_with_its_year() {
        assert_eq!(short(TIME, TIME + 5 * SECOND), "Jan  2 03:04");
        assert_eq!(short(TIME, TIME + 200 * 86_400 * SECOND), "Jan  2  2024");
        assert_eq!(short(TIME, TIME - SECOND), "Jan  2  2024");
        assert_eq!(long(TIME), "Tue Jan  2 03:04:05.6780000000 2024");
    }
}
