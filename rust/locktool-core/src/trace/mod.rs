//! What a run does, recorded: lines for people while it runs, and a timeline of it afterwards.
//!
//! The resolver and the index client emit spans and events of the `tracing` crate and know nothing of who records them. An event is
//! one English sentence: of level `INFO` where it tells what surprises, of level `DEBUG` where it tells a step. A span is of level
//! `DEBUG`; its field `of` names what it is about. Where nothing records, an event or a span costs one comparison.
//!
//! ```
//! use locktool_core::trace::{Detail, Recorder};
//!
//! let recorder = Recorder::new(Detail::Surprises, false);
//! recorder.record(|| {
//!     tracing::info!(target: "locktool_core", "a 1 was chosen, not 2: the existing lock has it");
//!     tracing::debug!(target: "locktool_core", "chose b 3");
//! });
//! assert_eq!(recorder.take_lines(), ["a 1 was chosen, not 2: the existing lock has it"]);
//! ```

mod chrome;
mod recorder;
mod recording;
mod timeline;

pub use recorder::{Detail, Recorder};
pub use recording::{Recording, unrecorded};
