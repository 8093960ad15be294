//! Where the blocks of a lock's text stand, so that a rewrite can keep unchanged ones byte for byte.
//!
//! TOML's own events find the headers, so `[[packages]]` inside a string or a comment is not one. Comment lines
//! directly above a header belong to its block; blank lines between blocks belong to none. Text that is not
//! valid TOML gives the blocks that can be made out.

use std::ops::Range;

use toml_parser::decoder::Encoding;
use toml_parser::parser::{EventReceiver, parse_document};
use toml_parser::{ErrorSink, Source, Span};

/// The byte ranges of a lock's parts, in order and apart from each other: between them are only blank lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockBlocks {
    /// What stands before the first package: the lock's own keys and `[tool]`.
    pub header: Range<usize>,
    /// One `[[packages]]` block each, from the comments above it to the end of its last line.
    pub packages: Vec<Range<usize>>,
    /// Sections that follow the last package and are not part of it; empty in locks that locktool wrote.
    pub footer: Range<usize>,
}

/// Finds the header, each `[[packages]]` block, and what follows the last one.
///
/// ```
/// use locktool_core::document::toml::lock_blocks;
/// let text = "lock-version = \"1.0\"\n\n# pinned by hand\n[[packages]]\nname = \"a\"\n";
/// let blocks = lock_blocks(text);
/// assert_eq!(&text[blocks.header], "lock-version = \"1.0\"\n");
/// assert!(text[blocks.packages[0].clone()].starts_with("# pinned by hand\n[[packages]]"));
/// ```
pub fn lock_blocks(text: &str) -> LockBlocks {
    let tokens = Source::new(text).lex().into_vec();
    let mut finder = Finder {
        text,
        ..Finder::default()
    };
    parse_document(&tokens, &mut finder, &mut ());
    let mut ends = finder
        .starts
        .iter()
        .skip(1)
        .copied()
        .chain([finder.footer.unwrap_or(text.len())]);
    let packages: Vec<_> = finder
        .starts
        .iter()
        .map(|&start| trimmed(text, start..ends.next().unwrap_or(start)))
        .collect();
    let header_end = finder.starts.first().copied().unwrap_or(text.len());
    LockBlocks {
        header: trimmed(text, 0..header_end),
        packages,
        footer: trimmed(text, finder.footer.unwrap_or(text.len())..text.len()),
    }
}

/// The range without the blank lines at its end; the last line keeps its newline.
fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let content = range.start + text[range.clone()].trim_end().len();
    let end = text[content..range.end]
        .find('\n')
        .map_or(range.end, |newline| content + newline + 1);
    range.start..if content == range.start { content } else { end }
}

/// Follows the events of a document: line by line for comments, header by header for packages.
#[derive(Default)]
struct Finder<'a> {
    text: &'a str,
    line_start: usize,
    line_has_content: bool,
    line_has_comment: bool,
    /// The first of the comment lines that end right above the current line.
    comments_start: Option<usize>,
    /// The header that is being read: where its block starts, its keys so far, whether it is `[[...]]`.
    header: Option<Header>,
    starts: Vec<usize>,
    footer: Option<usize>,
}

struct Header {
    start: usize,
    is_array: bool,
    keys: usize,
    is_packages: bool,
}

impl Finder<'_> {
    fn open(&mut self, is_array: bool) {
        let start = self.comments_start.unwrap_or(self.line_start);
        self.line_has_content = true;
        self.header = Some(Header {
            start,
            is_array,
            keys: 0,
            is_packages: false,
        });
    }

    fn close(&mut self) {
        let Some(header) = self.header.take() else {
            return;
        };
        if header.is_packages && header.is_array && header.keys == 1 {
            self.starts.push(header.start);
            self.footer = None;
        } else if !header.is_packages && !self.starts.is_empty() {
            self.footer.get_or_insert(header.start);
        }
    }
}

impl EventReceiver for Finder<'_> {
    fn std_table_open(&mut self, _: Span, _: &mut dyn ErrorSink) {
        self.open(false);
    }

    fn std_table_close(&mut self, _: Span, _: &mut dyn ErrorSink) {
        self.close();
    }

    fn array_table_open(&mut self, _: Span, _: &mut dyn ErrorSink) {
        self.open(true);
    }

    fn array_table_close(&mut self, _: Span, _: &mut dyn ErrorSink) {
        self.close();
    }

    fn simple_key(&mut self, span: Span, _: Option<Encoding>, _: &mut dyn ErrorSink) {
        self.line_has_content = true;
        if let Some(header) = &mut self.header {
            let key = &self.text[span.start()..span.end()];
            header.is_packages |=
                header.keys == 0 && matches!(key, "packages" | "\"packages\"" | "'packages'");
            header.keys += 1;
        }
    }

    fn scalar(&mut self, _: Span, _: Option<Encoding>, _: &mut dyn ErrorSink) {
        self.line_has_content = true;
    }

    fn array_close(&mut self, _: Span, _: &mut dyn ErrorSink) {
        self.line_has_content = true;
    }

    fn inline_table_close(&mut self, _: Span, _: &mut dyn ErrorSink) {
        self.line_has_content = true;
    }

    fn comment(&mut self, _: Span, _: &mut dyn ErrorSink) {
        self.line_has_comment = true;
    }

    fn newline(&mut self, span: Span, _: &mut dyn ErrorSink) {
        if self.line_has_comment && !self.line_has_content {
            self.comments_start.get_or_insert(self.line_start);
        } else {
            self.comments_start = None;
        }
        self.line_has_comment = false;
        self.line_has_content = false;
        self.line_start = span.end();
    }
}
