//! HTTP/1.1 and HTTPS by an accept loop of our own, because it needs limits of time and number that `axum::serve` does not have:
//! of handshakes, heads, bodies, idle connections, connections in all and of one peer; and the client's certificate.

mod certificate;
mod connection;
mod encoding;
mod listener;
mod media;
mod peers;
mod tls;
mod watch;
mod zones;

pub(crate) use connection::{Handler, Peer, Reply, plain};
pub(crate) use encoding::{WORTH_PACKING, pack};
pub(crate) use listener::Listener;
pub(crate) use media::CONTENT_TYPE;
pub(crate) use tls::Tls;
pub use tls::TlsFault;
pub(crate) use zones::ZoneEndpoint;
