//! A partner that hears: a small web server on loopback that takes notices and remembers each event once.

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::sync::{Arc, Mutex, PoisonError};

use actix_web::dev::ServerHandle;
use actix_web::web::{self, Data, Json};
use actix_web::{App, HttpResponse, HttpServer};
use serde::Deserialize;

use super::fault::DemoFault;

#[derive(Clone, Default)]
struct Heard(Arc<Mutex<BTreeSet<String>>>);

#[derive(Deserialize)]
struct Notice {
    event_id: String,
}

/// A running listener.
pub struct Listener {
    url: String,
    heard: Heard,
    handle: ServerHandle,
}

impl Listener {
    /// Listens on a free port.
    pub fn start() -> Result<Listener, DemoFault> {
        let socket = TcpListener::bind("127.0.0.1:0").map_err(DemoFault::Listener)?;
        let address = socket.local_addr().map_err(DemoFault::Listener)?;
        let heard = Heard::default();
        let shared = Data::new(heard.clone());
        let server = HttpServer::new(move || {
            App::new().app_data(shared.clone()).route("/notices", web::post().to(hear))
        });
        let server =
            server.workers(1).disable_signals().listen(socket).map_err(DemoFault::Listener)?;
        let server = server.run();
        let handle = server.handle();
        tokio::spawn(server);
        Ok(Listener { url: format!("http://{address}/notices"), heard, handle })
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// Different events heard so far.
    pub fn heard(&self) -> u64 {
        let heard = self.heard.0.lock().unwrap_or_else(PoisonError::into_inner);
        u64::try_from(heard.len()).unwrap_or(u64::MAX)
    }

    pub async fn stop(self) {
        self.handle.stop(true).await;
    }
}

async fn hear(heard: Data<Heard>, notice: Json<Notice>) -> HttpResponse {
    let mut events = heard.0.lock().unwrap_or_else(PoisonError::into_inner);
    events.insert(notice.into_inner().event_id);
    HttpResponse::NoContent().finish()
}
