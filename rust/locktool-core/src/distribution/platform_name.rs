//! The names that people and tools give platforms: words, triples, the C library beside the machine, or a platform tag.
//!
//! ```text
//! linux  macos-14  x86_64-unknown-linux-gnu  x86_64-apple-darwin-12  x86_64-manylinux2014  manylinux_2_28_x86_64
//! ```
//! A word or a triple may end in the version of what decides which wheels fit: of the C library, of the system, or the API level.

use crate::distribution::platform::{PlatformTag, android_machine};

/// What a name without versions stands for: the oldest systems that are still widely in use.
const GLIBC: (u32, u32) = (2, 28);
const MUSL: (u32, u32) = (1, 2);
const MACOS: (u32, u32) = (13, 0);
const IOS: (u32, u32) = (13, 0);
const ANDROID: u32 = 24;
const PYODIDE: &str = "2024_0";

/// A platform, with the version of it that decides which wheels fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Platform {
    /// `x86_64-manylinux_2_28`; glibc 2.28
    Glibc {
        version: (u32, u32),
        machine: String,
    },
    /// `aarch64-unknown-linux-musl`
    Musl {
        version: (u32, u32),
        machine: String,
    },
    /// `aarch64-apple-darwin`; the machine is `arm64` or `x86_64`
    MacOs {
        version: (u32, u32),
        machine: String,
    },
    /// `windows`; the machine as Python names it, `AMD64`
    Windows { machine: &'static str },
    /// `aarch64-linux-android`
    Android { level: u32, abi: String },
    /// `arm64-apple-ios`
    Ios {
        version: (u32, u32),
        multiarch: String,
    },
    /// `wasm32-pyodide2024`; the version as tags write it, `2024_0`
    Pyodide { version: String },
    /// `emscripten_4_0_9_wasm32`
    Emscripten { version: String },
    /// `freebsd_14_1_release_amd64`; the system as Python names it, `FreeBSD`
    Bsd {
        system: &'static str,
        release: String,
        machine: String,
    },
}

/// The name of a platform that is not known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "Unknown platform {name:?}: use linux, macos, windows, a triple such as x86_64-unknown-linux-musl, \
     each also with a version (macos-14, x86_64-unknown-linux-gnu-2.31), or a tag such as manylinux_2_28_x86_64"
)]
pub struct UnknownPlatform {
    pub name: String,
}

impl std::str::FromStr for Platform {
    type Err = UnknownPlatform;

    fn from_str(name: &str) -> Result<Self, UnknownPlatform> {
        let lower = name.to_ascii_lowercase();
        from_tag(&lower)
            .or_else(|| from_library(&lower))
            .or_else(|| from_triple(triple_of(&lower)))
            .or_else(|| from_versioned(&lower))
            .ok_or_else(|| UnknownPlatform {
                name: name.to_owned(),
            })
    }
}

/// The triple that a word stands for.
fn triple_of(name: &str) -> &str {
    match name {
        "linux" => "x86_64-unknown-linux-gnu",
        "macos" => "aarch64-apple-darwin",
        "windows" => "x86_64-pc-windows-msvc",
        other => other,
    }
}

/// `manylinux_2_28_x86_64`, `win_amd64`, `macosx_14_0_arm64`
fn from_tag(name: &str) -> Option<Platform> {
    match PlatformTag::parse(name)? {
        PlatformTag::Manylinux {
            major,
            minor,
            machine,
        } => glibc((major, minor), machine),
        PlatformTag::Linux { machine } => glibc(GLIBC, machine),
        PlatformTag::Musllinux {
            major,
            minor,
            machine,
        } => musl((major, minor), machine),
        PlatformTag::MacOs {
            major,
            minor,
            format,
        } => macos((major, minor), format),
        PlatformTag::Windows { machine } => Some(Platform::Windows { machine }),
        PlatformTag::Android { level, abi } => android_machine(abi).map(|_| Platform::Android {
            level,
            abi: abi.to_owned(),
        }),
        PlatformTag::Ios {
            major,
            minor,
            multiarch,
        } => Some(Platform::Ios {
            version: (major, minor),
            multiarch: multiarch.to_owned(),
        }),
        PlatformTag::Pyodide { version } => Some(Platform::Pyodide {
            version: version.to_owned(),
        }),
        PlatformTag::Emscripten { version } => Some(Platform::Emscripten {
            version: version.to_owned(),
        }),
        PlatformTag::Bsd {
            system,
            release,
            machine,
        } => Some(Platform::Bsd {
            system,
            release: release.to_owned(),
            machine: machine.to_owned(),
        }),
        PlatformTag::Any => None,
    }
}

/// The C library's tag beside the machine: `x86_64-manylinux2014` is `manylinux2014_x86_64`.
fn from_library(name: &str) -> Option<Platform> {
    let (machine, library) = name.split_once('-')?;
    let is_library = library.starts_with("manylinux") || library.starts_with("musllinux");
    is_library
        .then(|| from_tag(&format!("{library}_{machine}")))
        .flatten()
}

/// `x86_64-unknown-linux-gnu`, `arm64-apple-ios`
fn from_triple(name: &str) -> Option<Platform> {
    let (machine, system) = name.split_once('-')?;
    // Apple and Windows call the machine otherwise than Linux does.
    let apple = if machine == "aarch64" {
        "arm64"
    } else {
        machine
    };
    match system {
        "unknown-linux-gnu" | "unknown-linux" | "linux-gnu" | "unknown-linux-gnueabihf" => {
            glibc(GLIBC, machine)
        }
        "unknown-linux-musl" | "linux-musl" | "unknown-linux-musleabihf" => musl(MUSL, machine),
        "apple-darwin" | "macos" => macos(MACOS, apple),
        "pc-windows-msvc" | "pc-windows-gnu" | "windows" => windows(machine),
        "linux-android" => {
            let abi = ["arm64_v8a", "x86_64"]
                .into_iter()
                .find(|abi| android_machine(abi) == Some(machine))?;
            Some(Platform::Android {
                level: ANDROID,
                abi: abi.to_owned(),
            })
        }
        "apple-ios" => ios(apple, "iphoneos"),
        "apple-ios-simulator" => ios(apple, "iphonesimulator"),
        "pyodide" if machine == "wasm32" => Some(Platform::Pyodide {
            version: PYODIDE.to_owned(),
        }),
        _ if machine == "wasm32" => {
            let year: u32 = system.strip_prefix("pyodide")?.parse().ok()?;
            Some(Platform::Pyodide {
                version: format!("{year}_0"),
            })
        }
        _ => None,
    }
}

/// `macos-14`, `x86_64-unknown-linux-gnu-2.31`
fn from_versioned(name: &str) -> Option<Platform> {
    let (name, version) = name.rsplit_once('-')?;
    let (major, minor) = version.split_once('.').unwrap_or((version, ""));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(major) || !is_number(minor) {
        return None;
    }
    let major: u32 = major.parse().ok()?;
    let minor: Option<u32> = minor.parse().ok();
    match (from_triple(triple_of(name))?, minor) {
        (Platform::Glibc { machine, .. }, Some(minor)) => glibc((major, minor), &machine),
        (Platform::Musl { machine, .. }, Some(minor)) => musl((major, minor), &machine),
        (Platform::MacOs { machine, .. }, minor) => macos((major, minor.unwrap_or(0)), &machine),
        (Platform::Ios { multiarch, .. }, minor) => Some(Platform::Ios {
            version: (major, minor.unwrap_or(0)),
            multiarch,
        }),
        (Platform::Android { abi, .. }, None) => Some(Platform::Android { level: major, abi }),
        _ => None,
    }
}

fn glibc(version: (u32, u32), machine: &str) -> Option<Platform> {
    linux_machine(machine).map(|machine| Platform::Glibc { version, machine })
}

fn musl(version: (u32, u32), machine: &str) -> Option<Platform> {
    linux_machine(machine).map(|machine| Platform::Musl { version, machine })
}

fn macos(version: (u32, u32), machine: &str) -> Option<Platform> {
    matches!(machine, "arm64" | "x86_64").then(|| Platform::MacOs {
        version,
        machine: machine.to_owned(),
    })
}

fn windows(machine: &str) -> Option<Platform> {
    let machine = match machine {
        "x86_64" | "amd64" => "AMD64",
        "i686" | "x86" => "x86",
        "aarch64" | "arm64" => "ARM64",
        _ => return None,
    };
    Some(Platform::Windows { machine })
}

fn ios(machine: &str, device: &str) -> Option<Platform> {
    matches!(machine, "arm64" | "x86_64").then(|| Platform::Ios {
        version: IOS,
        multiarch: format!("{machine}_{device}"),
    })
}

/// The machines that the manylinux and musllinux specifications name, as Python spells them.
fn linux_machine(machine: &str) -> Option<String> {
    let machine = match machine {
        "amd64" => "x86_64",
        "arm64" => "aarch64",
        "powerpc64le" => "ppc64le",
        "riscv64gc" => "riscv64",
        "x86_64" | "i686" | "aarch64" | "armv7l" | "armv6l" | "ppc64le" | "ppc64" | "s390x"
        | "riscv64" | "loongarch64" => machine,
        "armv7" => "armv7l",
        _ => return None,
    };
    Some(machine.to_owned())
}
