//! A failed resolution as the exception `ResolutionImpossible`: sentences, suggestions, and the derivation as a tree.

use locktool_core::resolver::{Edit, Explanation, Step};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use crate::errors::locktool_error;

/// A derivation is nested no deeper than this: JSON writers recurse.
const DEEPEST: usize = 200;

/// The exception for an explanation.
pub fn impossible(py: Python<'_>, explanation: &Explanation) -> PyErr {
    let message = explanation.to_string();
    match fields(py, explanation, &message) {
        Ok(fields) => locktool_error(
            py,
            "ResolutionImpossible",
            "resolution-impossible",
            &message,
            Some(&fields),
        ),
        Err(failure) => failure,
    }
}

fn fields<'py>(
    py: Python<'py>,
    explanation: &Explanation,
    message: &str,
) -> PyResult<Bound<'py, PyDict>> {
    let suggestions = PyList::empty(py);
    for suggestion in &explanation.suggestions {
        let edits = suggestion.edits.iter().map(|edit| edit_dict(py, edit));
        let entry = PyDict::new(py);
        entry.set_item("text", &suggestion.text)?;
        entry.set_item("changes", edits.collect::<PyResult<Vec<_>>>()?)?;
        suggestions.append(entry)?;
    }
    let fields = PyDict::new(py);
    fields.set_item("explanation", message)?;
    fields.set_item("facts", &explanation.facts)?;
    fields.set_item("environment", &explanation.environment)?;
    let hints: Vec<&str> = explanation
        .hints
        .iter()
        .map(|hint| hint.text.as_str())
        .collect();
    fields.set_item("hints", hints)?;
    fields.set_item(
        "suggestion",
        explanation.suggestions.first().map(|first| &first.text),
    )?;
    fields.set_item("suggestions", suggestions)?;
    fields.set_item("tree", tree(py, &explanation.derivation)?)?;
    Ok(fields)
}

fn edit_dict<'py>(py: Python<'py>, edit: &Edit) -> PyResult<Bound<'py, PyDict>> {
    let entry = PyDict::new(py);
    entry.set_item("member", &edit.member)?;
    entry.set_item("key", &edit.key)?;
    entry.set_item("from", &edit.from)?;
    entry.set_item("to", &edit.to)?;
    Ok(entry)
}

/// The steps nested: `{"step": 0, "text": ..., "because": [...]}`. A step that others rest on as well is given in full once
/// and by its number, without `because`, after that.
fn tree<'py>(py: Python<'py>, steps: &[Step]) -> PyResult<Option<Bound<'py, PyDict>>> {
    if steps.is_empty() {
        return Ok(None);
    }
    let mut told = vec![false; steps.len()];
    let root = step_dict(py, steps, 0)?;
    told[0] = true;
    let mut open = vec![(0, root.clone(), 1)];
    while let Some((place, entry, depth)) = open.pop() {
        let because = PyList::empty(py);
        for &next in &steps[place].because {
            let below = step_dict(py, steps, next)?;
            because.append(&below)?;
            if !std::mem::replace(&mut told[next], true) && depth < DEEPEST {
                open.push((next, below, depth + 1));
            }
        }
        if !because.is_empty() {
            entry.set_item("because", because)?;
        }
    }
    Ok(Some(root))
}

fn step_dict<'py>(py: Python<'py>, steps: &[Step], place: usize) -> PyResult<Bound<'py, PyDict>> {
    let entry = PyDict::new(py);
    entry.set_item("step", place)?;
    entry.set_item("text", &steps[place].text)?;
    Ok(entry)
}
