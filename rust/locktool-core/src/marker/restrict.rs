//! A diagram made small under an assumption: where the assumption fails, any branch will do.

use rustc_hash::FxHashMap;

use crate::marker::budget::deeper;
use crate::marker::diagram::{branch, children, difference, or, texts, variable, versions};
use crate::marker::interner::{Edges, NodeId, node};

/// Stands for a branch that the assumption excludes.
const EXCLUDED: NodeId = NodeId(u32::MAX);

/// A diagram with leaves that agrees with `on` wherever `care` holds. `on` must imply `care`.
pub fn restrict(on: NodeId, care: NodeId) -> NodeId {
    restrict_below(on, care, &mut FxHashMap::default())
}

fn restrict_below(
    on: NodeId,
    care: NodeId,
    done: &mut FxHashMap<(NodeId, NodeId), NodeId>,
) -> NodeId {
    if care == NodeId::FALSE {
        return EXCLUDED;
    }
    if on == NodeId::FALSE {
        return NodeId::FALSE;
    }
    if on == care || difference(care, on) == NodeId::FALSE {
        return NodeId::LEAF;
    }
    if let Some(result) = done.get(&(on, care)) {
        return *result;
    }
    let result =
        if variable(care).is_some_and(|first| variable(on).is_none_or(|second| first < second)) {
            // The marker does not ask for this variable: its branches of the assumption are one.
            let care_anyhow = children(care).into_iter().fold(NodeId::FALSE, or);
            restrict_below(on, care_anyhow, done)
        } else {
            settle(branch(on, care, &mut |on, care| {
                deeper(|| restrict_below(on, care, done))
            }))
        };
    done.insert((on, care), result);
    result
}

/// Replaces excluded branches of a node by a neighbour.
fn settle(id: NodeId) -> NodeId {
    if id.is_leaf() || id == EXCLUDED {
        return id;
    }
    let node = node(id);
    match &node.edges {
        Edges::Versions { first, rest } => {
            let included = rest.iter().find(|(_, child)| *child != EXCLUDED);
            let first = if *first == EXCLUDED {
                included.map_or(*first, |edge| edge.1)
            } else {
                *first
            };
            let rest = rest.iter().copied().filter(|(_, child)| *child != EXCLUDED);
            versions(node.variable, first, rest)
        }
        Edges::Texts { values, other } => {
            let included = values
                .iter()
                .copied()
                .filter(|(_, child)| *child != EXCLUDED);
            let other = if *other == EXCLUDED {
                most_frequent(included.clone().map(|edge| edge.1))
            } else {
                *other
            };
            texts(node.variable, included, other)
        }
        Edges::Truth {
            low: EXCLUDED,
            high,
        } => *high,
        Edges::Truth {
            low,
            high: EXCLUDED,
        } => *low,
        Edges::Truth { .. } => id,
    }
}

fn most_frequent(nodes: impl Iterator<Item = NodeId>) -> NodeId {
    let nodes: Vec<NodeId> = nodes.collect();
    let count = |wanted: NodeId| nodes.iter().filter(|id| **id == wanted).count();
    // The last of the most frequent, from behind: the first.
    nodes
        .iter()
        .rev()
        .copied()
        .max_by_key(|id| count(*id))
        .unwrap_or(EXCLUDED)
}
