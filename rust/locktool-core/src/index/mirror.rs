//! How addresses on a mirror and on the index that it mirrors correspond.

use url::Url;

use crate::index::transport::address::{hide_credentials, without_credentials};
use crate::source::SourceError;

/// How addresses on a mirror and on the mirrored index correspond.
#[derive(Debug)]
pub struct Mirror {
    pub here: String,
    pub there: String,
}

impl Mirror {
    /// What two index addresses have in common at their end (`/simple/`) is below the roots that correspond.
    pub fn between(here: &Url, there: &str) -> Result<Self, SourceError> {
        let mut other = Url::parse(there).map_err(|error| SourceError::Invalid {
            url: hide_credentials(there),
            reason: format!("mirror-of is not an address ({error})"),
        })?;
        if !other.path().ends_with('/') {
            let path = format!("{}/", other.path());
            other.set_path(&path);
        }
        let mut other = without_credentials(&other);
        other.set_query(None);
        let (mut here, mut there) = (here.as_str(), other.as_str());
        loop {
            let last = |text: &str| text.trim_end_matches('/').rfind('/').map(|at| at + 1);
            let (Some(one), Some(two)) = (last(here), last(there)) else {
                break;
            };
            // The host itself is never cut off: "https://" is what remains then.
            if here[one..] != there[two..]
                || here[..one].ends_with("//")
                || there[..two].ends_with("//")
            {
                break;
            }
            (here, there) = (&here[..one], &there[..two]);
        }
        Ok(Self {
            here: here.to_owned(),
            there: there.to_owned(),
        })
    }
}
