//! What can be wrong with a list of stocks.

use crate::kis::error::Transport;
use crate::lang::Said;

/// A file that was not taken. What was held before stays.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MasterError {
    /// Nothing came back.
    #[error("{file}: {kind}")]
    Transport {
        /// The file.
        file: &'static str,
        /// What happened.
        kind: Transport,
    },
    /// The server does not serve it.
    #[error("{file}: HTTP {status}")]
    Status {
        /// The file.
        file: &'static str,
        /// The HTTP status.
        status: u16,
    },
    /// Not a zip file, or not a whole one.
    #[error("{file}: not a whole zip file: {why}")]
    NotAZip {
        /// The file.
        file: &'static str,
        /// What the unpacking says.
        why: String,
    },
    /// Larger than any list of stocks can be.
    #[error("{file}: too large")]
    TooLarge {
        /// The file.
        file: &'static str,
    },
    /// Not one row.
    #[error("{file}: no rows")]
    Empty {
        /// The file.
        file: &'static str,
    },
    /// A row that is not what the layout says.
    #[error("{file} row {row}, {field}: {why}: {text:?}")]
    Row {
        /// The file.
        file: &'static str,
        /// The row, from 1.
        row: usize,
        /// The field.
        field: &'static str,
        /// What is wrong with it.
        why: &'static str,
        /// The offending text, cut.
        text: String,
    },
    /// An address or a system without HTTPS.
    #[error("{0}")]
    Setup(Said),
}

impl MasterError {
    /// A sentence with the remedy in it.
    pub fn user_message(&self) -> Said {
        match self {
            Self::Transport { file, .. } => said!(
                "종목 목록(%{file})을 받지 못했습니다. 인터넷 연결을 확인하세요. 연결되면 다시 받습니다.",
                file = *file
            ),
            Self::Status { file, status } => said!(
                "종목 목록(%{file})을 서버가 주지 않습니다(HTTP %{status}). 잠시 뒤 다시 받습니다. 계속되면 설정의 master_url을 확인하세요.",
                file = *file,
                status = status.to_string()
            ),
            Self::NotAZip { file, .. } | Self::TooLarge { file } | Self::Empty { file } => {
                said!(
                    "받은 종목 목록(%{file})이 온전하지 않아 버렸습니다. 잠시 뒤 다시 받습니다.",
                    file = *file
                )
            }
            Self::Row {
                file,
                row,
                field,
                text,
                ..
            } => said!(
                "종목 목록(%{file})의 %{row}번째 줄을 읽을 수 없어 버렸습니다(%{field}: %{text}). 잠시 뒤 다시 받습니다. 계속되면 프로그램을 새 버전으로 바꾸세요.",
                file = *file,
                row = row.to_string(),
                field = *field,
                text = format!("{text:?}")
            ),
            Self::Setup(text) => text.clone(),
        }
    }

    /// Whether the server has no such file.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Status { status: 404, .. })
    }
}
