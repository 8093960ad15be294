//! Which wheel of a release speaks for the others: a total order of wheels by their names alone.
//!
//! ```text
//! py3-none-any < cp313-manylinux_2_28_x86_64 < cp312-manylinux_2_28_x86_64 < cp39-abi3-manylinux_2_28_x86_64
//!              < cp313-musllinux_1_2_x86_64 < cp313-macosx_11_0_arm64 < cp313-win_amd64
//!              < cp313t-manylinux_2_28_x86_64 < pp311-manylinux_2_28_x86_64
//! ```
//! Pure wheels come first, since they are for the most environments; then regular builds of `CPython` by platform, Linux on
//! `x86_64` before the others and the newest Python first; then builds for other interpreters. Of rebuilds the last one is first.

use std::cmp::Reverse;

use crate::distribution::filename::{BuildTag, DistributionFilename};
use crate::distribution::platform::{PlatformTag, macos_machines};
use crate::distribution::tag::{Implementation, Interpreter, WheelTags};
use crate::name::PackageName;

/// The place of a wheel among those of its release: the lowest speaks first. Equal for equal file names alone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Precedence {
    interpreter: u8,
    platform: u8,
    python: Reverse<(u32, u32)>,
    build: Reverse<Option<BuildTag>>,
    filename: Box<str>,
}

impl Precedence {
    /// The place of a file of a package; `None` for what is no wheel of it.
    pub fn of_file(filename: &str, package: PackageName) -> Option<Self> {
        match DistributionFilename::parse(filename, package) {
            Ok(DistributionFilename::Wheel { build, tags, .. }) => {
                Some(Self::of(filename, build.as_ref(), &tags))
            }
            _ => None,
        }
    }

    /// The place of a wheel with these tags and this build tag.
    pub fn of(filename: &str, build: Option<&BuildTag>, tags: &WheelTags) -> Self {
        let interpreter = tags.interpreters().map(interpreter_rank).min();
        let platform = tags.platform().map(platform_rank).min();
        let best = interpreter.unwrap_or(u8::MAX);
        let pythons = tags.interpreters();
        let pythons = pythons.filter(|one| interpreter_rank(*one) == best);
        let python = pythons.map(|one| (one.major, one.minor)).max();
        Self {
            interpreter: best,
            platform: platform.unwrap_or(u8::MAX),
            python: Reverse(python.unwrap_or_default()),
            build: Reverse(build.cloned()),
            filename: filename.into(),
        }
    }
}

/// Regular builds of `CPython`, its special builds, other interpreters.
fn interpreter_rank(interpreter: Interpreter<'_>) -> u8 {
    match interpreter.implementation {
        Implementation::Any => 0,
        // `m` and `u` are letters of regular builds before 3.8.
        Implementation::CPython if !interpreter.flags.contains(['t', 'd']) => 0,
        Implementation::CPython => 1,
        Implementation::PyPy => 2,
        Implementation::Other(_) => 3,
    }
}

fn platform_rank(tag: &str) -> u8 {
    match PlatformTag::parse(tag) {
        Some(PlatformTag::Any) => 0,
        Some(PlatformTag::Manylinux { machine, .. } | PlatformTag::Linux { machine }) => {
            match machine {
                "x86_64" => 1,
                "aarch64" => 3,
                _ => 10,
            }
        }
        Some(PlatformTag::Musllinux { machine, .. }) => match machine {
            "x86_64" => 2,
            "aarch64" => 4,
            _ => 11,
        },
        Some(PlatformTag::MacOs { format, .. }) => {
            let machines = macos_machines(format);
            match (machines.contains(&"arm64"), machines.contains(&"x86_64")) {
                (true, _) => 5,
                (_, true) => 6,
                _ => 12,
            }
        }
        Some(PlatformTag::Windows { machine }) => match machine {
            "AMD64" => 7,
            "ARM64" => 8,
            _ => 9,
        },
        Some(_) => 13,
        None => u8::MAX,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn precedence(filename: &str) -> Option<Precedence> {
        Precedence::of_file(filename, PackageName::parse("a").unwrap())
    }

    #[test]
    fn pure_wheels_then_linux_with_the_newest_python_then_the_rest() {
        let ordered = [
            "a-1-2-py3-none-any.whl",
            "a-1-1-py3-none-any.whl",
            "a-1-py3-none-any.whl",
            "a-1-py2-none-any.whl",
            "a-1-cp313-cp313-manylinux_2_28_x86_64.whl",
            "a-1-cp312-cp312-manylinux1_x86_64.whl",
            "a-1-cp312-cp312-manylinux_2_28_x86_64.whl",
            "a-1-cp39-abi3-manylinux_2_28_x86_64.whl",
            "a-1-cp36-cp36m-manylinux_2_28_x86_64.whl",
            "a-1-cp313-cp313-musllinux_1_2_x86_64.whl",
            "a-1-cp313-cp313-manylinux_2_28_aarch64.whl",
            "a-1-cp313-cp313-macosx_11_0_universal2.whl",
            "a-1-cp313-cp313-macosx_10_9_x86_64.whl",
            "a-1-cp313-cp313-win_amd64.whl",
            "a-1-cp313-cp313-win32.whl",
            "a-1-cp313-cp313-manylinux_2_28_s390x.whl",
            "a-1-cp313-cp313t-manylinux_2_28_x86_64.whl",
            "a-1-pp311-pypy311_pp73-manylinux_2_28_x86_64.whl",
        ];
        let mut sorted = ordered;
        sorted.reverse();
        sorted.sort_by_key(|filename| precedence(filename));
        assert_eq!(sorted, ordered);
    }
}
