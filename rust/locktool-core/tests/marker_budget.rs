//! Markers that are made to be large: their texts stay exact and short of any explosion, what is too complex is refused, and no
//! depth ends the process.

use locktool_core::marker::{
    Expression, Marker, MarkerEnvironment, Run, TooComplex, or_too_complex, within_budget,
};
use locktool_core::name::ExtraName;

fn marker(text: &str) -> Marker {
    Marker::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// Alternatives of two conditions each: the diagram doubles with every pair.
fn pairs(count: usize, left: &str, right: &str) -> String {
    let pair = |number| {
        let (left, right) = (
            left.replace('#', &format!("x{number}_")),
            right.replace('#', &format!("y{number}_")),
        );
        format!("({left} and {right})")
    };
    (0..count).map(pair).collect::<Vec<_>>().join(" or ")
}

fn substrings(count: usize) -> String {
    pairs(count, "'#' in platform_release", "'#' in platform_version")
}

fn memberships(count: usize) -> String {
    pairs(count, "'#' in extras", "'#' in extras").replace("_'", "'")
}

/// An environment that has some of the names that the pairs ask for.
fn environment(count: usize, random: &mut fastrand::Rng) -> MarkerEnvironment {
    let mut some = |letter: &str| -> Vec<String> {
        let chosen = (0..count).filter(|_| random.u8(..4) == 0);
        chosen.map(|number| format!("{letter}{number}_")).collect()
    };
    let (left, right) = (some("x"), some("y"));
    let extras = left.iter().chain(&right);
    MarkerEnvironment {
        platform_release: left.join(" "),
        platform_version: right.join(" "),
        extras: extras
            .filter_map(|name| ExtraName::parse(name.trim_end_matches('_')).ok())
            .collect(),
        sys_platform: "linux".to_owned(),
        os_name: "posix".to_owned(),
        platform_system: "Linux".to_owned(),
        ..MarkerEnvironment::default()
    }
}

#[test]
fn long_texts_have_the_truth_table_of_what_was_read() {
    let mut random = fastrand::Rng::with_seed(11);
    let listed = |field: &str| {
        let values = (0..300).map(|number| format!("{field} == '{number}'"));
        values.collect::<Vec<_>>().join(" or ")
    };
    let texts = [
        (10, substrings(10)),
        (12, memberships(12)),
        (
            9,
            format!("not_there == '' or {}", substrings(9)).replace("not_there", "os_name"),
        ),
        (0, listed("platform_release")),
        (0, listed("platform_machine")),
    ];
    for (count, text) in texts {
        let read = marker(&text);
        let written = read.to_string();
        assert_eq!(marker(&written), read, "{text}");
        assert_eq!(written, marker(&written).to_string(), "{text}");
        let (before, after) = (
            Expression::parse(&text).expect("a marker"),
            Expression::parse(&written).expect("a marker"),
        );
        for _ in 0..300 {
            let environment = environment(count, &mut random);
            let holds = before.evaluate(&environment).expect("defined");
            assert_eq!(
                after.evaluate(&environment).expect("defined"),
                holds,
                "{text}"
            );
            assert_eq!(read.evaluate(&environment), holds, "{text}");
        }
    }
}

#[test]
fn equal_functions_have_equal_texts_also_where_they_are_long() {
    for text in [substrings(10), memberships(12)] {
        let mut parts: Vec<&str> = text.split(" or ").collect();
        parts.reverse();
        assert_eq!(
            marker(&text).to_string(),
            marker(&parts.join(" or ")).to_string()
        );
    }
}

#[test]
fn a_text_with_too_many_combinations_is_refused() {
    for text in [substrings(40), memberships(40)] {
        let error = Marker::parse(&text).expect_err("a refusal");
        assert!(error.message.contains("too many conditions"), "{error}");
    }
    let listed = (0..2000).map(|number| format!("platform_release == '{number}'"));
    let listed: Vec<String> = listed.collect();
    assert!(Marker::parse(&listed.join(" or ")).is_err());
}

#[test]
fn what_a_run_combines_is_counted() {
    let combine = |count: usize| {
        let pairs = (0..count)
            .map(|number| marker(&format!("'l{number}' in extras and 'm{number}' in extras")));
        pairs.fold(Marker::FALSE, Marker::or)
    };
    assert!(within_budget(100_000, || combine(8)).is_ok());
    assert_eq!(within_budget(100_000, || combine(60)), Err(TooComplex));
    // The next run has a budget of its own.
    assert!(within_budget(100_000, || combine(9)).is_ok());
}

#[test]
fn a_run_counts_what_its_own_threads_make() {
    let numbered = |first: usize| {
        let markers = (first..first + 400).map(|number| marker(&format!("'n{number}' in extras")));
        markers.fold(Marker::FALSE, Marker::or)
    };
    let result = within_budget(1_000, || {
        std::thread::scope(|scope| {
            scope.spawn(|| numbered(0)).join().expect("another's work");
        });
        marker("'n1000' in extras")
    });
    assert!(result.is_ok());
    let result = within_budget(1_000, || {
        let run = Run::of_this_thread();
        std::thread::scope(|scope| {
            let thread = scope.spawn(|| run.work(|| or_too_complex(|| numbered(2_000))));
            thread.join().expect("a result")
        })
    });
    assert_eq!(result, Ok(Err(TooComplex)));
}

#[test]
fn a_diagram_may_be_deeper_than_the_stack() {
    let names =
        (0..20_000).map(|number| ExtraName::parse(&format!("deep{number:05}")).expect("a name"));
    let all: Vec<Marker> = names.map(Marker::in_extras).collect();
    let deep = all.iter().rev().copied().fold(Marker::FALSE, Marker::or);
    assert!(!deep.not().is_true());
    assert!(deep.implies(deep.or(all[7])));
    assert_eq!(deep.memberships().len(), 20_000);
    let without = deep.memberships().into_iter().take(3);
    let without = without.fold(deep, |deep, one| deep.assume(one, false));
    assert_eq!(without.memberships().len(), 19_997);
}

#[test]
fn a_text_that_cannot_be_written_ends_the_run_and_not_the_process() {
    // The parity of names: as many cubes as combinations, for it and for its negation.
    let parity = (0..24).fold(Marker::FALSE, |parity, number| {
        let name = marker(&format!("'parity{number:02}' in extras"));
        parity.difference(name).or(name.difference(parity))
    });
    assert_eq!(or_too_complex(|| parity.to_string()), Err(TooComplex));
}
