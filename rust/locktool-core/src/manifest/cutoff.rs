//! Moments from which on uploaded files are left out: a date, a time, a span before now, or none.
//!
//! ```text
//! 2026-07-04                 files uploaded on that day in UTC are still there
//! 2026-07-04T12:00:00Z       those uploaded at that instant or later are not
//! 2026-07-04T12:00:00        the same, since a time without an offset is one of UTC
//! 7 days                     so long before the lock was made; the lock keeps the instant until something is upgraded
//! false                      lifts the common cutoff
//! ```

use jiff::civil::{Date, DateTime};
use jiff::{Span, Timestamp, Zoned, tz::TimeZone};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::setting::Setting;
use crate::document::caret::quoted;
use crate::document::{LocatedError, Table, Value};

/// A moment from which on uploaded files are left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub enum Cutoff {
    /// `false`
    Never,
    /// Unix milliseconds.
    At(i64),
    /// A span before the lock was made, and the instant that it gave.
    Before {
        /// ISO 8601: `P7D`
        span: String,
        at: Option<i64>,
    },
}

impl Cutoff {
    /// Reads what a person wrote.
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Ok(timestamp) = text.parse::<Timestamp>() {
            return Ok(Self::At(timestamp.as_millisecond()));
        }
        if let Some(time) = date_or_time(text)
            && let Ok(time) = time.to_zoned(TimeZone::UTC)
        {
            return Ok(Self::At(time.timestamp().as_millisecond()));
        }
        // `07:32` is a time of day, although it also reads as a span.
        if text.contains(char::is_alphabetic)
            && let Ok(span) = text.parse::<Span>()
            && before_now(span.abs()).is_some()
        {
            return Ok(Self::Before {
                span: in_days(span.abs()).to_string(),
                at: None,
            });
        }
        Err(format!(
            "{} is neither a date (2026-07-04), a timestamp (2026-07-04T12:00:00Z) nor a span (7 days)",
            quoted(text)
        ))
    }

    /// The instant in Unix milliseconds; `None` where nothing is left out.
    pub fn instant(&self) -> Option<i64> {
        match self {
            Self::Never => None,
            Self::At(instant) => Some(*instant),
            Self::Before { span, at } => at.or_else(|| before_now(span.parse().ok()?)),
        }
    }

    /// Whether it is a span before now.
    pub fn is_span(&self) -> bool {
        matches!(self, Self::Before { .. })
    }

    /// Gives a span the instant that an earlier lock recorded for it.
    pub fn adopt(&mut self, recorded: &Self) {
        if let (
            Self::Before {
                span,
                at: at @ None,
            },
            Self::Before {
                span: other,
                at: known,
            },
        ) = (self, recorded)
            && span == other
        {
            *at = *known;
        }
    }

    /// Gives a span without an instant the one of now.
    pub fn fix(&mut self) {
        let instant = self.instant();
        if let Self::Before { at, .. } = self {
            *at = instant;
        }
    }
}

/// A time without an offset, or the end of a date.
fn date_or_time(text: &str) -> Option<DateTime> {
    if text.contains(['T', 't', ' ']) {
        return text.parse().ok();
    }
    let next = text.parse::<Date>().ok()?.tomorrow().ok()?;
    Some(next.at(0, 0, 0, 0))
}

/// Weeks in days, so that equal spans are equal texts.
fn in_days(span: Span) -> Span {
    let days = i64::from(span.get_weeks()) * 7 + i64::from(span.get_days());
    span.weeks(0).days(days)
}

fn before_now(span: Span) -> Option<i64> {
    let now = Zoned::now().with_time_zone(TimeZone::UTC);
    let start = now.checked_sub(span).ok()?;
    Some(start.timestamp().as_second() * 1000)
}

/// As a lock has it: `false`, `"2026-07-05T00:00:00Z"`, `{ span = "P7D", at = "2026-06-28T09:30:00Z" }`
#[derive(Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum Written {
    Switch(bool),
    Text(String),
    Span {
        span: String,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        at: Option<String>,
    },
}

impl From<Cutoff> for Written {
    fn from(cutoff: Cutoff) -> Self {
        match cutoff {
            Cutoff::Never => Self::Switch(false),
            Cutoff::At(instant) => Self::Text(text_of(instant)),
            Cutoff::Before { span, at } => Self::Span {
                span,
                at: at.map(text_of),
            },
        }
    }
}

impl TryFrom<Written> for Cutoff {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        match written {
            Written::Switch(false) => Ok(Self::Never),
            Written::Switch(true) => Err("a cutoff is a date, a span or false".to_owned()),
            Written::Text(text) => Self::parse(&text),
            Written::Span { span, at } => {
                let at = at.map(|text| text.parse::<Timestamp>()).transpose();
                let at = at.map_err(|error| error.to_string())?;
                match Self::parse(&span)? {
                    Self::Before { span, .. } => Ok(Self::Before {
                        span,
                        at: at.map(Timestamp::as_millisecond),
                    }),
                    _ => Err(format!("'{span}' is not a span")),
                }
            }
        }
    }
}

fn text_of(instant: i64) -> String {
    let timestamp = Timestamp::from_millisecond(instant).unwrap_or(Timestamp::MAX);
    timestamp.to_string()
}

impl Setting for Cutoff {
    fn read(table: &Table<'_>, key: &str) -> Result<Self, LocatedError> {
        let Some(node) = table.get(key) else {
            return Ok(Self::Never);
        };
        let text = match &node.value {
            Value::Boolean(false) => return Ok(Self::Never),
            Value::String(text) if text == "false" => return Ok(Self::Never),
            Value::String(text) | Value::Datetime(text) => text,
            _ => {
                let expected = "a date, a span such as '7 days', or false";
                return Err(table.wrong_type(expected, node, &[key.into()]));
            }
        };
        Self::parse(text).map_err(|reason| {
            let name = table.name_of(&[key.into()]);
            let message = format!("{name}: {reason}");
            table
                .error("unknown-value", &message, &[key.into()])
                .with("key", name)
        })
    }

    fn schema() -> Json {
        json!({ "oneOf": [{ "type": "string" }, { "const": false }] })
    }

    fn says_nothing(&self) -> bool {
        *self == Self::Never
    }

    /// A span is the same rule whenever it was asked.
    fn chooses_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Before { span, .. }, Self::Before { span: other, .. }) => span == other,
            _ => self == other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Cutoff;

    fn parse(text: &str) -> Cutoff {
        Cutoff::parse(text).expect("a cutoff")
    }

    #[test]
    fn a_date_includes_its_day() {
        assert_eq!(parse("2026-07-04"), parse("2026-07-05T00:00:00Z"));
        assert_eq!(
            parse("2026-07-04T12:00:00Z"),
            parse("2026-07-04T14:00:00+02:00")
        );
        assert_eq!(parse("2026-07-04T12:00:00"), parse("2026-07-04 12:00Z"));
    }

    #[test]
    fn equal_spans_are_equal() {
        assert_eq!(parse("7 days"), parse("1 week"));
        assert_eq!(parse("P1W"), parse("7d"));
        assert_eq!(parse("7 days ago"), parse("7 days"));
        assert!(Cutoff::parse("soon").is_err());
        assert!(Cutoff::parse("07:32:00").is_err());
    }

    #[test]
    fn a_span_keeps_the_instant_that_a_lock_recorded() {
        let mut today = parse("7 days");
        let mut recorded = parse("1 week");
        recorded.fix();
        today.adopt(&recorded);
        assert_eq!(today, recorded);
        let mut other = parse("8 days");
        other.adopt(&recorded);
        assert_ne!(other.instant(), recorded.instant());
    }
}
