//! A version that parses prints a text that parses to the same version, written the same way; order and equality agree.
#![no_main]

use libfuzzer_sys::fuzz_target;
use locktool_core::version::Version;

fuzz_target!(|text: (&str, &str)| {
    let (Ok(left), Ok(right)) = (text.0.parse::<Version>(), text.1.parse::<Version>()) else {
        return;
    };
    let printed = left.to_string();
    let again: Version = printed.parse().expect("what is printed parses");
    assert_eq!(again, left);
    assert_eq!(again.to_string(), printed);
    assert_eq!(left == right, left.cmp(&right).is_eq());
    assert_eq!(left.cmp(&right), right.cmp(&left).reverse());
    assert!(left.public() <= left);
});
