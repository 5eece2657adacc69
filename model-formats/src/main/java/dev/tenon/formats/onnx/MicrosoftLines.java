package dev.tenon.formats.onnx;

import dev.tenon.graph.Value;
import dev.tenon.op.Attributes;
import dev.tenon.op.Op;
import dev.tenon.tensor.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/**
 * The lines of the {@link OnnxTable} for operators of the domain {@code com.microsoft} that are compositions of operators
 * of the standard, as ONNX Runtime documents them, and the lowerings of those that are fusions of floats. One that is
 * not a composition is an operator of its own, in {@code dev.tenon.op.contrib}, and needs no line.
 */
final class MicrosoftLines {
    static final String DOMAIN = "com.microsoft";

    private static final Attributes TANH = Attributes.none().with("approximate", "tanh");

    private MicrosoftLines() {}

    static void add(LineList list) {
        if (list.asks("Gelu")) list.line(1, node -> node.finish("Gelu", Attributes.none(), node.input(0)));
        if (list.asks("FastGelu"))
            list.line(1, node -> node.finish("Gelu", TANH, biased(node, node.input(0), node.input(1))));
        if (list.asks("BiasGelu"))
            list.line(1, node -> node.finish("Gelu", Attributes.none(), biased(node, node.input(0), node.input(1))));
        if (list.asks("QuickGelu")) list.line(1, MicrosoftLines::quickGelu);
        if (list.asks("GemmFastGelu")) list.line(1, MicrosoftLines::gemmFastGelu);
        if (list.asks("BiasSoftmax")) list.line(1, MicrosoftLines::biasedSoftmax);
        if (list.asks("FusedMatMul")) list.line(1, MicrosoftLines::product);
        if (list.asks("TransposeMatMul")) list.line(1, MicrosoftLines::product);
        if (list.asks("FusedConv")) list.line(1, MicrosoftLines::convolution);
        if (list.asks("FusedGemm")) list.line(1, MicrosoftLines::gemm);
        if (list.asks("SkipLayerNormalization")) list.line(1, MicrosoftLines::skipLayerNormalization);
        if (list.asks("SkipSimplifiedLayerNormalization")) list.line(1, MicrosoftLines::skipRootMeanSquare);
        if (list.asks("SimplifiedLayerNormalization")) list.line(1, MicrosoftLines::rootMeanSquare);
        if (list.asks("EmbedLayerNormalization")) list.line(1, MicrosoftLines::embedding);
        if (list.asks("Trilu")) list.line(1, MicrosoftLines::sameName);
        if (list.asks("ExpandDims")) list.line(1, MicrosoftLines::expandDims);
        if (list.asks("GatherND")) list.line(1, MicrosoftLines::gatherND);
        if (list.asks("Pad")) list.line(1, MicrosoftLines::pad);
        if (list.asks("Range")) list.line(1, MicrosoftLines::range);
        if (list.asks("Unique")) list.line(1, MicrosoftLines::unique);
        if (list.asks("CDist")) list.line(1, MicrosoftLines::distances);
        if (list.asks("UnfoldTensor")) list.line(1, MicrosoftLines::unfold);
        if (list.asks("MaxpoolWithMask")) list.line(1, MicrosoftLines::maskedPool);
        MicrosoftQuantised.add(list);
        MicrosoftAttention.add(list);
        MicrosoftWeights.add(list);
    }

    static List<Value> sameName(NodeLowering node) {
        return node.finish(node.op("", node.operator(), node.attributes()), node.inputs());
    }

    /** A range whose step may be left out. */
    private static List<Value> range(NodeLowering node) {
        Value step = node.input(2) == null ? new Steps(node).scalar(node.dtype(0), 1) : node.input(2);
        return node.finish("Range", Attributes.none(), node.input(0), node.input(1), step);
    }

    private static Value biased(NodeLowering node, Value x, Value bias) {
        return bias == null ? x : node.add("Add", Attributes.none(), x, bias);
    }

    private static List<Value> quickGelu(NodeLowering node) {
        Attributes alpha = Attributes.none().with("alpha", node.attributes().real("alpha", 1.702f));
        return node.finish("Swish", alpha, node.input(0));
    }

    private static List<Value> gemmFastGelu(NodeLowering node) {
        Value product = node.add("MatMul", Attributes.none(), node.input(0), node.input(1));
        return node.finish("Gelu", TANH, biased(node, product, node.input(2)));
    }

    /** Softmax over all dimensions from an axis on, after a bias that broadcasts. */
    private static List<Value> biasedSoftmax(NodeLowering node) {
        long axis = node.attributes().integer("axis", 1);
        Value sum = node.add("Add", Attributes.none(), node.input(0), node.input(1));
        Value matrix = node.add("Flatten", Attributes.none().with("axis", axis), sum);
        Value y = node.add("Softmax", Attributes.none(), matrix);
        Value shape = node.add("Shape", Attributes.none(), node.input(0));
        return node.finish("Reshape", Attributes.none().with("allowzero", 1L), y, shape);
    }

    private static List<Value> product(NodeLowering node) {
        Attributes a = node.attributes();
        Value left = turned(node, 0, a.flag("transA", false), a.flag("transBatchA", false));
        Value right = turned(node, 1, a.flag("transB", false), a.flag("transBatchB", false));
        float alpha = a.real("alpha", 1);
        if (alpha == 1) {
            return node.finish("MatMul", Attributes.none(), left, right);
        }
        Value product = node.add("MatMul", Attributes.none(), left, right);
        return node.finish("Mul", Attributes.none(), product, new Steps(node).scalar(node.dtype(0), alpha));
    }

    /** A stack of matrices as the product takes it: the first axis moved behind the stack's, then the last two swapped. */
    private static Value turned(NodeLowering node, int input, boolean matrix, boolean batch) {
        if (!matrix && !batch) {
            return node.input(input);
        }
        Steps steps = new Steps(node);
        int rank = steps.rank(input);
        if (rank < 2) {
            return node.input(input);
        }
        long[] order = LongStream.range(0, rank).toArray();
        if (batch) {
            order = LongStream.concat(
                            LongStream.concat(LongStream.range(1, rank - 1), LongStream.of(0)), LongStream.of(rank - 1))
                    .toArray();
        }
        if (matrix) {
            long last = order[rank - 1];
            order[rank - 1] = order[rank - 2];
            order[rank - 2] = last;
        }
        return steps.transpose(node.input(input), order);
    }

    private static List<Value> convolution(NodeLowering node) {
        Attributes a = node.attributes();
        Attributes conv = Lowerings.without(a, "activation", "activation_params");
        String activation = a.string("activation", "");
        List<Float> p = a.reals("activation_params", null);
        List<Float> parameters = p == null ? List.of() : p;
        Value[] operands = {node.input(0), node.input(1), node.input(2)};
        Value z = node.input(3);
        if (activation.isEmpty()) {
            return z == null
                    ? node.finish("Conv", conv, operands)
                    : node.finish("Add", Attributes.none(), node.add("Conv", conv, operands), z);
        }
        return activation(node, biased(node, node.add("Conv", conv, operands), z), activation, parameters);
    }

    private static List<Value> gemm(NodeLowering node) {
        Attributes a = node.attributes();
        Attributes gemm = Attributes.none();
        for (String name : List.of("alpha", "beta", "transA", "transB")) {
            gemm = gemm.with(name, a.get(name).orElse(null));
        }
        Value y = node.add("Gemm", gemm, node.input(0), node.input(1), node.input(2));
        List<Float> parameters = new ArrayList<>();
        for (String name : List.of("activation_alpha", "activation_beta", "activation_gamma")) {
            if (a.has(name)) {
                parameters.add(a.real(name, 0));
            }
        }
        return activation(node, y, a.string("activation", ""), parameters);
    }

    private static List<Value> activation(NodeLowering node, Value x, String name, List<Float> parameters) {
        Attributes a = Attributes.none();
        List<String> names =
                switch (name) {
                    case "Relu", "Tanh", "Sigmoid", "HardSwish", "Softplus", "Softsign" -> List.of();
                    case "LeakyRelu", "Elu", "ThresholdedRelu" -> List.of("alpha");
                    case "HardSigmoid" -> List.of("alpha", "beta");
                    case "Selu" -> List.of("alpha", "gamma");
                    case "Clip" -> List.of("min", "max");
                    default ->
                        throw node.error(
                                "activation '" + name + "'",
                                "Relu, Tanh, Sigmoid, LeakyRelu, Elu, HardSigmoid, HardSwish, Selu, Clip",
                                null);
                };
        if (name.equals("Clip")) {
            Steps steps = new Steps(node);
            Value[] bounds = new Value[2];
            for (int i = 0; i < Math.min(2, parameters.size()); i++) {
                bounds[i] = steps.scalar(steps.type(x), parameters.get(i));
            }
            return node.finish("Clip", a, x, bounds[0], bounds[1]);
        }
        for (int i = 0; i < Math.min(names.size(), parameters.size()); i++) {
            a = a.with(names.get(i), parameters.get(i));
        }
        return node.finish(name, a, x);
    }

    private static List<Value> skipLayerNormalization(NodeLowering node) {
        Attributes a = Attributes.none()
                .with("axis", -1L)
                .with("epsilon", node.attributes().real("epsilon", 1e-12f));
        Steps steps = new Steps(node);
        DType type = node.dtype(0);
        DType wide = wide(type);
        Value sum = sum(node, node.input(4), wide);
        Op op = node.op("", "LayerNormalization", a);
        List<Value> operands = new ArrayList<>(List.of(sum, steps.cast(node.input(2), wide)));
        operands.add(node.input(3) == null ? null : steps.cast(node.input(3), wide));
        int statistics = Math.min(3, node.outputs());
        List<Value> results = new ArrayList<>(
                wide == type ? node.finish(op, operands, statistics) : node.addAll(op, operands, statistics));
        if (wide != type) {
            results.set(0, narrowed(node, 0, results.getFirst(), type));
        }
        while (results.size() < 3) {
            results.add(null);
        }
        results.add(wide == type ? sum : narrowed(node, 3, sum, type));
        return results(node, results.toArray(Value[]::new));
    }

    private static List<Value> skipRootMeanSquare(NodeLowering node) {
        float epsilon = node.attributes().real("epsilon", 1e-12f);
        Attributes a = Attributes.none().with("axis", -1L).with("epsilon", epsilon);
        Steps steps = new Steps(node);
        DType type = node.dtype(0);
        DType wide = wide(type);
        Value x = sum(node, node.input(3), wide);
        Value[] operands = {x, steps.cast(node.input(2), wide)};
        Value y = wide == type
                ? node.output(0, "RMSNormalization", a, operands)
                : narrowed(node, 0, node.add("RMSNormalization", a, operands), type);
        Value mean = null;
        Value inverse = null;
        if (node.asks(1) || node.asks(2)) {
            mean = node.output(1, "ReduceMean", Attributes.none(), x, steps.integers(-1));
            Value squares = steps.add("ReduceMean", steps.add("Mul", x, x), steps.integers(-1));
            Value added = steps.add("Add", squares, steps.scalar(wide, epsilon));
            inverse = node.output(2, "Reciprocal", Attributes.none(), steps.add("Sqrt", added));
        }
        return results(node, y, mean, inverse, wide == type ? x : narrowed(node, 3, x, type));
    }

    /** Halves are computed with in float32. */
    private static DType wide(DType type) {
        return type == DType.FLOAT64 ? type : DType.FLOAT32;
    }

    private static Value narrowed(NodeLowering node, int output, Value v, DType type) {
        return node.output(output, "Cast", Attributes.none().with("to", (long) ElementTypes.number(type)), v);
    }

    /** Input plus skip plus bias; the fourth output itself if it is of the type that is computed with. */
    private static Value sum(NodeLowering node, Value bias, DType wide) {
        Steps steps = new Steps(node);
        Value first = steps.cast(node.input(0), wide);
        Value second = steps.cast(node.input(1), wide);
        if (bias != null) {
            first = steps.add("Add", first, second);
            second = steps.cast(bias, wide);
        }
        Value sum = wide == node.dtype(0) ? node.output(3, "Add", Attributes.none(), first, second) : null;
        return sum == null ? steps.add("Add", first, second) : sum;
    }

    /** As many values as the node has outputs. */
    static List<Value> results(NodeLowering node, Value... values) {
        return Arrays.asList(Arrays.copyOf(values, node.outputs()));
    }

    static List<Value> rootMeanSquare(NodeLowering node) {
        Attributes a = node.attributes();
        Attributes kept = Attributes.none()
                .with("axis", a.integer("axis", -1))
                .with("epsilon", a.real("epsilon", 1e-5f))
                .with("stash_type", a.get("stash_type").orElse(null));
        Op op = node.op("", "RMSNormalization", kept);
        List<Value> y = node.finish(op, List.of(node.input(0), node.input(1)), 1);
        return results(node, y.getFirst());
    }

    /** Embeddings of words, positions and segments, added and normalised. */
    private static List<Value> embedding(NodeLowering node) {
        Steps steps = new Steps(node);
        Value ids = node.input(0);
        Value words = steps.gather(node.input(2), ids, 0);
        Value positions;
        if (node.input(8) != null) {
            positions = steps.gather(node.input(3), node.input(8), 0);
        } else {
            positions = steps.slice(node.input(3), steps.integers(0), steps.dims(ids, 1, 2), 0);
        }
        Value segments = node.input(1) == null ? null : steps.gather(node.input(4), node.input(1), 0);
        Value first = segments == null ? words : steps.add("Add", words, positions);
        Value second = segments == null ? positions : segments;
        Value sum = node.output(2, "Add", Attributes.none(), first, second);
        boolean asked = sum != null;
        Attributes a = Attributes.none()
                .with("axis", -1L)
                .with("epsilon", node.attributes().real("epsilon", 1e-12f));
        Value y = node.output(
                0,
                "LayerNormalization",
                a,
                asked ? sum : steps.add("Add", first, second),
                node.input(5),
                node.input(6));
        return results(node, y, lengths(node, steps), sum);
    }

    /** How many elements of each row of the mask are 1; 0 without a mask. */
    private static Value lengths(NodeLowering node, Steps steps) {
        Value mask = node.input(7);
        if (mask == null) {
            return node.output(
                    1, "Expand", Attributes.none(), steps.scalar(DType.INT32, 0), steps.dims(node.input(0), 0, 1));
        }
        Value ones = steps.cast(steps.add("Equal", mask, steps.scalar(node.dtype(7), 1)), DType.INT32);
        return node.output(1, "ReduceSum", Attributes.none().with("keepdims", 0L), ones, steps.integers(1));
    }

    private static List<Value> expandDims(NodeLowering node) {
        Steps steps = new Steps(node);
        Value axis = steps.reshape(steps.cast(node.input(1), DType.INT64), 1);
        return node.finish("Unsqueeze", Attributes.none(), node.input(0), axis);
    }

    private static List<Value> gatherND(NodeLowering node) {
        Value indices = new Steps(node).cast(node.input(1), DType.INT64);
        return node.finish("GatherND", Attributes.none(), node.input(0), indices);
    }

    private static List<Value> pad(NodeLowering node) {
        Steps steps = new Steps(node);
        Value value = node.input(2) == null ? null : steps.scalarOf(node.input(2));
        return node.finish("Pad", node.attributes(), node.input(0), steps.reshape(node.input(1), -1), value);
    }

    /** Unique elements in the order of their first occurrence, where each element has gone, and how often each occurs. */
    private static List<Value> unique(NodeLowering node) {
        Op op = node.op("", "Unique", Attributes.none().with("sorted", 0L));
        List<Value> all = node.addAll(op, List.of(node.input(0)), 4);
        return results(
                node,
                node.output(0, "Identity", Attributes.none(), all.get(0)),
                node.output(1, "Identity", Attributes.none(), all.get(2)),
                node.output(2, "Identity", Attributes.none(), all.get(3)));
    }

    /** The distance of each row of one matrix from each row of another. */
    private static List<Value> distances(NodeLowering node) {
        Steps steps = new Steps(node);
        String metric = node.attributes().string("metric", "sqeuclidean");
        if (!metric.equals("sqeuclidean") && !metric.equals("euclidean")) {
            throw node.error("metric '" + metric + "'", "sqeuclidean, euclidean", null);
        }
        Value difference = steps.add("Sub", steps.unsqueeze(node.input(0), 1), steps.unsqueeze(node.input(1), 0));
        String norm = metric.equals("euclidean") ? "ReduceL2" : "ReduceSumSquare";
        return node.finish(norm, Attributes.none().with("keepdims", 0L), difference, steps.integers(2));
    }

    /** Windows over one axis, which become a new last axis. */
    private static List<Value> unfold(NodeLowering node) {
        Steps steps = new Steps(node);
        int rank = steps.rank(0);
        long axis = node.attributes().integer("dim", -1);
        if (axis < -rank || axis >= rank) {
            throw node.error("dim " + axis, "[" + -rank + ", " + (rank - 1) + "]", null);
        }
        axis = axis < 0 ? axis + rank : axis;
        long size = steps.positive("size");
        long step = node.attributes().integer("step", 1);
        if (step < 1) {
            throw node.error("step " + step, "1 and above", null);
        }
        Value length = steps.scalarOf(steps.dims(node.input(0), axis, axis + 1));
        Value end = steps.add("Sub", length, steps.scalar(DType.INT64, size - 1));
        Value zero = steps.scalar(DType.INT64, 0);
        Value starts = steps.add("Range", zero, end, steps.scalar(DType.INT64, step));
        Value within = steps.add("Range", zero, steps.scalar(DType.INT64, size), steps.scalar(DType.INT64, 1));
        Value indices = steps.add("Add", steps.unsqueeze(starts, 1), within);
        Value windows = steps.gather(node.input(0), indices, axis);
        long behind = axis + 1;
        long[] order = LongStream.concat(LongStream.range(0, rank + 1L).filter(i -> i != behind), LongStream.of(behind))
                .toArray();
        return node.finish("Transpose", Attributes.none().with("perm", order), windows);
    }

    /** The greatest element of each window whose mask is not 0. */
    private static List<Value> maskedPool(NodeLowering node) {
        Steps steps = new Steps(node);
        Value masked = steps.add("Equal", node.input(1), steps.scalar(node.dtype(1), 0));
        Value least = steps.scalar(node.dtype(0), -Float.MAX_VALUE);
        Attributes a = Lowerings.without(node.attributes(), "storage_order");
        return node.finish("MaxPool", a, steps.add("Where", masked, least, node.input(0)));
    }
}
