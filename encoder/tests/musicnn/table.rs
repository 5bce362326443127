//! Writes a TensorFlow checkpoint of one shard.

fn varint(mut n: usize, out: &mut Vec<u8>) {
    while n >= 128 {
        out.push(n as u8 | 128);
        n >>= 7;
    }
    out.push(n as u8);
}

fn number(field: u8, n: usize, out: &mut Vec<u8>) {
    out.push(field << 3);
    varint(n, out);
}

fn bytes(field: u8, own: &[u8], out: &mut Vec<u8>) {
    out.push(field << 3 | 2);
    varint(own.len(), out);
    out.extend(own);
}

/// A block with one restart, its keys sharing their beginnings, uncompressed; and where it lies.
fn block(pairs: &[(Vec<u8>, Vec<u8>)], out: &mut Vec<u8>) -> Vec<u8> {
    let (at, mut last) = (out.len(), &[][..]);
    for (key, value) in pairs {
        let shared = key.iter().zip(last).take_while(|(a, b)| a == b).count();
        for n in [shared, key.len() - shared, value.len()] {
            varint(n, out);
        }
        out.extend(&key[shared..]);
        out.extend(value);
        last = key;
    }
    out.extend([0, 0, 0, 0, 1, 0, 0, 0]);
    let mut place = Vec::new();
    varint(at, &mut place);
    varint(out.len() - at, &mut place);
    // No compression, and a checksum that nobody reads.
    out.extend([0; 5]);
    place
}

/// `.index` and `.data` of named tensors with shapes.
pub fn write(tensors: &[(String, Vec<usize>, Vec<f32>)]) -> (Vec<u8>, Vec<u8>) {
    let (mut pairs, mut data) = (vec![(Vec::new(), vec![8, 1])], Vec::new());
    for (name, shape, values) in tensors {
        let mut dimensions = Vec::new();
        for n in shape {
            let mut dimension = Vec::new();
            number(1, *n, &mut dimension);
            bytes(2, &dimension, &mut dimensions);
        }
        let mut entry = Vec::new();
        number(1, 1, &mut entry);
        bytes(2, &dimensions, &mut entry);
        number(4, data.len(), &mut entry);
        number(5, 4 * values.len(), &mut entry);
        // The checksum, a field of 32 bits.
        entry.extend([6 << 3 | 5, 0, 0, 0, 0]);
        pairs.push((name.clone().into_bytes(), entry));
        data.extend(values.iter().flat_map(|v| v.to_le_bytes()));
    }
    let mut index = Vec::new();
    // Two blocks of tensors, an empty one of properties, and the index of blocks.
    let places: Vec<(Vec<u8>, Vec<u8>)> = pairs
        .chunks(pairs.len().div_ceil(2))
        .map(|part| (part.last().unwrap().0.clone(), block(part, &mut index)))
        .collect();
    let mut footer = block(&[], &mut index);
    footer.extend(block(&places, &mut index));
    footer.resize(40, 0);
    footer.extend(0xdb47_7524_8b80_fb57u64.to_le_bytes());
    index.extend(footer);
    (index, data)
}
