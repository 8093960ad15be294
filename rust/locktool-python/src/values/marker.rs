//! `Marker`: a condition on environments, with the attributes of `packaging.markers.Marker` and the algebra of diagrams.

use std::sync::Arc;

use locktool_core::marker::{
    Expression, Marker as CoreMarker, MarkerEnvironment, MarkerParseError, Membership,
    or_too_complex,
};
use locktool_core::name::{ExtraName, GroupName};
use pyo3::exceptions::PyOverflowError;
use pyo3::prelude::*;
use pyo3::types::{IntoPyDict, PyString};

use super::environment::{Asked, EnvironmentReader};
use super::specifier_set::read as read_specifiers;
use super::{hash_of, name};
use crate::errors::{MARKER, is_packaging_object, locktool_error};

/// A condition on environments.
///
/// Two markers are equal exactly if they hold in the same environments that can exist, and the text is the shortest
/// of equals: `sys_platform == 'win32' and os_name == 'nt'` is `sys_platform == 'win32'`. Evaluation reads every field
/// as `packaging` does. Raises `InvalidMarker`.
#[pyclass(frozen, from_py_object, module = "locktool")]
#[derive(Clone)]
pub struct Marker {
    pub core: CoreMarker,
    /// How to evaluate it as written; empty for a marker that has no writing of its own.
    steps: Arc<[Step]>,
}

/// A step of the evaluation in postfix order, so that neither evaluation nor dropping it recurses.
#[derive(Clone)]
enum Step {
    Expression(Arc<Expression>),
    Diagram(CoreMarker),
    And,
    Or,
    Not,
}

impl Marker {
    /// A marker that was derived and never written.
    pub fn from_core(core: CoreMarker) -> Self {
        Self {
            core,
            steps: Arc::new([Step::Diagram(core)]),
        }
    }

    /// Reads the text of a marker.
    pub fn parse(py: Python<'_>, text: &str) -> PyResult<Self> {
        let expression = Expression::parse(text)
            .map_err(|error| MARKER.refuse_at(py, text, error.position, &error.message))?;
        let core = expression.to_marker().map_err(|_| {
            let error = MarkerParseError::too_complex(text);
            MARKER.refuse_at(py, text, error.position, &error.message)
        })?;
        Ok(Self {
            core,
            steps: Arc::new([Step::Expression(Arc::new(expression))]),
        })
    }

    /// Reads a `Marker`, a `str`, or a marker of `packaging`.
    pub fn read(value: &Bound<'_, PyAny>) -> PyResult<Self> {
        if let Ok(same) = value.cast::<Self>() {
            return Ok(same.get().clone());
        }
        let text = MARKER.text_of(value, "Marker")?;
        Self::parse(value.py(), MARKER.utf8(&text)?)
    }

    fn joined(&self, other: &Self, core: CoreMarker, step: Step) -> Self {
        let steps = self
            .steps
            .iter()
            .chain(other.steps.iter())
            .cloned()
            .chain([step]);
        Self {
            core,
            steps: steps.collect(),
        }
    }

    /// The fields that the text asks about.
    fn named(&self) -> Asked {
        let mut named = Asked::default();
        for step in self.steps.iter() {
            if let Step::Expression(expression) = step {
                for comparison in expression.comparisons() {
                    named.insert(comparison.field);
                }
            }
        }
        named
    }

    /// The fields that evaluation reads: a diagram may look at any.
    fn asked(&self) -> Asked {
        let is_diagram = |step: &Step| matches!(step, Step::Diagram(_));
        if self.steps.iter().any(is_diagram) {
            Asked::EVERYTHING
        } else {
            self.named()
        }
    }

    fn holds(&self, py: Python<'_>, environment: &MarkerEnvironment) -> PyResult<bool> {
        let mut values = Vec::with_capacity(self.steps.len());
        for step in self.steps.iter() {
            let value = match step {
                Step::Expression(expression) => expression
                    .evaluate(environment)
                    .map_err(|error| undefined_comparison(py, &error.comparison, &error.value))?,
                Step::Diagram(marker) => marker.evaluate(environment),
                Step::Not => !values.pop().unwrap_or(false),
                Step::And | Step::Or => {
                    let (right, left) =
                        (values.pop().unwrap_or(false), values.pop().unwrap_or(false));
                    if matches!(step, Step::And) {
                        left && right
                    } else {
                        left || right
                    }
                }
            };
            values.push(value);
        }
        Ok(values.pop().unwrap_or(true))
    }

    /// The text to write: the marker that always holds has none in the core, and admits every Python version here.
    fn spelled(&self) -> PyResult<String> {
        if self.core.is_true() {
            return Ok("python_version >= '0'".to_owned());
        }
        or_too_complex(|| self.core.to_string())
            .map_err(|error| PyOverflowError::new_err(error.to_string()))
    }
}

/// What an operator makes of a marker of either library; `NotImplemented` for anything else, text included.
fn operate<'py>(
    other: &Bound<'py, PyAny>,
    join: impl FnOnce(&Marker) -> Marker,
) -> PyResult<Bound<'py, PyAny>> {
    let py = other.py();
    if !other.is_instance_of::<Marker>() && !is_packaging_object(other, "Marker")? {
        return Ok(py.NotImplemented().into_bound(py));
    }
    Ok(Bound::new(py, join(&Marker::read(other)?))?.into_any())
}

/// The exception for values that no specification compares.
pub fn undefined_comparison(py: Python<'_>, comparison: &str, value: &str) -> PyErr {
    let message = format!("the comparison {comparison} is not defined for the value {value:?}");
    match [("comparison", comparison), ("value", value)].into_py_dict(py) {
        Ok(fields) => locktool_error(
            py,
            "UndefinedComparison",
            "undefined-comparison",
            &message,
            Some(&fields),
        ),
        Err(failure) => failure,
    }
}

#[pymethods]
impl Marker {
    #[new]
    fn new(marker: &Bound<'_, PyAny>) -> PyResult<Self> {
        Self::read(marker)
    }

    /// The marker that holds everywhere.
    #[staticmethod]
    fn always() -> Self {
        Self::from_core(CoreMarker::TRUE)
    }

    /// The marker that holds nowhere.
    #[staticmethod]
    fn never() -> Self {
        Self::from_core(CoreMarker::FALSE)
    }

    /// Whether the marker holds, by default for the running interpreter; `environment` overrides its fields.
    ///
    /// `context` says what else may be asked: `extra` in `"metadata"`, `extras` and `dependency_groups` in `"lock_file"`, none
    /// of them in "requirement". Raises `UndefinedEnvironmentName` for a field that is not there, and
    /// `UndefinedComparison` for values that no specification compares.
    #[pyo3(signature = (environment=None, context="metadata"))]
    fn evaluate(
        &self,
        py: Python<'_>,
        environment: Option<&Bound<'_, PyAny>>,
        context: &str,
    ) -> PyResult<bool> {
        EnvironmentReader::new(context, self.asked(), self.named()).with(
            py,
            environment,
            |environment| self.holds(py, environment),
        )
    }

    /// Whether it holds in every environment.
    fn is_true(&self) -> bool {
        self.core.is_true()
    }

    /// Whether it holds in no environment.
    fn is_false(&self) -> bool {
        self.core.is_false()
    }

    /// Whether no environment satisfies both.
    fn is_disjoint(&self, other: &Bound<'_, PyAny>) -> PyResult<bool> {
        Ok(self.core.is_disjoint(Self::read(other)?.core))
    }

    /// Whether the other holds wherever this does.
    fn implies(&self, other: &Bound<'_, PyAny>) -> PyResult<bool> {
        Ok(self.core.implies(Self::read(other)?.core))
    }

    /// The shortest marker that says the same wherever `assumption` holds.
    fn restrict(&self, assumption: &Bound<'_, PyAny>) -> PyResult<Self> {
        Ok(Self::from_core(
            self.core.simplify(Self::read(assumption)?.core),
        ))
    }

    /// The shortest marker that says the same for these Python versions in any of these environments.
    #[pyo3(signature = (requires_python=None, environments=None))]
    fn simplify(
        &self,
        requires_python: Option<&Bound<'_, PyAny>>,
        environments: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let mut assumption = match requires_python {
            Some(specifiers) => CoreMarker::from_requires_python(&read_specifiers(specifiers)?),
            None => CoreMarker::TRUE,
        };
        if let Some(environments) = environments {
            let mut any = CoreMarker::FALSE;
            for environment in name::several(environments, "markers")? {
                any = any.or(Self::read(&environment?)?.core);
            }
            assumption = assumption.and(any);
        }
        Ok(Self::from_core(self.core.simplify(assumption)))
    }

    /// What remains once the extras and groups are chosen: those named are in, all others are not.
    ///
    /// Raises `InvalidName`.
    #[pyo3(signature = (extras=None, groups=None))]
    fn choose(
        &self,
        extras: Option<&Bound<'_, PyAny>>,
        groups: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let extras = name::read_all(extras, ExtraName::parse)?
            .into_iter()
            .map(Membership::Extra);
        let groups = name::read_all(groups, GroupName::parse)?
            .into_iter()
            .map(Membership::Group);
        let chosen: Vec<Membership> = extras.chain(groups).collect();
        let memberships = self.core.memberships().into_iter();
        let decided = memberships.fold(self.core, |marker, asked| {
            marker.assume(asked, chosen.contains(&asked))
        });
        Ok(Self::from_core(decided))
    }

    fn __and__<'py>(&self, other: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        operate(other, |other| {
            self.joined(other, self.core.and(other.core), Step::And)
        })
    }

    fn __rand__<'py>(&self, other: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        operate(other, |other| {
            other.joined(self, other.core.and(self.core), Step::And)
        })
    }

    fn __or__<'py>(&self, other: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        operate(other, |other| {
            self.joined(other, self.core.or(other.core), Step::Or)
        })
    }

    fn __ror__<'py>(&self, other: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        operate(other, |other| {
            other.joined(self, other.core.or(self.core), Step::Or)
        })
    }

    fn __invert__(&self) -> Self {
        Self {
            core: self.core.not(),
            steps: self.steps.iter().cloned().chain([Step::Not]).collect(),
        }
    }

    fn __str__(&self) -> PyResult<String> {
        self.spelled()
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        Ok(format!(
            "<Marker({})>",
            PyString::new(py, &self.spelled()?).repr()?
        ))
    }

    fn __hash__(&self) -> u64 {
        hash_of(&self.core)
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        let equal = other
            .cast::<Self>()
            .ok()
            .map(|other| self.core == other.get().core);
        super::comparison(other.py(), equal)
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (String,))> {
        Ok((slf.get_type().into_any(), (slf.get().spelled()?,)))
    }
}
