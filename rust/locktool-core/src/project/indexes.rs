//! `[[tool.locktool.index]]`, uv's spelling of it, and uv's older keys: the indexes that a project names.

use super::tables::is_own;
use crate::document::caret::quoted;
use crate::document::{LocatedError, Table, Value};
use crate::manifest::{Cutoff, IndexRecord, Key, Setting, SettingTables, index_address};
use crate::requirement::Address;

/// The keys of an index table.
pub const KEYS: [Key; 8] = [
    Key::machine_only(
        "name",
        "What sources call the index.",
        "the lock names indexes by their addresses, so that renaming one with its sources changes nothing",
    ),
    Key::recorded(
        "url",
        "The address of the simple API, or of a directory laid out like it.",
    ),
    Key::recorded(
        "explicit",
        "Serves only the packages that a source gives it.",
    ),
    Key::recorded(
        "default",
        "Is asked after all others, in place of the machine's.",
    ),
    Key::recorded(
        "exclude-newer",
        "As the key of the same name, for what this index serves.",
    ),
    Key::recorded(
        "format",
        "`simple`, or `flat` for one page or directory of links to files.",
    ),
    Key::machine_only(
        "mirror-of",
        "The address that this one mirrors, which is the one that the lock records.",
        "a mirror serves the same files, and the lock records the mirrored address and hashes",
    ),
    Key::machine_only(
        "cache-control",
        "Takes the place of the server's Cache-Control.",
        "it says how long this machine believes its cache",
    ),
];

/// An index that a project names.
#[derive(Clone, Default, PartialEq)]
pub struct ProjectIndex {
    pub name: Option<String>,
    /// Without credentials.
    pub url: String,
    pub explicit: bool,
    pub default: bool,
    pub flat: bool,
    pub exclude_newer: Option<Cutoff>,
    pub mirror_of: Option<String>,
    pub cache_control: Option<String>,
    pub username: Option<String>,
    pub password: Option<String>,
}

impl ProjectIndex {
    fn of_address(written: &str, default: bool) -> Self {
        let address = Address::split(written);
        Self {
            url: address.url,
            username: address.username,
            password: address.password,
            default,
            ..Self::default()
        }
    }

    /// The address by which the lock knows the index.
    pub fn address(&self) -> String {
        index_address(self.mirror_of.as_deref().unwrap_or(&self.url))
    }

    /// What the lock records of it.
    pub fn record(&self) -> IndexRecord {
        IndexRecord {
            url: self.address(),
            explicit: self.explicit,
            default: self.default,
            flat: self.flat,
            exclude_newer: self.exclude_newer.clone(),
        }
    }
}

/// Reads the indexes of a workspace root, in the order of the file.
///
/// # Errors
/// For two defaults, two of one name, an explicit one without a name, and an address that none can have.
pub fn read_indexes(
    tables: &SettingTables<'_>,
    uv: &Table<'_>,
) -> Result<Vec<ProjectIndex>, LocatedError> {
    let mut indexes = Vec::new();
    let mut is_uv = true;
    if let Some((table, key)) = tables.having(&["index"])? {
        for entry in table.tables(key)? {
            indexes.push(read_index(&entry)?);
        }
        let mut defaults = (0..indexes.len()).filter(|index| indexes[*index].default);
        if let (Some(_), Some(second)) = (defaults.next(), defaults.next()) {
            let message = "two indexes are marked default; keep one";
            let steps = [key.into(), second.into()];
            return Err(table.error("two-default-indexes", message, &steps));
        }
        for (number, index) in indexes.iter().enumerate() {
            let mut earlier = indexes[..number].iter();
            if let Some(name) = &index.name
                && earlier.any(|other| other.name == index.name)
            {
                let message = format!("two indexes are named {}; rename one", quoted(name));
                let steps = [key.into(), number.into()];
                return Err(table.error("duplicate-name", &message, &steps));
            }
        }
        is_uv = !is_own(table);
    }
    if is_uv || !uv.has("index") {
        let extra = uv.strings("extra-index-url")?.into_iter();
        indexes.extend(extra.map(|url| ProjectIndex::of_address(url, false)));
        let default = uv.string("index-url")?;
        indexes.extend(default.map(|url| ProjectIndex::of_address(url, true)));
    }
    Ok(indexes)
}

fn read_index(entry: &Table<'_>) -> Result<ProjectIndex, LocatedError> {
    if is_own(entry) {
        entry.refuse_unknown(&KEYS.map(|key| key.name))?;
    }
    let name = entry.string("name")?;
    let written = entry.required_string("url", "write url = \"https://...\"")?;
    let explicit = entry.boolean("explicit")?.unwrap_or_default();
    if explicit && name.is_none() {
        let message = "an explicit index serves the packages assigned to its name; give it a name";
        return Err(entry.error("unnamed-index", message, &[]));
    }
    let Address {
        url,
        username,
        password,
    } = address(entry, "url", written)?;
    let format = entry.string("format")?.unwrap_or("simple");
    if !["simple", "flat"].contains(&format) {
        return Err(entry.unknown_value("format", format, &["simple", "flat"]));
    }
    let exclude_newer = entry
        .has("exclude-newer")
        .then(|| Cutoff::read(entry, "exclude-newer"));
    Ok(ProjectIndex {
        name: name.map(str::to_owned),
        url,
        explicit,
        default: entry.boolean("default")?.unwrap_or_default(),
        flat: format == "flat",
        exclude_newer: exclude_newer.transpose()?,
        mirror_of: match entry.string("mirror-of")? {
            Some(written) => Some(address(entry, "mirror-of", written)?.url),
            None => None,
        },
        cache_control: cache_control(entry)?,
        username,
        password,
    })
}

/// Reads an entry of `[[tool.poetry.source]]`.
///
/// # Errors
/// When it has no name, or an address that none can have.
pub fn read_index_of_poetry(entry: &Table<'_>) -> Result<ProjectIndex, LocatedError> {
    let name = entry.required_string("name", "write name = \"...\"")?;
    let written = entry.required_string("url", "write url = \"https://...\"")?;
    let Address {
        url,
        username,
        password,
    } = address(entry, "url", written)?;
    let priority = entry.string("priority")?.map(str::to_ascii_lowercase);
    let is_default = entry.boolean("default")?.unwrap_or_default();
    Ok(ProjectIndex {
        name: Some(name.to_owned()),
        url,
        explicit: priority.as_deref() == Some("explicit"),
        default: priority.map_or(is_default, |priority| priority == "default"),
        username,
        password,
        ..ProjectIndex::default()
    })
}

/// An address, or a path from the project.
fn address(entry: &Table<'_>, key: &str, written: &str) -> Result<Address, LocatedError> {
    let address = Address::split(written);
    if address.url.contains("://") || address.url.starts_with(['.', '/', '~']) {
        return Ok(address);
    }
    let name = entry.name_of(&[key.into()]);
    let message = format!(
        "{name} is {}, which is not a URL; the path of a directory begins with ./",
        quoted(&address.url)
    );
    Err(entry.error("invalid-url", &message, &[key.into()]))
}

/// A directive for pages, or uv's form: one for pages and one for files.
fn cache_control(entry: &Table<'_>) -> Result<Option<String>, LocatedError> {
    let text = match entry.get("cache-control").map(|node| &node.value) {
        Some(Value::Table(_)) => entry.table("cache-control")?.string("api")?,
        _ => entry.string("cache-control")?,
    };
    Ok(text.map(str::to_owned))
}
