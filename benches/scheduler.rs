//! The scheduler against servers that count in four ways: virtual clock, no sockets.
//!
//! Prints `name ours peer limit ours/peer ours/limit` and fails where a required figure is
//! missed. The peer is governor with a burst of N, which must be refused on the sliding server.

#![allow(clippy::print_stdout, reason = "a bench prints")]

mod scheduler_model {
    pub(crate) mod network;
    pub(crate) mod run;
    pub(crate) mod server;
}

use scheduler_model::run::{Client, Load, Ours, Peer, Report, simulate};
use scheduler_model::server::{Kind, Server};

/// Sends of one run.
const SENDS: u64 = 100_000;
const LIMITS: [u32; 5] = [1, 2, 5, 18, 20];

fn main() {
    let mut missed = vec![];
    println!(
        "{:<44} {:>9} {:>9} {:>9} {:>9} {:>9}",
        "name", "ours", "peer", "limit", "ours/peer", "ours/limit"
    );
    throughput(&mut missed);
    lowered(&mut missed);
    page(&mut missed);
    if missed.is_empty() {
        println!("every required figure is reached");
    } else {
        println!("MISSED:\n{}", missed.join("\n"));
        std::process::exit(1);
    }
}

fn line(name: &str, ours: f64, peer: f64, limit: f64) {
    println!(
        "{name:<44} {ours:>9.4} {peer:>9.4} {limit:>9.4} {:>9.3} {:>9.3}",
        ours / peer,
        ours / limit
    );
}

/// Goal 7: no refusal, at least 0.97 of what is possible.
fn throughput(missed: &mut Vec<String>) {
    for kind in Kind::ALL {
        for n in LIMITS {
            let ours = saturate(kind, n, Ours::new(f64::from(n)));
            let peer = saturate(kind, n, Peer::new(n));
            let bound = 1.0 / (1.0 + ours.mean_trip() - ours.shortest_trip());
            let name = format!("{kind:?} N={n} accepted per permitted");
            line(&name, ours.share(n), peer.share(n), bound);
            println!(
                "    refused: ours {} of {SENDS}, governor {} ({:.1} %)",
                ours.refused,
                peer.refused,
                100.0 * peer.refused as f64 / SENDS as f64
            );
            if 0 < ours.refused {
                missed.push(format!("{name}: {} refused", ours.refused));
            }
            if ours.share(n) < 0.97 * bound {
                missed.push(format!("{name}: {:.4} of {bound:.4}", ours.share(n)));
            }
            if kind == Kind::Sliding && peer.refused == 0 {
                missed.push(format!("{name}: the negative control was not refused"));
            }
        }
    }
}

fn saturate(kind: Kind, n: u32, mut client: impl Client) -> Report {
    let mut server = Server::new(kind, n);
    simulate(
        &mut client,
        &mut server,
        Load::saturating(SENDS),
        u64::from(n),
    )
}

/// Goal 8: the server lowers its limit; at most three refusals a change.
fn lowered(missed: &mut Vec<String>) {
    let (mut worst, mut total) = (0, 0);
    let mut times = [0; 6];
    let seeds = 500;
    for seed in 0..seeds {
        let mut server = Server::new(Kind::Sliding, 20);
        let changes = [(60.0, 5), (180.0, 2)];
        server.change(&changes);
        let load = Load::saturating_for(300.0);
        let report = simulate(&mut Ours::new(20.0), &mut server, load, seed);
        for (i, (from, _)) in changes.iter().enumerate() {
            let until = changes.get(i + 1).map_or(f64::MAX, |(at, _)| *at);
            let after = report
                .refused_at
                .iter()
                .filter(|at| *from <= **at && **at < until);
            let count = after.count();
            worst = worst.max(count);
            total += count;
            times[count.min(5)] += 1;
        }
        let before = report
            .refused_at
            .iter()
            .filter(|at| **at < changes[0].0)
            .count();
        if 0 < before {
            missed.push(format!(
                "lowered, seed {seed}: {before} refused before the change"
            ));
        }
    }
    let mean = total as f64 / (2 * seeds) as f64;
    line(
        "refusals a change 20 -> 5 -> 2, worst of 1000",
        worst as f64,
        f64::NAN,
        3.0,
    );
    println!("    mean {mean:.3}; changes with none, one, two ... refusals: {times:?}");
    if 3 < worst {
        missed.push(format!("lowered: {worst} refusals after one change"));
    }
}

/// Goal 9: a page of four requests while history saturates the limit.
fn page(missed: &mut Vec<String>) {
    for (n, required) in [(20, 1.0), (5, 2.0)] {
        let mut server = Server::new(Kind::Sliding, n);
        let load = Load::with_pages(3_600.0);
        let report = simulate(&mut Ours::new(f64::from(n)), &mut server, load, 7);
        let mut waits = report.pages.clone();
        waits.sort_by(f64::total_cmp);
        let p99 = waits[waits.len() * 99 / 100];
        line(
            &format!("page of 4, N={n}, p99 seconds"),
            p99,
            f64::NAN,
            required,
        );
        println!(
            "    {} pages, accepted per permitted {:.4}, refused {}",
            waits.len(),
            report.share(n),
            report.refused
        );
        if required <= p99 || 0 < report.refused {
            missed.push(format!(
                "page N={n}: p99 {p99:.3} s, {} refused",
                report.refused
            ));
        }
    }
}
