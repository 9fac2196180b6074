//! Fetching the files. No key goes along: they are public.

use std::time::Duration;

use reqwest::Url;

use super::{LARGEST, MASTER_URL, MasterError, MasterFile};
use crate::clock::Clock;
use crate::kis::error::Transport;
use crate::kis::http::is_loopback;

/// For a whole file; market time.
const PATIENCE: Duration = Duration::from_secs(60);
/// To connect; market time.
const TO_CONNECT: Duration = Duration::from_secs(10);

/// Where the files come from. Copies share connections.
#[derive(Clone, Debug)]
pub struct MasterServer {
    client: reqwest::Client,
    folder: String,
    clock: Clock,
}

impl MasterServer {
    /// The server of a folder of files; the broker's own without an address. Sends nothing yet.
    ///
    /// # Errors
    ///
    /// [`MasterError::Setup`] for an address that cannot be used.
    pub fn new(folder: Option<&str>, clock: Clock) -> Result<Self, MasterError> {
        let folder = folder.unwrap_or(MASTER_URL).trim().trim_end_matches('/');
        let url = Url::parse(folder)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        let Some(url) = url else {
            return Err(MasterError::Setup(said!(
                "종목 목록 주소(master_url)는 https:// 또는 http://로 시작해야 합니다."
            )));
        };
        let mut builder = reqwest::Client::builder()
            .connect_timeout(clock.real(TO_CONNECT))
            .redirect(reqwest::redirect::Policy::none());
        if is_loopback(&url) {
            builder = builder.no_proxy();
        }
        if url.scheme() == "http" {
            // The simulator: it needs no certificates, so the demo starts where there are none.
            builder = builder.tls_certs_only([]);
        }
        let client = builder.build().map_err(|error| {
            MasterError::Setup(said!("HTTPS를 시작할 수 없습니다(%{error}). 인증 기관 인증서가 설치되어 있는지 확인하세요(Linux에서는 ca-certificates).", error = error.to_string()))
        })?;
        Ok(Self {
            client,
            folder: folder.to_owned(),
            clock,
        })
    }

    /// The bytes of a file as they lie on the server.
    ///
    /// # Errors
    ///
    /// [`MasterError::Transport`], [`MasterError::Status`], [`MasterError::TooLarge`].
    pub async fn fetch(&self, file: MasterFile) -> Result<Vec<u8>, MasterError> {
        let read = async {
            let url = format!("{}/{}", self.folder, file.name());
            let mut response = self.client.get(url).send().await?;
            let status = response.status().as_u16();
            let mut bytes = Vec::new();
            if status != 200 {
                return Ok((status, bytes));
            }
            while let Some(chunk) = response.chunk().await? {
                bytes.extend_from_slice(&chunk);
                if LARGEST < bytes.len() as u64 {
                    break;
                }
            }
            Ok::<_, reqwest::Error>((status, bytes))
        };
        let failed = |kind| MasterError::Transport {
            file: file.name(),
            kind,
        };
        match self.clock.timeout(PATIENCE, read).await {
            None => Err(failed(Transport::TimedOut)),
            Some(Err(error)) if error.is_connect() => Err(failed(Transport::Connect)),
            Some(Err(error)) if error.is_timeout() => Err(failed(Transport::TimedOut)),
            Some(Err(_)) => Err(failed(Transport::Broken)),
            Some(Ok((200, bytes))) if LARGEST < bytes.len() as u64 => {
                Err(MasterError::TooLarge { file: file.name() })
            }
            Some(Ok((200, bytes))) => Ok(bytes),
            Some(Ok((status, _))) => Err(MasterError::Status {
                file: file.name(),
                status,
            }),
        }
    }
}
