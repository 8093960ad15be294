//! The extension module `locktool._native`: every name that crosses from Rust to Python is listed here.
#![allow(
    clippy::trivially_copy_pass_by_ref,
    clippy::needless_pass_by_value,
    reason = "PyO3 hands `self` to methods by reference and extracted arguments by value"
)]

mod builds;
mod cache;
mod certify;
mod check;
mod errors;
mod impossible;
mod interpreter;
mod lock;
mod options;
mod project;
mod recorder;
mod resolution;
mod resolve;
mod select;
mod settings;
mod text;
mod values;
mod waiting;

#[pyo3::pymodule]
mod _native {
    #[pymodule_export]
    use crate::builds::{build_manifest, build_settings, recorded_requires};
    #[pymodule_export]
    use crate::cache::{cache_clean, cache_prune, cache_record_copy, cache_summary};
    #[pymodule_export]
    use crate::certify::StaleReason;
    #[pymodule_export]
    use crate::check::{CheckOutcome, check, check_lock, check_script};
    #[pymodule_export]
    use crate::interpreter::{
        environment_marker, interpreter_tags, parts_of_python_name, target_environment,
    };
    #[pymodule_export]
    use crate::lock::LockFile;
    #[pymodule_export]
    use crate::options::IndexLocation;
    #[pymodule_export]
    use crate::project::{
        Member, Project, SourceTree, did_you_mean, find_root, git_addresses, with_choices,
    };
    #[pymodule_export]
    use crate::recorder::Recorder;
    #[pymodule_export]
    use crate::resolution::Resolution;
    #[pymodule_export]
    use crate::resolve::{fetch_files, latest_version, nearest_stated, resolve};
    #[pymodule_export]
    use crate::select::SelectedEntry;
    #[pymodule_export]
    use crate::settings::{SettingKey, WrittenSetting, setting_keys, settings_schema};
    /// The schema number of the inputs that a lock records.
    #[pymodule_export]
    const MANIFEST_SCHEMA: u32 = locktool_core::manifest::SCHEMA;
    #[pymodule_export]
    use crate::text::{
        display_path, hide_credentials, poetry_python_marker, poetry_specifiers, requirement_text,
        requirement_under, split_credentials, split_repository, toml_extents,
    };
    #[pymodule_export]
    use crate::values::{Marker, Requirement, Specifier, SpecifierSet, Version, normalize_name};
    #[pymodule_export]
    use crate::waiting::ProgressSnapshot;
}
