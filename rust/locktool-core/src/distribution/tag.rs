//! Compatibility tags of wheels: the sets of Python, ABI and platform tags in a file name, and what each pair of a
//! Python and an ABI tag asks of the interpreter (platform compatibility tags specification, PEP 425, 384, 803).

pub use crate::distribution::implied::{implied_marker, is_unusable, platform_marker};

/// The compatibility tags of a wheel, lower case, as its name writes them: `py2.py3`, `none`, `any`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct WheelTags {
    /// `cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64`
    text: Box<str>,
    abi_start: u16,
    platform_start: u16,
}

/// The Python, ABI and platform tags of a wheel where they stand in its name: `py2.py3`, `none`, `any`.
#[derive(Debug, Clone, Copy)]
pub struct TagSets<'n> {
    python: &'n str,
    abi: &'n str,
    platform: &'n str,
    lengths: [u16; 2],
}

impl<'n> TagSets<'n> {
    /// `None` where one part is empty, holds an empty member, a character that no tag has, or a Python tag that starts
    /// with a digit.
    pub fn new([python, abi, platform]: [&'n str; 3]) -> Option<Self> {
        let has_number = |tag: &str| tag.as_bytes().first().is_some_and(u8::is_ascii_digit);
        if ![python, abi, platform].into_iter().all(is_set_of_tags)
            || python.split('.').any(has_number)
        {
            return None;
        }
        let lengths = [
            u16::try_from(python.len()).ok()?,
            u16::try_from(abi.len()).ok()?,
        ];
        lengths[0].checked_add(lengths[1])?.checked_add(2)?;
        Some(Self {
            python,
            abi,
            platform,
            lengths,
        })
    }
}

impl From<TagSets<'_>> for WheelTags {
    fn from(sets: TagSets<'_>) -> Self {
        let mut text = [sets.python, sets.abi, sets.platform].join("-");
        text.make_ascii_lowercase();
        let [python, abi] = sets.lengths;
        Self {
            text: text.into(),
            abi_start: python + 1,
            platform_start: python + abi + 2,
        }
    }
}

impl WheelTags {
    /// Joins the three parts of a wheel's name; `None` where [`TagSets::new`] refuses one.
    pub fn parse(python: &str, abi: &str, platform: &str) -> Option<Self> {
        TagSets::new([python, abi, platform]).map(Self::from)
    }

    /// The Python tags: `cp312`, or `py2` and `py3`.
    pub fn python(&self) -> impl Iterator<Item = &str> + Clone {
        self.text[..usize::from(self.abi_start) - 1].split('.')
    }

    /// The ABI tags: `cp312`, `abi3`, `none`.
    pub fn abi(&self) -> impl Iterator<Item = &str> + Clone {
        self.text[usize::from(self.abi_start)..usize::from(self.platform_start) - 1].split('.')
    }

    /// The platform tags: `win_amd64`, `any`.
    pub fn platform(&self) -> impl Iterator<Item = &str> + Clone {
        self.text[usize::from(self.platform_start)..].split('.')
    }

    /// As the name writes them: `py2.py3-none-any`.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether each Python tag makes a pair that is known here.
    pub(super) fn has_known_interpreters(&self) -> bool {
        let is_known = |python| self.abi().any(|abi| Interpreter::of(python, abi).is_some());
        self.python().all(is_known)
    }

    /// What each installable pair of a Python and an ABI tag asks of the interpreter.
    pub(super) fn interpreters(&self) -> impl Iterator<Item = Interpreter<'_>> {
        self.python().flat_map(|python| {
            self.abi()
                .filter_map(move |abi| Interpreter::of(python, abi))
        })
    }
}

/// Whether the text has the form `cp311.cp312`, without an empty member.
fn is_set_of_tags(text: &str) -> bool {
    let mut before = b'.';
    for byte in text.bytes() {
        let is_in_tag = byte.is_ascii_alphanumeric() || byte == b'_';
        if !is_in_tag && (byte != b'.' || before == b'.') {
            return false;
        }
        before = byte;
    }
    before != b'.'
}

/// What a pair of a Python and an ABI tag asks of the interpreter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Interpreter<'a> {
    pub implementation: Implementation<'a>,
    pub major: u32,
    pub minor: u32,
    /// Whether later minor versions fit too: the stable ABI, or no ABI at all.
    pub or_later: bool,
    /// The letters after the version of a `CPython` ABI: `t` for free-threaded builds, `d` for debug, `m` before 3.8.
    pub flags: &'a str,
    /// Whether the pair fits beside the platform `any`: only without an ABI.
    pub without_platform: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Implementation<'a> {
    /// `py3`
    Any,
    /// `cp312`
    CPython,
    /// `pp310`
    PyPy,
    /// `graalpy311`: the letters of the tag
    Other(&'a str),
}

impl<'a> Interpreter<'a> {
    /// `None` where no installer takes the pair, as `py3` with `cp312`.
    fn of(python: &'a str, abi: &'a str) -> Option<Self> {
        let digits = python
            .find(|character: char| character.is_ascii_digit())
            .unwrap_or(python.len());
        let (letters, digits) = python.split_at(digits);
        let (major, minor) = python_version(digits)?;
        let implementation = match letters {
            "py" => Implementation::Any,
            "cp" => Implementation::CPython,
            "pp" => Implementation::PyPy,
            _ => Implementation::Other(letters),
        };
        let none = abi == "none";
        let exact = Self {
            implementation,
            major,
            minor: minor.unwrap_or(0),
            or_later: false,
            flags: "",
            without_platform: none,
        };
        let later = Self {
            or_later: true,
            ..exact
        };
        match (implementation, minor) {
            (Implementation::Any, _) => none.then_some(later),
            (Implementation::CPython, None) => None,
            (Implementation::CPython, Some(_)) if none => Some(exact),
            (Implementation::CPython, Some(minor)) => match abi {
                // The stable ABI came with 3.2 (PEP 384), that of free-threaded builds with 3.15 (PEP 803).
                "abi3" => (major == 3 && minor >= 2).then_some(later),
                "abi3t" => (major == 3 && minor >= 2).then_some(Self {
                    minor: minor.max(15),
                    flags: "t",
                    ..later
                }),
                _ => {
                    let flags = abi.strip_prefix("cp")?.strip_prefix(digits)?;
                    let known = flags
                        .bytes()
                        .all(|flag| matches!(flag, b'd' | b'm' | b't' | b'u'));
                    known.then_some(Self { flags, ..exact })
                }
            },
            (_, Some(_)) => Some(exact),
            (_, None) => none.then_some(later),
        }
    }
}

/// `312` -> 3 and 12, `3` -> 3 alone: the first digit is the major version.
fn python_version(digits: &str) -> Option<(u32, Option<u32>)> {
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (major, minor) = digits.split_at_checked(1)?;
    let minor = if minor.is_empty() {
        None
    } else {
        Some(minor.parse().ok()?)
    };
    Some((major.parse().ok()?, minor))
}
