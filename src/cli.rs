//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::domain::{Day, Minute, Moment, StockCode};

/// The whole command line.
#[derive(Debug, Parser)]
#[command(
    name = "jeongbae",
    version,
    about = "정배: 한국 주식 매수 조건 감시 (KIS Open API)"
)]
pub struct Cli {
    /// What to do; the window without a subcommand.
    #[command(subcommand)]
    pub command: Option<Task>,
    /// Options of the window.
    #[command(flatten)]
    pub run: RunArgs,
    /// Show the stock windows inside the home window (for screen readers).
    #[arg(long)]
    pub embed_windows: bool,
    /// Open the window of this stock; in the program that is running already, if one is.
    #[arg(long, value_name = "CODE", value_parser = stock)]
    pub open: Option<StockCode>,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Task {
    /// The engine without a window: prints what happens until stopped.
    Watch(WatchArgs),
    /// The KIS simulator alone, on the loopback address.
    Sim(SimArgs),
    /// Checks configuration, keyring, token, one quote and the socket.
    Check(CheckArgs),
}

/// Options of everything that runs the engine.
#[derive(Clone, Debug, Default, Args)]
pub struct RunArgs {
    /// The configuration file (default: in the user's configuration folder).
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Folder of database, logs and window layout (default: the user's data folder).
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// The embedded simulator: no keys, no network.
    #[arg(long)]
    pub demo: bool,
    /// With --demo: the market's seed.
    #[arg(long, value_name = "N", requires = "demo")]
    pub seed: Option<u64>,
    /// With --demo: market time at the start.
    #[arg(long, value_name = "YYYY-MM-DDTHH:MM", value_parser = moment, requires = "demo")]
    pub start: Option<Moment>,
    /// With --demo: market seconds per real second.
    #[arg(long, value_name = "X", value_parser = speed, requires = "demo")]
    pub speed: Option<f64>,
}

/// Options of `watch`.
#[derive(Clone, Debug, Args)]
pub struct WatchArgs {
    /// Common options.
    #[command(flatten)]
    pub run: RunArgs,
    /// One JSON object a line.
    #[arg(long)]
    pub json: bool,
    /// Stop after this many seconds of market time.
    #[arg(long = "for", value_name = "SECONDS", value_parser = seconds)]
    pub seconds: Option<f64>,
}

/// Options of `check`.
#[derive(Clone, Debug, Args)]
pub struct CheckArgs {
    /// Common options.
    #[command(flatten)]
    pub run: RunArgs,
    /// Instead: what has been noted of the broker's behaviour. No keys, no network.
    #[arg(long)]
    pub report: bool,
}

/// Options of `sim`.
#[derive(Clone, Debug, Args)]
pub struct SimArgs {
    /// Port of the REST side (default: any free one).
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub rest_port: u16,
    /// Port of the websocket side (default: any free one).
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub ws_port: u16,
    /// The market's seed.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Market time at the start (default: the machine's time).
    #[arg(long, value_name = "YYYY-MM-DDTHH:MM", value_parser = moment)]
    pub start: Option<Moment>,
    /// Market seconds per real second.
    #[arg(long, value_name = "X", value_parser = speed, default_value = "1")]
    pub speed: f64,
    /// Faults to play, a JSON file.
    #[arg(long, value_name = "FILE")]
    pub script: Option<PathBuf>,
}

/// Reads the command line.
///
/// # Errors
///
/// What to print and the exit code: help and version with 0, anything wrong with 2 and one line.
pub fn parse(args: impl IntoIterator<Item = std::ffi::OsString>) -> Result<Cli, (String, u8)> {
    Cli::try_parse_from(args).map_err(|error| {
        if !error.use_stderr() {
            return (error.to_string(), 0);
        }
        let text = error.to_string();
        // What is wrong, up to the blank line before the usage; it may name arguments below.
        let lines = text.lines().map(str::trim).take_while(|l| !l.is_empty());
        let line = lines.collect::<Vec<_>>().join(" ");
        let line = line.strip_prefix("error: ").unwrap_or(&line);
        (format!("jeongbae: {line} (jeongbae --help)"), 2)
    })
}

/// A code, bare or as in the link of a notification (`jeongbae:005930`; some systems add a slash).
fn stock(text: &str) -> Result<StockCode, String> {
    let code = text.strip_prefix("jeongbae:").unwrap_or(text);
    StockCode::parse(code.trim_matches('/'))
        .ok_or_else(|| format!("{text:?} is not a stock code such as 005930"))
}

fn moment(text: &str) -> Result<Moment, String> {
    let wrong = || format!("{text:?} is not a time such as 2026-11-20T09:30");
    let (date, time) = text.split_once('T').ok_or_else(wrong)?;
    let day = Day::parse_compact(&date.replace('-', "")).filter(|_| date.len() == 10);
    let (hour, minute) = time.split_once(':').ok_or_else(wrong)?;
    let part = |text: &str, below: u16| text.parse().ok().filter(|&n: &u16| n < below);
    match (day, part(hour, 24), part(minute, 60)) {
        (Some(day), Some(hour), Some(minute)) => Ok(day.at(Minute::hm(hour, minute))),
        _ => Err(wrong()),
    }
}

fn speed(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|x: &f64| x.is_finite() && (0.01..=10_000.0).contains(x))
        .ok_or_else(|| format!("{text:?} is not a speed between 0.01 and 10000"))
}

fn seconds(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        // Thirty years; far beyond, a duration would overflow.
        .filter(|x: &f64| 0.0 < *x && *x <= 1e9)
        .ok_or_else(|| format!("{text:?} is not a number of seconds above 0 and up to 1e9"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Cli, (String, u8)> {
        parse(line.split_whitespace().map(std::ffi::OsString::from))
    }

    #[test]
    fn what_the_contract_names_is_understood() {
        let cli = read("jeongbae watch --json --for 2.5 --demo --seed 3").unwrap();
        let Some(Task::Watch(watch)) = cli.command else {
            panic!("not watch")
        };
        assert!(watch.json && watch.run.demo);
        assert_eq!((watch.seconds, watch.run.seed), (Some(2.5), Some(3)));
        let cli =
            read("jeongbae sim --rest-port 1 --ws-port 2 --start 2026-11-20T09:00 --speed 20")
                .unwrap();
        let Some(Task::Sim(sim)) = cli.command else {
            panic!("not sim")
        };
        assert_eq!(
            sim.start.unwrap().rfc3339(),
            "2026-11-20T09:00:00.000+09:00"
        );
        assert!(read("jeongbae --demo --data-dir x").unwrap().run.demo);
        let cli = read("jeongbae --open 005930").unwrap();
        assert_eq!(cli.open, StockCode::parse("005930"));
        for link in ["jeongbae:005930", "jeongbae://005930/"] {
            let cli = read(&format!("jeongbae --open {link}")).unwrap();
            assert_eq!(cli.open, StockCode::parse("005930"), "{link}");
        }
    }

    #[test]
    fn anything_wrong_is_one_line_and_exit_code_2() {
        for line in [
            "jeongbae fly",
            "jeongbae --speed 3",
            "jeongbae sim --speed fast",
            "jeongbae sim --start yesterday",
            "jeongbae sim --start 2026-02-30T09:00",
            "jeongbae watch --for -1",
            "jeongbae watch --for 1e300",
            "jeongbae watch --for inf",
            "jeongbae sim --rest-port 70000",
            "jeongbae --open samsung",
            "jeongbae --open jeongbae:",
            "jeongbae --open https://005930",
        ] {
            let (text, code) = read(line).unwrap_err();
            assert_eq!((code, text.lines().count()), (2, 1), "{line}: {text}");
        }
    }
}
