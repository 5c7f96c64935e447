//! `/v1/sessions`: create, list, show, change, delete, touch and hibernate.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use base::TenantId;
use serde::{Deserialize, Serialize};
use session::{Error, Settings};

use super::files::{self, FileRequest};
use super::limits::LimitsRequest;
use super::list::Wanted;
use super::object::{DurabilityName, SessionObject, check_condition, session_reply};
use super::request::{self, NoParameters, Nothing, Parameters, Session, given, reply};
use super::time::Seconds;
use crate::app::App;
use crate::errors::ApiError;

/// What a session is created with; all of it may be left out.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Create {
    id: Option<String>,
    name: Option<String>,
    #[serde(default)]
    labels: BTreeMap<String, String>,
    #[serde(default)]
    limits: LimitsRequest,
    idle_ttl: Option<Seconds>,
    max_lifetime: Option<Seconds>,
    durability: Option<DurabilityName>,
    #[serde(default)]
    files: Vec<FileRequest>,
}

impl Create {
    /// Returns the settings of a session on a server that gives `server`.
    fn settings(&mut self, server: &Settings) -> Result<Settings, ApiError> {
        let mut settings = server.clone();
        settings.name = self.name.take();
        settings.labels = std::mem::take(&mut self.labels);
        settings.limits = std::mem::take(&mut self.limits).under(&server.limits)?;
        if let Some(durability) = self.durability {
            settings.durability = durability.into();
        }
        if let Some(Seconds(ttl)) = self.idle_ttl {
            settings = settings.with_idle_ttl(ttl);
        }
        if let Some(Seconds(lifetime)) = self.max_lifetime {
            settings = settings.with_max_lifetime(lifetime);
        }
        Ok(settings)
    }
}

/// What is to change, as a JSON Merge Patch (RFC 7396): what is left out stays; `null` takes a name or a label away and
/// gives a span the server's own length.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    #[serde(default, deserialize_with = "given")]
    name: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    labels: Option<Option<BTreeMap<String, Option<String>>>>,
    #[serde(default, deserialize_with = "given")]
    idle_ttl: Option<Option<Seconds>>,
    #[serde(default, deserialize_with = "given")]
    max_lifetime: Option<Option<Seconds>>,
}

impl Change {
    /// Returns what `current` becomes on a server that gives `server`.
    fn of(self, current: &Settings, server: &Settings) -> Settings {
        let mut settings = server.clone();
        settings.durability = current.durability;
        settings.limits = current.limits.clone();
        settings.name = self.name.unwrap_or_else(|| current.name.clone());
        settings.labels = merged(&current.labels, self.labels);
        let ttl = self.idle_ttl.map_or(Some(current.idle_ttl()), |ttl| ttl.map(|Seconds(ttl)| ttl));
        if let Some(ttl) = ttl {
            settings = settings.with_idle_ttl(ttl);
        }
        let lifetime = self.max_lifetime.map_or(current.max_lifetime(), |new| new.map(|Seconds(lifetime)| lifetime));
        match lifetime {
            Some(lifetime) => settings.with_max_lifetime(lifetime),
            None => settings,
        }
    }
}

fn merged(
    current: &BTreeMap<String, String>,
    change: Option<Option<BTreeMap<String, Option<String>>>>,
) -> BTreeMap<String, String> {
    let mut labels = match change {
        Some(None) => BTreeMap::new(),
        _ => current.clone(),
    };
    for (key, value) in change.flatten().unwrap_or_default() {
        match value {
            Some(value) => labels.insert(key, value),
            None => labels.remove(&key),
        };
    }
    labels
}

pub(crate) async fn create(State(app): State<Arc<App>>, _: NoParameters, body: Body) -> Result<Response, ApiError> {
    let mut create: Create = request::read(&app, body).await?;
    let id = create.id.as_deref().map(request::id).transpose()?;
    let settings = create.settings(app.sessions.default_settings())?;
    let image = files::image(&app, create.files).await?;
    let info = app.sessions.create(TenantId::default_tenant(), id, Some(settings), image).await?;
    let mut response = session_reply(StatusCode::CREATED, &info);
    if let Ok(location) = HeaderValue::try_from(format!("/v1/sessions/{}", info.id)) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

pub(crate) async fn list(
    State(app): State<Arc<App>>,
    Parameters(parameters): Parameters,
) -> Result<Response, ApiError> {
    #[derive(Serialize)]
    struct Page {
        sessions: Vec<SessionObject>,
        #[serde(skip_serializing_if = "Option::is_none")]
        next_cursor: Option<String>,
    }
    let wanted = Wanted::parse(parameters)?;
    let (page, next_cursor) = wanted.page(app.sessions.list(&TenantId::default_tenant()));
    Ok(reply(StatusCode::OK, &Page { sessions: page.iter().map(SessionObject::from).collect(), next_cursor }))
}

pub(crate) async fn show(
    State(app): State<Arc<App>>,
    Session(key): Session,
    _: NoParameters,
) -> Result<Response, ApiError> {
    let info = app.sessions.get_existing(&key).ok_or(Error::NotFound)?;
    Ok(session_reply(StatusCode::OK, &info))
}

pub(crate) async fn change(
    State(app): State<Arc<App>>,
    Session(key): Session,
    _: NoParameters,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let change: Change = request::read(&app, body).await?;
    let changing = app.settings_change.lock().unwrap_or_else(PoisonError::into_inner);
    let current = app.sessions.get_existing(&key).ok_or(Error::NotFound)?;
    check_condition(&headers, &current)?;
    let info = app.sessions.set_settings(&key, change.of(&current.settings, app.sessions.default_settings()))?;
    drop(changing);
    Ok(session_reply(StatusCode::OK, &info))
}

pub(crate) async fn delete(
    State(app): State<Arc<App>>,
    Session(key): Session,
    _: NoParameters,
) -> Result<StatusCode, ApiError> {
    if app.sessions.delete(&key).await { Ok(StatusCode::NO_CONTENT) } else { Err(Error::NotFound.into()) }
}

pub(crate) async fn touch(
    State(app): State<Arc<App>>,
    Session(key): Session,
    _: NoParameters,
    body: Body,
) -> Result<Response, ApiError> {
    let Nothing {} = request::read(&app, body).await?;
    let info = app.sessions.touch(&key)?;
    Ok(session_reply(StatusCode::OK, &info))
}

pub(crate) async fn hibernate(
    State(app): State<Arc<App>>,
    Session(key): Session,
    _: NoParameters,
    body: Body,
) -> Result<Response, ApiError> {
    let Nothing {} = request::read(&app, body).await?;
    if !app.sessions.hibernate(&key).await? {
        return Err(ApiError::StaysAwake);
    }
    let info = app.sessions.get_existing(&key).ok_or(Error::NotFound)?;
    Ok(session_reply(StatusCode::OK, &info))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(current: &Settings, json: &str) -> Settings {
        serde_json::from_str::<Change>(json).expect("the shape is right").of(current, &Settings::default())
    }

    #[test]
    fn a_change_is_a_merge_patch() {
        let create = r#"{"name":"n","labels":{"a":"1","b":"2"},"idle_ttl":60,"max_lifetime":600,"durability":"none",
            "limits":{"processes":9}}"#;
        let mut create: Create = serde_json::from_str(create).expect("the shape is right");
        let first = create.settings(&Settings::default()).expect("below the server's");
        assert_eq!(changed(&first, "{}"), first);
        let second = changed(&first, r#"{"name":null,"labels":{"a":null,"c":"3"},"idle_ttl":5,"max_lifetime":900.5}"#);
        assert_eq!((second.name.as_ref(), second.limits.processes), (None, 9));
        assert_eq!(second.labels, BTreeMap::from([("b".into(), "2".into()), ("c".into(), "3".into())]));
        assert_eq!((second.idle_ttl().as_secs(), second.max_lifetime().map(|l| l.as_millis())), (5, Some(900_500)));
        let third = changed(&second, r#"{"labels":null,"idle_ttl":null,"max_lifetime":null}"#);
        assert!(third.labels.is_empty());
        assert_eq!((third.idle_ttl(), third.max_lifetime()), (Settings::default().idle_ttl(), None));
        assert_eq!((third.durability, third.limits), (first.durability, first.limits));
    }
}
