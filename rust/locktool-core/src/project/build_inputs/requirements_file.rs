//! Requirements files that a build reads: what they require, without comments, order and blank lines, and the files that they name.

use std::collections::BTreeSet;
use std::path::Path;

use super::collector::Collector;
use super::tables::requirement;
use crate::project::ini::without_comment;

/// Adds a requirements file by its meaning, and those that it names with `-r` and `-c`.
pub(super) fn read(written: &str, inputs: &mut Collector<'_>) {
    let mut waiting = vec![written.to_owned()];
    while let Some(written) = waiting.pop() {
        let Some(name) = inputs.name_of(&written) else {
            continue;
        };
        if inputs.digests.contains_key(&name) {
            continue;
        }
        if let Some(text) = inputs.text(&name) {
            let lines: BTreeSet<String> = lines(&text).collect();
            waiting.extend(lines.iter().filter_map(|line| named(line, &name)));
            let lines: Vec<String> = lines.into_iter().collect();
            inputs.meaning(&name, &lines.join("\n"));
        }
    }
}

/// The files that a requirements file names, from the tree.
pub(super) fn named_in(text: &str, name: &str) -> Vec<String> {
    lines(text).filter_map(|line| named(&line, name)).collect()
}

/// The lines without comments, each requirement in its canonical form.
fn lines(text: &str) -> impl Iterator<Item = String> {
    let joined = text.replace("\\\n", " ");
    let lines: Vec<String> = joined
        .lines()
        .map(|line| requirement(without_comment(line)))
        .filter(|line| !line.is_empty())
        .collect();
    lines.into_iter()
}

/// The file that a line names, which stands beside the file of the line.
fn named(line: &str, beside: &str) -> Option<String> {
    let options = ["-r", "--requirement", "-c", "--constraint"];
    let rest = options.iter().find_map(|option| {
        let rest = line.strip_prefix(option)?;
        (option.len() == 2 || rest.starts_with([' ', '='])).then_some(rest)
    })?;
    let written = rest
        .trim_start_matches(['=', ' '])
        .trim_matches(['"', '\'']);
    let folder = Path::new(beside).parent().unwrap_or(Path::new(""));
    Some(folder.join(written).to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_requirements_without_comments() {
        let text = "# a comment\nB >= 1  # another\n\na \\\n  >=2\n-r more.txt\ngit+https://a.invalid/b#egg=b\n";
        let found: Vec<String> = lines(text).collect();
        let expected = [
            "b>=1",
            "a>=2",
            "-r more.txt",
            "git+https://a.invalid/b#egg=b",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn files_are_named_from_the_file_that_names_them() {
        let found = named_in(
            "-r base.txt\n--constraint=../c.txt\n-rx.txt\n--requirements\n",
            "in/all.txt",
        );
        assert_eq!(found, ["in/base.txt", "in/../c.txt", "in/x.txt"]);
    }
}
