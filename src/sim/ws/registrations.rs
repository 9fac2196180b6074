//! Registering and releasing.

use std::sync::Arc;

use crate::domain::StockCode;
use crate::sim::faults::Faults;
use crate::sim::market::lock;
use crate::sim::options::Environment;
use crate::sim::rest::usual_size;
use crate::sim::ws::control::{self, Wish};
use crate::sim::ws::feed::Feed;
use crate::sim::ws::session::Session;

impl Session {
    /// Carries out a registration or its end.
    pub(super) fn grant(&mut self, wish: &Wish) -> String {
        let now = self.shared.clock.now();
        {
            let mut keys = lock(&self.shared.keys);
            let Some(app_key) = keys.approved(&wish.approval).map(str::to_owned) else {
                return control::not_approved(&wish.approval);
            };
            let other_key = self.app_key.as_ref().is_some_and(|k| *k != app_key);
            if other_key || !keys.take_slot(&app_key, self.serial, now) {
                return control::nameless("OPSP8996", "ALREADY IN USE appkey");
            }
            self.app_key = Some(app_key);
        }
        let paper = self.shared.faults.change(|f| f.environment) == Environment::Paper;
        let kind = match control::target(&self.shared.market, paper, wish) {
            Ok(target) => target,
            Err((code, message)) => return control::nameless(code, &message),
        };
        let (failing, most) = self.shared.faults.change(|f| {
            let failing = wish.register && Faults::take(&mut f.failing_registrations);
            (
                failing,
                f.registrations.unwrap_or(self.shared.registrations),
            )
        });
        if failing {
            return control::ack(wish, "1", "OPSP0007", "SUBSCRIBE INTERNAL ERROR", None);
        }
        let held = self
            .feeds
            .iter()
            .position(|f| f.kind == kind && f.key == wish.tr_key);
        match (wish.register, held) {
            (true, Some(_)) => control::ack(wish, "1", "OPSP0002", "ALREADY IN SUBSCRIBE", None),
            (false, None) => {
                control::ack(wish, "1", "OPSP0003", "UNSUBSCRIBE ERROR(not found!)", None)
            }
            (false, Some(at)) => {
                self.feeds.remove(at);
                self.shared.count(|c| c.registrations -= 1);
                let secrets = Some((self.iv.as_str(), self.key.as_str()));
                control::ack(wish, "0", "OPSP0001", "UNSUBSCRIBE SUCCESS", secrets)
            }
            (true, None) if most <= self.feeds.len() => {
                control::ack(wish, "1", "OPSP0008", "MAX SUBSCRIBE OVER", None)
            }
            (true, None) => {
                let market = Arc::clone(&self.shared.market);
                let usual = StockCode::parse(&wish.tr_key)
                    .and_then(|code| market.index_of(code))
                    .map_or(0.0, |i| usual_size(market.listed()[i].daily_volume));
                let Some(feed) = Feed::new(market, kind, &wish.tr_key, usual, now) else {
                    return control::nameless("OPSP8992", "JSON PARSING ERROR : INVALID tr_key");
                };
                self.feeds.push(feed);
                let held = self.feeds.len() as u64;
                self.shared.count(|c| {
                    c.registrations += 1;
                    c.max_registrations = c.max_registrations.max(held);
                });
                let secrets = Some((self.iv.as_str(), self.key.as_str()));
                control::ack(wish, "0", "OPSP0000", "SUBSCRIBE SUCCESS", secrets)
            }
        }
    }
}
