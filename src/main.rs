//! The program. Everything it does is in the library.
#![cfg_attr(all(windows, not(debug_assertions)), windows_subsystem = "windows")]

use std::io::Write as _;
use std::process::ExitCode;

use jeongbae::cli::{self, Task};

fn main() -> ExitCode {
    let args: Vec<_> = std::env::args_os().collect();
    cli::speak(&args);
    let cli = match cli::parse(args) {
        Ok(cli) => cli,
        Err((text, code)) => {
            let written = match code {
                0 => writeln!(std::io::stdout(), "{}", text.trim_end()),
                _ => writeln!(std::io::stderr(), "{text}"),
            };
            return ExitCode::from(if written.is_ok() { code } else { 1 });
        }
    };
    ExitCode::from(match &cli.command {
        None => jeongbae::app::run(&cli),
        Some(Task::Watch(args)) => jeongbae::watch::run(args),
        Some(Task::Sim(args)) => jeongbae::sim_command::run(args),
        Some(Task::Check(args)) if args.report => jeongbae::report::run(&args.run),
        Some(Task::Check(args)) => jeongbae::check::run(&args.run),
    })
}
