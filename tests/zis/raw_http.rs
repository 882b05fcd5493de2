//! Speaks HTTP by hand, where what is sent is less than a message.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::script::Http;

/// Sends it and gives the status of the answer.
pub async fn status(address: std::net::SocketAddr, zone: &str, http: &Http) -> Result<u16, String> {
    let body = match (&http.body, http.size) {
        (Some(body), _) => body.clone().into_bytes(),
        (None, Some(size)) => vec![b' '; size],
        (None, None) => Vec::new(),
    };
    let mut head = format!(
        "{} /zones/{} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {}\r\n",
        http.method.as_deref().unwrap_or("POST"),
        http.zone.as_deref().unwrap_or(zone),
        body.len()
    );
    let kind = http.content_type.as_deref().unwrap_or("application/xml;charset=\"utf-8\"");
    head.push_str(&format!("Content-Type: {kind}\r\n"));
    if let Some(encoding) = &http.encoding {
        head.push_str(&format!("Content-Encoding: {encoding}\r\n"));
    }
    head.push_str("\r\n");
    let exchange = async {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(head.as_bytes()).await?;
        // The server may have answered before it has read everything.
        let _ = stream.write_all(&body).await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        Ok::<_, std::io::Error>(answer)
    };
    let answer = tokio::time::timeout(Duration::from_secs(20), exchange).await;
    let answer = answer.map_err(|_| "no answer in time".to_owned())?.map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&answer);
    let status = text.split_whitespace().nth(1).and_then(|status| status.parse().ok());
    status.ok_or_else(|| format!("what came is no HTTP: {text:?}"))
}
