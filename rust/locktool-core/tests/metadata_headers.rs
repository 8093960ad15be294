//! Core metadata: headers as `email.parser` reads them, lenient requirements, and bad input.

use locktool_core::metadata::{Metadata, MetadataError};
use locktool_core::name::ExtraName;
use proptest::prelude::*;

const HEAD: &str = "Metadata-Version: 2.2\nName: Foo.Bar\nVersion: 1.0\n";

fn parse(fields: &str) -> Metadata {
    Metadata::parse(format!("{HEAD}{fields}").as_bytes()).expect(fields)
}

fn requirements(metadata: &Metadata) -> Vec<String> {
    metadata
        .requires_dist
        .iter()
        .map(ToString::to_string)
        .collect()
}

#[test]
fn the_fields_of_a_release_are_read() {
    let metadata = parse(
        "Summary: a: b\nRequires-Python: >=3.9\nRequires-Dist: b>=1\nRequires-Dist: a[x] (<2)\nProvides-Extra: X_y\nDynamic: License-File\n\nRequires-Dist: in-the-description\n",
    );
    assert_eq!(
        (
            metadata.name.as_str(),
            metadata.version.to_string().as_str()
        ),
        ("foo-bar", "1.0")
    );
    assert_eq!(metadata.metadata_version, "2.2");
    assert_eq!(
        metadata
            .requires_python
            .as_ref()
            .map(ToString::to_string)
            .as_deref(),
        Some(">=3.9")
    );
    assert_eq!(requirements(&metadata), ["b>=1", "a[x]<2"]);
    assert_eq!(
        metadata
            .provides_extra
            .iter()
            .map(ExtraName::as_str)
            .collect::<Vec<_>>(),
        ["x-y"]
    );
    assert_eq!(metadata.dynamic, ["license-file"]);
    assert!(metadata.repairs.is_empty() && metadata.sdist_is_static());
}

#[test]
fn line_ends_folds_and_encodings_do_not_matter() {
    let plain = parse("Author: X\nRequires-Dist: a>=1,<2\nrequires-dist: b\n");
    let folded = format!("{HEAD}Author: \n X\nRequires-Dist: a>=1,\n\t <2\nREQUIRES-DIST:\n  b\n");
    let crlf = folded.replace('\n', "\r\n") + "\r\nbody: x\r\n";
    let carriage_returns = folded.replace('\n', "\r");
    let marked = format!("\u{feff}{folded}");
    for text in [&folded, &crlf, &carriage_returns, &marked] {
        assert_eq!(
            Metadata::parse(text.as_bytes()),
            Ok(plain.clone()),
            "{text:?}"
        );
    }
    let mut latin = HEAD.as_bytes().to_vec();
    latin.extend(b"Author: J\xf6rg\nRequires-Dist: a>=1,<2\nRequires-Dist: b\n\nbody \xff");
    assert_eq!(Metadata::parse(&latin), Ok(plain));
}

#[test]
fn a_line_that_is_no_header_ends_them() {
    let metadata = parse("Requires-Dist: a\nan unfolded line\nRequires-Dist: b\n");
    assert_eq!(requirements(&metadata), ["a"]);
}

#[test]
fn repairs_are_kept_and_name_the_line() {
    let metadata = parse(
        "Requires-Python: >=3.6.*\nRequires-Dist: a (>=1<2)\nProvides-Extra: a b\nRequires-Dist: c\n",
    );
    assert_eq!(requirements(&metadata), ["a<2,>=1", "c"]);
    assert_eq!(
        metadata
            .requires_python
            .as_ref()
            .map(ToString::to_string)
            .as_deref(),
        Some(">=3.6")
    );
    let lines: Vec<&str> = metadata.repairs.iter().map(|repair| &repair[..7]).collect();
    assert_eq!(lines, ["line 4:", "line 5:", "line 6:"]);
    assert_eq!(parse("Requires-Python: UNKNOWN\n").requires_python, None);
}

#[test]
fn what_cannot_be_read_is_refused_with_its_line() {
    let cases = [
        (
            format!("{HEAD}Requires-Dist: a\nRequires-Dist: b >= one\n"),
            "Line 5 of the metadata, Requires-Dist: ",
        ),
        (
            format!("{HEAD}Requires-Python: three\n"),
            "Line 4 of the metadata, Requires-Python: ",
        ),
        (
            "Name: a\nVersion: one\n".to_owned(),
            "Line 2 of the metadata, Version: ",
        ),
        (
            "Name: -\nVersion: 1\n".to_owned(),
            "Line 1 of the metadata, Name: ",
        ),
        ("Name: a\n".to_owned(), "The metadata has no Version."),
        (String::new(), "The metadata has no Name."),
        (
            "\nName: a\nVersion: 1\n".to_owned(),
            "The metadata has no Name.",
        ),
        (
            format!("{HEAD}Requires-Dist: a{}\n", "a".repeat(100_000)),
            "Line 4 of the metadata, Requires-Dist: longer",
        ),
    ];
    for (text, message) in cases {
        let error = Metadata::parse(text.as_bytes()).expect_err(message);
        assert!(error.to_string().starts_with(message), "{error}");
    }
    let many = format!("{HEAD}{}", "Requires-Dist: a\n".repeat(20_001));
    assert_eq!(
        Metadata::parse(many.as_bytes()),
        Err(MetadataError::TooLarge)
    );
}

#[test]
fn a_field_that_a_build_may_change_makes_an_sdist_dynamic() {
    let with = |version: &str, fields: &str| {
        let text = format!("Metadata-Version: {version}\nName: a\nVersion: 1\n{fields}");
        Metadata::parse(text.as_bytes())
            .expect("metadata")
            .sdist_is_static()
    };
    for version in ["2.2", "2.3", "2.4", "2.5", "2.6", "2.10"] {
        assert!(
            with(version, "Dynamic: Version\nDynamic: License\n"),
            "{version}"
        );
    }
    for version in ["1.0", "1.2", "2.0", "2.1", "3.0", "two"] {
        assert!(!with(version, ""), "{version}");
    }
    assert!(!with("2.6", "Requires-Dist: a\nDynamic: Requires-Dist\n"));
    for field in ["Requires-Dist", "provides-extra", "REQUIRES-PYTHON"] {
        assert!(!with("2.4", &format!("Dynamic: {field}\n")), "{field}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(fields in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Metadata::parse(&fields);
        let _ = Metadata::parse(&[HEAD.as_bytes(), b"Requires-Dist: ", &fields].concat());
    }

    #[test]
    fn unknown_headers_change_nothing(name in "X-[!-9;-~]{0,10}", value in "[ -~\u{e9}]{0,40}") {
        let with = parse(&format!("{name}: {value}\nRequires-Dist: a\n"));
        prop_assert_eq!(with, parse("Requires-Dist: a\n"));
    }
}
