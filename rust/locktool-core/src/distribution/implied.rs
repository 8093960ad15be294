//! Compatibility tags of a wheel -> the marker under which some combination of them may be installed.
//!
//! Markers know less than tags: the C library, the version of the system and free threading are not in them, so
//! the marker says where a wheel may fit, and [`crate::distribution::compatible`] whether it does.

use crate::distribution::platform::PlatformTag;
use crate::distribution::tag::{Implementation, Interpreter, WheelTags};
use crate::marker::{KnownTexts, Marker};

/// The environments in which some combination of the tags may be installed; `FALSE` where none can.
///
/// `py3-none-any` needs Python 3 or later, `cp38-abi3-win_amd64` `CPython` 3.8 or later on 64-bit Windows.
pub fn implied_marker(tags: &WheelTags) -> Marker {
    implied(tags).marker
}

/// What a set of tags says of environments.
#[derive(Clone, Copy)]
struct Implied {
    marker: Marker,
    /// Every tag is known, and says which systems it is for.
    is_exact: bool,
}

fn implied(tags: &WheelTags) -> Implied {
    /// A release's wheels repeat the sets of the release before, and whole indexes share a few hundred.
    static KNOWN: KnownTexts<Implied> = KnownTexts::new();
    KNOWN.known_or_made(tags.as_str(), || Implied {
        marker: combine(tags),
        is_exact: tags.has_known_interpreters() && tags.platform().all(names_systems),
    })
}

/// Whether a platform tag is known and says which systems it is for; `any` is for all.
fn names_systems(tag: &str) -> bool {
    match PlatformTag::parse(tag) {
        Some(PlatformTag::Any) => true,
        Some(tag) => tag
            .condition()
            .is_some_and(|condition| !condition.machines.is_empty()),
        None => false,
    }
}

fn combine(tags: &WheelTags) -> Marker {
    let mut on_platforms = Marker::FALSE;
    let mut everywhere = Marker::FALSE;
    for interpreter in tags.interpreters() {
        let marker = parse(&interpreter_text(interpreter));
        on_platforms = on_platforms.or(marker);
        if interpreter.without_platform {
            everywhere = everywhere.or(marker);
        }
    }
    let (platforms, any) = platforms(tags);
    let anywhere = if any { everywhere } else { Marker::FALSE };
    on_platforms.and(platforms).or(anywhere)
}

/// Whether no environment of `installable` can install a wheel with these tags. A tag that is not known proves nothing.
pub fn is_unusable(tags: &WheelTags, installable: Marker) -> bool {
    let implied = implied(tags);
    implied.is_exact && implied.marker.is_disjoint(installable)
}

/// The platforms of the tags, whatever the interpreter: `sys_platform == 'win32' and platform_machine == 'AMD64'`.
pub fn platform_marker(tags: &WheelTags) -> Marker {
    match platforms(tags) {
        (_, true) => Marker::TRUE,
        (platforms, false) => platforms,
    }
}

/// The platforms that the tags name, and whether `any` is among them.
fn platforms(tags: &WheelTags) -> (Marker, bool) {
    /// A few dozen tags make up the hundreds of sets.
    static KNOWN: KnownTexts<Marker> = KnownTexts::new();
    let mut platforms = Marker::FALSE;
    let mut any = false;
    for tag in tags.platform() {
        match PlatformTag::parse(tag) {
            None => {}
            Some(PlatformTag::Any) => any = true,
            Some(parsed) => {
                let marker = KNOWN.known_or_made(tag, || platform_condition(parsed));
                platforms = platforms.or(marker);
            }
        }
    }
    (platforms, any)
}

/// `python_version == '3.12' and implementation_name == 'cpython'`
fn interpreter_text(interpreter: Interpreter<'_>) -> String {
    let Interpreter {
        implementation,
        major,
        minor,
        or_later,
        ..
    } = interpreter;
    let version = match (or_later, implementation) {
        // A wheel for Python 2 is not one for Python 3, yet one for Python 3 is taken for what follows it.
        (true, Implementation::Any) if major < 3 => {
            format!(
                "python_version >= '{major}.{minor}' and python_version < '{}'",
                major + 1
            )
        }
        (true, _) => format!("python_version >= '{major}.{minor}'"),
        (false, _) => format!("python_version == '{major}.{minor}'"),
    };
    let implementation = match implementation {
        Implementation::Any => return version,
        Implementation::CPython => "cpython",
        Implementation::PyPy => "pypy",
        Implementation::Other("jy") => "jython",
        Implementation::Other("ip") => "ironpython",
        Implementation::Other(name) => name,
    };
    format!("{version} and implementation_name == '{implementation}'")
}

/// `FALSE` for `any`, and for a system on which no machine fits.
fn platform_condition(tag: PlatformTag<'_>) -> Marker {
    let Some(condition) = tag.condition() else {
        return Marker::FALSE;
    };
    let machines = condition.machines.iter().map(|machine| {
        let system = condition.system;
        parse(&format!("{system} and platform_machine == '{machine}'"))
    });
    machines.fold(Marker::FALSE, Marker::or)
}

/// The marker of a text that is built here.
pub(super) fn parse(text: &str) -> Marker {
    text.parse().expect("built from words that need no quoting")
}
