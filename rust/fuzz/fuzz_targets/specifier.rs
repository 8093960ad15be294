//! A specifier set that parses prints a text that parses to an equal set, and admits what its range contains.
#![no_main]

use libfuzzer_sys::fuzz_target;
use locktool_core::version::{SpecifierSet, Version};

fuzz_target!(|text: (&str, &str)| {
    if let Ok((repaired, Some(_))) = SpecifierSet::parse_lenient(text.0) {
        let printed = repaired.to_string();
        assert_eq!(
            printed
                .parse::<SpecifierSet>()
                .expect("a repaired set parses"),
            repaired
        );
    }
    let Ok(specifiers) = text.0.parse::<SpecifierSet>() else {
        return;
    };
    let again: SpecifierSet = specifiers
        .to_string()
        .parse()
        .expect("what is printed parses");
    assert_eq!(again, specifiers);
    if let Ok(version) = text.1.parse::<Version>() {
        assert_eq!(again.contains(version), specifiers.contains(version));
        // `===` compares texts, which a range of versions cannot.
        if !specifiers.has_arbitrary() {
            assert_eq!(
                specifiers.to_range().contains(version),
                specifiers.contains(version)
            );
        }
    }
});
