//! App keys, tokens, approval keys and the rate limit.
//!
//! Any app key and secret of plausible form is taken, so that tests and the demo need no real
//! ones: at least eight visible ASCII characters, at most 64 (key) and 256 (secret). Text with
//! `INVALID` in it is refused, to try that path.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::Moment;
use crate::sim::limit::{Calls, LimitModel};
use crate::sim::market::Rng;

const HOUR_MS: i64 = 3_600_000;
/// A token lives a day; asked for again within six hours, the same one is answered.
const TOKEN_LIFE_MS: i64 = 24 * HOUR_MS;
const SAME_TOKEN_MS: i64 = 6 * HOUR_MS;
/// One token request a minute.
const TOKEN_PAUSE_MS: i64 = 60_000;
const TOKEN_HEAD: &str = "SIMULATED.";

/// What the gateway remembers. Deliberately without `Debug`: it holds keys.
#[derive(Default)]
pub(crate) struct Keys {
    by_app_key: BTreeMap<String, AppKey>,
    /// Tokens that ended before their time.
    ended: BTreeSet<String>,
    /// Approval key → app key.
    approvals: BTreeMap<String, String>,
}

#[derive(Default)]
struct AppKey {
    newest: Option<(String, Token)>,
    asked: Option<Moment>,
    issued: u64,
    calls: Calls,
    /// Serial of the socket holding the app key's only slot.
    socket: Option<u64>,
    /// Until when a dead socket keeps the slot.
    zombie_until: Option<Moment>,
}

#[derive(Clone, Copy)]
pub(crate) struct Token {
    issued: Moment,
    pub(crate) expires: Moment,
}

/// Why a token is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BadToken {
    Unknown,
    Expired,
}

/// What a token request came to.
pub(crate) enum Issue {
    TooSoon,
    Token {
        text: String,
        token: Token,
        new: bool,
    },
}

/// Whether `text` may be an app key (`most` 64) or secret (`most` 256).
pub(crate) fn plausible(text: &str, most: usize) -> bool {
    (8..=most).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_graphic())
        && !text.contains("INVALID")
}

impl Keys {
    /// A token for the app key. With `single` a new one ends the one before it.
    pub(crate) fn issue_token(
        &mut self,
        seed: u64,
        app_key: &str,
        single: bool,
        now: Moment,
    ) -> Issue {
        let state = self.by_app_key.entry(app_key.to_owned()).or_default();
        if state
            .asked
            .is_some_and(|asked| now.ms_since(asked) < TOKEN_PAUSE_MS)
        {
            return Issue::TooSoon;
        }
        state.asked = Some(now);
        if let Some((text, token)) = &state.newest
            && !self.ended.contains(text)
            && now.ms_since(token.issued) < SAME_TOKEN_MS
        {
            return Issue::Token {
                text: text.clone(),
                token: *token,
                new: false,
            };
        }
        state.issued += 1;
        let token = Token {
            issued: now,
            expires: now.plus_ms(TOKEN_LIFE_MS),
        };
        let text = token_text(seed, app_key, state.issued, token);
        if let Some((before, _)) = state.newest.replace((text.clone(), token))
            && single
        {
            self.ended.insert(before);
        }
        Issue::Token {
            text,
            token,
            new: true,
        }
    }

    /// Ends a token before its time.
    pub(crate) fn forget_token(&mut self, token: &str) {
        self.ended.insert(token.to_owned());
    }

    /// Whether the app key may use the token: one that a simulator gave it within the last day,
    /// this one or one that ran before, as the broker's own outlive its machines.
    pub(crate) fn check_token(
        &self,
        token: &str,
        app_key: &str,
        now: Moment,
    ) -> Result<(), BadToken> {
        match expiry(token, app_key) {
            _ if self.ended.contains(token) => Err(BadToken::Unknown),
            None => Err(BadToken::Unknown),
            Some(expires) if expires <= now => Err(BadToken::Expired),
            Some(_) => Ok(()),
        }
    }

    /// Counts a call that arrives now; `false` when it is one too many.
    pub(crate) fn admit(
        &mut self,
        app_key: &str,
        (model, per_second): (LimitModel, f64),
        count_refused: bool,
        now: Moment,
    ) -> bool {
        let state = self.by_app_key.entry(app_key.to_owned()).or_default();
        state.calls.admit(model, per_second, count_refused, now)
    }

    pub(crate) fn approve(&mut self, seed: u64, app_key: &str, serial: u64) -> String {
        let mut rng = Rng::keyed(seed, &[hash(app_key), serial, 22]);
        let (a, b) = (rng.next(), rng.next());
        let text = format!(
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            a >> 32,
            (a >> 16) & 0xFFFF,
            a & 0xFFFF,
            b >> 48,
            b & 0xFFFF_FFFF_FFFF
        );
        self.approvals.insert(text.clone(), app_key.to_owned());
        text
    }

    /// The app key an approval key was given to.
    pub(crate) fn approved(&self, approval: &str) -> Option<&str> {
        self.approvals.get(approval).map(String::as_str)
    }

    /// Takes the app key's only slot for a socket; `false` while another one holds it.
    pub(crate) fn take_slot(&mut self, app_key: &str, socket: u64, now: Moment) -> bool {
        let state = self.by_app_key.entry(app_key.to_owned()).or_default();
        if state.socket == Some(socket) {
            return true;
        }
        if state.socket.is_some() || state.zombie_until.is_some_and(|until| now < until) {
            return false;
        }
        state.socket = Some(socket);
        true
    }

    pub(crate) fn free_slot(&mut self, app_key: &str, socket: u64, zombie_until: Option<Moment>) {
        if let Some(state) = self.by_app_key.get_mut(app_key)
            && state.socket == Some(socket)
        {
            state.socket = None;
            state.zombie_until = zombie_until;
        }
    }
}

fn hash(text: &str) -> u64 {
    text.bytes().fold(0xCBF2_9CE4_8422_2325, |h, b| {
        (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01B3)
    })
}

/// About as long as a real one, and obviously not one: its end and noise, then a seal over both
/// and the app key.
fn token_text(seed: u64, app_key: &str, count: u64, token: Token) -> String {
    let mut rng = Rng::keyed(seed, &[hash(app_key), count, token.issued.0 as u64, 21]);
    let noise: String = (0..15).map(|_| format!("{:016x}", rng.next())).collect();
    let body = format!("{:016x}{noise}", token.expires.0);
    format!("{TOKEN_HEAD}{body}.{}", seal(&body, app_key))
}

/// The end of a token, if it is one for this app key.
fn expiry(token: &str, app_key: &str) -> Option<Moment> {
    let (body, sealed) = token.strip_prefix(TOKEN_HEAD)?.split_once('.')?;
    let end = i64::from_str_radix(body.get(..16)?, 16).ok()?;
    (sealed == seal(body, app_key)).then_some(Moment(end))
}

fn seal(body: &str, app_key: &str) -> String {
    let mut rng = Rng::keyed(24, &[hash(body), hash(app_key)]);
    (0..4).map(|_| format!("{:016x}", rng.next())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_kept_for_six_hours_and_lives_a_day() {
        let mut keys = Keys::default();
        let mut issue =
            |minutes: i64| match keys.issue_token(1, "key", false, Moment(minutes * 60_000)) {
                Issue::TooSoon => None,
                Issue::Token { text, .. } => Some(text),
            };
        let first = issue(0).unwrap();
        assert_eq!(issue(0), None);
        assert_eq!(issue(1).as_ref(), Some(&first));
        let second = issue(361).unwrap();
        assert_ne!(first, second);
        let at = |hours: i64| Moment(hours * HOUR_MS);
        assert_eq!(keys.check_token(&first, "key", at(23)), Ok(()));
        assert_eq!(
            keys.check_token(&first, "key", at(24)),
            Err(BadToken::Expired)
        );
        assert_eq!(
            keys.check_token(&first, "other", at(1)),
            Err(BadToken::Unknown)
        );
        // A simulator started anew knows it, and no other text.
        let anew = Keys::default();
        assert_eq!(anew.check_token(&first, "key", at(23)), Ok(()));
        for changed in [&first[1..], &first[..first.len() - 1], "SIMULATED.0.0", ""] {
            let checked = anew.check_token(changed, "key", at(1));
            assert_eq!(checked, Err(BadToken::Unknown), "{changed}");
        }
        keys.forget_token(&first);
        assert_eq!(
            keys.check_token(&first, "key", at(1)),
            Err(BadToken::Unknown)
        );
    }

    #[test]
    fn a_new_token_may_end_the_one_before() {
        let mut keys = Keys::default();
        let mut issue = |hours: i64| match keys.issue_token(1, "key", true, Moment(hours * HOUR_MS))
        {
            Issue::TooSoon => None,
            Issue::Token { text, .. } => Some(text),
        };
        let (first, second) = (issue(0).unwrap(), issue(7).unwrap());
        let now = Moment(7 * HOUR_MS);
        assert_eq!(keys.check_token(&first, "key", now), Err(BadToken::Unknown));
        assert_eq!(keys.check_token(&second, "key", now), Ok(()));
    }

    #[test]
    fn one_socket_holds_the_slot() {
        let mut keys = Keys::default();
        assert!(keys.take_slot("key", 1, Moment(0)) && keys.take_slot("key", 1, Moment(0)));
        assert!(!keys.take_slot("key", 2, Moment(0)));
        keys.free_slot("key", 1, Some(Moment(10)));
        assert!(!keys.take_slot("key", 2, Moment(9)) && keys.take_slot("key", 2, Moment(10)));
    }
}
