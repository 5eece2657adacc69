package dev.tenon.formats.onnx.microsoft;

import dev.tenon.formats.onnx.data.ElementTypes;
import dev.tenon.formats.onnx.data.OnnxAttributes;
import dev.tenon.formats.onnx.lowering.NodeLowering;
import dev.tenon.formats.onnx.lowering.OpBuilder;
import dev.tenon.graph.Value;
import dev.tenon.op.Attributes;
import dev.tenon.op.Op;
import dev.tenon.tensor.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/** Lowerings of fused operators on floats, and of operators that the standard has in another form. */
final class FusedLowerings {
    private static final Attributes TANH = Attributes.none().with("approximate", "tanh");

    private FusedLowerings() {}

    static List<Value> gelu(NodeLowering node) {
        return node.finish("Gelu", Attributes.none(), node.input(0));
    }

    static List<Value> fastGelu(NodeLowering node) {
        return node.finish("Gelu", TANH, biased(node, node.input(0), node.input(1)));
    }

    static List<Value> biasGelu(NodeLowering node) {
        return node.finish("Gelu", Attributes.none(), biased(node, node.input(0), node.input(1)));
    }

    /** An operator of the same name in the standard, which takes the same operands and attributes. */
    static List<Value> standardOfSameName(NodeLowering node) {
        return node.finish(node.op("", node.operator(), node.attributes()), node.inputs());
    }

    /** Range, whose step may be left out. */
    static List<Value> range(NodeLowering node) {
        Value step = node.input(2) == null ? new OpBuilder(node).scalar(node.dtype(0), 1) : node.input(2);
        return node.finish("Range", Attributes.none(), node.input(0), node.input(1), step);
    }

    private static Value biased(NodeLowering node, Value x, Value bias) {
        return bias == null ? x : node.add("Add", Attributes.none(), x, bias);
    }

    static List<Value> quickGelu(NodeLowering node) {
        Attributes alpha = Attributes.none().with("alpha", node.attributes().real("alpha", 1.702f));
        return node.finish("Swish", alpha, node.input(0));
    }

    static List<Value> gemmFastGelu(NodeLowering node) {
        Value product = node.add("MatMul", Attributes.none(), node.input(0), node.input(1));
        return node.finish("Gelu", TANH, biased(node, product, node.input(2)));
    }

    /** BiasSoftmax: adds a bias that broadcasts, then takes the Softmax over all dimensions from an axis on. */
    static List<Value> biasSoftmax(NodeLowering node) {
        long axis = node.attributes().integer("axis", 1);
        Value sum = node.add("Add", Attributes.none(), node.input(0), node.input(1));
        Value matrix = node.add("Flatten", Attributes.none().with("axis", axis), sum);
        Value y = node.add("Softmax", Attributes.none(), matrix);
        Value shape = node.add("Shape", Attributes.none(), node.input(0));
        return node.finish("Reshape", Attributes.none().with("allowzero", 1L), y, shape);
    }

    static List<Value> fusedMatMul(NodeLowering node) {
        Attributes a = node.attributes();
        Value left = turned(node, 0, a.flag("transA", false), a.flag("transBatchA", false));
        Value right = turned(node, 1, a.flag("transB", false), a.flag("transBatchB", false));
        float alpha = a.real("alpha", 1);
        if (alpha == 1) {
            return node.finish("MatMul", Attributes.none(), left, right);
        }
        Value product = node.add("MatMul", Attributes.none(), left, right);
        return node.finish("Mul", Attributes.none(), product, new OpBuilder(node).scalar(node.dtype(0), alpha));
    }

    /**
     * A stack of matrices for MatMul. The first axis moves after the other batch axes, then the last two are swapped.
     */
    private static Value turned(NodeLowering node, int input, boolean matrix, boolean batch) {
        if (!matrix && !batch) {
            return node.input(input);
        }
        OpBuilder ops = new OpBuilder(node);
        int rank = ops.rank(input);
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
        return ops.transpose(node.input(input), order);
    }

    static List<Value> fusedConv(NodeLowering node) {
        Attributes a = node.attributes();
        Attributes conv = OnnxAttributes.without(a, "activation", "activation_params");
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

    static List<Value> fusedGemm(NodeLowering node) {
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
            OpBuilder ops = new OpBuilder(node);
            Value[] bounds = new Value[2];
            for (int i = 0; i < Math.min(2, parameters.size()); i++) {
                bounds[i] = ops.scalar(ops.type(x), parameters.get(i));
            }
            return node.finish("Clip", a, x, bounds[0], bounds[1]);
        }
        for (int i = 0; i < Math.min(names.size(), parameters.size()); i++) {
            a = a.with(names.get(i), parameters.get(i));
        }
        return node.finish(name, a, x);
    }

    static List<Value> skipLayerNormalization(NodeLowering node) {
        Attributes a = Attributes.none()
                .with("axis", -1L)
                .with("epsilon", node.attributes().real("epsilon", 1e-12f));
        OpBuilder ops = new OpBuilder(node);
        DType type = node.dtype(0);
        DType wide = wide(type);
        Value sum = sum(node, node.input(4), wide);
        Op op = node.op("", "LayerNormalization", a);
        List<Value> operands = new ArrayList<>(List.of(sum, ops.cast(node.required(2), wide)));
        operands.add(node.input(3) == null ? null : ops.cast(node.input(3), wide));
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

    static List<Value> skipSimplifiedLayerNormalization(NodeLowering node) {
        float epsilon = node.attributes().real("epsilon", 1e-12f);
        Attributes a = Attributes.none().with("axis", -1L).with("epsilon", epsilon);
        OpBuilder ops = new OpBuilder(node);
        DType type = node.dtype(0);
        DType wide = wide(type);
        Value x = sum(node, node.input(3), wide);
        Value[] operands = {x, ops.cast(node.input(2), wide)};
        Value y = wide == type
                ? node.output(0, "RMSNormalization", a, operands)
                : narrowed(node, 0, node.add("RMSNormalization", a, operands), type);
        Value mean = null;
        Value inverse = null;
        if (node.isOutputNamed(1) || node.isOutputNamed(2)) {
            mean = node.output(1, "ReduceMean", Attributes.none(), x, ops.integers(-1));
            Value squares = ops.add("ReduceMean", ops.add("Mul", x, x), ops.integers(-1));
            Value added = ops.add("Add", squares, ops.scalar(wide, epsilon));
            inverse = node.output(2, "Reciprocal", Attributes.none(), ops.add("Sqrt", added));
        }
        return results(node, y, mean, inverse, wide == type ? x : narrowed(node, 3, x, type));
    }

    /** The type to compute in. Results in float16 and bfloat16 are computed in float32. */
    private static DType wide(DType type) {
        return type == DType.FLOAT64 ? type : DType.FLOAT32;
    }

    private static Value narrowed(NodeLowering node, int output, Value v, DType type) {
        return node.output(output, "Cast", Attributes.none().with("to", (long) ElementTypes.number(type)), v);
    }

    /** The sum of input, skip and bias. It is the fourth output if that has the type to compute in. */
    private static Value sum(NodeLowering node, Value bias, DType wide) {
        OpBuilder ops = new OpBuilder(node);
        Value first = ops.cast(node.input(0), wide);
        Value second = ops.cast(node.input(1), wide);
        if (bias != null) {
            first = ops.add("Add", first, second);
            second = ops.cast(bias, wide);
        }
        Value sum = wide == node.dtype(0) ? node.output(3, "Add", Attributes.none(), first, second) : null;
        return sum == null ? ops.add("Add", first, second) : sum;
    }

    /** The first values, as many as the node has outputs. */
    static List<Value> results(NodeLowering node, Value... values) {
        return Arrays.asList(Arrays.copyOf(values, node.outputs()));
    }

    /** EmbedLayerNormalization: adds the embeddings of words, positions and segments, and normalises the sum. */
    static List<Value> embedLayerNormalization(NodeLowering node) {
        OpBuilder ops = new OpBuilder(node);
        Value ids = node.input(0);
        Value words = ops.gather(node.input(2), ids, 0);
        Value positions;
        if (node.input(8) != null) {
            positions = ops.gather(node.input(3), node.input(8), 0);
        } else {
            positions = ops.slice(node.input(3), ops.integers(0), ops.dims(ids, 1, 2), 0);
        }
        Value segments = node.input(1) == null ? null : ops.gather(node.input(4), node.input(1), 0);
        Value first = segments == null ? words : ops.add("Add", words, positions);
        Value second = segments == null ? positions : segments;
        Value sum = node.output(2, "Add", Attributes.none(), first, second);
        boolean asked = sum != null;
        Attributes a = Attributes.none()
                .with("axis", -1L)
                .with("epsilon", node.attributes().real("epsilon", 1e-12f));
        Value y = node.output(
                0, "LayerNormalization", a, asked ? sum : ops.add("Add", first, second), node.input(5), node.input(6));
        return results(node, y, lengths(node, ops), sum);
    }

    /** The second output: how many elements of each row of the mask are 1, or 0 without a mask. */
    private static Value lengths(NodeLowering node, OpBuilder ops) {
        Value mask = node.input(7);
        if (mask == null) {
            return node.output(
                    1, "Expand", Attributes.none(), ops.scalar(DType.INT32, 0), ops.dims(node.input(0), 0, 1));
        }
        Value ones = ops.cast(ops.add("Equal", mask, ops.scalar(node.dtype(7), 1)), DType.INT32);
        return node.output(1, "ReduceSum", Attributes.none().with("keepdims", 0L), ones, ops.integers(1));
    }

    static List<Value> expandDims(NodeLowering node) {
        OpBuilder ops = new OpBuilder(node);
        Value axis = ops.reshape(ops.cast(node.input(1), DType.INT64), 1);
        return node.finish("Unsqueeze", Attributes.none(), node.input(0), axis);
    }

    static List<Value> gatherND(NodeLowering node) {
        Value indices = new OpBuilder(node).cast(node.input(1), DType.INT64);
        return node.finish("GatherND", Attributes.none(), node.input(0), indices);
    }

    static List<Value> pad(NodeLowering node) {
        OpBuilder ops = new OpBuilder(node);
        Value value = node.input(2) == null ? null : ops.scalarOf(node.input(2));
        return node.finish("Pad", node.attributes(), node.input(0), ops.reshape(node.input(1), -1), value);
    }

    /**
     * Unique: gives the elements in the order of their first occurrence, the index of each element among them, and
     * counts.
     */
    static List<Value> unique(NodeLowering node) {
        Op op = node.op("", "Unique", Attributes.none().with("sorted", 0L));
        List<Value> all = node.addAll(op, List.of(node.required(0)), 4);
        return results(
                node,
                node.output(0, "Identity", Attributes.none(), all.get(0)),
                node.output(1, "Identity", Attributes.none(), all.get(2)),
                node.output(2, "Identity", Attributes.none(), all.get(3)));
    }

    /** CDist: the distance of each row of one matrix from each row of another. */
    static List<Value> cdist(NodeLowering node) {
        OpBuilder ops = new OpBuilder(node);
        String metric = node.attributes().string("metric", "sqeuclidean");
        if (!metric.equals("sqeuclidean") && !metric.equals("euclidean")) {
            throw node.error("metric '" + metric + "'", "sqeuclidean, euclidean", null);
        }
        Value difference = ops.add("Sub", ops.unsqueeze(node.input(0), 1), ops.unsqueeze(node.input(1), 0));
        String norm = metric.equals("euclidean") ? "ReduceL2" : "ReduceSumSquare";
        return node.finish(norm, Attributes.none().with("keepdims", 0L), difference, ops.integers(2));
    }

    /** UnfoldTensor: windows over one axis, which become a new last axis. */
    static List<Value> unfoldTensor(NodeLowering node) {
        OpBuilder ops = new OpBuilder(node);
        int rank = ops.rank(0);
        long axis = node.attributes().integer("dim", -1);
        if (axis < -rank || axis >= rank) {
            throw node.error("dim " + axis, "[" + -rank + ", " + (rank - 1) + "]", null);
        }
        axis = axis < 0 ? axis + rank : axis;
        long size = ops.positive("size");
        long step = node.attributes().integer("step", 1);
        if (step < 1) {
            throw node.error("step " + step, "1 and above", null);
        }
        Value length = ops.scalarOf(ops.dims(node.input(0), axis, axis + 1));
        Value end = ops.add("Sub", length, ops.scalar(DType.INT64, size - 1));
        Value zero = ops.scalar(DType.INT64, 0);
        Value starts = ops.add("Range", zero, end, ops.scalar(DType.INT64, step));
        Value within = ops.add("Range", zero, ops.scalar(DType.INT64, size), ops.scalar(DType.INT64, 1));
        Value indices = ops.add("Add", ops.unsqueeze(starts, 1), within);
        Value windows = ops.gather(node.input(0), indices, axis);
        long last = axis + 1;
        long[] order = LongStream.concat(LongStream.range(0, rank + 1L).filter(i -> i != last), LongStream.of(last))
                .toArray();
        return node.finish("Transpose", Attributes.none().with("perm", order), windows);
    }

    /** MaxpoolWithMask: the greatest element of each window whose mask is not 0. */
    static List<Value> maxPoolWithMask(NodeLowering node) {
        OpBuilder ops = new OpBuilder(node);
        Value masked = ops.add("Equal", node.input(1), ops.scalar(node.dtype(1), 0));
        Value least = ops.scalar(node.dtype(0), -Float.MAX_VALUE);
        Attributes a = OnnxAttributes.without(node.attributes(), "storage_order");
        return node.finish("MaxPool", a, ops.add("Where", masked, least, node.input(0)));
    }
}
