//! The REST side: one HTTP/1 connection, each request through network, gateway and service.

mod about;
mod asking;
mod condition_search;
mod expected;
mod facts;
mod gateway;
mod holidays;
mod index;
mod index_chart;
mod investors;
mod master;
mod minute_chart;
mod multiple;
mod news;
mod oauth;
mod overtime;
mod period_chart;
mod price;
mod programs;
mod ranking;
mod reply;
mod sectors;
mod services;
mod short_price;
mod spelling;
mod trades;
mod watch_groups;

use std::convert::Infallible;
use std::sync::Arc;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, DATE, HeaderValue};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::sim::faults::Faults;
use crate::sim::shared::Shared;
use reply::Reply;

pub(crate) use asking::usual_size;
pub(crate) use investors::through_foreigners;
pub(crate) use reply::text;

/// No request of the documented ones comes near.
const LARGEST_BODY: usize = 64 * 1024;

const HTML: &str = "<html><head><title>502 Bad Gateway</title></head><body><center>\
<h1>502 Bad Gateway</h1></center></body></html>\r\n";

/// Serves one connection until it closes.
pub(crate) async fn serve(stream: TcpStream, shared: Arc<Shared>) {
    let service = service_fn(|request| {
        let shared = Arc::clone(&shared);
        async move { Ok::<_, Infallible>(answer(request, &shared).await) }
    });
    let served = hyper::server::conn::http1::Builder::new()
        .preserve_header_case(true)
        .title_case_headers(true)
        .serve_connection(TokioIo::new(stream), service)
        .await;
    if let Err(error) = served {
        tracing::debug!(%error, "a REST connection ended");
    }
}

async fn answer(request: Request<Incoming>, shared: &Shared) -> Response<Full<Bytes>> {
    let trip = shared.trip();
    let (head, body) = request.into_parts();
    let body = Limited::new(body, LARGEST_BODY).collect().await;
    let body = body.map(|b| b.to_bytes()).unwrap_or_default();
    shared.pause(trip.there).await;
    let tr_id = header(&head.headers, "tr_id")
        .unwrap_or_default()
        .to_owned();
    let reply = if shared.faults.change(|f| Faults::take(&mut f.html_answers)) {
        Reply::html(502, HTML)
    } else if shared.faults.change(|f| Faults::take(&mut f.empty_answers)) {
        Reply::html(503, "")
    } else if head.method == Method::POST {
        let reply = oauth::answer(shared, head.uri.path(), &head.headers, &body);
        shared.pause(trip.work).await;
        reply
    } else if let Some(file) = master::answer(shared, head.uri.path()) {
        file
    } else {
        match gateway::admit(shared, &head.headers) {
            Err(refusal) => refusal,
            Ok(()) => {
                shared.pause(trip.work).await;
                let query = head.uri.query().unwrap_or_default();
                let page = header(&head.headers, "tr_cont").unwrap_or_default();
                gateway::dispatch(shared, &tr_id, head.uri.path(), query, page)
            }
        }
    };
    shared.pause(trip.back).await;
    let mut response = respond(shared, reply, &tr_id);
    *response.extensions_mut() = spelling::of_the_broker().await;
    response
}

fn header<'a>(headers: &'a hyper::HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn respond(shared: &Shared, reply: Reply, tr_id: &str) -> Response<Full<Bytes>> {
    let unique = format!("{:032x}", shared.next_serial());
    let mut response = Response::new(Full::new(Bytes::from(reply.body)));
    *response.status_mut() =
        StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(reply.kind));
    if let Ok(date) = HeaderValue::from_str(&reply::http_date(shared.clock.now())) {
        headers.insert(DATE, date);
    }
    headers.insert("tr_cont", HeaderValue::from_static(reply.tr_cont));
    for (name, text) in [("tr_id", tr_id), ("gt_uid", unique.as_str())] {
        if let Ok(value) = HeaderValue::from_str(text) {
            headers.insert(name, value);
        }
    }
    response
}
