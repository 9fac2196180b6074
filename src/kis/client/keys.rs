//! The access token and the socket's approval key.

use secrecy::SecretString;

use super::Kis;
use crate::kis::error::KisError;
use crate::kis::token::{Keeper, SavedToken};
use crate::kis::{oauth, tr};

impl Kis {
    /// The key of the socket, kept for a day.
    ///
    /// # Errors
    ///
    /// As [`Kis::ensure_token`].
    pub async fn approval_key(&self) -> Result<SecretString, KisError> {
        self.approval_key_instead_of(None).await
    }

    /// An approval key other than `bad`, which the broker has refused.
    pub(in crate::kis) async fn approval_key_instead_of(
        &self,
        bad: Option<&SecretString>,
    ) -> Result<SecretString, KisError> {
        let issue = || async {
            let map = self
                .oauth(&tr::APPROVAL, self.shared.http.approval_body())
                .await?;
            Ok(SavedToken {
                token: oauth::approval(&map)?,
                expires: Keeper::approval_ends(self.shared.clock.now()),
            })
        };
        self.shared.approvals.get_patiently(bad, issue).await
    }

    /// Makes sure that a valid token is there.
    ///
    /// # Errors
    ///
    /// [`KisError::TokenWait`] with the seconds left when a token was asked for less than a
    /// minute ago; wrong keys and the like as [`KisError::Refused`].
    pub async fn ensure_token(&self) -> Result<(), KisError> {
        self.token(None).await.map(|_| ())
    }
}
