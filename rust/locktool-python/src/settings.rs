//! Settings at the border: which keys there are, their schema, and what the files of a project say of them.

use locktool_core::manifest::{Key, Role};
use locktool_core::project::{WrittenSetting as CoreSetting, keys, settings_schema as schema};
use pyo3::prelude::*;

/// A key of pyproject.toml that locktool reads, and what becomes of it.
#[pyclass(frozen, get_all, module = "locktool._native")]
pub struct SettingKey {
    pub table: String,
    pub name: String,
    pub other_spellings: Vec<String>,
    pub description: String,
    pub role: String,
    pub reason: Option<String>,
}

#[pymethods]
impl SettingKey {
    fn __repr__(&self) -> String {
        format!("<SettingKey {} of {:?}>", self.name, self.table)
    }
}

/// Every key of pyproject.toml that locktool reads.
#[pyfunction]
pub fn setting_keys() -> Vec<SettingKey> {
    let of_table = |(table, keys): (&str, Vec<Key>)| {
        let table = table.to_owned();
        keys.into_iter().map(move |key| SettingKey {
            table: table.clone(),
            name: key.name.to_owned(),
            other_spellings: key
                .other_spellings
                .iter()
                .map(ToString::to_string)
                .collect(),
            description: key.description.trim().to_owned(),
            role: match key.role {
                Role::Recorded => "recorded".to_owned(),
                Role::MachineOnly(_) => "machine-only".to_owned(),
            },
            reason: match key.role {
                Role::Recorded => None,
                Role::MachineOnly(reason) => Some(reason.to_owned()),
            },
        })
    };
    keys().into_iter().flat_map(of_table).collect()
}

/// The JSON Schema of `[tool.locktool]`.
#[pyfunction]
pub fn settings_schema() -> String {
    schema().to_string()
}

/// A setting as a file of the project writes it; `value` is JSON.
#[pyclass(frozen, get_all, module = "locktool._native")]
pub struct WrittenSetting {
    pub key: String,
    pub value: String,
    pub path: String,
    pub line: Option<usize>,
    pub table: String,
}

impl From<CoreSetting> for WrittenSetting {
    fn from(core: CoreSetting) -> Self {
        Self {
            key: core.key.to_owned(),
            value: core.value.to_string(),
            path: core.path.display().to_string(),
            line: core.line,
            table: core.table,
        }
    }
}

#[pymethods]
impl WrittenSetting {
    fn __repr__(&self) -> String {
        format!("<WrittenSetting {} of {:?}>", self.key, self.table)
    }
}
