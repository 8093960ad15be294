//! What no file serves: releases that are locked for systems or Pythons on which none of their files can be installed.
//!
//! Files in one environment of the project are enough for a resolution: for which platforms a project is meant, nobody says, and a
//! release with wheels for some of them is better than none. What is not served is a warning, for the usual systems and Pythons.

use std::ops::RangeInclusive;

use crate::marker::Marker;

const SYSTEMS: [(&str, &str); 3] = [
    ("linux", "Linux"),
    ("darwin", "macOS"),
    ("win32", "Windows"),
];

/// The minor versions of Python 3 that are looked at. Of a newer one nearly every release that has wheels alone would be reported in the
/// months before it is built for (2026-11: of the 15th).
const MINORS: RangeInclusive<u32> = 8..=14;

/// Where the releases of a resolution have nothing to install.
pub(super) struct Unserved {
    systems: Vec<(&'static str, Marker)>,
    pythons: Vec<(u32, Marker)>,
    lines: Vec<String>,
}

impl Unserved {
    pub fn new() -> Self {
        let parse = |text: String| Marker::parse(&text).unwrap_or(Marker::FALSE);
        let systems = SYSTEMS.iter();
        Self {
            systems: systems
                .map(|(value, name)| (*name, parse(format!("sys_platform == '{value}'"))))
                .collect(),
            pythons: MINORS
                .map(|minor| (minor, parse(format!("python_version == '3.{minor}'"))))
                .collect(),
            lines: Vec::new(),
        }
    }

    /// Notes a release that is needed in some environments and has files for others.
    pub fn note(&mut self, title: &str, needed: Marker, covered: Marker) {
        if needed.implies(covered) {
            return;
        }
        let mut environments = Vec::new();
        let mut reported = Marker::FALSE;
        for (name, system) in &self.systems {
            if is_unserved(needed.and(*system), covered) {
                reported = reported.or(*system);
                environments.push((*name).to_owned());
            }
        }
        let rest = needed.difference(reported);
        let minors = self.pythons.iter();
        let minors = minors.filter(|(_, python)| is_unserved(rest.and(*python), covered));
        environments.extend(ranges(minors.map(|(minor, _)| *minor)));
        if let Some((last, others)) = environments.split_last() {
            let others = others.join(", ");
            let and = if others.is_empty() { "" } else { " and " };
            self.lines.push(format!("{title} for {others}{and}{last}"));
        }
    }

    /// The warning, a line for each release.
    pub fn warning(self) -> Option<String> {
        if self.lines.is_empty() {
            return None;
        }
        Some(format!(
            "no file can be installed of\n  {}\nnarrow `requires-python` or `environments` to what the project is for, or name what has \
             to work in `required-environments`: then versions are chosen that have files there",
            self.lines.join("\n  ")
        ))
    }
}

fn is_unserved(environments: Marker, covered: Marker) -> bool {
    !environments.is_false() && environments.is_disjoint(covered)
}

/// Minor versions in words: `Python 3.8`, `Python 3.12 to 3.14`.
fn ranges(minors: impl Iterator<Item = u32>) -> Vec<String> {
    let mut found: Vec<(u32, u32)> = Vec::new();
    for minor in minors {
        match found.last_mut() {
            Some((_, last)) if *last + 1 == minor => *last = minor,
            _ => found.push((minor, minor)),
        }
    }
    let texts = found.into_iter().map(|(first, last)| {
        if first == last {
            format!("Python 3.{first}")
        } else {
            format!("Python 3.{first} to 3.{last}")
        }
    });
    texts.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marker(text: &str) -> Marker {
        Marker::parse(text).unwrap()
    }

    #[test]
    fn systems_come_before_the_pythons_that_are_left() {
        let mut unserved = Unserved::new();
        let covered = marker("sys_platform == 'linux' and python_version in '3.11, 3.9'");
        unserved.note("a 1.0", marker("python_version >= '3.9'"), covered);
        unserved.note("b 1.0", marker("sys_platform == 'win32'"), covered);
        unserved.note(
            "c 1.0",
            marker("python_version == '3.11' and sys_platform == 'linux'"),
            covered,
        );
        assert_eq!(
            unserved.lines,
            [
                "a 1.0 for macOS, Windows, Python 3.10 and Python 3.12 to 3.14",
                "b 1.0 for Windows"
            ]
        );
    }
}
