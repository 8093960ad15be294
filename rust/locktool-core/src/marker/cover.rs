//! A diagram as a short list of cubes: an irredundant cover of where it must hold by cubes that
//! stay where it may.
//!
//! Paths are the first cubes. Each set of values is then widened as far as the rest of its cube
//! allows, cubes that others cover are dropped, and what remains is narrowed again to the
//! cheapest sets that still cover. All choices follow the order of variables and values, so the
//! same marker under the same assumption has the same cover.

use rustc_hash::FxHashMap;

use crate::marker::diagram::{and, children, difference, or, variable};
use crate::marker::interner::{Edges, NodeId, node};
use crate::marker::restrict::restrict;
use crate::marker::values::Values;
use crate::marker::variable::Variable;

/// Beyond this many paths a cover is not attempted.
const MOST_PATHS: u64 = 600;

/// A variable and the values it must have.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
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

/// Cubes that hold wherever `on` does and, inside `care`, nowhere else; `on` implies `care`.
/// `None` where there would be too many.
pub fn cover(on: NodeId, care: NodeId) -> Option<Vec<Cube>> {
    let off = difference(care, on);
    let agrees = |cubes: &Vec<Cube>| {
        let union = cover_node(cubes);
        difference(on, union) == NodeId::FALSE && and(union, off) == NodeId::FALSE
    };
    // A path that skips the known values of a field changes meaning when its opaque comparison
    // is read as text; then the paths of the marker itself are taken.
    let mut cubes = paths(restrict(on, care))
        .filter(agrees)
        .or_else(|| paths(on))?;
    for cube in &mut cubes {
        widen(cube, off);
    }
    let mut cubes = drop_covered(cubes, on);
    narrow(&mut cubes, on, off);
    cubes.sort_unstable();
    Some(cubes)
}

/// The sets of values that lead to each child of a node.
pub fn branches(id: NodeId) -> Vec<(Values, NodeId)> {
    let node = node(id);
    let kind = node.variable.kind();
    let mut found: Vec<(Values, NodeId)> = Vec::new();
    let mut add = |values: Values, child: NodeId| {
        if let Some((known, _)) = found.iter_mut().find(|(_, other)| *other == child) {
            *known = known.union(&values);
        } else {
            found.push((values, child));
        }
    };
    match &node.edges {
        Edges::Versions { first, rest } => {
            let below = rest.first().map(|(cut, _)| Values::below(*cut));
            add(below.unwrap_or_else(|| Values::full(kind)), *first);
            for (position, (cut, child)) in rest.iter().enumerate() {
                let next = rest.get(position + 1).map(|(cut, _)| *cut);
                add(Values::between(*cut, next), *child);
            }
        }
        Edges::Texts { values, other } => {
            for (value, child) in values {
                add(
                    Values::Texts {
                        listed: vec![*value],
                        are_inside: true,
                    },
                    *child,
                );
            }
            let listed = values.iter().map(|(value, _)| *value).collect();
            add(
                Values::Texts {
                    listed,
                    are_inside: false,
                },
                *other,
            );
        }
        Edges::Truth { low, high } => {
            add(
                Values::Truth {
                    low: true,
                    high: false,
                },
                *low,
            );
            add(
                Values::Truth {
                    low: false,
                    high: true,
                },
                *high,
            );
        }
    }
    found
}

fn count_paths(id: NodeId, done: &mut FxHashMap<NodeId, u64>) -> u64 {
    if id.is_leaf() {
        return u64::from(id == NodeId::LEAF);
    }
    if let Some(count) = done.get(&id) {
        return *count;
    }
    let mut distinct = children(id);
    distinct.sort_unstable_by_key(|child| child.0);
    distinct.dedup();
    let count = distinct.into_iter().fold(0_u64, |sum, child| {
        sum.saturating_add(count_paths(child, done))
    });
    done.insert(id, count);
    count
}

/// Every path to the leaf that holds, as a cube.
fn paths(id: NodeId) -> Option<Vec<Cube>> {
    if count_paths(id, &mut FxHashMap::default()) > MOST_PATHS {
        return None;
    }
    let mut found = Vec::new();
    collect_paths(id, &mut Cube::new(), &mut found);
    Some(found)
}

fn collect_paths(id: NodeId, path: &mut Cube, found: &mut Vec<Cube>) {
    if id == NodeId::LEAF {
        found.push(path.clone());
    }
    if id.is_leaf() {
        return;
    }
    for (values, child) in branches(id) {
        path.push(Literal {
            variable: node(id).variable,
            values,
        });
        collect_paths(child, path, found);
        path.pop();
    }
}

/// The values of a variable for which a diagram holds somewhere.
fn reach(id: NodeId, target: Variable, done: &mut FxHashMap<NodeId, Values>) -> Values {
    let kind = target.kind();
    if id == NodeId::FALSE {
        return Values::empty(kind);
    }
    match variable(id) {
        Some(variable) if variable < target => {}
        Some(variable) if variable == target => {
            return branches(id)
                .into_iter()
                .filter(|(_, child)| *child != NodeId::FALSE)
                .fold(Values::empty(kind), |sum, (values, _)| sum.union(&values));
        }
        _ => return Values::full(kind),
    }
    if let Some(values) = done.get(&id) {
        return values.clone();
    }
    let mut sum = Values::empty(kind);
    for child in children(id) {
        if sum.is_full() {
            break;
        }
        sum = sum.union(&reach(child, target, done));
    }
    done.insert(id, sum.clone());
    sum
}

fn values_in(id: NodeId, literal: &Literal) -> Values {
    match literal.variable {
        // The literal stands for the whole comparison, not for the bare variable.
        Variable::Opaque(_) => {
            let asked = Literal {
                variable: literal.variable,
                values: Values::Truth {
                    low: false,
                    high: true,
                },
            }
            .to_node();
            Values::Truth {
                low: difference(id, asked) != NodeId::FALSE,
                high: and(id, asked) != NodeId::FALSE,
            }
        }
        target => reach(id, target, &mut FxHashMap::default()),
    }
}

fn without(cube: &[Literal], position: usize) -> NodeId {
    let rest = cube
        .iter()
        .enumerate()
        .filter(|(other, _)| *other != position);
    rest.fold(NodeId::UNIVERSE, |node, (_, literal)| {
        and(node, literal.to_node())
    })
}

/// Widens every set as far as the cube stays out of `off`, the last variables first: of fields
/// that imply each other the first one then stays.
fn widen(cube: &mut Cube, off: NodeId) {
    for position in (0..cube.len()).rev() {
        let wrong = and(without(cube, position), off);
        cube[position].values = values_in(wrong, &cube[position]).complement();
        if cube[position].values.is_full() {
            cube.remove(position);
        }
    }
}

/// Drops cubes that the others cover, long ones first.
fn drop_covered(mut cubes: Vec<Cube>, on: NodeId) -> Vec<Cube> {
    let has_opaque = |cube: &Cube| {
        cube.iter()
            .any(|literal| matches!(literal.variable, Variable::Opaque(_)))
    };
    cubes.sort_by_cached_key(|cube| {
        let count: usize = cube.iter().map(|literal| literal.values.count()).sum();
        (std::cmp::Reverse(count), has_opaque(cube), cube.clone())
    });
    cubes.dedup();
    let nodes: Vec<NodeId> = cubes.iter().map(|cube| and(cube_node(cube), on)).collect();
    let mut later = vec![NodeId::FALSE; nodes.len() + 1];
    for position in (0..nodes.len()).rev() {
        later[position] = or(nodes[position], later[position + 1]);
    }
    let mut kept = NodeId::FALSE;
    let mut result = Vec::new();
    for (position, cube) in cubes.into_iter().enumerate() {
        let others = or(kept, later[position + 1]);
        if difference(nodes[position], others) != NodeId::FALSE {
            kept = or(kept, nodes[position]);
            result.push(cube);
        }
    }
    result
}

/// Narrows every set to the cheapest one that still covers what no other cube does.
fn narrow(cubes: &mut [Cube], on: NodeId, off: NodeId) {
    for position in 0..cubes.len() {
        let others = cubes
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != position);
        let covered = others.fold(NodeId::FALSE, |sum, (_, cube)| or(sum, cube_node(cube)));
        let needed = difference(on, covered);
        for place in 0..cubes[position].len() {
            let rest = without(&cubes[position], place);
            let literal = &cubes[position][place];
            let least = values_in(and(rest, needed), literal).intersection(&literal.values);
            let most = values_in(and(rest, off), literal).complement();
            cubes[position][place].values = Values::cheapest(&least, &most);
        }
    }
}
