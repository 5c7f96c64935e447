//! A line for programs: one JSON object with `time` (RFC 3339, UTC), `level`, `target`, `message`, and all fields, those
//! of the request and the session among them.

use std::fmt::Write;

use serde_json::Value;

use super::layer::Line;

/// The names a field must not take.
const OWN: [&str; 4] = ["time", "level", "target", "message"];

/// Returns the line with its end.
pub(super) fn line(line: &Line<'_>) -> String {
    let quoted = |text: &str| Value::from(text).to_string();
    let mut text = format!(
        "{{\"time\":\"{}\",\"level\":\"{}\",\"target\":{},\"message\":{}",
        rfc3339(line.at.0),
        line.level.as_str().to_ascii_lowercase(),
        quoted(line.target),
        quoted(&line.fields.message)
    );
    for (name, value) in &line.fields.others {
        let prefix = if OWN.contains(name) { "field_" } else { "" };
        let _ = write!(text, ",{}:{value}", quoted(&format!("{prefix}{name}")));
    }
    text.push_str("}\n");
    text
}

fn rfc3339(nanos: u64) -> String {
    let micros = i64::try_from(nanos / 1_000).unwrap_or(i64::MAX);
    let at = jiff::Timestamp::from_microsecond(micros).unwrap_or(jiff::Timestamp::MAX);
    format!("{at:.6}")
}

#[cfg(test)]
mod tests {
    use base::Timestamp;
    use tracing::Level;

    use super::super::fields::Fields;
    use super::*;

    #[test]
    fn a_line_is_one_object_with_every_field() {
        let others = vec![("request_id", "r-1".into()), ("status", 200.into()), ("level", "mine".into())];
        let fields = Fields { message: "a \"b\"\nc".to_owned(), others };
        let at = Timestamp(1_700_000_000_123_456_789);
        let text = line(&Line { at, level: Level::WARN, target: "sandshell_api", fields });
        assert_eq!(text.matches('\n').count(), 1);
        let object: Value = serde_json::from_str(&text).expect("JSON");
        let expected = serde_json::json!({
            "time": "2023-11-14T22:13:20.123456Z", "level": "warn", "target": "sandshell_api",
            "message": "a \"b\"\nc", "request_id": "r-1", "status": 200, "field_level": "mine",
        });
        assert_eq!(object, expected);
    }
}
