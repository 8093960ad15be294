//! TOML documents in and out: the round trip as a law, the house layout as text, and bad input.

use locktool_core::document::toml::{
    PlainDocument, any_to_messagepack, lock_to_toml, toml_to_messagepack,
};
use proptest::prelude::*;
use proptest::sample::select;
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

/// A document in the order it is built, for writing `MessagePack` without the code under test.
#[derive(Debug, Clone)]
enum Value {
    Text(String),
    Integer(i64),
    Float(f64),
    Boolean(bool),
    Array(Vec<Value>),
    Table(Vec<(String, Value)>),
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Integer(number) => serializer.serialize_i64(*number),
            Self::Float(number) => serializer.serialize_f64(*number),
            Self::Boolean(value) => serializer.serialize_bool(*value),
            Self::Array(items) => items.serialize(serializer),
            Self::Table(entries) => {
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                for (key, value) in entries {
                    map.serialize_entry(key, value)?;
                }
                map.end()
            }
        }
    }
}

fn messagepack(value: &Value) -> Vec<u8> {
    rmp_serde::to_vec(value).expect("serialisable")
}

fn key() -> impl Strategy<Value = String> {
    prop_oneof![
        select(
            &[
                "tool",
                "packages",
                "members",
                "locktool",
                "wheels",
                "upload-time",
                "extras",
                "name"
            ][..]
        )
        .prop_map(str::to_owned),
        "[a-z0-9_-]{1,8}",
        any::<String>(),
    ]
}

fn table(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Vec<(String, Value)>> {
    prop::collection::vec((key(), value), 0..6).prop_map(|mut entries| {
        let mut seen = std::collections::HashSet::new();
        entries.retain(|(key, _)| seen.insert(key.clone()));
        entries
    })
}

fn value() -> impl Strategy<Value = Value> + Clone {
    let leaf = prop_oneof![
        any::<String>().prop_map(Value::Text),
        Just(Value::Text("2026-01-02T03:04:05.120000Z".to_owned())),
        Just(Value::Text(
            "a \"quoted\" \\ 'text'\u{1b}\u{7f}\r\n\t[[packages]]".to_owned()
        )),
        any::<i64>().prop_map(Value::Integer),
        (-1e300..1e300).prop_map(Value::Float),
        any::<bool>().prop_map(Value::Boolean),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::Array),
            prop::collection::vec(table(inner.clone()).prop_map(Value::Table), 0..4)
                .prop_map(Value::Array),
            table(inner).prop_map(Value::Table),
        ]
    })
}

/// What TOML is made of, so that random text is TOML now and then.
const PIECES: [&str; 40] = [
    "\n",
    "\n",
    "\n",
    " ",
    "\r\n",
    "# note\n",
    "#\u{1}\n",
    "a",
    "b",
    "c",
    ".",
    "=",
    " = ",
    "a = ",
    "b = ",
    "a.b = ",
    "a.c = ",
    "[a]\n",
    "[b]\n",
    "[a.b]\n",
    "[[a]]\n",
    "[[a.b]]\n",
    "[[b]]\n",
    "[",
    "]",
    "{",
    "}",
    ", ",
    "\"a\\\"b\"",
    "'a\"b'",
    "\"\"",
    "''",
    "\"\\u00e9\"",
    "1",
    "-0",
    "0.5",
    "true",
    "2026-01-02T03:04:05.5Z",
    "2025-02-29T00:00:00Z",
    "\u{e9}",
];

proptest! {
    #[test]
    fn write_then_read_is_identity(entries in table(value())) {
        let moved = entries.last().is_some_and(|(key, value)| key == "packages" && matches!(value, Value::Array(items) if items.is_empty()));
        prop_assume!(!moved);
        let document = messagepack(&Value::Table(entries));
        let text = lock_to_toml(&document).expect("writable");
        prop_assert_eq!(toml_to_messagepack(text.as_bytes()), Ok(document), "{}", text);
    }

    #[test]
    fn writing_twice_gives_the_same_text(entries in table(value())) {
        let text = lock_to_toml(&messagepack(&Value::Table(entries))).expect("writable");
        let again = lock_to_toml(&toml_to_messagepack(text.as_bytes()).expect("readable")).expect("writable");
        prop_assert_eq!(again, text);
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = toml_to_messagepack(&bytes);
        let _ = lock_to_toml(&bytes);
    }

    #[test]
    fn plain_text_means_the_same_to_the_general_reader(pieces in prop::collection::vec(select(&PIECES), 0..24)) {
        let text = pieces.concat();
        if let Some(document) = PlainDocument::parse(&text) {
            prop_assert_eq!(any_to_messagepack(&text), Ok(document.to_messagepack()), "{}", text);
        }
    }

    #[test]
    fn a_lock_with_an_edit_means_the_same_to_both_readers(place in 0..HOUSE_LAYOUT.len(), removed in 0..12_usize, piece in select(&PIECES)) {
        let mut text = HOUSE_LAYOUT.to_owned();
        text.replace_range(place..(place + removed).min(HOUSE_LAYOUT.len()), piece);
        if let Some(document) = PlainDocument::parse(&text) {
            prop_assert_eq!(any_to_messagepack(&text), Ok(document.to_messagepack()), "{}", text);
        }
    }

    #[test]
    fn toml_like_text_is_read_or_refused(text in "[\\[\\]{}=.,\"'# a-c0-9:\n-]{0,80}") {
        if let Some(document) = PlainDocument::parse(&text) {
            prop_assert_eq!(any_to_messagepack(&text), Ok(document.to_messagepack()), "{}", text);
        }
        if let Err(error) = toml_to_messagepack(text.as_bytes()) {
            prop_assert!(error.line >= 1 && error.column >= 1 && error.message.ends_with('.'), "{error}");
        }
    }
}

const HOUSE_LAYOUT: &str = r#"lock-version = "1.0"
requires-python = ">=3.11"
environments = [
  "sys_platform == 'linux'",
]
extras = ["s3"]
dependency-groups = ["dev", "docs"]
created-by = "locktool"

[tool.locktool]
schema = 1
resolution = "highest"
sources = [
  { name = "numpy", index = "internal" },
]
conflicts = [
  [{ extra = "a" }, { extra = "b" }],
]

[[tool.locktool.members]]
name = "demo"
path = "."
dependencies = [
  "numpy>=1.26",
]
extras.s3 = [
  "boto3>=1.30",
]
groups.dev = [
  "pytest",
]

[[tool.locktool.members]]
name = "other"
path = "packages/other"
dependencies = []
extras = {}

[[tool.locktool.build-requirements]]
requires = [
  "setuptools>=61",
]
for = [
  "demo",
]
digest = "0123"

[[tool.locktool.build-requirements.packages]]
name = "setuptools"
version = "80.9.0"
dependencies = [{ name = "wheel" }]
wheels = [
  { name = "setuptools-80.9.0-py3-none-any.whl", hashes = { sha256 = "00" } },
]
[tool.locktool.build-requirements.packages.tool.locktool]
digest = "0011"
requires = ["wheel"]

[[tool.locktool.build-requirements.packages]]
name = "wheel"

[[packages]]
name = "boto3"
version = "1.43.11"
marker = "'s3' in extras"
requires-python = ">=3.10"
dependencies = [{ name = "botocore" }]
index = "https://example.invalid/simple/"
sdist = { name = "boto3-1.43.11.tar.gz", upload-time = 2026-01-02T03:04:05Z, size = 1 }
wheels = [
  { name = "boto3-1.43.11-py3-none-any.whl", upload-time = 2026-01-02T03:04:05.123Z, hashes = { sha256 = "00" } },
]
[packages.tool.locktool]
digest = "0011"
requires = ["botocore>=1.43.11,<1.44.0"]

[[packages]]
name = "botocore"
version = "1.43.11"
marker = 'sys_platform == "linux"'
dependencies = [
  { name = "a" },
  { name = "b", version = "1.0" },
]
[packages.tool.locktool]
requires = [
  "a",
  "b>=1",
]

[[packages]]
name = "demo"
directory = { path = ".", editable = true }
"#;

#[test]
fn the_house_layout_is_plain() {
    assert!(PlainDocument::parse(HOUSE_LAYOUT).is_some());
}

#[test]
fn the_house_layout_is_a_fixed_point() {
    let document = toml_to_messagepack(HOUSE_LAYOUT.as_bytes()).expect("readable");
    assert_eq!(lock_to_toml(&document).expect("writable"), HOUSE_LAYOUT);
}

#[test]
fn a_lock_without_packages_keeps_its_sections() {
    let text = "lock-version = \"1.0\"\npackages = []\n\n[tool.locktool]\nschema = 1\n";
    let tool = Value::Table(vec![(
        "locktool".into(),
        Value::Table(vec![("schema".into(), Value::Integer(1))]),
    )]);
    let version = Value::Text("1.0".into());
    let document = vec![
        ("lock-version".into(), version),
        ("tool".into(), tool),
        ("packages".into(), Value::Array(vec![])),
    ];
    assert_eq!(
        lock_to_toml(&messagepack(&Value::Table(document))).expect("writable"),
        text
    );
}

#[test]
fn datetimes_become_rfc_3339_text() {
    let table = |text: &str| Value::Table(vec![("time".into(), Value::Text(text.into()))]);
    for (written, read) in [
        ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z"),
        ("2026-01-02 03:04:05.500z", "2026-01-02T03:04:05.500Z"),
        ("2026-01-02t03:04:05+02:00", "2026-01-02T03:04:05+02:00"),
        ("2026-01-02", "2026-01-02"),
        ("03:04:05", "03:04:05"),
    ] {
        let document = toml_to_messagepack(format!("time = {written}\n").as_bytes());
        assert_eq!(document, Ok(messagepack(&table(read))), "{written}");
    }
}

#[test]
fn errors_carry_line_column_and_a_sentence() {
    let deep = format!("a = {}", "[".repeat(100_000));
    let dotted = format!("{}a = 1", "a.".repeat(100_000));
    let cases: [(&[u8], usize, usize, &str); 11] = [
        (b"a = 1\nb = = 2\n", 2, 5, ""),
        (b"a = 1\na = 2\n", 2, 1, "The key `a` is defined twice."),
        ("\u{e9}\u{e9} = 1".as_bytes(), 1, 1, ""),
        ("a = '\u{e9}\u{e9}' x".as_bytes(), 1, 10, ""),
        (b"\xef\xbb\xbfa = 1", 1, 1, "byte order mark"),
        (b"\xff\xfea\0", 1, 1, "UTF-16"),
        (b"a = 1\nb = '\xe9'", 2, 6, "The byte 0xe9 is not UTF-8."),
        (
            b"a = 1\n<<<<<<< HEAD\nb = 1\n=======\nb = 2\n>>>>>>> x\n",
            2,
            1,
            "Git conflict marker `<<<<<<< HEAD`",
        ),
        (b"a = 99999999999999999999", 1, 5, "64 signed bits"),
        (deep.as_bytes(), 1, 0, ""),
        (dotted.as_bytes(), 1, 0, ""),
    ];
    for (bytes, line, column, message) in cases {
        let error = toml_to_messagepack(bytes).expect_err("refused");
        let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(40)]);
        assert_eq!(error.line, line, "{shown}: {error}");
        assert!(column == 0 || error.column == column, "{shown}: {error}");
        assert!(
            error.message.contains(message) && error.message.ends_with('.'),
            "{shown}: {error}"
        );
    }
}

#[test]
fn messagepack_that_toml_cannot_hold_is_refused_with_its_place() {
    let cases: [(&[u8], &str, &str); 8] = [
        (b"", "the top", "end before"),
        (b"\x90", "the top", "is a table"),
        (b"\x81\xa1a\xc0", "a", "no null"),
        (b"\x81\xa1a\xc4\x01x", "a", "no binary"),
        (
            b"\x81\xa1a\x91\xcf\xff\xff\xff\xff\xff\xff\xff\xff",
            "a.0",
            "64 signed bits",
        ),
        (b"\x82\xa1a\x01\xa1a\x02", "a", "twice"),
        (b"\xdf\xff\xff\xff\xff", "the top", "truncated"),
        (b"\x80\x00", "the top", "follow the end"),
    ];
    for (bytes, path, message) in cases {
        let error = lock_to_toml(bytes).expect_err("refused");
        assert_eq!(error.path, path, "{error}");
        assert!(error.message.contains(message), "{error}");
    }
    let mut nested = b"\x81\xa1a".to_vec();
    nested.extend(vec![0x91; 1_000_000]);
    assert!(
        lock_to_toml(&nested)
            .expect_err("refused")
            .message
            .contains("nested deeper")
    );
}
