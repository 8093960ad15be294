//! What one environment installs of a lock, by the rules for installers of PEP 751 ("Installation").
//!
//! In: a lock, an environment with the extras and groups that are chosen, and the wheel tags that it installs. Out: entries in the order
//! of the lock, each with what it is installed from, or why an installer could not obey.

use rustc_hash::FxHashMap;

use super::{LockedDocument, LockedFile, LockedPackage};
use crate::distribution::compatible::CompatibleTags;
use crate::distribution::tag::WheelTags;
use crate::marker::{Expression, MarkerEnvironment, MarkerParseError, UndefinedComparison};
use crate::version::SpecifierSet;

/// What an entry is installed from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockedSource {
    Repository,
    Directory,
    Archive,
    /// The wheel at this place in the entry.
    Wheel(usize),
    Sdist,
}

/// Where a selected entry stands in its lock, and what it is installed from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Selected {
    pub place: usize,
    /// `None` where the wheel tags of the environment are not known, or the entry has nothing to install.
    pub source: Option<LockedSource>,
}

/// Why an installer does not install a lock.
#[derive(Clone, Debug)]
pub enum Unselectable {
    /// By the rules: `unsupported-python`, `unsupported-environment`, `ambiguous-package` or `no-suitable-file`.
    Refused {
        code: &'static str,
        message: String,
        package: Option<String>,
    },
    /// A marker is none.
    Marker(MarkerParseError),
    /// A marker asks for a comparison that no specification defines.
    Comparison(UndefinedComparison),
}

impl LockedDocument {
    /// What an environment installs. Without `tags` it is not known which wheels suit.
    ///
    /// # Errors
    /// Where the lock is not for the environment, selects two entries of a name, or has no file for it.
    pub fn select(
        &self,
        environment: &MarkerEnvironment,
        tags: Option<&CompatibleTags>,
    ) -> Result<Vec<Selected>, Unselectable> {
        let whole = self.requires_python.as_deref();
        refuse_python(whole, environment, || "the lock requires Python".to_owned())?;
        self.refuse_environment(environment)?;
        let mut selected: Vec<Selected> = Vec::new();
        let mut names: FxHashMap<&str, &LockedPackage> = FxHashMap::default();
        for (place, package) in self.packages.iter().enumerate() {
            if !holds(package.marker.as_deref(), environment)? {
                continue;
            }
            refuse_python(package.requires_python.as_deref(), environment, || {
                format!("{} requires Python", package.title())
            })?;
            if let Some(first) = names.insert(&package.name, package) {
                return Err(ambiguous(first, package, environment));
            }
            selected.push(Selected {
                place,
                source: None,
            });
        }
        for one in &mut selected {
            one.source = self.packages[one.place].source(tags)?;
        }
        Ok(selected)
    }

    fn refuse_environment(&self, environment: &MarkerEnvironment) -> Result<(), Unselectable> {
        for marker in &self.environments {
            if holds(Some(marker), environment)? {
                return Ok(());
            }
        }
        if self.environments.is_empty() {
            return Ok(());
        }
        let listed = self.environments.join("; ");
        let message = format!("the lock is for other environments: {listed}");
        Err(Unselectable::Refused {
            code: "unsupported-environment",
            message,
            package: None,
        })
    }
}

impl LockedPackage {
    /// What an environment with these wheel tags installs it from: the wheel whose best tag is preferred most, and the source
    /// distribution where no wheel suits.
    ///
    /// # Errors
    /// Where nothing suits.
    pub fn source(
        &self,
        tags: Option<&CompatibleTags>,
    ) -> Result<Option<LockedSource>, Unselectable> {
        let direct = [
            (self.vcs.is_some(), LockedSource::Repository),
            (self.directory.is_some(), LockedSource::Directory),
            (self.archive.is_some(), LockedSource::Archive),
        ];
        if let Some((_, source)) = direct.into_iter().find(|(is_there, _)| *is_there) {
            return Ok(Some(source));
        }
        let sdist = self.sdist.is_some().then_some(LockedSource::Sdist);
        let Some(tags) = tags else {
            // Without tags no wheel could suit, so a source distribution says nothing.
            return Ok(sdist.filter(|_| self.wheels.is_empty()));
        };
        let wheels = self.wheels.iter().enumerate();
        let suited = wheels.filter_map(|(place, wheel)| Some((tags.place(&wheel.tags()?)?, place)));
        let best = suited.min().map(|(_, place)| LockedSource::Wheel(place));
        if let Some(source) = best.or(sdist) {
            return Ok(Some(source));
        }
        let title = self.title();
        let message =
            format!("no wheel of {title} suits the environment, and it has no source distribution");
        Err(Unselectable::Refused {
            code: "no-suitable-file",
            message,
            package: Some(self.name.clone()),
        })
    }

    fn title(&self) -> String {
        match &self.version {
            Some(version) => format!("{} {version}", self.name),
            None => self.name.clone(),
        }
    }
}

impl LockedFile {
    /// The tags in the name of a wheel.
    fn tags(&self) -> Option<WheelTags> {
        let name = self.filename();
        let stem = name.strip_suffix(".whl").unwrap_or(name);
        let mut parts = stem.rsplitn(4, '-');
        let (platform, abi, python) = (parts.next()?, parts.next()?, parts.next()?);
        parts.next()?;
        WheelTags::parse(python, abi, platform)
    }
}

fn holds(marker: Option<&str>, environment: &MarkerEnvironment) -> Result<bool, Unselectable> {
    let Some(text) = marker.filter(|text| !text.is_empty()) else {
        return Ok(true);
    };
    let marker = Expression::parse(text).map_err(Unselectable::Marker)?;
    let holds = marker.evaluate(environment);
    holds.map_err(Unselectable::Comparison)
}

/// Refuses a Python that `specifiers` do not admit; what cannot be read admits none.
fn refuse_python(
    specifiers: Option<&str>,
    environment: &MarkerEnvironment,
    subject: impl FnOnce() -> String,
) -> Result<(), Unselectable> {
    let Some(specifiers) = specifiers else {
        return Ok(());
    };
    let version = &environment.python_full_version;
    // A Python that was built from an untagged commit ends its version so; PEP 440 has no such version.
    let readable = match version.strip_suffix('+') {
        Some(_) => format!("{version}local"),
        None => version.clone(),
    };
    let admits = |set: SpecifierSet| set.contains_text(&readable);
    if specifiers.parse().is_ok_and(admits) {
        return Ok(());
    }
    let message = format!("{} {specifiers}, and this one is {version}", subject());
    Err(Unselectable::Refused {
        code: "unsupported-python",
        message,
        package: None,
    })
}

fn ambiguous(
    first: &LockedPackage,
    second: &LockedPackage,
    environment: &MarkerEnvironment,
) -> Unselectable {
    let extras = environment.extras.iter().map(ToString::to_string);
    let groups = environment
        .dependency_groups
        .iter()
        .map(ToString::to_string);
    let chosen: Vec<String> = extras.chain(groups).collect();
    let cause = if chosen.len() > 1 {
        format!("{} may not be chosen together", chosen.join(", "))
    } else {
        "the lock contradicts itself".to_owned()
    };
    let (one, other) = (first.title(), second.title());
    let message = format!("{one} and {other} are both selected: {cause}");
    Unselectable::Refused {
        code: "ambiguous-package",
        message,
        package: Some(first.name.clone()),
    }
}
