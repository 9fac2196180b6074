//! The command line.
//!
//! Its help and errors are worded when it is read, in the language of the configuration file: see
//! [`speak`].

use std::error::Error as _;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Args, Command, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use crate::domain::{Day, Minute, Moment, StockCode};
use crate::session;

/// The whole command line.
#[derive(Debug, Parser)]
#[command(
    name = "jeongbae",
    version,
    about = t!("정배: 한국 주식 매수 조건 감시 (KIS Open API)")
)]
pub struct Cli {
    /// What to do; the window without a subcommand.
    #[command(subcommand)]
    pub command: Option<Task>,
    /// Options of the window.
    #[command(flatten)]
    pub run: RunArgs,
    /// Show the stock windows inside the home window (for screen readers).
    #[arg(long, help = t!("종목 창을 홈 창 안에 보여 줍니다 (화면 낭독기를 쓸 때)"))]
    pub embed_windows: bool,
    /// Open the window of this stock; in the program that is running already, if one is.
    #[arg(long, value_name = "CODE", value_parser = stock,
        help = t!("이 종목의 창을 엽니다. 정배가 이미 떠 있으면 거기서 엽니다"))]
    pub open: Option<StockCode>,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Task {
    /// The engine without a window: prints what happens until stopped.
    #[command(about = t!("창 없이 감시합니다. 멈출 때까지 일어나는 일을 출력합니다"))]
    Watch(WatchArgs),
    /// The KIS simulator alone, on the loopback address.
    #[command(about = t!("KIS 시뮬레이터만 이 컴퓨터 안에서 실행합니다"))]
    Sim(SimArgs),
    /// Checks configuration, keyring, token, one quote and the socket.
    #[command(about = t!("설정, 키링, 접근토큰, 시세 하나, 실시간을 확인합니다"))]
    Check(CheckArgs),
}

/// Options of everything that runs the engine.
#[derive(Clone, Debug, Default, Args)]
pub struct RunArgs {
    /// The configuration file (default: in the user's configuration folder).
    #[arg(long, value_name = "FILE", help = t!("설정 파일 (기본: 사용자의 설정 폴더에 있는 것)"))]
    pub config: Option<PathBuf>,
    /// Folder of database, logs and window layout (default: the user's data folder).
    #[arg(long, value_name = "DIR",
        help = t!("데이터베이스, 로그, 창 배치를 둘 폴더 (기본: 사용자의 데이터 폴더)"))]
    pub data_dir: Option<PathBuf>,
    /// The embedded simulator: no keys, no network.
    #[arg(long, help = t!("들어 있는 시뮬레이터로 실행합니다. 키도 인터넷도 필요 없습니다"))]
    pub demo: bool,
    /// With --demo: the market's seed.
    #[arg(long, value_name = "N", value_parser = seed, requires = "demo",
        help = t!("--demo와 함께: 가상 시장의 번호"))]
    pub seed: Option<u64>,
    /// With --demo: market time at the start.
    #[arg(long, value_name = "YYYY-MM-DDTHH:MM", value_parser = moment, requires = "demo",
        help = t!("--demo와 함께: 시작할 때의 시장 시각"))]
    pub start: Option<Moment>,
    /// With --demo: market seconds per real second.
    #[arg(long, value_name = "X", value_parser = speed, requires = "demo",
        help = t!("--demo와 함께: 실제 1초에 흐르는 시장의 초"))]
    pub speed: Option<f64>,
}

/// Options of `watch`.
#[derive(Clone, Debug, Args)]
pub struct WatchArgs {
    /// Common options.
    #[command(flatten)]
    pub run: RunArgs,
    /// One JSON object a line.
    #[arg(long, help = t!("한 줄에 JSON 객체 하나씩 출력합니다"))]
    pub json: bool,
    /// Stop after this many seconds of market time.
    #[arg(long = "for", value_name = "SECONDS", value_parser = seconds,
        help = t!("시장 시각으로 이만큼 지나면 끝냅니다"))]
    pub seconds: Option<f64>,
}

/// Options of `check`.
#[derive(Clone, Debug, Args)]
pub struct CheckArgs {
    /// Common options.
    #[command(flatten)]
    pub run: RunArgs,
    /// Instead: what has been noted of the broker's behaviour. No keys, no network.
    #[arg(long,
        help = t!("확인하는 대신 지금까지 지켜본 증권사 서버의 동작을 보여 줍니다. 키도 인터넷도 필요 없습니다"))]
    pub report: bool,
}

/// Options of `sim`.
#[derive(Clone, Debug, Args)]
pub struct SimArgs {
    /// Port of the REST side (default: any free one).
    #[arg(long, value_name = "N", value_parser = port, default_value_t = 0,
        help = t!("REST 쪽 포트 (기본: 비어 있는 아무 포트)"))]
    pub rest_port: u16,
    /// Port of the websocket side (default: any free one).
    #[arg(long, value_name = "N", value_parser = port, default_value_t = 0,
        help = t!("웹소켓 쪽 포트 (기본: 비어 있는 아무 포트)"))]
    pub ws_port: u16,
    /// The market's seed.
    #[arg(long, value_name = "N", value_parser = seed, default_value_t = 1,
        help = t!("가상 시장의 번호 (기본: 1)"))]
    pub seed: u64,
    /// Market time at the start (default: the machine's time).
    #[arg(long, value_name = "YYYY-MM-DDTHH:MM", value_parser = moment,
        help = t!("시작할 때의 시장 시각 (기본: 이 컴퓨터의 시각)"))]
    pub start: Option<Moment>,
    /// Market seconds per real second.
    #[arg(long, value_name = "X", value_parser = speed, default_value = "1",
        help = t!("실제 1초에 흐르는 시장의 초 (기본: 1)"))]
    pub speed: f64,
    /// Faults to play, a JSON file.
    #[arg(long, value_name = "FILE", help = t!("일으킬 장애를 적은 파일. 한 줄에 JSON 객체 하나"))]
    pub script: Option<PathBuf>,
}

/// Takes the language of the configuration file into force that `args` name, or else of the
/// user's own: see [`session::speak`]. Help and errors of the command line come before that file
/// is read in earnest.
pub fn speak(args: &[OsString]) {
    session::speak(&RunArgs {
        config: config_in(args),
        ..RunArgs::default()
    });
}

/// The file that `--config` names, however wrong the rest of the line may be.
fn config_in(args: &[OsString]) -> Option<PathBuf> {
    let mut args = args.iter();
    let joined = |arg: &OsString| Some(PathBuf::from(arg.to_str()?.strip_prefix("--config=")?));
    while let Some(arg) = args.next() {
        match arg.as_os_str() {
            name if name == OsStr::new("--config") => return args.next().map(PathBuf::from),
            name if name == OsStr::new("--") => return None,
            _ => {}
        }
        if let Some(file) = joined(arg) {
            return Some(file);
        }
    }
    None
}

/// Reads the command line, in the language in force.
///
/// # Errors
///
/// What to print and the exit code: help and version with 0, anything wrong with 2 and one line.
pub fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Cli, (String, u8)> {
    let read = |args| Cli::from_arg_matches(&command().try_get_matches_from(args)?);
    read(args.into_iter().collect::<Vec<_>>()).map_err(|error: clap::Error| {
        if !error.use_stderr() {
            return (error.to_string(), 0);
        }
        (
            format!("jeongbae: {} (jeongbae --help)", complaint(&error)),
            2,
        )
    })
}

/// The whole command with every word of its help, the library's own included.
fn command() -> Command {
    let mut command = Cli::command();
    // Now the arguments and the subcommand are there that the library adds.
    command.build();
    let command = worded(command, t!("jeongbae [옵션] [명령]"));
    let helped = |help: Command| {
        help.about(t!("이 도움말이나 명령의 도움말을 보여 줍니다"))
            .override_usage(t!("jeongbae help [명령]"))
            .help_template(template())
    };
    command
        .mut_subcommand("watch", |c| worded(c, t!("jeongbae watch [옵션]")))
        .mut_subcommand("sim", |c| worded(c, t!("jeongbae sim [옵션]")))
        .mut_subcommand("check", |c| worded(c, t!("jeongbae check [옵션]")))
        .mut_subcommand("help", helped)
}

fn template() -> String {
    let usage = t!("사용법:");
    format!("{{about}}\n\n{usage} {{usage}}\n\n{{all-args}}")
}

fn worded(command: Command, usage: &'static str) -> Command {
    command
        .help_template(template())
        .override_usage(usage)
        .subcommand_help_heading(t!("명령"))
        .mut_args(|arg| {
            let help = match arg.get_id().as_str() {
                "help" => Some(t!("도움말을 보여 줍니다")),
                "version" => Some(t!("버전을 보여 줍니다")),
                _ => None,
            };
            // Defaults are in the sentences.
            let arg = arg.help_heading(t!("옵션")).hide_default_value(true);
            match help {
                Some(help) => arg.help(help),
                None => arg,
            }
        })
}

/// What is wrong with a command line, in one line.
fn complaint(error: &clap::Error) -> String {
    let said = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join(", "),
        _ => String::new(),
    };
    let named = said(ContextKind::InvalidArg);
    match error.kind() {
        ErrorKind::InvalidSubcommand => t!(
            "%{word}: 그런 명령은 없습니다",
            word = said(ContextKind::InvalidSubcommand)
        ),
        ErrorKind::UnknownArgument => t!("%{word}: 여기에는 쓸 수 없습니다", word = named),
        ErrorKind::ValueValidation | ErrorKind::InvalidValue => match error.source() {
            Some(why) => t!("%{option}: %{why}", option = named, why = why),
            None => t!("%{option}: 값이 없습니다", option = named),
        },
        ErrorKind::MissingRequiredArgument => t!("%{options}도 함께 써야 합니다", options = named),
        // No two options exclude each other: it is the same one twice.
        ErrorKind::ArgumentConflict => t!("%{option}: 두 번 쓸 수 없습니다", option = named),
        ErrorKind::TooManyValues => t!("%{option}: 값을 받지 않습니다", option = named),
        // What cannot come of these options is told in the library's words: up to the blank line
        // before the usage, which may name arguments below.
        _ => {
            let text = error.to_string();
            let lines = text.lines().map(str::trim).take_while(|l| !l.is_empty());
            let line = lines.collect::<Vec<_>>().join(" ");
            line.strip_prefix("error: ").unwrap_or(&line).to_owned()
        }
    }
}

/// A code, bare or as in the link of a notification (`jeongbae:005930`; some systems add a slash).
fn stock(text: &str) -> Result<StockCode, String> {
    let code = text.strip_prefix("jeongbae:").unwrap_or(text);
    StockCode::parse(code.trim_matches('/')).ok_or_else(|| {
        t!(
            "%{text}: 005930 같은 종목코드가 아닙니다",
            text = shown(text)
        )
    })
}

fn moment(text: &str) -> Result<Moment, String> {
    let wrong = || {
        t!(
            "%{text}: 2026-11-20T09:30 같은 시각이 아닙니다",
            text = shown(text)
        )
    };
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
        .ok_or_else(|| {
            t!(
                "%{text}: 0.01부터 10000까지의 배속이 아닙니다",
                text = shown(text)
            )
        })
}

fn seconds(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        // Thirty years; far beyond, a duration would overflow.
        .filter(|x: &f64| 0.0 < *x && *x <= 1e9)
        .ok_or_else(|| {
            t!(
                "%{text}: 0보다 크고 1e9 이하인 초가 아닙니다",
                text = shown(text)
            )
        })
}

fn port(text: &str) -> Result<u16, String> {
    text.parse().ok().ok_or_else(|| {
        t!(
            "%{text}: 0부터 65535까지의 포트 번호가 아닙니다",
            text = shown(text)
        )
    })
}

fn seed(text: &str) -> Result<u64, String> {
    text.parse()
        .ok()
        .ok_or_else(|| t!("%{text}: 0 이상의 정수가 아닙니다", text = shown(text)))
}

/// A value as an error repeats it: in quotes, of one line.
fn shown(text: &str) -> String {
    format!("{text:?}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Cli, (String, u8)> {
        parse(line.split_whitespace().map(OsString::from))
    }

    #[test]
    fn the_file_of_a_wrong_line_is_found_all_the_same() {
        let find = |line: &str| {
            let words: Vec<_> = line.split_whitespace().map(OsString::from).collect();
            config_in(&words)
        };
        let file = Some(PathBuf::from("a.toml"));
        assert_eq!(find("jeongbae fly --config a.toml --no-such"), file);
        assert_eq!(find("jeongbae watch --config=a.toml"), file);
        assert_eq!(find("jeongbae watch --config"), None);
        assert_eq!(find("jeongbae -- --config a.toml"), None);
    }

    #[test]
    fn the_manual_page_has_every_way_to_call_the_program() {
        let page = include_str!("../assets/linux/jeongbae.1").replace("\\-", "-");
        let mut program = Cli::command();
        program.build();
        let mut wanted: Vec<String> = program
            .get_arguments()
            .filter_map(|argument| argument.get_long().map(|long| format!("--{long}")))
            .filter(|option| option != "--version")
            .collect();
        wanted.extend(
            program
                .get_subcommands()
                .map(|task| task.get_name().to_owned()),
        );
        wanted.retain(|word| word != "help");
        assert!(10 < wanted.len(), "{wanted:?}");
        for word in wanted {
            assert!(page.contains(&word), "{word}");
        }
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
