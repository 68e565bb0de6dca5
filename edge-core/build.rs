//! Tells the code whether the core has the DSP extension (`cfg(edge_dsp)`): `cfg(target_feature = "dsp")` is
//! known to nightly compilers only.

use std::env;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rustc-check-cfg=cfg(edge_dsp)");
    let of = |name: &str| env::var(name).unwrap_or_default();
    if has_dsp(&of("TARGET"), &of("CARGO_ENCODED_RUSTFLAGS")) {
        println!("cargo:rustc-cfg=edge_dsp");
    }
}

/// Armv7E-M has the extension always, Armv8-M where the flags name it or a core that has it.
fn has_dsp(target: &str, flags: &str) -> bool {
    let named = |words: &[&str]| words.iter().any(|word| flags.contains(word));
    let cores = [
        "target-cpu=cortex-m33",
        "target-cpu=cortex-m35p",
        "target-cpu=cortex-m55",
        "target-cpu=cortex-m85",
    ];
    let chosen = target.starts_with("thumbv8m.main") && (named(&cores) || named(&["+dsp"]));
    (target.starts_with("thumbv7em") || chosen) && !named(&["-dsp", "+nodsp"])
}
