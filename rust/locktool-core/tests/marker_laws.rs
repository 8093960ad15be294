//! Laws of the marker algebra, checked against truth tables: random expressions over small
//! domains, evaluated in every environment of a grid that can tell all of them apart.

use std::collections::HashMap;

use locktool_core::marker::{Expression, Marker, MarkerEnvironment, Membership};
use locktool_core::name::{ExtraName, GroupName};

/// Conditions whose differences the grid shows.
const CONDITIONS: [&str; 46] = [
    "python_version >= '3.9'",
    "python_version < '3.10'",
    "python_version == '3.9'",
    "python_version != '3.10'",
    "python_version in '3.9.1 3.10'",
    "python_version not in '3.9'",
    "'3.9' <= python_version",
    "python_version > '3.9rc1'",
    "python_version ~= '3.9'",
    "python_full_version >= '3.9.1'",
    "python_full_version < '3.9.1'",
    "python_full_version <= '3.9.0'",
    "python_full_version == '3.9.*'",
    "python_full_version == '3.10.0'",
    "python_full_version > '3.10.0rc1'",
    "python_full_version === '3.9.1'",
    "python_full_version != '3.9.1+local'",
    "'3.9.1' == python_full_version",
    "implementation_version >= '7.3'",
    "implementation_version == '7.3.1'",
    "sys_platform == 'win32'",
    "sys_platform != 'linux'",
    "sys_platform == 'freebsd14'",
    "sys_platform in 'linux darwin'",
    "'win' in sys_platform",
    "os_name == 'nt'",
    "os_name != 'posix'",
    "os_name == sys_platform",
    "platform_system == 'Linux'",
    "platform_system != 'Darwin'",
    "platform_system == 'FreeBSD'",
    "platform_machine == 'x86_64'",
    "platform_machine != 'arm64'",
    "platform_machine in 'x86_64 AMD64'",
    "platform_release >= '20'",
    "platform_release == 'NT'",
    "platform_python_implementation == 'CPython'",
    "implementation_name == 'pypy'",
    "extra == 'a'",
    "extra != 'b'",
    "extra == ''",
    "'a' in extras",
    "'b' not in extras",
    "'a' in dependency_groups",
    "os_name ~= 'nt'",
    "platform_version < 'x'",
];

fn expression(random: &mut fastrand::Rng, depth: u32) -> String {
    expression_of(&CONDITIONS, random, depth)
}

fn expression_of(conditions: &[&str], random: &mut fastrand::Rng, depth: u32) -> String {
    if depth == 0 || random.u32(0..4) == 0 {
        return conditions[random.usize(0..conditions.len())].to_owned();
    }
    let joint = if random.bool() { "and" } else { "or" };
    let left = expression_of(conditions, random, depth - 1);
    let right = expression_of(conditions, random, depth - 1);
    format!("({left} {joint} {right})")
}

fn parse(text: &str) -> Marker {
    Marker::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn version_environments() -> Vec<MarkerEnvironment> {
    let versions = [
        "3.8.20",
        "3.9.0rc1",
        "3.9.0",
        "3.9.0+",
        "3.9.1rc1",
        "3.9.1",
        "3.9.1+",
        "3.9.2",
        "3.10.0b1",
        "3.10.0rc1",
        "3.10.0rc2",
        "3.10.0",
        "3.10.1",
        "3.11.4",
        "4.0.0",
    ];
    versions
        .iter()
        .flat_map(|full| {
            let minor: Vec<&str> = full.split('.').take(2).collect();
            ["7.2.9", "7.3.0rc1", "7.3.0", "7.3.1", "7.3.2"].map(|implementation| {
                MarkerEnvironment {
                    python_full_version: (*full).to_owned(),
                    python_version: minor.join("."),
                    implementation_version: implementation.to_owned(),
                    ..MarkerEnvironment::default()
                }
            })
        })
        .collect()
}

fn platform_environments() -> Vec<MarkerEnvironment> {
    let platforms = [
        ("win32", "nt", "Windows"),
        ("linux", "posix", "Linux"),
        ("darwin", "posix", "Darwin"),
        ("cygwin", "posix", "CYGWIN_NT-10.0"),
        ("freebsd14", "posix", "FreeBSD"),
        ("freebsd14", "other", "FreeBSD"),
        ("freebsd14", "sys_platform", "FreeBSD"),
        ("winx", "posix", "Other"),
        ("winx", "other", "Other"),
        ("inux", "posix", "FreeBSD"),
        ("sunos5", "posix", "SunOS"),
    ];
    let implementations = [("CPython", "cpython"), ("PyPy", "pypy"), ("Other", "other")];
    let machines = ["x86_64", "arm64", "86_64", "riscv64"];
    let releases = ["NT", "19.1", "20.0", "5.15.0-91-generic"];
    let mut environments = Vec::new();
    for (platform, name, system) in platforms {
        for (display, implementation) in implementations {
            for (machine, release) in machines
                .into_iter()
                .flat_map(|machine| releases.map(|release| (machine, release)))
            {
                environments.push(MarkerEnvironment {
                    sys_platform: platform.to_owned(),
                    os_name: name.to_owned(),
                    platform_system: system.to_owned(),
                    platform_python_implementation: display.to_owned(),
                    implementation_name: implementation.to_owned(),
                    platform_machine: machine.to_owned(),
                    platform_release: release.to_owned(),
                    ..MarkerEnvironment::default()
                });
            }
        }
    }
    environments
}

type Choice = (Option<&'static str>, Vec<ExtraName>, Vec<GroupName>);

fn choices() -> Vec<Choice> {
    let [a, b] = ["a", "b"].map(|name| ExtraName::parse(name).expect("a valid name"));
    let group = GroupName::parse("a").expect("a valid name");
    vec![
        (None, vec![], vec![]),
        (Some("a"), vec![a], vec![group]),
        (Some("b"), vec![b], vec![]),
        (Some("c"), vec![a, b], vec![group]),
        (None, vec![], vec![group]),
        (None, vec![a], vec![]),
        (Some("a"), vec![b], vec![]),
    ]
}

/// The combinations of interpreters, platforms and choices.
struct Grid {
    platforms: Vec<MarkerEnvironment>,
    versions: Vec<MarkerEnvironment>,
    choices: Vec<Choice>,
}

fn grid() -> Grid {
    Grid {
        platforms: platform_environments(),
        versions: version_environments(),
        choices: choices(),
    }
}

impl Grid {
    fn environment(&self, platform: usize, version: usize, choice: usize) -> MarkerEnvironment {
        let version = &self.versions[version];
        let (extra, extras, groups) = &self.choices[choice];
        MarkerEnvironment {
            python_full_version: version.python_full_version.clone(),
            python_version: version.python_version.clone(),
            implementation_version: version.implementation_version.clone(),
            extra: extra.map(str::to_owned),
            extras: extras.clone(),
            dependency_groups: groups.clone(),
            ..self.platforms[platform].clone()
        }
    }

    /// Environments of all the grid, others each time but the same in every run.
    fn sample(&self, random: &mut fastrand::Rng, count: usize) -> Vec<MarkerEnvironment> {
        let mut pick = |length: usize| random.usize(0..length);
        (0..count)
            .map(|_| {
                self.environment(
                    pick(self.platforms.len()),
                    pick(self.versions.len()),
                    pick(self.choices.len()),
                )
            })
            .collect()
    }

    /// Every platform, every interpreter and every choice, one at a time.
    fn axes(&self) -> Vec<MarkerEnvironment> {
        let platforms = (0..self.platforms.len()).map(|platform| self.environment(platform, 0, 0));
        let versions = (0..self.versions.len()).map(|version| self.environment(0, version, 0));
        let choices = (0..self.choices.len()).map(|choice| self.environment(0, 0, choice));
        platforms.chain(versions).chain(choices).collect()
    }
}

/// What `packaging` answers; an undefined comparison is false here.
fn reference(expression: &Expression, environment: &MarkerEnvironment) -> Option<bool> {
    expression.evaluate(environment).ok()
}

#[test]
fn diagrams_evaluate_as_expressions_do() {
    let grid = grid();
    let mut random = fastrand::Rng::with_seed(1);
    for _ in 0..150 {
        let text = expression(&mut random, 3);
        let parsed = Expression::parse(&text).expect("the text is a marker");
        let marker = parsed.to_marker().expect("a small diagram");
        for environment in grid.sample(&mut random, 250) {
            let Some(expected) = reference(&parsed, &environment) else {
                continue;
            };
            assert_eq!(
                marker.evaluate(&environment),
                expected,
                "{text} in {environment:?}"
            );
        }
    }
}

#[test]
fn the_same_truth_table_is_the_same_marker() {
    let grid = grid();
    let mut random = fastrand::Rng::with_seed(2);
    for _ in 0..120 {
        let (left, right) = (expression(&mut random, 2), expression(&mut random, 1));
        let (one, other) = (parse(&left), parse(&right));
        let joined = [
            one.and(other),
            one.or(other),
            one.difference(other),
            one.not(),
        ];
        for environment in grid.sample(&mut random, 200) {
            let (first, second) = (one.evaluate(&environment), other.evaluate(&environment));
            let expected = [first && second, first || second, first && !second, !first];
            assert_eq!(
                joined.map(|marker| marker.evaluate(&environment)),
                expected,
                "{left} with {right}"
            );
        }
        assert_eq!(one.not().not(), one, "{left}");
        assert_eq!(
            one.and(other).not(),
            one.not().or(other.not()),
            "{left} with {right}"
        );
        assert_eq!(one.or(other), other.or(one), "{left} with {right}");
        assert_eq!(one.or(one.and(other)), one, "{left} with {right}");
        assert_eq!(
            one.and(other).or(one.and(other.not())),
            one,
            "{left} with {right}"
        );
        assert_eq!(
            one.is_disjoint(other),
            one.and(other).is_false(),
            "{left} with {right}"
        );
    }
}

#[test]
fn distinct_markers_differ_in_some_environment() {
    let grid = grid().axes();
    let texts: Vec<&str> = CONDITIONS.to_vec();
    for (position, left) in texts.iter().enumerate() {
        for right in &texts[position + 1..] {
            let (one, other) = (parse(left), parse(right));
            let differs = grid
                .iter()
                .any(|environment| one.evaluate(environment) != other.evaluate(environment));
            assert_eq!(one != other, differs, "{left} and {right}");
        }
    }
}

#[test]
fn text_reads_back_as_the_same_marker() {
    let mut random = fastrand::Rng::with_seed(3);
    for _ in 0..150 {
        let text = expression(&mut random, 3);
        let marker = parse(&text);
        if marker.is_true() {
            continue;
        }
        let printed = marker.to_string();
        // The negation of a release comparison has no exact text; see `platform_release`.
        if text.contains("platform_release >=") {
            continue;
        }
        assert_eq!(parse(&printed), marker, "{text} prints as {printed}");
        assert_eq!(parse(&printed).to_string(), printed, "{text}");
    }
}

#[test]
fn simplification_keeps_the_function_inside_its_assumption() {
    let mut random = fastrand::Rng::with_seed(4);
    for _ in 0..150 {
        let (text, assumed) = (expression(&mut random, 2), expression(&mut random, 1));
        if text.contains("platform_release >=") || assumed.contains("platform_release >=") {
            continue;
        }
        let (marker, assumption) = (parse(&text), parse(&assumed));
        let simplified = marker.simplify(assumption);
        assert_eq!(
            simplified.and(assumption),
            marker.and(assumption),
            "{text} under {assumed}"
        );
        let printed = marker
            .to_text(assumption)
            .map_or(Marker::TRUE, |printed| parse(&printed));
        assert_eq!(
            printed.and(assumption),
            marker.and(assumption),
            "{text} under {assumed}"
        );
    }
}

#[test]
fn choosing_extras_leaves_none_to_choose() {
    let [a, b] = ["a", "b"].map(|name| ExtraName::parse(name).expect("a valid name"));
    let grid = grid();
    let mut random = fastrand::Rng::with_seed(5);
    for _ in 0..80 {
        let text = expression(&mut random, 2);
        let marker = parse(&text);
        for names in [vec![], vec![a], vec![a, b]] {
            let chosen = marker.with_extras(&names);
            for environment in grid.sample(&mut random, 40) {
                let evaluate = |extra: Option<&str>| {
                    marker.evaluate(&MarkerEnvironment {
                        extra: extra.map(str::to_owned),
                        ..environment.clone()
                    })
                };
                let expected = match names.as_slice() {
                    [] => evaluate(None),
                    names => names.iter().any(|name| evaluate(Some(name.as_str()))),
                };
                assert_eq!(
                    chosen.evaluate(&environment),
                    expected,
                    "{text} with {names:?}"
                );
            }
        }
        for membership in marker.memberships() {
            let (with, without) = (
                marker.assume(membership, true),
                marker.assume(membership, false),
            );
            let asked = match membership {
                Membership::Extra(name) => Marker::in_extras(name),
                Membership::Group(name) => Marker::in_groups(name),
            };
            assert_eq!(
                asked.and(with).or(asked.not().and(without)),
                marker,
                "{text}"
            );
        }
    }
}

#[test]
fn the_python_range_is_where_the_marker_can_hold() {
    let mut random = fastrand::Rng::with_seed(6);
    for _ in 0..120 {
        let text = expression(&mut random, 2);
        let marker = parse(&text);
        let range = marker.python_range();
        let pythons = Marker::from_python_range(&range);
        assert!(marker.implies(pythons), "{text}");
        assert_eq!(pythons.python_range(), range, "{text}");
        assert_eq!(
            pythons.and(marker.without_python()).python_range(),
            range,
            "{text}"
        );
    }
}

/// `packaging` makes no specifier of a local version behind an ordering operator and compares
/// the texts; a diagram reads the build as its version.
#[test]
fn reversed_order_reads_a_local_build_as_its_version() {
    let environment = MarkerEnvironment {
        python_full_version: "3.9.0+".to_owned(),
        ..MarkerEnvironment::default()
    };
    for (text, holds) in [
        ("'3.9.1' > python_full_version", true),
        ("'3.8.1' > python_full_version", false),
    ] {
        let expression = Expression::parse(text).expect("the text is a marker");
        assert_eq!(expression.evaluate(&environment), Ok(false), "{text}");
        assert_eq!(
            expression
                .to_marker()
                .expect("a small diagram")
                .evaluate(&environment),
            holds,
            "{text}"
        );
    }
    assert_eq!(
        parse("'3.9.1' > python_full_version"),
        parse("python_full_version <= '3.9.1' and python_full_version != '3.9.1'")
    );
}

#[test]
fn markers_do_not_depend_on_the_thread() {
    let texts: Vec<String> = {
        let mut random = fastrand::Rng::with_seed(7);
        (0..60).map(|_| expression(&mut random, 3)).collect()
    };
    let print = |texts: &[String]| -> Vec<(Marker, String)> {
        texts
            .iter()
            .map(|text| (parse(text), parse(text).to_string()))
            .collect()
    };
    let results: Vec<_> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..4).map(|_| scope.spawn(|| print(&texts))).collect();
        workers
            .into_iter()
            .map(|worker| worker.join().expect("the worker ends well"))
            .collect()
    });
    for result in &results {
        assert_eq!(result, &results[0]);
    }
}

#[test]
fn markers_are_equal_exactly_if_their_truth_tables_are() {
    const FEW: [&str; 9] = [
        "python_version >= '3.10'",
        "python_full_version < '3.10'",
        "python_full_version == '3.9.*'",
        "sys_platform == 'win32'",
        "os_name == 'posix'",
        "platform_system == 'Linux'",
        "'win' in sys_platform",
        "extra == 'a'",
        "'a' in extras",
    ];
    let grid = grid();
    // One interpreter and one machine of each platform: the conditions ask for no more.
    let platforms: Vec<usize> = (0..grid.platforms.len()).step_by(48).collect();
    let mut environments = Vec::new();
    for platform in platforms {
        for version in (0..grid.versions.len()).step_by(5) {
            environments.extend(
                (0..grid.choices.len()).map(|choice| grid.environment(platform, version, choice)),
            );
        }
    }
    let mut random = fastrand::Rng::with_seed(8);
    let mut tables: HashMap<Vec<bool>, (Marker, String)> = HashMap::new();
    let mut markers: HashMap<Marker, Vec<bool>> = HashMap::new();
    for _ in 0..300 {
        let text = expression_of(&FEW, &mut random, 2);
        let marker = parse(&text);
        let table: Vec<bool> = environments
            .iter()
            .map(|environment| marker.evaluate(environment))
            .collect();
        let (known, known_text) = tables
            .entry(table.clone())
            .or_insert_with(|| (marker, text.clone()));
        assert_eq!(
            *known, marker,
            "{known_text} and {text} hold in the same environments"
        );
        assert_eq!(
            markers.entry(marker).or_insert_with(|| table.clone()),
            &table,
            "{text}"
        );
    }
}
