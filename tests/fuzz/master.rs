//! Files of listed stocks. The first byte chooses the file, and whether it is still packed.

use jeongbae::kis::master::{MasterError, MasterFile, nextrade_codes, stocks, unpack};

use crate::is_readable;

/// Set where the bytes are the packed file.
pub(crate) const PACKED: u8 = 0x80;

pub(crate) fn run(data: &[u8]) {
    let Some((&which, bytes)) = data.split_first() else {
        return;
    };
    let files = MasterFile::ALL;
    let file = files[usize::from(which & !PACKED) % files.len()];
    if which & PACKED == 0 {
        return rows(file, bytes);
    }
    match unpack(file, bytes) {
        Ok(unpacked) => rows(file, &unpacked),
        Err(error) => is_named(&error),
    }
}

fn rows(file: MasterFile, bytes: &[u8]) {
    let lines = bytes.split(|b| *b == b'\n').count();
    match stocks(file, bytes) {
        Ok(found) => {
            assert!((1..=lines).contains(&found.len()));
            for stock in &found {
                assert!(!stock.name.trim().is_empty(), "{stock:?}");
                assert!(!stock.name.contains(char::is_control), "{stock:?}");
            }
        }
        Err(error) => is_named(&error),
    }
    match nextrade_codes(file, bytes) {
        Ok(found) => assert!((1..=lines).contains(&found.len())),
        Err(error) => is_named(&error),
    }
}

fn is_named(error: &MasterError) {
    is_readable(&error.to_string());
    is_readable(&error.user_message().to_string());
}
