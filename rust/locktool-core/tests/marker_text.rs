//! What markers print: minimal, stable text, by example and under assumptions.

use locktool_core::marker::Marker;

fn marker(text: &str) -> Marker {
    Marker::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[track_caller]
fn assert_text(input: &str, expected: &str) {
    let parsed = marker(input);
    assert_eq!(parsed.to_string(), expected, "the text of {input}");
    assert_eq!(
        marker(expected),
        parsed,
        "{expected} means what {input} means"
    );
}

#[test]
fn comparisons_print_plainly() {
    for text in [
        "python_version < '3.8'",
        "python_version >= '3.8'",
        "python_version == '3.8'",
        "python_version != '3.8'",
        "python_full_version >= '3.8.1'",
        "python_full_version < '3.8.1'",
        "python_full_version == '3.8.1'",
        "python_full_version != '3.8.1'",
        "python_full_version < '3.9.0rc1'",
        "python_full_version == '3.13.0+local'",
        "python_full_version != '3.13.0+local'",
        "implementation_version >= '7.3.1'",
        "sys_platform == 'win32'",
        "sys_platform != 'win32'",
        "os_name == 'posix'",
        "platform_system == 'FreeBSD'",
        "platform_machine == 'x86_64'",
        "platform_release == 'NT'",
        "platform_release >= '20'",
        "extra == 's3'",
        "'s3' in extras",
        "'s3' not in extras",
        "'dev' in dependency_groups",
        "'win' in sys_platform",
        "'win' not in sys_platform",
        "sys_platform in 'linux darwin'",
        "sys_platform not in 'linux darwin'",
    ] {
        assert_text(text, text);
    }
}

#[test]
fn equal_conditions_have_one_text() {
    assert_text(
        "python_version >= '3.8' and python_version < '3.9'",
        "python_version == '3.8'",
    );
    assert_text("python_version > '3.8'", "python_version >= '3.9'");
    assert_text(
        "python_version in '3.9 3.10'",
        "python_version == '3.1' or (python_version >= '3.9' and python_version < '3.11')",
    );
    assert_text(
        "sys_platform == 'win32' and os_name == 'nt'",
        "sys_platform == 'win32'",
    );
    assert_text("os_name == 'nt'", "sys_platform == 'win32'");
    assert_text(
        "platform_system == 'Windows' or os_name == 'nt'",
        "sys_platform == 'win32'",
    );
    assert_text("platform_system == 'Linux'", "sys_platform == 'linux'");
    assert_text(
        "implementation_name == 'cpython'",
        "platform_python_implementation == 'CPython'",
    );
    assert_text("'3.8' <= python_version", "python_version >= '3.8'");
    assert_text("extra == 'S3_Files'", "extra == 's3-files'");
    assert_text("sys_platform == \"it's\"", "sys_platform == \"it's\"");
}

#[test]
fn redundant_parts_vanish() {
    assert_text(
        "(python_version < '3.8' and sys_platform == 'win32') or (python_version >= '3.8' and sys_platform == 'win32')",
        "sys_platform == 'win32'",
    );
    assert_text(
        "(sys_platform == 'win32' and python_version < '3.8') or (sys_platform == 'darwin' and python_version < '3.8')",
        "python_version < '3.8' and (sys_platform == 'darwin' or sys_platform == 'win32')",
    );
    assert_text(
        "os_name == 'nt' or extra == 'a' or os_name != 'nt' and extra == 'b'",
        "sys_platform == 'win32' or extra == 'a' or extra == 'b'",
    );
}

#[test]
fn contradictions_hold_nowhere() {
    for text in [
        "sys_platform == 'win32' and os_name == 'posix'",
        "sys_platform == 'linux' and platform_system == 'Darwin'",
        "platform_python_implementation == 'CPython' and implementation_name == 'pypy'",
        "python_version < '3.8' and python_full_version >= '3.8.0'",
        "extra == 'a' and extra == 'b'",
        "python_version == '1!3.11'",
        "python_full_version >= '1!0'",
        "python_version > '3.11' and python_full_version < '3.11.5'",
        "os_name ~= 'posix'",
        "os_name < 'posix'",
    ] {
        assert!(marker(text).is_false(), "{text}");
    }
    assert_text("os_name < 'posix'", "python_version < '0'");
}

#[test]
fn assumptions_shorten() {
    let assumption = marker("python_full_version >= '3.8'");
    let text = |input: &str| marker(input).to_text(assumption);
    assert_eq!(text("python_version >= '3.8'"), None);
    assert_eq!(
        text("python_version >= '3.7' and sys_platform == 'win32'").as_deref(),
        Some("sys_platform == 'win32'")
    );
    assert_eq!(
        text("python_version >= '3.8' and python_version < '3.10'").as_deref(),
        Some("python_version < '3.10'")
    );
    assert_eq!(
        text("python_full_version < '3.9'").as_deref(),
        Some("python_version < '3.9'")
    );
    assert_eq!(
        text("python_version < '3.8'").as_deref(),
        Some("python_version < '0'")
    );
    let platforms = marker("sys_platform == 'linux' or sys_platform == 'darwin'");
    assert_eq!(
        marker("sys_platform == 'linux'")
            .to_text(platforms)
            .as_deref(),
        Some("sys_platform == 'linux'")
    );
    assert_eq!(marker("sys_platform != 'win32'").to_text(platforms), None);
}
