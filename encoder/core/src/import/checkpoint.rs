//! Reads a single-shard TensorFlow V2 checkpoint without TensorFlow: `.index`, a LevelDB table of protobuf entries
//! (tensor_bundle.proto), and `.data-00000-of-00001`, the values.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail, ensure};

/// A tensor of 32-bit floats.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Array {
    pub shape: Vec<usize>,
    /// In row-major order.
    pub values: Vec<f32>,
}

/// Length of a table's footer in bytes.
const FOOTER: usize = 48;
/// The magic number at the end of a table.
const MAGIC: u64 = 0xdb47_7524_8b80_fb57;
/// TensorFlow's `DT_FLOAT`.
const FLOAT: u64 = 1;

/// All tensors of 32-bit floats by name; others are skipped.
///
/// # Errors
/// When the index is damaged or compressed, or refers to bytes outside of the data.
pub(super) fn read(index: &[u8], data: &[u8]) -> Result<BTreeMap<String, Array>> {
    let footer = index.len().checked_sub(FOOTER).map(|at| &index[at..]).context("its index is cut off")?;
    let magic = footer[FOOTER - 8..].iter().rev().fold(0u64, |n, b| n << 8 | u64::from(*b));
    ensure!(magic == MAGIC, "its index is no table");
    let mut footer = Bytes(footer);
    // The handle of the metaindex block precedes that of the index block.
    handle(&mut footer)?;
    let (mut tensors, mut left) = (BTreeMap::new(), data.len());
    for (_, place) in block(index, handle(&mut footer)?)? {
        // The entry without a name is the header.
        for (name, entry) in block(index, handle(&mut Bytes(&place))?)?.into_iter().filter(|(name, _)| !name.is_empty())
        {
            if let Some(array) = tensor(&entry, data)? {
                let bytes = 4 * array.values.len();
                left = left.checked_sub(bytes).context("it is damaged: its tensors are larger than its data")?;
                tensors.insert(String::from_utf8(name).context("a tensor's name is no text")?, array);
            }
        }
    }
    Ok(tensors)
}

/// Offset and length of a block.
fn handle(bytes: &mut Bytes) -> Result<[u64; 2]> {
    Ok([bytes.varint()?, bytes.varint()?])
}

/// A part of a slice; an error if it is out of range.
fn part(bytes: &[u8], [at, length]: [u64; 2]) -> Result<&[u8]> {
    let range = usize::try_from(at).ok().zip(usize::try_from(at.saturating_add(length)).ok());
    range.and_then(|(from, to)| bytes.get(from..to)).context("it is damaged: a part lies beyond its end")
}

type Pair = (Vec<u8>, Vec<u8>);

/// Upper limits: bytes in a tensor's name, entries in a block of the index, and the size of a dimension.
const LONGEST_KEY: usize = 256;
const MOST_ENTRIES: usize = 4096;
const MOST_VALUES: usize = 1 << 20;

/// The keys and values of a block. A key shares a prefix with the previous one.
fn block(index: &[u8], [at, length]: [u64; 2]) -> Result<Vec<Pair>> {
    let body = part(index, [at, length.saturating_add(1)])?;
    let Some((0, body)) = body.split_last() else { bail!("its index is compressed") };
    let restarts = body.len().checked_sub(4).context("a block of its index is cut off")?;
    let count = body[restarts..].iter().rev().fold(0usize, |n, b| n << 8 | usize::from(*b));
    let end = restarts.checked_sub(4 * count).context("a block of its index is damaged")?;
    let (mut bytes, mut key, mut out) = (Bytes(&body[..end]), Vec::new(), Vec::new());
    while !bytes.0.is_empty() {
        let [shared, own, length] = [bytes.varint()?, bytes.varint()?, bytes.varint()?];
        key.truncate(usize::try_from(shared)?);
        key.extend_from_slice(bytes.take(own)?);
        // Prefix-compressed keys are expanded, so without a limit a small index could exhaust the
        // memory.
        ensure!(key.len() <= LONGEST_KEY && out.len() < MOST_ENTRIES, "its index is larger than any such file's");
        out.push((key.clone(), bytes.take(length)?.to_vec()));
    }
    Ok(out)
}

/// The tensor of a BundleEntryProto; `None` for other element types.
fn tensor(entry: &[u8], data: &[u8]) -> Result<Option<Array>> {
    let (mut kind, mut shape, mut offset, mut size) = (0, Vec::new(), 0, 0);
    for field in fields(entry)? {
        match field {
            (1, Value::Number(n)) => kind = n,
            (2, Value::Bytes(dimensions)) => {
                for (_, dimension) in fields(dimensions)?.into_iter().filter(|(n, _)| *n == 2) {
                    let Value::Bytes(dimension) = dimension else { continue };
                    let own = fields(dimension)?.into_iter().find_map(|(n, v)| match v {
                        Value::Number(length) if n == 1 => Some(length),
                        _ => None,
                    });
                    shape.push(usize::try_from(own.unwrap_or(0))?);
                }
            }
            (4, Value::Number(n)) => offset = n,
            (5, Value::Number(n)) => size = n,
            _ => {}
        }
    }
    if kind != FLOAT {
        return Ok(None);
    }
    let values: Vec<f32> =
        part(data, [offset, size])?.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
    ensure!(shape.iter().all(|d| (1..=MOST_VALUES).contains(d)), "a tensor of it has the impossible shape {shape:?}");
    let count = shape.iter().try_fold(1usize, |n, d| n.checked_mul(*d));
    ensure!(count == Some(values.len()), "a tensor of it has another size than its shape {shape:?}");
    Ok(Some(Array { shape, values }))
}

enum Value<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

/// The fields of a protobuf message.
fn fields(message: &[u8]) -> Result<Vec<(u64, Value<'_>)>> {
    let (mut bytes, mut out) = (Bytes(message), Vec::new());
    while !bytes.0.is_empty() {
        let key = bytes.varint()?;
        let value = match key & 7 {
            0 => Value::Number(bytes.varint()?),
            2 => {
                let length = bytes.varint()?;
                Value::Bytes(bytes.take(length)?)
            }
            5 => Value::Bytes(bytes.take(4)?),
            1 => Value::Bytes(bytes.take(8)?),
            kind => bail!("its index holds a field of the unknown kind {kind}"),
        };
        out.push((key >> 3, value));
    }
    Ok(out)
}

/// The bytes not yet read.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, length: u64) -> Result<&'a [u8]> {
        let (own, rest) = (part(self.0, [0, length])?, self.0);
        self.0 = &rest[own.len()..];
        Ok(own)
    }

    /// Reads a varint: seven bits per byte, least significant first.
    fn varint(&mut self) -> Result<u64> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.take(1)?[0];
            value |= u64::from(byte & 127) << shift;
            if byte < 128 {
                return Ok(value);
            }
        }
        bail!("a number of it is too long")
    }
}
