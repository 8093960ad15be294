//! What is probably a mistake in a project: misspelt keys, keys of uv that are not honoured, markers that cannot mean what they say.

use std::collections::BTreeSet;

use crate::document::caret::quoted;
use crate::document::{LocatedError, Step, Table, location, nearest};
use crate::marker::{Comparator, Comparison, Expression, Field};
use crate::name::PackageName;
use crate::requirement::Requirement;
use crate::version::Version;

use super::keys::OF_PROJECT;
use super::member::ProjectMember;
use super::tables::{SETTINGS_FILE, own_tables};

/// The tables of pyproject.toml.
const TOP_KEYS: [&str; 4] = ["build-system", "dependency-groups", "project", "tool"];

/// Keys of `[tool.pdm]` that change what PDM locks and that are not read here.
const KEYS_OF_PDM: [&str; 3] = ["dev-dependencies", "resolution", "source"];

/// Keys of `[tool.uv]` that change what uv locks and that are not honoured here.
const FOREIGN_KEYS: [&str; 6] = [
    "config-settings",
    "config-settings-package",
    "index-strategy",
    "no-index",
    "no-sources",
    "no-sources-package",
];

/// The warnings about one member's file.
///
/// # Errors
/// When `[project]`, `[tool]` or `[tool.uv]` is no table.
pub fn of_file(member: &ProjectMember) -> Result<Vec<String>, LocatedError> {
    let document = Table::of(&member.file);
    let mut warnings = Vec::new();
    misspelt(&document, &TOP_KEYS, &mut warnings);
    misspelt(&document.table("project")?, &OF_PROJECT, &mut warnings);
    let uv = document.table("tool")?.table("uv")?;
    let foreign: Vec<&str> = FOREIGN_KEYS.into_iter().filter(|key| uv.has(key)).collect();
    if !foreign.is_empty() {
        warnings.push(format!(
            "{}: {} of [tool.uv] can change what uv locks and {} not honoured",
            location(member.file.path(), None, None),
            foreign.join(", "),
            if foreign.len() == 1 { "is" } else { "are" },
        ));
    }
    if let Ok(pdm) = document.table("tool")?.table("pdm") {
        let keys = KEYS_OF_PDM.into_iter().filter(|key| pdm.has(key));
        let keys: Vec<&str> = keys.collect();
        if !keys.is_empty() {
            warnings.push(format!(
                "{}: {} of [tool.pdm] {} not read; [dependency-groups] and [tool.locktool] can say the same",
                location(member.file.path(), None, None),
                keys.join(", "),
                if keys.len() == 1 { "is" } else { "are" },
            ));
        }
    }
    warnings.extend(sources_of_uv(&document, member)?);
    if let Some((line, what)) = member.file.newer_toml() {
        warnings.push(format!(
            "{}: {what} is TOML 1.1, which Python before 3.15 cannot read",
            location(member.file.path(), Some(line), None),
        ));
    }
    Ok(warnings)
}

/// Sources that uv would follow, beside a table of locktool's own that takes the place of the whole.
fn sources_of_uv(
    document: &Table<'_>,
    member: &ProjectMember,
) -> Result<Option<String>, LocatedError> {
    let own = own_tables(document)?;
    let Some(own) = own.iter().find(|own| own.has("sources")) else {
        return Ok(None);
    };
    let uv = document.table("tool")?.table("uv")?.table("sources")?;
    let own = own.table("sources")?;
    let name = |key: &str| PackageName::parse(key).ok();
    let known: BTreeSet<_> = own.keys().map(name).collect();
    let left: Vec<&str> = uv
        .keys()
        .filter(|key| !known.contains(&name(key)))
        .collect();
    Ok((!left.is_empty()).then(|| {
        format!(
            "{}: {} takes the place of [tool.uv.sources], which also has {}; name the source there too",
            location(member.file.path(), None, None),
            heading(&own),
            left.join(", ")
        )
    }))
}

/// A table as people find it: `[tool.locktool.sources]`, or `[sources]` of a file of settings.
fn heading(table: &Table<'_>) -> String {
    let name = table.name_of(&[]);
    if table.name_of(&[]).starts_with("tool.") {
        return format!("[{name}]");
    }
    format!("[{name}] of {SETTINGS_FILE}")
}

/// Keys that nobody knows and that are nearly those that somebody does.
fn misspelt(table: &Table<'_>, known: &[&str], warnings: &mut Vec<String>) {
    for key in table.keys().filter(|key| !known.contains(key)) {
        // `requires_python` and `Dependencies` are as near as can be.
        let plain = key.to_lowercase().replace('_', "-");
        if let Some(meant) = nearest(&plain, known.iter().copied()) {
            let steps: [Step; 1] = [key.into()];
            let name = table.name_of(&steps);
            let message = format!("{name} is not a key; did you mean '{meant}'?");
            warnings.push(table.error("misspelt-key", &message, &steps).message);
        }
    }
}

/// Requirements of a member whose markers cannot hold, or compare a version with what is none.
pub fn of_requirements(member: &ProjectMember) -> Vec<String> {
    let mut warnings = Vec::new();
    for requirement in member.requirements() {
        let file = location(member.file.path(), None, None);
        let name = name_of(requirement);
        if requirement.marker.is_false() {
            warnings.push(format!(
                "{file}: the marker of {name} holds in no environment, so it is never installed"
            ));
        } else if requirement.marker.with_extras(&[]).is_false() {
            warnings.push(format!(
                "{file}: the marker of {name} asks for an extra, which no requirement of a project has, so it is never installed; \
                 write it under [project.optional-dependencies] or [dependency-groups]"
            ));
        }
    }
    let texts = texts_with_markers(&Table::of(&member.file));
    for text in texts {
        if let Some(value) = not_a_version(&text) {
            warnings.push(format!(
                "{}: {} in the marker of `{text}` is no version, so it is compared as text",
                location(member.file.path(), None, None),
                quoted(&value),
            ));
        }
    }
    warnings
}

fn name_of(requirement: &Requirement) -> &'static str {
    requirement.name.as_str()
}

/// The requirements that a file writes, as they are written.
fn texts_with_markers(document: &Table<'_>) -> Vec<String> {
    let mut texts = Vec::new();
    let mut take = |table: Result<Table<'_>, LocatedError>, key: Option<&str>| {
        let Ok(table) = table else { return };
        let keys: Vec<&str> = match key {
            Some(key) => vec![key],
            None => table.keys().collect(),
        };
        for key in keys {
            for item in table.items(key).unwrap_or_default() {
                if let crate::document::Value::String(text) = &item.value
                    && text.contains(';')
                {
                    texts.push(text.clone());
                }
            }
        }
    };
    let project = document.table("project");
    take(project.clone(), Some("dependencies"));
    take(
        project.and_then(|project| project.table("optional-dependencies")),
        None,
    );
    take(document.table("dependency-groups"), None);
    texts
}

/// The first literal of a requirement's marker that is compared with a version and is none: `3.9.`
fn not_a_version(text: &str) -> Option<String> {
    let (_, marker) = text.split_once(';')?;
    let expression = Expression::parse(marker).ok()?;
    let is_wrong = |comparison: &&Comparison| {
        let is_version = matches!(
            comparison.field,
            Field::PythonVersion | Field::PythonFullVersion | Field::ImplementationVersion
        );
        let lists_texts = matches!(comparison.comparator, Comparator::In | Comparator::NotIn);
        let literal = comparison.literal.as_str();
        let is_one = literal
            .strip_suffix(".*")
            .unwrap_or(literal)
            .parse::<Version>();
        is_version && !lists_texts && is_one.is_err()
    };
    let found = expression.comparisons().find(is_wrong);
    found.map(|comparison| comparison.literal.as_str().to_owned())
}
