//! How this machine reaches servers: through which proxy, trusting which authorities, and how long silence is borne.

use std::path::{Path, PathBuf};
use std::time::Duration;

use hyper_util::client::proxy::matcher::Matcher;
use url::Url;

use super::address::hide_credentials;
use super::error::deepest;
use crate::source::SourceError;

const MAXIMUM_REDIRECTS: usize = 10;

/// The settings of a run's connections.
#[derive(Clone)]
pub struct Network {
    /// The longest silence of a server.
    pub timeout: Duration,
    /// Tries after the first one.
    pub retries: u32,
    /// With its credentials; without one the usual variables decide (`HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`).
    pub proxy: Option<String>,
    /// Takes the place of the system's authorities.
    pub certificate_bundle: Option<PathBuf>,
}

/// A client that has opened no connection yet; it speaks HTTP/2 where a server offers it.
pub fn client(network: &Network, at_once: usize) -> Result<reqwest::Client, SourceError> {
    // An embedding program may have installed its own; either serves.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("locktool/", env!("CARGO_PKG_VERSION")))
        .referer(false)
        .redirect(reqwest::redirect::Policy::limited(MAXIMUM_REDIRECTS))
        .connect_timeout(network.timeout.min(Duration::from_secs(15)))
        .read_timeout(network.timeout)
        .pool_max_idle_per_host(at_once)
        .http2_adaptive_window(true);
    if let Some(text) = &network.proxy {
        builder = builder.proxy(proxy(text)?);
    }
    if let Some(path) = &network.certificate_bundle {
        builder = builder.tls_certs_only(authorities(path)?);
    }
    builder.build().map_err(|error| SourceError::Unreachable {
        url: "the network".to_owned(),
        reason: deepest(&error),
    })
}

/// Which proxy stands between this machine and an address, by the rules that the connections follow.
pub struct Proxies(Matcher);

impl Proxies {
    /// The proxy that is set, or what the usual variables and the system say.
    pub fn new(proxy: Option<&str>) -> Self {
        let Some(text) = proxy else {
            return Self(Matcher::from_system());
        };
        let excluded = ["NO_PROXY", "no_proxy"].map(std::env::var);
        let excluded = excluded.into_iter().find_map(Result::ok);
        let matcher = Matcher::builder().all(with_scheme(text));
        Self(matcher.no(excluded.unwrap_or_default()).build())
    }

    /// The address of the proxy, without credentials.
    pub fn of(&self, url: &Url) -> Option<String> {
        let proxy = self.0.intercept(&url.as_str().parse().ok()?)?;
        let authority = proxy.uri().authority()?;
        let (_, host) = authority
            .as_str()
            .rsplit_once('@')
            .unwrap_or(("", authority.as_str()));
        Some(format!(
            "{}://{host}",
            proxy.uri().scheme_str().unwrap_or("http")
        ))
    }
}

/// A proxy in pip's spelling, in which the scheme may be missing.
fn with_scheme(text: &str) -> String {
    if text.contains("://") {
        text.to_owned()
    } else {
        format!("http://{text}")
    }
}

/// A proxy for every address but those of the hosts of `NO_PROXY`.
fn proxy(text: &str) -> Result<reqwest::Proxy, SourceError> {
    let address = with_scheme(text);
    // Of another scheme a connection would pass by the proxy without a word.
    let is_http = Url::parse(&address).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
    let proxy = reqwest::Proxy::all(address).ok().filter(|_| is_http);
    let proxy = proxy.ok_or_else(|| SourceError::Unreachable {
        url: hide_credentials(text),
        reason: "it is set as the proxy and is not the address of one".to_owned(),
    })?;
    Ok(proxy.no_proxy(reqwest::NoProxy::from_env()))
}

fn authorities(path: &Path) -> Result<Vec<reqwest::Certificate>, SourceError> {
    let refused = |reason: String| SourceError::Unreachable {
        url: path.display().to_string(),
        reason: format!("it is set as the bundle of certificates and {reason}"),
    };
    let text = std::fs::read(path).map_err(|error| refused(format!("cannot be read ({error})")))?;
    let found = reqwest::Certificate::from_pem_bundle(&text)
        .map_err(|error| refused(format!("is none ({})", deepest(&error))))?;
    if found.is_empty() {
        return Err(refused("holds no certificate".to_owned()));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn network() -> Network {
        Network {
            timeout: Duration::from_secs(1),
            retries: 0,
            proxy: None,
            certificate_bundle: None,
        }
    }

    #[test]
    fn a_proxy_that_is_none_is_told_without_its_password() {
        let network = Network {
            proxy: Some("http://ann:sesame@[nowhere".to_owned()),
            ..network()
        };
        let error = client(&network, 1).expect_err("no proxy").to_string();
        assert!(
            error.contains("proxy") && !error.contains("sesame"),
            "{error}"
        );
    }

    #[test]
    fn a_bundle_that_is_none_is_told() {
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        let network = |path: &Path| Network {
            certificate_bundle: Some(path.to_owned()),
            ..network()
        };
        let missing = client(&network(Path::new("/no/such/bundle.pem")), 1);
        assert!(
            missing
                .expect_err("missing")
                .to_string()
                .contains("/no/such/bundle.pem")
        );
        writeln!(file, "nothing").expect("space on the disk");
        let empty = client(&network(file.path()), 1)
            .expect_err("empty")
            .to_string();
        assert!(empty.contains("holds no certificate"), "{empty}");
    }
}
