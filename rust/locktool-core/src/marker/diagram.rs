//! The algebra of diagrams: conjunction, disjunction and difference by merging branches.
//!
//! Every marker is kept as its conjunction with the diagram of valid platforms (`exclusion`),
//! which is therefore what "always" means: it is the identity of `and`, absorbs in `or`, and
//! negation is the difference from it. Merging walks both edge lists once.

use rustc_hash::FxHashSet;
use smallvec::{SmallVec, smallvec};

use crate::marker::budget::deeper;
use crate::marker::interner::{Edges, NodeId, Operation, intern, node, recall, remember};
use crate::marker::interpreter::Cut;
use crate::marker::text::Text;
use crate::marker::variable::Variable;

/// Where both hold.
pub fn and(left: NodeId, right: NodeId) -> NodeId {
    combine(Operation::And, left, right)
}

/// Where either holds.
pub fn or(left: NodeId, right: NodeId) -> NodeId {
    combine(Operation::Or, left, right)
}

/// Where the first holds and the second does not.
pub fn difference(left: NodeId, right: NodeId) -> NodeId {
    combine(Operation::Difference, left, right)
}

/// `and` of diagrams that need not imply the valid platforms.
pub fn meet(left: NodeId, right: NodeId) -> NodeId {
    combine(Operation::Meet, left, right)
}

/// `or` of diagrams that need not imply the valid platforms.
pub fn join(left: NodeId, right: NodeId) -> NodeId {
    combine(Operation::Join, left, right)
}

/// `difference` of diagrams that need not imply the valid platforms.
pub fn remove(left: NodeId, right: NodeId) -> NodeId {
    combine(Operation::Remove, left, right)
}

fn combine(operation: Operation, left: NodeId, right: NodeId) -> NodeId {
    if let Some(result) = shortcut(operation, left, right) {
        return result;
    }
    let commutes = !matches!(operation, Operation::Difference | Operation::Remove);
    let (left, right) = if commutes && left.0 > right.0 {
        (right, left)
    } else {
        (left, right)
    };
    if let Some(result) = recall(operation, left, right) {
        return result;
    }
    let result = branch(left, right, &mut |left, right| {
        deeper(|| combine(operation, left, right))
    });
    remember(operation, left, right, result);
    result
}

fn shortcut(operation: Operation, left: NodeId, right: NodeId) -> Option<NodeId> {
    let is_raw = matches!(
        operation,
        Operation::Meet | Operation::Join | Operation::Remove
    );
    let always = if is_raw {
        NodeId::LEAF
    } else {
        NodeId::UNIVERSE
    };
    let is_all = |id: NodeId| id == NodeId::LEAF || id == always;
    match operation {
        Operation::And | Operation::Meet => {
            if left == NodeId::FALSE || right == NodeId::FALSE {
                Some(NodeId::FALSE)
            } else if left == right || is_all(right) {
                Some(left)
            } else {
                is_all(left).then_some(right)
            }
        }
        Operation::Or | Operation::Join => {
            if left == right || right == NodeId::FALSE || is_all(left) {
                Some(left)
            } else {
                (left == NodeId::FALSE || is_all(right)).then_some(right)
            }
        }
        Operation::Difference | Operation::Remove => {
            if left == right || left == NodeId::FALSE || is_all(right) {
                Some(NodeId::FALSE)
            } else {
                (right == NodeId::FALSE).then_some(left)
            }
        }
    }
}

/// The variable of a node; leaves have none.
pub fn variable(id: NodeId) -> Option<Variable> {
    (!id.is_leaf()).then(|| node(id).variable)
}

/// Joins the branches of both nodes at the variable that comes first.
pub fn branch(
    left: NodeId,
    right: NodeId,
    join: &mut impl FnMut(NodeId, NodeId) -> NodeId,
) -> NodeId {
    let (first, second) = (variable(left), variable(right));
    match (first, second) {
        (Some(first), Some(second)) if first == second => {
            let (one, other) = (node(left), node(right));
            match (&one.edges, &other.edges) {
                (Edges::Versions { .. }, Edges::Versions { .. }) => {
                    join_versions(first, &one.edges, &other.edges, join)
                }
                (Edges::Texts { .. }, Edges::Texts { .. }) => {
                    join_texts(first, &one.edges, &other.edges, join)
                }
                (
                    Edges::Truth { low, high },
                    Edges::Truth {
                        low: other_low,
                        high: other_high,
                    },
                ) => {
                    let low = join(*low, *other_low);
                    let high = join(*high, *other_high);
                    truth(first, low, high)
                }
                _ => unreachable!("a variable branches in one way"),
            }
        }
        (Some(first), second) if second.is_none_or(|second| first < second) => {
            map_edges(left, &mut |child| join(child, right))
        }
        _ => map_edges(right, &mut |child| join(left, child)),
    }
}

/// The node whose every branch is replaced.
pub fn map_edges(id: NodeId, map: &mut impl FnMut(NodeId) -> NodeId) -> NodeId {
    let node = node(id);
    match &node.edges {
        Edges::Versions { first, rest } => {
            let first = map(*first);
            versions(
                node.variable,
                first,
                rest.iter().map(|(cut, child)| (*cut, map(*child))),
            )
        }
        Edges::Texts { values, other } => {
            let other = map(*other);
            texts(
                node.variable,
                values.iter().map(|(value, child)| (*value, map(*child))),
                other,
            )
        }
        Edges::Truth { low, high } => {
            let low = map(*low);
            truth(node.variable, low, map(*high))
        }
    }
}

/// Every branch of a node, in order.
pub fn children(id: NodeId) -> Vec<NodeId> {
    match &node(id).edges {
        Edges::Versions { first, rest } => std::iter::once(*first)
            .chain(rest.iter().map(|(_, child)| *child))
            .collect(),
        Edges::Texts { values, other } => values
            .iter()
            .map(|(_, child)| *child)
            .chain([*other])
            .collect(),
        Edges::Truth { low, high } => vec![*low, *high],
    }
}

/// How many nodes a diagram has, leaves aside.
pub fn size(id: NodeId) -> usize {
    let mut count = 0;
    visit(id, |_| count += 1);
    count
}

/// Looks at the variable of each node of a diagram once.
pub fn visit(id: NodeId, mut look: impl FnMut(Variable)) {
    let mut seen = FxHashSet::default();
    let mut open: SmallVec<[NodeId; 16]> = smallvec![id];
    while let Some(id) = open.pop() {
        if id.is_leaf() || !seen.insert(id) {
            continue;
        }
        look(node(id).variable);
        open.extend(children(id));
    }
}

/// A decision by versions, reduced: cuts between equal children vanish.
pub fn versions(
    variable: Variable,
    first: NodeId,
    rest: impl Iterator<Item = (Cut, NodeId)>,
) -> NodeId {
    let mut last = first;
    let mut kept: Vec<(Cut, NodeId)> = Vec::new();
    for (cut, child) in rest {
        if child != last {
            kept.push((cut, child));
            last = child;
        }
    }
    if kept.is_empty() {
        first
    } else {
        intern(
            variable,
            Edges::Versions {
                first,
                rest: kept.into(),
            },
        )
    }
}

/// A decision by listed values, reduced: values that lead where every other value does vanish.
pub fn texts(
    variable: Variable,
    values: impl Iterator<Item = (Text, NodeId)>,
    other: NodeId,
) -> NodeId {
    let values: Box<[_]> = values.filter(|(_, child)| *child != other).collect();
    if values.is_empty() {
        other
    } else {
        intern(variable, Edges::Texts { values, other })
    }
}

/// A decision by truth, reduced.
pub fn truth(variable: Variable, low: NodeId, high: NodeId) -> NodeId {
    if low == high {
        low
    } else {
        intern(variable, Edges::Truth { low, high })
    }
}

fn join_versions(
    variable: Variable,
    left: &Edges,
    right: &Edges,
    join: &mut impl FnMut(NodeId, NodeId) -> NodeId,
) -> NodeId {
    let (
        Edges::Versions {
            first: left_first,
            rest: left,
        },
        Edges::Versions {
            first: right_first,
            rest: right,
        },
    ) = (left, right)
    else {
        unreachable!("both branch by versions")
    };
    let (mut left_child, mut right_child) = (*left_first, *right_first);
    let first = join(left_child, right_child);
    let (mut left, mut right) = (left.iter().peekable(), right.iter().peekable());
    let mut rest = Vec::with_capacity(left.len() + right.len());
    while let Some(cut) = [left.peek(), right.peek()]
        .into_iter()
        .flatten()
        .map(|edge| edge.0)
        .min()
    {
        if let Some((_, child)) = left.next_if(|edge| edge.0 == cut) {
            left_child = *child;
        }
        if let Some((_, child)) = right.next_if(|edge| edge.0 == cut) {
            right_child = *child;
        }
        rest.push((cut, join(left_child, right_child)));
    }
    versions(variable, first, rest.into_iter())
}

fn join_texts(
    variable: Variable,
    left: &Edges,
    right: &Edges,
    join: &mut impl FnMut(NodeId, NodeId) -> NodeId,
) -> NodeId {
    let (
        Edges::Texts {
            values: left,
            other: left_other,
        },
        Edges::Texts {
            values: right,
            other: right_other,
        },
    ) = (left, right)
    else {
        unreachable!("both branch by values")
    };
    let other = join(*left_other, *right_other);
    let (mut left, mut right) = (left.iter().peekable(), right.iter().peekable());
    let mut values = Vec::with_capacity(left.len() + right.len());
    while let Some(value) = [left.peek(), right.peek()]
        .into_iter()
        .flatten()
        .map(|edge| edge.0)
        .min()
    {
        let left_child = left
            .next_if(|edge| edge.0 == value)
            .map_or(*left_other, |edge| edge.1);
        let right_child = right
            .next_if(|edge| edge.0 == value)
            .map_or(*right_other, |edge| edge.1);
        values.push((value, join(left_child, right_child)));
    }
    texts(variable, values.into_iter(), other)
}
