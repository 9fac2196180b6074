//! A scripted HTTP server on the loopback address, for the tests here.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

/// What arrived: the request line, with ` next page` behind it if the header asks for one, and the
/// authorization header.
pub(super) type Asked = Arc<Mutex<Vec<(String, String)>>>;

/// A server that answers each request by `answer(path, authorization)`.
pub(super) async fn server(
    answer: impl Fn(&str, &str) -> (u16, String) + Send + Sync + 'static,
) -> (String, Asked) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (asked, answer) = (Asked::default(), Arc::new(answer));
    let seen = asked.clone();
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let (answer, seen) = (answer.clone(), seen.clone());
            tokio::spawn(async move {
                let mut socket = BufReader::new(socket);
                loop {
                    let (mut line, mut length, mut bearer) = (String::new(), 0, String::new());
                    if socket.read_line(&mut line).await.unwrap_or(0) == 0 {
                        return;
                    }
                    loop {
                        let mut header = String::new();
                        socket.read_line(&mut header).await.unwrap();
                        let lower = header.to_ascii_lowercase();
                        if let Some(value) = lower.strip_prefix("content-length:") {
                            length = value.trim().parse().unwrap();
                        }
                        if lower.starts_with("authorization:") {
                            bearer = header[14..].trim().to_owned();
                        }
                        if lower.trim_end() == "tr_cont: n" {
                            line = format!("{} next page", line.trim_end());
                        }
                        if header.trim().is_empty() {
                            break;
                        }
                    }
                    socket.read_exact(&mut vec![0; length]).await.unwrap();
                    seen.lock()
                        .unwrap()
                        .push((line.trim().to_owned(), bearer.clone()));
                    let (http, body) = answer(&line, &bearer);
                    let text = format!(
                        "HTTP/1.1 {http} X\r\ncontent-length: {}\r\n\r\n{body}",
                        body.len()
                    );
                    socket.get_mut().write_all(text.as_bytes()).await.unwrap();
                }
            });
        }
    });
    (url, asked)
}
