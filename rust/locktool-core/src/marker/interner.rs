//! The one table of diagram nodes: the same branches are the same node.
//!
//! Nodes are appended and never freed, so reading one takes no lock. Finding the node for given
//! branches takes the lock of one of a few shards, chosen by hash, and so does the memory of
//! finished operations. Ids depend on the order of arrival; nothing that is shown may.

use std::hash::BuildHasher;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use rustc_hash::{FxBuildHasher, FxHashMap};
use smallvec::SmallVec;

use crate::marker::interpreter::Cut;
use crate::marker::text::Text;
use crate::marker::variable::Variable;
use crate::marker::{budget, exclusion};

/// A node by its place in the table.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct NodeId(pub u32);

impl NodeId {
    /// The leaf that holds nowhere.
    pub const FALSE: Self = Self(0);
    /// The leaf that holds wherever it is reached.
    pub const LEAF: Self = Self(1);
    /// The diagram of the valid platforms, which has its id before anything is interned.
    pub const UNIVERSE: Self = Self(2);

    const FIRST_INDEXED: u32 = 3;

    pub fn is_leaf(self) -> bool {
        self.0 <= Self::LEAF.0
    }
}

/// The branches of a node, neighbours distinct.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Edges {
    /// `first` below the first cut, then each child from its cut on.
    Versions {
        first: NodeId,
        rest: Box<[(Cut, NodeId)]>,
    },
    /// The listed values in order, and every other value.
    Texts {
        values: Box<[(Text, NodeId)]>,
        other: NodeId,
    },
    /// False and true.
    Truth { low: NodeId, high: NodeId },
}

/// A decision.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Node {
    pub variable: Variable,
    pub edges: Edges,
}

/// A binary operation whose results are remembered.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    And,
    Or,
    /// The first and not the second.
    Difference,
    /// `And` of diagrams that need not imply the valid platforms.
    Meet,
    /// `Or` of such diagrams.
    Join,
    /// `Difference` of such diagrams.
    Remove,
}

/// What is taken out of a diagram, by an operation whose results are remembered: every requirement that is read is asked for these
/// several times.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Projection {
    /// No extra is chosen.
    WithoutExtra,
    /// Some choice of extras and groups is made.
    WithoutMemberships,
}

const SHARDS: usize = 16;
/// A shard of the memory is emptied at this size (about 24 bytes an entry).
const REMEMBERED: usize = 1 << 18;

type Identities = FxHashMap<u64, SmallVec<[u32; 2]>>;
type Memory = FxHashMap<(Operation, NodeId, NodeId), NodeId>;

struct Interner {
    nodes: boxcar::Vec<Node>,
    identities: [Mutex<Identities>; SHARDS],
    memory: [Mutex<Memory>; SHARDS],
    projected: [Mutex<FxHashMap<(Projection, NodeId), NodeId>>; SHARDS],
}

static INTERNER: LazyLock<Interner> = LazyLock::new(|| Interner {
    nodes: boxcar::Vec::new(),
    identities: std::array::from_fn(|_| Mutex::default()),
    memory: std::array::from_fn(|_| Mutex::default()),
    projected: std::array::from_fn(|_| Mutex::default()),
});

/// The node with this id, which must not be a leaf.
pub fn node(id: NodeId) -> &'static Node {
    if id == NodeId::UNIVERSE {
        return exclusion::universe_node();
    }
    &INTERNER.nodes[(id.0 - NodeId::FIRST_INDEXED) as usize]
}

/// The id of the node with these branches, which must differ from one another.
pub fn intern(variable: Variable, edges: Edges) -> NodeId {
    if variable == Variable::SysPlatform && edges == exclusion::universe_node().edges {
        return NodeId::UNIVERSE;
    }
    let node = Node { variable, edges };
    let hash = FxBuildHasher.hash_one(&node);
    let mut identities = lock(&INTERNER.identities, hash);
    let candidates = identities.entry(hash).or_default();
    let known = candidates
        .iter()
        .find(|index| INTERNER.nodes[**index as usize] == node)
        .copied();
    if let Some(index) = known {
        return NodeId(index + NodeId::FIRST_INDEXED);
    }
    let index = u32::try_from(INTERNER.nodes.push(node)).expect("fewer than four billion nodes");
    candidates.push(index);
    drop(identities);
    budget::count();
    NodeId(index + NodeId::FIRST_INDEXED)
}

/// How many nodes the diagrams of this process have.
pub fn node_count() -> u32 {
    u32::try_from(INTERNER.nodes.count()).expect("fewer than four billion nodes")
}

/// The remembered result of an operation.
pub fn recall(operation: Operation, left: NodeId, right: NodeId) -> Option<NodeId> {
    let key = (operation, left, right);
    lock(&INTERNER.memory, FxBuildHasher.hash_one(key))
        .get(&key)
        .copied()
}

/// Remembers the result of an operation.
pub fn remember(operation: Operation, left: NodeId, right: NodeId, result: NodeId) {
    let key = (operation, left, right);
    let mut memory = lock(&INTERNER.memory, FxBuildHasher.hash_one(key));
    if memory.len() >= REMEMBERED {
        memory.clear();
    }
    memory.insert(key, result);
}

/// What remains of a diagram: remembered, or computed.
pub fn projected(projection: Projection, id: NodeId, compute: impl FnOnce() -> NodeId) -> NodeId {
    let key = (projection, id);
    let hash = FxBuildHasher.hash_one(key);
    if let Some(known) = lock(&INTERNER.projected, hash).get(&key) {
        return *known;
    }
    let result = compute();
    lock(&INTERNER.projected, hash).insert(key, result);
    result
}

/// The shard of a hash. Maps use the high and low bits, so the shard takes some between.
fn lock<T>(shards: &'static [Mutex<T>; SHARDS], hash: u64) -> MutexGuard<'static, T> {
    let index = (hash >> 40) as usize % SHARDS;
    shards[index].lock().unwrap_or_else(PoisonError::into_inner)
}
