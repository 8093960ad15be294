//! The known word that a misspelt one probably means.

use super::caret::quoted;

/// Below this similarity (0 to 1) two words have nothing to do with each other.
const LEAST_SIMILARITY: f64 = 0.6;

/// The most similar of some words, where any is similar.
pub fn nearest<'a>(word: &str, choices: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let rated = choices
        .into_iter()
        .map(|choice| (strsim::normalized_damerau_levenshtein(word, choice), choice))
        .filter(|(similarity, _)| *similarity >= LEAST_SIMILARITY);
    rated
        .max_by(|one, other| one.0.total_cmp(&other.0).then(other.1.cmp(one.1)))
        .map(|(_, choice)| choice)
}

/// Writes `; did you mean '...'?`, or nothing where no word is similar.
pub fn did_you_mean<'a>(word: &str, choices: impl IntoIterator<Item = &'a str>) -> String {
    nearest(word, choices).map_or_else(String::new, |choice| {
        format!("; did you mean {}?", quoted(choice))
    })
}
