//! The websocket side: one socket, its registrations, its feeds and its heartbeat.

mod book;
mod control;
mod feed;
mod flows;
mod kind;
mod record;
mod registrations;
mod sending;
mod session;
mod state;
mod trade;

use std::sync::Arc;

use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::http::StatusCode;

use crate::sim::shared::Shared;

/// The documented path, with or without a TR id after it.
const PATH: &str = "/tryitout";

/// Serves one socket until it ends.
pub(crate) async fn serve(stream: TcpStream, shared: Arc<Shared>) {
    if shared.faults.change(|f| f.refuse_sockets) {
        return;
    }
    match tokio_tungstenite::accept_hdr_async(stream, check_path).await {
        Ok(socket) => session::run(socket, shared).await,
        Err(error) => tracing::debug!(%error, "a websocket handshake failed"),
    }
}

#[expect(
    clippy::result_large_err,
    reason = "the callback's type is the library's"
)]
fn check_path(request: &Request, response: Response) -> Result<Response, ErrorResponse> {
    let rest = request.uri().path().strip_prefix(PATH);
    if rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/')) {
        return Ok(response);
    }
    let mut refusal = ErrorResponse::new(None);
    *refusal.status_mut() = StatusCode::NOT_FOUND;
    Err(refusal)
}
