//! What is asked of each model.

/// A model and what int8 has to reach.
#[derive(Clone, Copy, Debug)]
pub struct Model {
    /// Name of its folders.
    pub name: &'static str,
    /// The file that is quantized.
    pub int8: &'static str,
    /// What an evaluation sample is multiplied with to be an input.
    pub evaluation_scale: f32,
    /// Top-1 in percent of onnxruntime's int8 network on the evaluation samples.
    pub onnxruntime_top1: Option<f64>,
    /// Arena of TensorFlow Lite Micro with CMSIS-NN for the int8 network, in bytes.
    pub tflm_arena: Option<usize>,
    /// Flash of the same: model file and code, in bytes.
    pub tflm_flash: Option<usize>,
}

impl Model {
    const fn new(name: &'static str, int8: &'static str) -> Self {
        Self {
            name,
            int8,
            evaluation_scale: 1.0,
            onnxruntime_top1: None,
            tflm_arena: None,
            tflm_flash: None,
        }
    }

    const fn top1(mut self, percent: f64) -> Self {
        self.onnxruntime_top1 = Some(percent);
        self
    }

    const fn tflm(mut self, arena: usize, model: usize, code: usize) -> Self {
        self.tflm_arena = Some(arena);
        self.tflm_flash = Some(model + code);
        self
    }
}

/// All models. The columns of onnxruntime: per-channel weights, quantized by `onnxruntime.quantization` on
/// the same calibration samples. Those of TensorFlow Lite Micro: mid-2026, only the operators needed.
pub const MODELS: &[Model] = &[
    Model::new("kws_dscnn", "kws_dscnn_tf2onnx_nhwc")
        .top1(92.8)
        .tflm(22_820, 53_936, 56_860),
    Model {
        evaluation_scale: 1.0 / 255.0,
        ..Model::new("vww_mobilenetv1_025_96", "vww_mobilenetv1_025_96_nchw")
            .top1(89.8)
            .tflm(100_708, 333_288, 56_860)
    },
    Model::new("ic_resnet8", "ic_resnet8_nchw")
        .top1(74.6)
        .tflm(54_996, 98_496, 55_884),
    Model::new("ad_autoencoder", "ad_autoencoder_h5_tf2onnx_nhwc").tflm(2_580, 276_976, 29_064),
    Model::new("sww_ds1d", "sww_ds1d_tf2onnx_dynbatch_op15"),
    Model::new("digits_cnn", "digits_cnn_torchscript_op13").top1(99.6),
    Model::new("cifar_mbv2", "cifar_mbv2_dynamo_op18").top1(50.3),
    Model::new("ecg_cnn1d", "ecg_cnn1d_torchscript_dynbatch_op14").top1(94.7),
    Model::new("ecg_tcn", "ecg_tcn_dynamo_op18").top1(95.3),
];

/// Models that run in float as well, and of which nothing else is asked.
pub const FLOAT_ONLY: &[&str] = &["digits_unet", "kws_gru", "kws_tinyformer", "motion_lstm"];
