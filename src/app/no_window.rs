//! Why there is no window, in one readable sentence.

use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::{Arc, Mutex, PoisonError};

/// What the libraries of the window lack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lack {
    /// OpenGL: no library, no driver, or none that can draw here.
    Graphics,
    /// The libraries by which a program talks to the display.
    Libraries,
    /// A display.
    Display,
}

/// Runs the window's loop; a sentence where it could not begin.
///
/// The libraries below report most of what they lack as an error. Where a system has OpenGL but no
/// picture format for it they panic instead, which is caught as long as the panic is theirs.
pub(super) fn run(window: impl FnOnce() -> eframe::Result) -> Result<(), String> {
    let caught = Arc::new(Mutex::new(None));
    let (told, ordinary) = (caught.clone(), panic::take_hook());
    panic::set_hook(Box::new(move |info| match theirs(info) {
        Some(what) => *told.lock().unwrap_or_else(PoisonError::into_inner) = Some(what),
        None => ordinary(info),
    }));
    let ran = panic::catch_unwind(AssertUnwindSafe(window));
    let lack = match ran {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(error)) => {
            tracing::info!("No window: {error}");
            lack(&error)
        }
        Err(payload) => {
            let what = caught.lock().unwrap_or_else(PoisonError::into_inner).take();
            let Some(what) = what else {
                panic::resume_unwind(payload)
            };
            tracing::info!("No window: {what}");
            Lack::Graphics
        }
    };
    Err(sentence(lack).to_owned())
}

/// The text of a panic on the window's thread while the libraries look for graphics.
fn theirs(info: &PanicHookInfo<'_>) -> Option<String> {
    let file = info.location()?.file();
    let main = std::thread::current().name() == Some("main");
    let graphics = file.contains("glutin") || file.contains("glow_integration");
    (main && graphics).then(|| info.to_string())
}

fn lack(error: &eframe::Error) -> Lack {
    match error {
        eframe::Error::Glutin(_)
        | eframe::Error::NoGlutinConfigs(..)
        | eframe::Error::OpenGL(_) => Lack::Graphics,
        other if format!("{other:?}").contains("LibraryOpenError") => Lack::Libraries,
        _ => Lack::Display,
    }
}

fn sentence(lack: Lack) -> &'static str {
    match lack {
        Lack::Graphics => t!(
            "그래픽(OpenGL)을 쓸 수 없어 창을 열지 못했습니다. libgl1 또는 libegl1을 설치하거나 그래픽 드라이버를 확인하세요. 창 없이 쓰려면 jeongbae watch."
        ),
        Lack::Libraries => t!(
            "창을 여는 데 필요한 라이브러리가 없습니다. libx11-6 libx11-xcb1 libxcursor1 libxi6 libxkbcommon-x11-0을 설치하세요. 창 없이 쓰려면 jeongbae watch."
        ),
        Lack::Display => t!(
            "화면(디스플레이)에 연결할 수 없어 창을 열지 못했습니다. 데스크톱에서 실행하거나, 창 없이 쓰려면 jeongbae watch를 실행하세요."
        ),
    }
}
