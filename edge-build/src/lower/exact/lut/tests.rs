use super::*;

fn grid(scale: f32, zero_point: i32) -> QuantParams {
    QuantParams { scale, zero_point }
}

#[test]
fn a_table_of_bytes_quantizes_the_function() {
    let table = lut_i8(grid(0.1, 3), grid(1.0 / 256.0, -128), |x| {
        1.0 / (1.0 + (-x).exp())
    });
    assert_eq!(table.len(), 256);
    // Zero lies at 3 and gives one half.
    assert_eq!(table[131], 0);
    assert_eq!((table[0], table[255]), (-128, 127));
}
