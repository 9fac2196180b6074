//! Four ways to count calls a second.

use std::collections::VecDeque;

/// How the server counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Accepted calls of the last second.
    Sliding,
    /// All calls of the last second, refused ones too.
    RejectCounting,
    /// Accepted calls since the full second.
    Fixed,
    /// A bucket of N, refilled by N a second.
    Bucket,
}

impl Kind {
    pub(crate) const ALL: [Self; 4] = [
        Self::Sliding,
        Self::RejectCounting,
        Self::Fixed,
        Self::Bucket,
    ];
}

pub(crate) struct Server {
    kind: Kind,
    limit: u32,
    changes: VecDeque<(f64, u32)>,
    counted: VecDeque<f64>,
    tokens: f64,
    filled: f64,
}

impl Server {
    pub(crate) fn new(kind: Kind, limit: u32) -> Self {
        Self {
            kind,
            limit,
            changes: VecDeque::new(),
            counted: VecDeque::new(),
            tokens: f64::from(limit),
            filled: 0.0,
        }
    }

    /// New limits from given times on.
    pub(crate) fn change(&mut self, changes: &[(f64, u32)]) {
        self.changes.extend(changes);
    }

    /// Whether the call that arrives at `now` is accepted.
    pub(crate) fn accepts(&mut self, now: f64) -> bool {
        while let Some((_, limit)) = self.changes.pop_front_if(|(at, _)| *at <= now) {
            self.limit = limit;
        }
        if self.kind == Kind::Bucket {
            let n = f64::from(self.limit);
            self.tokens = (self.tokens + (now - self.filled) * n).min(n);
            self.filled = now;
            let accepted = 1.0 <= self.tokens;
            self.tokens -= if accepted { 1.0 } else { 0.0 };
            return accepted;
        }
        let since = match self.kind {
            Kind::Fixed => now.floor(),
            _ => now - 1.0,
        };
        while self.counted.front().is_some_and(|at| *at < since) {
            self.counted.pop_front();
        }
        let accepted = self.counted.len() < self.limit as usize;
        if accepted || self.kind == Kind::RejectCounting {
            self.counted.push_back(now);
        }
        accepted
    }
}
