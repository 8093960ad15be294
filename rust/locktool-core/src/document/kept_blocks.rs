//! Writes a lock as text that changes as little as its content does.
//!
//! In: a lock in the layout of `layout`, what it says, and the text that it replaces. Out: a text that says the same, in which every
//! block (the header, each `[[packages]]` table) whose meaning is unchanged keeps its bytes, and every other block its comments.

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use super::blocks::lock_blocks;
use super::comments::carry_comments;
use super::node::{Node, read_document};
use super::toml::{ReadToml, read_toml};

type Table<'a> = [(&'a str, Node<'a>)];

const PACKAGES: &str = "packages";

/// The text of a lock, as close to `previous` as its content allows.
///
/// `text` is the lock in its own layout, `messagepack` what it says; `own_comments` are the comment lines that the layout has of
/// itself. What readers of TOML 1.0 refuse is not kept; line ends of Windows are.
pub fn keep_blocks(
    text: String,
    messagepack: &[u8],
    previous: &str,
    own_comments: &[&str],
) -> String {
    if previous == text {
        return text;
    }
    let has_windows_lines = previous.contains("\r\n");
    let lines = if has_windows_lines {
        Cow::Owned(previous.replace("\r\n", "\n"))
    } else {
        Cow::Borrowed(previous)
    };
    let kept = kept(&text, messagepack, &lines, own_comments);
    match (kept, has_windows_lines) {
        (Kept::Nothing, _) => text,
        (Kept::Everything, _) => previous.to_owned(),
        (Kept::Some(text), false) => text,
        (Kept::Some(text), true) => text.replace('\n', "\r\n"),
    }
}

enum Kept {
    Nothing,
    Some(String),
    Everything,
}

fn kept(text: &str, messagepack: &[u8], previous: &str, own_comments: &[&str]) -> Kept {
    let Ok(
        read @ ReadToml {
            newer_form: None, ..
        },
    ) = read_toml(previous.as_bytes())
    else {
        return Kept::Nothing;
    };
    let (Ok(old), Ok(new)) = (read_document(&read.messagepack), read_document(messagepack)) else {
        return Kept::Nothing;
    };
    if is_same_table(&old, &new) {
        return Kept::Everything;
    }
    let (Some(old_packages), Some(packages)) = (packages_of(&old), packages_of(&new)) else {
        return Kept::Nothing;
    };
    let (old_blocks, blocks) = (split(previous), split(text));
    // Entries that stand in one inline list have no blocks to keep, and neither has anything that is no lock.
    if old_blocks.len() != old_packages.len() + 1 || blocks.len() != packages.len() + 1 {
        return Kept::Nothing;
    }
    // An empty list of packages is a key of the header.
    let header_is_same = is_same_table(&without_packages(&old), &without_packages(&new))
        && old_packages.is_empty() == packages.is_empty();
    let carry = |old: &str, new: &str| carry_comments(old, new, own_comments);
    let mut kept = vec![if header_is_same {
        old_blocks[0].to_owned()
    } else {
        carry(old_blocks[0], blocks[0])
    }];
    let matches = matched(old_packages, packages);
    for (number, block) in blocks[1..].iter().enumerate() {
        kept.push(match matches.get(&number) {
            None => (*block).to_owned(),
            Some(old) if is_same(&old_packages[*old], &packages[number]) => {
                old_blocks[old + 1].to_owned()
            }
            Some(old) => carry(old_blocks[old + 1], block),
        });
    }
    let result = join(&kept);
    // Comments are moved by the shape of lines, so the result is read back before it counts.
    let says_the_same = read_toml(result.as_bytes()).is_ok_and(|read| {
        read_document(&read.messagepack).is_ok_and(|table| is_same_table(&table, &new))
    });
    if says_the_same {
        Kept::Some(result)
    } else {
        Kept::Nothing
    }
}

/// The entries; none where there is no such key, `None` where they are no list.
fn packages_of<'t, 'a>(table: &'t Table<'a>) -> Option<&'t [Node<'a>]> {
    match table.iter().find(|(key, _)| *key == PACKAGES) {
        None => Some(&[]),
        Some((_, Node::Array(items))) => Some(items),
        Some(_) => None,
    }
}

fn without_packages<'t, 'a>(table: &'t Table<'a>) -> Vec<(&'a str, &'t Node<'a>)> {
    let others = table.iter().filter(|(key, _)| *key != PACKAGES);
    others.map(|(key, node)| (*key, node)).collect()
}

/// Whether two values mean the same: the order of keys is of no account.
fn is_same(left: &Node<'_>, right: &Node<'_>) -> bool {
    match (left, right) {
        (Node::Table(left), Node::Table(right)) => is_same_table(left, right),
        (Node::Array(left), Node::Array(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .zip(right)
                    .all(|(left, right)| is_same(left, right))
        }
        _ => left == right,
    }
}

fn is_same_table<'n, N>(left: &[(&str, N)], right: &[(&str, N)]) -> bool
where
    N: std::borrow::Borrow<Node<'n>>,
{
    left.len() == right.len()
        && left.iter().enumerate().all(|(number, (key, value))| {
            // Keys mostly stand in the same order.
            let same_place = right.get(number).filter(|(other, _)| other == key);
            let found = same_place.or_else(|| right.iter().find(|(other, _)| other == key));
            found.is_some_and(|(_, other)| is_same(value.borrow(), other.borrow()))
        })
}

/// A block reaches to the next one: whatever stands between two belongs to the first.
fn split(text: &str) -> Vec<&str> {
    let blocks = lock_blocks(text);
    let mut starts: Vec<usize> = blocks.packages.iter().map(|block| block.start).collect();
    starts.insert(0, 0);
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    let ranges = starts.iter().zip(ends);
    ranges.map(|(start, end)| &text[*start..end]).collect()
}

/// What was the last block of a file may come to stand in the middle, and the other way round.
fn join(blocks: &[String]) -> String {
    let mut text = String::with_capacity(blocks.iter().map(|block| block.len() + 2).sum());
    for (number, block) in blocks.iter().enumerate() {
        if number + 1 < blocks.len() && block.ends_with("\n\n") {
            text.push_str(block);
            continue;
        }
        text.push_str(block.trim_end_matches('\n'));
        text.push_str(if number + 1 < blocks.len() {
            "\n\n"
        } else {
            "\n"
        });
    }
    text
}

/// For each entry its counterpart in the old lock: the equal one, else one of its version, else of its name.
fn matched(old: &[Node<'_>], new: &[Node<'_>]) -> FxHashMap<usize, usize> {
    let mut free: FxHashMap<&str, Vec<usize>> = FxHashMap::default();
    for (number, package) in old.iter().enumerate() {
        free.entry(text_of(package, "name"))
            .or_default()
            .push(number);
    }
    let mut matches = FxHashMap::default();
    let is_of_version =
        |left: &Node<'_>, right: &Node<'_>| text_of(left, "version") == text_of(right, "version");
    for is_counterpart in [is_same, is_of_version, |_: &Node<'_>, _: &Node<'_>| true] {
        for (number, package) in new.iter().enumerate() {
            if matches.contains_key(&number) {
                continue;
            }
            let Some(candidates) = free.get_mut(text_of(package, "name")) else {
                continue;
            };
            let mut places = candidates.iter();
            if let Some(place) = places.position(|one| is_counterpart(package, &old[*one])) {
                matches.insert(number, candidates.remove(place));
            }
        }
    }
    matches
}

fn text_of<'a>(package: &Node<'a>, key: &str) -> &'a str {
    let Node::Table(entries) = package else {
        return "";
    };
    match entries.iter().find(|(found, _)| *found == key) {
        Some((_, Node::Text(text))) => text,
        _ => "",
    }
}
