//! The timeline of a run: spans and events in the order in which they began, each in a lane.
//!
//! ```text
//! resolver    |-- fork --------------------|      the thread that the run began on
//! request 1   |-- fetch --|  |-- fetch --|        requests and builds overlap: each has the first lane that is free
//! request 2      |-- fetch ----|
//! ```

use rustc_hash::FxHashMap;
use serde_json::{Map, Value};

/// A timeline ends with so many entries. `apache-airflow[celery,amazon,google]` with pandas for Python 3.10 and newer has 10,751, of some
/// 120 bytes each when written (2026-11-26).
const MOST_ENTRIES: usize = 500_000;

const FIRST_REQUEST: u32 = 1_000;
const FIRST_BUILD: u32 = 2_000;

/// What a span or an event says of itself.
pub(super) struct Instance {
    /// The name in the source: `decide`, `fetch`
    pub kind: &'static str,
    pub title: String,
    pub fields: Map<String, Value>,
    /// Microseconds since the beginning.
    pub start: u64,
}

pub(super) struct Entry {
    pub instance: Instance,
    pub lane: u32,
    pub length: Length,
}

/// How long an entry lasts.
pub(super) enum Length {
    /// An event.
    Instant,
    /// A span that has not ended.
    Open,
    /// Microseconds.
    Lasted(u64),
}

struct OpenSpan {
    /// The place among the entries; `None` after the last one that is kept.
    place: Option<usize>,
    lane: u32,
    references: usize,
}

#[derive(Default)]
pub(super) struct Timeline {
    entries: Vec<Entry>,
    /// How many entries came after the last one that is kept.
    dropped: usize,
    open: FxHashMap<u64, OpenSpan>,
    spans: u64,
    lanes: Lanes,
}

impl Timeline {
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    pub fn dropped(&self) -> usize {
        self.dropped
    }

    /// The lanes and what stands beside them.
    pub fn lanes(&self) -> Vec<(u32, String)> {
        self.lanes.named()
    }

    /// Says that the thread is the one that resolves.
    pub fn begin_thread(&mut self) {
        self.lanes.resolver = Some(std::thread::current().id());
    }

    /// Adds a span that begins, and gives its number.
    pub fn open(&mut self, instance: Instance) -> u64 {
        self.spans += 1;
        let lane = self.lanes.begin(instance.kind);
        let place = self.add(instance, lane, Length::Open);
        let open = OpenSpan {
            place,
            lane,
            references: 1,
        };
        self.open.insert(self.spans, open);
        self.spans
    }

    pub fn add_fields(&mut self, span: u64, fields: Map<String, Value>) {
        let place = self.open.get(&span).and_then(|open| open.place);
        if let Some(place) = place {
            self.entries[place].instance.fields.extend(fields);
        }
    }

    /// Counts one more holder of a span.
    pub fn share(&mut self, span: u64) {
        if let Some(open) = self.open.get_mut(&span) {
            open.references += 1;
        }
    }

    /// Counts one holder less; true if it was the last, and the span ends.
    pub fn close(&mut self, span: u64, now: u64) -> bool {
        let Some(open) = self.open.get_mut(&span) else {
            return false;
        };
        open.references -= 1;
        if open.references > 0 {
            return false;
        }
        let (place, lane) = (open.place, open.lane);
        self.open.remove(&span);
        self.lanes.end(lane);
        if let Some(place) = place {
            let entry = &mut self.entries[place];
            entry.length = Length::Lasted(now.saturating_sub(entry.instance.start));
        }
        true
    }

    /// Adds an event, to the lane of a span or to that of its thread.
    pub fn add_event(&mut self, instance: Instance, span: Option<u64>) {
        let of_span = span.and_then(|span| self.open.get(&span));
        let lane = match of_span {
            Some(open) => open.lane,
            None => self.lanes.of_this_thread(),
        };
        self.add(instance, lane, Length::Instant);
    }

    fn add(&mut self, instance: Instance, lane: u32, length: Length) -> Option<usize> {
        if self.entries.len() == MOST_ENTRIES {
            self.dropped += 1;
            return None;
        }
        self.entries.push(Entry {
            instance,
            lane,
            length,
        });
        Some(self.entries.len() - 1)
    }
}

/// The lanes that were needed so far.
#[derive(Default)]
struct Lanes {
    resolver: Option<std::thread::ThreadId>,
    /// The names of the threads, in the order in which they came up.
    threads: Vec<String>,
    /// Whether each lane is in use.
    requests: Vec<bool>,
    builds: Vec<bool>,
}

impl Lanes {
    fn begin(&mut self, kind: &str) -> u32 {
        match kind {
            "fetch" => FIRST_REQUEST + first_free(&mut self.requests),
            "build" => FIRST_BUILD + first_free(&mut self.builds),
            _ => self.of_this_thread(),
        }
    }

    fn end(&mut self, lane: u32) {
        let (lanes, first) = match lane {
            FIRST_BUILD.. => (&mut self.builds, FIRST_BUILD),
            FIRST_REQUEST.. => (&mut self.requests, FIRST_REQUEST),
            _ => return,
        };
        if let Some(in_use) = lanes.get_mut((lane - first) as usize) {
            *in_use = false;
        }
    }

    /// The lane of the threads that are called as this one is.
    fn of_this_thread(&mut self) -> u32 {
        let thread = std::thread::current();
        let name = if self.resolver == Some(thread.id()) {
            "resolver"
        } else {
            thread.name().unwrap_or("other threads")
        };
        let known = self.threads.iter().position(|known| known == name);
        let place = known.unwrap_or_else(|| {
            self.threads.push(name.to_owned());
            self.threads.len() - 1
        });
        u32::try_from(place + 1).unwrap_or(FIRST_REQUEST - 1)
    }

    fn named(&self) -> Vec<(u32, String)> {
        let threads = (1..).zip(self.threads.iter().cloned());
        let requests = (0..).zip(&self.requests);
        let requests = requests.map(|(n, _)| (FIRST_REQUEST + n, format!("request {}", n + 1)));
        let builds = (0..).zip(&self.builds);
        let builds = builds.map(|(n, _)| (FIRST_BUILD + n, format!("build {}", n + 1)));
        threads.chain(requests).chain(builds).collect()
    }
}

fn first_free(lanes: &mut Vec<bool>) -> u32 {
    let place = lanes.iter().position(|in_use| !in_use).unwrap_or_else(|| {
        lanes.push(false);
        lanes.len() - 1
    });
    lanes[place] = true;
    u32::try_from(place).unwrap_or(u32::MAX / 2)
}
