//! Wheel tags: the marker they imply, the targets they fit, and the law that ties the two together.

use locktool_core::distribution::compatible::{CompatibleTags, is_compatible};
use locktool_core::distribution::facts::InterpreterFacts;
use locktool_core::distribution::interpreter_tags::interpreter_tags;
use locktool_core::distribution::platform_name::Platform;
use locktool_core::distribution::tag::{WheelTags, implied_marker};
use locktool_core::marker::Marker;
use proptest::prelude::*;

fn tags(text: &str) -> WheelTags {
    let parts: Vec<&str> = text.split('-').collect();
    WheelTags::parse(parts[0], parts[1], parts[2]).expect(text)
}

/// `CPython` of a minor version, or what a name says, on a platform.
fn facts(python: &str, platform: &str) -> InterpreterFacts {
    let mut regular = InterpreterFacts {
        implementation: "cpython".to_owned(),
        ..InterpreterFacts::default()
    };
    let markers = &mut regular.marker_environment;
    "cpython".clone_into(&mut markers.implementation_name);
    "CPython".clone_into(&mut markers.platform_python_implementation);
    regular
        .with_python(&python.parse().expect(python))
        .on_platform(&platform.parse().expect(platform))
}

fn compatible(python: &str, platform: &str) -> CompatibleTags {
    CompatibleTags::new(interpreter_tags(&facts(python, platform)))
}

#[test]
fn tags_imply_a_marker() {
    let linux = "sys_platform == 'linux'";
    let x86_64 = "platform_machine == 'x86_64'";
    let cases = [
        ("py3-none-any", "python_version >= '3'".to_owned()),
        ("py2.py3-none-any", "python_version >= '2'".to_owned()),
        ("py2-none-any", "python_version >= '2' and python_version < '3'".to_owned()),
        ("py38-none-any", "python_version >= '3.8'".to_owned()),
        ("py27.py38-none-any", "python_version >= '2.7' and python_version < '3' or python_version >= '3.8'".to_owned()),
        ("cp312-none-any", "python_version == '3.12' and implementation_name == 'cpython'".to_owned()),
        ("cp38-abi3-win_amd64", "python_version >= '3.8' and implementation_name == 'cpython' and sys_platform == 'win32' and platform_machine == 'AMD64'".to_owned()),
        ("cp312-cp312-win32", "python_version == '3.12' and implementation_name == 'cpython' and sys_platform == 'win32' and platform_machine == 'x86'".to_owned()),
        ("cp313-cp313t-win_arm64", "python_version == '3.13' and implementation_name == 'cpython' and sys_platform == 'win32' and platform_machine == 'ARM64'".to_owned()),
        ("pp310-pypy310_pp73-manylinux_2_17_x86_64.manylinux2014_x86_64", format!("python_version == '3.10' and implementation_name == 'pypy' and {linux} and {x86_64}")),
        ("py3-none-manylinux1_i686", format!("python_version >= '3' and {linux} and platform_machine == 'i686'")),
        ("py3-none-musllinux_1_2_aarch64", format!("python_version >= '3' and {linux} and platform_machine == 'aarch64'")),
        ("py3-none-linux_armv7l", format!("python_version >= '3' and {linux} and platform_machine == 'armv7l'")),
        ("py3-none-manylinux_2_28_ppc64le.manylinux_2_28_s390x.manylinux_2_31_riscv64", format!("python_version >= '3' and {linux} and (platform_machine == 'ppc64le' or platform_machine == 's390x' or platform_machine == 'riscv64')")),
        ("py3-none-macosx_11_0_arm64", "python_version >= '3' and sys_platform == 'darwin' and platform_machine == 'arm64'".to_owned()),
        ("py3-none-macosx_10_9_universal2", "python_version >= '3' and sys_platform == 'darwin' and (platform_machine == 'arm64' or platform_machine == 'x86_64')".to_owned()),
        ("py3-none-macosx_10_6_intel", "python_version >= '3' and sys_platform == 'darwin' and (platform_machine == 'i386' or platform_machine == 'x86_64')".to_owned()),
        ("py3-none-android_24_arm64_v8a", "python_version >= '3' and sys_platform == 'android' and platform_machine == 'aarch64'".to_owned()),
        ("py3-none-ios_13_0_arm64_iphoneos", "python_version >= '3' and sys_platform == 'ios' and platform_machine == 'arm64'".to_owned()),
        ("cp312-cp312-pyodide_2024_0_wasm32", "python_version == '3.12' and implementation_name == 'cpython' and sys_platform == 'emscripten' and platform_machine == 'wasm32'".to_owned()),
        ("py3-none-freebsd_14_1_release_amd64", "python_version >= '3' and platform_system == 'FreeBSD' and platform_machine == 'amd64'".to_owned()),
        ("graalpy311-graalpy242_311_native-any", "python_version < '0'".to_owned()),
        ("py3-cp312-any", "python_version < '0'".to_owned()),
        ("cp312-cp312-any", "python_version < '0'".to_owned()),
        ("cp312-cp311-win32", "python_version < '0'".to_owned()),
        ("py3-none-beos", "python_version < '0'".to_owned()),
    ];
    for (text, marker) in cases {
        let expected: Marker = marker.parse().expect("a marker");
        let implied = implied_marker(&tags(text));
        assert!(
            implied == expected,
            "{text}: {implied} instead of {expected}"
        );
    }
}

/// Minor version, platform, tags, and whether `cpython_tags` and `compatible_tags` of `packaging.tags` have one of
/// them over the platform's tags.
const TAKEN: [(u32, &str, &str, bool); 61] = [
    (12, "linux", "cp312-cp312-manylinux_2_28_x86_64", true),
    (12, "linux", "cp312-cp312-manylinux_2_29_x86_64", false),
    (12, "linux", "cp312-cp312-manylinux1_x86_64", true),
    (12, "linux", "cp312-cp312-manylinux_2_4_x86_64", false),
    (12, "linux", "cp312-cp312-musllinux_1_1_x86_64", false),
    (12, "linux", "cp312-cp312-linux_x86_64", true),
    (12, "linux", "cp312-cp312-manylinux_2_17_aarch64", false),
    (12, "linux", "cp311-cp311-manylinux_2_17_x86_64", false),
    (12, "linux", "cp38-abi3-manylinux2014_x86_64", true),
    (12, "linux", "cp313-abi3-manylinux2014_x86_64", false),
    (12, "linux", "cp312-cp312t-manylinux2014_x86_64", false),
    (12, "linux", "cp312-none-any", true),
    (12, "linux", "cp311-none-any", false),
    (12, "linux", "py3-none-any", true),
    (12, "linux", "py38-none-any", true),
    (12, "linux", "py313-none-any", false),
    (12, "linux", "py2-none-any", false),
    (12, "linux", "py2.py3-none-any", true),
    (12, "linux", "py3-none-manylinux2014_x86_64", true),
    (12, "linux", "pp312-none-any", false),
    (
        13,
        "x86_64-manylinux2014",
        "cp313-cp313-manylinux_2_18_x86_64",
        false,
    ),
    (
        13,
        "aarch64-unknown-linux-gnu",
        "cp313-cp313-manylinux_2_5_aarch64",
        false,
    ),
    (
        13,
        "aarch64-unknown-linux-musl",
        "cp313-cp313-musllinux_1_2_aarch64",
        true,
    ),
    (
        13,
        "musllinux_1_1_aarch64",
        "cp313-cp313-musllinux_1_2_aarch64",
        false,
    ),
    (11, "windows", "cp311-cp311-win_amd64", true),
    (11, "windows", "cp311-cp311-win32", false),
    (11, "i686-pc-windows-msvc", "cp311-cp311-win32", true),
    (11, "macos", "cp311-cp311-macosx_11_0_arm64", true),
    (11, "macos", "cp311-cp311-macosx_14_0_arm64", false),
    (11, "macos", "cp311-cp311-macosx_12_3_arm64", false),
    (11, "macos", "cp311-cp311-macosx_10_9_universal2", true),
    (11, "macos", "cp311-cp311-macosx_10_9_x86_64", false),
    (
        11,
        "x86_64-apple-darwin",
        "cp311-cp311-macosx_10_9_x86_64",
        true,
    ),
    (
        11,
        "x86_64-apple-darwin",
        "cp311-cp311-macosx_10_6_intel",
        true,
    ),
    (
        11,
        "macosx_10_12_x86_64",
        "cp311-cp311-macosx_10_13_x86_64",
        false,
    ),
    (
        13,
        "arm64-apple-ios",
        "cp313-cp313-ios_13_0_arm64_iphoneos",
        true,
    ),
    (
        13,
        "arm64-apple-ios",
        "cp313-cp313-ios_13_0_arm64_iphonesimulator",
        false,
    ),
    (
        13,
        "aarch64-linux-android",
        "cp313-cp313-android_21_arm64_v8a",
        true,
    ),
    (
        12,
        "wasm32-pyodide2024",
        "cp312-cp312-pyodide_2024_0_wasm32",
        true,
    ),
    (
        13,
        "wasm32-pyodide2025",
        "cp313-cp313-pyemscripten_2025_0_wasm32",
        true,
    ),
    (
        13,
        "wasm32-pyodide2025",
        "cp313-cp313-pyodide_2024_0_wasm32",
        false,
    ),
    (
        12,
        "emscripten_4_0_9_wasm32",
        "cp312-cp312-emscripten_4_0_9_wasm32",
        true,
    ),
    (
        12,
        "x86_64-unknown-linux-musl",
        "cp312-cp312-manylinux_2_17_x86_64",
        false,
    ),
    (
        12,
        "x86_64-unknown-linux-musl",
        "cp312-cp312-manylinux1_x86_64.musllinux_1_2_x86_64",
        true,
    ),
    (12, "linux-2.17", "cp312-cp312-manylinux_2_28_x86_64", false),
    (12, "macos-12", "cp312-cp312-macosx_13_0_arm64", false),
    (12, "macos-12", "cp312-cp312-macosx_12_0_arm64", true),
    (12, "macos-14", "cp312-cp312-macosx_14_0_universal2", true),
    (
        12,
        "x86_64-apple-darwin-12",
        "cp312-cp312-macosx_10_13_x86_64",
        true,
    ),
    (
        12,
        "x86_64-apple-darwin-12",
        "cp312-cp312-macosx_14_0_x86_64",
        false,
    ),
    (12, "aarch64-pc-windows-msvc", "cp312-cp312-win_arm64", true),
    (
        12,
        "aarch64-pc-windows-msvc",
        "cp312-cp312-win_amd64",
        false,
    ),
    (
        13,
        "aarch64-linux-android",
        "cp313-cp313-android_26_arm64_v8a",
        false,
    ),
    (
        13,
        "aarch64-linux-android-30",
        "cp313-cp313-android_26_arm64_v8a",
        true,
    ),
    (
        13,
        "x86_64-apple-ios-simulator",
        "cp313-cp313-ios_13_0_x86_64_iphonesimulator",
        true,
    ),
    (
        13,
        "arm64-apple-ios-12.4",
        "cp313-cp313-ios_13_0_arm64_iphoneos",
        false,
    ),
    (
        12,
        "freebsd_14_1_release_amd64",
        "cp312-cp312-freebsd_14_1_release_amd64",
        true,
    ),
    (
        12,
        "freebsd_14_1_release_amd64",
        "cp312-cp312-freebsd_13_1_release_amd64",
        false,
    ),
    (12, "netbsd_10_0_amd64", "py3-none-netbsd_10_0_amd64", true),
    (
        12,
        "i686-manylinux_2_17",
        "cp312-cp312-manylinux_2_5_i686",
        true,
    ),
    (
        12,
        "armv7l-manylinux_2_17",
        "cp312-cp312-manylinux_2_17_armv7l",
        true,
    ),
];

#[test]
fn targets_take_the_wheels_that_packaging_takes() {
    for (python, platform, text, expected) in TAKEN {
        let taken = is_compatible(&tags(text), &compatible(&format!("3.{python}"), platform));
        assert_eq!(taken, expected, "{text} on {platform}");
    }
}

#[test]
fn the_most_preferred_tag_of_a_wheel_is_its_place() {
    let linux = compatible("3.12", "linux");
    let places = [
        "cp312-cp312-linux_x86_64",
        "cp312-cp312-manylinux_2_28_x86_64",
        "cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64",
        "cp312-abi3-manylinux_2_28_x86_64",
        "cp38-abi3-manylinux_2_28_x86_64",
        "py3-none-manylinux_2_28_x86_64",
        "cp312-none-any",
        "py2.py3-none-any",
    ]
    .map(|text| linux.place(&tags(text)).expect(text));
    assert!(places.is_sorted(), "{places:?}");
}

#[test]
fn a_name_may_say_the_implementation_and_the_kind_of_build() {
    let cases = [
        ("pypy3.11", "pp311-pypy311_pp73-manylinux_2_28_x86_64", true),
        ("pypy3.11", "pp3-none-any", true),
        ("pypy3.11", "cp311-cp311-manylinux_2_28_x86_64", false),
        (
            "pypy3.10",
            "pp311-pypy311_pp73-manylinux_2_28_x86_64",
            false,
        ),
        ("3.14t", "cp314-cp314t-manylinux_2_28_x86_64", true),
        ("3.14t", "cp314-cp314-manylinux_2_28_x86_64", false),
        ("3.14t", "cp312-abi3-manylinux_2_28_x86_64", false),
        ("cpython3.14", "cp312-abi3-manylinux_2_28_x86_64", true),
    ];
    for (python, text, expected) in cases {
        let taken = is_compatible(&tags(text), &compatible(python, "linux"));
        assert_eq!(taken, expected, "{text} on {python}");
    }
    let markers = facts("pypy3.11", "linux").marker_environment;
    assert_eq!(
        (
            &*markers.implementation_name,
            &*markers.platform_python_implementation
        ),
        ("pypy", "PyPy")
    );
}

#[test]
fn platforms_have_the_names_that_tools_use() {
    let same = [
        ("linux", "x86_64-unknown-linux-gnu"),
        ("linux", "manylinux_2_28_x86_64"),
        ("linux", "X86_64-manylinux_2_28"),
        ("macos", "aarch64-apple-darwin"),
        ("macos", "macosx_13_0_arm64"),
        ("windows", "x86_64-pc-windows-msvc"),
        ("windows", "win_amd64"),
        ("x86_64-manylinux2014", "manylinux_2_17_x86_64"),
        ("aarch64-unknown-linux-musl", "musllinux_1_2_aarch64"),
        ("x86_64-unknown-linux-gnu-2.17", "x86_64-manylinux2014"),
        ("linux-2.31", "manylinux_2_31_x86_64"),
        ("x86_64-unknown-linux-musl-1.1", "musllinux_1_1_x86_64"),
        ("macos-14", "macosx_14_0_arm64"),
        ("x86_64-apple-darwin-12", "macosx_12_0_x86_64"),
        ("aarch64-apple-darwin-14.2", "macosx_14_2_arm64"),
        ("arm64-apple-ios-15.2", "ios_15_2_arm64_iphoneos"),
        ("aarch64-linux-android-30", "android_30_arm64_v8a"),
        ("wasm32-pyodide2025", "pyodide_2025_0_wasm32"),
        ("pyemscripten_2025_0_wasm32", "pyodide_2025_0_wasm32"),
        ("aarch64-pc-windows-msvc", "win_arm64"),
    ];
    let read = |name: &str| name.parse::<Platform>().expect(name);
    for (left, right) in same {
        assert_eq!(read(left), read(right), "{left} {right}");
    }
    for unknown in [
        "",
        "plan9",
        "any",
        "linux_z80",
        "x86_64-beos",
        "macosx_11_0_universal2",
        "manylinux_x_1_x86_64",
        "windows-10",
        "linux-2",
        "macos-",
        "macos-14.x",
        "x86_64-manylinux2014-2.28",
        "freebsd_x_amd64",
    ] {
        assert!(unknown.parse::<Platform>().is_err(), "{unknown}");
    }
}

#[test]
fn markers_see_the_platform_that_is_named() {
    let cases = [
        (
            "3.12",
            "linux",
            "os_name == 'posix' and sys_platform == 'linux' and platform_machine == 'x86_64'",
        ),
        (
            "3.12",
            "windows",
            "os_name == 'nt' and platform_system == 'Windows' and platform_machine == 'AMD64'",
        ),
        (
            "3.12.4",
            "macos",
            "python_full_version == '3.12.4' and sys_platform == 'darwin' and platform_machine == 'arm64'",
        ),
        (
            "3.13",
            "aarch64-linux-android",
            "sys_platform == 'android' and platform_machine == 'aarch64'",
        ),
        (
            "3.13",
            "arm64-apple-ios-simulator",
            "sys_platform == 'ios' and platform_machine == 'arm64'",
        ),
        (
            "3.12",
            "emscripten_4_0_9_wasm32",
            "sys_platform == 'emscripten' and platform_machine == 'wasm32'",
        ),
        (
            "3.12",
            "freebsd_14_1_release_amd64",
            "sys_platform == 'freebsd14' and platform_system == 'FreeBSD' and platform_machine == 'amd64'",
        ),
        (
            "3.14",
            "freebsd_14_1_release_amd64",
            "sys_platform == 'freebsd' and platform_release == ''",
        ),
        (
            "3.14",
            "netbsd_10_0_amd64",
            "sys_platform == 'netbsd10' and platform_system == 'NetBSD'",
        ),
    ];
    for (python, platform, text) in cases {
        let marker: Marker = text.parse().expect(text);
        let environment = facts(python, platform).marker_environment;
        assert!(marker.evaluate(&environment), "{text} on {platform}");
    }
}

#[test]
fn malformed_tag_sets_are_refused() {
    for [python, abi, platform] in [
        ["", "none", "any"],
        ["py3", "", "any"],
        ["py3", "none", ""],
        ["py3.", "none", "any"],
        ["3py", "none", "any"],
        ["py3", "none", "a'b"],
        ["py3", "none", "\u{e9}"],
    ] {
        assert_eq!(
            WheelTags::parse(python, abi, platform),
            None,
            "{python} {abi} {platform}"
        );
    }
}

proptest! {
    #[test]
    fn a_compatible_wheel_is_implied_to_fit(
        python in prop::collection::vec("(py|cp|pp|jy)[23][0-9]{0,2}", 1..3),
        abi in prop::collection::vec("none|abi3|abi3t|cp3[0-9]{1,2}t?|pypy310_pp73", 1..3),
        platform in prop::collection::vec("any|win32|win_(amd64|arm64)|macosx_1[0-4]_[0-9]{1,2}_(arm64|x86_64|universal2|intel|fat64)|(manylinux_2_[0-9]{1,2}|manylinux(1|2010|2014)|musllinux_1_[0-3]|linux)_(x86_64|aarch64|i686)|(free|net|open)bsd_1[34]_1_(release_)?amd64|[a-z_0-9]{1,9}", 1..3),
        minor in 8u32..16,
        machine in prop::sample::select(&["linux", "macos", "windows", "x86_64-apple-darwin-12", "aarch64-unknown-linux-musl", "aarch64-pc-windows-msvc", "i686-manylinux_2_17", "wasm32-pyodide2024", "freebsd_14_1_release_amd64"][..]),
    ) {
        let tags = tags(&format!("{}-{}-{}", python.join("."), abi.join("."), platform.join(".")));
        let facts = facts(&format!("3.{minor}"), machine);
        let implied = implied_marker(&tags);
        if is_compatible(&tags, &CompatibleTags::new(interpreter_tags(&facts))) {
            prop_assert!(implied.evaluate(&facts.marker_environment), "{tags:?} {implied}");
        }
    }

    #[test]
    fn any_words_imply_some_marker(python in "[a-z]{1,3}[0-9]{0,12}", abi in "[a-z0-9_]{1,9}", platform in "[a-z]{1,9}(_[a-z0-9]{0,12}){0,4}") {
        let tags = tags(&format!("{python}-{abi}-{platform}"));
        let _ = implied_marker(&tags);
        let _ = platform.parse::<Platform>();
    }
}
