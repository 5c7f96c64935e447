//! The colours of output, and `JQ_COLORS`.

use crate::json::Colors;

const DEFAULTS: [&str; 8] = ["0;90", "0;39", "0;39", "0;39", "0;32", "1;39", "1;39", "1;34"];

/// The colours: the default ones with those of `JQ_COLORS`, `null:false:true:numbers:strings:arrays:objects:keys`. Also
/// whether that was understood.
pub(super) fn colors(setting: Option<&str>) -> (Colors, bool) {
    let mut colors = DEFAULTS.map(str::to_owned);
    let fields: Vec<&str> = setting.unwrap_or_default().split(':').collect();
    let valid = |field: &&str| field.bytes().all(|byte| byte.is_ascii_digit() || byte == b';');
    let understood = fields.iter().all(valid);
    if understood && setting.is_some_and(|setting| !setting.is_empty()) {
        for (color, field) in colors.iter_mut().zip(fields) {
            field.clone_into(color);
        }
    }
    (colors.map(|color| format!("\x1b[{color}m")), understood)
}
