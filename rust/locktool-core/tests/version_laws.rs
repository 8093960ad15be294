//! Laws of versions, specifiers and ranges over generated values, and the examples of PEP 440 that decide its odd rules.

use std::hash::BuildHasher;

use locktool_core::version::{Bound, PreKind, Specifier, SpecifierSet, Version, VersionRange};
use proptest::prelude::*;

fn version(text: &str) -> Version {
    text.parse().unwrap_or_else(|error| panic!("{error}"))
}

fn set(text: &str) -> SpecifierSet {
    text.parse().unwrap_or_else(|error| panic!("{error}"))
}

/// Few values for each component, so that neighbours and equals are common.
fn versions() -> impl Strategy<Value = String> {
    let number = || {
        prop::sample::select(vec![
            "0",
            "1",
            "2",
            "9",
            "16",
            "80",
            "2024",
            "20240101",
            "99999999999999999999",
        ])
    };
    let release = prop::collection::vec(number(), 1..5).prop_map(|numbers| numbers.join("."));
    let epoch = prop::sample::select(vec!["", "", "", "0!", "1!"]);
    let pre = prop::sample::select(vec!["", "", "", "a0", "a1", "b1", "rc0", "rc2"]);
    let post = prop::sample::select(vec!["", "", "", ".post0", ".post1", ".post20240101"]);
    let dev = prop::sample::select(vec![
        "",
        "",
        "",
        ".dev0",
        ".dev1",
        ".dev20260101123456",
        ".dev202601011234",
    ]);
    let local = prop::sample::select(vec!["", "", "", "", "+a", "+1", "+a.1", "+ubuntu.2"]);
    (epoch, release, pre, post, dev, local).prop_map(|(epoch, release, pre, post, dev, local)| {
        format!("{epoch}{release}{pre}{post}{dev}{local}")
    })
}

fn specifiers() -> impl Strategy<Value = String> {
    let operator = prop::sample::select(vec![">=", "<=", ">", "<", "==", "!=", "~=", "==*", "!=*"]);
    (operator, versions()).prop_map(|(operator, version)| {
        let public = version.split('+').next().unwrap_or_default().to_owned();
        let release: String = public
            .chars()
            .take_while(|c| c.is_ascii_digit() || matches!(c, '.' | '!'))
            .collect();
        let release = release.trim_end_matches('.');
        match operator {
            "==" | "!=" => format!("{operator}{version}"),
            "==*" | "!=*" => format!("{}{release}.*", &operator[..2]),
            "~=" if !release.contains('.') => format!("~={release}.0"),
            _ => format!("{operator}{public}"),
        }
    })
}

fn specifier_sets() -> impl Strategy<Value = String> {
    prop::collection::vec(specifiers(), 0..4).prop_map(|specifiers| specifiers.join(","))
}

fn ranges() -> impl Strategy<Value = VersionRange> {
    prop::collection::vec(specifier_sets(), 0..3).prop_map(|sets| {
        sets.iter().fold(VersionRange::empty(), |range, text| {
            range.union(&set(text).to_range())
        })
    })
}

proptest! {
    #[test]
    fn display_then_parse_is_identity(text in versions()) {
        let first = version(&text);
        let again = version(&first.to_string());
        prop_assert_eq!(first, again);
        prop_assert_eq!(first.parts(), again.parts());
        prop_assert_eq!(Version::from_parts(first.parts()).to_string(), first.to_string());
    }

    #[test]
    fn order_is_total(left in versions(), middle in versions(), right in versions()) {
        let mut sorted = [version(&left), version(&middle), version(&right)];
        sorted.sort();
        prop_assert!(sorted[0] <= sorted[1] && sorted[1] <= sorted[2] && sorted[0] <= sorted[2]);
        prop_assert_eq!(sorted[0].cmp(&sorted[2]), sorted[2].cmp(&sorted[0]).reverse());
    }

    #[test]
    fn trailing_zeros_change_the_text_only(text in versions(), zeros in 1..6_usize) {
        let plain = version(&text);
        let mut parts = plain.parts();
        parts.release.extend(std::iter::repeat_n(0.into(), zeros));
        let padded = Version::from_parts(parts);
        prop_assert_eq!(plain, padded);
        prop_assert_ne!(plain.to_string(), padded.to_string());
    }

    #[test]
    fn equal_versions_have_equal_hashes(text in versions(), zeros in 1..6_usize) {
        let plain = version(&text);
        let mut parts = plain.parts();
        parts.release.extend(std::iter::repeat_n(0.into(), zeros));
        let state = std::hash::RandomState::new();
        prop_assert_eq!(state.hash_one(plain), state.hash_one(Version::from_parts(parts)));
    }

    #[test]
    fn range_contains_iff_specifier_contains(text in specifier_sets(), candidate in versions()) {
        let (set, candidate) = (set(&text), version(&candidate));
        prop_assert_eq!(set.to_range().contains(candidate), set.contains(candidate));
    }

    #[test]
    fn algebra_is_pointwise(left in ranges(), right in ranges(), candidate in versions()) {
        let candidate = version(&candidate);
        let (in_left, in_right) = (left.contains(candidate), right.contains(candidate));
        prop_assert_eq!(left.union(&right).contains(candidate), in_left || in_right);
        prop_assert_eq!(left.intersection(&right).contains(candidate), in_left && in_right);
        prop_assert_eq!(left.difference(&right).contains(candidate), in_left && !in_right);
        prop_assert_eq!(left.complement().contains(candidate), !in_left);
        prop_assert!(!(left.is_disjoint(&right) && in_left && in_right));
        prop_assert!(!(left.is_subset(&right) && in_left && !in_right));
    }

    #[test]
    fn complement_twice_is_identity(range in ranges()) {
        prop_assert_eq!(range.complement().complement(), range.clone());
        prop_assert!(range.union(&range.complement()).is_full());
        prop_assert!(range.intersection(&range.complement()).is_empty());
    }

    #[test]
    fn order_of_operations_does_not_matter(left in ranges(), right in ranges()) {
        prop_assert_eq!(left.union(&right), right.union(&left));
        prop_assert_eq!(left.intersection(&right), left.complement().union(&right.complement()).complement());
        prop_assert_eq!(left.is_subset(&right), left.difference(&right).is_empty());
        prop_assert_eq!(left.is_disjoint(&right), left.intersection(&right).is_empty());
    }

    #[test]
    fn specifiers_of_a_range_are_its_segments(range in ranges()) {
        if let Some(sets) = range.to_specifiers() {
            let union = sets.iter().fold(VersionRange::empty(), |union, set| union.union(&set.to_range()));
            prop_assert_eq!(&union, &range);
        }
        if let Some(set) = range.to_specifier_set() {
            prop_assert_eq!(set.to_range(), range);
        }
    }

    #[test]
    fn set_display_then_parse_is_identity(text in specifier_sets()) {
        let first = set(&text);
        let again = set(&first.to_string());
        prop_assert_eq!(&first, &again);
        prop_assert_eq!(first.to_string(), again.to_string());
    }

    #[test]
    fn parsers_accept_or_refuse_any_text(text in "\\PC{0,40}") {
        let _ = text.parse::<Version>();
        let _ = text.parse::<SpecifierSet>();
        let _ = SpecifierSet::parse_lenient(&text);
    }
}

#[test]
fn a_version_is_eight_bytes() {
    assert_eq!(size_of::<Version>(), 8);
}

#[test]
fn common_shapes_are_inline() {
    for text in [
        "0",
        "1.26.4",
        "1.0.0",
        "2024.10.1",
        "2024.10.1.3",
        "1.0rc1",
        "4.66.1.20240101",
        "2.17.0.dev20240101",
        "1.0.post1",
        "1.2.3.dev20260101123456",
        "1.0a1.dev3",
        "1.0.post1.dev2",
        "20240101",
        "3.11.0rc2",
        "0.0.0",
    ] {
        assert!(version(text).is_inline(), "{text}");
        assert_eq!(version(text).to_string(), text);
    }
}

#[test]
fn spellings_have_one_normal_text() {
    for (text, normal) in [
        ("1.0-RC.1", "1.0rc1"),
        (" v1.0alpha ", "1.0a0"),
        ("1.0-1", "1.0.post1"),
        ("1.0.rev3", "1.0.post3"),
        ("1.0a.", "1.0a0"),
        ("1.0c1", "1.0rc1"),
        ("1.0preview_2", "1.0rc2"),
        ("01.002", "1.2"),
        ("1.0+Ubuntu-01", "1.0+ubuntu.1"),
        ("0!1.0dev", "1.0.dev0"),
        ("1.0a--1", "1.0a0.post1"),
        ("1!2.0.0", "1!2.0.0"),
        ("1.0.0.0.0.0", "1.0.0.0.0.0"),
    ] {
        assert_eq!(version(text).to_string(), normal, "{text:?}");
    }
}

#[test]
fn components_are_those_written() {
    let version = version("1!2.0.0rc3.post4.dev5+cu121.6");
    assert_eq!(version.epoch(), 1);
    assert_eq!(version.release().as_slice(), [2, 0, 0]);
    assert_eq!(version.pre(), Some((PreKind::ReleaseCandidate, 3)));
    assert_eq!((version.post(), version.dev()), (Some(4), Some(5)));
    assert_eq!(version.local().as_deref(), Some("cu121.6"));
    assert_eq!(version.public().to_string(), "1!2.0.0rc3.post4.dev5");
    assert_eq!(version.base().to_string(), "1!2.0.0");
}

#[test]
fn operators_have_the_odd_rules_of_the_specification() {
    for (specifier, inside, outside) in [
        (
            ">1.0",
            vec!["1.0.1.dev0", "1.0.0.1", "1.1a1"],
            vec!["1.0", "1.0.post1", "1.0+local", "1.0.post1.dev0", "1.0rc1"],
        ),
        (
            ">1.0.post1",
            vec!["1.0.post2.dev0", "1.0.post2"],
            vec!["1.0.post1", "1.0.post1+local"],
        ),
        (
            ">1.0a1",
            vec!["1.0a2.dev0", "1.0"],
            vec!["1.0a1", "1.0a1.post1"],
        ),
        (
            "<1.0",
            vec!["0.9", "0.9.post1"],
            vec!["1.0", "1.0rc1", "1.0.dev1"],
        ),
        ("<1.0rc1", vec!["1.0a1", "1.0.dev1"], vec!["1.0rc1"]),
        (
            "<1.0.post1",
            vec!["1.0", "1.0+local", "1.0rc1", "1.0.post0"],
            vec!["1.0.post1.dev0"],
        ),
        (
            "==1.0",
            vec!["1", "1.0.0", "1.0+local"],
            vec!["1.0.post1", "1.0rc1"],
        ),
        (
            "==1.0+local",
            vec!["1.0.0+local"],
            vec!["1.0", "1.0+local.1"],
        ),
        ("!=1.0", vec!["1.0.post1"], vec!["1.0+local"]),
        ("<=1.0", vec!["1.0+local", "1.0rc1"], vec!["1.0.post1"]),
        (">=1.0", vec!["1.0+local", "1.0.post1"], vec!["1.0rc1"]),
        (
            "==1.1.*",
            vec!["1.1", "1.1.0.dev1", "1.1.9", "1.1+local"],
            vec!["1.10", "1.2.dev0", "1!1.1"],
        ),
        ("==1!1.*", vec!["1!1.5"], vec!["1.5"]),
        (
            "~=2.2",
            vec!["2.2", "2.9", "2.3a1"],
            vec!["2.2rc1", "3.dev0", "3"],
        ),
        (
            "~=1.4.5.post1",
            vec!["1.4.5.post1", "1.4.9"],
            vec!["1.4.5", "1.5.dev0"],
        ),
        ("===1.0", vec!["1.0"], vec!["1.0.0", "1"]),
    ] {
        let set = set(specifier);
        for text in inside {
            assert!(set.contains(version(text)), "{text} in {specifier}");
        }
        for text in outside {
            assert!(!set.contains(version(text)), "{text} not in {specifier}");
        }
    }
}

#[test]
fn sets_of_the_same_versions_are_equal() {
    for (left, right) in [
        (">=1.0a2.dev0", ">1.0a1"),
        ("", ">=0.dev0"),
        ("~=1.4.2", ">=1.4.2,==1.4.*"),
        (">1.0.post1", ">=1.0.post2.dev0"),
        ("<=1.0", "<1.0.post0.dev0"),
        (">=2,<1", "==1,==2"),
        ("==1.*", ">=1.dev0,<2.dev0"),
    ] {
        assert_eq!(
            set(left).to_range(),
            set(right).to_range(),
            "{left} and {right}"
        );
    }
    assert_ne!(set(">=1.0").to_range(), set(">=1.0.dev0").to_range());
}

#[test]
fn bounds_are_those_of_the_range() {
    let range = set(">=3.9,<4").to_range();
    assert_eq!(range.lower_bound(), Some(Bound::Before(version("3.9"))));
    assert_eq!(range.upper_bound(), Some(Bound::Before(version("4.dev0"))));
    assert_eq!(VersionRange::full().lower_bound(), None);
    assert!(VersionRange::singleton(version("1.0")).contains(version("1.0.0")));
    assert!(!VersionRange::singleton(version("1.0")).contains(version("1.0+local")));
}

#[test]
fn ranges_are_spelled_without_naming_prereleases() {
    for (range, specifiers) in [
        ("!=1.5,<2,>=1", "!=1.5,<2,>=1"),
        ("!=1.5.*", "!=1.5.*"),
        (">=1.2,!=1.2.*", "!=1.2.*,>=1.2"),
        ("==1.5.*", "==1.5.*"),
        (">1", ">1"),
        ("~=1.4.2", "<1.5,>=1.4.2"),
    ] {
        assert_eq!(
            set(range)
                .to_range()
                .to_specifier_set()
                .unwrap()
                .to_string(),
            specifiers
        );
    }
}

#[test]
fn old_lists_are_repaired_and_reported() {
    for (text, repaired) in [
        (">=7.2<8", "<8,>=7.2"),
        (">=1.9.*", ">=1.9"),
        ("!=3.0*", "!=3.0.*"),
        ("'>=2.7'", ">=2.7"),
        (">= 1.0 , < 2", "<2,>=1.0"),
        ("~=2", "~=2.0"),
        (">=1.0,", ">=1.0"),
        ("(>=1.0)", ">=1.0"),
        ("=>1.0", ">=1.0"),
        ("==1.0.", "==1.0"),
        (">=2.*,!=3.0.*", "!=3.0.*,>=2"),
        ("~=1.2.*", "~=1.2.0"),
        ("~=3.*", "==3.*"),
        ("!=~5.0", "!=5.0.*"),
        (">=3.5 <4", "<4,>=3.5"),
        ("2.7", "==2.7"),
        ("*", ""),
    ] {
        let (set, _) = SpecifierSet::parse_lenient(text).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(set.to_string(), repaired, "{text}");
    }
    assert_eq!(SpecifierSet::parse_lenient(">=1.0,").unwrap().1, None);
    assert!(SpecifierSet::parse_lenient(">=7.2<8").unwrap().1.is_some());
    assert!(SpecifierSet::parse_lenient(">=foo").is_err());
}

#[test]
fn a_bad_version_says_where() {
    for (text, position) in [
        ("", 0),
        ("   ", 3),
        ("foo", 0),
        ("1.", 1),
        ("1..2", 1),
        ("1.0foo", 3),
        ("1.0+", 4),
        ("1.0+a..b", 6),
        ("1!", 2),
        ("1.0 a", 3),
        ("1.٣", 1),
        ("1.0\0", 3),
        ("1.0+ü", 4),
    ] {
        let error = text.parse::<Version>().unwrap_err();
        assert_eq!(error.position, position, "{text:?}: {error}");
    }
}

#[test]
fn enormous_text_is_answered_in_linear_time() {
    let digits = "9".repeat(10_000_000);
    assert!(digits.parse::<Version>().is_err());
    assert!(format!("1.0+{digits}").parse::<Version>().is_err());
    assert!(format!(">={digits}").parse::<SpecifierSet>().is_err());
    let long = "9".repeat(4300);
    assert_eq!(version(&long).to_string(), long);
    assert!(version(&long) < version(&format!("1!{long}")));
    let many = "1.".repeat(1_000_000) + "1";
    assert_eq!(version(&many).release().len(), 1_000_001);
}

#[test]
fn threads_agree_on_interned_versions() {
    let words = |_| {
        (0..200)
            .map(|number| version(&format!("1!{number}.0+local")))
            .collect::<Vec<_>>()
    };
    let answers: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|index| scope.spawn(move || words(index)))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    for answer in &answers {
        assert_eq!(answer, &answers[0]);
        assert!(answer.is_sorted());
        assert_eq!(answer[7].to_string(), "1!7.0+local");
    }
}

#[test]
fn arbitrary_equality_compares_text() {
    let specifier: Specifier = "===1.0-FOO".parse().unwrap();
    assert!(specifier.contains_text("1.0-foo") && !specifier.contains_text("1.0"));
    assert!(specifier.to_range().is_empty());
    assert_eq!(
        set("===1.0").to_range(),
        VersionRange::singleton(version("1.0"))
    );
    assert!(!set("===foo").is_unsatisfiable());
    assert!(set("===foo,>=1").is_unsatisfiable());
    assert!(set("===1.0,===1.1").is_unsatisfiable());
}

#[test]
fn one_place_has_one_representation() {
    let above = |bound| VersionRange::above(bound);
    assert_eq!(
        above(Bound::AfterPosts(version("1.0a1"))),
        above(Bound::Before(version("1.0a2.dev0")))
    );
    assert_eq!(
        above(Bound::AfterPosts(version("1.0.post3"))),
        above(Bound::AfterPosts(version("1")))
    );
    assert!(above(Bound::Before(Version::lowest())).is_full());
    assert!(VersionRange::below(Bound::Before(Version::lowest())).is_empty());
}
