//! Sets of values of one variable: what a path through a diagram says about it.

use std::cmp::Ordering;

use crate::marker::condition::{among, holds, lower, within};
use crate::marker::diagram::difference;
use crate::marker::interner::NodeId;
use crate::marker::interpreter::{Cut, Cuts};
use crate::marker::text::Text;
use crate::marker::variable::{Kind, Variable};

/// A set of values of a variable; equal sets are equal values.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Values {
    /// The cuts where membership changes, starting outside.
    Versions(Cuts),
    /// The listed values, or all but these.
    Texts { listed: Vec<Text>, are_inside: bool },
    /// Whether false and whether true is in the set.
    Truth { low: bool, high: bool },
}

impl Values {
    pub fn empty(kind: Kind) -> Self {
        match kind {
            Kind::Versions => Self::Versions(Cuts::new()),
            Kind::Texts => Self::Texts {
                listed: Vec::new(),
                are_inside: true,
            },
            Kind::Truth => Self::Truth {
                low: false,
                high: false,
            },
        }
    }

    pub fn full(kind: Kind) -> Self {
        match kind {
            Kind::Versions => Self::Versions(vec![Cut::minor(0, 0)]),
            Kind::Texts => Self::Texts {
                listed: Vec::new(),
                are_inside: false,
            },
            Kind::Truth => Self::Truth {
                low: true,
                high: true,
            },
        }
    }

    /// The versions below a cut.
    pub fn below(cut: Cut) -> Self {
        Self::Versions(vec![Cut::minor(0, 0), cut])
    }

    /// The versions from one cut to the next, or on without end.
    pub fn between(start: Cut, end: Option<Cut>) -> Self {
        Self::Versions(std::iter::once(start).chain(end).collect())
    }

    /// About how many comparisons the set takes to write.
    pub fn count(&self) -> usize {
        match self {
            Self::Versions(cuts) => cuts.len(),
            Self::Texts { listed, .. } => listed.len(),
            Self::Truth { .. } => 1,
        }
    }

    /// Whether no set within this one has a shorter text.
    pub fn is_plain(&self) -> bool {
        match self {
            Self::Versions(cuts) => {
                cuts.len() <= 1 && cuts.iter().all(|cut| cut.as_minor().is_some())
            }
            Self::Texts { listed, are_inside } => listed.len() <= 1 && *are_inside,
            Self::Truth { .. } => true,
        }
    }

    pub fn is_empty(&self) -> bool {
        match self {
            Self::Versions(cuts) => cuts.is_empty(),
            Self::Texts { listed, are_inside } => listed.is_empty() && *are_inside,
            Self::Truth { low, high } => !low && !high,
        }
    }

    pub fn is_full(&self) -> bool {
        match self {
            Self::Versions(cuts) => **cuts == [Cut::minor(0, 0)],
            Self::Texts { listed, are_inside } => listed.is_empty() && !are_inside,
            Self::Truth { low, high } => *low && *high,
        }
    }

    pub fn union(&self, other: &Self) -> Self {
        self.combine(other, |left, right| left || right)
    }

    pub fn intersection(&self, other: &Self) -> Self {
        self.combine(other, |left, right| left && right)
    }

    pub fn complement(&self) -> Self {
        match self {
            Self::Versions(cuts) => Self::Versions(toggle_start(cuts)),
            Self::Texts { listed, are_inside } => Self::Texts {
                listed: listed.clone(),
                are_inside: !are_inside,
            },
            Self::Truth { low, high } => Self::Truth {
                low: !low,
                high: !high,
            },
        }
    }

    fn combine(&self, other: &Self, keep: impl Fn(bool, bool) -> bool) -> Self {
        match (self, other) {
            (Self::Versions(left), Self::Versions(right)) => {
                Self::Versions(combine_cuts(left, right, keep))
            }
            (
                Self::Texts {
                    listed: left,
                    are_inside: left_inside,
                },
                Self::Texts {
                    listed: right,
                    are_inside: right_inside,
                },
            ) => {
                let others = keep(!left_inside, !right_inside);
                let listed = merged(left, right)
                    .filter(|(_, in_left, in_right)| {
                        keep(in_left == left_inside, in_right == right_inside) != others
                    })
                    .map(|(value, _, _)| value)
                    .collect();
                Self::Texts {
                    listed,
                    are_inside: !others,
                }
            }
            (
                Self::Truth { low, high },
                Self::Truth {
                    low: other_low,
                    high: other_high,
                },
            ) => Self::Truth {
                low: keep(*low, *other_low),
                high: keep(*high, *other_high),
            },
            _ => unreachable!("sets of one variable have one kind"),
        }
    }

    /// The diagram that holds where the variable has one of the values.
    pub fn to_node(&self, variable: Variable) -> NodeId {
        match self {
            Self::Versions(cuts) => within(variable, cuts),
            Self::Texts {
                listed,
                are_inside: true,
            } => among(variable, listed),
            Self::Texts {
                listed,
                are_inside: false,
            } => difference(NodeId::UNIVERSE, among(variable, listed)),
            Self::Truth {
                low: false,
                high: false,
            } => NodeId::FALSE,
            Self::Truth {
                low: true,
                high: true,
            } => NodeId::UNIVERSE,
            Self::Truth { high, .. } => {
                let asked = match variable {
                    Variable::Opaque(comparison) => lower(&comparison),
                    _ => holds(variable),
                };
                if *high {
                    asked
                } else {
                    difference(NodeId::UNIVERSE, asked)
                }
            }
        }
    }

    /// The set with the shortest text between a smallest and a largest one.
    pub fn cheapest(least: &Self, most: &Self) -> Self {
        match (least, most) {
            (Self::Versions(least), Self::Versions(most)) => {
                Self::Versions(fewest_cuts(least, most))
            }
            (
                Self::Texts {
                    listed: few,
                    are_inside: true,
                },
                Self::Texts {
                    listed: many,
                    are_inside: false,
                },
            ) if many.len() < few.len() => Self::Texts {
                listed: many.clone(),
                are_inside: false,
            },
            (
                Self::Texts {
                    are_inside: true, ..
                },
                Self::Texts { .. },
            ) => least.clone(),
            _ => most.clone(),
        }
    }
}

fn toggle_start(cuts: &[Cut]) -> Cuts {
    let start = Cut::minor(0, 0);
    if cuts.first() == Some(&start) {
        cuts[1..].to_vec()
    } else {
        std::iter::once(start).chain(cuts.iter().copied()).collect()
    }
}

fn combine_cuts(left: &[Cut], right: &[Cut], keep: impl Fn(bool, bool) -> bool) -> Cuts {
    let (mut in_left, mut in_right, mut inside) = (false, false, false);
    let mut cuts = Cuts::new();
    let starts_inside = keep(false, false);
    let start = starts_inside.then(|| (Cut::minor(0, 0), false, false));
    let places = merged(left, right).collect::<Vec<_>>();
    let is_given = places
        .first()
        .is_some_and(|(cut, _, _)| *cut == Cut::minor(0, 0));
    for (cut, flips_left, flips_right) in start.filter(|_| !is_given).into_iter().chain(places) {
        in_left ^= flips_left;
        in_right ^= flips_right;
        if keep(in_left, in_right) != inside {
            inside = !inside;
            cuts.push(cut);
        }
    }
    cuts
}

/// The items of both sorted lists, with where each stands.
fn merged<'a, T: Ord + Copy>(
    left: &'a [T],
    right: &'a [T],
) -> impl Iterator<Item = (T, bool, bool)> + 'a {
    let (mut left, mut right) = (
        left.iter().copied().peekable(),
        right.iter().copied().peekable(),
    );
    std::iter::from_fn(move || {
        let order = match (left.peek(), right.peek()) {
            (Some(one), Some(other)) => one.cmp(other),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => return None,
        };
        let from_left = if order.is_le() { left.next() } else { None };
        let from_right = if order.is_ge() { right.next() } else { None };
        from_left
            .or(from_right)
            .map(|item| (item, from_left.is_some(), from_right.is_some()))
    })
}

/// The set between both with the fewest cuts, at the plainest places.
fn fewest_cuts(least: &[Cut], most: &[Cut]) -> Cuts {
    let mut stretches = vec![(Cut::minor(0, 0), Some(false))];
    let (mut in_least, mut in_most) = (false, false);
    for (cut, flips_least, flips_most) in merged(least, most) {
        in_least ^= flips_least;
        in_most ^= flips_most;
        if cut == Cut::minor(0, 0) {
            stretches.clear();
        }
        stretches.push((cut, (in_least == in_most).then_some(in_least)));
    }
    let mut cuts = Cuts::new();
    let mut inside: Option<bool> = None;
    let mut free = 0;
    for (position, (_, status)) in stretches.iter().enumerate() {
        let Some(status) = *status else { continue };
        if inside.is_some_and(|inside| inside != status) {
            let places = stretches[free..=position].iter().map(|(cut, _)| *cut);
            cuts.extend(places.rev().max_by_key(|cut| cut.plainness()));
        } else if inside.is_none() && status {
            cuts.push(Cut::minor(0, 0));
        }
        inside = Some(status);
        free = position + 1;
    }
    if inside.is_none() {
        cuts.push(Cut::minor(0, 0));
    }
    cuts
}
