//! Requirements as text: the forms of the specification, the canonical text as a fixed point, repairs, bad input.

use locktool_core::name::ExtraName;
use locktool_core::requirement::{Requirement, RequirementSource};
use proptest::prelude::*;

fn parse(text: &str) -> Requirement {
    text.parse().expect(text)
}

#[test]
fn every_form_is_read_and_printed_as_packaging_prints_it() {
    let cases = [
        ("name", "name"),
        ("  Na.M_e\t", "na-m-e"),
        ("name<=1", "name<=1"),
        ("name >= 3 ,\t< 4", "name<4,>=3"),
        ("name>=1,", "name>=1"),
        ("name(>=3)", "name>=3"),
        ("name ( >=3 , <4 )", "name<4,>=3"),
        ("name ()", "name"),
        ("name[]", "name"),
        ("name[ Quux , strange_b,quux ]", "name[quux,strange-b]"),
        ("name [a] ==1.*", "name[a]==1.*"),
        ("name===anything/goes", "name===anything/goes"),
        (
            "name@https://example.invalid/a;b",
            "name @ https://example.invalid/a;b",
        ),
        (
            "name[a] @ file:///srv/a.whl ",
            "name[a] @ file:///srv/a.whl",
        ),
        (
            "name@ https://example.invalid ; os_name=='nt'",
            "name @ https://example.invalid ; os_name == 'nt'",
        ),
        ("name;os_name=='nt'", "name; os_name == 'nt'"),
        ("name>=1.0 ; os_name == 'nt'", "name>=1.0; os_name == 'nt'"),
    ];
    for (text, printed) in cases {
        let requirement = parse(text);
        let expected = requirement.to_string();
        assert_eq!(
            expected
                .replace('"', "'")
                .replace("sys_platform == 'win32'", "os_name == 'nt'"),
            printed,
            "{text}"
        );
        assert_eq!(parse(&expected), requirement, "{text}");
    }
}

#[test]
fn the_parts_are_where_they_belong() {
    let requirement = parse("foo[b,a]>=1; extra == 'x'");
    assert_eq!(requirement.name.as_str(), "foo");
    assert_eq!(
        requirement
            .extras
            .iter()
            .map(ExtraName::as_str)
            .collect::<Vec<_>>(),
        ["a", "b"]
    );
    assert_eq!(requirement.specifiers().to_string(), ">=1");
    assert_eq!(
        requirement.marker,
        "extra == 'x'".parse().expect("a marker")
    );
    let direct = parse("foo @ https://example.invalid/foo.zip");
    assert_eq!(
        direct.source,
        RequirementSource::Url("https://example.invalid/foo.zip".to_owned())
    );
    assert!(direct.specifiers().is_any() && direct.marker.is_true());
}

#[test]
fn errors_name_the_position() {
    let cases = [
        ("", 0, "package name"),
        ("  ", 2, "package name"),
        (">=1", 0, "package name"),
        ("-foo", 0, "package name"),
        ("foo_", 3, "name ends"),
        ("foo bar", 4, "comparison"),
        ("foo 1.0", 4, "comparison"),
        ("foo[a", 5, "comma or `]`"),
        ("foo[a b]", 6, "comma or `]`"),
        ("foo[a,]", 6, "name of an extra"),
        ("foo[,]", 4, "name of an extra"),
        ("foo[a.]", 5, "name ends"),
        ("foo>=", 5, ""),
        ("foo>=1,,<2", 7, "version specifier"),
        ("foo,>=1", 3, "version specifier"),
        ("foo>=1\n", 3, "spaces and tabs"),
        ("foo>=1.*", 6, ""),
        ("foo(>=1", 3, "`)`"),
        ("foo>=1)", 3, "no `)`"),
        ("foo((>=1))", 3, "`)`"),
        ("foo@", 4, "URL"),
        ("foo @ a b", 8, "semicolon"),
        ("foo @ a\0b", 6, "URL"),
        ("foo @ a\u{a0}b", 6, "URL"),
        ("foo\u{1c}", 3, "spaces and tabs"),
        ("foo===", 6, "==="),
        ("foo;", 4, ""),
        ("foo; os_name", 12, ""),
        ("foo; 'é' == os_name and nothing", 0, ""),
    ];
    for (text, position, message) in cases {
        let error = text.parse::<Requirement>().expect_err(text);
        assert!(
            position == 0 || error.position == position,
            "{text:?}: {error}"
        );
        assert!(error.message.contains(message), "{text:?}: {error}");
    }
}

#[test]
fn old_uploads_are_repaired_and_reported() {
    let cases = [
        ("foo (>=7.2<8)", "foo<8,>=7.2"),
        ("foo>=1.9.*", "foo>=1.9"),
        ("foo!=3.0*", "foo!=3.0.*"),
        ("foo>='1.0'", "foo>=1.0"),
        ("foo (1.0)", "foo==1.0"),
        ("\"foo>=1\"", "foo>=1"),
        ("foo>=1;", "foo>=1"),
        ("foo>=1\r\n", "foo>=1"),
        ("foo>=1,,<2", "foo<2,>=1"),
        ("foo (>dev)", "foo>0.0.0.dev0"),
        ("foo>=9.0.0a1.0,<10", "foo<10,>=9.0.0a1"),
        ("foo>=1.0dev0.0", "foo>=1.0.dev0"),
        ("foo[a] (>=1.*); extra == 'x'", "foo[a]>=1; extra == 'x'"),
    ];
    for (text, repaired) in cases {
        let (requirement, report) = Requirement::parse_lenient(text).expect(text);
        assert_eq!(requirement, parse(repaired), "{text}");
        assert!(
            report.is_some_and(|report| report.contains("is read as")),
            "{text}"
        );
    }
    assert_eq!(
        Requirement::parse_lenient("foo>=1"),
        Ok((parse("foo>=1"), None))
    );
    assert!(Requirement::parse_lenient("foo >= one").is_err());
    assert!(Requirement::parse_lenient("").is_err());
}

#[test]
fn hostile_texts_are_refused_in_linear_time() {
    let long = |piece: &str| piece.repeat(300_000);
    for text in [
        format!("foo[{}", long("a,")),
        format!("foo{}", long("(")),
        format!("foo{}", long(",")),
        format!("foo @ {}\0", long("a")),
        format!("foo;{}", long("(")),
        long(" "),
    ] {
        assert!(text.parse::<Requirement>().is_err());
        let _ = Requirement::parse_lenient(&text);
    }
}

proptest! {
    #[test]
    fn print_then_parse_is_identity(
        name in "[A-Za-z0-9]([A-Za-z0-9._-]{0,8}[A-Za-z0-9])?",
        extras in prop::collection::vec("[a-z0-9]([a-z._-]{0,3}[a-z0-9])?", 0..4),
        versions in prop::collection::vec((prop::sample::select(&["==", "!=", ">=", "<=", "<", ">"][..]), "[0-9]{1,3}(\\.[0-9]{1,2}){0,2}"), 0..4),
        url in prop::option::of("[a-z]{3,5}://[a-z0-9/;#]{1,20}"),
        marker in prop::option::of(prop::sample::select(&["python_version < '3.12'", "extra == 'a' or sys_platform == 'linux'", "'x' in extras"][..])),
        blank in "[ \t]{0,2}",
    ) {
        let extras = if extras.is_empty() { String::new() } else { format!("[{}]", extras.join(&format!("{blank},{blank}"))) };
        let versions: Vec<String> = versions.iter().map(|(sign, version)| format!("{sign}{blank}{version}")).collect();
        let source = url.map_or_else(|| versions.join(&format!("{blank},{blank}")), |url| format!("@{blank}{url} "));
        let marker = marker.map_or(String::new(), |marker| format!(";{blank}{marker}"));
        let text = format!("{blank}{name}{blank}{extras}{blank}{source}{marker}{blank}");
        let requirement: Requirement = text.parse().map_err(|error| TestCaseError::fail(format!("{error}")))?;
        let printed = requirement.to_string();
        prop_assert_eq!(printed.parse::<Requirement>(), Ok(requirement.clone()));
        prop_assert_eq!(Requirement::parse_lenient(&text), Ok((requirement, None)));
    }

    #[test]
    fn any_text_is_read_or_refused(text in "foo[\\[\\](),;@<>=!~.*'\" a-c0-9\u{e9}\t\n-]{0,30}") {
        if let Err(error) = text.parse::<Requirement>() {
            prop_assert!(text.is_char_boundary(error.position), "{error}");
        }
        if let Ok((requirement, Some(_))) = Requirement::parse_lenient(&text) {
            prop_assert_eq!(requirement.to_string().parse::<Requirement>(), Ok(requirement));
        }
    }
}
