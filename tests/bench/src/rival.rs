//! What `TensorFlow` Lite Micro with CMSIS-NN takes for the same networks, and what we want to take.
//!
//! One inference on the emulated boards, counted by the same plugin; both of mid-2026, arm-none-eabi-gcc 12.2, kernels
//! at `-O3`, no operators registered but those of the network.

use firmware::baseline::{BASELINES, Baseline};

/// What a core takes for one inference.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    /// Instructions.
    pub instructions: u64,
    /// Cycles by the model of the core.
    pub cycles: u64,
}

/// A part of what the rival takes: what we must not exceed, and what we aim at.
#[derive(Clone, Copy, Debug)]
pub struct Goal {
    /// At most.
    pub most: f64,
    /// Aim.
    pub aim: f64,
}

/// A network and what the rival takes for it.
#[derive(Clone, Copy, Debug)]
pub struct Rival {
    /// Short name.
    pub name: &'static str,
    /// The file and its checksum.
    pub baseline: Baseline,
    /// The float ONNX file of the same network, where there is one: name of the model, name of the file.
    pub float: Option<[&'static str; 2]>,
    /// Firmware for a Cortex-M4.
    pub m4: Run,
    /// Firmware for a Cortex-M7.
    pub m7: Run,
    /// Bytes of its arena.
    pub arena: u64,
    /// Bytes of the model file and of the code.
    pub flash: [u64; 2],
    /// Goals for the cycles on a Cortex-M4.
    pub m4_goal: Goal,
    /// Goals for the cycles on a Cortex-M7.
    pub m7_goal: Goal,
    /// Goals for the arena.
    pub arena_goal: Goal,
}

/// Goals for code and numbers in flash: the geometric mean over all networks.
pub const FLASH_GOAL: Goal = Goal {
    most: 0.45,
    aim: 0.35,
};

/// Most bytes of stack that an inference may take.
pub const MOST_STACK: usize = 2048;

const fn run(instructions: u64, cycles: u64) -> Run {
    Run {
        instructions,
        cycles,
    }
}

const fn goal(most: f64, aim: f64) -> Goal {
    Goal { most, aim }
}

/// The networks, in the order of [`BASELINES`].
pub const RIVALS: [Rival; 7] = [
    Rival {
        name: "kws",
        baseline: BASELINES[0],
        float: Some(["kws_dscnn", "kws_dscnn_tf2onnx_nhwc"]),
        m4: run(7_846_262, 9_293_048),
        m7: run(7_762_242, 6_166_420),
        arena: 22_820,
        flash: [53_936, 56_860],
        m4_goal: goal(0.45, 0.35),
        m7_goal: goal(0.45, 0.32),
        arena_goal: goal(0.50, 0.40),
    },
    Rival {
        name: "vww",
        baseline: BASELINES[1],
        float: Some([
            "vww_mobilenetv1_025_96",
            "vww_mobilenetv1_025_96_tf2onnx_nhwc",
        ]),
        m4: run(24_720_372, 29_686_331),
        m7: run(24_483_846, 19_631_769),
        arena: 100_708,
        flash: [333_288, 56_860],
        m4_goal: goal(0.27, 0.20),
        m7_goal: goal(0.27, 0.18),
        arena_goal: goal(0.50, 0.35),
    },
    Rival {
        name: "ic",
        baseline: BASELINES[2],
        float: Some(["ic_resnet8", "ic_resnet8_tf2onnx_nhwc"]),
        m4: run(29_874_188, 36_232_192),
        m7: run(29_938_285, 25_080_967),
        arena: 54_996,
        flash: [98_496, 55_884],
        m4_goal: goal(0.42, 0.26),
        m7_goal: goal(0.42, 0.22),
        arena_goal: goal(0.65, 0.40),
    },
    Rival {
        name: "ad",
        baseline: BASELINES[3],
        float: Some(["ad_autoencoder", "ad_autoencoder_h5_tf2onnx_nhwc"]),
        m4: run(582_322, 736_179),
        m7: run(582_620, 563_379),
        arena: 2_580,
        flash: [276_976, 29_064],
        m4_goal: goal(0.60, 0.48),
        m7_goal: goal(0.60, 0.44),
        arena_goal: goal(0.75, 0.50),
    },
    Rival {
        name: "person",
        baseline: BASELINES[4],
        float: None,
        m4: run(23_526_695, 28_066_525),
        m7: run(23_216_517, 18_623_014),
        arena: 82_308,
        flash: [300_568, 46_764],
        m4_goal: goal(0.45, 0.33),
        m7_goal: goal(0.45, 0.30),
        arena_goal: goal(0.55, 0.40),
    },
    Rival {
        name: "speech",
        baseline: BASELINES[5],
        float: None,
        m4: run(1_494_919, 2_032_413),
        m7: run(1_487_268, 1_130_754),
        arena: 6_836,
        flash: [18_800, 47_060],
        m4_goal: goal(0.40, 0.28),
        m7_goal: goal(0.40, 0.25),
        arena_goal: goal(0.65, 0.45),
    },
    Rival {
        name: "hello",
        baseline: BASELINES[6],
        float: None,
        m4: run(3_512, 5_015),
        m7: run(3_540, 3_509),
        arena: 772,
        flash: [2_704, 29_064],
        m4_goal: goal(0.20, 0.10),
        m7_goal: goal(0.20, 0.10),
        arena_goal: goal(0.40, 0.25),
    },
];

impl Rival {
    /// Bytes in flash.
    #[must_use]
    pub fn flash_bytes(&self) -> u64 {
        self.flash.iter().sum()
    }
}

/// How a share of the rival's stands to a goal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The aim is met.
    Aim,
    /// The limit is kept.
    Limit,
    /// Too much.
    Over,
}

impl Goal {
    /// The verdict on a share.
    #[must_use]
    pub fn verdict(self, share: f64) -> Verdict {
        if share <= self.aim {
            Verdict::Aim
        } else if share <= self.most {
            Verdict::Limit
        } else {
            Verdict::Over
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts_follow_from_the_goal() {
        let goal = goal(0.4, 0.2);
        assert_eq!(goal.verdict(0.2), Verdict::Aim);
        assert_eq!(goal.verdict(0.21), Verdict::Limit);
        assert_eq!(goal.verdict(0.41), Verdict::Over);
    }

    #[test]
    fn names_and_files_belong_together() {
        for rival in RIVALS {
            let stem = rival.baseline.file.rsplit('/').next().unwrap();
            assert!(stem.contains(rival.name), "{stem}");
            assert!(rival.m4_goal.aim < rival.m4_goal.most);
        }
    }
}
