//! A number of a version without an upper bound: a machine word where it fits, its digits where it does not.

use std::cmp::Ordering;
use std::fmt;

/// A non-negative integer; equal numbers have one representation.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Number {
    /// `20240101`
    Small(u64),
    /// `99999999999999999999`: decimal digits of a number above `u64::MAX`, without leading zeros.
    Large(Box<str>),
}

impl Number {
    pub const ZERO: Self = Self::Small(0);

    /// Reads ASCII digits; leading zeros do not count, and no digits at all read as zero.
    pub(super) fn from_digits(digits: &str) -> Self {
        let significant = digits.trim_start_matches('0');
        if significant.is_empty() {
            return Self::ZERO;
        }
        significant
            .parse()
            .map_or_else(|_| Self::Large(significant.into()), Self::Small)
    }

    pub fn is_zero(&self) -> bool {
        *self == Self::ZERO
    }

    /// The value, if a word can hold it.
    pub fn as_u64(&self) -> Option<u64> {
        match self {
            Self::Small(value) => Some(*value),
            Self::Large(_) => None,
        }
    }

    /// The value, or the largest word in place of a number that none can hold.
    pub fn saturating(&self) -> u64 {
        self.as_u64().unwrap_or(u64::MAX)
    }

    /// The next integer.
    #[must_use]
    pub fn successor(&self) -> Self {
        match self {
            Self::Small(value) => value.checked_add(1).map_or_else(
                || Self::Large((u128::from(*value) + 1).to_string().into()),
                Self::Small,
            ),
            Self::Large(digits) => {
                let kept = digits.trim_end_matches('9');
                let nines = digits.len() - kept.len();
                let mut next = String::with_capacity(digits.len() + 1);
                if let Some(last) = kept.bytes().next_back() {
                    next.push_str(&kept[..kept.len() - 1]);
                    next.push(char::from(last + 1));
                } else {
                    next.push('1');
                }
                next.extend(std::iter::repeat_n('0', nines));
                Self::Large(next.into())
            }
        }
    }
}

impl From<u64> for Number {
    fn from(value: u64) -> Self {
        Self::Small(value)
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Small(left), Self::Small(right)) => left.cmp(right),
            (Self::Small(_), Self::Large(_)) => Ordering::Less,
            (Self::Large(_), Self::Small(_)) => Ordering::Greater,
            (Self::Large(left), Self::Large(right)) => {
                left.len().cmp(&right.len()).then_with(|| left.cmp(right))
            }
        }
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Number {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Small(value) => fmt::Display::fmt(value, formatter),
            Self::Large(digits) => formatter.write_str(digits),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn successor_carries() {
        for (digits, next) in [
            ("0", "1"),
            ("18446744073709551615", "18446744073709551616"),
            ("18446744073709551699", "18446744073709551700"),
            ("99999999999999999999", "100000000000000000000"),
        ] {
            assert_eq!(
                Number::from_digits(digits).successor(),
                Number::from_digits(next)
            );
        }
    }

    #[test]
    fn order_is_numeric_beyond_a_word() {
        let ascending = [
            "0",
            "9",
            "18446744073709551615",
            "18446744073709551616",
            "20000000000000000000",
            "100000000000000000000",
        ];
        let numbers: Vec<_> = ascending
            .iter()
            .map(|digits| Number::from_digits(digits))
            .collect();
        assert!(numbers.is_sorted_by(|left, right| left < right));
        assert_eq!(Number::from_digits("000018446744073709551616"), numbers[3]);
    }
}
