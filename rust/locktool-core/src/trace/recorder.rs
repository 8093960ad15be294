//! The recorder of a run: a `tracing` subscriber for the spans and events of this program, and those of no library.

use std::fmt::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Dispatch, Event, Metadata, Subscriber, dispatcher};

use super::chrome;
use super::timeline::{Instance, Timeline};

/// How much is told in lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Detail {
    #[default]
    Nothing,
    /// What surprises: `a 1 was chosen, not 2: ...`
    Surprises,
    /// Every step: `chose a 2`, `fetching https://...`
    Steps,
}

/// Records runs, one after the other.
pub struct Recorder(Arc<Shared>);

struct Shared {
    lines: LevelFilter,
    has_timeline: bool,
    started: Instant,
    state: Mutex<State>,
}

struct State {
    lines: Vec<String>,
    timeline: Timeline,
}

impl Recorder {
    /// A recorder for lines of some detail, for a timeline, or for both.
    pub fn new(detail: Detail, has_timeline: bool) -> Self {
        let lines = match detail {
            Detail::Nothing => LevelFilter::OFF,
            Detail::Surprises => LevelFilter::INFO,
            Detail::Steps => LevelFilter::DEBUG,
        };
        Self(Arc::new(Shared {
            lines,
            has_timeline,
            started: Instant::now(),
            state: Mutex::new(State {
                lines: Vec::new(),
                timeline: Timeline::default(),
            }),
        }))
    }

    /// Does some work and records it.
    pub fn record<T>(&self, work: impl FnOnce() -> T) -> T {
        self.0.state().timeline.begin_thread();
        let dispatch = Dispatch::new(Collector(Arc::clone(&self.0)));
        dispatcher::with_default(&dispatch, work)
    }

    /// The lines that came since they were last taken.
    pub fn take_lines(&self) -> Vec<String> {
        std::mem::take(&mut self.0.state().lines)
    }

    /// The timeline as JSON in the Trace Event Format, up to this moment.
    pub fn chrome_trace(&self) -> String {
        let state = self.0.state();
        chrome::to_json(&state.timeline, self.0.elapsed())
    }
}

impl Shared {
    /// A thread that panicked with the lock left whole values behind.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Microseconds since the recorder was made.
    fn elapsed(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}

struct Collector(Arc<Shared>);

impl Collector {
    fn most(&self) -> LevelFilter {
        if self.0.has_timeline {
            LevelFilter::DEBUG
        } else {
            self.0.lines
        }
    }
}

impl Subscriber for Collector {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let is_wanted = self.0.has_timeline || !metadata.is_span();
        is_wanted && *metadata.level() <= self.most() && metadata.target().starts_with("locktool")
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.most())
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut fields = Fields::default();
        span.record(&mut fields);
        // The clock is read with the lock held: what begins in a lane begins after what ended there.
        let mut state = self.0.state();
        let instance = fields.into_instance(span.metadata().name(), self.0.elapsed());
        Id::from_u64(state.timeline.open(instance))
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        let mut fields = Fields::default();
        values.record(&mut fields);
        let mut state = self.0.state();
        state.timeline.add_fields(span.into_u64(), fields.others);
    }

    fn record_follows_from(&self, _span: &Id, _follows: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let metadata = event.metadata();
        let mut state = self.0.state();
        if *metadata.level() <= self.0.lines {
            state.lines.push(fields.message.clone());
        }
        if self.0.has_timeline {
            let level = metadata.level().as_str().to_ascii_lowercase();
            fields.others.insert("level".to_owned(), level.into());
            let instance = fields.into_instance(metadata.name(), self.0.elapsed());
            let parent = event.parent().map(Id::into_u64);
            state.timeline.add_event(instance, parent);
        }
    }

    fn enter(&self, _span: &Id) {}

    fn exit(&self, _span: &Id) {}

    fn clone_span(&self, span: &Id) -> Id {
        self.0.state().timeline.share(span.into_u64());
        span.clone()
    }

    fn try_close(&self, span: Id) -> bool {
        let mut state = self.0.state();
        state.timeline.close(span.into_u64(), self.0.elapsed())
    }
}

/// The fields of a span or an event: the sentence of an event, what a span is of, and the others.
#[derive(Default)]
struct Fields {
    message: String,
    of: Option<String>,
    others: Map<String, Value>,
}

impl Fields {
    fn into_instance(self, kind: &'static str, start: u64) -> Instance {
        let title = match self.of {
            Some(of) => format!("{kind} {of}"),
            None if self.message.is_empty() => kind.to_owned(),
            None => self.message,
        };
        Instance {
            kind,
            title,
            fields: self.others,
            start,
        }
    }

    fn add(&mut self, field: &Field, value: impl Into<Value>) {
        self.others.insert(field.name().to_owned(), value.into());
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let mut text = String::new();
        // Writing to a string fails only where a value refuses to be written.
        let _ = write!(text, "{value:?}");
        self.record_str(field, &text);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        // One line each: what a server says may have several.
        let text = value.split(['\n', '\r']).collect::<Vec<_>>().join(" ");
        match field.name() {
            "message" => self.message = text,
            "of" => self.of = Some(text),
            _ => self.add(field, text),
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trace(recorder: &Recorder) -> Vec<Value> {
        let trace: Value = serde_json::from_str(&recorder.chrome_trace()).expect("JSON");
        let events = trace["traceEvents"].as_array().expect("events").clone();
        let is_entry = |event: &Value| event["ph"] != "M";
        events.into_iter().filter(is_entry).collect()
    }

    #[test]
    fn lines_are_those_of_the_detail_and_are_taken_once() {
        for (detail, expected) in [
            (Detail::Nothing, vec![]),
            (Detail::Surprises, vec!["one"]),
            (Detail::Steps, vec!["one", "two lines"]),
        ] {
            let recorder = Recorder::new(detail, false);
            recorder.record(|| {
                tracing::info!("one");
                tracing::debug!("two\nlines");
                tracing::info!(target: "h2", "of a library");
            });
            assert_eq!(recorder.take_lines(), expected);
            assert!(recorder.take_lines().is_empty());
            assert!(trace(&recorder).is_empty());
        }
    }

    #[test]
    fn spans_have_a_duration_a_title_and_fields_that_come_later() {
        let recorder = Recorder::new(Detail::Nothing, true);
        recorder.record(|| {
            let span = tracing::debug_span!("fetch", of = "page", status = tracing::field::Empty);
            span.record("status", 200);
            tracing::debug!(name: "answered", parent: &span, "it answered");
        });
        let entries = trace(&recorder);
        assert_eq!(entries[0]["name"], "fetch page");
        assert_eq!(entries[0]["ph"], "X");
        assert_eq!(entries[0]["args"]["status"], 200);
        assert!(entries[0]["dur"].is_u64());
        assert_eq!(entries[1]["name"], "it answered");
        assert_eq!(entries[1]["cat"], "answered");
        assert_eq!(entries[1]["tid"], entries[0]["tid"]);
    }

    #[test]
    fn requests_that_overlap_have_lanes_of_their_own_and_free_ones_are_used_again() {
        let recorder = Recorder::new(Detail::Nothing, true);
        recorder.record(|| {
            let first = tracing::debug_span!("fetch", of = "1");
            let second = tracing::debug_span!("fetch", of = "2");
            drop(first);
            let third = tracing::debug_span!("fetch", of = "3");
            drop((second, third));
        });
        let lanes: Vec<Value> = trace(&recorder)
            .iter()
            .map(|one| one["tid"].clone())
            .collect();
        assert_ne!(lanes[0], lanes[1]);
        assert_eq!(lanes[0], lanes[2]);
    }

    #[test]
    fn a_span_that_is_still_open_lasts_until_now() {
        let recorder = Recorder::new(Detail::Nothing, true);
        let open = recorder.record(|| tracing::debug_span!("build", of = "a 1"));
        assert!(trace(&recorder)[0]["dur"].is_u64());
        drop(open);
    }
}
