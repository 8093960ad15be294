//! Forms of TOML 1.1 in a text that is TOML: what Python before 3.15 and other readers of TOML 1.0 refuse.
//!
//! Line breaks and a last comma in inline tables, `\e` and `\xHH` in strings, and times without seconds.

use toml_parser::decoder::Encoding;
use toml_parser::parser::{EventReceiver, parse_document};
use toml_parser::{ErrorSink, Source, Span};

/// The first such form, and the offset at which it stands.
pub fn newer_form(text: &str) -> Option<(usize, &'static str)> {
    let mut finder = Finder {
        text,
        containers: Vec::new(),
        after_comma: false,
        found: None,
    };
    let tokens = Source::new(text).lex().into_vec();
    parse_document(&tokens, &mut finder, &mut ());
    finder.found
}

enum Container {
    InlineTable,
    Array,
}

struct Finder<'a> {
    text: &'a str,
    containers: Vec<Container>,
    /// Nothing but white space stood since the last comma of the innermost container.
    after_comma: bool,
    found: Option<(usize, &'static str)>,
}

impl Finder<'_> {
    fn find(&mut self, span: Span, what: &'static str) {
        self.found = self.found.or(Some((span.start(), what)));
    }

    fn is_in_inline_table(&self) -> bool {
        matches!(self.containers.last(), Some(Container::InlineTable))
    }

    fn close(&mut self) {
        self.containers.pop();
        self.after_comma = false;
    }
}

impl EventReceiver for Finder<'_> {
    fn inline_table_open(&mut self, _: Span, _: &mut dyn ErrorSink) -> bool {
        self.containers.push(Container::InlineTable);
        self.after_comma = false;
        true
    }

    fn inline_table_close(&mut self, span: Span, _: &mut dyn ErrorSink) {
        if self.after_comma {
            self.find(span, "a comma before the end of an inline table");
        }
        self.close();
    }

    fn array_open(&mut self, _: Span, _: &mut dyn ErrorSink) -> bool {
        self.containers.push(Container::Array);
        self.after_comma = false;
        true
    }

    fn array_close(&mut self, _: Span, _: &mut dyn ErrorSink) {
        self.close();
    }

    fn value_sep(&mut self, _: Span, _: &mut dyn ErrorSink) {
        self.after_comma = true;
    }

    fn simple_key(&mut self, span: Span, kind: Option<Encoding>, _: &mut dyn ErrorSink) {
        self.after_comma = false;
        self.escapes(span, kind);
    }

    fn scalar(&mut self, span: Span, kind: Option<Encoding>, _: &mut dyn ErrorSink) {
        self.after_comma = false;
        self.escapes(span, kind);
        let text = &self.text[span.start()..span.end()];
        if kind.is_none() && is_time_without_seconds(text) {
            self.find(span, "a time without seconds");
        }
    }

    fn newline(&mut self, span: Span, _: &mut dyn ErrorSink) {
        if self.is_in_inline_table() {
            self.find(span, "an inline table over several lines");
        }
    }
}

impl Finder<'_> {
    fn escapes(&mut self, span: Span, kind: Option<Encoding>) {
        if !matches!(kind, Some(Encoding::BasicString | Encoding::MlBasicString)) {
            return;
        }
        let mut letters = self.text[span.start()..span.end()].chars();
        while let Some(letter) = letters.next() {
            if letter == '\\' && matches!(letters.next(), Some('e' | 'x')) {
                return self.find(span, "an escape \\e or \\x in a string");
            }
        }
    }
}

/// `07:32` and `2026-07-04T07:32Z`, but not `07:32:00`; the offset `+02:00` at the end is no time.
fn is_time_without_seconds(text: &str) -> bool {
    let time = match text.find(['T', 't', ' ']) {
        Some(separator) => &text[separator + 1..],
        None => text,
    };
    let time = time.split(['+', '-', 'Z', 'z']).next().unwrap_or(time);
    time.len() == 5 && time.matches(':').count() == 1
}

#[cfg(test)]
mod tests {
    use super::newer_form;

    #[test]
    fn forms_of_toml_1_1_are_found() {
        for text in [
            "a = {\n b = 1 }",
            "a = { b = 1, }",
            "a = \"\\e\"",
            "a = \"\\x41\"",
            "a = 07:32",
            "a = 2026-07-04T07:32+02:00",
        ] {
            assert!(newer_form(text).is_some(), "{text}");
        }
    }

    #[test]
    fn toml_1_0_is_left_alone() {
        for text in [
            "a = { b = [1,\n 2,\n], c = \"\"\"\n\"\"\" }\nd = [1, 2,]",
            "a = '\\e' # \\x41\nb = \"\\\\e\"",
            "a = 07:32:00\nb = 2026-07-04 07:32:00+02:00\nc = 2026-07-04",
        ] {
            assert_eq!(newer_form(text), None, "{text}");
        }
    }
}
