//! The platform part of a compatibility tag: what it promises, and which machines it is for.
//!
//! Follows the platform compatibility tags specification (PEP 425, 513, 571, 599, 600, 656, 730, 738, 783). A tag
//! that is not known fits no environment.

/// One platform tag, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlatformTag<'a> {
    /// `any`
    Any,
    /// `win_amd64`; the machine as Python names it, `AMD64`
    Windows { machine: &'static str },
    /// `macosx_11_0_universal2`
    MacOs {
        major: u32,
        minor: u32,
        format: &'a str,
    },
    /// `manylinux_2_17_x86_64`, and `manylinux2014_x86_64`, which is the same
    Manylinux {
        major: u32,
        minor: u32,
        machine: &'a str,
    },
    /// `musllinux_1_2_aarch64`
    Musllinux {
        major: u32,
        minor: u32,
        machine: &'a str,
    },
    /// `linux_x86_64`
    Linux { machine: &'a str },
    /// `android_24_arm64_v8a`
    Android { level: u32, abi: &'a str },
    /// `ios_13_0_arm64_iphoneos`
    Ios {
        major: u32,
        minor: u32,
        multiarch: &'a str,
    },
    /// `pyodide_2024_0_wasm32`; the version as written, `2024_0`
    Pyodide { version: &'a str },
    /// `emscripten_3_1_58_wasm32`
    Emscripten { version: &'a str },
    /// `freebsd_14_1_release_amd64`; the system as Python names it, `FreeBSD`, and its release as written
    Bsd {
        system: &'static str,
        release: &'a str,
        machine: &'a str,
    },
}

/// The values of the marker variables that a platform tag asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlatformCondition<'a> {
    /// As a marker: `sys_platform == 'win32'`. That of a BSD has a version in it, so its name is asked for.
    pub system: &'static str,
    /// The values of `platform_machine` that fit; more than one for fat binaries.
    pub machines: Vec<&'a str>,
}

impl<'a> PlatformTag<'a> {
    /// Takes a tag apart; `None` where it is no platform that Python is installed on from wheels.
    pub fn parse(tag: &'a str) -> Option<Self> {
        match tag {
            "any" => return Some(Self::Any),
            "win32" => return Some(Self::Windows { machine: "x86" }),
            "win_amd64" => return Some(Self::Windows { machine: "AMD64" }),
            "win_arm64" => return Some(Self::Windows { machine: "ARM64" }),
            _ => {}
        }
        let (family, rest) = tag.split_once('_')?;
        match family {
            "manylinux1" => Some(Self::Manylinux {
                major: 2,
                minor: 5,
                machine: rest,
            }),
            "manylinux2010" => Some(Self::Manylinux {
                major: 2,
                minor: 12,
                machine: rest,
            }),
            "manylinux2014" => Some(Self::Manylinux {
                major: 2,
                minor: 17,
                machine: rest,
            }),
            "manylinux" => versioned(rest).map(|(major, minor, machine)| Self::Manylinux {
                major,
                minor,
                machine,
            }),
            "musllinux" => versioned(rest).map(|(major, minor, machine)| Self::Musllinux {
                major,
                minor,
                machine,
            }),
            "macosx" => versioned(rest).map(|(major, minor, format)| Self::MacOs {
                major,
                minor,
                format,
            }),
            "ios" => versioned(rest).map(|(major, minor, multiarch)| Self::Ios {
                major,
                minor,
                multiarch,
            }),
            "linux" => Some(Self::Linux { machine: rest }),
            "android" => {
                let (level, abi) = rest.split_once('_')?;
                Some(Self::Android {
                    level: number(level)?,
                    abi,
                })
            }
            "pyodide" | "pyemscripten" => rest
                .strip_suffix("_wasm32")
                .map(|version| Self::Pyodide { version }),
            "emscripten" => rest
                .strip_suffix("_wasm32")
                .map(|version| Self::Emscripten { version }),
            "freebsd" => Self::bsd("FreeBSD", rest),
            "netbsd" => Self::bsd("NetBSD", rest),
            "openbsd" => Self::bsd("OpenBSD", rest),
            _ => None,
        }
    }

    /// `14_1_release_amd64`
    fn bsd(system: &'static str, rest: &'a str) -> Option<Self> {
        let (release, machine) = rest.rsplit_once('_')?;
        release
            .starts_with(|first: char| first.is_ascii_digit())
            .then_some(Self::Bsd {
                system,
                release,
                machine,
            })
    }

    /// What an environment must be for the tag to fit, as far as markers can tell; `None` for `any`.
    ///
    /// Markers do not know the C library or the version of the system: every manylinux tag of a machine gives the
    /// same condition.
    pub fn condition(self) -> Option<PlatformCondition<'a>> {
        let (system, machines) = match self {
            Self::Any => return None,
            Self::Windows { machine } => ("sys_platform == 'win32'", vec![machine]),
            Self::MacOs { format, .. } => ("sys_platform == 'darwin'", macos_machines(format)),
            Self::Manylinux { machine, .. }
            | Self::Musllinux { machine, .. }
            | Self::Linux { machine } => ("sys_platform == 'linux'", vec![machine]),
            Self::Android { abi, .. } => (
                "sys_platform == 'android'",
                android_machine(abi).into_iter().collect(),
            ),
            Self::Ios { multiarch, .. } => {
                let machine = multiarch
                    .strip_suffix("_iphoneos")
                    .or_else(|| multiarch.strip_suffix("_iphonesimulator"));
                ("sys_platform == 'ios'", machine.into_iter().collect())
            }
            Self::Pyodide { .. } | Self::Emscripten { .. } => {
                ("sys_platform == 'emscripten'", vec!["wasm32"])
            }
            Self::Bsd {
                system, machine, ..
            } => {
                let system = match system {
                    "FreeBSD" => "platform_system == 'FreeBSD'",
                    "NetBSD" => "platform_system == 'NetBSD'",
                    _ => "platform_system == 'OpenBSD'",
                };
                (system, vec![machine])
            }
        };
        Some(PlatformCondition { system, machines })
    }
}

/// The machines of today's Python that a macOS binary format holds code for.
pub(super) fn macos_machines(format: &str) -> Vec<&str> {
    match format {
        "x86_64" | "arm64" | "i386" => vec![format],
        "universal2" => vec!["arm64", "x86_64"],
        "intel" | "fat3" | "universal" => vec!["i386", "x86_64"],
        "fat64" => vec!["x86_64"],
        "fat" => vec!["i386"],
        _ => vec![],
    }
}

/// The machine, as Python names it on Android, for an Android ABI.
pub(super) fn android_machine(abi: &str) -> Option<&'static str> {
    match abi {
        "arm64_v8a" => Some("aarch64"),
        "armeabi_v7a" => Some("armv7l"),
        "x86_64" => Some("x86_64"),
        "x86" => Some("i686"),
        _ => None,
    }
}

/// `2_17_x86_64` -> 2, 17, `x86_64`
fn versioned(text: &str) -> Option<(u32, u32, &str)> {
    let (major, rest) = text.split_once('_')?;
    let (minor, rest) = rest.split_once('_')?;
    Some((number(major)?, number(minor)?, rest))
}

fn number(text: &str) -> Option<u32> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        text.parse().ok()
    } else {
        None
    }
}
