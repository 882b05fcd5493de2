//! `POST /zones/<zone name>`: takes a message, gives its answer.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body as _, Incoming};
use hyper::header::{
    ACCEPT_ENCODING, ALLOW, CONNECTION, CONTENT_ENCODING, CONTENT_TYPE, EXPECT, HeaderMap, HeaderName, HeaderValue,
    VARY,
};
use hyper::{Method, Request, Response, StatusCode};
use sif::message::{Refusal, error};
use tokio::time::timeout;

use super::connection::{Handler, Peer, Reply, plain};
use super::encoding::{UnpackFault, WORTH_PACKING, pack, unpack};
use super::media::{CONTENT_TYPE as XML, Packing, is_xml, packing, prefers_gzip};
use crate::Broker;
use crate::server::HttpLimits;

/// Answers agents.
#[derive(Clone)]
pub(crate) struct ZoneEndpoint {
    brokers: Arc<BTreeMap<String, Broker>>,
    body_timeout: Duration,
    gzip_ratio: u64,
}

/// Why there is no body to hand on.
enum Unread {
    /// The reply that HTTP has for it.
    Reply(Reply),
    /// What SIF has for it.
    Refused(Refusal),
}

impl ZoneEndpoint {
    /// Of zones by their names.
    pub(crate) fn new(brokers: Arc<BTreeMap<String, Broker>>, limits: &HttpLimits) -> Self {
        Self { brokers, body_timeout: limits.body_timeout, gzip_ratio: limits.gzip_ratio }
    }

    async fn answer(&self, request: Request<Incoming>, peer: Arc<Peer>) -> Reply {
        let Some(broker) = self.zone(request.uri().path()) else {
            return closing(plain(StatusCode::NOT_FOUND, "there is no such zone here\n"));
        };
        if request.method() != Method::POST {
            let mut reply = plain(StatusCode::METHOD_NOT_ALLOWED, "messages are sent with POST\n");
            reply.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
            return closing(reply);
        }
        let gzip = text(request.headers(), &ACCEPT_ENCODING).is_some_and(|accepted| prefers_gzip(&accepted));
        let answer = match self.read(request, broker.max_message_size()).await {
            Ok(document) => broker.receive(document, peer.channel()).await,
            Err(Unread::Refused(refusal)) => broker.refuse(refusal).await,
            Err(Unread::Reply(reply)) => return closing(reply),
        };
        reply(answer, gzip).await
    }

    fn zone(&self, path: &str) -> Option<&Broker> {
        let name = path.strip_prefix("/zones/")?;
        self.brokers.get(&unescaped(name)?)
    }

    /// The whole body, unpacked.
    async fn read(&self, request: Request<Incoming>, max: u64) -> Result<Bytes, Unread> {
        let headers = request.headers();
        if !text(headers, &CONTENT_TYPE).is_some_and(|content_type| is_xml(&content_type)) {
            let words = "a message is application/xml or text/xml, in utf-8\n";
            return Err(Unread::Reply(plain(StatusCode::UNSUPPORTED_MEDIA_TYPE, words)));
        }
        let Some(packing) = packing(text(headers, &CONTENT_ENCODING).as_deref()) else {
            let words = "a message may be packed once, by gzip\n";
            return Err(Unread::Reply(plain(StatusCode::UNSUPPORTED_MEDIA_TYPE, words)));
        };
        if text(headers, &EXPECT).is_some_and(|expected| !expected.eq_ignore_ascii_case("100-continue")) {
            return Err(Unread::Reply(plain(StatusCode::EXPECTATION_FAILED, "only 100-continue can be expected\n")));
        }
        let too_large = || Unread::Reply(plain(StatusCode::PAYLOAD_TOO_LARGE, "the message is too large\n"));
        if request.body().size_hint().lower() > max {
            return Err(too_large());
        }
        let bound = usize::try_from(max).unwrap_or(usize::MAX);
        let body = timeout(self.body_timeout, Limited::new(request.into_body(), bound).collect()).await;
        let body = match body {
            Ok(Ok(body)) => body.to_bytes(),
            Ok(Err(fault)) if fault.is::<LengthLimitError>() => return Err(too_large()),
            Ok(Err(_)) => return Err(Unread::Reply(plain(StatusCode::BAD_REQUEST, "the message broke off\n"))),
            Err(_) => return Err(Unread::Reply(plain(StatusCode::REQUEST_TIMEOUT, "the message took too long\n"))),
        };
        match packing {
            Packing::Identity => Ok(body),
            Packing::Gzip => {
                let ratio = self.gzip_ratio;
                // Unpacking some mebibytes takes longer than others should wait for this thread.
                let unpacked = tokio::task::spawn_blocking(move || unpack(&body, max, ratio)).await;
                match unpacked {
                    Ok(Ok(body)) => Ok(body),
                    Ok(Err(UnpackFault::TooLarge)) => Err(too_large()),
                    Ok(Err(UnpackFault::Damaged)) | Err(_) => Err(Unread::Refused(Refusal {
                        error: error::TRANSPORT,
                        description: "the body is not what gzip makes".to_owned(),
                        original: None,
                        version: None,
                    })),
                }
            }
        }
    }
}

impl Handler for ZoneEndpoint {
    async fn handle(&self, request: Request<Incoming>, peer: Arc<Peer>) -> Reply {
        self.answer(request, peer).await
    }
}

/// Every header of a name, as one list; none where there is none, or it is no text.
fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let values: Option<Vec<&str>> = headers.get_all(name).iter().map(|value| value.to_str().ok()).collect();
    values.filter(|values| !values.is_empty()).map(|values| values.join(","))
}

/// A path's last part, with `%XX` made characters again; none if it is no text, or not the last.
fn unescaped(name: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(name.len());
    let mut rest = name.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'/' => return None,
            b'%' => {
                let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
                let (high, low) = (digit(rest.next())?, digit(rest.next())?);
                u8::try_from(high * 16 + low).ok()?
            }
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

/// What is left of the request is not read, so the connection ends with the reply.
fn closing(mut reply: Reply) -> Reply {
    reply.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    reply
}

async fn reply(answer: Bytes, gzip: bool) -> Reply {
    let packed = if gzip && answer.len() >= WORTH_PACKING {
        let answer = answer.clone();
        if answer.len() > 64 << 10 {
            tokio::task::spawn_blocking(move || pack(&answer)).await.ok().flatten()
        } else {
            pack(&answer)
        }
    } else {
        None
    };
    let encoding = packed.is_some();
    let mut reply = Response::new(Body::from(packed.unwrap_or(answer)));
    let headers = reply.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(XML));
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    if encoding {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    reply
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_named_by_the_last_part_of_the_path() {
        assert_eq!(unescaped("Cedar%20Ridge").as_deref(), Some("Cedar Ridge"));
        assert_eq!(unescaped("K%c3%b6ln").as_deref(), Some("Köln"));
        assert_eq!(unescaped("a/b"), None);
        assert_eq!(unescaped("a%2fb").as_deref(), Some("a/b"));
        assert_eq!(unescaped("a%"), None);
        assert_eq!(unescaped("a%zz"), None);
        assert_eq!(unescaped("%ff"), None);
    }
}
