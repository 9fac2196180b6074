//! How the broker spells the headers of its answers: its own small (`tr_cont`), HTTP's as usual
//! (`Content-Type`). Its published samples take every small name for one of its own.

use std::convert::Infallible;
use std::sync::Mutex;

use http_body_util::Empty;
use hyper::body::{Bytes, Incoming};
use hyper::http::Extensions;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::io::AsyncWriteExt as _;
use tokio::sync::OnceCell;

use crate::sim::market::lock;

/// Spells the broker's own headers.
const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: sim\r\ntr_id: \r\ntr_cont: \r\ngt_uid: \r\n\r\n";

/// Room for the request and the answer to it.
const ROOM: usize = 1_024;

/// What an answer carries so that its headers are written as the broker does, whatever the
/// request's spelling was.
pub(super) async fn of_the_broker() -> Extensions {
    static LEARNT: OnceCell<Extensions> = OnceCell::const_new();
    LEARNT.get_or_init(learn).await.clone()
}

/// hyper spells an answer's headers as a request did, and lets nobody else set that spelling: it
/// is taken from a request made for it.
async fn learn() -> Extensions {
    let (mut asking, asked) = tokio::io::duplex(ROOM);
    let learnt = Mutex::new(Extensions::new());
    let service = service_fn(|request: Request<Incoming>| {
        *lock(&learnt) = request.into_parts().0.extensions;
        async { Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new())) }
    });
    let connection = http1::Builder::new()
        .preserve_header_case(true)
        .keep_alive(false)
        .serve_connection(TokioIo::new(asked), service);
    let (sent, served) = tokio::join!(asking.write_all(REQUEST), connection);
    if let Err(error) = sent {
        tracing::warn!(%error, "the headers' spelling was not asked for");
    }
    if let Err(error) = served {
        tracing::warn!(%error, "the headers' spelling is hyper's own");
    }
    lock(&learnt).clone()
}
