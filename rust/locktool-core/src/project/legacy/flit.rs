//! `[tool.flit.metadata]`, which flit read before `[project]`. The version stands in the module, as `__version__`.

use std::path::Path;

use super::{Stated, backend, stated_version};
use crate::document::{LocatedError, Table};
use crate::manifest::texts::{list, normalised_keys, optional};
use crate::name::ExtraName;
use crate::project::build_inputs::BUILT_FIELDS;
use crate::project::groups::sort;
use crate::requirement::Requirement;

/// The extra of `dev-requires`.
const DEVELOPMENT: &str = "dev";

/// Reads the table, where the project is built by flit.
///
/// # Errors
/// When something in it is wrong, at its line.
pub(super) fn read(document: &Table<'_>, directory: &Path) -> Result<Option<Stated>, LocatedError> {
    let flit = document.table("tool")?.table("flit")?;
    let is_own = matches!(backend(document)?, Some("flit_core" | "flit"));
    if !is_own || !flit.has("metadata") {
        return Ok(None);
    }
    let table = flit.table("metadata")?;
    let module =
        table.required_string("module", "write module = \"...\", the name of the module")?;
    let key = if table.has("dist-name") {
        "dist-name"
    } else {
        "module"
    };
    let mut dependencies: Vec<Requirement> = list(&table, "requires")?;
    sort(&mut dependencies);
    let mut stated = Stated {
        name: optional(&table, key)?,
        version: stated_version(module, "__version__", directory),
        requires_python: optional(&table, "requires-python")?,
        dependencies,
        fields: BUILT_FIELDS.to_vec(),
        ..Stated::default()
    };
    let extras = table.table("requires-extra")?;
    for (extra, key) in normalised_keys::<ExtraName>(&extras, "the extras")? {
        stated.extras.insert(extra, list(&extras, key)?);
    }
    if table.has("dev-requires") {
        let development = ExtraName::parse(DEVELOPMENT).expect("a name");
        let requirements: Vec<Requirement> = list(&table, "dev-requires")?;
        stated
            .extras
            .entry(development)
            .or_default()
            .extend(requirements);
    }
    stated.extras.values_mut().for_each(sort);
    Ok(Some(stated))
}
