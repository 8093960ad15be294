//! What one Python says of itself, as far as it decides what markers see and which wheels the Python installs.
//!
//! The names are those of the probe's script, which Python hands over as `MessagePack`; fields that tags do not need
//! are left out here.

use serde::Deserialize;

use crate::marker::MarkerEnvironment;

/// The facts of one interpreter.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct InterpreterFacts {
    /// `sys.implementation.name`: `cpython`
    pub implementation: String,
    /// `3.12.4`
    pub version: String,
    /// The variables that markers ask about.
    pub marker_environment: MarkerEnvironment,
    /// `py_version_nodot` of sysconfig: `312`
    pub version_nodot: Option<String>,
    /// Whether it is a debug build, whose extensions have an ABI of their own.
    pub debug: bool,
    /// Whether it is a build without the global lock.
    pub free_threaded: bool,
    /// Whether it has the allocator that marked the ABI up to 3.7, `cp37m`.
    pub pymalloc: bool,
    /// `EXT_SUFFIX` of sysconfig: `.pypy39-pp73-x86_64-linux-gnu.so`
    pub extension_suffix: Option<String>,
    /// `platform.system()`: `Linux`
    pub system: String,
    /// `sysconfig.get_platform()`: `linux-x86_64`
    pub platform: String,
    /// The bits of a pointer: 64
    pub pointer_size: u32,
    /// The C library that the interpreter is linked with, on Linux.
    pub libc: Option<Libc>,
    /// The head of the executable, where it is an ELF file.
    pub elf: Option<Elf>,
    /// What the `_manylinux` module of the environment refuses: `2_17_x86_64`
    pub manylinux_refused: Vec<String>,
    /// The macOS that it runs on.
    pub macos: Option<MacOs>,
    /// The iOS that it runs on.
    pub ios: Option<Ios>,
    /// The API level of Android.
    pub android_api_level: Option<u32>,
    /// `PYEMSCRIPTEN_PLATFORM_VERSION` of sysconfig: `2025_0`
    pub pyemscripten_version: Option<String>,
}

/// A C library and its version.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Libc {
    pub name: LibcName,
    pub version: (u32, u32),
}

/// The C libraries that wheels are built for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LibcName {
    Glibc,
    Musl,
}

/// The fields of an ELF header that tell a calling convention.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Elf {
    /// 32 or 64
    pub bits: u32,
    pub little_endian: bool,
    /// `e_machine`: 40 for ARM
    pub machine: u32,
    pub flags: u32,
}

/// The macOS of an interpreter.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct MacOs {
    /// The version of the system, not that of the SDK.
    pub version: (u32, u32),
    /// `arm64` or `x86_64`
    pub machine: String,
}

/// The iOS of an interpreter.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Ios {
    pub version: (u32, u32),
    /// `arm64-iphoneos`
    pub multiarch: String,
}

impl InterpreterFacts {
    /// Major and minor version.
    pub fn python(&self) -> (u32, u32) {
        let mut numbers = self
            .version
            .split('.')
            .map(|number| number.parse().unwrap_or(0));
        (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
    }
}
