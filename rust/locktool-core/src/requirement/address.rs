//! A URL without the credentials in it (RFC 3986, section 3.2.1), which reach neither a lock nor a cache nor a message.

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

fn unquoted(text: &str) -> String {
    percent_encoding::percent_decode_str(text)
        .decode_utf8_lossy()
        .into_owned()
}

#[cfg(test)]
mod tests {
    use super::Address;

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
