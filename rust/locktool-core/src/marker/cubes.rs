//! First cubes for a cover: by recursion over a diagram, or path by path.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::marker::budget::deeper;
use crate::marker::cover::{Cube, Literal};
use crate::marker::diagram::{children, join, meet, remove, variable};
use crate::marker::interner::{Edges, NodeId, node};
use crate::marker::text::Text;
use crate::marker::values::Values;
use crate::marker::variable::Variable;

/// Beyond this many cubes a cover is not attempted.
pub const MOST_CUBES: usize = 2000;

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
            let mut lists: Vec<(NodeId, Vec<Text>)> = Vec::new();
            let mut places: FxHashMap<NodeId, usize> = FxHashMap::default();
            for (value, child) in values {
                let place = *places.entry(*child).or_insert(lists.len());
                if place == lists.len() {
                    lists.push((*child, Vec::new()));
                }
                lists[place].1.push(*value);
            }
            for (child, listed) in lists {
                add(
                    Values::Texts {
                        listed,
                        are_inside: true,
                    },
                    child,
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

/// Cubes for a diagram with leaves (after Minato and Morreale): what some branch of a variable
/// forbids is covered branch by branch, the rest without the variable. `None` where there would
/// be more than `most`.
pub fn cubes_of(id: NodeId, most: usize) -> Option<Vec<Cube>> {
    let mut search = Search {
        most,
        done: FxHashMap::default(),
    };
    let cubes = search.between(id, remove(NodeId::LEAF, id))?;
    Some(
        cubes
            .iter()
            .map(|cube| cube.iter().rev().cloned().collect())
            .collect(),
    )
}

/// Cubes with their last variable first.
type Reversed = Rc<Vec<Cube>>;

/// The cubes that were found for diagrams below: what must hold, and what must not.
struct Search {
    most: usize,
    done: FxHashMap<(NodeId, NodeId), Reversed>,
}

impl Search {
    fn between(&mut self, on: NodeId, off: NodeId) -> Option<Reversed> {
        if on == NodeId::FALSE {
            return Some(Rc::new(Vec::new()));
        }
        if off == NodeId::FALSE {
            return Some(Rc::new(vec![Cube::new()]));
        }
        if let Some(cubes) = self.done.get(&(on, off)) {
            return Some(Rc::clone(cubes));
        }
        let first = variable(on).into_iter().chain(variable(off)).min()?;
        let blocks = blocks(first, on, off);
        let off_anyhow = blocks
            .iter()
            .fold(NodeId::FALSE, |sum, (_, _, off)| join(sum, *off));
        let mut found: Vec<Cube> = Vec::new();
        let mut places: FxHashMap<Cube, usize> = FxHashMap::default();
        let mut free = NodeId::FALSE;
        for (values, on, off) in blocks {
            free = join(free, remove(on, off_anyhow));
            let below = deeper(|| self.between(meet(on, off_anyhow), off))?;
            for cube in below.iter() {
                let place = *places.entry(cube.clone()).or_insert(found.len());
                if place == found.len() {
                    found.push(cube.clone());
                    found[place].push(Literal {
                        variable: first,
                        values: values.clone(),
                    });
                } else if let Some(literal) = found[place].last_mut() {
                    literal.values = literal.values.union(&values);
                }
            }
        }
        let below = deeper(|| self.between(free, off_anyhow))?;
        found.extend(below.iter().cloned());
        if found.len() > self.most {
            return None;
        }
        let found = Rc::new(found);
        self.done.insert((on, off), Rc::clone(&found));
        Some(found)
    }
}

/// The values of a variable by the children that both diagrams have there.
fn blocks(first: Variable, on: NodeId, off: NodeId) -> Vec<(Values, NodeId, NodeId)> {
    let split = |id: NodeId| {
        if variable(id) == Some(first) {
            branches(id)
        } else {
            vec![(Values::full(first.kind()), id)]
        }
    };
    let offs = split(off);
    let mut found = Vec::new();
    for (values, on) in split(on) {
        for (others, off) in &offs {
            let both = values.intersection(others);
            if !both.is_empty() {
                found.push((both, on, *off));
            }
        }
    }
    found
}

/// In how many ways a diagram can be walked to the leaf that holds.
pub fn path_count(id: NodeId) -> u64 {
    count_paths(id, &mut FxHashMap::default())
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
        sum.saturating_add(deeper(|| count_paths(child, done)))
    });
    done.insert(id, count);
    count
}

/// Every path to the leaf that holds, as a cube; `None` where there would be more than `most`.
pub fn paths(id: NodeId, most: usize) -> Option<Vec<Cube>> {
    if path_count(id) > most as u64 {
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
        deeper(|| collect_paths(child, path, found));
        path.pop();
    }
}
