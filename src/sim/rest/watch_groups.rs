//! A user's groups of stocks at the broker: HHKCM113004C7 intstock-grouplist and HHKCM113004C6
//! intstock-stocklist-by-group. Every user has a group for each sector of the leading stocks.

use crate::sim::market::StockInfo;
use crate::sim::rest::gateway::{Query, query_value};
use crate::sim::rest::reply::{Fields, Reply, array, object};
use crate::sim::shared::Shared;

/// Sectors with their stocks, in the order in which they first come.
fn groups(shared: &Shared) -> Vec<(&'static str, Vec<&StockInfo>)> {
    let mut groups: Vec<(&'static str, Vec<&StockInfo>)> = Vec::new();
    for stock in shared.market.stocks() {
        match groups
            .iter_mut()
            .find(|(sector, _)| *sector == stock.sector)
        {
            Some((_, stocks)) => stocks.push(stock),
            None => groups.push((stock.sector, vec![stock])),
        }
    }
    groups
}

pub(super) fn list(shared: &Shared, _: &Query) -> Reply {
    let saved = shared
        .market
        .calendar()
        .previous_open(shared.clock.now().day());
    let rows: Vec<Fields> = groups(shared)
        .iter()
        .enumerate()
        .map(|(i, (name, stocks))| {
            vec![
                ("date", saved.compact()),
                ("trnm_hour", "180000".to_owned()),
                ("data_rank", format!("{i:010}")),
                ("inter_grp_code", format!("{:03}", i + 1)),
                ("inter_grp_name", (*name).to_owned()),
                ("ask_cnt", format!("{:03}", stocks.len())),
            ]
        })
        .collect();
    Reply::ok(&[("output2", array(&rows))])
}

pub(super) fn stocks(shared: &Shared, query: &Query) -> Reply {
    let wanted = query_value(query, "INTER_GRP_CODE").parse::<usize>().ok();
    let groups = groups(shared);
    let group = wanted
        .and_then(|n| n.checked_sub(1))
        .and_then(|i| Some((i, groups.get(i)?)));
    let (rank, name, stocks) = match group {
        Some((i, (name, stocks))) => (format!("{i:010}"), *name, stocks.as_slice()),
        None => (String::new(), "", [].as_slice()),
    };
    let head: Fields = vec![("data_rank", rank), ("inter_grp_name", name.to_owned())];
    let rows: Vec<Fields> = stocks
        .iter()
        .enumerate()
        .map(|(i, stock)| {
            vec![
                ("fid_mrkt_cls_code", "J".to_owned()),
                ("data_rank", format!("{i:010}")),
                ("exch_code", "KRX".to_owned()),
                ("jong_code", stock.code.to_string()),
                ("color_code", String::new()),
                ("memo", String::new()),
                ("hts_kor_isnm", stock.name.to_string()),
                ("fxdt_ntby_qty", "0".to_owned()),
                ("cntg_unpr", "0".to_owned()),
                ("cntg_cls_code", String::new()),
            ]
        })
        .collect();
    Reply::ok(&[("output1", object(&head)), ("output2", array(&rows))])
}
