//! A frame of the screen without a window.

use std::time::{Duration, Instant};

use egui::{Context, FullOutput, RawInput, Ui};

/// One frame: ui and tessellation.
pub(crate) fn measure(
    ctx: &Context,
    input: RawInput,
    draw: impl FnMut(&mut Ui),
) -> (Duration, FullOutput) {
    let start = Instant::now();
    let mut output = ctx.run_ui(input, draw);
    let jobs = ctx.tessellate(output.shapes.clone(), output.pixels_per_point);
    std::hint::black_box(&jobs);
    let taken = start.elapsed();
    output.textures_delta.clear();
    (taken, output)
}
