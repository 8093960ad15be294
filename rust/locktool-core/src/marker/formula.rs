//! Conditions as text under construction: comparisons joined by `and` and `or`.

use std::fmt;

/// A condition that can be written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Formula {
    /// A comparison, e.g. `os_name == 'nt'`.
    Compare(String),
    /// Holds if all do.
    All(Vec<Formula>),
    /// Holds if any does.
    Any(Vec<Formula>),
}

impl Formula {
    /// All of these; nested conjunctions are joined.
    pub fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut joined = Vec::new();
        for part in parts {
            match part {
                Self::All(inner) => joined.extend(inner),
                part => joined.push(part),
            }
        }
        if joined.len() == 1 {
            joined.remove(0)
        } else {
            Self::All(joined)
        }
    }

    /// Any of these; nested disjunctions are joined.
    pub fn any(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut joined = Vec::new();
        for part in parts {
            match part {
                Self::Any(inner) => joined.extend(inner),
                part => joined.push(part),
            }
        }
        if joined.len() == 1 {
            joined.remove(0)
        } else {
            Self::Any(joined)
        }
    }

    /// How many comparisons it takes.
    pub fn count(&self) -> usize {
        match self {
            Self::Compare(_) => 1,
            Self::All(parts) | Self::Any(parts) => parts.iter().map(Self::count).sum(),
        }
    }

    /// The comparisons, left to right.
    pub fn comparisons(&self) -> Vec<&str> {
        match self {
            Self::Compare(text) => vec![text],
            Self::All(parts) | Self::Any(parts) => {
                parts.iter().flat_map(Self::comparisons).collect()
            }
        }
    }
}

impl fmt::Display for Formula {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (parts, joint) = match self {
            Self::Compare(text) => return formatter.write_str(text),
            Self::All(parts) => (parts, " and "),
            Self::Any(parts) => (parts, " or "),
        };
        for (position, part) in parts.iter().enumerate() {
            if position > 0 {
                formatter.write_str(joint)?;
            }
            // `and` binds closer than `or`, so only a disjunction inside a conjunction needs them;
            // a conjunction inside a disjunction gets them for the reader.
            if matches!(part, Self::Compare(_)) {
                write!(formatter, "{part}")?;
            } else {
                write!(formatter, "({part})")?;
            }
        }
        Ok(())
    }
}
