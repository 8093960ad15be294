//! The line of versions that an interpreter can have, and the cuts that comparisons make in it.
//!
//! `X.Y.Z`, an alpha, beta or candidate of it, and builds of either with a local label are all
//! there is (`platform.python_version()`, `sys.implementation.version`): no epochs, posts or
//! developmental releases. A comparison is asked at one version of every stretch between the
//! places where its answer can change, so whatever the version rules say is what the cuts say,
//! and different texts with the same answer on real interpreters make the same cuts:
//!
//! ```text
//! 3.9.0a1 < .. < 3.9.0rc2 < 3.9.0 < 3.9.0+local < 3.9.1a0 < ..
//! |              |          |      ^ AfterVersion
//! (3,9,0,0,0)    (3,9,0,2,2)  (3,9,0,3,0)
//! ```

use std::fmt::Write;

use smallvec::SmallVec;

use crate::marker::text::Text;
use crate::version::{PreKind, Version};

/// The stage of a version that is no pre-release.
const FINAL: u8 = 3;

/// A place in the line: everything from here on lies above it.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cut {
    pub major: u64,
    pub minor: u64,
    pub micro: u64,
    /// 0 alpha, 1 beta, 2 candidate, 3 final.
    pub stage: u8,
    /// The number of the pre-release; 0 in the final stage.
    pub number: u64,
    pub build: Build,
}

/// Where a cut stands among a version and its local builds.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Build {
    /// Below the version itself: `3.13.0`.
    Version,
    /// Above the version, below all its local builds.
    AfterVersion,
    /// Beside the build with this label: `3.13.0+local`.
    Label(Text, Side),
}

/// Which side of a build a cut is on.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    Below,
    Above,
}

/// A union of stretches, as the sorted cuts where membership changes, starting outside.
pub type Cuts = Vec<Cut>;

impl Cut {
    const LOWEST: Self = Self::minor(0, 0);

    /// Below every `X.Y` version.
    pub const fn minor(major: u64, minor: u64) -> Self {
        Self::release(major, minor, 0)
    }

    /// Below every `X.Y.Z` version, pre-releases included.
    pub const fn release(major: u64, minor: u64, micro: u64) -> Self {
        Self {
            major,
            minor,
            micro,
            stage: 0,
            number: 0,
            build: Build::Version,
        }
    }

    /// The point of a version; what an interpreter cannot have counts as its nearest neighbour.
    pub fn of(version: Version) -> Self {
        let release = version.release();
        let part = |index: usize| release.get(index).copied().unwrap_or(0);
        let (stage, number) = match version.pre() {
            Some((PreKind::Alpha, number)) => (0, number),
            Some((PreKind::Beta, number)) => (1, number),
            Some((PreKind::ReleaseCandidate, number)) => (2, number),
            None if version.dev().is_some() && version.post().is_none() => (0, 0),
            None => (FINAL, 0),
        };
        let build = version.local().map_or(Build::Version, |label| {
            Build::Label(Text::intern(&label), Side::Below)
        });
        Self {
            major: part(0),
            minor: part(1),
            micro: part(2),
            stage,
            number,
            build,
        }
    }

    /// The `(major, minor)` whose versions all lie above this cut and all lower ones below it.
    pub fn as_minor(self) -> Option<(u64, u64)> {
        (self == Self::minor(self.major, self.minor)).then_some((self.major, self.minor))
    }

    /// How simply text can name the cut.
    pub fn plainness(self) -> u8 {
        match self.build {
            _ if self.as_minor().is_some() => 3,
            _ if self.is_release() => 2,
            Build::Version => 1,
            _ => 0,
        }
    }

    /// Whether all versions of the release, pre-releases included, lie above.
    pub fn is_release(self) -> bool {
        self == Self::release(self.major, self.minor, self.micro)
    }

    /// Whether the version at the cut is a pre-release.
    pub fn is_prerelease(self) -> bool {
        self.stage != FINAL
    }

    /// The text of the first version above the cut.
    pub fn version_text(self) -> String {
        let mut text = format!("{}.{}.{}", self.major, self.minor, self.micro);
        let stage = ["a", "b", "rc"].get(usize::from(self.stage));
        // Writing to a string cannot fail.
        let _ = stage.map_or(Ok(()), |stage| write!(text, "{stage}{}", self.number));
        match self.build {
            Build::Version => {}
            Build::AfterVersion => text.push_str("+0.0.0.0"),
            Build::Label(label, Side::Below) => {
                let _ = write!(text, "+{}", label.as_str());
            }
            Build::Label(label, Side::Above) => {
                let _ = write!(text, "+{}.0", label.as_str());
            }
        }
        text
    }

    /// The next version of the line that is no local build.
    pub fn successor(self) -> Self {
        if self.stage == FINAL {
            Self::release(self.major, self.minor, self.micro.saturating_add(1))
        } else {
            Self {
                number: self.number.saturating_add(1),
                build: Build::Version,
                ..self
            }
        }
    }

    fn with_build(self, build: Build) -> Self {
        Self { build, ..self }
    }

    /// Whether some version of the line lies below and some above.
    fn divides(self) -> bool {
        let overflows = [self.major, self.minor, self.micro, self.number].contains(&u64::MAX);
        self > Self::LOWEST && !overflows
    }

    /// The places where an answer about `version` or its prefixes can change.
    fn around(version: Version) -> SmallVec<[Self; 16]> {
        let point = Self::of(version);
        let base = point.with_build(Build::Version);
        let Self {
            major,
            minor,
            micro,
            ..
        } = point;
        let mut cuts = SmallVec::from_slice(&[
            Self::minor(major, 0),
            Self::minor(major.saturating_add(1), 0),
            Self::minor(major, minor),
            Self::minor(major, minor.saturating_add(1)),
            Self::release(major, minor, micro),
            Self::release(major, minor, micro.saturating_add(1)),
            base,
            base.with_build(Build::AfterVersion),
            base.successor(),
            Self {
                stage: FINAL,
                number: 0,
                ..base
            },
        ]);
        if let Build::Label(label, _) = point.build {
            cuts.push(point);
            cuts.push(base.with_build(Build::Label(label, Side::Above)));
        }
        cuts
    }
}

/// The versions of interpreters for which `contains` holds, given the versions it speaks about.
///
/// `contains` gets the text of a version, e.g. `3.9.0rc1`.
pub fn cuts_of(versions: &[Version], contains: impl Fn(&str) -> bool) -> Cuts {
    let cuts = versions.iter().flat_map(|version| Cut::around(*version));
    stretches(cuts, |cut| contains(&cut.version_text()))
}

/// The same for `python_version`, which is asked only at texts like `3.9`.
pub fn minor_cuts_of(version: Option<Version>, contains: impl Fn(&str) -> bool) -> Cuts {
    let point = version.map_or(Cut::LOWEST, Cut::of);
    let (major, minor) = (point.major, point.minor);
    let cuts = [
        Cut::minor(major, 0),
        Cut::minor(major, minor),
        Cut::minor(major, minor.saturating_add(1)),
        Cut::minor(major.saturating_add(1), 0),
    ];
    stretches(cuts, |cut| {
        contains(&format!("{}.{}", cut.major, cut.minor))
    })
}

/// Asks `holds` at the first version of every stretch between the cuts.
fn stretches(cuts: impl IntoIterator<Item = Cut>, holds: impl Fn(Cut) -> bool) -> Cuts {
    let mut places: SmallVec<[Cut; 16]> = cuts.into_iter().filter(|cut| cut.divides()).collect();
    places.push(Cut::LOWEST);
    places.sort_unstable();
    places.dedup();
    let mut inside = false;
    let mut changes = Cuts::new();
    for place in places {
        if holds(place) != inside {
            inside = !inside;
            changes.push(place);
        }
    }
    changes
}

/// Cuts of the given sorted, disjoint stretches `[start, end)`.
pub fn cuts_of_stretches(stretches: impl IntoIterator<Item = (Cut, Cut)>) -> Cuts {
    let mut cuts = Cuts::new();
    for (start, end) in stretches {
        if cuts.last() == Some(&start) {
            cuts.pop();
        } else {
            cuts.push(start);
        }
        cuts.push(end);
    }
    cuts
}
