//! The fields of an environment that a marker may name, how a comparison of each is typed
//! ("Environment markers" of the dependency specifiers specification, January 2026), and the
//! comparison operators.

/// An environment field, e.g. `sys_platform`.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    PythonVersion,
    PythonFullVersion,
    ImplementationVersion,
    PlatformRelease,
    PlatformVersion,
    PlatformMachine,
    SysPlatform,
    OsName,
    PlatformSystem,
    PlatformPythonImplementation,
    ImplementationName,
    Extra,
    Extras,
    DependencyGroups,
}

impl Field {
    /// The field a marker spells like this; the dotted and other old spellings count.
    pub fn from_spelling(spelling: &str) -> Option<Self> {
        Some(match spelling {
            "python_version" => Self::PythonVersion,
            "python_full_version" => Self::PythonFullVersion,
            "implementation_version" => Self::ImplementationVersion,
            "platform_release" => Self::PlatformRelease,
            "platform_version" | "platform.version" => Self::PlatformVersion,
            "platform_machine" | "platform.machine" => Self::PlatformMachine,
            "sys_platform" | "sys.platform" => Self::SysPlatform,
            "os_name" | "os.name" => Self::OsName,
            "platform_system" => Self::PlatformSystem,
            "platform_python_implementation"
            | "platform.python_implementation"
            | "python_implementation" => Self::PlatformPythonImplementation,
            "implementation_name" => Self::ImplementationName,
            "extra" => Self::Extra,
            "extras" => Self::Extras,
            "dependency_groups" => Self::DependencyGroups,
            _ => return None,
        })
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::PythonVersion => "python_version",
            Self::PythonFullVersion => "python_full_version",
            Self::ImplementationVersion => "implementation_version",
            Self::PlatformRelease => "platform_release",
            Self::PlatformVersion => "platform_version",
            Self::PlatformMachine => "platform_machine",
            Self::SysPlatform => "sys_platform",
            Self::OsName => "os_name",
            Self::PlatformSystem => "platform_system",
            Self::PlatformPythonImplementation => "platform_python_implementation",
            Self::ImplementationName => "implementation_name",
            Self::Extra => "extra",
            Self::Extras => "extras",
            Self::DependencyGroups => "dependency_groups",
        }
    }

    /// Whether the field compares as a version where both sides are one.
    pub fn is_version(self) -> bool {
        matches!(
            self,
            Self::PythonVersion
                | Self::PythonFullVersion
                | Self::ImplementationVersion
                | Self::PlatformRelease
        )
    }

    /// Whether the field is a set of names, which only `in` and `not in` can ask about.
    pub fn is_set(self) -> bool {
        matches!(self, Self::Extras | Self::DependencyGroups)
    }
}

/// A comparison operator of the marker grammar.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Comparator {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
    /// `~=`
    Compatible,
    /// `===`
    Arbitrary,
    /// `in`
    In,
    /// `not in`
    NotIn,
}

impl Comparator {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessEqual => "<=",
            Self::Greater => ">",
            Self::GreaterEqual => ">=",
            Self::Compatible => "~=",
            Self::Arbitrary => "===",
            Self::In => "in",
            Self::NotIn => "not in",
        }
    }

    /// Whether the operator compares versions by their order.
    pub fn is_specifier(self) -> bool {
        !matches!(self, Self::Arbitrary | Self::In | Self::NotIn)
    }

    /// The comparison of two strings, or `None` where the specification defines none.
    ///
    /// Strings have no order: `<` and `>` never hold, `<=` and `>=` hold between equals.
    pub fn compare_strings(self, left: &str, right: &str) -> Option<bool> {
        Some(match self {
            Self::Equal | Self::LessEqual | Self::GreaterEqual => left == right,
            Self::NotEqual => left != right,
            Self::Less | Self::Greater => false,
            Self::In => right.contains(left),
            Self::NotIn => !right.contains(left),
            Self::Compatible | Self::Arbitrary => return None,
        })
    }
}
