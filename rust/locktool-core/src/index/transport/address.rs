//! Addresses: what is read as one, how a lock records it, and how people see it, without credentials.

use std::path::{Path, PathBuf};

use url::Url;

use crate::project::relative;
use crate::source::SourceError;

/// Reads an address or a path; relative paths are below the project.
pub fn parse_address(text: &str, project_dir: &Path) -> Result<Url, SourceError> {
    let looks_like_a_path = !text.contains("://") && !text.starts_with("file:");
    let parsed = if looks_like_a_path {
        let path: PathBuf = std::path::absolute(project_dir.join(text)).unwrap_or_default();
        Url::from_file_path(path).map_err(|()| "it is neither an address nor a path".to_owned())
    } else {
        Url::parse(text).map_err(|error| error.to_string())
    };
    match parsed {
        Ok(url) if matches!(url.scheme(), "http" | "https" | "file") => Ok(url),
        Ok(url) => Err(SourceError::Invalid {
            url: printable(&url),
            reason: format!(
                "addresses that start with {}: are not supported",
                url.scheme()
            ),
        }),
        Err(reason) => Err(SourceError::Invalid {
            url: hide_credentials(text),
            reason,
        }),
    }
}

/// Whether an address is a path from the directory of the project, which holds on every machine.
pub fn is_relative_path(text: &str) -> bool {
    let is_url = text.contains("://") || text.starts_with("file:");
    !is_url && !text.starts_with('~') && !Path::new(text).is_absolute()
}

/// How a lock records a directory or page of links.
pub fn recorded_links(written: &str, url: &Url, project_dir: &Path) -> String {
    let url = printable(url);
    if is_relative_path(written) {
        relative_to(&absolute(project_dir), url)
    } else {
        url
    }
}

/// The path of a local file from a directory, with forward slashes; other addresses stay.
pub fn relative_to(directory: &Path, address: String) -> String {
    let url = Url::parse(&address).ok();
    let path = url
        .filter(|url| url.scheme() == "file")
        .and_then(|url| url.to_file_path().ok());
    path.and_then(|path| relative(&path, directory))
        .unwrap_or(address)
}

pub fn absolute(directory: &Path) -> PathBuf {
    std::path::absolute(directory).unwrap_or_else(|_| directory.to_owned())
}

/// Text that may be an address, without what stands before an `@` and without a query.
pub fn hide_credentials(text: &str) -> String {
    let (address, query) = text.split_once('?').unwrap_or((text, ""));
    if query.contains('@') {
        // Either may be part of a password.
        return "…".to_owned();
    }
    address
        .rsplit_once('@')
        .map_or_else(|| address.to_owned(), |(_, rest)| format!("…@{rest}"))
}

/// An address as people may see it: no credentials, and no query or fragment that could hold a token.
pub fn printable(url: &Url) -> String {
    let mut shown = without_credentials(url);
    shown.set_query(None);
    shown.set_fragment(None);
    shown.into()
}

/// The address without user name and password.
pub fn without_credentials(url: &Url) -> Url {
    let mut plain = url.clone();
    // Addresses that cannot have credentials refuse to lose them.
    let _ = plain.set_username("");
    let _ = plain.set_password(None);
    plain
}

/// Scheme, host and port.
pub fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_is_whatever_may_be_a_password() {
        assert_eq!(hide_credentials("ann:secret@host/simple"), "…@host/simple");
        assert_eq!(hide_credentials("https://host/a?token=x"), "https://host/a");
        assert_eq!(hide_credentials("https://ann:se?cret@host/a"), "…");
    }
}
