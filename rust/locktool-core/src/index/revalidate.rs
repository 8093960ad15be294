//! How long a page holds and how to ask whether it changed: the parts of RFC 9111 a private cache of package
//! pages needs.

use reqwest::header::{
    AGE, CACHE_CONTROL, ETAG, HeaderMap, HeaderName, IF_MODIFIED_SINCE, IF_NONE_MATCH,
    LAST_MODIFIED,
};

use crate::cache::record::Validators;

/// Seconds a page holds where the index says nothing: what the large public index says of its pages.
pub const DEFAULT_MAX_AGE: i64 = 600;

/// A record from further in the future than this was written by a clock that is not ours.
const CLOCK_TOLERANCE: i64 = 300;

/// Seconds since 1970.
pub fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

/// The validators of an answer; `None` if it must not be kept.
///
/// `cache_control` of the index's settings takes the place of what the server says.
pub fn validators(
    headers: &HeaderMap,
    now: i64,
    cache_control: Option<&str>,
) -> Option<Validators> {
    let said = text(headers, &CACHE_CONTROL);
    let directives = Directives::parse(cache_control.or(said.as_deref()).unwrap_or_default());
    if directives.no_store {
        return None;
    }
    let age = text(headers, &AGE)
        .and_then(|age| age.trim().parse().ok())
        .unwrap_or(0_i64);
    let age = if cache_control.is_some() {
        0
    } else {
        age.max(0)
    };
    let lifetime = if directives.no_cache {
        0
    } else {
        directives
            .max_age
            .unwrap_or(DEFAULT_MAX_AGE)
            .saturating_sub(age)
            .max(0)
    };
    Some(Validators {
        etag: text(headers, &ETAG),
        last_modified: text(headers, &LAST_MODIFIED),
        fetched: now,
        fresh_until: now.saturating_add(lifetime),
    })
}

/// The validators after a 304: those the answer repeats, else those that were held.
pub fn confirmed(
    held: &Validators,
    headers: &HeaderMap,
    now: i64,
    cache_control: Option<&str>,
) -> Validators {
    let said = validators(headers, now, cache_control).unwrap_or(Validators {
        fetched: now,
        fresh_until: now,
        ..Validators::default()
    });
    Validators {
        etag: said.etag.or_else(|| held.etag.clone()),
        last_modified: said.last_modified.or_else(|| held.last_modified.clone()),
        ..said
    }
}

/// Nobody needs to be asked.
pub fn is_fresh(validators: &Validators, now: i64) -> bool {
    now < validators.fresh_until && validators.fetched <= now.saturating_add(CLOCK_TOLERANCE)
}

/// The headers that make a request conditional.
pub fn conditions(validators: &Validators) -> Vec<(HeaderName, String)> {
    let mut headers = Vec::new();
    if let Some(etag) = &validators.etag {
        headers.push((IF_NONE_MATCH, etag.clone()));
    }
    if let Some(time) = &validators.last_modified {
        headers.push((IF_MODIFIED_SINCE, time.clone()));
    }
    headers
}

#[derive(Default)]
struct Directives {
    no_store: bool,
    no_cache: bool,
    max_age: Option<i64>,
}

impl Directives {
    fn parse(text: &str) -> Self {
        let mut directives = Self::default();
        for part in text.split(',') {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let value = value.trim().trim_matches('"');
            match name.trim().to_ascii_lowercase().as_str() {
                "no-store" => directives.no_store = true,
                "no-cache" => directives.no_cache = true,
                // An age that is not a number counts as stale (RFC 9111, 4.2.1).
                "max-age" => directives.max_age = Some(value.parse().unwrap_or(0).max(0)),
                _ => {}
            }
        }
        directives
    }
}

fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    fn lifetime(pairs: &[(HeaderName, &'static str)], setting: Option<&str>) -> Option<i64> {
        let headers = pairs
            .iter()
            .map(|(name, value)| (name.clone(), HeaderValue::from_static(value)))
            .collect();
        validators(&headers, 1000, setting).map(|kept| kept.fresh_until - 1000)
    }

    #[test]
    fn lifetime_is_max_age_less_age() {
        assert_eq!(
            lifetime(&[(CACHE_CONTROL, "public, max-age=60"), (AGE, "20")], None),
            Some(40)
        );
        assert_eq!(
            lifetime(&[(CACHE_CONTROL, "max-age=60"), (AGE, "90")], None),
            Some(0)
        );
        assert_eq!(lifetime(&[(CACHE_CONTROL, "Max-Age=\"5\"")], None), Some(5));
        assert_eq!(lifetime(&[(CACHE_CONTROL, "max-age=soon")], None), Some(0));
        assert_eq!(lifetime(&[], None), Some(DEFAULT_MAX_AGE));
    }

    #[test]
    fn no_cache_is_stale_at_once_and_no_store_is_not_kept() {
        assert_eq!(
            lifetime(&[(CACHE_CONTROL, "no-cache, max-age=60")], None),
            Some(0)
        );
        assert_eq!(lifetime(&[(CACHE_CONTROL, "no-store")], None), None);
    }

    #[test]
    fn the_setting_takes_the_place_of_the_header() {
        assert_eq!(
            lifetime(&[(CACHE_CONTROL, "no-store")], Some("max-age=9")),
            Some(9)
        );
    }

    #[test]
    fn a_record_from_the_future_is_stale() {
        let ahead = Validators {
            fetched: 5000,
            fresh_until: 9000,
            ..Validators::default()
        };
        assert!(!is_fresh(&ahead, 1000));
        assert!(is_fresh(&ahead, 5000));
    }
}
