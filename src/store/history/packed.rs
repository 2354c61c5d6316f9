//! Packed rows: one moment of one group in about four bytes a value.
//!
//! | what | bytes |
//! | --- | --- |
//! | number of values that are missing | varint |
//! | for each: how many positions after the one before (or the start), quality code | varint, 1 |
//! | the others in order: ticks as zigzag varint, floats little-endian | 1 to 10, 4 |
//!
//! Inside history a value is a *mark*: whole ticks, or the bits of a 32-bit float; or the quality instead.

use crate::model::{Column, Quality};

/// A value as it lies in a column.
pub(super) type Mark = Result<i64, Quality>;

/// Ticks beyond this cannot be told apart as floats anyhow.
const TICKS_MAX: f64 = 9_007_199_254_740_992.0;

/// The mark of a value; what the column cannot hold is out of range.
pub(super) fn mark(column: Column, value: Result<f64, Quality>) -> Mark {
    let value = value?;
    match column {
        Column::Ticks { scale, offset } => {
            let ticks = (value - offset) * f64::from(scale.denominator) / f64::from(scale.numerator);
            let ticks = ticks.round();
            if ticks.abs() <= TICKS_MAX { Ok(whole(ticks)) } else { Err(Quality::OutOfRange) }
        }
        Column::Float => {
            let float = single(value);
            if float.is_finite() { Ok(i64::from(float.to_bits())) } else { Err(Quality::OutOfRange) }
        }
    }
}

/// The value of a mark.
pub(super) fn value(column: Column, mark: Mark) -> Result<f64, Quality> {
    let mark = mark?;
    Ok(match column {
        Column::Ticks { scale, offset } => scale.times(float(mark)) + offset,
        Column::Float => f64::from(f32::from_bits(bits(mark))),
    })
}

/// The bits of a float's mark.
pub(super) fn bits(mark: i64) -> u32 {
    u32::try_from(mark).unwrap_or(u32::MAX)
}

#[allow(clippy::cast_possible_truncation, reason = "at most 2^53 in size, and whole")]
fn whole(ticks: f64) -> i64 {
    ticks as i64
}

#[allow(clippy::cast_possible_truncation, reason = "rounding to the nearest is what a float column is for")]
fn single(value: f64) -> f32 {
    value as f32
}

#[allow(clippy::cast_precision_loss, reason = "ticks are at most 2^53 in size")]
fn float(ticks: i64) -> f64 {
    ticks as f64
}

/// Packs a row. `marks` are as many as the group has columns.
pub(super) fn pack(columns: &[Column], marks: &[Mark]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(1 + marks.len() * 3);
    put_varint(&mut bytes, count(marks.iter().filter(|mark| mark.is_err()).count()));
    let mut next = 0;
    for (position, mark) in marks.iter().enumerate() {
        if let Err(quality) = mark {
            put_varint(&mut bytes, count(position - next));
            bytes.push(quality.code());
            next = position + 1;
        }
    }
    for (column, mark) in columns.iter().zip(marks) {
        match (column, mark) {
            (Column::Ticks { .. }, Ok(ticks)) => put_varint(&mut bytes, zigzag(*ticks)),
            (Column::Float, Ok(mark)) => bytes.extend(bits(*mark).to_le_bytes()),
            (_, Err(_)) => {}
        }
    }
    bytes
}

/// Unpacks a row; `None` for bytes that are no row of such columns.
pub(super) fn unpack(columns: &[Column], bytes: &[u8]) -> Option<Vec<Mark>> {
    let mut bytes = Bytes(bytes);
    // The missing ones first, the others as 0 until their turn comes.
    let mut marks: Vec<Mark> = vec![Ok(0); columns.len()];
    let mut next = 0_usize;
    for _ in 0..bytes.varint()? {
        let position = next.checked_add(usize::try_from(bytes.varint()?).ok()?)?;
        *marks.get_mut(position)? = Err(Quality::from_code(bytes.byte()?)?);
        next = position + 1;
    }
    for (column, mark) in columns.iter().zip(&mut marks) {
        if let Ok(number) = mark {
            *number = match column {
                Column::Ticks { .. } => unzigzag(bytes.varint()?),
                Column::Float => i64::from(bytes.four()?),
            };
        }
    }
    bytes.0.is_empty().then_some(marks)
}

/// A count as it goes into a varint.
pub(super) fn count(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

pub(super) fn put_varint(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(seven_bits(number) | 0x80);
        number >>= 7;
    }
    bytes.push(seven_bits(number));
}

fn seven_bits(number: u64) -> u8 {
    u8::try_from(number & 0x7F).unwrap_or(0)
}

/// Small numbers of either sign become small numbers.
fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)).cast_unsigned()
}

fn unzigzag(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -(number & 1).cast_signed()
}

/// What is left of the bytes; every step is `None` when they run out.
pub(super) struct Bytes<'b>(pub(super) &'b [u8]);

impl Bytes<'_> {
    pub(super) fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*byte)
    }

    fn four(&mut self) -> Option<u32> {
        let (four, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u32::from_le_bytes(*four))
    }

    pub(super) fn varint(&mut self) -> Option<u64> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let part = u64::from(byte & 0x7F);
            if part.leading_zeros() < shift {
                return None;
            }
            number |= part << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn columns() -> Vec<Column> {
        vec![Column::tenths(), Column::Float, Column::tenths(), Column::Float]
    }

    /// A row of [`columns`].
    fn rows() -> impl Strategy<Value = Vec<Result<f64, Quality>>> {
        let ticks = (-40_000..40_000_i32).prop_map(|ticks| f64::from(ticks) / 10.0);
        let float = any::<f32>().prop_filter("finite", |float| float.is_finite()).prop_map(f64::from);
        let or_missing = |value: BoxedStrategy<f64>| {
            let missing = proptest::sample::select(&Quality::ALL[1..]);
            prop_oneof![3 => value.prop_map(Ok), 1 => missing.prop_map(Err)]
        };
        let (ticks, float) = (or_missing(ticks.boxed()).boxed(), or_missing(float.boxed()).boxed());
        (ticks.clone(), float.clone(), ticks, float).prop_map(|(a, b, c, d)| vec![a, b, c, d])
    }

    fn survives(column: Column, number: f64) -> Result<f64, Quality> {
        value(column, mark(column, Ok(number)))
    }

    #[test]
    fn a_row_of_two_registers_takes_five_bytes() {
        let columns = [Column::tenths(), Column::tenths()];
        let marks = [mark(columns[0], Ok(230.4)), mark(columns[1], Ok(-1.5))];
        assert_eq!(pack(&columns, &marks), [0, 0x80, 0x24, 29]);
    }

    #[test]
    fn a_row_with_a_byte_too_many_or_too_few_is_none() {
        let bytes = pack(&[Column::Float], &[Ok(7)]);
        assert!(unpack(&[Column::Float], &bytes).is_some());
        assert_eq!(unpack(&[Column::Float], &bytes[1..]), None);
        assert_eq!(unpack(&[Column::Float], &[bytes, vec![0]].concat()), None);
    }

    #[test]
    fn values_come_back_as_the_register_told_them() {
        let scale = hallward_profiles::Ratio { numerator: 1, denominator: 512 };
        let kelvin = Column::Ticks { scale, offset: -273.15 };
        let told = scale.times(150_123.0) - 273.15;
        assert!(survives(kelvin, told).unwrap().to_bits() == told.to_bits());
        assert_eq!(survives(Column::tenths(), f64::INFINITY), Err(Quality::OutOfRange));
        assert_eq!(survives(Column::tenths(), f64::NAN), Err(Quality::OutOfRange));
        assert_eq!(survives(Column::Float, 1e300), Err(Quality::OutOfRange));
    }

    proptest! {
        #[test]
        fn rows_survive_the_round_trip(row in rows()) {
            let columns = columns();
            let marks: Vec<Mark> = columns.iter().zip(&row).map(|(c, v)| mark(*c, *v)).collect();
            let unpacked = unpack(&columns, &pack(&columns, &marks)).unwrap();
            let values: Vec<_> = columns.iter().zip(unpacked).map(|(c, m)| value(*c, m)).collect();
            prop_assert_eq!(values, row);
        }

        #[test]
        fn numbers_survive_the_round_trip(number: u64, signed: i64) {
            let mut bytes = Vec::new();
            put_varint(&mut bytes, number);
            prop_assert_eq!(Bytes(&bytes).varint(), Some(number));
            prop_assert_eq!(unzigzag(zigzag(signed)), signed);
        }

        #[test]
        fn no_bytes_panic(bytes: Vec<u8>) {
            if let Some(marks) = unpack(&columns(), &bytes) {
                prop_assert_eq!(marks.len(), 4);
            }
        }
    }
}
