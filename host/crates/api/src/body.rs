//! Request bodies into memory: bounded each, bounded together, bounded in time.

use std::sync::Arc;

use axum::body::{Body, HttpBody};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use tokio::sync::{OwnedSemaphorePermit, TryAcquireError};

use crate::app::App;
use crate::errors::ApiError;

/// So much of each body is not counted: the number of connections bounds it well enough.
const FREE_BYTES: usize = 64 << 10;
/// After a body turned out too long, so much more of it is read and dropped, so that a client which sends first and
/// reads later still gets the answer.
const DRAIN_BYTES: usize = 64 << 20;

/// A body and its share of the memory for bodies.
#[derive(Debug)]
pub(crate) struct Held {
    /// The whole body.
    pub(crate) bytes: Bytes,
    _share: Option<OwnedSemaphorePermit>,
}

/// Reads a whole body of at most `max` bytes.
pub(crate) async fn read(app: &App, body: Body, max: usize) -> Result<Held, ApiError> {
    let reading = collect(app, body, max);
    tokio::time::timeout(app.config.body_timeout, reading).await.unwrap_or(Err(ApiError::BodyTimeout))
}

async fn collect(app: &App, mut body: Body, max: usize) -> Result<Held, ApiError> {
    if body.size_hint().lower() > max as u64 {
        drain(body).await;
        return Err(ApiError::BodyTooLarge { max });
    }
    let mut bytes = BytesMut::new();
    let mut share = None;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| ApiError::BodyBroken)?;
        let Ok(data) = frame.into_data() else { continue };
        if data.len() > max.saturating_sub(bytes.len()) {
            drain(body).await;
            return Err(ApiError::BodyTooLarge { max });
        }
        if body.is_end_stream() && bytes.is_empty() {
            return Ok(Held { bytes: data, _share: None });
        }
        reserve(app, &mut share, bytes.len() + data.len())?;
        bytes.extend_from_slice(&data);
    }
    Ok(Held { bytes: bytes.freeze(), _share: share })
}

/// Reads a JSON object. An array is none, though serde would take its elements for the fields in order.
pub(crate) fn object<'a, T: serde::Deserialize<'a>>(body: &'a [u8]) -> Option<T> {
    let first = body.iter().find(|byte| !byte.is_ascii_whitespace())?;
    if *first == b'{' { serde_json::from_slice(body).ok() } else { None }
}

/// Makes `share` cover a body of `len` bytes.
fn reserve(app: &App, share: &mut Option<OwnedSemaphorePermit>, len: usize) -> Result<(), ApiError> {
    // A growing buffer is at most twice as long as what it holds.
    let wanted = len.saturating_sub(FREE_BYTES).saturating_mul(2).div_ceil(1 << 10);
    let held = share.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
    if wanted <= held {
        return Ok(());
    }
    let more = u32::try_from(wanted - held).map_err(|_| ApiError::BodiesBusy)?;
    let more = Arc::clone(&app.bodies).try_acquire_many_owned(more).map_err(|why| match why {
        TryAcquireError::NoPermits => ApiError::BodiesBusy,
        TryAcquireError::Closed => ApiError::Internal("the budget for bodies is closed".to_owned()),
    })?;
    match share {
        Some(share) => share.merge(more),
        None => *share = Some(more),
    }
    Ok(())
}

async fn drain(mut body: Body) {
    let mut left = DRAIN_BYTES;
    while let Some(Ok(frame)) = body.frame().await {
        let len = frame.data_ref().map_or(0, Bytes::len);
        match left.checked_sub(len) {
            Some(rest) => left = rest,
            None => return,
        }
    }
}
