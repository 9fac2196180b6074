//! Where the broker is.

use super::capabilities::Capabilities;
use crate::domain::Market;

/// Which of the broker's two hosts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Environment {
    /// 실전.
    Real,
    /// 모의: today's minutes only, no past days.
    Paper,
}

impl Environment {
    /// The REST host.
    pub fn rest_url(self) -> &'static str {
        match self {
            Self::Real => "https://openapi.koreainvestment.com:9443",
            Self::Paper => "https://openapivts.koreainvestment.com:29443",
        }
    }

    /// The websocket host.
    pub fn ws_url(self) -> &'static str {
        match self {
            Self::Real => "ws://ops.koreainvestment.com:21000",
            Self::Paper => "ws://ops.koreainvestment.com:31000",
        }
    }

    /// The word of the configuration file.
    pub fn code(self) -> &'static str {
        match self {
            Self::Real => "real",
            Self::Paper => "paper",
        }
    }

    /// Reads the word of the configuration file.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Real, Self::Paper]
            .into_iter()
            .find(|e| e.code() == text)
    }
}

/// Addresses and the market asked about. Addresses are without a path and a final slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// REST, `https://…` or `http://…`.
    pub rest_url: String,
    /// Socket, `ws://…`.
    pub ws_url: String,
    /// Which host's rules hold.
    pub environment: Environment,
    /// Whose quotes.
    pub market: Market,
}

impl Endpoint {
    /// The environment's own addresses.
    pub fn of(environment: Environment, market: Market) -> Self {
        Self {
            rest_url: environment.rest_url().to_owned(),
            ws_url: environment.ws_url().to_owned(),
            environment,
            market,
        }
    }

    /// What this host gives for this market.
    pub fn capabilities(&self) -> &'static Capabilities {
        Capabilities::of(self.environment, self.market)
    }

    /// The same at other addresses, such as the simulator's.
    pub fn at(self, rest_url: &str, ws_url: &str) -> Self {
        Self {
            rest_url: rest_url.trim().trim_end_matches('/').to_owned(),
            ws_url: ws_url.trim().trim_end_matches('/').to_owned(),
            ..self
        }
    }
}
