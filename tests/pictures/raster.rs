//! What the screen's triangles look like, without a graphics driver: the same pixels on every
//! machine, as far as its arithmetic is the same.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use egui::epaint::{ClippedPrimitive, ImageData, Primitive, Vertex};
use egui::{Color32, ColorImage, Pos2, TextureId, TexturesDelta};
use egui_kittest::TestRenderer;

/// The textures a harness made: letters, mostly.
#[derive(Clone, Default)]
pub(crate) struct Textures(Arc<Mutex<BTreeMap<TextureId, ColorImage>>>);

impl TestRenderer for Textures {
    fn handle_delta(&mut self, delta: &mut TexturesDelta) {
        let mut held = self.0.lock().unwrap();
        let mut set: Vec<_> = delta.set.drain().collect();
        set.sort_by_key(|(id, _)| *id);
        for (id, patches) in set {
            for patch in patches {
                let ImageData::Color(image) = patch.image;
                match patch.pos {
                    None => {
                        held.insert(id, (*image).clone());
                    }
                    Some([left, top]) => {
                        let whole = held.get_mut(&id).unwrap();
                        for y in 0..image.height() {
                            for x in 0..image.width() {
                                whole[(left + x, top + y)] = image[(x, y)];
                            }
                        }
                    }
                }
            }
        }
        let mut free: Vec<_> = delta.free.drain().collect();
        free.sort();
        for id in free {
            held.remove(&id);
        }
    }
}

impl Textures {
    /// Paints triangles given in points, `scale` pixels each.
    pub(crate) fn paint(
        &self,
        primitives: &[ClippedPrimitive],
        size: [usize; 2],
        scale: f32,
    ) -> ColorImage {
        let held = self.0.lock().unwrap();
        let mut image = ColorImage::filled(size, Color32::BLACK);
        for ClippedPrimitive {
            clip_rect,
            primitive,
        } in primitives
        {
            let Primitive::Mesh(mesh) = primitive else {
                panic!("only triangles are painted");
            };
            let texture = &held[&mesh.texture_id];
            let clip = [
                clip_rect.left(),
                clip_rect.top(),
                clip_rect.right(),
                clip_rect.bottom(),
            ]
            .map(|edge| (edge * scale).round() as i64);
            for corners in mesh.indices.chunks_exact(3) {
                let corners = [0, 1, 2].map(|i| mesh.vertices[corners[i] as usize]);
                triangle(&mut image, texture, corners, scale, clip);
            }
        }
        image
    }
}

/// Twice the area of a triangle, positive if it turns clockwise on the screen.
fn area(a: Pos2, b: Pos2, c: Pos2) -> f32 {
    (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x)
}

fn triangle(
    image: &mut ColorImage,
    texture: &ColorImage,
    corners: [Vertex; 3],
    scale: f32,
    clip: [i64; 4],
) {
    let [a, mut b, mut c] = corners;
    let at = |v: &Vertex| Pos2::new(v.pos.x * scale, v.pos.y * scale);
    let whole = area(at(&a), at(&b), at(&c));
    if whole == 0.0 || !whole.is_finite() {
        return;
    }
    if whole < 0.0 {
        std::mem::swap(&mut b, &mut c);
    }
    let (whole, [pa, pb, pc]) = (whole.abs(), [at(&a), at(&b), at(&c)]);
    let least = |f: fn(&Pos2) -> f32| [pa, pb, pc].iter().map(f).fold(f32::INFINITY, f32::min);
    let most = |f: fn(&Pos2) -> f32| [pa, pb, pc].iter().map(f).fold(f32::NEG_INFINITY, f32::max);
    let [width, height] = image.size.map(|n| n as i64);
    let columns = (least(|p| p.x) as i64).max(clip[0]).max(0)
        ..(most(|p| p.x).ceil() as i64).min(clip[2]).min(width);
    let rows = (least(|p| p.y) as i64).max(clip[1]).max(0)
        ..(most(|p| p.y).ceil() as i64).min(clip[3]).min(height);
    // A pixel on an edge two triangles share belongs to one of them.
    let owns = |from: Pos2, to: Pos2| to.y < from.y || (to.y == from.y && from.x < to.x);
    let edges = [(pb, pc), (pc, pa), (pa, pb)].map(|(from, to)| (from, to, owns(from, to)));
    for y in rows {
        for x in columns.clone() {
            let place = Pos2::new(x as f32 + 0.5, y as f32 + 0.5);
            let shares = edges.map(|(from, to, owned)| {
                let part = area(from, to, place);
                (0.0 < part || (part == 0.0 && owned)).then_some(part / whole)
            });
            let [Some(s), Some(t), Some(u)] = shares else {
                continue;
            };
            let mix = |of: fn(&Vertex) -> f32| of(&a) * s + of(&b) * t + of(&c) * u;
            let uv = [mix(|v| v.uv.x), mix(|v| v.uv.y)];
            let tint = [
                mix(|v| f32::from(v.color.r())),
                mix(|v| f32::from(v.color.g())),
                mix(|v| f32::from(v.color.b())),
                mix(|v| f32::from(v.color.a())),
            ];
            let texel = sample(texture, uv);
            let [r, g, b, a] = [0, 1, 2, 3].map(|i| tint[i] * texel[i] / 255.0);
            let under = &mut image[(x as usize, y as usize)];
            let over = |own: f32, below: u8| {
                (own + f32::from(below) * (1.0 - a / 255.0))
                    .round()
                    .clamp(0.0, 255.0) as u8
            };
            *under = Color32::from_rgb(over(r, under.r()), over(g, under.g()), over(b, under.b()));
        }
    }
}

/// The texture there, between its pixels.
fn sample(texture: &ColorImage, uv: [f32; 2]) -> [f32; 4] {
    let [width, height] = texture.size;
    let (x, y) = (uv[0] * width as f32 - 0.5, uv[1] * height as f32 - 0.5);
    let (left, top) = (x.floor(), y.floor());
    let (right, low) = (x - left, y - top);
    let pixel = |dx: i64, dy: i64| {
        let x = (left as i64 + dx).clamp(0, width as i64 - 1) as usize;
        let y = (top as i64 + dy).clamp(0, height as i64 - 1) as usize;
        texture[(x, y)].to_array().map(f32::from)
    };
    let corners = [pixel(0, 0), pixel(1, 0), pixel(0, 1), pixel(1, 1)];
    [0, 1, 2, 3].map(|i| {
        let high = corners[0][i] * (1.0 - right) + corners[1][i] * right;
        let deep = corners[2][i] * (1.0 - right) + corners[3][i] * right;
        high * (1.0 - low) + deep * low
    })
}
