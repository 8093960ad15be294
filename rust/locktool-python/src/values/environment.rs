//! From the mapping that `Marker.evaluate` is given to the environment the core reads; what it leaves out is the running
//! interpreter's, asked for once. Only the fields that the marker asks about are read.

use std::collections::{BTreeMap, HashMap};

use locktool_core::marker::{Field, MarkerEnvironment};
use locktool_core::name::{ExtraName, GroupName};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{IntoPyDict, PyDict, PyMapping, PyString};

use crate::errors::locktool_error;

/// The fields that a marker asks about: one bit a field, in the order of [`FIELDS`].
#[derive(Clone, Copy, Default)]
pub struct Asked(u16);

impl Asked {
    pub const EVERYTHING: Self = Self(u16::MAX);

    pub fn insert(&mut self, field: Field) {
        self.0 |= 1 << field as u16;
    }

    fn contains(self, field: Field) -> bool {
        self.0 & 1 << field as u16 != 0
    }
}

const FIELDS: [Field; 14] = [
    Field::PythonVersion,
    Field::PythonFullVersion,
    Field::ImplementationVersion,
    Field::PlatformRelease,
    Field::PlatformVersion,
    Field::PlatformMachine,
    Field::SysPlatform,
    Field::OsName,
    Field::PlatformSystem,
    Field::PlatformPythonImplementation,
    Field::ImplementationName,
    Field::Extra,
    Field::Extras,
    Field::DependencyGroups,
];

/// Reads one environment for one evaluation.
pub struct EnvironmentReader<'context> {
    context: &'context str,
    asked: Asked,
    /// What is asked for by the text of the marker; only that can be missing.
    named: Asked,
}

impl<'context> EnvironmentReader<'context> {
    pub fn new(context: &'context str, asked: Asked, named: Asked) -> Self {
        Self {
            context,
            asked,
            named,
        }
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
        let given = given.map(Given::new).transpose()?;
        for (field, has) in [
            (Field::Extra, has_extra),
            (Field::Extras, has_sets),
            (Field::DependencyGroups, has_sets),
        ] {
            if has || !self.named.contains(field) {
                continue;
            }
            let value = given.as_ref().map(|given| given.value(field)).transpose()?;
            if value.flatten().is_none() {
                return Err(undefined_name(py, field.name(), self.context));
            }
        }
        let Some(given) = given else {
            return evaluate(running_environment(py)?);
        };
        let mut environment = MarkerEnvironment::default();
        for field in FIELDS
            .into_iter()
            .filter(|field| self.asked.contains(*field))
        {
            match given.value(field)? {
                Some(value) => set(&mut environment, field, &value)?,
                None => complete(py, &mut environment, field)?,
            }
        }
        evaluate(&environment)
    }
}

/// The mapping that an evaluation was given.
enum Given<'a, 'py> {
    /// Nearly always: its values are looked up under names that are interned once.
    Dictionary(&'a Bound<'py, PyDict>),
    Mapping(&'a Bound<'py, PyMapping>),
}

impl<'a, 'py> Given<'a, 'py> {
    fn new(given: &'a Bound<'py, PyAny>) -> PyResult<Self> {
        Ok(match given.cast_exact::<PyDict>() {
            Ok(dictionary) => Self::Dictionary(dictionary),
            Err(_) => Self::Mapping(given.cast()?),
        })
    }

    fn value(&self, field: Field) -> PyResult<Option<Bound<'py, PyAny>>> {
        match self {
            Self::Dictionary(given) => given.get_item(field_name(given.py(), field)),
            Self::Mapping(given) => {
                let name = field_name(given.py(), field);
                let has = given.contains(name)?;
                has.then(|| given.get_item(name)).transpose()
            }
        }
    }
}

/// The name of a field as the Python text it has been from the first question on.
fn field_name(py: Python<'_>, field: Field) -> &Bound<'_, PyString> {
    static NAMES: PyOnceLock<[Py<PyString>; FIELDS.len()]> = PyOnceLock::new();
    let names = NAMES.get_or_init(py, || {
        FIELDS.map(|field| PyString::intern(py, field.name()).unbind())
    });
    names[field as usize].bind(py)
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
fn running_environment(py: Python<'_>) -> PyResult<&'static MarkerEnvironment> {
    static RUNNING: PyOnceLock<MarkerEnvironment> = PyOnceLock::new();
    RUNNING.get_or_try_init(py, || {
        let fields = py
            .import("packaging.markers")?
            .getattr("default_environment")?
            .call0()?;
        let fields = Given::new(&fields)?;
        let mut environment = MarkerEnvironment::default();
        for field in FIELDS {
            if let Some(value) = fields.value(field)? {
                set(&mut environment, field, &value)?;
            }
        }
        Ok(environment)
    })
}

/// The fields of an environment by name; what is chosen beside it (extras, groups) is none.
pub fn fields_of(environment: &MarkerEnvironment) -> BTreeMap<&'static str, String> {
    FIELDS
        .into_iter()
        .filter(|field| *field != Field::Extra)
        .filter_map(|field| Some((field.name(), environment.text(field)?.to_owned())))
        .collect()
}

/// An environment by the names of its fields; what is no field is left out.
pub fn environment_of_fields(fields: &HashMap<String, String>) -> MarkerEnvironment {
    let mut environment = MarkerEnvironment::default();
    for field in FIELDS {
        if let (Some(place), Some(text)) =
            (place(&mut environment, field), fields.get(field.name()))
        {
            text.clone_into(place);
        }
    }
    environment
}

/// The place of a text field.
fn place(environment: &mut MarkerEnvironment, field: Field) -> Option<&mut String> {
    Some(match field {
        Field::ImplementationName => &mut environment.implementation_name,
        Field::ImplementationVersion => &mut environment.implementation_version,
        Field::OsName => &mut environment.os_name,
        Field::PlatformMachine => &mut environment.platform_machine,
        Field::PlatformPythonImplementation => &mut environment.platform_python_implementation,
        Field::PlatformRelease => &mut environment.platform_release,
        Field::PlatformSystem => &mut environment.platform_system,
        Field::PlatformVersion => &mut environment.platform_version,
        Field::PythonFullVersion => &mut environment.python_full_version,
        Field::PythonVersion => &mut environment.python_version,
        Field::SysPlatform => &mut environment.sys_platform,
        Field::Extra | Field::Extras | Field::DependencyGroups => return None,
    })
}

fn set(
    environment: &mut MarkerEnvironment,
    field: Field,
    value: &Bound<'_, PyAny>,
) -> PyResult<()> {
    match field {
        Field::Extra => environment.extra = value.extract()?,
        Field::Extras => environment.extras = names(value, |name| ExtraName::parse(name).ok())?,
        Field::DependencyGroups => {
            environment.dependency_groups = names(value, |name| GroupName::parse(name).ok())?;
        }
        _ => {
            if let Some(place) = place(environment, field) {
                value.cast::<PyString>()?.to_str()?.clone_into(place);
            }
        }
    }
    Ok(())
}

/// Takes a field from the running interpreter, which has texts only: no extra is asked for and no set is given by itself.
fn complete(py: Python<'_>, environment: &mut MarkerEnvironment, field: Field) -> PyResult<()> {
    if let Some(place) = place(environment, field)
        && let Some(text) = running_environment(py)?.text(field)
    {
        text.clone_into(place);
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
