use super::*;

fn npy(version: &[u8], header: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = b"\x93NUMPY".to_vec();
    bytes.extend(version);
    match version[0] {
        1 => bytes.extend((header.len() as u16).to_le_bytes()),
        _ => bytes.extend((header.len() as u32).to_le_bytes()),
    }
    bytes.extend(header.as_bytes());
    bytes.extend(body);
    bytes
}

fn array(shape: &[usize], data: impl Into<Data>) -> Array {
    Array {
        shape: shape.to_vec(),
        data: data.into(),
    }
}

#[test]
fn reads_what_it_wrote() {
    let arrays = [
        array(&[2, 3], vec![1.5f32, -2.0, 0.0, f32::MAX, 3.0, -0.25]),
        array(&[4], vec![-128i8, -1, 0, 127]),
        array(&[], vec![7i64]),
        array(&[1, 0], Vec::<u8>::new()),
        array(&[2], vec![1u64 << 63, 3]),
    ];
    for array in &arrays {
        let bytes = npy_bytes(array);
        assert_eq!(
            (bytes.len() - array.data.little_endian().len()) % 64,
            0,
            "the data is aligned"
        );
        assert_eq!(read_npy(&bytes).as_ref(), Ok(array));
    }
    let named: Vec<(String, Array)> = ["a", "b/c", "d", "e", "f"]
        .map(str::to_owned)
        .into_iter()
        .zip(arrays)
        .collect();
    let bytes = npz_bytes(&named).expect("short names");
    assert_eq!(bytes, npz_bytes(&named).expect("short names"));
    assert_eq!(read_npz(&bytes), Ok(named));
}

#[test]
fn reads_every_version_byte_order_and_layout() {
    let body: Vec<u8> = [1i16, 2, 3, 4, 5, 6]
        .iter()
        .flat_map(|x| x.to_le_bytes())
        .collect();
    let swapped: Vec<u8> = [1i16, 2, 3, 4, 5, 6]
        .iter()
        .flat_map(|x| x.to_be_bytes())
        .collect();
    let rows = array(&[2, 3], vec![1i16, 2, 3, 4, 5, 6]);
    let columns = array(&[2, 3], vec![1i16, 3, 5, 2, 4, 6]);
    let c = "{'descr': '<i2', 'fortran_order': False, 'shape': (2, 3), }\n";
    let f = "{\"shape\": (2,3), \"fortran_order\": True, \"descr\": \"<i2\"}";
    let big = "{'descr': '>i2', 'fortran_order': False, 'shape': (2, 3)}";
    for version in [[1, 0], [2, 0], [3, 0]] {
        assert_eq!(read_npy(&npy(&version, c, &body)).as_ref(), Ok(&rows));
        assert_eq!(read_npy(&npy(&version, big, &swapped)).as_ref(), Ok(&rows));
        assert_eq!(read_npy(&npy(&version, f, &body)).as_ref(), Ok(&columns));
    }
    let truth = "{'descr': '|b1', 'fortran_order': False, 'shape': (3,), }";
    assert_eq!(
        read_npy(&npy(&[1, 0], truth, &[1, 0, 1])),
        Ok(array(&[3], vec![1u8, 0, 1]))
    );
}

#[test]
fn refuses_what_it_cannot_read() {
    let header = |descr: &str, shape: &str| {
        format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}")
    };
    let read = |header: &str, body: &[u8]| read_npy(&npy(&[1, 0], header, body));
    assert!(matches!(read_npy(b"PK\x03\x04"), Err(NpyError::Magic(_))));
    assert!(matches!(
        read_npy(b"\x93NUMPY\x01\x00\xff\xff{"),
        Err(NpyError::Header(_))
    ));
    assert!(matches!(
        read_npy(b"\x93NUMPY\x09\x00\x00\x00"),
        Err(NpyError::Header(_))
    ));
    assert!(matches!(read_npy(b"\x93NUMPY"), Err(NpyError::Header(_))));
    assert!(matches!(
        read(&header("<c8", "(1,)"), &[0; 8]),
        Err(NpyError::Type(_))
    ));
    assert!(matches!(
        read(
            "{'descr': [('a', '<i4')], 'fortran_order': False, 'shape': (1,)}",
            &[0; 4]
        ),
        Err(NpyError::Type(_))
    ));
    assert!(matches!(
        read(&header("<f4", "(2,)"), &[0; 7]),
        Err(NpyError::Length { .. })
    ));
    assert!(matches!(
        read(&header("<f4", "(-2,)"), &[0; 8]),
        Err(NpyError::Header(_))
    ));
    assert!(matches!(
        read("{'descr': '<f4'}", &[0; 8]),
        Err(NpyError::Header(_))
    ));
    // Announces far more than any memory holds: refused without an allocation.
    let huge = header("<f8", "(4611686018427387904, 3)");
    assert!(matches!(read(&huge, &[0; 8]), Err(NpyError::Length { .. })));
}

fn deflated(content: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut bytes = Vec::new();
    let mut archive = rawzip::ZipArchiveWriter::new(&mut bytes);
    let (mut entry, config) = archive
        .new_file("x.npy")
        .compression_method(rawzip::CompressionMethod::DEFLATE)
        .start()
        .expect("a short name");
    // The writer counts what goes in; what comes out is deflated at once.
    let mut writer = config.wrap(Vec::new());
    writer.write_all(content).expect("memory");
    let (raw, descriptor) = writer.finish().expect("memory");
    entry
        .write_all(&miniz_oxide::deflate::compress_to_vec(&raw, 6))
        .expect("memory");
    entry.finish(descriptor).expect("memory");
    archive.finish().expect("memory");
    bytes
}

#[test]
fn reads_deflated_archives_and_refuses_broken_ones() {
    let x = array(&[1000], vec![3.0f32; 1000]);
    let bytes = deflated(&npy_bytes(&x));
    assert!(bytes.len() < 1000);
    assert_eq!(read_npz(&bytes), Ok(vec![("x".to_owned(), x)]));
    for cut in [2, 30, bytes.len() / 2, bytes.len() - 1] {
        assert!(read_npz(&bytes[..cut]).is_err(), "cut at {cut}");
    }
    for at in 0..bytes.len() {
        let mut broken = bytes.clone();
        broken[at] ^= 0x55;
        let _ = read_npz(&broken);
    }
    let member = read_npz(&deflated(b"no array"));
    assert!(matches!(member, Err(NpyError::Member { name, .. }) if name == "x"));
    assert!(matches!(read_npz(b"text"), Err(NpyError::Magic(_))));
}
