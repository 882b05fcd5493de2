//! HTTP by hand.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// A reply, taken apart.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Reply {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.head, name)
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }
}

/// The value of a header, whatever the case of its name.
pub fn header<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    head.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

/// Connects.
pub async fn connect(address: SocketAddr) -> TcpStream {
    TcpStream::connect(address).await.unwrap()
}

/// A POST of XML with more headers, each ending in a line end.
pub fn post(headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let path = super::PATH;
    let mut request = format!(
        "POST {path} HTTP/1.1\r\nHost: zone\r\nContent-Type: application/xml;charset=\"utf-8\"\r\nContent-Length: {length}\r\n{headers}\r\n"
    )
    .into_bytes();
    request.extend_from_slice(body);
    request
}

/// Reads one reply with a Content-Length; none if the connection ends before it.
pub async fn read<S: AsyncRead + Unpin>(stream: &mut S) -> Option<Reply> {
    timeout(Duration::from_secs(20), read_now(stream)).await.expect("a reply or an end")
}

async fn read_now<S: AsyncRead + Unpin>(stream: &mut S) -> Option<Reply> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte).await {
            Ok(1) => head.push(byte[0]),
            _ => return None,
        }
    }
    let head = String::from_utf8(head).unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let mut reply = Reply { status, head, body: Vec::new() };
    let length = reply.header("content-length").expect("every reply says its length").parse().unwrap();
    reply.body = vec![0; length];
    stream.read_exact(&mut reply.body).await.ok()?;
    Some(reply)
}

/// Sends bytes on a connection of their own and reads the reply.
pub async fn exchange(address: SocketAddr, request: &[u8]) -> Option<Reply> {
    let mut stream = connect(address).await;
    // A server that has answered already may have hung up.
    let _ = stream.write_all(request).await;
    read(&mut stream).await
}

/// How long a connection stays open while nothing is sent.
pub async fn until_closed<S: AsyncRead + Unpin>(stream: &mut S) -> Duration {
    let began = tokio::time::Instant::now();
    let mut rest = Vec::new();
    let _ = timeout(Duration::from_secs(20), stream.read_to_end(&mut rest)).await.expect("it is closed at some time");
    began.elapsed()
}
