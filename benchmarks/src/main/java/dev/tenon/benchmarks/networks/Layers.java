package dev.tenon.benchmarks.networks;

import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.graph.control.StandardOperators;
import dev.tenon.op.Attributes;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Adds layers to a graph, each as the nodes that exporters of PyTorch write for it. Weights are random and uniform. Their bounds
 * follow from the number of terms of a sum, so that numbers keep their magnitude from layer to layer. Confined to one thread.
 */
final class Layers {
    private static final double BIAS = 0.05;
    /** The scale of a random integer that gives numbers from -1 to below 1. */
    private static final double UNIT = 0x1p-31;

    private static final float EPSILON = 1e-5f;

    private final GraphBuilder builder;
    private final SplittableRandom random;

    /**
     * An empty network.
     *
     * @param name its name
     * @param seed decides its weights
     */
    Layers(String name, long seed) {
        builder = new GraphBuilder(name);
        random = new SplittableRandom(seed);
    }

    /** Adds an input. A dimension is an integer or the name of a symbol. */
    Value input(String name, DType dtype, Object... dims) {
        List<Dim> all = new ArrayList<>();
        for (Object dim : dims) {
            all.add(dim instanceof Integer n ? Dim.of(n) : Dim.symbol((String) dim));
        }
        return builder.input(name, new TensorType(dtype, Shape.of(all.toArray(new Dim[0]))));
    }

    /** Adds a node with one output. */
    Value node(String operator, Attributes attributes, Value... operands) {
        return builder.add(
                StandardOperators.set().find("", operator).orElseThrow().create(attributes), operands);
    }

    /** Adds a node without attributes. */
    Value node(String operator, Value... operands) {
        return node(operator, Attributes.none(), operands);
    }

    /** Adds a node with an attribute {@code axis}. */
    Value along(long axis, String operator, Value... operands) {
        return node(operator, Attributes.none().with("axis", axis), operands);
    }

    /** Makes a value an output, and the last one. */
    Graph output(String name, Value value) {
        return builder.output(name, value).build();
    }

    /** Makes a value an output. */
    void alsoOutput(String name, Value value) {
        builder.output(name, value);
    }

    // Constants.

    Value constant(float... values) {
        return builder.constant(values.length == 1 ? Tensor.scalar(values[0]) : Tensor.of(values));
    }

    Value constant(Tensor tensor) {
        return builder.constant(tensor);
    }

    Value integer(long value) {
        return builder.constant(Tensor.scalar(value));
    }

    Value integers(long... values) {
        return builder.constant(Tensor.of(values));
    }

    /** A weight with numbers within a bound. */
    Value weight(double bound, long... dims) {
        return drawn(0, bound, dims);
    }

    private Value drawn(double middle, double bound, long... dims) {
        float[] values = new float[Math.toIntExact(Shape.of(dims).knownElements())];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (middle + random.nextInt() * UNIT * bound);
        }
        return builder.constant(builder.unique("weight"), Tensor.wrap(values, dims));
    }

    /** The bound of uniform weights for which sums of so many terms have the variance {@code gain} for terms of variance 1. */
    private static double bound(double gain, long terms) {
        return Math.sqrt(3 * gain / terms);
    }

    // Shapes.

    /** The size of an axis, which must be a number. */
    static long size(Value x, int axis) {
        Shape shape = x.tensorType().shape();
        return shape.dim(axis < 0 ? shape.rank() + axis : axis).value();
    }

    Value reshape(Value x, long... dims) {
        return node("Reshape", x, integers(dims));
    }

    /** The size of an axis as a value, for symbols. */
    Value sizeOf(Value x, long axis) {
        return along(0, "Gather", node("Shape", x), integer(axis));
    }

    /** A reshape to dimensions of which some are values that {@link #sizeOf} gave, the others integers. */
    Value view(Value x, Object... dims) {
        Value[] parts = new Value[dims.length];
        for (int i = 0; i < parts.length; i++) {
            parts[i] = dims[i] instanceof Integer n ? integers(n) : node("Unsqueeze", (Value) dims[i], integers(0));
        }
        return node("Reshape", x, along(0, "Concat", parts));
    }

    Value transpose(Value x, long... permutation) {
        List<Long> all = Arrays.stream(permutation).boxed().toList();
        return node("Transpose", Attributes.none().with("perm", all), x);
    }

    Value slice(Value x, long axis, long from, long to) {
        return node("Slice", x, integers(from), integers(to), integers(axis));
    }

    // Layers of transformers.

    /** A matrix product with a bias, as exporters write it for inputs of rank 3. */
    Value linear(Value x, long outputs) {
        return node("Add", weight(BIAS, outputs), product(x, outputs));
    }

    /** A matrix product with a weight in the bounds of Xavier's initialisation. */
    Value product(Value x, long outputs) {
        long inputs = size(x, -1);
        return node("MatMul", x, weight(Math.sqrt(6.0 / (inputs + outputs)), inputs, outputs));
    }

    /** A matrix product with a bias, for inputs of rank 2. */
    Value gemm(Value x, long outputs) {
        long inputs = size(x, -1);
        return node(
                "Gemm",
                Attributes.none().with("transB", 1L),
                x,
                weight(bound(1, inputs), outputs, inputs),
                weight(BIAS, outputs));
    }

    private Value scale(long size) {
        return drawn(1, 0.1, size);
    }

    Value layerNorm(Value x) {
        long size = size(x, -1);
        Attributes attributes = Attributes.none().with("axis", -1L).with("epsilon", EPSILON);
        return node("LayerNormalization", attributes, x, scale(size), weight(BIAS, size));
    }

    /** Layer normalisation in the nodes that exporters write for operator sets that do not have it. */
    Value layerNormInParts(Value x) {
        long size = size(x, -1);
        Value centred = node("Sub", x, node("ReduceMean", x, integers(-1)));
        Value variance = node("ReduceMean", node("Pow", centred, constant(2)), integers(-1));
        Value deviation = node("Sqrt", node("Add", variance, constant(1e-12f)));
        return node("Add", node("Mul", node("Div", centred, deviation), scale(size)), weight(BIAS, size));
    }

    /** GELU by the error function. */
    Value gelu(Value x) {
        Value erf = node("Erf", node("Div", x, constant((float) Math.sqrt(2))));
        return node("Mul", node("Mul", x, node("Add", erf, constant(1))), constant(0.5f));
    }

    // Layers of convolutional networks.

    Value relu(Value x) {
        return node("Relu", x);
    }

    /** SiLU, which exporters write as two nodes. */
    Value silu(Value x) {
        return node("Mul", x, node("Sigmoid", x));
    }

    /** A convolution that keeps the size at stride 1. Its bias holds a folded batch normalisation. */
    Value conv(Value x, long channels, long kernel, long stride, double gain) {
        return conv(x, channels, new Window(kernel, stride, kernel / 2, 1), gain, true);
    }

    /** A convolution of each channel with a window of its own. */
    Value depthwise(Value x, long kernel, long stride, double gain) {
        long channels = size(x, 1);
        return conv(x, channels, new Window(kernel, stride, kernel / 2, channels), gain, true);
    }

    /**
     * The window of a convolution, the same along each axis.
     *
     * @param kernel its size
     * @param stride its step
     * @param padding zeros at either end
     * @param groups the number of groups of channels
     */
    record Window(long kernel, long stride, long padding, long groups) {
        private Attributes attributes(int axes) {
            return Attributes.none()
                    .with("dilations", repeated(1, axes))
                    .with("group", groups)
                    .with("kernel_shape", repeated(kernel, axes))
                    .with("pads", repeated(padding, 2 * axes))
                    .with("strides", repeated(stride, axes));
        }

        private static List<Long> repeated(long value, int count) {
            return Collections.nCopies(count, value);
        }
    }

    /** Any convolution. The variance of its outputs is about {@code gain} times that of its inputs. */
    Value conv(Value x, long channels, Window window, double gain, boolean bias) {
        int axes = x.tensorType().shape().rank() - 2;
        long[] dims = new long[axes + 2];
        Arrays.fill(dims, window.kernel());
        dims[0] = channels;
        dims[1] = size(x, 1) / window.groups();
        long terms = dims[1] * Math.round(Math.pow(window.kernel(), axes));
        Value w = weight(bound(gain, terms), dims);
        return bias
                ? node("Conv", window.attributes(axes), x, w, weight(BIAS, channels))
                : node("Conv", window.attributes(axes), x, w);
    }

    /** A transposed convolution that doubles the size of an image, with a window of 2 x 2. */
    Value doubled(Value x, long channels) {
        long inputs = size(x, 1);
        return node(
                "ConvTranspose",
                new Window(2, 2, 0, 1).attributes(2),
                x,
                weight(bound(1, inputs), inputs, channels, 2, 2),
                weight(BIAS, channels));
    }

    Value maxPool(Value x, Window window) {
        Attributes attributes = Attributes.none()
                .with("kernel_shape", Window.repeated(window.kernel(), 2))
                .with("pads", Window.repeated(window.padding(), 4))
                .with("strides", Window.repeated(window.stride(), 2));
        return node("MaxPool", attributes, x);
    }

    /** Batch normalisation that an exporter did not fold into a convolution. */
    Value batchNorm(Value x) {
        long channels = size(x, 1);
        return node(
                "BatchNormalization",
                Attributes.none().with("epsilon", EPSILON),
                x,
                scale(channels),
                weight(BIAS, channels),
                weight(BIAS, channels),
                drawn(1, 0.1, channels));
    }
}
