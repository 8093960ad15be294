//! Which user name and password go to which address: those given with an index go to its
//! host, with a password from the keyring where only the user is named; then netrc.
//!
//! Nothing here is printed, cached or recorded.

use std::fmt;
use std::io::ErrorKind;
use std::path::PathBuf;

use url::Url;

use super::address::origin;

/// Where passwords are kept by another program.
pub trait Keyring: Send + Sync {
    /// The password of a user for a service, which is the address of an index or its host.
    fn password(&self, service: &str, user: &str) -> Option<String>;
}

/// All credentials of a run.
#[derive(Default)]
pub struct Credentials {
    entries: Vec<Entry>,
    netrc: Vec<NetrcEntry>,
}

struct Entry {
    origin: String,
    path: String,
    user: String,
    password: Option<String>,
}

struct NetrcEntry {
    /// `None` is `default`.
    machine: Option<String>,
    login: String,
    password: Option<String>,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Credentials")
            .finish_non_exhaustive()
    }
}

impl Credentials {
    /// Adds what is given for an index, in its settings or in its address.
    pub fn add(&mut self, url: &Url, user: Option<&str>, password: Option<&str>) {
        let written = (!url.username().is_empty() || url.password().is_some())
            .then(|| (decode(url.username()), url.password().map(decode)));
        let given = user.map(|user| (user.to_owned(), password.map(str::to_owned)));
        if let Some((user, password)) = given.or(written) {
            let path = url.path().trim_end_matches('/').to_owned();
            self.entries.push(Entry {
                origin: origin(url),
                path,
                user,
                password,
            });
        }
    }

    /// Reads the user's netrc file, and says what keeps it from being read.
    pub fn read_netrc(&mut self) -> Option<String> {
        let (entries, problem) = match read_netrc() {
            Ok(entries) => (entries, None),
            Err(problem) => (Vec::new(), Some(problem)),
        };
        self.netrc = entries;
        problem
    }

    /// Asks a keyring for the passwords of users that are named without one.
    pub fn ask_keyring(&mut self, keyring: &dyn Keyring) {
        for entry in self
            .entries
            .iter_mut()
            .filter(|entry| entry.password.is_none())
        {
            let address = format!("{}{}/", entry.origin, entry.path);
            let host = entry.origin.split_once("://").map_or("", |(_, host)| host);
            let services = [address.as_str(), host];
            entry.password = services
                .iter()
                .find_map(|service| keyring.password(service, &entry.user));
        }
    }

    /// The credentials for an address: of the index with the longest common path on that host.
    pub fn for_url(&self, url: &Url) -> Option<(String, Option<String>)> {
        let origin = origin(url);
        let entries = self.entries.iter().filter(|entry| entry.origin == origin);
        let best = entries.max_by_key(|entry| {
            if url.path().starts_with(&entry.path) {
                entry.path.len() + 1
            } else {
                0
            }
        });
        if let Some(entry) = best {
            return Some((entry.user.clone(), entry.password.clone()));
        }
        if !url.username().is_empty() {
            return Some((decode(url.username()), url.password().map(decode)));
        }
        let host = url.host_str()?;
        let mut named = self.netrc.iter();
        let named = named.find(|entry| entry.machine.as_deref() == Some(host));
        let mut unnamed = self.netrc.iter();
        let entry = named.or_else(|| unnamed.find(|entry| entry.machine.is_none()))?;
        Some((entry.login.clone(), entry.password.clone()))
    }
}

fn decode(text: &str) -> String {
    let pair = format!("a={}", text.replace('+', "%2B").replace('&', "%26"));
    url::form_urlencoded::parse(pair.as_bytes())
        .next()
        .map_or_else(String::new, |(_, value)| value.into_owned())
}

/// The entries of the user's netrc file, none where there is no file, or why it cannot be read.
fn read_netrc() -> Result<Vec<NetrcEntry>, String> {
    let named = std::env::var_os("NETRC").map(PathBuf::from);
    let is_named = named.is_some();
    let home = || {
        let home = etcetera::home_dir().ok()?;
        let name = if cfg!(windows) { "_netrc" } else { ".netrc" };
        Some(home.join(name))
    };
    let Some(path) = named.or_else(home) else {
        return Ok(Vec::new());
    };
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(parse_netrc(&text)),
        Err(error) if error.kind() == ErrorKind::NotFound && !is_named => Ok(Vec::new()),
        Err(error) => Err(format!(
            "{} cannot be read ({error}), so no user name and password come from it",
            path.display()
        )),
    }
}

fn parse_netrc(text: &str) -> Vec<NetrcEntry> {
    let mut words = text
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'))
        .flat_map(str::split_whitespace);
    let mut entries: Vec<NetrcEntry> = Vec::new();
    while let Some(word) = words.next() {
        match word {
            "machine" | "default" => entries.push(NetrcEntry {
                machine: if word == "machine" {
                    words.next().map(str::to_owned)
                } else {
                    None
                },
                login: String::new(),
                password: None,
            }),
            "login" | "user" | "password" => {
                let value = words.next().unwrap_or_default().to_owned();
                if let Some(entry) = entries.last_mut() {
                    if word == "password" {
                        entry.password = Some(value);
                    } else {
                        entry.login = value;
                    }
                }
            }
            _ => {}
        }
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).expect("a valid address")
    }

    #[test]
    fn credentials_of_an_index_stay_on_its_host() {
        let mut credentials = Credentials::default();
        credentials.add(
            &url("https://ann:s%40fe@one.example.invalid/simple"),
            None,
            None,
        );
        let found = credentials.for_url(&url("https://one.example.invalid/files/a.whl"));
        assert_eq!(found, Some(("ann".to_owned(), Some("s@fe".to_owned()))));
        assert_eq!(
            credentials.for_url(&url("https://two.example.invalid/simple")),
            None
        );
        assert_eq!(
            credentials.for_url(&url("http://one.example.invalid/simple")),
            None
        );
    }

    #[test]
    fn the_longest_path_decides_between_indexes_of_a_host() {
        let mut credentials = Credentials::default();
        credentials.add(&url("https://h.example.invalid/a/simple"), Some("a"), None);
        credentials.add(
            &url("https://h.example.invalid/a/simple/b"),
            Some("b"),
            None,
        );
        let user = |text| credentials.for_url(&url(text)).map(|(user, _)| user);
        assert_eq!(
            user("https://h.example.invalid/a/simple/x/").as_deref(),
            Some("a")
        );
        assert_eq!(
            user("https://h.example.invalid/a/simple/b/x/").as_deref(),
            Some("b")
        );
    }

    #[test]
    fn netrc_is_read_in_any_layout() {
        let text = "# me\nmachine one.example.invalid\n  login ann password x\ndefault login d\n";
        let entries = parse_netrc(text);
        assert_eq!(entries.len(), 2);
        assert_eq!(entries[0].machine.as_deref(), Some("one.example.invalid"));
        assert_eq!(entries[0].password.as_deref(), Some("x"));
        assert_eq!(
            (entries[1].machine.as_deref(), entries[1].login.as_str()),
            (None, "d")
        );
    }
}
