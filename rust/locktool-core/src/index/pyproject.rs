//! The `[project]` table of a source tree, where it says all that metadata would (PEP 621): then nothing is built.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;

use crate::marker::Marker;
use crate::name::{ExtraName, PackageName};
use crate::requirement::Requirement;
use crate::source::ReleaseMetadata;
use crate::version::{SpecifierSet, Version};

#[derive(Deserialize)]
struct Document {
    project: Option<Project>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Project {
    name: String,
    version: Option<String>,
    requires_python: Option<String>,
    #[serde(default)]
    dependencies: Vec<String>,
    #[serde(default)]
    optional_dependencies: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    dynamic: Vec<String>,
}

/// What a `[project]` table says.
#[derive(Debug)]
pub struct StaticProject {
    pub name: PackageName,
    /// `None` where the version is dynamic.
    pub version: Option<Version>,
    pub metadata: ReleaseMetadata,
}

/// Reads the table; the reason says why a build would be needed to know.
pub fn parse(text: &[u8]) -> Result<StaticProject, String> {
    let text =
        std::str::from_utf8(text).map_err(|_| "its pyproject.toml is not UTF-8".to_owned())?;
    let document: Document = toml::from_str(text)
        .map_err(|error| format!("its pyproject.toml cannot be read ({})", error.message()))?;
    let project = document
        .project
        .ok_or("its pyproject.toml has no [project] table")?;
    for field in ["dependencies", "optional-dependencies", "requires-python"] {
        if project.dynamic.iter().any(|dynamic| dynamic == field) {
            return Err(format!("its {field} are computed by its build"));
        }
    }
    let name = PackageName::parse(&project.name).map_err(|error| error.to_string())?;
    let version = project.version.map(|text| text.parse::<Version>());
    let requires_python = project
        .requires_python
        .map(|text| text.parse::<SpecifierSet>());
    let mut metadata = ReleaseMetadata {
        requires_python: requires_python
            .transpose()
            .map_err(|error| error.to_string())?
            .map(Arc::new),
        ..ReleaseMetadata::default()
    };
    for wish in &project.dependencies {
        metadata.requires_dist.push(requirement(wish)?);
    }
    for (extra, wishes) in &project.optional_dependencies {
        let extra = ExtraName::parse(extra).map_err(|error| error.to_string())?;
        metadata.provides_extras.push(extra);
        for wish in wishes {
            let mut wish = requirement(wish)?;
            wish.marker = wish.marker.and(Marker::extra(extra));
            metadata.requires_dist.push(wish);
        }
    }
    let version = version.transpose().map_err(|error| error.to_string())?;
    Ok(StaticProject {
        name,
        version,
        metadata,
    })
}

fn requirement(text: &str) -> Result<Requirement, String> {
    text.parse::<Requirement>()
        .map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_complete_table_needs_no_build() {
        let project = parse(
            b"[project]\nname = 'A.b'\nversion = '1.0'\nrequires-python = '>=3.9'\n\
              dependencies = ['c>=1']\noptional-dependencies.x = ['d']\n",
        )
        .expect("static");
        assert_eq!(
            (project.name.as_str(), project.version),
            ("a-b", "1.0".parse().ok())
        );
        let wishes: Vec<_> = project
            .metadata
            .requires_dist
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(wishes.len(), 2);
        assert!(wishes[1].contains("extra"), "{wishes:?}");
    }

    #[test]
    fn dynamic_dependencies_and_missing_tables_need_one() {
        assert!(parse(b"[project]\nname = 'a'\ndynamic = ['dependencies']").is_err());
        assert!(parse(b"[build-system]\nrequires = []").is_err());
        assert!(parse(b"[project").is_err());
        let dynamic = parse(b"[project]\nname = 'a'\ndynamic = ['version']").expect("static");
        assert_eq!(dynamic.version, None);
    }
}
