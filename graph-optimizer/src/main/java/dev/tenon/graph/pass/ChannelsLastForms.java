package dev.tenon.graph.pass;

import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.Target;
import dev.tenon.graph.rules.quant.ByteOperators;
import dev.tenon.op.Op;
import dev.tenon.op.Operands;
import dev.tenon.op.contrib.QLinearAdd;
import dev.tenon.op.contrib.QLinearAveragePool;
import dev.tenon.op.fused.ByteTable;
import dev.tenon.op.fused.CentredQuantization;
import dev.tenon.op.fused.ChannelsLast;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Elementwise;
import dev.tenon.op.math.Mul;
import dev.tenon.op.nn.BatchNormalization;
import dev.tenon.op.nn.Conv;
import dev.tenon.op.nn.MaxPool;
import dev.tenon.op.nn.Softmax;
import dev.tenon.op.quant.ConvInteger;
import dev.tenon.op.quant.DynamicQuantizeLinear;
import dev.tenon.op.quant.QLinearConv;
import dev.tenon.op.quant.QuantizeLinear;
import dev.tenon.op.reduce.Reduction;
import dev.tenon.op.shape.Concat;
import dev.tenon.op.shape.Gather;
import dev.tenon.op.shape.Pad;
import dev.tenon.op.shape.Slice;
import dev.tenon.op.shape.Split;
import dev.tenon.op.shape.Transpose;
import dev.tenon.op.vision.ConvTranspose;
import dev.tenon.op.vision.Resize;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/** The forms that operators take in the channels-last layout, and the reasons why some of them have none. */
final class ChannelsLastForms {
    private static final int MIN_RANK = 3;
    private static final int MAX_RANK = 4;

    /** The smallest number of channels that fills a vector. */
    private static final int MIN_CHANNELS = 16;

    private ChannelsLastForms() {}

    /** Whether a value can have the channels-last layout. */
    static boolean hasChannels(Value v) {
        int rank = rank(v);
        return rank >= MIN_RANK && rank <= MAX_RANK;
    }

    static int rank(Value v) {
        TensorType t = v == null ? null : v.tensorType();
        return t != null && t.shape().hasRank() ? t.shape().rank() : -1;
    }

    /** Why a node can't work in the channels-last layout for a target, or null if it can. */
    static String reasonAgainst(Node node, Target target) {
        if (isDynamicQuantization(node.op())) {
            return unless(hasChannels(node.outputs().getFirst()), "its results are not of 3 or 4 dimensions");
        }
        if (node.outputs().stream().anyMatch(v -> !hasChannels(v))) {
            return "its results are not of 3 or 4 dimensions";
        }
        int rank = rank(node.outputs().getFirst());
        return switch (node.op()) {
            case Conv conv ->
                unless(
                        isDense(conv, node) || isDepthwise(conv, node),
                        "it is not of f32 with constant weights and one group, or one for each of 16 or more channels");
            case ByteTable table -> null;
            case ConvInteger conv -> ByteOperators.reasonAgainst(conv, node, target);
            case QLinearConv conv -> ByteOperators.reasonAgainst(conv, node, target);
            case QLinearAveragePool pool -> ByteOperators.reasonAgainstAverage(node, node.input(0));
            case MaxPool pool
            when isBytes(node.outputs().getFirst()) ->
                unless(ByteOperators.isMaxPool(node), "it gives indices, or its windows are dilated");
            case QLinearAdd sum ->
                unless(rank(node.input(0)) == rank && rank(node.input(3)) == rank, "its operands differ in dimensions");
            case ConvTranspose conv ->
                isWeighted(node)
                        ? target.reasonAgainst(new ChannelsLast(conv), node.inputs(), node.outputs())
                        : "it is not of f32 with constant weights";
            case Elementwise e ->
                unless(
                        node.outputs().size() == 1
                                && node.inputs().stream().allMatch(v -> v == null || follows(v, rank)),
                        "an operand has fewer dimensions and is not constant");
            case QuantizeLinear q -> unless(hasOneScale(q, node), "it has more than one scale");
            case Concat c -> null;
            case BatchNormalization b ->
                target.machine().reassociates()
                        ? unless(hasConstantStatistics(b, node), "its statistics are not constant f32")
                        : "a product and a sum in its place would round differently";
            case Resize r -> unless(resizesWhole(r, node), "it names axes or a region");
            case Reduction r ->
                unless(
                        r.keepdims()
                                && isConstant(node.input(1))
                                && node.input(1).constant().size() > 0,
                        "its axes are not constant, or it drops them");
            case Softmax s -> unless(axis(s.axis(), rank) == 1, "it is not over the channels");
            case Pad p ->
                unless(isConstant(node.input(1)) && node.input(3) == null, "its pads are computed or name axes");
            case Split s ->
                unless(node.outputs().stream().allMatch(v -> rank(v) == rank), "its results differ in dimensions");
            case Slice s -> unless(isConstant(node.input(3)), "its axes are not constant");
            default ->
                unless(
                        ChannelsLast.OPERATORS.contains(node.op())
                                && node.outputs().size() == 1
                                && isFloat(node.output()),
                        "it has no form for channels-last");
        };
    }

    private static boolean isDynamicQuantization(Op op) {
        return op instanceof DynamicQuantizeLinear || op instanceof CentredQuantization;
    }

    private static boolean resizesWhole(Resize op, Node node) {
        return op.axes().isEmpty() && (node.input(1) == null || isEmpty(node.input(1)));
    }

    private static boolean hasOneScale(QuantizeLinear op, Node node) {
        return op.blockSize() == 0 && isSingle(node.input(1));
    }

    private static boolean hasConstantStatistics(BatchNormalization op, Node node) {
        return !op.trainingMode()
                && node.outputs().size() == 1
                && isFloat(node.output())
                && node.inputs().stream().skip(1).allMatch(v -> v.isConstant() && isFloat(v));
    }

    private static String unless(boolean moves, String reason) {
        return moves ? null : reason;
    }

    private static boolean isConstant(Value v) {
        return v != null && v.isConstant();
    }

    private static boolean isEmpty(Value v) {
        return v.isConstant() && v.constant().size() == 0;
    }

    private static boolean isBytes(Value v) {
        return v.tensorType() != null
                && (v.tensorType().dtype() == DType.INT8 || v.tensorType().dtype() == DType.UINT8);
    }

    private static boolean isFloat(Value v) {
        return v.tensorType() != null && v.tensorType().dtype() == DType.FLOAT32;
    }

    private static boolean isWeighted(Node node) {
        return isFloat(node.output()) && isConstant(node.input(1)) && rank(node.input(1)) == rank(node.output());
    }

    /** Whether a convolution has one group. */
    static boolean isDense(Conv conv, Node node) {
        return isWeighted(node) && conv.group() == 1;
    }

    /** Whether each output channel of a convolution sees one input channel of its own. */
    static boolean isDepthwise(Conv conv, Node node) {
        if (!isWeighted(node)) {
            return false;
        }
        Tensor w = node.input(1).constant();
        return w.dim(0) == conv.group() && w.dim(1) == 1 && conv.group() >= MIN_CHANNELS;
    }

    /** Whether an operand of an element-wise operator has a channels-last form, or is the same in both layouts. */
    private static boolean follows(Value v, int rank) {
        int own = rank(v);
        return own == rank || own >= 0 && (v.isConstant() || isSingle(v));
    }

    static boolean isSingle(Value v) {
        return v.tensorType().shape().isKnown() && v.tensorType().shape().knownElements() == 1;
    }

    private static int axis(long axis, int rank) {
        return (int) (axis < 0 ? axis + rank : axis);
    }

    /** The place of an axis in the channels-last layout. */
    private static int moved(long given, int rank) {
        int axis = axis(given, rank);
        return axis == 0 ? 0 : axis == 1 ? rank - 1 : axis - 1;
    }

    /**
     * Adds the channels-last form of a node.
     *
     * @param node a node that has such a form
     * @param last gives the channels-last form of an operand, or of a constant that broadcasts to it
     * @param first gives an operand in its own layout
     * @param to where the form is added
     * @return the outputs, in the channels-last layout if they have channels
     */
    static List<Value> add(Node node, Function<Value, Value> last, Function<Value, Value> first, GraphCopy to) {
        int rank = rank(node.outputs().getFirst());
        List<Value> operands = new ArrayList<>();
        for (Value v : node.inputs()) {
            operands.add(
                    v == null ? null : operands.isEmpty() || isPlane(node, v, rank) ? last.apply(v) : first.apply(v));
        }
        return switch (node.op()) {
            case Elementwise e -> add(node, e, operands, to);
            case QuantizeLinear q -> add(node, q, operands, to);
            case QLinearAdd sum -> add(node, sum, operands, to);
            case ByteTable table -> add(node, table, operands, to);
            case DynamicQuantizeLinear q -> add(node, q, operands, to);
            case CentredQuantization q -> add(node, q, operands, to);
            case Concat c -> add(node, new Concat(moved(c.axis(), rank)), operands, to);
            case Split s -> add(node, new Split(moved(s.axis(), rank), s.numOutputs()), operands, to);
            case Softmax s -> add(node, new Softmax(-1), operands, to);
            case BatchNormalization b -> List.of(normalized(node, b, operands.getFirst(), to));
            case Reduction r -> {
                operands.set(1, to.constant(axes(node.input(1).constant(), rank(node.input(0)))));
                yield add(node, r, operands, to);
            }
            case Slice s -> {
                operands.set(3, to.constant(axes(node.input(3).constant(), rank)));
                yield add(node, s, operands, to);
            }
            case Pad p -> {
                operands.set(1, to.constant(pads(node.input(1).constant(), rank)));
                yield add(node, p, operands, to);
            }
            case Resize r -> {
                for (int i = 2; i < operands.size(); i++) {
                    operands.set(i, permuted(operands.get(i), rank, to));
                }
                yield add(node, r, operands, to);
            }
            default -> add(node, new ChannelsLast(node.op()), operands, to);
        };
    }

    private static boolean isPlane(Node node, Value v, int rank) {
        return node.op() instanceof Concat
                || node.op() instanceof QLinearAdd && v == node.input(3)
                || node.op() instanceof Elementwise && (rank(v) == rank || !isSingle(v));
    }

    private static List<Value> add(Node node, Op op, List<Value> operands, GraphCopy to) {
        List<String> names = new ArrayList<>();
        for (Value v : node.outputs()) {
            names.add(v == null ? null : to.fresh(v.name() + "_last"));
        }
        return to.builder().add(op, node.name(), operands, names);
    }

    private static Value normalized(Node node, BatchNormalization op, Value x, GraphCopy to) {
        float[] scale = node.input(1).constant().toFloatArray();
        float[] shift = node.input(2).constant().toFloatArray();
        float[] mean = node.input(3).constant().toFloatArray();
        float[] variance = node.input(4).constant().toFloatArray();
        for (int i = 0; i < scale.length; i++) {
            double factor = scale[i] / Math.sqrt((double) variance[i] + op.epsilon());
            shift[i] = (float) (shift[i] - mean[i] * factor);
            scale[i] = (float) factor;
        }
        Value scaled = to.builder()
                .add(
                        new Mul(),
                        node.name(),
                        List.of(x, to.constant(Tensor.of(scale, scale.length))),
                        List.of(to.fresh(node.output().name() + "_scaled")))
                .getFirst();
        return add(node, new Add(), List.of(scaled, to.constant(Tensor.of(shift, shift.length))), to)
                .getFirst();
    }

    private static Tensor axes(Tensor axes, int rank) {
        return Tensor.of(
                Arrays.stream(axes.toLongArray()).map(a -> moved(a, rank)).toArray());
    }

    private static Tensor pads(Tensor pads, int rank) {
        long[] moved = new long[2 * rank];
        for (int i = 0; i < rank; i++) {
            moved[moved(i, rank)] = pads.getLong(i);
            moved[rank + moved(i, rank)] = pads.getLong(rank + i);
        }
        return Tensor.of(moved);
    }

    /** Numbers for each axis, in the order of the channels-last layout. */
    private static Value permuted(Value numbers, int rank, GraphCopy to) {
        if (numbers == null || isEmpty(numbers)) {
            return numbers;
        }
        long[] order = ChannelsLast.toLast(rank).perm().stream()
                .mapToLong(Integer::longValue)
                .toArray();
        if (!numbers.isConstant()) {
            return to.builder()
                    .add(
                            new Gather(0),
                            "",
                            List.of(numbers, to.constant(Tensor.of(order))),
                            List.of(to.fresh(numbers.name() + "_last")))
                    .getFirst();
        }
        Tensor from = numbers.constant();
        Tensor moved = Tensor.allocate(from.dtype(), rank);
        for (int i = 0; i < rank; i++) {
            if (from.dtype().isFloating()) {
                moved.setDouble(i, from.getDouble(order[i]));
            } else {
                moved.setLong(i, from.getLong(order[i]));
            }
        }
        return to.constant(moved);
    }

    /** The channels-last form of a constant that broadcasts to values of a rank. */
    static Tensor transposed(Tensor constant, int rank) {
        if (constant.size() == 1) {
            return constant;
        }
        long[] dims = new long[rank];
        Arrays.fill(dims, 1);
        System.arraycopy(constant.dims(), 0, dims, rank - constant.rank(), constant.rank());
        Transpose by = ChannelsLast.toLast(rank);
        return (Tensor) new Operands(by, "", List.of(constant.reshape(dims)), 1)
                .evaluate()
                .getFirst();
    }
}
