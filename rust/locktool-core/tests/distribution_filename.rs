//! File names of distributions: the readings of `packaging.utils`, checked against the expected package.

use locktool_core::distribution::filename::{DistributionFilename, InvalidReason, SdistExtension};
use locktool_core::name::PackageName;
use proptest::prelude::*;

fn package(name: &str) -> PackageName {
    name.parse().expect("a name")
}

#[test]
fn wheels_are_taken_apart() {
    let cases = [
        (
            "foo-1.0-py3-none-any.whl",
            "foo",
            "1.0",
            None,
            "py3-none-any",
        ),
        (
            "Foo_Bar-1.0-1000-py2.py3-none-any.whl",
            "foo-bar",
            "1.0",
            Some((1000, "")),
            "py2.py3-none-any",
        ),
        (
            "foo_bar-2!1.0+local.7-1a-CP39-ABI3-Win_AMD64.whl",
            "foo-bar",
            "2!1.0+local.7",
            Some((1, "a")),
            "cp39-abi3-win_amd64",
        ),
        (
            "foo.bar-1.0.post1-py3-none-any.whl",
            "foo-bar",
            "1.0.post1",
            None,
            "py3-none-any",
        ),
    ];
    for (filename, name, expected, build, tags) in cases {
        let parsed = DistributionFilename::parse(filename, package(name)).expect(filename);
        let DistributionFilename::Wheel {
            version,
            build: found,
            tags: found_tags,
        } = parsed
        else {
            panic!("{filename} is a wheel")
        };
        assert_eq!(version.to_string(), expected, "{filename}");
        assert_eq!(
            found.as_ref().map(|build| (build.number, &*build.text)),
            build,
            "{filename}"
        );
        assert_eq!(found_tags.as_str(), tags, "{filename}");
    }
}

#[test]
fn sdists_are_taken_apart() {
    use SdistExtension::{TarGz, Zip};
    let cases = [
        ("foo-1.0.tar.gz", "foo", "1.0", TarGz),
        ("Foo.Bar-1.0rc1.zip", "foo-bar", "1.0rc1", Zip),
        ("foo-bar-baz-1.0.tar.gz", "foo-bar-baz", "1.0", TarGz),
        ("foo-1.0-1.tar.gz", "foo", "1.0.post1", TarGz),
        ("foo-2-1.0.tar.gz", "foo-2", "1.0", TarGz),
    ];
    for (filename, name, version, extension) in cases {
        let version = version.parse().expect("a version");
        let expected = Ok(DistributionFilename::Sdist { version, extension });
        assert_eq!(
            DistributionFilename::parse(filename, package(name)),
            expected,
            "{filename}"
        );
    }
}

#[test]
fn other_names_are_refused_with_their_reason() {
    let foo = package("foo");
    let text = |text: &str| text.to_owned();
    let cases = [
        ("foo-1.0-py2.7.egg", InvalidReason::OtherFile),
        ("foo-1.0.win32.EXE", InvalidReason::OtherFile),
        ("foo-1.0.tar.gz.asc", InvalidReason::OtherFile),
        ("", InvalidReason::OtherFile),
        (
            "foo-1.0.tar.bz2",
            InvalidReason::UnsupportedArchive {
                extension: ".tar.bz2",
            },
        ),
        (
            "foo-1.0.tgz",
            InvalidReason::UnsupportedArchive { extension: ".tgz" },
        ),
        ("../foo-1.0.tar.gz", InvalidReason::Path),
        ("foo\\..\\foo-1.0.tar.gz", InvalidReason::Path),
        ("foo-1.0\0.tar.gz", InvalidReason::Path),
        ("C:foo-1.0.tar.gz", InvalidReason::Path),
        ("foo-1.0-py3-none-any\n.whl", InvalidReason::Path),
        (
            "..-1.0.tar.gz",
            InvalidReason::OtherPackage { package: foo },
        ),
        (
            "bar-1.0.tar.gz",
            InvalidReason::OtherPackage { package: foo },
        ),
        ("foo.tar.gz", InvalidReason::OtherPackage { package: foo }),
        (
            "bar-1.0-py3-none-any.whl",
            InvalidReason::OtherPackage { package: foo },
        ),
        (
            "foo-bar-1.0.tar.gz",
            InvalidReason::Version {
                text: text("bar-1.0"),
            },
        ),
        (
            "foo-1.0x-py3-none-any.whl",
            InvalidReason::Version { text: text("1.0x") },
        ),
        ("foo-1.0-any.whl", InvalidReason::Parts),
        ("foo-1.0-1-2-py3-none-any.whl", InvalidReason::Parts),
        ("foo-1.0-x1-py3-none-any.whl", InvalidReason::Build),
        (
            "foo-1.0-py3..py2-none-any.whl",
            InvalidReason::Tags {
                text: text("py3..py2-none-any"),
            },
        ),
        (
            "foo-1.0-3py-none-any.whl",
            InvalidReason::Tags {
                text: text("3py-none-any"),
            },
        ),
    ];
    for (filename, reason) in cases {
        let error = DistributionFilename::parse(filename, foo).expect_err(filename);
        assert_eq!(error.reason, reason, "{filename}");
    }
    let long = format!("foo-1.0-py3-none-{}.whl", "a".repeat(300));
    assert_eq!(
        DistributionFilename::parse(&long, foo)
            .expect_err("long")
            .reason,
        InvalidReason::TooLong
    );
    let doubled = DistributionFilename::parse("foo__bar-1.0-py3-none-any.whl", package("foo-bar"));
    assert!(matches!(
        doubled.expect_err("doubled").reason,
        InvalidReason::OtherPackage { .. }
    ));
}

proptest! {
    #[test]
    fn any_name_is_read_or_refused(filename in "(foo)?[-_.a-z0-9+!/\u{e9}\0]{0,30}(\\.whl|\\.tar\\.gz|\\.zip)?") {
        let _ = DistributionFilename::parse(&filename, package("foo"));
    }

    #[test]
    fn names_put_together_come_apart(
        release in prop::collection::vec(0u32..3000, 1..5),
        build in prop::option::of((any::<u32>(), "[a-z_]{0,3}")),
        python in prop::collection::vec("(py|cp|pp)3[0-9]{0,2}", 1..3),
        platform in prop::collection::vec("[a-z0-9_]{1,20}", 1..3),
    ) {
        let release: Vec<String> = release.iter().map(u32::to_string).collect();
        let tags = format!("{}-none-{}", python.join("."), platform.join("."));
        let number = build.as_ref().map_or(String::new(), |(number, text)| format!("{number}{text}-"));
        let filename = format!("foo-{}-{number}{tags}.whl", release.join("."));
        let parsed = DistributionFilename::parse(&filename, package("foo"));
        let Ok(DistributionFilename::Wheel { version, build: found, tags: found_tags }) = parsed else {
            return Err(TestCaseError::fail(filename));
        };
        prop_assert_eq!(version.to_string(), release.join("."));
        prop_assert_eq!(found.map(|build| (build.number, build.text.into())), build.map(|(number, text)| (u64::from(number), text)));
        prop_assert_eq!(found_tags.as_str(), tags);
        prop_assert!(found_tags.python().eq(python.iter().map(String::as_str)));
        prop_assert!(found_tags.platform().eq(platform.iter().map(String::as_str)));
        prop_assert!(found_tags.abi().eq(["none"]));
    }
}
