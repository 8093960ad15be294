//! A timeline as JSON that Perfetto and other viewers of the Trace Event Format open.
//!
//! ```text
//! {"traceEvents": [
//!   {"ph": "M", "name": "thread_name", "pid": 1, "tid": 1, "args": {"name": "resolver"}},
//!   {"ph": "X", "name": "decide a", "cat": "decide", "ts": 120, "dur": 30, "pid": 1, "tid": 1, "args": {}},
//!   {"ph": "i", "name": "chose a 1", "cat": "chosen", "ts": 125, "s": "t", ...}
//! ]}
//! ```
//! Times are microseconds. It has no clock, no path and no number of a process.

use serde_json::{Value, json};

use super::timeline::{Entry, Length, Timeline};

/// Whoever finds a file in the way recognises one of ours by its beginning.
const BEGINNING: &str =
    r#"{"otherData":{"made_by":"locktool"},"displayTimeUnit":"ms","traceEvents":["#;

/// The trace up to a moment: what is open then ends there.
pub(super) fn to_json(timeline: &Timeline, now: u64) -> String {
    let name = |kind: &str, lane: u32, name: &str| json!({"ph": "M", "name": kind, "pid": 1, "tid": lane, "args": {"name": name}});
    let mut events = vec![name("process_name", 0, "locktool")];
    for (lane, of_lane) in timeline.lanes() {
        events.push(name("thread_name", lane, &of_lane));
        events.push(json!({
            "ph": "M", "name": "thread_sort_index", "pid": 1, "tid": lane, "args": {"sort_index": lane}
        }));
    }
    events.extend(timeline.entries().iter().map(|entry| event(entry, now)));
    if timeline.dropped() > 0 {
        let title = format!("{} entries more are not kept", timeline.dropped());
        events.push(json!({
            "ph": "i", "name": title, "cat": "dropped", "ts": now, "s": "g", "pid": 1, "tid": 1,
            "args": {"level": "info"}
        }));
    }
    let lines: Vec<String> = events.iter().map(Value::to_string).collect();
    format!("{BEGINNING}\n{}\n]}}\n", lines.join(",\n"))
}

fn event(entry: &Entry, now: u64) -> Value {
    let instance = &entry.instance;
    let mut event = json!({
        "name": instance.title, "cat": instance.kind, "ts": instance.start, "pid": 1, "tid": entry.lane,
        "args": instance.fields,
    });
    let duration = match entry.length {
        Length::Instant => None,
        Length::Open => Some(now.saturating_sub(instance.start)),
        Length::Lasted(length) => Some(length),
    };
    if let Some(duration) = duration {
        event["ph"] = "X".into();
        event["dur"] = duration.into();
    } else {
        event["ph"] = "i".into();
        event["s"] = "t".into();
    }
    event
}
