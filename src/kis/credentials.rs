//! The user's keys.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

/// App key and app secret. Never shown: `Debug` prints the fingerprint.
#[derive(Clone)]
pub struct Credentials {
    app_key: SecretString,
    app_secret: SecretString,
}

impl Credentials {
    /// Takes both as typed or pasted; surrounding blanks are dropped.
    pub fn new(app_key: &str, app_secret: &str) -> Self {
        Self {
            app_key: SecretString::from(app_key.trim()),
            app_secret: SecretString::from(app_secret.trim()),
        }
    }

    /// A short id of the app key for names of stored things. The key cannot be read back.
    pub fn fingerprint(&self) -> String {
        self.fingerprint_at("")
    }

    /// [`Credentials::fingerprint`] of the key at a host.
    pub(super) fn fingerprint_at(&self, host: &str) -> String {
        // FNV-1a with a final mix: 40 of some 180 bits remain. Stable for ever, unlike the
        // standard library's hasher.
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for byte in self.app_key().bytes().chain(host.bytes()) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        format!("{:010x}", (hash ^ (hash >> 31)) & 0xff_ffff_ffff)
    }

    pub(super) fn app_key(&self) -> &str {
        self.app_key.expose_secret()
    }

    pub(super) fn app_secret(&self) -> &str {
        self.app_secret.expose_secret()
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credentials({})", self.fingerprint())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_shows_a_key() {
        let keys = Credentials::new(" PSKEY123 \n", "SECRET456");
        assert_eq!(
            (keys.app_key(), keys.app_secret()),
            ("PSKEY123", "SECRET456")
        );
        let shown = format!("{keys:?}");
        assert!(!shown.contains("PSKEY") && !shown.contains("SECRET456"));
        assert_eq!(
            keys.fingerprint(),
            Credentials::new("PSKEY123", "x").fingerprint()
        );
        assert_ne!(
            keys.fingerprint(),
            Credentials::new("PSKEY124", "x").fingerprint()
        );
    }
}
