//! The shortest condition that agrees with a marker wherever an assumption holds.
//!
//! A cover of the marker gives a disjunction, a cover of its negation a conjunction; the one
//! with fewer comparisons is taken. Markers with too many paths for either are written as their
//! diagram is branched, which is exact but not minimal, and markers with too many paths for that
//! end the run (`budget`).

use std::collections::BTreeSet;

use crate::marker::Marker;
use crate::marker::budget::{MOST_PATHS, give_up};
use crate::marker::cover::{Literal, cover};
use crate::marker::cubes::{MOST_CUBES, branches, path_count};
use crate::marker::diagram::{and, difference};
use crate::marker::display::{any_of, literal, none_of};
use crate::marker::formula::Formula;
use crate::marker::interner::{NodeId, node};
use crate::marker::project::variables;
use crate::marker::restrict::restrict;
use crate::marker::variable::Variable;

/// Redundant cubes that the search for a cover begins with, for each that is left of them in the end; none of the locks of the
/// benchmarks has more than 2 (2026-11-26).
const CUBES_A_COMPARISON: usize = 4;
const CUBES_ANYHOW: usize = 64;

/// The text of a marker that the assumption neither implies nor excludes.
pub fn formula(marker: Marker, assumption: Marker) -> Formula {
    let on = and(marker.0, assumption.0);
    let off = difference(assumption.0, on);
    let by_count = |formula: &Formula| formula.count();
    let union = cover(on, assumption.0, MOST_CUBES).map(|cubes| any_of(&cubes));
    // What has far more cubes than the other has comparisons cannot become shorter.
    let most = union.as_ref().map_or(MOST_CUBES, |union| {
        (CUBES_A_COMPARISON * union.count()).clamp(CUBES_ANYHOW, MOST_CUBES)
    });
    let holes = cover(off, assumption.0, most).map(|cubes| none_of(&cubes));
    union
        .into_iter()
        .chain(holes)
        .min_by_key(by_count)
        .unwrap_or_else(|| {
            // Opaque comparisons mean what they say only below the known values of their field.
            let is_opaque = |variable: &Variable| matches!(variable, Variable::Opaque(_));
            let id = if variables(on).iter().any(is_opaque) {
                on
            } else {
                restrict(on, assumption.0)
            };
            if path_count(id) > MOST_PATHS {
                give_up();
            }
            branched(id)
        })
}

/// See `Marker::simplify`.
pub fn simplify(marker: Marker, assumption: Marker) -> Marker {
    if assumption.implies(marker) {
        return Marker::TRUE;
    }
    if assumption.is_disjoint(marker) {
        return Marker::FALSE;
    }
    let text = formula(marker, assumption).to_string();
    text.parse().unwrap_or(marker)
}

/// See `Marker::atoms`.
pub fn atoms(marker: Marker) -> Vec<Marker> {
    if marker.is_true() || marker.is_false() {
        return Vec::new();
    }
    let formula = formula(marker, Marker::TRUE);
    let texts: BTreeSet<&str> = formula.comparisons().into_iter().collect();
    let mut atoms: Vec<Marker> = Vec::new();
    for text in texts {
        let Ok(atom) = Marker::parse(text) else {
            continue;
        };
        if !atoms.contains(&atom) && !atoms.contains(&atom.not()) {
            atoms.push(atom);
        }
    }
    atoms
}

fn branched(id: NodeId) -> Formula {
    let variable = node(id).variable;
    Formula::any(
        branches(id)
            .into_iter()
            .filter(|(_, child)| *child != NodeId::FALSE)
            .map(|(values, child)| {
                let condition = (!values.is_full()).then(|| literal(&Literal { variable, values }));
                let rest = (!child.is_leaf() && child != NodeId::UNIVERSE).then(|| branched(child));
                Formula::all(condition.into_iter().chain(rest))
            }),
    )
}
