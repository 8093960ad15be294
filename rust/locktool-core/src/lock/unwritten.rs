//! What stands in a lock and is never written by locktool: keys outside of other tools' tables that no record has, and forms of
//! TOML 1.1.
//!
//! Installers may obey such a key, and a reader of TOML 1.0 refuses such a form, so the certificate names both.

use serde::Deserializer;
use serde_ignored::Path;

use super::LockedDocument;
use crate::document::Step;
use crate::document::toml::NewerForm;

/// How many keys are named; whoever reads so many needs no more.
const MOST_KEYS: usize = 100;

/// What a lock has that locktool does not write.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Unwritten {
    pub keys: Vec<UnknownKey>,
    pub newer_form: Option<NewerForm>,
}

/// A key that no record has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownKey {
    /// `packages`, 3, `archive`, `subdirectory`
    pub steps: Vec<Step>,
    /// Counted from 1; `None` where only the values of the lock were read.
    pub line: Option<usize>,
}

/// A key path as messages write it: `packages[3].archive.subdirectory`, items counted from 0.
pub fn key_path(steps: &[Step]) -> String {
    let mut text = String::new();
    for step in steps {
        match step {
            Step::Index(index) => text.push_str(&["[", &index.to_string(), "]"].concat()),
            Step::Key(key) => {
                if !text.is_empty() {
                    text.push('.');
                }
                text.push_str(key);
            }
        }
    }
    text
}

/// Decodes a lock, and notes the keys that none of its records has.
pub(super) fn decode_with_unknown_keys<'de, D: Deserializer<'de>>(
    values: D,
) -> Result<LockedDocument, D::Error> {
    let mut keys = Vec::new();
    let mut note = |steps: Vec<Step>| {
        if !is_of_a_tool(&steps) {
            keys.push(UnknownKey { steps, line: None });
        }
        keys.len() < MOST_KEYS
    };
    let mut takes_more = true;
    let mut document: LockedDocument = serde_ignored::deserialize(values, |path| {
        if takes_more {
            takes_more = note(steps_of(&path));
        }
    })?;
    // The record of files has a name; an archive is named by its address alone.
    for (index, package) in document.packages.iter().enumerate() {
        let archive = package.archive.as_ref();
        if takes_more && archive.is_some_and(|archive| archive.name.is_some()) {
            let steps: [Step; 4] = [
                "packages".into(),
                index.into(),
                "archive".into(),
                "name".into(),
            ];
            takes_more = note(steps.to_vec());
        }
    }
    document.unwritten.keys = keys;
    Ok(document)
}

/// Whether a key is another tool's, or in the record of the inputs: what that has beside its keys is compared with the inputs of
/// today.
fn is_of_a_tool(steps: &[Step]) -> bool {
    let is_tool = |step: &Step| *step == Step::from("tool");
    match steps {
        [packages, _, tool, name, ..] if *packages == Step::from("packages") => {
            is_tool(tool) && *name != Step::from("locktool")
        }
        [tool, locktool, builds, rest @ ..]
            if is_tool(tool)
                && *locktool == Step::from("locktool")
                && *builds == Step::from("build-requirements") =>
        {
            is_of_a_tool(rest.get(1..).unwrap_or_default())
        }
        [tool, ..] => is_tool(tool),
        [] => false,
    }
}

fn steps_of(path: &Path<'_>) -> Vec<Step> {
    let (parent, step) = match path {
        Path::Root => return Vec::new(),
        Path::Seq { parent, index } => (parent, Some(Step::from(*index))),
        Path::Map { parent, key } => (parent, Some(Step::from(key.as_str()))),
        Path::Some { parent }
        | Path::NewtypeStruct { parent }
        | Path::NewtypeVariant { parent } => (parent, None),
    };
    let mut steps = steps_of(parent);
    steps.extend(step);
    steps
}

#[cfg(test)]
mod tests {
    use super::{decode_with_unknown_keys, key_path};
    use crate::document::toml::PlainDocument;

    fn found(text: &str) -> Vec<String> {
        let document = PlainDocument::parse(text).expect("plain TOML");
        let decoded = decode_with_unknown_keys(document.values()).expect("a lock");
        let keys = decoded.unwritten.keys.iter();
        keys.map(|key| key_path(&key.steps)).collect()
    }

    #[test]
    fn keys_of_every_level_are_found() {
        let text = "flavour = [1, { a = 'b' }]\nlock-version = '1.0'\n[[packages]]\nname = 'a'\nattestation-identities = []\n\
            wheels = [{ url = 'u', size = 70000, hashes = { x = 'y' }, note = 1 }]\narchive.subdirectory = 'b'\n\
            tool.locktool = { digest = '0', more = 2 }\n";
        assert_eq!(
            found(text),
            [
                "flavour",
                "packages[0].attestation-identities",
                "packages[0].wheels[0].note",
                "packages[0].archive.subdirectory",
                "packages[0].tool.locktool.more",
            ]
        );
    }

    #[test]
    fn what_builds_install_has_known_keys_alone() {
        let text = "[[tool.locktool.build-requirements]]\nrequires = []\nwhy = 1\n\
            [[tool.locktool.build-requirements.packages]]\nname = 'a'\nflavour = 1\n\
            tool.locktool = { digest = '0', more = 2 }\ntool.other = { a = 1 }\n";
        let set = "tool.locktool.build-requirements[0]";
        let keys = [
            "why",
            "packages[0].flavour",
            "packages[0].tool.locktool.more",
        ];
        assert_eq!(found(text), keys.map(|key| format!("{set}.{key}")));
    }

    #[test]
    fn tables_of_other_tools_are_theirs() {
        let text = "[tool.other]\na = 1\n[[packages]]\nname = 'a'\n[packages.tool.other]\nb = { c = -1 }\n";
        assert_eq!(found(text), Vec::<String>::new());
    }
}
