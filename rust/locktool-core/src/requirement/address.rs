//! A URL without the credentials in it, which reach neither a lock nor a cache nor a message: user and password (RFC 3986,
//! section 3.2.1), and what the query holds.

/// An address without credentials, and the credentials that stood in it, percent escapes decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    pub url: String,
    pub username: Option<String>,
    pub password: Option<String>,
}

impl Address {
    /// Takes `user:password@` out of a URL (RFC 3986, section 3.2.1). A lone user name of an ssh address
    /// (`ssh://git@host/...`) is part of the address and stays.
    pub fn split(text: &str) -> Self {
        let whole = Self {
            url: text.to_owned(),
            username: None,
            password: None,
        };
        let Some((scheme, rest)) = text.split_once("://") else {
            return whole;
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let Some((userinfo, host)) = authority.rsplit_once('@') else {
            return whole;
        };
        if !userinfo.contains(':') && scheme.ends_with("ssh") {
            return whole;
        }
        let (username, password) = match userinfo.split_once(':') {
            Some((username, password)) => (username, Some(unquoted(password))),
            None => (userinfo, None),
        };
        Self {
            url: format!("{scheme}://{host}{path}"),
            username: Some(unquoted(username)),
            password,
        }
    }
}

/// The address by which an index or a page of links is recorded: without credentials, and without a query, where tokens stand.
pub fn recorded_address(written: &str) -> String {
    let url = Address::split(written).url;
    let end = url.find('#').unwrap_or(url.len());
    match url[..end].find('?') {
        Some(start) if url.contains("://") => format!("{}{}", &url[..start], &url[end..]),
        _ => url,
    }
}

/// The name of the first parameter in the query of a URL that is a credential: `X-Amz-Signature`
pub fn secret_parameter(url: &str) -> Option<&str> {
    let (_, query) = url.split_once('?')?;
    let (query, _) = query.split_once('#').unwrap_or((query, ""));
    let mut names = query
        .split(['&', ';'])
        .map(|pair| pair.split_once('=').map_or(pair, |(name, _)| name));
    names.find(|name| is_secret(name))
}

/// Whether a parameter of this name holds a credential, in the words of the services that sign addresses or take tokens in them.
fn is_secret(name: &str) -> bool {
    const WORDS: [&str; 6] = [
        "token",
        "secret",
        "password",
        "signature",
        "credential",
        "accesskey",
    ];
    const NAMES: [&str; 8] = [
        "sig", "auth", "apikey", "key", "jwt", "pwd", "passwd", "pass",
    ];
    let plain = name.to_ascii_lowercase().replace(['-', '_'], "");
    NAMES.contains(&plain.as_str()) || WORDS.iter().any(|word| plain.contains(word))
}

fn unquoted(text: &str) -> String {
    percent_encoding::percent_decode_str(text)
        .decode_utf8_lossy()
        .into_owned()
}

#[cfg(test)]
mod tests {
    use super::{Address, recorded_address, secret_parameter};

    #[test]
    fn queries_may_hold_credentials() {
        let signed = "https://host/a.whl?X-Amz-Date=1&X-Amz-Signature=00&x=1";
        assert_eq!(secret_parameter(signed), Some("X-Amz-Signature"));
        assert_eq!(
            secret_parameter("https://host/a?private_token=x#y"),
            Some("private_token")
        );
        assert_eq!(secret_parameter("https://host/a?raw=true#sig=1"), None);
        assert_eq!(
            recorded_address("https://u:p@host/simple?token=x"),
            "https://host/simple"
        );
        assert_eq!(
            recorded_address("https://host/a?x=1#sha256=0"),
            "https://host/a#sha256=0"
        );
        assert_eq!(recorded_address("links/what?"), "links/what?");
    }

    #[test]
    fn credentials_are_split_off_and_decoded() {
        let address = Address::split("https://ann:s%40cret@host/simple/");
        assert_eq!(address.url, "https://host/simple/");
        assert_eq!(address.username.as_deref(), Some("ann"));
        assert_eq!(address.password.as_deref(), Some("s@cret"));
        assert_eq!(Address::split("ssh://git@host/a").username, None);
        assert_eq!(Address::split("https://host/a@v1").url, "https://host/a@v1");
        let plus = Address::split("https://a+b:c=d+e@host/");
        assert_eq!(plus.username.as_deref(), Some("a+b"));
        assert_eq!(plus.password.as_deref(), Some("c=d+e"));
    }
}
