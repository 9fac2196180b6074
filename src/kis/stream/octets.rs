//! Text frames as bytes.
//!
//! The broker's text frames may hold bytes that are no UTF-8. The websocket library answers
//! such a frame with an error and gives the connection up; the broker then keeps the slot
//! locked. So between the library and the socket every incoming text frame is relabelled as
//! binary: one bit in the frame's head, the payload untouched.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A socket whose incoming text frames are binary ones.
pub(super) struct Octets<S> {
    inner: S,
    place: Place,
}

/// Where in the incoming bytes we are.
#[derive(Clone, Copy, Debug)]
enum Place {
    /// In the HTTP answer; so many bytes of the blank line that ends it are seen.
    Handshake(usize),
    /// In a frame's head: bytes seen, their number, the payload length so far.
    Head {
        seen: usize,
        need: usize,
        length: u64,
    },
    /// In a payload with so many bytes to come.
    Payload(u64),
}

const FRAME: Place = Place::Head {
    seen: 0,
    need: 2,
    length: 0,
};

impl<S> Octets<S> {
    pub(super) fn new(inner: S) -> Self {
        Self {
            inner,
            place: Place::Handshake(0),
        }
    }
}

/// Relabels the frames that begin in `bytes` and says where the bytes end.
fn relabel(mut place: Place, bytes: &mut [u8]) -> Place {
    const BLANK_LINE: &[u8] = b"\r\n\r\n";
    let mut at = 0;
    while at < bytes.len() {
        match place {
            Place::Payload(left) => {
                let skip = left.min((bytes.len() - at) as u64);
                at += skip as usize;
                place = if skip == left {
                    FRAME
                } else {
                    Place::Payload(left - skip)
                };
                continue;
            }
            Place::Handshake(seen) => {
                let seen = match bytes[at] {
                    b if b == BLANK_LINE[seen] => seen + 1,
                    b'\r' => 1,
                    _ => 0,
                };
                place = if seen == 4 {
                    FRAME
                } else {
                    Place::Handshake(seen)
                };
            }
            Place::Head { seen, need, length } => {
                place = head(&mut bytes[at], seen, need, length);
            }
        }
        at += 1;
    }
    place
}

/// One byte of a frame's head: flags and opcode, length, longer length, mask.
fn head(byte: &mut u8, seen: usize, mut need: usize, mut length: u64) -> Place {
    match seen {
        0 => {
            if *byte & 0x0f == 0x1 {
                *byte = (*byte & 0xf0) | 0x2;
            }
        }
        1 => {
            let mask = if *byte & 0x80 == 0 { 0 } else { 4 };
            match *byte & 0x7f {
                126 => need = 4 + mask,
                127 => need = 10 + mask,
                short => {
                    need = 2 + mask;
                    length = u64::from(short);
                }
            }
            // Two or eight bytes of length may follow, the last four are the mask.
            if mask == 4 {
                need |= MASKED;
                return Place::Head {
                    seen: 2,
                    need,
                    length,
                };
            }
        }
        _ => {
            let of_length = match need & MASKED {
                0 => need,
                _ => (need & !MASKED) - 4,
            };
            if seen < of_length {
                length = (length << 8) | u64::from(*byte);
            }
        }
    }
    let seen = seen + 1;
    if seen < need & !MASKED {
        Place::Head { seen, need, length }
    } else if length == 0 {
        FRAME
    } else {
        Place::Payload(length)
    }
}

/// Set in `need` for masked frames (a server never sends them).
const MASKED: usize = 1 << 16;

impl<S: AsyncRead + Unpin> AsyncRead for Octets<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buf.filled().len();
        let outcome = Pin::new(&mut this.inner).poll_read(cx, buf);
        if let Poll::Ready(Ok(())) = outcome {
            this.place = relabel(this.place, &mut buf.filled_mut()[before..]);
        }
        outcome
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Octets<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().inner).poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(opcode: u8, payload: &[u8]) -> Vec<u8> {
        let mut bytes = vec![opcode];
        match payload.len() {
            n @ 0..126 => bytes.push(n as u8),
            n @ 126..65_536 => {
                bytes.push(126);
                bytes.extend((n as u16).to_be_bytes());
            }
            n => {
                bytes.push(127);
                bytes.extend((n as u64).to_be_bytes());
            }
        }
        bytes.extend(payload);
        bytes
    }

    #[test]
    fn only_heads_of_text_frames_change_however_the_bytes_are_cut() {
        let payloads: Vec<(u8, Vec<u8>)> = vec![
            (0x81, b"\x81\x81\xff".to_vec()),
            (0x89, vec![]),
            (0x01, vec![0x81; 125]),
            (0x80, vec![0x81; 126]),
            (0x81, vec![0x01; 70_000]),
            (0x82, vec![0x81; 300]),
            (0x81, vec![]),
        ];
        let mut sent = b"HTTP/1.1 101 X\r\nA: \x81\r\n\r\n".to_vec();
        let mut expected = sent.clone();
        for (opcode, payload) in &payloads {
            sent.extend(frame(*opcode, payload));
            let relabelled = if opcode & 0x0f == 1 {
                opcode + 1
            } else {
                *opcode
            };
            expected.extend(frame(relabelled, payload));
        }
        for size in [1, 2, 3, 7, 1_000, sent.len()] {
            let mut got = sent.clone();
            let mut place = Place::Handshake(0);
            for piece in got.chunks_mut(size) {
                place = relabel(place, piece);
            }
            assert!(got == expected, "pieces of {size}");
        }
    }
}
