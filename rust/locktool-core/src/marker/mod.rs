//! Markers: conditions over environments, as canonical decision diagrams.
//!
//! ```text
//! text -> parse -> Expression -> condition (one comparison) -> diagram (the algebra) -> Marker
//!                      |                                           ^
//!                  evaluate as                       exclusion: the platforms that exist
//!                  packaging does
//! Marker -> simplify (cover under an assumption) -> display, wording -> text
//! ```
//!
//! A `Marker` speaks about environments that can exist: the same condition on them is the same
//! `Marker`. What `packaging` says about any other combination of fields is the `Expression`'s
//! to answer. Specifications: dependency specifiers (environment markers), and the lock file
//! specification for `extras` and `dependency_groups`.

mod budget;
mod condition;
mod cover;
mod cubes;
mod diagram;
mod display;
mod environment;
mod evaluate;
mod exclusion;
mod expression;
mod field;
mod formula;
mod interner;
mod interpreter;
mod known_texts;
mod parse;
mod project;
mod restrict;
mod simplify;
mod substring;
mod text;
mod values;
mod variable;
mod wording;

use std::str::FromStr;

pub use budget::{
    NODES_OF_A_CHECK, NODES_OF_A_RESOLUTION, Run, TooComplex, give_up, or_too_complex,
    within_budget,
};
pub use environment::MarkerEnvironment;
pub use expression::{Comparison, Expression, UndefinedComparison};
pub use field::{Comparator, Field};
pub use interner::node_count;
pub(crate) use known_texts::KnownTexts;
pub use parse::MarkerParseError;
pub use text::Text;

use crate::name::{ExtraName, GroupName};
use crate::version::{SpecifierSet, VersionRange};
use interner::NodeId;
use variable::Variable;

/// A condition on environments.
///
/// Guarantees: two markers are equal exactly if they hold in the same environments that can
/// exist; operations never fail and are remembered. Markers live as long as the process.
#[derive(Copy, Clone, PartialEq, Eq, Hash)]
pub struct Marker(NodeId);

/// A name that may be among the chosen extras or groups of a lock.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Membership {
    /// `'x' in extras`
    Extra(ExtraName),
    /// `'x' in dependency_groups`
    Group(GroupName),
}

impl Membership {
    /// Holds where the name is among the chosen ones.
    pub fn marker(self) -> Marker {
        match self {
            Self::Extra(name) => Marker::in_extras(name),
            Self::Group(name) => Marker::in_groups(name),
        }
    }

    fn variable(self) -> Variable {
        match self {
            Self::Extra(name) => Variable::InExtras(Text::intern(name.as_str())),
            Self::Group(name) => Variable::InGroups(Text::intern(name.as_str())),
        }
    }
}

impl Marker {
    /// Holds nowhere.
    pub const FALSE: Self = Self(NodeId::FALSE);
    /// Holds everywhere.
    pub const TRUE: Self = Self(NodeId::UNIVERSE);

    /// Reads a marker. An undefined comparison (`os_name ~= 'x'`) holds nowhere.
    pub fn parse(text: &str) -> Result<Self, MarkerParseError> {
        static KNOWN: KnownTexts<Marker> = KnownTexts::new();
        KNOWN.known_or_read(text, || {
            let marker = Expression::parse(text)?.to_marker();
            marker.map_err(|_| MarkerParseError::too_complex(text))
        })
    }

    /// Holds where `extra == '<name>'` does.
    pub fn extra(name: ExtraName) -> Self {
        Self(condition::equals(
            Variable::Extra,
            Text::intern(name.as_str()),
        ))
    }

    /// Holds where `'<name>' in extras` does.
    pub fn in_extras(name: ExtraName) -> Self {
        Self(condition::holds(Membership::Extra(name).variable()))
    }

    /// Holds where `'<name>' in dependency_groups` does.
    pub fn in_groups(name: GroupName) -> Self {
        Self(condition::holds(Membership::Group(name).variable()))
    }

    /// Holds for the interpreters whose full version is in the range.
    pub fn from_python_range(range: &VersionRange) -> Self {
        Self(project::from_python_range(range))
    }

    /// Holds for the interpreters that the specifiers admit, pre-releases included.
    pub fn from_requires_python(specifiers: &SpecifierSet) -> Self {
        Self(project::from_requires_python(specifiers))
    }

    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(diagram::and(self.0, other.0))
    }

    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self(diagram::or(self.0, other.0))
    }

    #[must_use]
    #[expect(
        clippy::should_implement_trait,
        reason = "reads like `and` and `or`; `!` works too"
    )]
    pub fn not(self) -> Self {
        Self(diagram::difference(NodeId::UNIVERSE, self.0))
    }

    /// Holds where this does and the other does not.
    #[must_use]
    pub fn difference(self, other: Self) -> Self {
        Self(diagram::difference(self.0, other.0))
    }

    pub fn is_true(self) -> bool {
        self == Self::TRUE
    }

    pub fn is_false(self) -> bool {
        self == Self::FALSE
    }

    /// Whether no environment satisfies both.
    pub fn is_disjoint(self, other: Self) -> bool {
        self.and(other).is_false()
    }

    /// Whether the other holds wherever this does.
    pub fn implies(self, other: Self) -> bool {
        self.difference(other).is_false()
    }

    /// Whether the marker holds in an environment.
    ///
    /// The interpreter is taken from `python_full_version` alone. Where platform fields
    /// contradict one another (`sys_platform` "linux" with `os_name` "nt"), `sys_platform`
    /// counts; `Expression::evaluate` reads every field for itself.
    pub fn evaluate(self, environment: &MarkerEnvironment) -> bool {
        evaluate::evaluate(self.0, environment)
    }

    /// What remains once the extras are chosen: the marker holds if it does with `extra` equal
    /// to one of the names, or to no name if there are none. `extra` no longer occurs in it.
    #[must_use]
    pub fn with_extras(self, names: &[ExtraName]) -> Self {
        Self(project::with_extras(self.0, names))
    }

    /// What remains once it is known whether a name is among the extras or groups.
    #[must_use]
    pub fn assume(self, membership: Membership, holds: bool) -> Self {
        Self(project::assume(self.0, membership.variable(), holds))
    }

    /// The extras and groups whose membership the marker asks about, in order.
    pub fn memberships(self) -> Vec<Membership> {
        project::memberships(self.0)
    }

    /// The interpreter versions for which some environment satisfies the marker.
    pub fn python_range(self) -> VersionRange {
        project::python_range(self.0)
    }

    /// What remains once the interpreter is known to be of these versions at most: holds if it
    /// does for some interpreter of the range; the interpreter no longer occurs in it.
    #[must_use]
    pub fn without_python(self) -> Self {
        Self(project::without_python(self.0))
    }

    /// What remains of the marker for some choice of extras and groups.
    #[must_use]
    pub fn without_memberships(self) -> Self {
        Self(project::without_memberships(self.0))
    }

    /// The marker with the shortest text that agrees with this one wherever the assumption holds.
    #[must_use]
    pub fn simplify(self, assumption: Self) -> Self {
        simplify::simplify(self, assumption)
    }

    /// The shortest text that agrees with this marker wherever the assumption holds.
    ///
    /// `None` where the assumption implies the marker. The text of a marker that the assumption
    /// excludes is a condition that never holds.
    pub fn to_text(self, assumption: Self) -> Option<String> {
        display::to_text(self, assumption)
    }

    /// The single conditions that the shortest text of the marker is made of, in order.
    pub fn atoms(self) -> Vec<Self> {
        simplify::atoms(self)
    }
}

impl std::ops::Not for Marker {
    type Output = Self;

    fn not(self) -> Self {
        Self::not(self)
    }
}

impl FromStr for Marker {
    type Err = MarkerParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}
