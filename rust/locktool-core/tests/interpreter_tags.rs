//! An interpreter that is there and the same one by its name have the same tags, in the same order.

use locktool_core::distribution::facts::{Elf, InterpreterFacts, Ios, Libc, LibcName, MacOs};
use locktool_core::distribution::interpreter_tags::interpreter_tags;
use locktool_core::distribution::platform_name::Platform;

fn facts(version: &str, system: &str, platform: &str) -> InterpreterFacts {
    InterpreterFacts {
        implementation: "cpython".to_owned(),
        version: version.to_owned(),
        pymalloc: true,
        system: system.to_owned(),
        platform: platform.to_owned(),
        pointer_size: 64,
        ..InterpreterFacts::default()
    }
}

fn linux(version: &str, machine: &str, name: LibcName, libc: (u32, u32)) -> InterpreterFacts {
    InterpreterFacts {
        libc: Some(Libc {
            name,
            version: libc,
        }),
        elf: Some(Elf {
            bits: 64,
            little_endian: true,
            machine: 62,
            flags: 0,
        }),
        ..facts(version, "Linux", &format!("linux-{machine}"))
    }
}

fn macos(version: &str, system: (u32, u32), machine: &str) -> InterpreterFacts {
    InterpreterFacts {
        macos: Some(MacOs {
            version: system,
            machine: machine.to_owned(),
        }),
        ..facts(version, "Darwin", "macosx-11.0-universal2")
    }
}

/// Interpreters and the names that the same are given by.
fn pairs() -> Vec<(InterpreterFacts, &'static str, &'static str)> {
    let glibc = LibcName::Glibc;
    let android = InterpreterFacts {
        android_api_level: Some(24),
        ..facts("3.13.1", "Android", "android-24-arm64_v8a")
    };
    let ios = InterpreterFacts {
        ios: Some(Ios {
            version: (15, 2),
            multiarch: "arm64-iphoneos".to_owned(),
        }),
        ..facts("3.14.0", "iOS", "ios-13.0-arm64-iphoneos")
    };
    vec![
        (
            linux("3.12.4", "x86_64", glibc, (2, 17)),
            "3.12",
            "x86_64-manylinux2014",
        ),
        (
            linux("3.7.9", "aarch64", glibc, (2, 28)),
            "3.7",
            "aarch64-manylinux_2_28",
        ),
        (
            linux("3.12.4", "x86_64", LibcName::Musl, (1, 2)),
            "3.12",
            "x86_64-unknown-linux-musl",
        ),
        (
            macos("3.12.4", (14, 0), "arm64"),
            "3.12",
            "macosx_14_0_arm64",
        ),
        (
            macos("3.11.9", (12, 0), "x86_64"),
            "3.11",
            "macosx_12_0_x86_64",
        ),
        (
            macos("3.9.1", (10, 15), "x86_64"),
            "3.9",
            "macosx_10_15_x86_64",
        ),
        (facts("3.12.4", "Windows", "win-amd64"), "3.12", "windows"),
        (
            facts("3.11.0", "Windows", "win-arm64"),
            "3.11",
            "aarch64-pc-windows-msvc",
        ),
        (android, "3.13", "android_24_arm64_v8a"),
        (ios, "3.14", "ios_15_2_arm64_iphoneos"),
    ]
}

#[test]
fn a_named_target_has_the_tags_of_its_interpreter() {
    for (there, python, platform) in pairs() {
        let platform: Platform = platform.parse().expect(platform);
        let named = facts("3.0.0", "", "")
            .with_python(&python.parse().expect(python))
            .on_platform(&platform);
        assert_eq!(
            interpreter_tags(&named),
            interpreter_tags(&there),
            "{there:?}"
        );
    }
}
