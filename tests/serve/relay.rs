//! An address that stays while the server behind it is away, or comes back with another port.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// Hands on connections to wherever the server is; while it is nowhere they are closed at once. It keeps its own port until the test
/// ends, so nobody else can get it meanwhile.
pub struct Relay {
    address: SocketAddr,
    target: Arc<Mutex<Option<SocketAddr>>>,
}

impl Relay {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let target = Arc::<Mutex<Option<SocketAddr>>>::default();
        let to = Arc::clone(&target);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let Some(server) = *to.lock().unwrap() else { continue };
                let Ok(other) = TcpStream::connect(server) else { continue };
                hand_on(&stream, &other);
                hand_on(&other, &stream);
            }
        });
        Self { address, target }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where the server is from now on, by an address such as `http://127.0.0.1:4000/zones/z`.
    pub fn leads_to(&self, url: &str) {
        let (_, rest) = url.split_once("://").unwrap();
        let address = rest.split('/').next().unwrap().parse().unwrap();
        *self.target.lock().unwrap() = Some(address);
    }

    /// The server is nowhere.
    pub fn leads_nowhere(&self) {
        *self.target.lock().unwrap() = None;
    }
}

/// Copies one direction, until either side ends.
fn hand_on(from: &TcpStream, to: &TcpStream) {
    let (mut from, mut to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
    std::thread::spawn(move || {
        let mut buffer = [0; 8192];
        while let Ok(count @ 1..) = from.read(&mut buffer) {
            if to.write_all(&buffer[..count]).is_err() {
                break;
            }
        }
        // The one may have ended before.
        let _ended = to.shutdown(Shutdown::Both);
        let _ended = from.shutdown(Shutdown::Both);
    });
}
