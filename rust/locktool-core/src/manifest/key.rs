//! Keys that people write, each with what becomes of it: recorded in the lock and compared, or a matter of this machine.

/// A key of one of locktool's tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    pub name: &'static str,
    /// Other names of the same key: `constraint-dependencies`
    pub other_spellings: &'static [&'static str],
    /// One sentence for people.
    pub description: &'static str,
    pub role: Role,
}

/// What becomes of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It can change an answer: the lock records it, and a change makes the lock stale.
    Recorded,
    /// It cannot change an answer, for this reason.
    MachineOnly(&'static str),
}

impl Key {
    /// A key that is recorded.
    pub const fn recorded(name: &'static str, description: &'static str) -> Self {
        Self {
            name,
            other_spellings: &[],
            description,
            role: Role::Recorded,
        }
    }

    /// A key that is a matter of this machine, and why.
    pub const fn machine_only(
        name: &'static str,
        description: &'static str,
        reason: &'static str,
    ) -> Self {
        Self {
            name,
            other_spellings: &[],
            description,
            role: Role::MachineOnly(reason),
        }
    }

    /// Every name of the key.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.name).chain(self.other_spellings.iter().copied())
    }
}
