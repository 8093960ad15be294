//! What the marker parser reads and refuses, and the comparisons whose evaluation the
//! `packaging` library decides.

use locktool_core::marker::{Expression, Marker, MarkerEnvironment};

fn environment() -> MarkerEnvironment {
    let fields = |text: &str| text.to_owned();
    MarkerEnvironment {
        implementation_name: fields("cpython"),
        implementation_version: fields("3.11.4"),
        os_name: fields("posix"),
        platform_machine: fields("x86_64"),
        platform_python_implementation: fields("CPython"),
        platform_release: fields("5.15.0-91-generic"),
        platform_system: fields("Linux"),
        platform_version: fields("#101-Ubuntu SMP"),
        python_full_version: fields("3.11.4"),
        python_version: fields("3.11"),
        sys_platform: fields("linux"),
        ..MarkerEnvironment::default()
    }
}

/// Checks the expression and the diagram, for environments that differ in these fields.
#[track_caller]
fn assert_holds(text: &str, expected: bool, change: impl Fn(&mut MarkerEnvironment)) {
    let mut environment = environment();
    change(&mut environment);
    let expression = Expression::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(expression.evaluate(&environment), Ok(expected), "{text}");
    assert_eq!(
        expression
            .to_marker()
            .expect("a small diagram")
            .evaluate(&environment),
        expected,
        "the diagram of {text}"
    );
}

fn python(minor: &str) -> impl Fn(&mut MarkerEnvironment) {
    let minor = minor.to_owned();
    move |environment| {
        environment.python_full_version = format!("{minor}.0");
        environment.python_version.clone_from(&minor);
    }
}

#[test]
fn minor_versions_compare_as_packaging_compares_them() {
    for (text, minor, holds) in [
        ("python_version != '3.9.1.*'", "3.9", true),
        ("python_version not in '3.9.1'", "3.9", false),
        ("python_version not in '3.9.1'", "3.1", true),
        ("python_version in '3.9.1 3.11'", "3.9", true),
        ("python_version in '3.9.1 3.11'", "3.11", true),
        ("python_version in '3.9.1 3.11'", "3.1", true),
        ("python_version in '3.9.1 3.11'", "3.10", false),
        ("python_version in '3.1133'", "3.11", true),
        ("python_version in '3.1133'", "3.113", true),
        ("python_version in '3.1133'", "3.12", false),
        ("python_version > '3.11rc1'", "3.11", true),
        ("python_version > '3.11rc1'", "3.10", false),
        ("python_version == '1!3.11'", "3.11", false),
        ("python_version == '3.11+local'", "3.11", false),
        ("python_version === '3.11'", "3.11", true),
        ("python_version === '3.11.0'", "3.11", false),
        ("python_version == '3.11.0'", "3.11", true),
        ("python_version <= '3.11.4'", "3.11", true),
        ("python_version ~= '3.9'", "3.11", true),
        ("python_version ~= '3.9.1'", "3.9", false),
        ("python_version >= '3.6,<4'", "3.11", false),
        ("'3.9' in python_version", "3.9", true),
        ("'3.9.*' == python_version", "3.9", false),
    ] {
        assert_holds(text, holds, python(minor));
    }
}

#[test]
fn other_fields_compare_as_packaging_compares_them() {
    let nothing = |_: &mut MarkerEnvironment| {};
    for (text, holds) in [
        ("python_full_version >= '1!0'", false),
        ("python_full_version < '1!0'", true),
        ("platform_release >= '20'", false),
        ("platform_release < '20'", false),
        ("platform_release != '20'", false),
        ("platform_release == '5.15.0-91-generic'", true),
        ("platform_version >= '1'", false),
        ("os_name == sys_platform", false),
        ("os_name != sys_platform", true),
        ("os_name >= 'posix'", true),
        ("os_name > 'nt'", false),
        ("'lin' in sys_platform", true),
        ("os.name == 'posix' and platform.machine == 'x86_64'", true),
        ("python_implementation == 'CPython'", true),
        ("extra == ''", true),
        ("extra != 'a'", true),
        ("'a' in extras", false),
        ("'a' != extras", true),
        ("'not a name!' not in dependency_groups", true),
    ] {
        assert_holds(text, holds, nothing);
    }
    assert_holds("platform_release >= '20'", true, |environment| {
        "23.1.0".clone_into(&mut environment.platform_release);
    });
    assert_holds("extra == 'Some_Extra'", true, |environment| {
        environment.extra = Some("some.extra".to_owned());
    });
}

#[test]
fn untagged_builds_are_local_versions() {
    let untagged = |environment: &mut MarkerEnvironment| {
        "3.13.0+".clone_into(&mut environment.python_full_version);
        "3.13".clone_into(&mut environment.python_version);
    };
    for (text, holds) in [
        ("python_full_version == '3.13.0'", true),
        ("python_full_version == '3.13.0+local'", true),
        ("python_full_version == '3.13.0+other'", false),
        ("python_full_version === '3.13.0'", false),
        ("python_full_version > '3.13.0'", false),
        ("python_full_version <= '3.13.0'", true),
    ] {
        assert_holds(text, holds, untagged);
    }
}

#[test]
fn undefined_comparisons_are_errors_and_hold_nowhere() {
    for text in [
        "os_name ~= 'posix'",
        "os_name === 'posix'",
        "python_version ~= 'surprise'",
        "extras == 'a'",
    ] {
        let expression = Expression::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert!(expression.evaluate(&environment()).is_err(), "{text}");
        assert!(
            expression.to_marker().expect("a small diagram").is_false(),
            "{text}"
        );
    }
}

#[test]
fn contradicting_platform_fields_follow_the_platform() {
    let marker = Marker::parse("os_name == 'nt'").expect("a marker");
    let contradicting = MarkerEnvironment {
        os_name: "nt".to_owned(),
        ..environment()
    };
    assert!(!marker.evaluate(&contradicting));
    assert!(Marker::TRUE.evaluate(&contradicting));
    assert!(Marker::TRUE.evaluate(&MarkerEnvironment::default()));
}

#[test]
fn spacing_and_precedence() {
    let parse = |text: &str| Marker::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(
        parse("os_name=='a'or os_name=='b'and'x'in extras"),
        parse("os_name == 'a' or (os_name == 'b' and 'x' in extras)")
    );
    assert_eq!(parse("\t( os_name == \"a\" ) "), parse("os_name == 'a'"));
    assert_eq!(
        parse("'a' not  in sys_platform"),
        parse("'a' not in sys_platform")
    );
}

#[test]
fn errors_name_the_position() {
    for (text, position, message) in [
        ("", 0, "expected an environment field or a quoted string"),
        (
            "os_name",
            7,
            "expected one of <=, <, !=, ==, >=, >, ~=, ===, in, not in",
        ),
        (
            "os_name == ",
            11,
            "expected an environment field or a quoted string",
        ),
        ("os_name == 'a", 11, "this quoted string has no end"),
        (
            "os_name == 'a' os_name",
            15,
            "expected `and`, `or` or the end of the marker",
        ),
        (
            "(os_name == 'a'",
            15,
            "expected `and`, `or` or the parenthesis that closes the one at position 0",
        ),
        (
            "os_name == 'a')",
            14,
            "expected `and`, `or` or the end of the marker",
        ),
        (
            "os_name notin 'a'",
            8,
            "expected one of <=, <, !=, ==, >=, >, ~=, ===, in, not in",
        ),
        ("os_name not 'a'", 12, "expected ` in` after `not`"),
        ("os_nam == 'a'", 0, "no environment field is named `os_nam`"),
        (
            "os_name == 'a' or 'b' == 'c'",
            18,
            "a comparison names an environment field on one side",
        ),
        (
            "os_name == 'a\\n'",
            13,
            "a quoted string may not contain a backslash",
        ),
        (
            "os_name == 'a\0'",
            13,
            "a quoted string may not contain a control character",
        ),
        (
            "os_name == '\u{661}'",
            12,
            "a quoted string may not contain a character outside ASCII",
        ),
        (
            "\u{e9}",
            0,
            "expected an environment field or a quoted string",
        ),
        (
            "os_name == 'a' and\0",
            18,
            "expected an environment field or a quoted string",
        ),
        (
            "os_name\n== 'a'",
            7,
            "expected one of <=, <, !=, ==, >=, >, ~=, ===, in, not in",
        ),
    ] {
        let error = Marker::parse(text).expect_err(text);
        assert_eq!(
            (error.position, error.message.as_str()),
            (position, message),
            "{text:?}"
        );
        assert_eq!(error.input, text);
    }
}

#[test]
fn hostile_text_is_answered_in_linear_time_and_stack() {
    let deep = |depth: usize| format!("{}os_name == 'nt'{}", "(".repeat(depth), ")".repeat(depth));
    assert_eq!(
        Marker::parse(&deep(100_000)),
        Marker::parse("os_name == 'nt'")
    );
    assert!(Marker::parse(&"(".repeat(1_000_000)).is_err());
    assert!(Marker::parse(&"9".repeat(10_000_000)).is_err());
    let digits = "9".repeat(1_000_000);
    assert!(Marker::parse(&format!("python_version in '{digits}'")).is_ok_and(Marker::is_false));
    assert!(Marker::parse(&format!("python_version == '{digits}'")).is_ok_and(Marker::is_false));
    let names: Vec<String> = (0..1001)
        .map(|number| format!("'x{number}' in extras"))
        .collect();
    assert!(Marker::parse(&names.join(" or ")).is_err());
    let values: Vec<String> = (0..20_000)
        .map(|number| format!("sys_platform == 'p{number}'"))
        .collect();
    assert!(Marker::parse(&values.join(" or ")).is_ok());
}
