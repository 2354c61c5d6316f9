//! Chunks: a column of time stamps or values, compressed by pco.
//!
//! A chunk of time stamps is pco's bytes alone. A chunk of values begins with the runs of values that are missing:
//! their number, then for each how many values came before it since the last run, its length, and the quality's
//! code (varint, varint, 1 byte); pco's bytes of all other values follow, if there are any: whole ticks as `i64`,
//! floats as `f32`. How many rows there are is told by the span.

use pco::{
    ChunkConfig, DeltaSpec, ModeSpec,
    data_types::Number,
    standalone::{simple_compress, simple_decompress_into},
};

use crate::model::{Column, Quality};

use super::{
    packed::{Bytes, Mark, bits, count, put_varint},
    span::Stay,
};

/// The most rows of a span.
pub(super) const ROWS_MAX: usize = 1 << 20;

/// pco's level for chunks that are merged soon.
const BRIEF_LEVEL: usize = 4;

/// Compresses time stamps, ms.
pub(super) fn encode_times(times: &[i64], stay: Stay) -> Option<Vec<u8>> {
    compress(times, stay)
}

/// The time stamps of `rows` rows; `None` for other bytes.
pub(super) fn decode_times(bytes: &[u8], rows: usize) -> Option<Vec<i64>> {
    decompress(bytes, rows)
}

/// Compresses one point's values.
pub(super) fn encode_values(column: Column, marks: &[Mark], stay: Stay) -> Option<Vec<u8>> {
    let mut bytes = missing_runs(marks);
    let present = marks.iter().filter_map(|mark| mark.ok());
    let compressed = match column {
        Column::Ticks { .. } => compress(&present.collect::<Vec<i64>>(), stay),
        Column::Float => {
            compress(&present.map(|mark| f32::from_bits(bits(mark))).collect::<Vec<f32>>(), stay)
        }
    };
    bytes.append(&mut compressed?);
    Some(bytes)
}

/// The values of `rows` rows; `None` for other bytes.
pub(super) fn decode_values(column: Column, bytes: &[u8], rows: usize) -> Option<Vec<Mark>> {
    let mut bytes = Bytes(bytes);
    let runs = read_runs(&mut bytes, rows)?;
    let missing: usize = runs.iter().map(|run| run.length).sum();
    let present = rows.checked_sub(missing)?;
    let present: Vec<i64> = match column {
        Column::Ticks { .. } => decompress(bytes.0, present)?,
        Column::Float => {
            let floats: Vec<f32> = decompress(bytes.0, present)?;
            floats.into_iter().map(|float| i64::from(float.to_bits())).collect()
        }
    };
    let mut marks = Vec::with_capacity(rows);
    let mut present = present.into_iter().map(Ok);
    for run in runs {
        marks.extend(present.by_ref().take(run.after));
        marks.extend(std::iter::repeat_n(Err(run.quality), run.length));
    }
    marks.extend(present);
    Some(marks)
}

/// Values that are missing for the same reason, one after another.
struct Run {
    /// How many values are there since the run before.
    after: usize,
    length: usize,
    quality: Quality,
}

fn missing_runs(marks: &[Mark]) -> Vec<u8> {
    let (mut runs, mut number, mut after) = (Vec::new(), 0, 0);
    for stretch in marks.chunk_by(|a, b| a.err() == b.err()) {
        match stretch.first() {
            Some(Err(quality)) => {
                put_varint(&mut runs, count(after));
                put_varint(&mut runs, count(stretch.len()));
                runs.push(quality.code());
                (number, after) = (number + 1, 0);
            }
            Some(Ok(_)) | None => after = stretch.len(),
        }
    }
    let mut bytes = Vec::with_capacity(runs.len() + 1);
    put_varint(&mut bytes, number);
    bytes.append(&mut runs);
    bytes
}

/// Reads runs that fit into `rows`.
fn read_runs(bytes: &mut Bytes<'_>, rows: usize) -> Option<Vec<Run>> {
    let (mut runs, mut left) = (Vec::new(), rows);
    for _ in 0..bytes.varint()? {
        let after = usize::try_from(bytes.varint()?).ok()?;
        let length = usize::try_from(bytes.varint()?).ok().filter(|length| *length > 0)?;
        let quality = Quality::from_code(bytes.byte()?)?;
        left = left.checked_sub(after)?.checked_sub(length)?;
        runs.push(Run { after, length, quality });
    }
    Some(runs)
}

fn compress<T: Number>(numbers: &[T], stay: Stay) -> Option<Vec<u8>> {
    if numbers.is_empty() { Some(Vec::new()) } else { simple_compress(numbers, &config(stay)).ok() }
}

/// What is merged at midnight is written quickly: nothing is tried out on it.
fn config(stay: Stay) -> ChunkConfig {
    match stay {
        Stay::UntilMerged => ChunkConfig::default()
            .with_compression_level(BRIEF_LEVEL)
            .with_mode_spec(ModeSpec::Classic)
            .with_delta_spec(DeltaSpec::TryConsecutive(1)),
        Stay::ForGood => ChunkConfig::default(),
    }
}

fn decompress<T: Number + Default>(bytes: &[u8], length: usize) -> Option<Vec<T>> {
    if length > ROWS_MAX {
        return None;
    }
    let mut numbers = vec![T::default(); length];
    if length == 0 {
        return bytes.is_empty().then_some(numbers);
    }
    let progress = simple_decompress_into(bytes, &mut numbers).ok()?;
    (progress.finished && progress.n_processed == length).then_some(numbers)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn marks() -> impl Strategy<Value = Vec<Mark>> {
        let missing = proptest::sample::select(&Quality::ALL[1..]);
        let mark = prop_oneof![4 => (0..300_i64).prop_map(Ok), 1 => missing.prop_map(Err)];
        proptest::collection::vec(mark, 1..300)
    }

    #[test]
    fn runs_longer_than_the_column_are_refused() {
        let mut bytes = vec![2];
        for _ in 0..2 {
            put_varint(&mut bytes, 0);
            put_varint(&mut bytes, u64::MAX);
            bytes.push(Quality::Timeout.code());
        }
        assert_eq!(decode_values(Column::Float, &bytes, 10), None);
    }

    proptest! {
        #[test]
        fn columns_survive_the_round_trip(marks in marks(), times: Vec<i64>) {
            for column in [Column::tenths(), Column::Float] {
                for stay in [Stay::UntilMerged, Stay::ForGood] {
                    let bytes = encode_values(column, &marks, stay).unwrap();
                    prop_assert_eq!(decode_values(column, &bytes, marks.len()), Some(marks.clone()));
                    prop_assert_eq!(decode_values(column, &bytes, marks.len() + 1), None);
                    prop_assert_eq!(decode_values(column, &bytes, marks.len() - 1), None);
                    let bytes = encode_times(&times, stay).unwrap();
                    prop_assert_eq!(decode_times(&bytes, times.len()), Some(times.clone()));
                }
            }
        }

        #[test]
        fn no_bytes_panic(bytes: Vec<u8>, rows in 0..3000_usize) {
            for column in [Column::tenths(), Column::Float] {
                let decoded = decode_values(column, &bytes, rows);
                prop_assert!(decoded.is_none_or(|marks| marks.len() == rows));
            }
        }

        #[test]
        fn no_damage_panics(marks in marks(), at: prop::sample::Index, byte: u8, end: prop::sample::Index) {
            for column in [Column::tenths(), Column::Float] {
                let mut bytes = encode_values(column, &marks, Stay::ForGood).unwrap();
                *at.get_mut(&mut bytes) = byte;
                let decoded = decode_values(column, &bytes, marks.len());
                prop_assert!(decoded.is_none_or(|decoded| decoded.len() == marks.len()));
                bytes.truncate(end.index(bytes.len()));
                decode_values(column, &bytes, marks.len());
            }
        }
    }
}
