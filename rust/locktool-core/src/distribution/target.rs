//! One version of `CPython` on one platform: which wheels it takes, and what markers see of it.
//!
//! The platform is named as people and tools write it, `linux`, `x86_64-unknown-linux-gnu`, `x86_64-manylinux2014`,
//! or as a platform tag, `macosx_14_0_arm64`. Which tags it takes follows the platform compatibility tags
//! specification, in the reading of `packaging.tags`.

use crate::distribution::platform::{PlatformTag, android_machine, macos_machines};
use crate::distribution::tag::{Implementation, Interpreter, WheelTags};
use crate::marker::MarkerEnvironment;

/// What a name without versions stands for: the oldest systems that are still widely in use.
const GLIBC: (u32, u32) = (2, 28);
const MUSL: (u32, u32) = (1, 2);
const MACOS: (u32, u32) = (13, 0);
const IOS: (u32, u32) = (13, 0);
const ANDROID: u32 = 24;
const PYODIDE: &str = "2024_0";

/// One version of `CPython` on one platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Major and minor version: `(3, 12)`.
    pub python: (u32, u32),
    pub platform: Platform,
}

/// A platform, with the version of it that decides which wheels fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Platform {
    /// `x86_64-manylinux_2_28`; glibc 2.28
    Glibc {
        major: u32,
        minor: u32,
        machine: String,
    },
    /// `aarch64-unknown-linux-musl`
    Musl {
        major: u32,
        minor: u32,
        machine: String,
    },
    /// `aarch64-apple-darwin`; the machine is `arm64` or `x86_64`
    MacOs {
        major: u32,
        minor: u32,
        machine: String,
    },
    /// `windows`; the machine as Python names it, `AMD64`
    Windows { machine: &'static str },
    /// `aarch64-linux-android`
    Android { level: u32, abi: String },
    /// `arm64-apple-ios`
    Ios {
        major: u32,
        minor: u32,
        multiarch: String,
    },
    /// `wasm32-pyodide2024`
    Pyodide { version: String },
}

/// The name of a platform that is not known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "Unknown platform {name:?}: use linux, macos, windows, a triple such as x86_64-unknown-linux-gnu, \
     or a tag such as manylinux_2_28_x86_64"
)]
pub struct UnknownPlatform {
    pub name: String,
}

impl Target {
    /// `Target::new((3, 12), "x86_64-manylinux2014")`
    pub fn new(python: (u32, u32), platform: &str) -> Result<Self, UnknownPlatform> {
        Ok(Self {
            python,
            platform: platform.parse()?,
        })
    }

    /// What markers see: the first patch release of the Python version, no release or version of the system.
    pub fn marker_environment(&self) -> MarkerEnvironment {
        let (major, minor) = self.python;
        let (os_name, sys_platform, platform_system) = self.platform.marker_names();
        MarkerEnvironment {
            implementation_name: "cpython".to_owned(),
            implementation_version: format!("{major}.{minor}.0"),
            os_name: os_name.to_owned(),
            platform_machine: self.platform.machine().to_owned(),
            platform_python_implementation: "CPython".to_owned(),
            platform_release: String::new(),
            platform_system: platform_system.to_owned(),
            platform_version: String::new(),
            python_full_version: format!("{major}.{minor}.0"),
            python_version: format!("{major}.{minor}"),
            sys_platform: sys_platform.to_owned(),
            extra: None,
            extras: Vec::new(),
            dependency_groups: Vec::new(),
        }
    }

    /// Whether the target is the regular build of the interpreter that the pair of tags asks for.
    fn runs(&self, interpreter: Interpreter<'_>) -> bool {
        let (major, minor) = self.python;
        let implementation = matches!(
            interpreter.implementation,
            Implementation::Any | Implementation::CPython
        );
        let exact_abi = interpreter.implementation == Implementation::CPython
            && !interpreter.or_later
            && !interpreter.without_platform;
        // Up to 3.7 the regular build carried the letter of its allocator, `cp37m`.
        let flags = if exact_abi && (3, 2) <= self.python && self.python < (3, 8) {
            "m"
        } else {
            ""
        };
        let version = major == interpreter.major
            && if interpreter.or_later {
                minor >= interpreter.minor
            } else {
                minor == interpreter.minor
            };
        implementation && version && interpreter.flags == flags
    }
}

/// Whether an installer for the target takes a wheel with these tags.
pub fn is_compatible(tags: &WheelTags, target: &Target) -> bool {
    let mut on_platform = false;
    let mut anywhere = false;
    for interpreter in tags
        .interpreters()
        .filter(|interpreter| target.runs(*interpreter))
    {
        on_platform = true;
        anywhere |= interpreter.without_platform;
    }
    on_platform
        && tags
            .platform()
            .filter_map(PlatformTag::parse)
            .any(|tag| match tag {
                PlatformTag::Any => anywhere,
                _ => target.platform.takes(tag),
            })
}

impl Platform {
    /// Whether wheels with the platform tag run here; `any` is left to the caller.
    fn takes(&self, tag: PlatformTag<'_>) -> bool {
        match (self, tag) {
            (
                Self::Glibc { machine, .. } | Self::Musl { machine, .. },
                PlatformTag::Linux { machine: wanted },
            ) => machine == wanted,
            (
                Self::Glibc {
                    major,
                    minor,
                    machine,
                },
                PlatformTag::Manylinux {
                    major: tag_major,
                    minor: tag_minor,
                    machine: wanted,
                },
            ) => {
                // PEP 600: tags below the first manylinux of a machine were never defined.
                let oldest = if matches!(wanted, "x86_64" | "i686") {
                    5
                } else {
                    17
                };
                machine == wanted && *major == tag_major && (oldest..=*minor).contains(&tag_minor)
            }
            (
                Self::Musl {
                    major,
                    minor,
                    machine,
                },
                PlatformTag::Musllinux {
                    major: tag_major,
                    minor: tag_minor,
                    machine: wanted,
                },
            ) => machine == wanted && *major == tag_major && tag_minor <= *minor,
            (
                Self::MacOs {
                    major,
                    minor,
                    machine,
                },
                PlatformTag::MacOs {
                    major: tag_major,
                    minor: tag_minor,
                    format,
                },
            ) => macos_takes((*major, *minor), machine, (tag_major, tag_minor), format),
            (Self::Windows { machine }, PlatformTag::Windows { machine: wanted }) => {
                *machine == wanted
            }
            (
                Self::Android { level, abi },
                PlatformTag::Android {
                    level: wanted,
                    abi: tag_abi,
                },
            ) => abi == tag_abi && (16..=*level).contains(&wanted),
            (
                Self::Ios {
                    major,
                    minor,
                    multiarch,
                },
                PlatformTag::Ios {
                    major: tag_major,
                    minor: tag_minor,
                    multiarch: wanted,
                },
            ) => {
                // Python runs from iOS 12 on; a major version has at most nine minor ones.
                let within = tag_major == *major && tag_minor <= *minor
                    || tag_major < *major && tag_minor <= 9;
                multiarch == wanted && tag_major >= 12 && within
            }
            (Self::Pyodide { version }, PlatformTag::Pyodide { version: wanted }) => {
                version == wanted
            }
            _ => false,
        }
    }

    /// `os_name`, `sys_platform` and `platform_system`.
    fn marker_names(&self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Glibc { .. } | Self::Musl { .. } => ("posix", "linux", "Linux"),
            Self::MacOs { .. } => ("posix", "darwin", "Darwin"),
            Self::Windows { .. } => ("nt", "win32", "Windows"),
            Self::Android { .. } => ("posix", "android", "Android"),
            Self::Ios { .. } => ("posix", "ios", "iOS"),
            Self::Pyodide { .. } => ("posix", "emscripten", "Emscripten"),
        }
    }

    /// `platform_machine`.
    fn machine(&self) -> &str {
        match self {
            Self::Glibc { machine, .. }
            | Self::Musl { machine, .. }
            | Self::MacOs { machine, .. } => machine,
            Self::Windows { machine } => machine,
            Self::Android { abi, .. } => android_machine(abi).unwrap_or(abi),
            Self::Ios { multiarch, .. } => multiarch
                .split_once("_iphone")
                .map_or(multiarch, |(machine, _)| machine),
            Self::Pyodide { .. } => "wasm32",
        }
    }
}

/// Since macOS 11 the major version counts and tags end in `_0`. Binaries for 10.4 to 10.16 still run: all on
/// `x86_64`, and of universal ones the `arm64` half.
fn macos_takes(system: (u32, u32), machine: &str, tag: (u32, u32), format: &str) -> bool {
    let runs = macos_machines(format).contains(&machine);
    match (system.0, tag.0) {
        (11.., 11..) => runs && tag.0 <= system.0 && tag.1 == 0,
        (11.., 10) => {
            runs && (4..=16).contains(&tag.1) && (machine == "x86_64" || format == "universal2")
        }
        (10, 10) => runs && (4..=system.1).contains(&tag.1),
        _ => false,
    }
}

impl std::str::FromStr for Platform {
    type Err = UnknownPlatform;

    fn from_str(name: &str) -> Result<Self, UnknownPlatform> {
        let lower = name.to_ascii_lowercase();
        from_word(&lower)
            .or_else(|| from_tag(&lower))
            .or_else(|| from_triple(&lower))
            .ok_or_else(|| UnknownPlatform {
                name: name.to_owned(),
            })
    }
}

fn from_word(name: &str) -> Option<Platform> {
    match name {
        "linux" => from_triple("x86_64-unknown-linux-gnu"),
        "macos" => from_triple("aarch64-apple-darwin"),
        "windows" => from_triple("x86_64-pc-windows-msvc"),
        _ => None,
    }
}

/// `manylinux_2_28_x86_64`, `win_amd64`, `macosx_14_0_arm64`
fn from_tag(name: &str) -> Option<Platform> {
    match PlatformTag::parse(name)? {
        PlatformTag::Manylinux {
            major,
            minor,
            machine,
        } => Platform::glibc(major, minor, machine),
        PlatformTag::Linux { machine } => Platform::glibc(GLIBC.0, GLIBC.1, machine),
        PlatformTag::Musllinux {
            major,
            minor,
            machine,
        } => Platform::musl(major, minor, machine),
        PlatformTag::MacOs {
            major,
            minor,
            format,
        } => Platform::macos(major, minor, format),
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
            major,
            minor,
            multiarch: multiarch.to_owned(),
        }),
        PlatformTag::Pyodide { version } => Some(Platform::Pyodide {
            version: version.to_owned(),
        }),
        PlatformTag::Any | PlatformTag::Emscripten { .. } => None,
    }
}

/// `x86_64-unknown-linux-gnu`, `aarch64-manylinux_2_28`, `arm64-apple-ios`
fn from_triple(name: &str) -> Option<Platform> {
    let (machine, system) = name.split_once('-')?;
    match system {
        "unknown-linux-gnu" | "unknown-linux" | "linux-gnu" | "unknown-linux-gnueabihf" => {
            Platform::glibc(GLIBC.0, GLIBC.1, machine)
        }
        "unknown-linux-musl" | "linux-musl" | "unknown-linux-musleabihf" => {
            Platform::musl(MUSL.0, MUSL.1, machine)
        }
        "apple-darwin" | "macos" => Platform::macos(
            MACOS.0,
            MACOS.1,
            if machine == "aarch64" {
                "arm64"
            } else {
                machine
            },
        ),
        "pc-windows-msvc" | "pc-windows-gnu" | "windows" => {
            let machine = match machine {
                "x86_64" | "amd64" => "AMD64",
                "i686" | "x86" => "x86",
                "aarch64" | "arm64" => "ARM64",
                _ => return None,
            };
            Some(Platform::Windows { machine })
        }
        "linux-android" => {
            let abi = ["arm64_v8a", "x86_64"]
                .into_iter()
                .find(|abi| android_machine(abi) == Some(machine))?;
            Some(Platform::Android {
                level: ANDROID,
                abi: abi.to_owned(),
            })
        }
        "apple-ios" | "apple-ios-simulator" => {
            let machine = if machine == "aarch64" {
                "arm64"
            } else {
                machine
            };
            let device = if system == "apple-ios" {
                "iphoneos"
            } else {
                "iphonesimulator"
            };
            Some(Platform::Ios {
                major: IOS.0,
                minor: IOS.1,
                multiarch: format!("{machine}_{device}"),
            })
        }
        "pyodide" if machine == "wasm32" => Some(Platform::Pyodide {
            version: PYODIDE.to_owned(),
        }),
        _ if machine == "wasm32" => {
            let year: u32 = system.strip_prefix("pyodide")?.parse().ok()?;
            Some(Platform::Pyodide {
                version: format!("{year}_0"),
            })
        }
        // The C library's tag beside the machine: `x86_64-manylinux2014` is `manylinux2014_x86_64`.
        _ if system.starts_with("manylinux") || system.starts_with("musllinux") => {
            from_tag(&format!("{system}_{machine}"))
        }
        _ => None,
    }
}

impl Platform {
    fn glibc(major: u32, minor: u32, machine: &str) -> Option<Self> {
        linux_machine(machine).map(|machine| Self::Glibc {
            major,
            minor,
            machine,
        })
    }

    fn musl(major: u32, minor: u32, machine: &str) -> Option<Self> {
        linux_machine(machine).map(|machine| Self::Musl {
            major,
            minor,
            machine,
        })
    }

    fn macos(major: u32, minor: u32, machine: &str) -> Option<Self> {
        let known = matches!(machine, "arm64" | "x86_64");
        known.then(|| Self::MacOs {
            major,
            minor,
            machine: machine.to_owned(),
        })
    }
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
