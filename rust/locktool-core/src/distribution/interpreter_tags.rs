//! The facts of an interpreter -> the wheel tags that it installs, the preferred ones first.
//!
//! Follows PEP 425, 384 and 803, in the reading and the order of `packaging.tags` 26.4.
//!
//! ```text
//! cp312-cp312-P   cp312-abi3-P   cp312-none-P   cp311-abi3-P ... cp32-abi3-P
//! py312-none-P    py3-none-P     py311-none-P ...
//! cp312-none-any  py312-none-any py3-none-any   ...              each P a platform tag, the nearest first
//! ```

use crate::distribution::facts::InterpreterFacts;
use crate::distribution::platform_tags::{normalized, platform_tags};

/// `["cp312-cp312-linux_x86_64", ..., "py30-none-any"]`
pub fn interpreter_tags(facts: &InterpreterFacts) -> Vec<String> {
    let platforms = platform_tags(facts);
    let (major, minor) = facts.python();
    let mut tags = Vec::new();
    let mut on_platforms = |interpreter: &str, abi: &str| {
        tags.extend(
            platforms
                .iter()
                .map(|platform| format!("{interpreter}-{abi}-{platform}")),
        );
    };
    let version = facts
        .version_nodot
        .clone()
        .unwrap_or_else(|| format!("{major}{minor}"));
    let name = short_name(&facts.implementation);
    let interpreter = format!("{name}{version}");
    let native = if name == "cp" {
        format!("cp{major}{minor}")
    } else {
        interpreter.clone()
    };
    if name == "cp" {
        for abi in cpython_abis(facts) {
            on_platforms(&native, &abi);
        }
        let stable = if is_free_threaded(facts) {
            "abi3t"
        } else {
            "abi3"
        };
        on_platforms(&native, stable);
        on_platforms(&native, "none");
        for older in (2..minor).rev() {
            on_platforms(&format!("cp{major}{older}"), stable);
        }
    } else {
        if let Some(abi) = generic_abi(facts) {
            on_platforms(&native, &abi);
        }
        on_platforms(&native, "none");
    }
    let pythons = python_range(major, minor);
    for python in &pythons {
        on_platforms(python, "none");
    }
    match name {
        "cp" => tags.push(format!("{interpreter}-none-any")),
        "pp" => tags.push("pp3-none-any".to_owned()),
        _ => {}
    }
    tags.extend(pythons.iter().map(|python| format!("{python}-none-any")));
    // Tags are compared without regard to case: `freebsd-14.1-RELEASE-amd64`.
    for tag in &mut tags {
        tag.make_ascii_lowercase();
    }
    tags
}

/// The abbreviation of an implementation; one without is written out.
fn short_name(implementation: &str) -> &str {
    match implementation {
        "python" => "py",
        "cpython" => "cp",
        "pypy" => "pp",
        "ironpython" => "ip",
        "jython" => "jy",
        other => other,
    }
}

fn is_free_threaded(facts: &InterpreterFacts) -> bool {
    facts.free_threaded && facts.python() >= (3, 13)
}

/// `["cp313td", "cp313t"]`: since 3.8 a debug build loads the extensions of regular ones too.
fn cpython_abis(facts: &InterpreterFacts) -> Vec<String> {
    let (major, minor) = facts.python();
    let threading = if is_free_threaded(facts) { "t" } else { "" };
    let debug = if facts.debug { "d" } else { "" };
    let is_old = (major, minor) < (3, 8);
    let allocator = if is_old && facts.pymalloc { "m" } else { "" };
    let mut abis = vec![format!("cp{major}{minor}{threading}{debug}{allocator}")];
    if facts.debug && !is_old {
        abis.push(format!("cp{major}{minor}{threading}"));
    }
    abis
}

/// The ABI that the suffix of extension modules names: `.pypy39-pp73-x86_64-linux-gnu.so` -> `pypy39_pp73`.
fn generic_abi(facts: &InterpreterFacts) -> Option<String> {
    let mut parts = facts.extension_suffix.as_deref()?.split('.');
    let (head, soabi, rest) = (parts.next()?, parts.next()?, parts.next());
    rest?;
    if !head.is_empty() || soabi.is_empty() {
        return None;
    }
    let words: Vec<&str> = soabi.split('-').collect();
    let leading = |count: usize| words[..words.len().min(count)].join("-");
    let abi = if soabi.starts_with("cpython") {
        format!("cp{}", words.get(1)?)
    } else if soabi.starts_with("cp") {
        leading(1)
    } else if soabi.starts_with("pypy") {
        leading(2)
    } else if soabi.starts_with("graalpy") {
        leading(3)
    } else {
        soabi.to_owned()
    };
    Some(normalized(&abi))
}

/// `["py312", "py3", "py311", ..., "py30"]`
fn python_range(major: u32, minor: u32) -> Vec<String> {
    let older = (0..minor).rev().map(|minor| format!("py{major}{minor}"));
    [format!("py{major}{minor}"), format!("py{major}")]
        .into_iter()
        .chain(older)
        .collect()
}
