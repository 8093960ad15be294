//! A diagram as a short list of cubes: an irredundant cover of where it must hold by cubes that
//! stay where it may.
//!
//! The first cubes come from the diagram (`cubes`). Each set of values is then widened as far as
//! the rest of its cube allows, cubes that others cover are dropped, and what remains is narrowed
//! again to the cheapest sets that still cover. All choices follow the order of variables and
//! values, so the same marker under the same assumption has the same cover. Where that would take too long, the first cubes
//! are the cover: they say the same, in more words.

use rustc_hash::FxHashMap;

use crate::marker::budget::deeper;
use crate::marker::cubes::{branches, cubes_of, paths};
use crate::marker::diagram::{and, difference, or, size, variable};
use crate::marker::interner::NodeId;
use crate::marker::restrict::restrict;
use crate::marker::values::Values;
use crate::marker::variable::Variable;

/// A variable and the values it must have.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Literal {
    pub variable: Variable,
    pub values: Values,
}

impl Literal {
    pub fn to_node(&self) -> NodeId {
        self.values.to_node(self.variable)
    }
}

/// Literals that hold together, in the order of their variables.
pub type Cube = Vec<Literal>;

/// The diagram of a cube.
pub fn cube_node(cube: &[Literal]) -> NodeId {
    cube.iter().fold(NodeId::UNIVERSE, |node, literal| {
        and(node, literal.to_node())
    })
}

/// The diagram of a cover.
pub fn cover_node(cubes: &[Cube]) -> NodeId {
    cubes
        .iter()
        .fold(NodeId::FALSE, |node, cube| or(node, cube_node(cube)))
}

/// How many looks at a node the search for a short cover may take, about 0.3 s of work: that of 8 pairs of substrings, whose
/// negation has 256 cubes, takes 10^7 and 2.4 s (2026-11-26, one core of a virtual machine).
const MOST_LOOKS: usize = 1_000_000;

/// Cubes that hold wherever `on` does and, inside `care`, nowhere else; `on` implies `care`.
/// `None` where there would be more than `most`.
pub fn cover(on: NodeId, care: NodeId, most: usize) -> Option<Vec<Cube>> {
    let off = difference(care, on);
    let agrees = |cubes: &Vec<Cube>| {
        let union = cover_node(cubes);
        difference(on, union) == NodeId::FALSE && and(union, off) == NodeId::FALSE
    };
    // A cube that skips the known values of a field changes meaning when its opaque comparison
    // is read as text; then the paths of the marker itself are taken.
    let mut cubes = cubes_of(restrict(on, care), most)
        .filter(agrees)
        .or_else(|| paths(on, most))?;
    if looks(&cubes, on, off) > MOST_LOOKS {
        cubes.sort_unstable();
        return Some(cubes);
    }
    for cube in &mut cubes {
        widen(cube, off);
    }
    let mut cubes = drop_covered(cubes, care);
    narrow(&mut cubes, on, off);
    cubes.sort_unstable();
    Some(cubes)
}

/// About how many looks at a node it takes to make a cover short. Each literal is widened and narrowed; in a cube with an opaque
/// comparison all others are joined with the diagram for it, where they else are walked beside it.
fn looks(cubes: &[Cube], on: NodeId, off: NodeId) -> usize {
    let is_opaque = |literal: &Literal| matches!(literal.variable, Variable::Opaque(_));
    let steps = cubes.iter().map(|cube| {
        let joined = if cube.iter().any(is_opaque) {
            cube.len()
        } else {
            1
        };
        cube.len() * joined
    });
    steps.sum::<usize>() * (size(on) + size(off))
}

/// For which values of one variable a diagram holds somewhere in a cube, the cube's own values
/// of that variable aside.
struct Reach<'a> {
    cube: &'a [Literal],
    target: Variable,
    done: FxHashMap<NodeId, Values>,
}

impl Reach<'_> {
    fn values(&mut self, id: NodeId) -> Values {
        let kind = self.target.kind();
        if id == NodeId::FALSE {
            return Values::empty(kind);
        }
        if let Some(values) = self.done.get(&id) {
            return values.clone();
        }
        let last = self.cube.last().map(|literal| literal.variable);
        let Some(here) = variable(id).filter(|here| *here <= self.target || Some(*here) <= last)
        else {
            return Values::full(kind);
        };
        let allowed = self.cube.iter().find(|literal| literal.variable == here);
        let mut sum = Values::empty(kind);
        for (values, child) in branches(id) {
            if here == self.target {
                if self.holds_below(child) {
                    sum = sum.union(&values);
                }
            } else if allowed.is_none_or(|literal| !literal.values.intersection(&values).is_empty())
            {
                sum = sum.union(&deeper(|| self.values(child)));
            }
            if sum.is_full() {
                break;
            }
        }
        self.done.insert(id, sum.clone());
        sum
    }

    fn holds_below(&mut self, id: NodeId) -> bool {
        !self.values(id).is_empty()
    }
}

/// The values of a literal's variable for which a diagram holds somewhere in the rest of a cube.
fn reach(cube: &[Literal], position: usize, id: NodeId) -> Values {
    let is_opaque = |literal: &Literal| matches!(literal.variable, Variable::Opaque(_));
    let target = cube[position].variable;
    if !cube.iter().any(is_opaque) {
        return Reach {
            cube,
            target,
            done: FxHashMap::default(),
        }
        .values(id);
    }
    // An opaque literal stands for the whole comparison, not for the bare variable.
    let others = cube
        .iter()
        .enumerate()
        .filter(|(other, _)| *other != position);
    let inside = others.fold(id, |node, (_, literal)| and(node, literal.to_node()));
    if is_opaque(&cube[position]) {
        let asked = Literal {
            variable: target,
            values: Values::Truth {
                low: false,
                high: true,
            },
        }
        .to_node();
        let low = difference(inside, asked) != NodeId::FALSE;
        return Values::Truth {
            low,
            high: and(inside, asked) != NodeId::FALSE,
        };
    }
    Reach {
        cube: &[],
        target,
        done: FxHashMap::default(),
    }
    .values(inside)
}

/// For each position the nodes behind it, joined.
fn suffixes(
    nodes: &[NodeId],
    join: impl Fn(NodeId, NodeId) -> NodeId,
    empty: NodeId,
) -> Vec<NodeId> {
    let mut result = vec![empty; nodes.len()];
    for position in (1..nodes.len()).rev() {
        result[position - 1] = join(nodes[position], result[position]);
    }
    result
}

/// Widens every set as far as the cube stays out of `off`, the last variables first: of fields
/// that imply each other the first one then stays.
fn widen(cube: &mut Cube, off: NodeId) {
    for position in (0..cube.len()).rev() {
        cube[position].values = reach(cube, position, off).complement();
        if cube[position].values.is_full() {
            cube.remove(position);
        }
    }
}

/// Drops cubes that the others cover, long ones first.
fn drop_covered(mut cubes: Vec<Cube>, care: NodeId) -> Vec<Cube> {
    let has_opaque = |cube: &Cube| {
        cube.iter()
            .any(|literal| matches!(literal.variable, Variable::Opaque(_)))
    };
    cubes.sort_by_cached_key(|cube| {
        let count: usize = cube.iter().map(|literal| literal.values.count()).sum();
        (std::cmp::Reverse(count), has_opaque(cube), cube.clone())
    });
    cubes.dedup();
    let nodes: Vec<NodeId> = cubes
        .iter()
        .map(|cube| and(cube_node(cube), care))
        .collect();
    let later = suffixes(&nodes, or, NodeId::FALSE);
    let mut kept = NodeId::FALSE;
    let mut result = Vec::new();
    for (position, cube) in cubes.into_iter().enumerate() {
        let others = or(kept, later[position]);
        if difference(nodes[position], others) != NodeId::FALSE {
            kept = or(kept, nodes[position]);
            result.push(cube);
        }
    }
    result
}

/// Narrows every set to the cheapest one that still covers what no other cube does.
fn narrow(cubes: &mut [Cube], on: NodeId, off: NodeId) {
    let nodes: Vec<NodeId> = cubes.iter().map(|cube| cube_node(cube)).collect();
    let mut before = NodeId::FALSE;
    for (cube, later) in cubes.iter_mut().zip(suffixes(&nodes, or, NodeId::FALSE)) {
        if !cube.iter().all(|literal| literal.values.is_plain()) {
            narrow_cube(cube, difference(on, or(before, later)), off);
        }
        before = or(before, cube_node(cube));
    }
}

fn narrow_cube(cube: &mut [Literal], needed: NodeId, off: NodeId) {
    for position in 0..cube.len() {
        let values = &cube[position].values;
        let least = reach(cube, position, needed).intersection(values);
        let most = reach(cube, position, off).complement();
        cube[position].values = Values::cheapest(&least, &most);
    }
}
