//! `jeongbae sim`: the simulator alone.

use std::io::Write as _;
use std::path::Path;

use crate::cli::SimArgs;
use crate::session::{Stop, Trouble, complain};
use crate::sim::{Script, Sim, SimOptions};

/// Reads a script of faults.
fn read_script(file: Option<&Path>) -> Result<Script, String> {
    let Some(file) = file else {
        return Ok(Script::default());
    };
    let text = std::fs::read_to_string(file).map_err(|error| {
        t!(
            "%{file}: 읽을 수 없습니다 (%{error})",
            file = file.display(),
            error = error
        )
    })?;
    Script::parse(&text).map_err(|error| format!("{}: {error}", file.display()))
}

/// Runs until stopped; returns the exit code.
pub fn run(args: &SimArgs) -> u8 {
    let script = match read_script(args.script.as_deref()) {
        Ok(script) => script,
        Err(line) => return complain(&Trouble::file(&line)),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return complain(&Trouble::other(&error.to_string())),
    };
    runtime.block_on(async {
        let mut stop = match Stop::listen() {
            Ok(stop) => stop,
            Err(trouble) => return complain(&trouble),
        };
        let options = SimOptions {
            seed: args.seed,
            start: args.start,
            speed: args.speed,
            rest_port: args.rest_port,
            ws_port: args.ws_port,
            script,
            evening: true,
            ..SimOptions::default()
        };
        let sim = match Sim::start(options).await {
            Ok(sim) => sim,
            Err(error) => {
                let line = t!(
                    "시뮬레이터를 시작하지 못했습니다: %{error}. 다른 --rest-port, --ws-port를 쓰세요.",
                    error = error
                );
                return complain(&Trouble::other(&line));
            }
        };
        let said = writeln!(std::io::stdout(), "rest {}\nws {}", sim.rest_url(), sim.ws_url())
            .and_then(|()| std::io::stdout().flush());
        if said.is_err() {
            tracing::debug!("Standard output is closed");
        }
        stop.asked().await;
        0
    })
}
