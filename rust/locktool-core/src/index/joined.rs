//! What several wheels of a release say, as one: each requirement holds where a wheel is installed that states it.
//!
//! ```text
//! linux wheel    b>=1                      b>=1
//! windows wheel  b>=1, c==2             -> c==2 ; sys_platform == 'win32'
//! ```
//! Where no wheel can be installed the source distribution is, of which the first wheel tells most; without one nothing is, and what
//! all wheels state is required there.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::marker::Marker;
use crate::name::PackageName;
use crate::requirement::Requirement;
use crate::source::ReleaseMetadata;
use crate::version::Version;

/// What one wheel says, and the environments that the wheel stands for.
pub struct Statement {
    pub filename: String,
    pub metadata: Arc<ReleaseMetadata>,
    pub environments: Marker,
}

/// Wheels of a release that state different requirements.
#[derive(Clone, Debug)]
pub struct Disagreement {
    /// The packages that not all of them require alike.
    pub names: Vec<PackageName>,
    /// Two of the wheels and what one of them requires, for people.
    pub sentence: String,
}

/// Where no wheel can be installed.
#[derive(Clone, Copy, Debug)]
pub struct Rest {
    pub environments: Marker,
    pub has_sdist: bool,
}

/// The statements of a release's wheels as one. Nothing is changed of the first where all agree about the environments of the run.
pub fn joined(
    (package, version): (PackageName, Version),
    statements: &[Statement],
    rest: Rest,
    installable: Marker,
) -> (Arc<ReleaseMetadata>, Option<Disagreement>) {
    let [first, ..] = statements else {
        return (Arc::default(), None);
    };
    let requirements = requirements(statements);
    let differing: Vec<&Stated<'_>> = requirements
        .iter()
        .filter(|stated| stated.differs(statements, installable))
        .collect();
    let Some(first_difference) = differing.first() else {
        return (Arc::clone(&first.metadata), None);
    };
    let difference = first_difference.sentence(statements, installable);
    let more = match differing.len() {
        1 => String::new(),
        count => format!(" ({} more differ)", count - 1),
    };
    let sentence = format!(
        "the wheels of {package} {version} state different requirements: {difference}{more}; each is locked where a wheel that states it \
         is installed"
    );
    let names = differing.iter().map(|one| one.published.name).collect();
    let mut provides_extras = first.metadata.provides_extras.clone();
    for statement in statements {
        let extras = statement.metadata.provides_extras.iter();
        let unknown: Vec<_> = extras
            .filter(|one| !provides_extras.contains(one))
            .collect();
        provides_extras.extend(unknown);
    }
    let metadata = ReleaseMetadata {
        requires_dist: requirements
            .iter()
            .map(|stated| Requirement {
                marker: stated.joined(statements, rest),
                ..stated.published.clone()
            })
            .collect(),
        requires_python: first.metadata.requires_python.clone(),
        provides_extras,
        build_requires: None,
    };
    (Arc::new(metadata), Some(Disagreement { names, sentence }))
}

/// A requirement, whatever its marker, and where each statement requires it.
struct Stated<'a> {
    published: &'a Requirement,
    markers: Vec<Marker>,
}

impl Stated<'_> {
    /// Where the wheel is installed that requires it.
    fn joined(&self, statements: &[Statement], rest: Rest) -> Marker {
        let of_rest = if rest.has_sdist {
            self.markers[0]
        } else {
            self.markers.iter().copied().fold(Marker::TRUE, Marker::and)
        };
        let stated = statements.iter().zip(&self.markers);
        let stated = stated.map(|(statement, marker)| statement.environments.and(*marker));
        stated.fold(rest.environments.and(of_rest), Marker::or)
    }

    /// The first statement that differs from the first of all in the environments that it stands for.
    fn other(&self, statements: &[Statement], installable: Marker) -> Option<usize> {
        statements
            .iter()
            .zip(&self.markers)
            .position(|(one, marker)| {
                let installed = one.environments.and(installable);
                installed.and(*marker) != installed.and(self.markers[0])
            })
    }

    fn differs(&self, statements: &[Statement], installable: Marker) -> bool {
        self.other(statements, installable).is_some()
    }

    /// Which of two wheels requires it.
    fn sentence(&self, statements: &[Statement], installable: Marker) -> String {
        let other = self.other(statements, installable).unwrap_or(0);
        let installed = statements[other].environments.and(installable);
        let is_stated_by_other = !self.markers[other]
            .difference(self.markers[0])
            .and(installed)
            .is_false();
        let (states, lacks) = if is_stated_by_other {
            (other, 0)
        } else {
            (0, other)
        };
        let requirement = Requirement {
            marker: self.markers[states],
            ..self.published.clone()
        };
        format!(
            "{} requires {requirement}, {} does not",
            statements[states].filename, statements[lacks].filename
        )
    }
}

/// The requirements of all statements, in the order in which the statements name them.
fn requirements(statements: &[Statement]) -> Vec<Stated<'_>> {
    let mut all: Vec<Stated<'_>> = Vec::new();
    let mut known: FxHashMap<String, usize> = FxHashMap::default();
    for (position, statement) in statements.iter().enumerate() {
        for requirement in &statement.metadata.requires_dist {
            let unconditional = Requirement {
                marker: Marker::TRUE,
                ..requirement.clone()
            };
            let at = *known.entry(unconditional.to_string()).or_insert_with(|| {
                all.push(Stated {
                    published: requirement,
                    markers: vec![Marker::FALSE; statements.len()],
                });
                all.len() - 1
            });
            let marker = &mut all[at].markers[position];
            *marker = marker.or(requirement.marker);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statement(filename: &str, environments: &str, requires: &[&str]) -> Statement {
        let requires_dist = requires.iter().map(|text| text.parse().unwrap()).collect();
        Statement {
            filename: filename.to_owned(),
            metadata: Arc::new(ReleaseMetadata {
                requires_dist,
                ..ReleaseMetadata::default()
            }),
            environments: Marker::parse(environments).unwrap(),
        }
    }

    fn join(linux: &[&str], windows: &[&str], installable: &str) -> (Vec<String>, Option<String>) {
        join_with_sdist(linux, windows, (installable, false))
    }

    fn join_with_sdist(
        linux: &[&str],
        windows: &[&str],
        (installable, has_sdist): (&str, bool),
    ) -> (Vec<String>, Option<String>) {
        let statements = [
            statement("linux.whl", "sys_platform == 'linux'", linux),
            statement("windows.whl", "sys_platform == 'win32'", windows),
        ];
        let title = (PackageName::parse("a").unwrap(), "1".parse().unwrap());
        let installable = Marker::parse(installable).unwrap();
        let rest = Rest {
            environments: Marker::parse("sys_platform != 'linux' and sys_platform != 'win32'")
                .unwrap(),
            has_sdist,
        };
        let (metadata, disagreement) = joined(title, &statements, rest, installable);
        let texts = metadata.requires_dist.iter().map(ToString::to_string);
        (texts.collect(), disagreement.map(|one| one.sentence))
    }

    const ANY: &str = "python_version >= '3.8'";

    #[test]
    fn a_requirement_holds_where_its_wheel_is_installed() {
        let (requires, sentence) = join(&["b>=1"], &["b>=1", "c==2"], ANY);
        assert_eq!(requires, ["b>=1", "c==2; sys_platform == 'win32'"]);
        assert_eq!(
            sentence.as_deref(),
            Some(
                "the wheels of a 1 state different requirements: windows.whl requires c==2, linux.whl does not; each is locked \
                 where a wheel that states it is installed"
            )
        );
        let (requires, sentence) = join(&["c==2"], &["c<2"], ANY);
        assert_eq!(
            requires,
            [
                "c==2; sys_platform == 'linux'",
                "c<2; sys_platform == 'win32'"
            ]
        );
        assert!(
            sentence
                .unwrap()
                .contains("linux.whl requires c==2, windows.whl does not")
        );
    }

    #[test]
    fn wheels_that_agree_where_they_are_installed_agree() {
        let (requires, sentence) = join(&["c ; platform_system == 'Linux'"], &[], ANY);
        assert_eq!(requires, ["c; sys_platform == 'linux'"]);
        assert_eq!(sentence, None);
        assert_eq!(join(&["b", "c"], &["c", "b"], ANY).1, None);
        assert_eq!(join(&["b ; os_name == 'nt'", "b"], &["b"], ANY).1, None);
    }

    #[test]
    fn what_no_environment_of_the_run_sees_is_no_difference() {
        assert_eq!(
            join(&["b"], &["c"], "sys_platform == 'linux'"),
            (vec!["b".to_owned()], None)
        );
    }

    #[test]
    fn where_no_wheel_is_installed_the_first_speaks_for_the_source_distribution() {
        let (with_sdist, _) = join_with_sdist(&["b", "c"], &["b"], (ANY, true));
        assert_eq!(with_sdist, ["b", "c; sys_platform != 'win32'"]);
        let (without, _) = join_with_sdist(&["b", "c"], &["b"], (ANY, false));
        assert_eq!(without, ["b", "c; sys_platform == 'linux'"]);
    }
}
