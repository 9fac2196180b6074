//! The broker's list of stocks from the outside: fetched, kept, used offline, and never replaced
//! by something broken. The stocks are invented.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at the first surprise"
)]

mod support;

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::sync::{Arc, Mutex};

use jeongbae::domain::{Day, Minute, Moment, Remark};
use jeongbae::engine::{Command, Snapshot};
use jeongbae::sim::SimOptions;
use support::rig::{Broker, Build, Rig};

/// Serves files from memory until the process ends.
#[derive(Clone, Default)]
struct Files(Arc<Mutex<BTreeMap<String, Vec<u8>>>>);

impl Files {
    /// The address of the folder.
    fn serve(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/lists", listener.local_addr().unwrap());
        let files = self.clone();
        std::thread::Builder::new()
            .name("files".into())
            .spawn(move || {
                for stream in listener.incoming() {
                    let mut stream = stream.unwrap();
                    let mut head = String::new();
                    let mut reader = BufReader::new(stream.try_clone().unwrap());
                    while !head.ends_with("\r\n\r\n") {
                        if reader.read_line(&mut head).unwrap_or(0) == 0 {
                            break;
                        }
                    }
                    let lower = head.to_lowercase();
                    assert!(!lower.contains("appkey") && !lower.contains("authorization"));
                    let path = head.split(' ').nth(1).unwrap_or_default();
                    let name = path.rsplit('/').next().unwrap_or_default();
                    let found = files.0.lock().unwrap().get(name).cloned();
                    let (status, body) = match found {
                        Some(body) => ("200 OK", body),
                        None => ("404 Not Found", vec![]),
                    };
                    let head = format!(
                        "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                        body.len()
                    );
                    // A client that has hung up is not this test's business.
                    stream.write_all(head.as_bytes()).unwrap_or_default();
                    stream.write_all(&body).unwrap_or_default();
                }
            })
            .unwrap();
        address
    }

    fn put(&self, name: &str, body: Vec<u8>) {
        self.0.lock().unwrap().insert(name.to_owned(), body);
    }
}

/// A row of a board whose tail has `width` bytes; fields lie at their places from its start.
fn row(code: &str, name: &str, width: usize, fields: &[(usize, &str)]) -> Vec<u8> {
    let mut row = format!("{code:<9}KR7000000000").into_bytes();
    row.extend_from_slice(&encoding_rs::EUC_KR.encode(name).0);
    row.resize(61, b' ');
    row.resize(61 + width, b' ');
    for &(at, text) in fields {
        row[61 + at..61 + at + text.len()].copy_from_slice(text.as_bytes());
    }
    row.push(b'\n');
    row
}

fn zipped(rows: &[u8]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(vec![]));
    let options = zip::write::SimpleFileOptions::default();
    zip.start_file("rows.mst", options).unwrap();
    zip.write_all(rows).unwrap();
    zip.finish().unwrap().into_inner()
}

fn both_boards() -> Files {
    let files = Files::default();
    // Offsets of kospi_code.mst less 61: group, base, halted, caution.
    let kospi = [
        row(
            "005930",
            "삼성전자",
            227,
            &[(0, "ST"), (60, "Y"), (63, "02")],
        ),
        row("900010", "가나다라", 227, &[(0, "ST"), (41, "000071400")]),
    ];
    let kosdaq = row("900020", "마바사", 221, &[(0, "ST")]);
    files.put("kospi_code.mst.zip", zipped(&kospi.concat()));
    files.put("kosdaq_code.mst.zip", zipped(&kosdaq));
    files
}

fn start(broker: &Broker, address: &str, dir: &Path) -> Rig {
    let config = format!(
        "[kis]\nmaster_url = \"{address}\"\n[[watchlist]]\ngroup = \"관심\"\ncodes = [\"005930\"]\n"
    );
    Rig::start(Build::on(broker, &config, dir))
}

fn broker(day: i8, hour: u16) -> Broker {
    Broker::start(SimOptions {
        seed: 3,
        start: Day::from_ymd(2026, 11, day).map(|day| day.at(Minute::hm(hour, 0))),
        speed: 20.0,
        ..SimOptions::default()
    })
}

fn finds(picture: &Snapshot, typed: &str) -> Option<String> {
    let hits = picture.index.find(typed, |_| false, 1);
    hits.first().map(|hit| hit.stock.name.to_string())
}

fn told(picture: &Snapshot, part: &str) -> bool {
    picture
        .notices
        .iter()
        .any(|notice| notice.text.to_string().contains(part))
}

#[test]
fn a_list_is_fetched_kept_and_outlives_the_network() {
    let dir = tempfile::tempdir().unwrap();
    let files = both_boards();
    let address = files.serve();
    let morning = broker(18, 10);
    let mut rig = start(&morning, &address, dir.path());
    let remarks = rig.wait_until("the list", |picture, _| {
        finds(picture, "ㄱㄴㄷ")?;
        let row = picture
            .rows
            .iter()
            .find(|row| row.code.as_str() == "005930")?;
        Some((row.remarks.clone(), row.name.to_string()))
    });
    assert_eq!(remarks.0, [Remark::Halted, Remark::Warning]);
    assert_eq!(remarks.1, "삼성전자");
    // A stock put on the list has its name at once, which no simulated answer could give.
    let code = "900020".parse().unwrap();
    rig.send(Command::Watch {
        code,
        group: "관심".into(),
    });
    rig.wait_until("the name", |picture, _| {
        let row = picture.rows.iter().find(|row| row.code == code)?;
        (&*row.name == "마바사").then_some(())
    });
    assert!(
        !told(&rig.picture(), "종목 목록"),
        "{:?}",
        rig.picture().notices
    );
    rig.finish();

    // The next day nobody answers there: yesterday's list works, and the user is told.
    let next = broker(19, 10);
    let mut rig = start(&next, "http://127.0.0.1:9/none", dir.path());
    rig.wait_until("yesterday's list", |picture, _| finds(picture, "가나다라"));
    rig.wait_until("the notice", |picture, _| {
        let said = "종목 목록(kospi_code.mst.zip)을 받지 못했습니다";
        (told(picture, said) && told(picture, "전에 받은 목록에서 찾습니다")).then_some(())
    });
    assert_eq!(finds(&rig.picture(), "가나다라").unwrap(), "가나다라");
    rig.finish();

    // A cut file, then a web page: what is held stays.
    let cut = files.0.lock().unwrap()["kospi_code.mst.zip"][..60].to_vec();
    for broken in [cut, b"<html>Not found</html>".to_vec()] {
        files.put("kospi_code.mst.zip", broken);
        let mut rig = start(&broker(19, 11), &address, dir.path());
        rig.wait_until("the notice of a broken file", |picture, _| {
            told(picture, "온전하지 않아 버렸습니다").then_some(())
        });
        assert_eq!(finds(&rig.picture(), "ㄱㄴㄷㄹ").unwrap(), "가나다라");
        rig.finish();
    }

    // A whole one is taken again, and renews what the search finds.
    let renewed = row("900030", "새이름", 227, &[(0, "ST")]);
    files.put("kospi_code.mst.zip", zipped(&renewed));
    let mut rig = start(&broker(19, 12), &address, dir.path());
    rig.wait_until("the new list", |picture, _| finds(picture, "ㅅㅇㄹ"));
    assert_eq!(finds(&rig.picture(), "가나다라"), None);
    rig.finish();
}

#[test]
fn a_first_start_without_a_network_finds_the_well_known() {
    let dir = tempfile::tempdir().unwrap();
    let mut rig = start(&broker(18, 10), "http://127.0.0.1:9/none", dir.path());
    rig.wait_until("the notice", |picture, _| {
        told(picture, "주요 종목만 이름으로 찾습니다").then_some(())
    });
    assert_eq!(finds(&rig.picture(), "ㅋㅋㅇㅂㅋ").unwrap(), "카카오뱅크");
    assert_eq!(rig.picture().index.listing().received, None::<Moment>);
    rig.finish();
}

#[test]
fn a_held_list_is_renewed_in_the_morning_and_not_before() {
    let dir = tempfile::tempdir().unwrap();
    let files = both_boards();
    let address = files.serve();
    // Fetched in the evening, it is good until half past seven.
    let evening = broker(18, 20);
    let mut rig = start(&evening, &address, dir.path());
    rig.wait_until("the list", |picture, _| finds(picture, "ㄱㄴㄷ"));
    rig.finish();
    files.put(
        "kospi_code.mst.zip",
        zipped(&row("900030", "새이름", 227, &[(0, "ST")])),
    );
    let day = Day::from_ymd(2026, 11, 19).unwrap();
    let early = Broker::start(SimOptions {
        seed: 3,
        start: Some(day.at(Minute::hm(7, 29))),
        speed: 20.0,
        ..SimOptions::default()
    });
    let mut rig = start(&early, &address, dir.path());
    rig.wait_until("last evening's list", |picture, _| finds(picture, "ㄱㄴㄷ"));
    let renewed = rig.wait_until("this morning's list", |picture, _| {
        finds(picture, "새이름").map(|_| picture.now)
    });
    assert!(day.at(Minute::hm(7, 30)) <= renewed, "{renewed:?}");
    rig.finish();
}
