//! The environment a marker is evaluated in: the fields of the dependency specifiers
//! specification as text, and the sets of extras and groups of the lock file specification.

use serde::Deserialize;

use crate::marker::field::Field;
use crate::name::{ExtraName, GroupName};

/// What an interpreter says about itself and its machine, and what was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct MarkerEnvironment {
    pub implementation_name: String,
    pub implementation_version: String,
    pub os_name: String,
    pub platform_machine: String,
    pub platform_python_implementation: String,
    pub platform_release: String,
    pub platform_system: String,
    pub platform_version: String,
    pub python_full_version: String,
    pub python_version: String,
    pub sys_platform: String,
    /// The extra whose requirements are read; `None` compares like the empty string.
    #[serde(skip)]
    pub extra: Option<String>,
    #[serde(skip)]
    pub extras: Vec<ExtraName>,
    #[serde(skip)]
    pub dependency_groups: Vec<GroupName>,
}

impl MarkerEnvironment {
    /// The text of a field; the set fields have none.
    pub fn text(&self, field: Field) -> Option<&str> {
        Some(match field {
            Field::PythonVersion => &self.python_version,
            Field::PythonFullVersion => &self.python_full_version,
            Field::ImplementationVersion => &self.implementation_version,
            Field::PlatformRelease => &self.platform_release,
            Field::PlatformVersion => &self.platform_version,
            Field::PlatformMachine => &self.platform_machine,
            Field::SysPlatform => &self.sys_platform,
            Field::OsName => &self.os_name,
            Field::PlatformSystem => &self.platform_system,
            Field::PlatformPythonImplementation => &self.platform_python_implementation,
            Field::ImplementationName => &self.implementation_name,
            Field::Extra => self.extra.as_deref().unwrap_or(""),
            Field::Extras | Field::DependencyGroups => return None,
        })
    }

    /// Whether a set field holds the (normalised) name.
    pub fn holds(&self, field: Field, name: &str) -> bool {
        match field {
            Field::Extras => self.extras.iter().any(|extra| extra.as_str() == name),
            Field::DependencyGroups => self
                .dependency_groups
                .iter()
                .any(|group| group.as_str() == name),
            _ => false,
        }
    }
}

/// A name as the names specification writes it: lower case, one `-` for each run of `-_.`.
///
/// Unlike a parsed name this accepts every text, because a marker may compare with any.
pub fn normalize_name(name: &str) -> String {
    let mut normalized = String::with_capacity(name.len());
    let mut in_separator = false;
    for character in name.chars() {
        if matches!(character, '-' | '_' | '.') {
            if !in_separator {
                normalized.push('-');
            }
            in_separator = true;
        } else {
            normalized.push(character.to_ascii_lowercase());
            in_separator = false;
        }
    }
    normalized
}

/// `python_full_version` as PEP 440 can read it: an untagged build says `3.13.0+`.
pub fn repair_full_version(text: &str) -> std::borrow::Cow<'_, str> {
    if text.ends_with('+') {
        format!("{text}local").into()
    } else {
        text.into()
    }
}
