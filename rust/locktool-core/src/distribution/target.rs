//! A Python that need not be on this machine: the facts of one that is, changed to another version or another platform.
//!
//! In: the facts of an interpreter, a name of a Python, a platform. Out: facts of which [`super::interpreter_tags`] makes tags and
//! markers read their variables, so that what is named and what is there go through the same code.

use crate::distribution::facts::{Elf, InterpreterFacts, Ios, Libc, LibcName, MacOs};
use crate::distribution::platform::android_machine;
use crate::distribution::platform_name::Platform;
use crate::distribution::python_name::PythonName;

/// `EM_386` and `EM_ARM` with the flags of the hard-float ABI, by which 32-bit executables are told apart.
const I386: (u32, u32) = (3, 0);
const ARM: (u32, u32) = (40, 0x0500_0400);
/// The first `PyPy` with today's ABI: what markers see of one that is named by its Python version alone.
const PYPY: &str = "7.3.0";

impl InterpreterFacts {
    /// The regular build of another version, of the same implementation unless another is named; with a minor version its first
    /// release.
    #[must_use]
    pub fn with_python(mut self, name: &PythonName) -> Self {
        let [major, minor, patch] = name.numbers();
        let full = if name.is_one_release() {
            name.version.to_string()
        } else {
            format!("{major}.{minor}.0")
        };
        let markers = &mut self.marker_environment;
        if let Some((implementation, display)) = name.implementation {
            if implementation != self.implementation {
                PYPY.clone_into(&mut markers.implementation_version);
            }
            implementation.clone_into(&mut self.implementation);
            implementation.clone_into(&mut markers.implementation_name);
            display.clone_into(&mut markers.platform_python_implementation);
        }
        if self.implementation == "cpython" {
            markers.implementation_version.clone_from(&full);
        }
        markers.python_version = format!("{major}.{minor}");
        markers.python_full_version = full;
        self.version = format!("{major}.{minor}.{patch}");
        self.version_nodot = Some(format!("{major}{minor}"));
        self.free_threaded = name.free_threaded;
        self.debug = false;
        self.pymalloc = true;
        // The ABI of other implementations does not follow from the version of Python.
        self.extension_suffix =
            (self.implementation == "pypy").then(|| format!(".pypy{major}{minor}-pp73.so"));
        self
    }

    /// The same Python on another platform, of which markers see no release or version of the system.
    #[must_use]
    pub fn on_platform(mut self, platform: &Platform) -> Self {
        let (os_name, sys_platform, system) = marker_names(platform);
        let version = match platform {
            // Since 3.14 FreeBSD is `freebsd` alone.
            Platform::Bsd { release, .. } if system != "FreeBSD" || self.python() < (3, 14) => {
                release.split('_').next().unwrap_or_default()
            }
            _ => "",
        };
        let markers = &mut self.marker_environment;
        os_name.clone_into(&mut markers.os_name);
        system.clone_into(&mut markers.platform_system);
        machine(platform).clone_into(&mut markers.platform_machine);
        markers.platform_release = String::new();
        markers.platform_version = String::new();
        markers.sys_platform = format!("{sys_platform}{version}");
        self = Self {
            system: system.to_owned(),
            platform: build_platform(platform),
            pointer_size: 64,
            libc: None,
            elf: None,
            manylinux_refused: Vec::new(),
            macos: None,
            ios: None,
            android_api_level: None,
            pyemscripten_version: None,
            ..self
        };
        match platform {
            Platform::Glibc { version, machine } => {
                self.on_linux((LibcName::Glibc, *version), machine);
            }
            Platform::Musl { version, machine } => {
                self.on_linux((LibcName::Musl, *version), machine);
            }
            Platform::MacOs { version, machine } => {
                self.macos = Some(MacOs {
                    version: *version,
                    machine: machine.clone(),
                });
            }
            Platform::Ios { version, multiarch } => {
                self.ios = Some(Ios {
                    version: *version,
                    multiarch: multiarch.clone(),
                });
            }
            Platform::Android { level, .. } => self.android_api_level = Some(*level),
            Platform::Pyodide { version } => self.pyemscripten_version = Some(version.clone()),
            Platform::Windows { machine: "x86" } => self.pointer_size = 32,
            Platform::Windows { .. } | Platform::Emscripten { .. } | Platform::Bsd { .. } => {}
        }
        self
    }

    fn on_linux(&mut self, (name, version): (LibcName, (u32, u32)), machine: &str) {
        self.libc = Some(Libc { name, version });
        let executable = match machine {
            "i686" => Some(I386),
            "armv7l" | "armv6l" => Some(ARM),
            _ => None,
        };
        if let Some((machine, flags)) = executable {
            self.pointer_size = 32;
            self.elf = Some(Elf {
                bits: 32,
                little_endian: true,
                machine,
                flags,
            });
        }
    }
}

/// What `sysconfig.get_platform()` says there.
fn build_platform(platform: &Platform) -> String {
    match platform {
        Platform::Glibc { machine, .. } | Platform::Musl { machine, .. } => {
            format!("linux-{machine}")
        }
        Platform::MacOs { version, machine } => {
            format!("macosx-{}.{}-{machine}", version.0, version.1)
        }
        Platform::Windows { machine: "x86" } => "win32".to_owned(),
        Platform::Windows { machine } => format!("win-{}", machine.to_ascii_lowercase()),
        Platform::Android { level, abi } => format!("android-{level}-{abi}"),
        Platform::Ios { version, multiarch } => {
            format!("ios-{}.{}-{multiarch}", version.0, version.1)
        }
        // The tag of its wheels before PEP 783; those after it follow from the version.
        Platform::Pyodide { version } => format!("pyodide-{version}-wasm32"),
        Platform::Emscripten { version } => format!("emscripten-{version}-wasm32"),
        Platform::Bsd {
            system,
            release,
            machine,
        } => format!("{}-{release}-{machine}", system.to_ascii_lowercase()),
    }
}

/// `os_name`, `sys_platform` (of a BSD without the version) and `platform_system`.
fn marker_names(platform: &Platform) -> (&'static str, &'static str, &'static str) {
    match platform {
        Platform::Glibc { .. } | Platform::Musl { .. } => ("posix", "linux", "Linux"),
        Platform::MacOs { .. } => ("posix", "darwin", "Darwin"),
        Platform::Windows { .. } => ("nt", "win32", "Windows"),
        Platform::Android { .. } => ("posix", "android", "Android"),
        Platform::Ios { .. } => ("posix", "ios", "iOS"),
        Platform::Pyodide { .. } | Platform::Emscripten { .. } => {
            ("posix", "emscripten", "Emscripten")
        }
        Platform::Bsd { system, .. } => match *system {
            "FreeBSD" => ("posix", "freebsd", "FreeBSD"),
            "NetBSD" => ("posix", "netbsd", "NetBSD"),
            _ => ("posix", "openbsd", "OpenBSD"),
        },
    }
}

/// `platform_machine`.
fn machine(platform: &Platform) -> &str {
    match platform {
        Platform::Glibc { machine, .. }
        | Platform::Musl { machine, .. }
        | Platform::MacOs { machine, .. }
        | Platform::Bsd { machine, .. } => machine,
        Platform::Windows { machine } => machine,
        Platform::Android { abi, .. } => android_machine(abi).unwrap_or(abi),
        Platform::Ios { multiarch, .. } => multiarch
            .split_once("_iphone")
            .map_or(multiarch, |(machine, _)| machine),
        Platform::Pyodide { .. } | Platform::Emscripten { .. } => "wasm32",
    }
}
