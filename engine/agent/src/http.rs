//! A transport over HTTP/1.1 and HTTPS.

use std::error::Error;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, HeaderValue};
use reqwest::{Certificate, Client, Identity, StatusCode, Url, redirect};

use crate::fault::AgentFault;
use crate::gzip;
use crate::transport::{Answered, Transport, TransportFault};

/// What every body is, as the specification writes it.
pub const MEDIA_TYPE: &str = "application/xml;charset=\"utf-8\"";

/// Posts messages to a zone's address and reads the answers. Connections are kept and used again.
///
/// Any status but 200 is a fault, also a redirection: a zone says what it has to say in a SIF_Ack with 200.
pub struct HttpTransport {
    client: Client,
    url: Url,
    compress: AtomicBool,
    max_answer: usize,
}

/// How an [`HttpTransport`] is set up.
#[derive(Clone)]
pub struct HttpBuilder {
    url: String,
    timeout: Duration,
    connect_timeout: Duration,
    identity: Option<Vec<u8>>,
    authorities: Vec<Vec<u8>>,
    compress: bool,
    max_answer: usize,
    keep_connections: bool,
}

impl HttpTransport {
    /// A transport to an address, such as `https://zis.example.org/zones/Cedar`.
    #[must_use]
    pub fn builder(url: impl Into<String>) -> HttpBuilder {
        HttpBuilder {
            url: url.into(),
            timeout: Duration::from_secs(60),
            connect_timeout: Duration::from_secs(10),
            identity: None,
            authorities: Vec::new(),
            compress: false,
            max_answer: 32 << 20,
            keep_connections: true,
        }
    }

    /// Whether messages are compressed from now on. A zone says in SIF_ZoneStatus, by the property Accept-Encoding of its
    /// SIF_SupportedProtocols, whether it takes that.
    pub fn set_compress(&self, compress: bool) {
        self.compress.store(compress, Ordering::Relaxed);
    }

    async fn post(&self, document: Bytes) -> Result<Bytes, TransportFault> {
        let mut request = self.client.post(self.url.clone()).header(CONTENT_TYPE, MEDIA_TYPE);
        request = if self.compress.load(Ordering::Relaxed) {
            let body = gzip::compress(&document).map_err(|error| fault(error.to_string()))?;
            request.header(CONTENT_ENCODING, "gzip").body(body)
        } else {
            request.body(document)
        };
        let mut response = request.send().await.map_err(|error| fault(why(error)))?;
        if response.status() != StatusCode::OK {
            return Err(fault(format!("the answer has HTTP status {}", response.status().as_u16())));
        }
        let is_compressed = match response.headers().get(CONTENT_ENCODING).map(HeaderValue::as_bytes) {
            None | Some(b"identity") => false,
            Some(encoding) if encoding.eq_ignore_ascii_case(b"gzip") => true,
            Some(_) => return Err(fault("the answer has a Content-Encoding that was not asked for".to_owned())),
        };
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| fault(why(error)))? {
            if body.len() + chunk.len() > self.max_answer {
                return Err(fault(format!("the answer is larger than {} bytes", self.max_answer)));
            }
            body.extend_from_slice(&chunk);
        }
        if is_compressed { gzip::expand(&body, self.max_answer).map_err(fault) } else { Ok(body.freeze()) }
    }
}

impl Transport for HttpTransport {
    fn send(&self, document: Bytes) -> Answered<'_> {
        Box::pin(self.post(document))
    }
}

impl HttpBuilder {
    /// How long one try may take in all; 60 seconds by itself.
    #[must_use]
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How long connecting may take; 10 seconds by itself.
    #[must_use]
    pub const fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// The certificate that the agent shows, with its chain, and its key; both in PEM.
    #[must_use]
    pub fn client_certificate(mut self, certificates: &[u8], key: &[u8]) -> Self {
        self.identity = Some([key, b"\n", certificates].concat());
        self
    }

    /// Authorities that are trusted besides those of the system, in PEM.
    #[must_use]
    pub fn trust(mut self, authorities: &[u8]) -> Self {
        self.authorities.push(authorities.to_owned());
        self
    }

    /// Whether messages are compressed from the start.
    #[must_use]
    pub const fn compress(mut self, compress: bool) -> Self {
        self.compress = compress;
        self
    }

    /// The largest answer that is read, in bytes; 32 MiB by itself.
    #[must_use]
    pub const fn max_answer(mut self, bytes: usize) -> Self {
        self.max_answer = bytes;
        self
    }

    /// Whether connections are used again; they are by themselves.
    #[must_use]
    pub const fn keep_connections(mut self, keep: bool) -> Self {
        self.keep_connections = keep;
        self
    }

    /// The transport.
    ///
    /// # Errors
    /// If the address is none of HTTP, or a certificate or key cannot be used.
    pub fn build(self) -> Result<HttpTransport, AgentFault> {
        let setup = |why: String| AgentFault::Setup { why };
        let url = Url::parse(&self.url).map_err(|error| setup(format!("the address cannot be used: {error}")))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(setup("the address must begin with https:// or http://".to_owned()));
        }
        crate::tls::prepare();
        let user_agent = concat!("sifter/", env!("CARGO_PKG_VERSION"));
        let mut headers = reqwest::header::HeaderMap::new();
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip;q=1.0, identity;q=0.5, *;q=0"));
        let mut builder = Client::builder()
            .user_agent(user_agent)
            .default_headers(headers)
            .redirect(redirect::Policy::none())
            .timeout(self.timeout)
            .connect_timeout(self.connect_timeout)
            .http1_only();
        if !self.keep_connections {
            builder = builder.pool_max_idle_per_host(0);
        }
        let mut trusted = Vec::new();
        for pem in &self.authorities {
            let certificates = Certificate::from_pem_bundle(pem)
                .map_err(|error| setup(format!("the trusted authorities cannot be read: {}", why(error))))?;
            if certificates.is_empty() {
                return Err(setup("the file of trusted authorities holds no certificate".to_owned()));
            }
            trusted.extend(certificates);
        }
        // Without encryption nothing need be read of the system's authorities, of which there may be none.
        builder = match url.scheme() {
            "http" => builder.tls_certs_only(trusted),
            _ if trusted.is_empty() => builder,
            _ => builder.tls_certs_merge(trusted),
        };
        if let Some(pem) = &self.identity {
            let identity = Identity::from_pem(pem)
                .map_err(|error| setup(format!("the certificate and its key cannot be used: {}", why(error))))?;
            builder = builder.identity(identity);
        }
        let client =
            builder.build().map_err(|error| setup(format!("the connection cannot be set up: {}", why(error))))?;
        Ok(HttpTransport { client, url, compress: AtomicBool::new(self.compress), max_answer: self.max_answer })
    }
}

fn fault(why: String) -> TransportFault {
    TransportFault { why }
}

/// What an error says with its causes, without the address, which may hold what is not to be logged.
fn why(error: reqwest::Error) -> String {
    let kind = if error.is_timeout() { "no answer in time" } else { "" };
    let error = error.without_url();
    let mut parts = Vec::new();
    if kind.is_empty() {
        parts.push(error.to_string());
    } else {
        parts.push(kind.to_owned());
    }
    let mut cause = error.source();
    while let Some(next) = cause {
        let text = next.to_string();
        if !parts.contains(&text) {
            parts.push(text);
        }
        cause = next.source();
    }
    parts.join(": ")
}
