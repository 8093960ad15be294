//! From the mapping that `Marker.evaluate` is given to the environment the core reads; what it leaves out is the running
//! interpreter's, asked for once.

use locktool_core::marker::MarkerEnvironment;
use locktool_core::name::{ExtraName, GroupName};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{IntoPyDict, PyMapping, PyString};

use crate::errors::locktool_error;

/// The fields that exist in some contexts only, and whether a marker asks for them.
#[derive(Clone, Copy, Default)]
pub struct Asked {
    pub extra: bool,
    pub extras: bool,
    pub dependency_groups: bool,
}

/// Reads one environment for one evaluation.
pub struct EnvironmentReader<'context> {
    context: &'context str,
    asked: Asked,
}

impl<'context> EnvironmentReader<'context> {
    pub fn new(context: &'context str, asked: Asked) -> Self {
        Self { context, asked }
    }

    /// Hands the environment to `evaluate`, after checking that it has what the marker asks for.
    pub fn with<T>(
        &self,
        py: Python<'_>,
        given: Option<&Bound<'_, PyAny>>,
        evaluate: impl FnOnce(&MarkerEnvironment) -> PyResult<T>,
    ) -> PyResult<T> {
        let (has_extra, has_sets) = match self.context {
            "metadata" => (true, false),
            "lock_file" => (false, true),
            "requirement" => (false, false),
            other => {
                return Err(PyValueError::new_err(format!(
                    "no context is called {other:?}"
                )));
            }
        };
        let given = given.map(|given| given.cast::<PyMapping>()).transpose()?;
        let is_given = |name: &str| given.map_or(Ok(false), |given| given.contains(name));
        for (asked, has, name) in [
            (self.asked.extra, has_extra, "extra"),
            (self.asked.extras, has_sets, "extras"),
            (self.asked.dependency_groups, has_sets, "dependency_groups"),
        ] {
            if asked && !has && !is_given(name)? {
                return Err(undefined_name(py, name, self.context));
            }
        }
        let running = running_environment(py)?;
        match given {
            None => evaluate(running),
            Some(given) => {
                let mut environment = running.clone();
                override_fields(&mut environment, given)?;
                evaluate(&environment)
            }
        }
    }
}

fn undefined_name(py: Python<'_>, name: &str, context: &str) -> PyErr {
    let message = format!(
        "the marker asks for {name:?}, which an environment in the context {context:?} has not"
    );
    match [("variable", name)].into_py_dict(py) {
        Ok(fields) => locktool_error(
            py,
            "UndefinedEnvironmentName",
            "undefined-environment-name",
            &message,
            Some(&fields),
        ),
        Err(failure) => failure,
    }
}

/// The environment of the running interpreter.
pub fn running_environment(py: Python<'_>) -> PyResult<&'static MarkerEnvironment> {
    static RUNNING: PyOnceLock<MarkerEnvironment> = PyOnceLock::new();
    RUNNING.get_or_try_init(py, || {
        let fields = py
            .import("packaging.markers")?
            .getattr("default_environment")?
            .call0()?;
        let mut environment = MarkerEnvironment::default();
        override_fields(&mut environment, fields.cast::<PyMapping>()?)?;
        Ok(environment)
    })
}

/// The text fields, by the names a marker gives them.
fn text_field<'environment>(
    environment: &'environment mut MarkerEnvironment,
    name: &str,
) -> Option<&'environment mut String> {
    Some(match name {
        "implementation_name" => &mut environment.implementation_name,
        "implementation_version" => &mut environment.implementation_version,
        "os_name" => &mut environment.os_name,
        "platform_machine" => &mut environment.platform_machine,
        "platform_python_implementation" => &mut environment.platform_python_implementation,
        "platform_release" => &mut environment.platform_release,
        "platform_system" => &mut environment.platform_system,
        "platform_version" => &mut environment.platform_version,
        "python_full_version" => &mut environment.python_full_version,
        "python_version" => &mut environment.python_version,
        "sys_platform" => &mut environment.sys_platform,
        _ => return None,
    })
}

fn override_fields(
    environment: &mut MarkerEnvironment,
    given: &Bound<'_, PyMapping>,
) -> PyResult<()> {
    for pair in given.items()? {
        let (name, value): (String, Bound<'_, PyAny>) = pair.extract()?;
        match name.as_str() {
            "extra" => environment.extra = value.extract()?,
            "extras" => environment.extras = names(&value, |name| ExtraName::parse(name).ok())?,
            "dependency_groups" => {
                environment.dependency_groups = names(&value, |name| GroupName::parse(name).ok())?;
            }
            other => {
                if let Some(field) = text_field(environment, other) {
                    *field = value.extract()?;
                }
            }
        }
    }
    Ok(())
}

/// The names of a set; a text that is no name cannot be asked for, and is left out.
fn names<Name>(
    value: &Bound<'_, PyAny>,
    parse: impl Fn(&str) -> Option<Name>,
) -> PyResult<Vec<Name>> {
    if value.is_instance_of::<PyString>() {
        return Err(PyTypeError::new_err("expected a set of names, not a str"));
    }
    let texts: Vec<String> = value
        .try_iter()?
        .map(|name| name?.extract())
        .collect::<PyResult<_>>()?;
    Ok(texts.iter().filter_map(|name| parse(name)).collect())
}
