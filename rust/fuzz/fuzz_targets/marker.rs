//! A marker that parses prints a text that parses to the same node; the laws of the algebra hold.
#![no_main]

use libfuzzer_sys::fuzz_target;
use locktool_core::marker::Marker;

fuzz_target!(|text: (&str, &str)| {
    let (Ok(left), Ok(right)) = (Marker::parse(text.0), Marker::parse(text.1)) else {
        return;
    };
    if let Some(printed) = left.to_text(Marker::TRUE) {
        assert_eq!(
            Marker::parse(&printed).expect("what is printed parses"),
            left
        );
    } else {
        assert!(left.is_true());
    }
    assert_eq!(left.not().not(), left);
    assert!(left.and(left.not()).is_false());
    assert!(left.or(left.not()).is_true());
    assert_eq!(left.and(right), right.and(left));
    assert_eq!(left.and(right).not(), left.not().or(right.not()));
    assert_eq!(left.simplify(right).and(right), left.and(right));
    assert_eq!(left.is_disjoint(right), left.and(right).is_false());
});
