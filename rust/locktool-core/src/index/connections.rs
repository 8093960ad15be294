//! The connections of a run, made when the first question needs them, with the credentials that are known by then.

use std::sync::{Arc, Mutex, OnceLock};

use tokio::sync::Semaphore;

use super::single_flight::guard;
use super::warnings::Warnings;
use crate::index::transport::client_config::Network;
use crate::index::transport::credentials::{Credentials, Keyring};
use crate::index::transport::http::{AHEAD, Transport};
use crate::source::{Progress, SourceError};

/// How servers are reached, and the connections once there are some.
pub struct Connections {
    network: Network,
    credentials: Mutex<Option<Credentials>>,
    keyring: Option<Arc<dyn Keyring>>,
    transport: OnceLock<Result<Transport, SourceError>>,
    /// Permits for what is asked ahead of need, fewer than there are connections: what is needed finds one.
    pub ahead: Semaphore,
}

impl Connections {
    pub fn new(
        network: Network,
        credentials: Credentials,
        keyring: Option<Arc<dyn Keyring>>,
    ) -> Self {
        Self {
            network,
            credentials: Mutex::new(Some(credentials)),
            keyring,
            transport: OnceLock::new(),
            ahead: Semaphore::new(AHEAD),
        }
    }

    /// The connections, if there were any.
    pub fn opened(&self) -> Option<&Transport> {
        self.transport.get()?.as_ref().ok()
    }

    /// The connections; the first time the keyring is asked and the netrc file read.
    pub fn transport(
        &self,
        progress: &Arc<Progress>,
        warnings: &Warnings,
    ) -> Result<&Transport, SourceError> {
        let made = self.transport.get_or_init(|| {
            let mut credentials = guard(&self.credentials).take().unwrap_or_default();
            if let Some(keyring) = &self.keyring {
                credentials.ask_keyring(&**keyring);
            }
            if let Some(problem) = credentials.read_netrc() {
                warnings.add(problem);
            }
            Transport::new(self.network.clone(), credentials, Arc::clone(progress))
        });
        made.as_ref().map_err(Clone::clone)
    }
}
