//! A requirement that parses prints a text that parses to an equal requirement; reading metadata never panics.
#![no_main]

use libfuzzer_sys::fuzz_target;
use locktool_core::metadata::Metadata;
use locktool_core::requirement::Requirement;

fuzz_target!(|bytes: &[u8]| {
    let _ = Metadata::parse(bytes);
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Ok((lenient, _)) = Requirement::parse_lenient(text) {
        let printed = lenient.to_string();
        assert_eq!(
            printed
                .parse::<Requirement>()
                .expect("a repaired requirement parses"),
            lenient
        );
    }
    let Ok(requirement) = text.parse::<Requirement>() else {
        return;
    };
    let printed = requirement.to_string();
    assert_eq!(
        printed
            .parse::<Requirement>()
            .expect("what is printed parses"),
        requirement
    );
});
