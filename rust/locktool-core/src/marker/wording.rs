//! A set of interpreter versions -> the shortest comparisons that say it.
//!
//! A set is written as a union of stretches or as the absence of holes, by `python_version` where
//! a stretch starts and ends between minor versions. Every text is exact under the rules of
//! PEP 440: `python_full_version < '3.9.1'` leaves out the pre-releases of 3.9.1, so what ends
//! directly below 3.9.1 is written with two comparisons.

use crate::marker::display::compare;
use crate::marker::expression::Comparison;
use crate::marker::field::{Comparator, Field};
use crate::marker::formula::Formula;
use crate::marker::interpreter::{Build, Cut, Side};
use crate::marker::text::Text;
use crate::marker::values::Values;
use crate::marker::variable::Variable;

/// A stretch of versions; `None` is the open end.
#[derive(Copy, Clone)]
struct Stretch {
    start: Option<Cut>,
    end: Option<Cut>,
}

fn stretches(cuts: &[Cut]) -> Vec<Stretch> {
    cuts.chunks(2)
        .map(|pair| Stretch {
            start: pair.first().copied().filter(|cut| *cut > Cut::minor(0, 0)),
            end: pair.get(1).copied(),
        })
        .collect()
}

/// The shortest comparisons for a set of versions.
pub fn versions(variable: Variable, cuts: &[Cut]) -> Formula {
    let (plain, builds) = split_builds(cuts);
    let inside = Values::Versions(plain.as_slice().into());
    let Values::Versions(outside) = inside.complement() else {
        unreachable!("complements keep their kind")
    };
    let union = Formula::any(
        stretches(&plain)
            .into_iter()
            .map(|stretch| within(variable, stretch)),
    );
    let holes = Formula::all(
        stretches(&outside)
            .into_iter()
            .map(|stretch| beyond(variable, stretch)),
    );
    let is_shorter = !plain.is_empty() && (outside.is_empty() || union.count() <= holes.count());
    let base = if is_shorter { union } else { holes };
    builds.into_iter().fold(base, |base, (cut, is_member)| {
        let value = Text::intern(&cut.version_text());
        if is_member {
            Formula::any([base, compare(variable.field(), Comparator::Equal, value)])
        } else {
            Formula::all([base, compare(variable.field(), Comparator::NotEqual, value)])
        }
    })
}

/// Takes the single local builds (`3.13.0+local`) out of a set: they differ from their
/// neighbours and are written one by one.
fn split_builds(cuts: &[Cut]) -> (Vec<Cut>, Vec<(Cut, bool)>) {
    let mut plain: Vec<Cut> = Vec::new();
    let mut builds = Vec::new();
    let mut position = 0;
    while position < cuts.len() {
        let cut = cuts[position];
        let is_build = matches!(
            (cut.build, cuts.get(position + 1).map(|next| next.build)),
            (Build::Label(label, Side::Below), Some(Build::Label(next, _))) if label == next
        );
        if is_build {
            builds.push((cut, position % 2 == 0));
            position += 2;
        } else {
            plain.push(cut);
            position += 1;
        }
    }
    (plain, builds)
}

fn within(variable: Variable, stretch: Stretch) -> Formula {
    if let (Some(start), Some(end)) = (stretch.start, stretch.end)
        && let Some(formula) = single(variable, start, end, true)
    {
        return formula;
    }
    let lower = stretch.start.map(|cut| at_least(variable, cut));
    let upper = stretch.end.map(|cut| below(variable, cut));
    Formula::all(lower.into_iter().chain(upper))
}

/// What lies outside a stretch.
fn beyond(variable: Variable, stretch: Stretch) -> Formula {
    if let (Some(start), Some(end)) = (stretch.start, stretch.end)
        && let Some(formula) = single(variable, start, end, false)
    {
        return formula;
    }
    let before = stretch.start.map(|cut| below(variable, cut));
    let after = stretch.end.map(|cut| at_least(variable, cut));
    Formula::any(before.into_iter().chain(after))
}

/// The one comparison that holds in (or outside) a stretch.
fn single(variable: Variable, start: Cut, end: Cut, inside: bool) -> Option<Formula> {
    let comparator = if inside {
        Comparator::Equal
    } else {
        Comparator::NotEqual
    };
    let full =
        |comparator, text: &str| Some(compare(variable.field(), comparator, Text::intern(text)));
    let Cut {
        major,
        minor,
        micro,
        ..
    } = start;
    if start.as_minor().is_some() && end == Cut::minor(major, minor + 1) {
        return match variable {
            Variable::Python => Some(compare(
                Field::PythonVersion,
                comparator,
                Text::intern(&format!("{major}.{minor}")),
            )),
            _ => full(comparator, &format!("{major}.{minor}.*")),
        };
    }
    if start.as_minor() == Some((major, 0)) && end == Cut::minor(major + 1, 0) {
        return full(comparator, &format!("{major}.*"));
    }
    if start.is_release() && end == Cut::release(major, minor, micro + 1) {
        return full(comparator, &format!("{major}.{minor}.{micro}.*"));
    }
    if start.build == Build::Version && end == start.successor() {
        return full(comparator, &start.version_text());
    }
    let after = Cut {
        build: Build::AfterVersion,
        ..start
    };
    (end == after).then(|| exactly(variable.field(), &start.version_text(), inside))
}

/// The version without its local builds, or all versions but it. `!=` leaves out the builds
/// too; with the field on the right it does not, because then the build is what is named.
fn exactly(field: Field, version: &str, inside: bool) -> Formula {
    let comparator = if inside {
        Comparator::Arbitrary
    } else {
        Comparator::NotEqual
    };
    let literal = Text::intern(version);
    Formula::Compare(
        Comparison {
            field,
            comparator,
            literal,
            reversed: !inside,
        }
        .to_string(),
    )
}

fn at_least(variable: Variable, cut: Cut) -> Formula {
    let field = variable.field();
    let full = |comparator, text: &str| compare(field, comparator, Text::intern(text));
    if let (Some((major, minor)), Variable::Python) = (cut.as_minor(), variable) {
        return compare(
            Field::PythonVersion,
            Comparator::GreaterEqual,
            Text::intern(&format!("{major}.{minor}")),
        );
    }
    if cut.is_release() {
        return match cut.micro.checked_sub(1) {
            Some(micro) => full(
                Comparator::Greater,
                &format!("{}.{}.{micro}", cut.major, cut.minor),
            ),
            None => full(
                Comparator::GreaterEqual,
                &format!("{}.{}.dev0", cut.major, cut.minor),
            ),
        };
    }
    let version = Cut {
        build: Build::Version,
        ..cut
    }
    .version_text();
    let from = full(Comparator::GreaterEqual, &version);
    match cut.build {
        Build::Version => from,
        _ => Formula::all([from, exactly(field, &version, false)]),
    }
}

fn below(variable: Variable, cut: Cut) -> Formula {
    let field = variable.field();
    let full = |comparator, text: &str| compare(field, comparator, Text::intern(text));
    if let (Some((major, minor)), Variable::Python) = (cut.as_minor(), variable) {
        return compare(
            Field::PythonVersion,
            Comparator::Less,
            Text::intern(&format!("{major}.{minor}")),
        );
    }
    let version = Cut {
        build: Build::Version,
        ..cut
    };
    if cut.is_release() {
        return full(
            Comparator::Less,
            &format!("{}.{}.{}", cut.major, cut.minor, cut.micro),
        );
    }
    let text = version.version_text();
    let before = if version.is_prerelease() {
        full(Comparator::Less, &text)
    } else {
        Formula::all([
            full(Comparator::LessEqual, &text),
            full(Comparator::NotEqual, &text),
        ])
    };
    match cut.build {
        Build::Version => before,
        _ => Formula::any([before, exactly(field, &text, true)]),
    }
}
