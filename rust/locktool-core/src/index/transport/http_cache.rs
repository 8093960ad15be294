//! How long a page holds and how to ask whether it changed: the parts of RFC 9111 a private cache of package
//! pages needs.

use reqwest::header::{
    AGE, CACHE_CONTROL, DATE, ETAG, EXPIRES, HeaderMap, HeaderName, IF_MODIFIED_SINCE,
    IF_NONE_MATCH, LAST_MODIFIED,
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
    let said = all_lines(headers, &CACHE_CONTROL);
    let directives = Directives::parse(cache_control.unwrap_or(&said));
    if directives.no_store {
        return None;
    }
    let expires = || match cache_control {
        Some(_) => None,
        None => explicit_lifetime(headers, now),
    };
    let age = match cache_control {
        Some(_) => 0,
        None => age(headers, now),
    };
    let lifetime = if directives.no_cache {
        0
    } else {
        let lifetime = directives.max_age.or_else(expires);
        lifetime
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
                // Of two ages the shorter one is safe.
                "max-age" => {
                    let age = value.parse().unwrap_or(0).max(0);
                    directives.max_age =
                        Some(directives.max_age.map_or(age, |other| age.min(other)));
                }
                _ => {}
            }
        }
        directives
    }
}

/// How old an answer was on arrival: what caches on the way say, or what the server's clock says if that is more
/// (RFC 9111, 4.2.3).
fn age(headers: &HeaderMap, now: i64) -> i64 {
    let said = text(headers, &AGE).and_then(|age| age.trim().parse().ok());
    let apparent = text(headers, &DATE).and_then(|date| moment(&date));
    let apparent = apparent.map_or(0, |date| now.saturating_sub(date));
    said.unwrap_or(0_i64).max(apparent).max(0)
}

/// The lifetime that Expires gives where no directive does; a date that is none has passed (RFC 9111, 5.3).
fn explicit_lifetime(headers: &HeaderMap, now: i64) -> Option<i64> {
    let expires = text(headers, &EXPIRES)?;
    let sent = text(headers, &DATE).and_then(|date| moment(&date));
    Some(moment(&expires).map_or(0, |until| until.saturating_sub(sent.unwrap_or(now)).max(0)))
}

/// An HTTP date in seconds since 1970.
pub fn moment(text: &str) -> Option<i64> {
    let parser = jiff::fmt::rfc2822::DateTimeParser::new();
    let moment = parser.parse_timestamp(text.trim()).ok()?;
    Some(moment.as_second())
}

/// The values of a header that may stand on several lines, as the one list they are.
fn all_lines(headers: &HeaderMap, name: &HeaderName) -> String {
    let lines = headers.get_all(name).iter();
    let texts: Vec<&str> = lines.filter_map(|line| line.to_str().ok()).collect();
    texts.join(", ")
}

fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    fn lifetime(pairs: &[(HeaderName, &'static str)], setting: Option<&str>) -> Option<i64> {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(name.clone(), HeaderValue::from_static(value));
        }
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
    fn directives_on_several_lines_are_one_list() {
        let lines = [
            (CACHE_CONTROL, "public"),
            (CACHE_CONTROL, "max-age=60, max-age=30"),
        ];
        assert_eq!(lifetime(&lines, None), Some(30));
        assert_eq!(
            lifetime(
                &[(CACHE_CONTROL, "max-age=60"), (CACHE_CONTROL, "no-store")],
                None
            ),
            None
        );
    }

    #[test]
    fn expires_counts_from_the_date_of_the_answer_where_no_directive_does() {
        let sent = (DATE, "Thu, 01 Jan 1970 00:16:40 GMT");
        let later = (EXPIRES, "Thu, 01 Jan 1970 00:18:20 GMT");
        assert_eq!(lifetime(&[sent.clone(), later.clone()], None), Some(100));
        assert_eq!(lifetime(std::slice::from_ref(&later), None), Some(100));
        assert_eq!(lifetime(&[sent.clone(), (EXPIRES, "0")], None), Some(0));
        assert_eq!(
            lifetime(&[later.clone(), (CACHE_CONTROL, "max-age=7")], None),
            Some(7)
        );
        assert_eq!(
            lifetime(&[later, (CACHE_CONTROL, "no-cache")], Some("max-age=9")),
            Some(9)
        );
    }

    #[test]
    fn an_answer_is_as_old_as_its_date() {
        let old = (DATE, "Thu, 01 Jan 1970 00:16:00 GMT");
        assert_eq!(
            lifetime(&[old.clone(), (CACHE_CONTROL, "max-age=60")], None),
            Some(20)
        );
        let more = [old, (AGE, "50"), (CACHE_CONTROL, "max-age=60")];
        assert_eq!(lifetime(&more, None), Some(10));
        let ahead = (DATE, "Thu, 01 Jan 1970 01:00:00 GMT");
        assert_eq!(
            lifetime(&[ahead, (CACHE_CONTROL, "max-age=60")], None),
            Some(60)
        );
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
