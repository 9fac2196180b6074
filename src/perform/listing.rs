//! The list of stocks: from the broker into the data folder, and from there to the engine.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::clock::Clock;
use crate::domain::{Board, ListedStock, Listing, Moment, StockCode};
use crate::engine::Listed;
use crate::kis::master::{MasterError, MasterFile, MasterServer, nextrade_codes, stocks, unpack};
use crate::lang::Said;
use crate::search::Index;
use crate::store::KeptFiles;

/// Where lists come from and where they are kept.
#[derive(Clone, Debug)]
pub struct Lists {
    /// The broker's files.
    pub server: MasterServer,
    /// The data folder's.
    pub kept: KeptFiles,
    /// Market time.
    pub clock: Clock,
}

/// What a file holds.
enum Content {
    Stocks(Vec<ListedStock>),
    Codes(Vec<StockCode>),
}

impl Lists {
    /// What the data folder holds.
    pub(super) async fn load(&self) -> Listed {
        let kept = self.kept.clone();
        let read = tokio::task::spawn_blocking(move || held(&kept)).await;
        let mut listed = Listed::default();
        match read {
            Ok((index, trouble)) => (listed.index, listed.trouble) = (index, trouble),
            Err(error) => tracing::error!("Reading the list of stocks broke: {error}"),
        }
        listed
    }

    /// Fetches every file, keeps those that are whole, and reads what is held then.
    pub(super) async fn fetch(&self) -> Listed {
        let mut trouble = None;
        for file in MasterFile::ALL {
            let Err((essential, text)) = self.renew(file).await else {
                continue;
            };
            if essential && trouble.is_none() {
                trouble = Some(text);
            }
        }
        let listed = self.load().await;
        Listed {
            asked: true,
            trouble: trouble.or(listed.trouble),
            ..listed
        }
    }

    /// Fetches one file. The error says whether the user has to know.
    async fn renew(&self, file: MasterFile) -> Result<(), (bool, Said)> {
        let refused = move |error: MasterError| {
            tracing::warn!("The list of stocks: {error}");
            // Without the small files nothing but their own stocks and flags is missing.
            (file.is_essential(), error.user_message())
        };
        let bytes = self.server.fetch(file).await.map_err(refused)?;
        let received = self.clock.now();
        let kept = self.kept.clone();
        let work = move || {
            read(file, &bytes).map_err(refused)?;
            kept.write(file.name(), &bytes, received).map_err(|error| {
                tracing::warn!("{} could not be kept: {error}", file.name());
                let text = said!("받은 종목 목록을 저장하지 못했습니다(%{error}). 디스크 공간과 데이터 폴더의 권한을 확인하세요.", error = error.to_string());
                (true, text)
            })
        };
        match tokio::task::spawn_blocking(work).await {
            Ok(outcome) => outcome,
            Err(error) => {
                tracing::error!("Keeping the list of stocks broke: {error}");
                Ok(())
            }
        }
    }
}

fn read(file: MasterFile, bytes: &[u8]) -> Result<Content, MasterError> {
    let rows = unpack(file, bytes)?;
    Ok(match file {
        MasterFile::NextradeKospi | MasterFile::NextradeKosdaq => {
            Content::Codes(nextrade_codes(file, &rows)?)
        }
        MasterFile::Kospi | MasterFile::Kosdaq | MasterFile::Konex => {
            Content::Stocks(stocks(file, &rows)?)
        }
    })
}

/// The index of what is kept, and what could not be read. `None` without any essential file.
fn held(kept: &KeptFiles) -> (Option<Arc<Index>>, Option<Said>) {
    let mut all: Vec<ListedStock> = Vec::new();
    let mut nextrade: BTreeSet<StockCode> = BTreeSet::new();
    let mut nextrade_of: Vec<Board> = Vec::new();
    let mut received: Vec<Moment> = Vec::new();
    let mut trouble = None;
    for file in MasterFile::ALL {
        let (bytes, at) = match kept.read(file.name()) {
            Ok(Some(found)) => found,
            // A list that lacks one of the two boards is never fresh.
            Ok(None) if file.is_essential() => {
                received.push(Moment(0));
                continue;
            }
            Ok(None) => continue,
            Err(error) => {
                trouble = Some(said!(
                    "저장해 둔 종목 목록을 읽지 못했습니다(%{error}). 데이터 폴더의 권한을 확인하세요.",
                    error = error.to_string()
                ));
                continue;
            }
        };
        match read(file, &bytes) {
            Ok(Content::Stocks(mut stocks)) => all.append(&mut stocks),
            Ok(Content::Codes(codes)) => {
                nextrade.extend(codes);
                nextrade_of.push(match file {
                    MasterFile::NextradeKosdaq => Board::Kosdaq,
                    _ => Board::Kospi,
                });
            }
            Err(error) => {
                // Kept files were whole once; a broken one is fetched again.
                tracing::warn!("The kept list of stocks: {error}");
                if file.is_essential() {
                    received.push(Moment(0));
                }
                continue;
            }
        }
        if file.is_essential() {
            received.push(at);
        }
    }
    if all.is_empty() {
        return (None, trouble);
    }
    for stock in &mut all {
        if nextrade_of.contains(&stock.board) {
            stock.nextrade = Some(nextrade.contains(&stock.code));
        }
    }
    let listing = Listing::new(all, received.into_iter().min());
    (Some(Arc::new(Index::new(Arc::new(listing)))), trouble)
}
