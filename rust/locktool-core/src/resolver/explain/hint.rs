//! Hints: what a person can know of a package of which no version fits.

use super::super::judgement::Rejection;
use super::super::package::{Catalog, Origin};
use super::Change;
use super::blocked::{Blocked, lack_upload_times};
use super::failure::Failure;
use super::wording::describe;
use crate::requirement::Requirement;
use crate::solver::RankSet;
use crate::source::SourceError;
use crate::version::{Operator, Version};

/// A sentence, and the change it speaks of: where that one is suggested, the hint has nothing to add.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    pub text: String,
    pub about: Option<Change>,
}

impl Hint {
    /// A sentence about what cannot be changed in the project.
    pub fn plain(text: String) -> Self {
        Self { text, about: None }
    }
}

/// What exists of a package, and how to have it all the same.
pub(super) fn what_exists(
    failure: &Failure,
    catalog: &mut Catalog<'_>,
    blocked: &Blocked,
) -> Option<Hint> {
    let package = blocked.package;
    let (Some(name), Origin::Index | Origin::Named(_) | Origin::Direct(_)) =
        (catalog.key(package).name, &catalog.key(package).origin)
    else {
        return None;
    };
    let versions = catalog.versions(package).ok()?;
    if let Some(missing) = &versions.missing {
        return Some(Hint::plain(match missing {
            SourceError::NotFound { .. } => {
                format!("{name} is on none of the indexes that were asked; is the name right?")
            }
            other => other.to_string(),
        }));
    }
    let ranks_of = |wanted: &Rejection| -> Option<RankSet> {
        let found = blocked.rejections.iter().find(|(one, _)| one == wanted);
        found.map(|(_, ranks)| ranks.clone())
    };
    if ranks_of(&Rejection::Prerelease).is_some() {
        let text = format!(
            "pre-releases of {name} are left out; prerelease-package = {{ {name} = \"allow\" }} under [tool.locktool] lets them in"
        );
        return Some(Hint {
            text,
            about: Some(Change::Prerelease(name)),
        });
    }
    if let Some(ranks) = ranks_of(&Rejection::Yanked) {
        let who = describe(catalog, package, &ranks);
        return Some(Hint::plain(format!(
            "{who} is taken only where the project itself pins it with =="
        )));
    }
    if let Some(ranks) = ranks_of(&Rejection::Cutoff) {
        let text = match &versions.listing {
            Some(listing) if lack_upload_times(catalog, package, &ranks) => format!(
                "{} gives no upload times of {name}: exclude-newer = false for that index, or {name} = false in \
                 exclude-newer-package, lets its files in",
                listing.index
            ),
            _ => format!(
                "a later exclude-newer, or one for {name} in exclude-newer-package, lets newer files in"
            ),
        };
        return Some(Hint {
            text,
            about: Some(Change::Cutoff(name)),
        });
    }
    if !blocked.rejections.is_empty() {
        return None;
    }
    let manifest = catalog.manifest();
    let limits = manifest.constraints.iter().chain(&manifest.limits);
    let rules = limits.chain(&manifest.overrides);
    let rules: Vec<&Requirement> = rules.filter(|rule| rule.name == name).collect();
    let asked = failure.premises.iter();
    let asked = asked.filter(|premise| catalog.base(premise.target) == package);
    let own_limits = manifest.limits.iter().filter(|limit| limit.name == name);
    let mut asked = asked
        .map(|premise| premise.requirement.as_ref())
        .chain(own_limits);
    let absent = asked.find(|one| admits_none(one, &versions.ascending));
    // A constraint or an override is a fact, and what to change about it: that says enough.
    if !rules.is_empty() && absent.is_none() {
        return None;
    }
    let pin = absent.and_then(
        |one| match &one.specifiers().iter().collect::<Vec<_>>()[..] {
            [only] if only.operator() == Operator::Equal => Some(only.version()),
            _ => None,
        },
    );
    let pin = pin.map_or_else(String::new, |pin| format!("there is no {name} {pin}: "));
    let finals: Vec<_> = versions
        .ascending
        .iter()
        .filter(|version| !version.is_prerelease())
        .collect();
    let existing = match (&finals[..], versions.ascending.last()) {
        ([only], _) => format!("{name} exists in one version, {only}"),
        ([first, .., last], _) => format!(
            "{name} exists in {} versions, from {first} to {last}",
            versions.ascending.len()
        ),
        ([], Some(last)) => format!("{name} has only pre-releases, the newest is {last}"),
        ([], None) => format!("{name} has no files that can be installed"),
    };
    Some(Hint::plain(pin + &existing))
}

/// Whether no version of a list satisfies a requirement.
fn admits_none(requirement: &Requirement, versions: &[Version]) -> bool {
    let specifiers = requirement.specifiers();
    let admits = |version: &Version| specifiers.contains_with(*version, Some(true));
    !versions.iter().any(admits)
}
