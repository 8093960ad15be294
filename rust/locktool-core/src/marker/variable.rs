//! What a diagram branches on, and in which order.
//!
//! The order is that of the `Variable` enum: the interpreter first, so that the Python versions
//! for which a marker can hold are the edges of its top node; the platform late, where the
//! diagram of valid platforms (`exclusion`) ends every path; opaque comparisons last, so that
//! they are asked only where a value is none of the known ones.

use crate::marker::expression::Comparison;
use crate::marker::field::Field;
use crate::marker::text::Text;

/// A variable of the diagrams.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Variable {
    /// `python_full_version`, and with it `python_version`.
    Python,
    ImplementationVersion,
    Extra,
    /// `'x' in extras`
    InExtras(Text),
    /// `'x' in dependency_groups`
    InGroups(Text),
    PlatformMachine,
    PlatformRelease,
    PlatformVersion,
    SysPlatform,
    OsName,
    PlatformSystem,
    PlatformPythonImplementation,
    ImplementationName,
    /// A comparison that is neither a range nor a list of values, e.g. `'win' in sys_platform`.
    Opaque(Comparison),
}

/// How a variable branches.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// By cuts in the line of interpreter versions.
    Versions,
    /// By listed values and one edge for every other value.
    Texts,
    /// By false and true.
    Truth,
}

impl Variable {
    /// The variable that the listed values of a string field belong to.
    pub fn of_text_field(field: Field) -> Option<Self> {
        Some(match field {
            Field::PlatformRelease => Self::PlatformRelease,
            Field::PlatformVersion => Self::PlatformVersion,
            Field::PlatformMachine => Self::PlatformMachine,
            Field::SysPlatform => Self::SysPlatform,
            Field::OsName => Self::OsName,
            Field::PlatformSystem => Self::PlatformSystem,
            Field::PlatformPythonImplementation => Self::PlatformPythonImplementation,
            Field::ImplementationName => Self::ImplementationName,
            Field::Extra => Self::Extra,
            Field::PythonVersion
            | Field::PythonFullVersion
            | Field::ImplementationVersion
            | Field::Extras
            | Field::DependencyGroups => return None,
        })
    }

    pub fn kind(self) -> Kind {
        match self {
            Self::Python | Self::ImplementationVersion => Kind::Versions,
            Self::InExtras(_) | Self::InGroups(_) | Self::Opaque(_) => Kind::Truth,
            _ => Kind::Texts,
        }
    }

    /// The field whose value decides the branch.
    pub fn field(self) -> Field {
        match self {
            Self::Python => Field::PythonFullVersion,
            Self::ImplementationVersion => Field::ImplementationVersion,
            Self::Extra => Field::Extra,
            Self::InExtras(_) => Field::Extras,
            Self::InGroups(_) => Field::DependencyGroups,
            Self::PlatformMachine => Field::PlatformMachine,
            Self::PlatformRelease => Field::PlatformRelease,
            Self::PlatformVersion => Field::PlatformVersion,
            Self::SysPlatform => Field::SysPlatform,
            Self::OsName => Field::OsName,
            Self::PlatformSystem => Field::PlatformSystem,
            Self::PlatformPythonImplementation => Field::PlatformPythonImplementation,
            Self::ImplementationName => Field::ImplementationName,
            Self::Opaque(comparison) => comparison.field,
        }
    }
}

const SYS_PLATFORMS: [&str; 10] = [
    "aix",
    "android",
    "cygwin",
    "darwin",
    "emscripten",
    "ios",
    "linux",
    "linux2",
    "wasi",
    "win32",
];
const PLATFORM_SYSTEMS: [&str; 11] = [
    "AIX",
    "Android",
    "Darwin",
    "Emscripten",
    "FreeBSD",
    "Java",
    "Linux",
    "SunOS",
    "Windows",
    "iOS",
    "iPadOS",
];
const PLATFORM_MACHINES: [&str; 15] = [
    "AMD64",
    "ARM64",
    "aarch64",
    "arm64",
    "armv6l",
    "armv7l",
    "i386",
    "i686",
    "loongarch64",
    "ppc64",
    "ppc64le",
    "riscv64",
    "s390x",
    "x86",
    "x86_64",
];
const IMPLEMENTATIONS: [&str; 6] = [
    "CPython",
    "GraalPy",
    "GraalVM",
    "IronPython",
    "Jython",
    "PyPy",
];
const IMPLEMENTATION_NAMES: [&str; 6] = [
    "cpython",
    "graalpy",
    "ironpython",
    "jython",
    "micropython",
    "pypy",
];

/// Values that a field is known to take, listed where a comparison is opaque for others.
pub fn known_values(field: Field) -> &'static [&'static str] {
    match field {
        Field::SysPlatform => &SYS_PLATFORMS,
        Field::OsName => &["java", "nt", "posix"],
        Field::PlatformSystem => &PLATFORM_SYSTEMS,
        Field::PlatformMachine => &PLATFORM_MACHINES,
        Field::PlatformPythonImplementation => &IMPLEMENTATIONS,
        Field::ImplementationName => &IMPLEMENTATION_NAMES,
        Field::Extra => &[""],
        _ => &[],
    }
}
