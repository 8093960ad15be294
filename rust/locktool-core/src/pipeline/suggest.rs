//! Verified suggestions: of the changes that may help against a failure, the smallest under which an answer was found.
//!
//! Changes are tried one by one, then in pairs that the next failure names, and so on; few tries, each of bounded length, and none
//! once people have waited for the report long enough. What is tried and in which order depends on the failure alone; how far it gets
//! can depend on the index.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::lock::LockedPackage;
use crate::manifest::Manifest;
use crate::resolver::{Change, Explanation, Hint, ResolveError, Suggestion};
use crate::source::Progress;
use crate::trace::unrecorded;

/// Tries beyond these are not worth the wait.
const MOST_TRIES: usize = 10;
const MOST_CHANGES: usize = 3;
const MOST_SUGGESTIONS: usize = 2;

/// All tries together may take as many steps as the search that failed, one of them half of that; so many they may always take.
const LEAST_STEPS: u64 = 3000;

/// So long a report waits for suggestions. Steps do not bound that: each may wait for the index.
const LONGEST_WAIT: Duration = Duration::from_secs(2);

type Answer = Result<Vec<LockedPackage>, ResolveError>;

/// The explanation with suggestions, if any were found.
///
/// # Errors
/// When the run is cancelled meanwhile.
pub(super) fn with_suggestions(
    explanation: &Explanation,
    manifest: &Manifest,
    progress: &Progress,
    resolve: impl Fn(&Manifest) -> Answer,
) -> Result<Arc<Explanation>, ResolveError> {
    progress.set_step("looking for a change that helps");
    let taken = progress.steps.load(Ordering::Relaxed);
    let search = Search {
        manifest,
        progress,
        resolve,
        end: taken + LEAST_STEPS.max(taken),
        longest: LEAST_STEPS.max(taken) / 2,
    };
    progress.set_deadline(Some(Instant::now() + LONGEST_WAIT));
    let found = search.run(&explanation.remedies);
    progress.set_deadline(None);
    progress.step_limit.store(0, Ordering::Relaxed);
    let suggestions = found?;
    let is_suggested = |hint: &Hint| {
        let about = hint.about.as_ref();
        about.is_some_and(|change| suggestions.iter().any(|one| one.contains(change)))
    };
    let hints = explanation.hints.iter();
    let hints = hints.filter(|hint| !is_suggested(hint)).cloned().collect();
    Ok(Arc::new(Explanation {
        suggestions: suggestions
            .into_iter()
            .map(|changes| Suggestion {
                text: join(&changes, manifest),
                edits: changes.iter().flat_map(|one| one.edits(manifest)).collect(),
                changes,
            })
            .collect(),
        hints,
        ..explanation.clone()
    }))
}

fn join(changes: &[Change], manifest: &Manifest) -> String {
    let texts: Vec<String> = changes.iter().map(|one| one.text(manifest)).collect();
    texts.join(", and ")
}

struct Search<'a, R> {
    manifest: &'a Manifest,
    progress: &'a Progress,
    resolve: R,
    /// The step at which no try goes on.
    end: u64,
    /// How many steps one try may take.
    longest: u64,
}

impl<R: Fn(&Manifest) -> Answer> Search<'_, R> {
    fn run(&self, remedies: &[Change]) -> Result<Vec<Vec<Change>>, ResolveError> {
        let mut queue: VecDeque<Vec<Change>> =
            remedies.iter().map(|one| vec![one.clone()]).collect();
        let mut found: Vec<Vec<Change>> = Vec::new();
        let mut tries = 0;
        while let Some(changes) = queue.pop_front() {
            let is_larger = found
                .first()
                .is_some_and(|first| changes.len() > first.len());
            if is_larger || tries >= MOST_TRIES || found.len() >= MOST_SUGGESTIONS {
                break;
            }
            tries += 1;
            match self.attempt(&changes)? {
                Attempt::Answer(packages) => {
                    let settled: Vec<Change> =
                        changes.iter().map(|one| one.settled(&packages)).collect();
                    tries += usize::from(settled != changes);
                    let holds =
                        settled == changes || matches!(self.attempt(&settled)?, Attempt::Answer(_));
                    let accepted = if holds { settled } else { changes };
                    if !found.contains(&accepted) {
                        found.push(accepted);
                    }
                }
                Attempt::Failure(next) if changes.len() < MOST_CHANGES => {
                    let further = next
                        .remedies
                        .iter()
                        .filter(|one| self.extends(&changes, one));
                    queue.extend(further.map(|one| {
                        let mut more = changes.clone();
                        more.push(one.clone());
                        more
                    }));
                }
                Attempt::Failure(_) | Attempt::Nothing => {}
            }
        }
        Ok(found)
    }

    /// Whether a change is one of the project as it is, and of something else than the changes before.
    fn extends(&self, changes: &[Change], next: &Change) -> bool {
        let Some(replaced) = next.replaced() else {
            return !changes.contains(next);
        };
        changes.iter().all(|one| one.replaced() != Some(replaced))
            && !next.edits(self.manifest).is_empty()
    }

    fn attempt(&self, changes: &[Change]) -> Result<Attempt, ResolveError> {
        let mut manifest = self.manifest.clone();
        for change in changes {
            change.apply(&mut manifest);
        }
        let taken = self.progress.steps.load(Ordering::Relaxed);
        if taken >= self.end {
            return Ok(Attempt::Nothing);
        }
        let limit = self.end.min(taken + self.longest);
        self.progress.step_limit.store(limit, Ordering::Relaxed);
        let _suggest = tracing::debug_span!("suggest").entered();
        match unrecorded(|| (self.resolve)(&manifest)) {
            Ok(packages) => Ok(Attempt::Answer(packages)),
            Err(ResolveError::Impossible(explanation)) => Ok(Attempt::Failure(explanation)),
            Err(error) if self.progress.is_cancelled() => Err(error),
            Err(_) => Ok(Attempt::Nothing),
        }
    }
}

/// How a try ends.
enum Attempt {
    Answer(Vec<LockedPackage>),
    Failure(Arc<Explanation>),
    /// It took too long, or an index did not answer.
    Nothing,
}
