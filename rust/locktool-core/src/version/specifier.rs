//! One comparison of PEP 440, such as `>=1.0`: its text, its parts, and whether a version satisfies it.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::sync::Arc;

use super::Version;
use super::parse::{is_python_space, shortened, strip};

/// How a specifier compares; wildcards are operators of their own.
#[derive(Debug, Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operator {
    /// `~=1.4.2`: at least this, same prefix but for the last number.
    Compatible,
    /// `==1.0`
    Equal,
    /// `!=1.0`
    NotEqual,
    /// `==1.*`
    EqualPrefix,
    /// `!=1.*`
    NotEqualPrefix,
    /// `<1.0`: also excludes the pre-releases of `1.0`.
    LessThan,
    /// `<=1.0`
    LessThanEqual,
    /// `>1.0`: also excludes the post-releases and local versions of `1.0`.
    GreaterThan,
    /// `>=1.0`
    GreaterThanEqual,
    /// `===foo`: the same text but for case.
    ArbitraryEqual,
}

impl Operator {
    /// The sign, which a wildcard shares with its exact sibling.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Compatible => "~=",
            Self::Equal | Self::EqualPrefix => "==",
            Self::NotEqual | Self::NotEqualPrefix => "!=",
            Self::LessThan => "<",
            Self::LessThanEqual => "<=",
            Self::GreaterThan => ">",
            Self::GreaterThanEqual => ">=",
            Self::ArbitraryEqual => "===",
        }
    }

    fn is_prefix(self) -> bool {
        matches!(self, Self::EqualPrefix | Self::NotEqualPrefix)
    }
}

/// Why a text is not a specifier (or list of them), and at which byte of it that shows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Invalid specifier: {}: {message}", shortened(input))]
pub struct SpecifierParseError {
    pub input: String,
    /// Byte offset into `input`.
    pub position: usize,
    pub message: &'static str,
}

/// One comparison. Equality follows the meaning of the version (`==1.0 == ==1.0.0`), except that `~=` counts the
/// release numbers written and that wildcards and `===` compare their text, as `packaging` does.
#[derive(Clone)]
pub struct Specifier {
    operator: Operator,
    /// For a wildcard the version before `.*`; for `===` the version its text spells, or `0` if it spells none.
    version: Version,
    /// What stands behind the operator, where that is not the text of `version` (and `.*`).
    text: Option<Arc<str>>,
}

/// Longest sign first.
const SIGNS: [(&str, Operator); 8] = [
    ("===", Operator::ArbitraryEqual),
    ("~=", Operator::Compatible),
    ("==", Operator::Equal),
    ("!=", Operator::NotEqual),
    ("<=", Operator::LessThanEqual),
    (">=", Operator::GreaterThanEqual),
    ("<", Operator::LessThan),
    (">", Operator::GreaterThan),
];

impl Specifier {
    /// The comparison with a version, its text being the normal one.
    ///
    /// Fails where no text could spell it: `~=` with one release number, a local version with an ordering operator, a
    /// wildcard after more than a release.
    pub fn new(operator: Operator, version: Version) -> Result<Self, SpecifierParseError> {
        let specifier = Self {
            operator,
            version,
            text: None,
        };
        match specifier.fault() {
            None if operator == Operator::ArbitraryEqual => Ok(Self {
                text: Some(version.to_string().into()),
                ..specifier
            }),
            None => Ok(specifier),
            Some(message) => Err(SpecifierParseError {
                input: specifier.to_string(),
                position: 0,
                message,
            }),
        }
    }

    pub fn operator(&self) -> Operator {
        self.operator
    }

    /// The version compared with: without `.*` for a wildcard; for `===` the version its text spells, or `0`.
    pub fn version(&self) -> Version {
        self.version
    }

    /// What stands behind the operator, as written: `1.0`, `1.*`.
    pub fn version_text(&self) -> String {
        match &self.text {
            Some(text) => text.to_string(),
            None if self.operator.is_prefix() => format!("{}.*", self.version),
            None => self.version.to_string(),
        }
    }

    /// Whether the version satisfies the comparison, whatever it says on pre-releases. For `===` the version's normal
    /// text is compared.
    pub fn contains(&self, version: Version) -> bool {
        let own = self.version;
        match self.operator {
            Operator::Equal => self.is_equal(version),
            Operator::NotEqual => !self.is_equal(version),
            Operator::GreaterThanEqual => version >= own,
            Operator::LessThanEqual => version.public() <= own,
            Operator::GreaterThan => version > own && !self.is_shadow(version),
            Operator::LessThan => version < own && !self.is_forerunner(version),
            Operator::EqualPrefix => self.has_prefix(version),
            Operator::NotEqualPrefix => !self.has_prefix(version),
            Operator::Compatible => version >= own && self.has_compatible_prefix(version),
            Operator::ArbitraryEqual => self.contains_text(&version.to_string()),
        }
    }

    /// Whether a candidate given as text satisfies the comparison: `===` compares the text itself, the others the
    /// version it spells, and a text that spells none satisfies nothing else.
    pub fn contains_text(&self, candidate: &str) -> bool {
        if self.operator == Operator::ArbitraryEqual {
            return self.version_text().to_lowercase() == candidate.to_lowercase();
        }
        candidate
            .parse()
            .is_ok_and(|version| self.contains(version))
    }

    /// Whether it names a pre-release as acceptable: `>=1.0rc1` does, `!=1.0rc1` and `>=1.0` do not.
    pub fn admits_prereleases(&self) -> bool {
        !matches!(
            self.operator,
            Operator::NotEqual | Operator::EqualPrefix | Operator::NotEqualPrefix
        ) && self.version.is_prerelease()
    }

    /// Whether equality of two such specifiers is that of their text.
    fn compares_text(&self) -> bool {
        self.operator.is_prefix() || self.operator == Operator::ArbitraryEqual
    }

    fn is_equal(&self, version: Version) -> bool {
        if self.version.is_local() {
            version == self.version
        } else {
            version.public() == self.version
        }
    }

    /// A version above `self.version` that `>` leaves out: its local versions, and its post-releases unless it is
    /// itself a post- or development release.
    fn is_shadow(&self, version: Version) -> bool {
        if self.version.is_postrelease() || self.version.is_devrelease() {
            version.public() == self.version
        } else {
            version.is_same_pre(self.version)
        }
    }

    /// A version below `self.version` that `<` leaves out: its pre-releases, unless it is one itself.
    fn is_forerunner(&self, version: Version) -> bool {
        if !version.is_prerelease() || self.version.is_prerelease() {
            return false;
        }
        if self.version.is_postrelease() {
            version >= self.version.with_dev_zero()
        } else {
            version.is_same_release(self.version)
        }
    }

    fn has_prefix(&self, version: Version) -> bool {
        version.starts_with(self.version, 0)
    }

    fn has_compatible_prefix(&self, version: Version) -> bool {
        version.starts_with(self.version, 1)
    }

    fn fault(&self) -> Option<&'static str> {
        let is_local = self.version.is_local();
        match self.operator {
            Operator::Compatible if self.version.release().len() < 2 => {
                Some("'~=' needs at least two release numbers")
            }
            Operator::EqualPrefix | Operator::NotEqualPrefix => {
                let is_more =
                    is_local || self.version.is_prerelease() || self.version.is_postrelease();
                is_more.then_some("'.*' stands only behind a release")
            }
            Operator::Equal | Operator::NotEqual | Operator::ArbitraryEqual => None,
            _ => is_local.then_some("only '==', '!=' and '===' compare with a local version"),
        }
    }
}

impl FromStr for Specifier {
    type Err = SpecifierParseError;

    fn from_str(input: &str) -> Result<Self, SpecifierParseError> {
        let refuse = |position, message| SpecifierParseError {
            input: input.to_owned(),
            position,
            message,
        };
        let start = input.len() - input.trim_start_matches(is_python_space).len();
        let stripped = strip(input);
        let sign = SIGNS.iter().find(|(sign, _)| stripped.starts_with(sign));
        let &(sign, operator) =
            sign.ok_or_else(|| refuse(start, "a specifier starts with a comparison such as '>='"))?;
        let text = strip(&stripped[sign.len()..]);
        let text_start = start + stripped.len() - text.len();
        if operator == Operator::ArbitraryEqual {
            if text.is_empty() {
                return Err(refuse(text_start, "a text to compare with follows '==='"));
            }
            let stop =
                |character: char| is_python_space(character) || matches!(character, ';' | ')');
            if let Some(position) = text.find(stop) {
                return Err(refuse(
                    text_start + position,
                    "'===' compares with a text without spaces, ';' and ')'",
                ));
            }
            let version = text.parse().unwrap_or_default();
            return Ok(Self {
                operator,
                version,
                text: Some(text.into()),
            });
        }
        let (operator, version_text) = match (operator, text.strip_suffix(".*")) {
            (Operator::Equal, Some(prefix)) => (Operator::EqualPrefix, prefix),
            (Operator::NotEqual, Some(prefix)) => (Operator::NotEqualPrefix, prefix),
            _ => (operator, text),
        };
        if version_text.ends_with(is_python_space) {
            return Err(refuse(
                text_start + version_text.len() - 1,
                "no space stands before '.*'",
            ));
        }
        let version: Version =
            version_text
                .parse()
                .map_err(|error: super::VersionParseError| {
                    refuse(text_start + error.position, error.message)
                })?;
        let mut specifier = Self {
            operator,
            version,
            text: None,
        };
        if let Some(message) = specifier.fault() {
            return Err(refuse(text_start, message));
        }
        if !version.is_written(version_text) {
            specifier.text = Some(text.into());
        }
        Ok(specifier)
    }
}

impl fmt::Display for Specifier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{}{}",
            self.operator.as_str(),
            self.version_text()
        )
    }
}

impl fmt::Debug for Specifier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Specifier({self})")
    }
}

impl PartialEq for Specifier {
    fn eq(&self, other: &Self) -> bool {
        self.operator == other.operator
            && if self.compares_text() {
                self.version_text() == other.version_text()
            } else {
                self.version == other.version
                    && (self.operator != Operator::Compatible
                        || self.version.release().len() == other.version.release().len())
            }
    }
}

impl Eq for Specifier {}

impl Hash for Specifier {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.operator.hash(state);
        if self.compares_text() {
            self.version_text().hash(state);
        } else {
            self.version.hash(state);
        }
    }
}
