//! The names that people give a Python that need not be on this machine: `3.12`, `3.12.4`, `3.13t`, `pypy3.11`.

use crate::version::{Version, VersionParseError};

/// An implementation that is known by name, as `sys.implementation.name` spells it, and as the marker variable does.
const IMPLEMENTATIONS: [(&str, &str, &str); 3] = [
    ("cpython", "cpython", "CPython"),
    ("python", "cpython", "CPython"),
    ("pypy", "pypy", "PyPy"),
];

/// A Python by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PythonName {
    /// `("pypy", "PyPy")`, the values of `implementation_name` and `platform_python_implementation`; `None` where none is named.
    pub implementation: Option<(&'static str, &'static str)>,
    pub version: Version,
    /// Whether it is a build without the global lock. A plain version means the regular build.
    pub free_threaded: bool,
}

impl PythonName {
    /// The three numbers of its version, 0 for what is not named.
    pub fn numbers(&self) -> [u64; 3] {
        let release = self.version.release();
        [0, 1, 2].map(|place| release.get(place).copied().unwrap_or(0))
    }

    /// Whether it names one release, `3.12.4`, and not all of a minor version.
    pub fn is_one_release(&self) -> bool {
        self.version.release().len() > 2
    }
}

impl std::str::FromStr for PythonName {
    type Err = VersionParseError;

    fn from_str(name: &str) -> Result<Self, VersionParseError> {
        let name = name.trim();
        let lower = name.to_ascii_lowercase();
        let named = IMPLEMENTATIONS
            .iter()
            .find_map(|(prefix, implementation, display)| {
                let rest = lower.strip_prefix(prefix)?;
                Some((
                    Some((*implementation, *display)),
                    rest.trim_start_matches(['-', '@']),
                ))
            });
        let (implementation, version) = named.unwrap_or((None, &lower));
        let is_digit = |character: char| character.is_ascii_digit();
        let free = version
            .strip_suffix('t')
            .filter(|rest| rest.ends_with(is_digit));
        Ok(Self {
            implementation,
            version: free.unwrap_or(version).parse()?,
            free_threaded: free.is_some(),
        })
    }
}
