//! Which sessions a list shows: the filters, the order and the pages of `GET /v1/sessions`.
//!
//! The newest come first. A session keeps its place in this order as long as it lives, so a client that goes from page to
//! page meets each session once that lives all the while.

use std::cmp::Reverse;

use base::{SessionId, Timestamp};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::Error as ValueError;
use session::Info;

use super::object::StateName;
use super::request::unknown_parameter;
use crate::errors::ApiError;

/// Sessions on a page that says nothing of it.
const LIMIT_DEFAULT: usize = 100;
/// Some 1 MiB of JSON.
const LIMIT_MAX: usize = 1000;

/// What a request wants to see.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// All of these.
    labels: Vec<(String, String)>,
    state: Option<StateName>,
    name_prefix: Option<String>,
    limit: Option<usize>,
    after: Option<Place>,
}

/// A session's place in the order; the cursor is one in base64. It is not signed: a place that somebody makes up shows no
/// session that he could not list anyway.
type Place = (Reverse<Timestamp>, SessionId);

impl Wanted {
    /// Reads the query's parameters. Only `label` may be there more than once.
    pub(crate) fn parse(parameters: Vec<(String, String)>) -> Result<Self, ApiError> {
        let mut wanted = Self::default();
        for (name, value) in parameters {
            let is_first = match name.as_str() {
                "label" => {
                    let label = value.split_once(':').ok_or_else(|| refused("label is KEY:VALUE"))?;
                    wanted.labels.push((label.0.to_owned(), label.1.to_owned()));
                    true
                }
                "state" => wanted.state.replace(state(&value)?).is_none(),
                "name_prefix" => wanted.name_prefix.replace(value).is_none(),
                "limit" => wanted.limit.replace(limit(&value)?).is_none(),
                "cursor" => wanted.after.replace(place(&value)?).is_none(),
                other => return Err(unknown_parameter(other)),
            };
            if !is_first {
                return Err(refused(&format!("{name} is there twice")));
            }
        }
        Ok(wanted)
    }

    /// Takes a page of all sessions, and the cursor of the next one if there is more.
    pub(crate) fn page(&self, mut all: Vec<Info>) -> (Vec<Info>, Option<String>) {
        all.retain(|info| self.matches(info) && self.after.as_ref().is_none_or(|after| place_of(info) > *after));
        all.sort_by_cached_key(place_of);
        let limit = self.limit.unwrap_or(LIMIT_DEFAULT);
        let has_more = all.len() > limit;
        all.truncate(limit);
        let next = all.last().filter(|_| has_more).map(|last| cursor(&place_of(last)));
        (all, next)
    }

    fn matches(&self, info: &Info) -> bool {
        let settings = &info.settings;
        let has = |(key, value): &(String, String)| settings.labels.get(key) == Some(value);
        self.labels.iter().all(has)
            && self.state.is_none_or(|state| state == info.phase.into())
            && self
                .name_prefix
                .as_ref()
                .is_none_or(|prefix| settings.name.as_ref().is_some_and(|name| name.starts_with(prefix)))
    }
}

fn place_of(info: &Info) -> Place {
    (Reverse(info.created), info.id.clone())
}

fn cursor((Reverse(created), id): &Place) -> String {
    URL_SAFE_NO_PAD.encode(format!("{}.{id}", created.0))
}

fn place(cursor: &str) -> Result<Place, ApiError> {
    let read = || {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
        let (created, id) = text.split_once('.')?;
        Some((Reverse(Timestamp(created.parse().ok()?)), id.parse().ok()?))
    };
    read().ok_or_else(|| refused("cursor is none of this server's"))
}

fn state(value: &str) -> Result<StateName, ApiError> {
    let read = StateName::deserialize(IntoDeserializer::<ValueError>::into_deserializer(value));
    read.map_err(|_| refused("state is idle, running, hibernated or broken"))
}

fn limit(value: &str) -> Result<usize, ApiError> {
    let read = value.parse().ok().filter(|limit| (1..=LIMIT_MAX).contains(limit));
    read.ok_or_else(|| refused(&format!("limit is 1 to {LIMIT_MAX}")))
}

fn refused(why: &str) -> ApiError {
    ApiError::InvalidRequest(why.to_owned())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use session::{NetworkUsage, Phase, Settings};

    use super::*;

    fn info(n: u8, created: u64, label: &str, phase: Phase) -> Info {
        Info {
            id: SessionId::from_random(u128::from(n)),
            cwd: b"/".to_vec(),
            created: Timestamp(created),
            last_use: Timestamp(created),
            runtime: Duration::ZERO,
            network: NetworkUsage::default(),
            rc_loaded: false,
            phase,
            version: 0,
            settings: Arc::new(settings(n, label)),
        }
    }

    fn settings(n: u8, label: &str) -> Settings {
        let mut settings = Settings::default();
        settings.name = Some(format!("job-{n}"));
        settings.labels = [("of".to_owned(), label.to_owned())].into();
        settings
    }

    fn wanted(query: &[(&str, &str)]) -> Result<Wanted, ApiError> {
        Wanted::parse(query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    fn ids(page: &[Info]) -> Vec<u128> {
        page.iter().map(|info| u128::from_str_radix(info.id.as_str(), 16).expect("hex")).collect()
    }

    fn three() -> Vec<Info> {
        let running = Phase::Running { jobs: 2 };
        vec![info(1, 10, "a:b", Phase::Idle), info(2, 30, "c", running), info(3, 10, "c", Phase::Idle)]
    }

    #[test]
    fn filters_go_together() {
        let check = |query: &[(&str, &str)], expected: &[u128]| {
            let (page, next) = wanted(query).expect("a query").page(three());
            assert_eq!((ids(&page), next), (expected.to_vec(), None), "{query:?}");
        };
        check(&[], &[2, 1, 3]);
        check(&[("label", "of:a:b")], &[1]);
        check(&[("label", "of:c"), ("label", "of:a:b")], &[]);
        check(&[("label", "of:c"), ("state", "idle")], &[3]);
        check(&[("state", "running"), ("name_prefix", "job-")], &[2]);
        check(&[("name_prefix", "job-3")], &[3]);
    }

    #[test]
    fn pages_follow_one_another_whatever_begins_or_ends_between() {
        let (first, next) = wanted(&[("limit", "2")]).expect("a query").page(three());
        assert_eq!(ids(&first), [2, 1]);
        let next = next.expect("there is more");
        let mut all = three();
        all.remove(0);
        all.push(info(9, 99, "new", Phase::Idle));
        let (second, end) = wanted(&[("limit", "2"), ("cursor", &next)]).expect("a query").page(all);
        assert_eq!((ids(&second), end), (vec![3], None));
    }

    #[test]
    fn what_is_no_parameter_is_refused() {
        for (name, value) in [
            ("labels", "a:b"),
            ("label", "a"),
            ("state", "Idle"),
            ("limit", "0"),
            ("limit", "1001"),
            ("limit", "x"),
            ("cursor", "!"),
            ("cursor", "MTA"),
            ("", ""),
        ] {
            assert!(matches!(wanted(&[(name, value)]), Err(ApiError::InvalidRequest(_))), "{name}={value}");
        }
        assert!(wanted(&[("limit", "1"), ("limit", "2")]).is_err());
    }
}
