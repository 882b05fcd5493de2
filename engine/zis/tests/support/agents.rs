//! Agents in push mode, good and bad.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// How an agent answers.
#[derive(Clone, Debug)]
pub enum Manner {
    /// As it should.
    Good,
    /// With a status code.
    Status(u8),
    /// Never.
    Silent,
    /// With these bytes, whatever they are.
    Says(Vec<u8>),
    /// Without end.
    Endless,
}

/// A request that an agent got.
#[derive(Clone, Debug)]
pub struct Got {
    pub head: String,
    pub body: Vec<u8>,
}

impl Got {
    pub fn header(&self, name: &str) -> Option<&str> {
        super::raw::header(&self.head, name)
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub fn message_id(&self) -> String {
        super::text(&self.text(), "SIF_MsgId").unwrap().to_owned()
    }
}

/// An agent that listens.
pub struct PushAgent {
    pub address: SocketAddr,
    pub got: Arc<Mutex<Vec<Got>>>,
    manner: Arc<Mutex<Manner>>,
}

impl PushAgent {
    pub async fn start(manner: Manner) -> Self {
        Self::start_with(manner, None).await
    }

    /// Over HTTPS.
    pub async fn start_with(manner: Manner, tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let agent =
            Self { address: listener.local_addr().unwrap(), got: Arc::default(), manner: Arc::new(Mutex::new(manner)) };
        let (got, manner) = (Arc::clone(&agent.got), Arc::clone(&agent.manner));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (got, manner, tls) = (Arc::clone(&got), Arc::clone(&manner), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => serve(stream, got, manner).await,
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                serve(stream, got, manner).await;
                            }
                        }
                    }
                });
            }
        });
        agent
    }

    pub fn url(&self) -> String {
        format!("http://{}/agent", self.address)
    }

    pub fn behave(&self, manner: Manner) {
        *self.manner.lock().unwrap() = manner;
    }

    pub fn got(&self) -> Vec<Got> {
        self.got.lock().unwrap().clone()
    }

    pub fn count(&self) -> usize {
        self.got.lock().unwrap().len()
    }
}

async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    got: Arc<Mutex<Vec<Got>>>,
    manner: Arc<Mutex<Manner>>,
) {
    while let Some(request) = read(&mut stream).await {
        let (source, id) = if request.header("content-encoding").is_none() {
            let text = request.text();
            (
                super::text(&text, "SIF_SourceId").unwrap_or("?").to_owned(),
                super::text(&text, "SIF_MsgId").unwrap_or("?").to_owned(),
            )
        } else {
            let mut text = String::new();
            std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&request.body[..]), &mut text).unwrap();
            (
                super::text(&text, "SIF_SourceId").unwrap().to_owned(),
                super::text(&text, "SIF_MsgId").unwrap().to_owned(),
            )
        };
        got.lock().unwrap().push(request);
        let manner = manner.lock().unwrap().clone();
        match manner {
            Manner::Silent => return std::future::pending().await,
            Manner::Good => answer(&mut stream, &ack(&source, &id, 1)).await,
            Manner::Status(code) => answer(&mut stream, &ack(&source, &id, code)).await,
            Manner::Says(bytes) => {
                let _ = stream.write_all(&bytes).await;
                return;
            }
            Manner::Endless => {
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n").await;
                while stream.write_all(&[b' '; 4096]).await.is_ok() {
                    tokio::time::sleep(Duration::from_micros(100)).await;
                }
                return;
            }
        }
    }
}

/// The acknowledgement of a message.
pub fn ack(source: &str, id: &str, code: u8) -> String {
    super::message(
        "Pushed",
        "SIF_Ack",
        &format!(
            "<SIF_OriginalSourceId>{source}</SIF_OriginalSourceId><SIF_OriginalMsgId>{id}</SIF_OriginalMsgId>\
             <SIF_Status><SIF_Code>{code}</SIF_Code></SIF_Status>"
        ),
    )
}

async fn answer<S: AsyncWrite + Unpin>(stream: &mut S, body: &str) {
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/xml;charset=\"utf-8\"\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let _ = stream.write_all((head + body).as_bytes()).await;
}

async fn read<S: AsyncRead + Unpin>(stream: &mut S) -> Option<Got> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte).await {
            Ok(1) => head.push(byte[0]),
            _ => return None,
        }
    }
    let mut got = Got { head: String::from_utf8(head).unwrap(), body: Vec::new() };
    let length = got.header("content-length").expect("every delivery says its length").parse().unwrap();
    got.body = vec![0; length];
    stream.read_exact(&mut got.body).await.ok()?;
    Some(got)
}
