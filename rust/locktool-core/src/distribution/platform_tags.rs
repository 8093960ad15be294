//! The platform tags that an interpreter takes, the preferred ones first.
//!
//! Follows the platform compatibility tags specification, in the reading and the order of `packaging.tags` 26.4.

use crate::distribution::facts::{Elf, InterpreterFacts, Ios, LibcName, MacOs};

/// The last minor version of glibc that a later major one is taken to be compatible with.
const LAST_GLIBC_MINOR: u32 = 50;
const ELF_I386: u32 = 3;
const ELF_ARM: u32 = 40;
/// The ABI's version 5 and its hard-float flag in the flags of an ARM executable.
const ARM_HARD_FLOAT: u32 = 0x0500_0400;
const ARM_HARD_FLOAT_MASK: u32 = 0xFF00_0400;

/// `["linux_x86_64", "manylinux_2_36_x86_64", ...]`
pub fn platform_tags(facts: &InterpreterFacts) -> Vec<String> {
    match facts.system.as_str() {
        "Darwin" => facts.macos.as_ref().map_or_else(
            || generic(facts),
            |macos| macos_tags(macos, facts.pointer_size),
        ),
        "iOS" => facts.ios.as_ref().map_or_else(|| generic(facts), ios_tags),
        "Android" => facts
            .android_api_level
            .map_or_else(|| generic(facts), |level| android_tags(facts, level)),
        "Linux" => linux_tags(facts),
        "Emscripten" => {
            let version = facts.pyemscripten_version.as_ref();
            let named = version.map(|version| format!("pyemscripten_{version}_wasm32"));
            named.into_iter().chain(generic(facts)).collect()
        }
        _ => generic(facts),
    }
}

/// A tag is made of words that underscores join.
pub(super) fn normalized(text: &str) -> String {
    text.replace(['.', '-', ' '], "_")
}

fn generic(facts: &InterpreterFacts) -> Vec<String> {
    vec![normalized(&facts.platform)]
}

/// A 32-bit Python on a 64-bit kernel is told the kernel's machine.
fn linux_tags(facts: &InterpreterFacts) -> Vec<String> {
    let platform = normalized(&facts.platform);
    let Some(machine) = platform.strip_prefix("linux_") else {
        return vec![platform];
    };
    let machines = match (facts.pointer_size, machine) {
        (32, "x86_64") => vec!["i686"],
        (32, "aarch64") | (_, "armv8l") => vec!["armv8l", "armv7l"],
        _ => vec![machine],
    };
    let mut tags: Vec<String> = machines
        .iter()
        .map(|machine| format!("linux_{machine}"))
        .collect();
    let Some(libc) = &facts.libc else {
        return tags;
    };
    match libc.name {
        LibcName::Glibc if has_manylinux_abi(facts.elf.as_ref(), &machines) => {
            for machine in &machines {
                manylinux_tags(facts, libc.version, machine, &machines, &mut tags);
            }
        }
        LibcName::Glibc => {}
        LibcName::Musl => {
            let (major, newest) = libc.version;
            for machine in &machines {
                tags.extend(
                    (0..=newest)
                        .rev()
                        .map(|minor| format!("musllinux_{major}_{minor}_{machine}")),
                );
            }
        }
    }
    tags
}

/// manylinux is defined for hard-float ARM, and for 32-bit x86 only where the executable is that itself.
fn has_manylinux_abi(elf: Option<&Elf>, machines: &[&str]) -> bool {
    let is_small = |elf: &Elf| elf.bits == 32 && elf.little_endian;
    if machines.contains(&"armv7l") {
        return elf.is_some_and(|elf| {
            is_small(elf)
                && elf.machine == ELF_ARM
                && elf.flags & ARM_HARD_FLOAT_MASK == ARM_HARD_FLOAT
        });
    }
    if machines.contains(&"i686") {
        return elf.is_some_and(|elf| is_small(elf) && elf.machine == ELF_I386);
    }
    machines.iter().any(|machine| {
        matches!(
            *machine,
            "x86_64" | "aarch64" | "ppc64" | "ppc64le" | "s390x" | "loongarch64" | "riscv64"
        )
    })
}

/// From the version of the system down to the oldest that was defined, with the names from before PEP 600.
fn manylinux_tags(
    facts: &InterpreterFacts,
    (newest_major, newest_minor): (u32, u32),
    machine: &str,
    machines: &[&str],
    tags: &mut Vec<String>,
) {
    let oldest_minor = if machines
        .iter()
        .any(|machine| matches!(*machine, "x86_64" | "i686"))
    {
        5
    } else {
        17
    };
    for major in (2..=newest_major).rev() {
        let newest = if major == newest_major {
            newest_minor
        } else {
            LAST_GLIBC_MINOR
        };
        let oldest = if major == 2 { oldest_minor } else { 0 };
        for minor in (oldest..=newest).rev() {
            let version = format!("{major}_{minor}_{machine}");
            if facts.manylinux_refused.contains(&version) {
                continue;
            }
            tags.push(format!("manylinux_{version}"));
            match (major, minor) {
                (2, 17) => tags.push(format!("manylinux2014_{machine}")),
                (2, 12) => tags.push(format!("manylinux2010_{machine}")),
                (2, 5) => tags.push(format!("manylinux1_{machine}")),
                _ => {}
            }
        }
    }
}

/// Up to 10.15 the minor version counts. Since 11 the major one does, and what was built for 10.4 to 10.16 still
/// runs: all of it on `x86_64`, and universal binaries on `arm64`, which had no release before 11.
fn macos_tags(macos: &MacOs, pointer_size: u32) -> Vec<String> {
    let machine = match (pointer_size, macos.machine.as_str()) {
        (32, machine) if machine.starts_with("ppc") => "ppc",
        (32, _) => "i386",
        (_, machine) => machine,
    };
    let mut tags = Vec::new();
    let mut add = |major: u32, minor: u32| {
        for format in macos_formats((major, minor), machine) {
            tags.push(format!("macosx_{major}_{minor}_{format}"));
        }
    };
    match macos.version {
        (10, newest) => (0..=newest).rev().for_each(|minor| add(10, minor)),
        (newest @ 11.., _) => {
            (11..=newest).rev().for_each(|major| add(major, 0));
            if machine == "x86_64" {
                (4..=16).rev().for_each(|minor| add(10, minor));
            } else {
                tags.extend(
                    (4..=16)
                        .rev()
                        .map(|minor| format!("macosx_10_{minor}_universal2")),
                );
            }
        }
        _ => {}
    }
    tags
}

/// The binary formats that a machine runs on one version of the system, its own first.
fn macos_formats(version: (u32, u32), machine: &str) -> Vec<&str> {
    let further: &[&str] = match machine {
        "x86_64" | "i386" if version < (10, 4) => return Vec::new(),
        "x86_64" => &["intel", "fat64", "fat3", "universal2", "universal"],
        "i386" => &["intel", "fat3", "fat", "universal"],
        "ppc64" if !((10, 4)..=(10, 5)).contains(&version) => return Vec::new(),
        "ppc64" => &["fat64", "universal"],
        "ppc" if version > (10, 6) => return Vec::new(),
        "ppc" => &["fat3", "fat", "universal"],
        "arm64" => &["universal2"],
        _ => &[],
    };
    std::iter::once(machine)
        .chain(further.iter().copied())
        .collect()
}

/// Python runs from iOS 12 on, and no major version had more than nine minor ones.
fn ios_tags(ios: &Ios) -> Vec<String> {
    let multiarch = ios.multiarch.replace('-', "_");
    let (newest, newest_minor) = ios.version;
    let minors = |major: u32| if major == newest { newest_minor } else { 9 };
    (12..=newest)
        .rev()
        .flat_map(|major| (0..=minors(major)).rev().map(move |minor| (major, minor)))
        .map(|(major, minor)| format!("ios_{major}_{minor}_{multiarch}"))
        .collect()
}

/// Python runs from API level 16 on.
fn android_tags(facts: &InterpreterFacts, level: u32) -> Vec<String> {
    let abi = facts
        .platform
        .rsplit_once('-')
        .map_or(facts.platform.as_str(), |(_, abi)| abi);
    let abi = normalized(abi);
    (16..=level)
        .rev()
        .map(|level| format!("android_{level}_{abi}"))
        .collect()
}
