//! Layers with weights.

use super::draw;
use super::fixed::{self, Checked, Factor};
use super::net::{Net, bytes, quantized, tensor};
use super::real::Real;
use super::tally::Tally;
use super::wanted::Wanted;
use edge_build::ir::{Arithmetic, DType, Quant, QuantParams, TensorType};
use edge_build::ops::{
    Conv2d, ConvTranspose2d, DepthwiseConv2d, FullyConnected, Op, Operator, Sliding,
};
use edge_test_support::random::Random;

/// An element of the input and one of the weights.
type Tap = (usize, usize);

/// A layer without numbers.
#[derive(Debug)]
struct Shape {
    op: Op,
    input: Vec<usize>,
    weights: Vec<usize>,
    outputs: usize,
    /// Axis of the weights that counts outputs, where each may have a scale.
    axis: Option<usize>,
    /// The taps of each element of the output, and its channel.
    taps: Vec<(usize, Vec<Tap>)>,
}

/// A layer with all its numbers.
#[derive(Debug)]
struct Layer {
    shape: Shape,
    arithmetic: Arithmetic,
    clamp: [f32; 2],
    types: [DType; 3],
    x: QuantParams,
    y: QuantParams,
    scales: Vec<f32>,
    weights: Vec<i64>,
    bias: Vec<i64>,
    inputs: Vec<i64>,
}

/// The limits of integers that an activation means.
#[must_use]
pub fn limits(arithmetic: Arithmetic, dtype: DType, clamp: [f32; 2], y: QuantParams) -> [i64; 2] {
    let [least, greatest] = draw::ends(dtype);
    clamp.map(|bound| {
        let steps = bound / y.scale;
        let steps = match arithmetic {
            Arithmetic::Onnx => steps.round_ties_even(),
            Arithmetic::TfLite | Arithmetic::Native => steps.round(),
        };
        (steps as i64)
            .saturating_add(y.zero_point.into())
            .clamp(least, greatest)
    })
}

/// Random layers of a kind.
pub fn check(
    name: &'static str,
    random: &mut Random,
    arithmetic: Arithmetic,
    cases: usize,
) -> Tally {
    let mut tally = Tally::new(name, arithmetic);
    for _ in 0..cases {
        let clamp = draw::clamp(random);
        let shape = match name {
            "convolution" => conv(random, clamp),
            "depthwise" => depthwise(random, clamp),
            "transposed" => transposed(random, clamp),
            _ => fully_connected(random, clamp),
        };
        let layer = Layer::draw(random, shape, arithmetic, clamp);
        layer.judge(&mut tally);
    }
    tally
}

fn sliding(random: &mut Random) -> Sliding {
    let mut some = |most: usize| 1 + random.below(most);
    Sliding {
        kernel: [some(3), some(3)],
        strides: [some(2), some(2)],
        dilations: [some(2), some(2)],
        pads: [some(2) - 1, some(2) - 1, some(2) - 1, some(2) - 1],
    }
}

/// The rows of an image that a window reads, or columns: tap and place.
fn inside(s: &Sliding, axis: usize, output: usize, len: usize) -> Vec<(usize, usize)> {
    let place = |tap: usize| {
        let at = output * s.strides[axis] + tap * s.dilations[axis];
        at.checked_sub(s.pads[axis]).filter(|&at| at < len)
    };
    (0..s.kernel[axis])
        .filter_map(|tap| Some((tap, place(tap)?)))
        .collect()
}

/// The taps of a window: the index of a pixel of the image and of one of the kernel.
fn window(s: &Sliding, [h, w]: [usize; 2], [row, column]: [usize; 2]) -> Vec<Tap> {
    let columns = inside(s, 1, column, w);
    let along = |(tap, at): (usize, usize)| {
        let pair = move |&(t, c): &(usize, usize)| (at * w + c, tap * s.kernel[1] + t);
        columns.iter().map(pair).collect::<Vec<_>>()
    };
    inside(s, 0, row, h).into_iter().flat_map(along).collect()
}

fn conv(random: &mut Random, clamp: [f32; 2]) -> Shape {
    let sliding = sliding(random);
    let (groups, depth) = (1 + random.below(2), [1, 3, 40][random.below(3)]);
    let (channels, outputs) = (groups * depth, groups * (1 + random.below(5)));
    let image = [5 + random.below(3), 5 + random.below(3)];
    let [out_h, out_w] = sliding.output(image).expect("a window that fits");
    let per_group = outputs / groups;
    let taps = (0..out_h * out_w * outputs).map(|index| {
        let (pixel, output) = (index / outputs, index % outputs);
        let place = [pixel / out_w, pixel % out_w];
        let kernel = sliding.kernel[0] * sliding.kernel[1];
        let pixels = window(&sliding, image, place).into_iter();
        let all = pixels.flat_map(|(at, tap)| {
            let start = at * channels + output / per_group * depth;
            (0..depth).map(move |c| (start + c, (output * kernel + tap) * depth + c))
        });
        (output, all.collect())
    });
    Shape {
        taps: taps.collect(),
        input: vec![1, image[0], image[1], channels],
        weights: vec![outputs, sliding.kernel[0], sliding.kernel[1], depth],
        outputs,
        axis: Some(0),
        op: Conv2d {
            sliding,
            groups,
            clamp,
        }
        .into(),
    }
}

fn depthwise(random: &mut Random, clamp: [f32; 2]) -> Shape {
    let sliding = sliding(random);
    let (channels, times) = (1 + random.below(9), 1 + random.below(2));
    let outputs = channels * times;
    let image = [5 + random.below(3), 5 + random.below(3)];
    let [out_h, out_w] = sliding.output(image).expect("a window that fits");
    let taps = (0..out_h * out_w * outputs).map(|index| {
        let (pixel, output) = (index / outputs, index % outputs);
        let pixels = window(&sliding, image, [pixel / out_w, pixel % out_w]).into_iter();
        let tap = |(at, tap)| (at * channels + output / times, tap * outputs + output);
        (output, pixels.map(tap).collect())
    });
    Shape {
        taps: taps.collect(),
        input: vec![1, image[0], image[1], channels],
        weights: vec![sliding.kernel[0], sliding.kernel[1], outputs],
        outputs,
        axis: Some(2),
        op: DepthwiseConv2d { sliding, clamp }.into(),
    }
}

fn transposed(random: &mut Random, clamp: [f32; 2]) -> Shape {
    let sliding = sliding(random);
    let groups = 1 + random.below(2);
    let (depth, per_group) = (1 + random.below(5), 1 + random.below(4));
    let (channels, outputs) = (groups * depth, groups * per_group);
    let image = [3 + random.below(2), 3 + random.below(2)];
    let op = ConvTranspose2d {
        sliding,
        output_padding: [0, 0],
        groups,
        clamp,
    };
    let input = vec![1, image[0], image[1], channels];
    let weights = vec![channels, sliding.kernel[0], sliding.kernel[1], per_group];
    let plain = |shape: &[usize]| TensorType::plain(DType::I8, shape);
    let types = [plain(&input), plain(&weights), plain(&[outputs])];
    let made = op
        .infer(&types.each_ref())
        .expect("shapes that go together");
    let (out_h, out_w) = (made[0].shape[1], made[0].shape[2]);
    let mut taps: Vec<(usize, Vec<Tap>)> = (0..out_h * out_w * outputs)
        .map(|index| (index % outputs, Vec::new()))
        .collect();
    // The window of an input, on the output.
    for pixel in 0..image[0] * image[1] {
        let place = [pixel / image[1], pixel % image[1]];
        for (at, tap) in window(&sliding, [out_h, out_w], place) {
            for pair in 0..channels * per_group {
                let (input, o) = (pair / per_group, pair % per_group);
                let output = input / depth * per_group + o;
                let weight = (input * sliding.kernel[0] * sliding.kernel[1] + tap) * per_group + o;
                taps[at * outputs + output]
                    .1
                    .push((pixel * channels + input, weight));
            }
        }
    }
    Shape {
        op: op.into(),
        input,
        weights,
        outputs,
        axis: (groups == 1).then_some(3),
        taps,
    }
}

fn fully_connected(random: &mut Random, clamp: [f32; 2]) -> Shape {
    let rows = 1 + random.below(2);
    let long = [70_000, 34_000, 5_000][random.below(3)];
    let inputs = [1, 7, 64, 300, long][random.below(5)];
    let outputs = if inputs > 300 { 1 } else { 1 + random.below(6) };
    let taps = (0..rows * outputs).map(|index| {
        let (row, output) = (index / outputs, index % outputs);
        let tap = |i| (row * inputs + i, output * inputs + i);
        (output, (0..inputs).map(tap).collect())
    });
    Shape {
        taps: taps.collect(),
        op: FullyConnected { clamp }.into(),
        input: vec![rows, inputs],
        weights: vec![outputs, inputs],
        outputs,
        axis: Some(0),
    }
}

impl Layer {
    fn draw(random: &mut Random, shape: Shape, arithmetic: Arithmetic, clamp: [f32; 2]) -> Self {
        let types = draw::one_of(
            random,
            &[
                [DType::I8, DType::I8, DType::I32],
                [DType::I8, DType::I16, DType::I32],
                [DType::I16, DType::I8, DType::I64],
                [DType::I16, DType::I8, DType::I32],
            ],
        );
        let x = draw::quant(random, types[0]);
        let per_channel = shape.axis.is_some() && random.below(2) == 0;
        let scales = if per_channel {
            (0..shape.outputs).map(|_| draw::scale(random)).collect()
        } else {
            vec![draw::scale(random)]
        };
        let real = f64::from(x.scale) * f64::from(scales[0]);
        let weights = draw::elements(random, types[1], shape.weights.iter().product());
        let mut inputs = draw::elements(random, types[0], shape.input.iter().product());
        if random.below(3) == 0 {
            // As far from the zero point as can be, on the side of the weights of one output.
            let [low, high] = draw::ends(types[0]);
            for &(at, w) in &shape.taps[random.below(shape.taps.len())].1 {
                inputs[at] = if weights[w] < 0 { low } else { high };
            }
        }
        Self {
            y: draw::quant_for(random, types[0], real),
            bias: match random.below(3) {
                0 => draw::elements(random, types[2], shape.outputs),
                _ => draw::elements(random, DType::I16, shape.outputs),
            },
            shape,
            arithmetic,
            clamp,
            types,
            x,
            scales,
            weights,
            inputs,
        }
    }

    fn judge(&self, tally: &mut Tally) {
        let [dtype, w_type, b_type] = self.types;
        let mut net = Net::new(self.arithmetic);
        net.input(quantized(dtype, &self.shape.input, self.x));
        let quant = match (self.scales.as_slice(), self.shape.axis) {
            (&[scale], _) => Quant::PerTensor(QuantParams {
                scale,
                zero_point: 0,
            }),
            (scales, axis) => Quant::PerChannel {
                axis: axis.expect("an axis of channels"),
                scales: scales.to_vec(),
            },
        };
        net.constant(
            tensor(w_type, &self.shape.weights, &self.weights),
            Some(quant),
        );
        net.constant(tensor(b_type, &[self.shape.outputs], &self.bias), None);
        let plain = |dtype, shape: &[usize]| TensorType::plain(dtype, shape);
        let types = [
            plain(dtype, &self.shape.input),
            plain(w_type, &self.shape.weights),
            plain(b_type, &[self.shape.outputs]),
        ];
        let made = self.shape.op.operator().infer(&types.each_ref());
        let y = quantized(
            dtype,
            &made.expect("shapes that go together")[0].shape,
            self.y,
        );
        let compiled = net.compile(self.shape.op.clone(), vec![y]);
        let inputs = [bytes(dtype, &self.inputs)];
        tally.judge(compiled, &inputs, dtype, || self.wanted(), || self.text());
    }

    fn text(&self) -> String {
        format!(
            "{:?} {:?}, types {:?}, input {:?} {:?}, weights {:?} {:?}, bias {:?}, output {:?}",
            self.arithmetic,
            self.shape.op,
            self.types,
            self.shape.input,
            self.x,
            self.shape.weights,
            self.scales,
            self.bias,
            self.y
        )
    }

    fn wanted(&self) -> Vec<Wanted> {
        let limits = limits(self.arithmetic, self.types[0], self.clamp, self.y);
        let element = |(channel, taps): &(usize, Vec<Tap>)| {
            let scale = self.scales[channel % self.scales.len()];
            if self.arithmetic == Arithmetic::Onnx {
                let sum = Real::of(self.sum(*channel, taps, Ok).expect("no limit"));
                let real = sum * Real::float(self.x.scale) * Real::float(scale);
                let steps = real.over(Real::float(self.y.scale));
                return Wanted::near(steps + i64::from(self.y.zero_point), limits);
            }
            Wanted::of(self.exactly(*channel, taps, scale), limits)
        };
        self.shape.taps.iter().map(element).collect()
    }

    fn exactly(&self, channel: usize, taps: &[Tap], scale: f32) -> Checked {
        let factor = f64::from(self.x.scale) * f64::from(scale) / f64::from(self.y.scale);
        let factor = Factor::of(factor)?;
        let scaled = if self.types[2] == DType::I64 {
            factor.scale_long(self.sum(channel, taps, |sum| fixed::long(sum, "a sum"))?)?
        } else {
            factor.scale(self.sum(channel, taps, |sum| fixed::int(sum, "a sum"))?)?
        };
        fixed::int(scaled + i128::from(self.y.zero_point), "an output")
    }

    /// The sum of the products, and then the bias.
    fn sum(&self, channel: usize, taps: &[Tap], check: impl Fn(i128) -> Checked) -> Checked {
        let zero = i128::from(self.x.zero_point);
        let mut sum = 0;
        for &(at, w) in taps {
            let distance = i128::from(self.inputs[at]) - zero;
            sum = check(sum + distance * i128::from(self.weights[w]))?;
        }
        check(sum + i128::from(self.bias[channel]))
    }
}
