//! Calls that read a file whose name the code computes: `open(name)`, `(here / f"{name}.txt").read_text()`.

/// Functions whose first argument is a path.
const FUNCTIONS: [&str; 2] = ["open", "parse_requirements"];

/// Methods of paths.
const METHODS: [&str; 3] = [".open(", ".read_text(", ".read_bytes("];

/// Modules that have an `open` of their own.
const OPENING_MODULES: [&str; 3] = ["io", "codecs", "os"];

/// Whether some call reads a file whose name is not written out.
pub(super) fn reads_computed_names(code: &str) -> bool {
    let functions = FUNCTIONS.iter().any(|function| {
        let call = format!("{function}(");
        code.match_indices(&call).any(|(start, _)| {
            let is_call = is_function(&code[..start]);
            is_call && !is_written_out(first_argument(&code[start + call.len()..]))
        })
    });
    let reads = code.match_indices(".read(").any(|(start, call)| {
        let argument = first_argument(&code[start + call.len()..]).trim();
        let is_size = argument.chars().all(|character| character.is_ascii_digit());
        !is_size && !is_written_out(argument)
    });
    let methods = METHODS.iter().any(|call| {
        code.match_indices(call).any(|(start, _)| {
            let receiver = code[..start].lines().last().unwrap_or_default();
            let is_module = OPENING_MODULES
                .iter()
                .any(|module| receiver.ends_with(module));
            !(is_written_out(receiver) || is_module && *call == ".open(")
        })
    });
    functions || reads || methods
}

/// Whether the text before a name leaves it a name of its own: `open` in `io.open(` and `= open(`, not in `urlopen(`, `.open(`
/// and `def open(`.
fn is_function(before: &str) -> bool {
    if let Some(before) = before.strip_suffix('.') {
        return OPENING_MODULES
            .iter()
            .any(|module| before.ends_with(module));
    }
    let is_name = |character: char| character.is_alphanumeric() || character == '_';
    !before.ends_with(is_name) && !before.trim_end().ends_with("def")
}

/// The text up to the comma or the parenthesis that ends the first argument of a call.
fn first_argument(text: &str) -> &str {
    let mut depth = 0_usize;
    let mut quote = None;
    for (index, character) in text.char_indices() {
        match (quote, character) {
            (Some(open), close) if open == close => quote = None,
            (None, '"' | '\'') => quote = Some(character),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ',') if depth == 0 => return &text[..index],
            (None, ')' | ']' | '}') => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    text
}

/// Whether a path ends in a text that is written out: `os.path.join(here, "requirements.txt")`.
fn is_written_out(path: &str) -> bool {
    let path = path.trim_end_matches([')', ' ', '\n', ',']);
    let Some(quote) = path
        .chars()
        .last()
        .filter(|last| matches!(last, '"' | '\''))
    else {
        return false;
    };
    let inside = &path[..path.len() - 1];
    let Some(start) = inside.rfind(quote) else {
        return false;
    };
    let before = inside[..start].trim_end_matches(['r', 'R', 'b', 'B', 'u', 'U']);
    let is_formatted = before.ends_with(['f', 'F'])
        || [".format(", "%", "+"]
            .iter()
            .any(|part| path.contains(part));
    !is_formatted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_written_out_are_no_computed_names() {
        for code in [
            "open(\"a.txt\")",
            "io.open(os.path.join(here, 'a.txt'), encoding='utf-8')",
            "(here / \"in\" / \"a.txt\").read_text()",
            "urlopen(name)",
            "def open(name): ...",
            "f.read()",
            "config.read('setup.cfg')",
        ] {
            assert!(!reads_computed_names(code), "{code}");
        }
    }

    #[test]
    fn names_of_variables_and_formats_are_computed_names() {
        for code in [
            "open(name)",
            "open(os.path.join(here, name))",
            "open(f'{name}.txt')",
            "open('{}.txt'.format('a'))",
            "open('a' + '.txt')",
            "(here / name).read_text()",
            "path.open()",
            "config.read(name)",
        ] {
            assert!(reads_computed_names(code), "{code}");
        }
    }
}
