//! Whether an installer takes a wheel: the one place that decides it, by the tags that the interpreter installs.
//!
//! In: the tags of an interpreter in their order ([`super::interpreter_tags`]) and those of a wheel. Out: whether one of the wheel's
//! is among them, and at which place.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::distribution::tag::WheelTags;

/// The wheel tags that one interpreter installs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CompatibleTags {
    places: FxHashMap<Box<str>, usize>,
    platforms: FxHashSet<Box<str>>,
}

impl CompatibleTags {
    /// Takes the tags in their order, the preferred ones first: `["cp312-cp312-linux_x86_64", ...]`.
    pub fn new(tags: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        let mut compatible = Self::default();
        for (place, tag) in tags.into_iter().enumerate() {
            let tag = tag.as_ref();
            compatible.places.entry(tag.into()).or_insert(place);
            if let Some((_, platform)) = tag.rsplit_once('-')
                && !compatible.platforms.contains(platform)
            {
                compatible.platforms.insert(platform.into());
            }
        }
        compatible
    }

    /// The place of the most preferred tag of a wheel; `None` where the interpreter does not take it.
    pub fn place(&self, tags: &WheelTags) -> Option<usize> {
        let mut best: Option<usize> = None;
        let mut text = String::new();
        for platform in tags.platform().filter(|one| self.platforms.contains(*one)) {
            for (python, abi) in tags
                .python()
                .flat_map(|python| tags.abi().map(move |abi| (python, abi)))
            {
                text.clear();
                for part in [python, "-", abi, "-", platform] {
                    text.push_str(part);
                }
                if let Some(place) = self.places.get(text.as_str()) {
                    best = Some(best.map_or(*place, |best| best.min(*place)));
                }
            }
        }
        best
    }

    /// Whether a wheel is for the platform, whatever Python it is for.
    pub fn has_platform_of(&self, tags: &WheelTags) -> bool {
        tags.platform()
            .any(|platform| self.platforms.contains(platform))
    }
}

/// Whether an installer for the interpreter takes a wheel with these tags.
pub fn is_compatible(tags: &WheelTags, compatible: &CompatibleTags) -> bool {
    compatible.place(tags).is_some()
}
