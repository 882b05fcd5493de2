//! Where the server is now, and agents that follow it there.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use agent::{Agent, Answered, HttpTransport, Resend, Transport, TransportFault};
use bytes::Bytes;

/// Where the zone is: it has another port after each start, so that nobody else can have taken its old one meanwhile.
#[derive(Clone, Default)]
pub struct Address(Arc<Mutex<Option<String>>>);

impl Address {
    pub fn set(&self, url: Option<String>) {
        *self.0.lock().unwrap() = url;
    }

    pub fn get(&self) -> Option<String> {
        self.0.lock().unwrap().clone()
    }

    /// An agent that sends each message once: sending it again is the caller's.
    pub fn agent(&self, id: &str) -> Agent {
        let transport = Following { address: self.clone(), connected: Mutex::default() };
        Agent::new(id, Arc::new(transport)).with_resend(Resend { attempts: 1, pause: Duration::ZERO })
    }
}

/// A connection of its own to wherever the zone is.
struct Following {
    address: Address,
    connected: Mutex<Option<(String, Arc<HttpTransport>)>>,
}

impl Following {
    fn transport(&self) -> Option<Arc<HttpTransport>> {
        let url = self.address.get()?;
        let mut connected = self.connected.lock().unwrap();
        match &*connected {
            Some((to, transport)) if *to == url => Some(Arc::clone(transport)),
            _ => {
                let builder = HttpTransport::builder(url.as_str()).timeout(Duration::from_secs(60));
                let transport = Arc::new(builder.build().unwrap());
                *connected = Some((url, Arc::clone(&transport)));
                Some(transport)
            }
        }
    }
}

impl Transport for Following {
    fn send(&self, document: Bytes) -> Answered<'_> {
        Box::pin(async move {
            let transport = self.transport().ok_or_else(|| TransportFault { why: "the server is down".to_owned() })?;
            transport.send(document).await
        })
    }
}
