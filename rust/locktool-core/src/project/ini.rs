//! The values of an INI file as `configparser` reads them: indented lines go on with a value, `#` and `;` begin a comment.

use std::collections::BTreeMap;

/// `(section, key)` to lines, the first of which stands beside the key and is empty where the value begins below it.
pub(super) type Values = BTreeMap<(String, String), Vec<String>>;

/// Reads the values of a text. Keys are lower-case, with underscores.
pub(super) fn parse(text: &str) -> Values {
    let mut values = Values::new();
    let mut section = String::new();
    let mut current: Option<(String, String)> = None;
    for line in text.lines() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        let value = if line.starts_with([' ', '\t']) && current.is_some() {
            trimmed
        } else if let Some(name) = trimmed
            .strip_prefix('[')
            .and_then(|rest| rest.split(']').next())
        {
            name.trim().clone_into(&mut section);
            current = None;
            continue;
        } else {
            let (key, value) = trimmed.split_once(['=', ':']).unwrap_or((trimmed, ""));
            let key = key.trim().to_lowercase().replace('-', "_");
            current = Some((section.clone(), key));
            value.trim()
        };
        let Some(current) = &current else { continue };
        let lines = values.entry(current.clone()).or_default();
        lines.push(without_comment(value).to_owned());
    }
    values
}

/// A `#` begins a comment at the start of a line and behind a space; elsewhere it belongs to an address.
pub(super) fn without_comment(line: &str) -> &str {
    let line = line.trim();
    if line.starts_with('#') {
        return "";
    }
    let end = [" #", "\t#"]
        .iter()
        .filter_map(|mark| line.find(mark))
        .min();
    end.map_or(line, |end| line[..end].trim_end())
}
