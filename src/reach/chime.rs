//! The bundled chime, as loud as the user wants it.

/// Mono, 16 bits, 22,050 Hz; see `assets/sounds/README.md`.
const CHIME: &[u8] = include_bytes!("../../assets/sounds/chime.wav");
/// Bytes before the first sample.
const HEAD: usize = 44;

/// The chime as a WAV file; `volume` is percent.
pub(super) fn wav(volume: u8) -> Vec<u8> {
    // Loudness is heard by powers: half of 100 is a quarter of the swing.
    let percent = i32::from(volume.min(100));
    let gain = percent * percent;
    let (head, samples) = CHIME.split_at(HEAD);
    let mut file = head.to_vec();
    for sample in samples.as_chunks::<2>().0 {
        let swing = i32::from(i16::from_le_bytes(*sample)) * gain / 10_000;
        let swing = i16::try_from(swing).unwrap_or_default();
        file.extend_from_slice(&swing.to_le_bytes());
    }
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(file: &[u8]) -> Vec<i32> {
        let chunks = file[HEAD..].as_chunks::<2>().0;
        chunks
            .iter()
            .map(|b| i16::from_le_bytes(*b).into())
            .collect()
    }

    #[test]
    fn the_bundled_file_is_what_players_expect() {
        assert_eq!(
            (&CHIME[..4], &CHIME[8..16]),
            (&b"RIFF"[..], &b"WAVEfmt "[..])
        );
        assert_eq!(&CHIME[36..40], b"data");
        let word = |at: usize| u32::from_le_bytes(CHIME[at..at + 4].try_into().unwrap());
        assert_eq!(usize::try_from(word(40)).unwrap(), CHIME.len() - HEAD);
        // Integer PCM, one channel, 22,050 a second, 16 bits.
        assert_eq!((word(20), word(24)), (0x0001_0001, 22_050));
        assert_eq!(u16::from_le_bytes([CHIME[34], CHIME[35]]), 16);
    }

    #[test]
    fn volume_changes_the_swing_and_nothing_else() {
        assert_eq!(wav(100), CHIME);
        let (full, half) = (samples(&wav(100)), samples(&wav(50)));
        assert!(full.iter().zip(&half).all(|(f, h)| f / 4 == *h));
        assert!(samples(&wav(0)).iter().all(|&s| s == 0));
        assert!(20_000 < *full.iter().max().unwrap());
    }
}
