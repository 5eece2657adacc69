package dev.tenon.compression.quantize;

import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphEditor;
import dev.tenon.graph.GraphIndex;
import dev.tenon.graph.NewValue;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.ValueRef;
import dev.tenon.graph.pass.DeadCodeElimination;
import dev.tenon.op.Op;
import dev.tenon.op.contrib.QLinearAveragePool;
import dev.tenon.op.fused.QuantizedOperator;
import dev.tenon.op.math.Cast;
import dev.tenon.op.math.Mul;
import dev.tenon.op.nn.AveragePool;
import dev.tenon.op.nn.Conv;
import dev.tenon.op.nn.Gemm;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.quant.DequantizeLinear;
import dev.tenon.op.quant.MatMulInteger;
import dev.tenon.op.quant.QLinearConv;
import dev.tenon.op.quant.QLinearMatMul;
import dev.tenon.op.quant.QuantizeLinear;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Turns operators in float between DequantizeLinear and QuantizeLinear into operators on integers: those of the standard, and
 * of ONNX Runtime. They compute the same, but for numbers half way between two steps. Operators without such a form stay between
 * DequantizeLinear and QuantizeLinear.
 */
final class OperatorForm {
    private static final int WEIGHTS = 1;
    private static final int BIAS = 2;

    private final GraphEditor editor;
    private final GraphIndex index;
    /** The integers in the place of results of QuantizeLinear. */
    private final Map<Value, ValueRef> replaced = new IdentityHashMap<>();

    private final Map<List<Object>, NewValue> zeros = new HashMap<>();

    /**
     * A value as integers.
     *
     * @param integers the integers, int8 or uint8
     * @param scale a constant: a scalar, or a number for each index of an axis
     * @param zero the zero point; null if it is 0
     * @param axis the axis of the scales
     */
    private record Parts(Value integers, Value scale, Value zero, int axis) {
        DType type() {
            return integers.tensorType().dtype();
        }

        boolean isScalar() {
            return scale.constant().size() == 1;
        }

        boolean isScalarOrAlong(int outputs) {
            return isScalar() || axis == outputs;
        }
    }

    private OperatorForm(Graph graph) {
        this.editor = new GraphEditor(graph);
        this.index = editor.index();
    }

    /**
     * The graph with operators on integers.
     *
     * @param graph a graph with QuantizeLinear and DequantizeLinear
     */
    static Graph of(Graph graph) {
        OperatorForm form = new OperatorForm(graph);
        for (Node node : graph.nodes()) {
            form.rewrite(node);
        }
        return new DeadCodeElimination().apply(form.editor.build());
    }

    private void rewrite(Node node) {
        switch (node.op()) {
            case Conv conv -> convolution(node, conv);
            case Gemm gemm -> gemm(node, gemm);
            case MatMul m -> product(node);
            case AveragePool pool -> pool(node, pool);
            default -> {
                if (Operators.isMove(node.op())) {
                    move(node);
                } else if (QuantizedOperator.OPERATORS.contains(node.op())) {
                    arithmetic(node);
                }
            }
        }
    }

    /** The integers of a value that DequantizeLinear computes from 8 bits; else null. */
    private static Parts parts(Value v) {
        if (v == null || v.producer() == null || !(v.producer().op() instanceof DequantizeLinear op)) {
            return null;
        }
        Node node = v.producer();
        DType type = node.input(0).tensorType().dtype();
        boolean fits = (type == DType.INT8 || type == DType.UINT8)
                && op.blockSize() == 0
                && Operators.isFloat(v)
                && node.input(1).isConstant()
                && (node.input(2) == null || node.input(2).isConstant());
        return fits ? new Parts(node.input(0), node.input(1), node.input(2), op.axis()) : null;
    }

    /** The QuantizeLinear that alone uses a value, with one scale for all; else null. */
    private Node rounding(Value v) {
        if (index.isOutput(v) || index.consumers(v).size() != 1) {
            return null;
        }
        Node user = index.consumers(v).getFirst();
        boolean fits = user.op() instanceof QuantizeLinear op
                && op.blockSize() == 0
                && user.input(0) == v
                && user.input(1).isConstant()
                && user.input(1).constant().size() == 1
                && (user.input(2) == null || user.input(2).isConstant());
        return fits ? user : null;
    }

    private static Parts result(Node rounding) {
        return new Parts(rounding.output(), rounding.input(1), rounding.input(2), 0);
    }

    private ValueRef current(Value v) {
        return replaced.getOrDefault(v, v);
    }

    /** The integers, scale and zero point of a value. */
    private List<ValueRef> operands(Parts parts) {
        return List.of(current(parts.integers()), parts.scale(), zero(parts));
    }

    /** The zero point, of the shape of the scale. */
    private ValueRef zero(Parts parts) {
        long[] dims = parts.scale().constant().dims();
        if (parts.zero() != null) {
            return parts.zero();
        }
        List<Object> key =
                List.of(parts.type(), parts.scale().constant().shape().toString());
        return zeros.computeIfAbsent(key, k -> editor.constant(Tensor.allocate(parts.type(), dims)));
    }

    private void replace(Node rounding, Op op, Node node, List<ValueRef> operands) {
        NewValue y = editor.add(op, node.name(), operands, List.of("")).getFirst();
        replaced.put(rounding.output(), y);
        editor.replaceNode(rounding, y);
    }

    /**
     * The integers of a bias.
     *
     * @return null if the bias is no constant of int32 in units of both scales
     */
    private static Value bias(Value v, Parts x, Parts w) {
        if (v.producer() == null || !(v.producer().op() instanceof DequantizeLinear)) {
            return null;
        }
        Value integers = v.producer().input(0);
        if (!integers.isConstant() || integers.tensorType().dtype() != DType.INT32) {
            return null;
        }
        Tensor units = v.producer().input(1).constant();
        Tensor scales = w.scale().constant();
        for (long i = 0; i < integers.constant().size(); i++) {
            float unit = x.scale().constant().getFloat(0) * scales.getFloat(scales.size() == 1 ? 0 : i);
            if (units.getFloat(units.size() == 1 ? 0 : i) != unit) {
                return null;
            }
        }
        return integers;
    }

    /** Whether a product of x and w can be one of integers: x has one scale, and w one for each output or for all. */
    private static boolean fits(Parts x, Parts w, int outputs) {
        return x != null && w != null && x.isScalar() && w.isScalarOrAlong(outputs);
    }

    private void convolution(Node node, Conv conv) {
        Parts x = parts(node.input(0));
        Parts w = parts(node.input(WEIGHTS));
        Node rounding = rounding(node.output());
        if (!fits(x, w, 0) || rounding == null || result(rounding).type() != x.type()) {
            return;
        }
        List<ValueRef> operands = new ArrayList<>(operands(x));
        operands.addAll(operands(w));
        operands.addAll(operands(result(rounding)).subList(1, 3));
        if (node.input(BIAS) != null) {
            Value bias = bias(node.input(BIAS), x, w);
            if (bias == null) {
                return;
            }
            operands.add(bias);
        }
        replace(rounding, new QLinearConv(conv.window(), conv.group()), node, operands);
    }

    private void gemm(Node node, Gemm gemm) {
        Parts x = parts(node.input(0));
        Parts w = parts(node.input(WEIGHTS));
        Node rounding = rounding(node.output());
        Value addend = node.input(BIAS);
        boolean isPlain = addend == null || gemm.beta() == 1 && gemm.alpha() == 1;
        if (!fits(x, w, gemm.transB() ? 0 : 1)
                || !isPlain
                || rounding != null && result(rounding).type() != x.type()) {
            return;
        }
        List<ValueRef> operands = new ArrayList<>(operands(x));
        operands.addAll(operands(w));
        operands.addAll(
                rounding == null
                        ? Collections.nCopies(2, null)
                        : operands(result(rounding)).subList(1, 3));
        if (addend != null) {
            Value bias = bias(addend, x, w);
            if (bias == null) {
                return;
            }
            operands.add(bias);
        }
        Op op = new QuantizedOperator(new Gemm(gemm.alpha(), 1, gemm.transA(), gemm.transB()));
        if (rounding != null) {
            replace(rounding, op, node, operands);
        } else {
            editor.replaceNode(
                    node, editor.add(op, node.name(), operands, List.of("")).getFirst());
        }
    }

    private void product(Node node) {
        Parts a = parts(node.input(0));
        Parts b = parts(node.input(WEIGHTS));
        boolean isMatrix =
                b != null && (b.isScalar() || b.integers().tensorType().shape().rank() == 2);
        if (!isMatrix || !fits(a, b, 1)) {
            return;
        }
        Node rounding = rounding(node.output());
        if (rounding != null && result(rounding).type() == a.type()) {
            List<ValueRef> operands = new ArrayList<>(operands(a));
            operands.addAll(operands(b));
            operands.addAll(operands(result(rounding)).subList(1, 3));
            replace(rounding, new QLinearMatMul(), node, operands);
            return;
        }
        Tensor scales = b.scale().constant();
        Tensor factors = Tensor.allocate(DType.FLOAT32, scales.dims());
        for (long i = 0; i < factors.size(); i++) {
            factors.setDouble(i, a.scale().constant().getFloat(0) * scales.getFloat(i));
        }
        ValueRef none = b.zero() == null ? null : zero(b);
        List<ValueRef> operands = new ArrayList<>(List.of(current(a.integers()), current(b.integers()), zero(a)));
        if (none != null) {
            operands.add(none);
        }
        NewValue sums = editor.add(new MatMulInteger(), name(node, "_quant"), operands, List.of(""))
                .getFirst();
        Cast cast = new Cast(DType.FLOAT32, true, "up");
        NewValue floats = editor.add(cast, name(node, "_cast"), List.of(sums), List.of(""))
                .getFirst();
        editor.replaceNode(
                node,
                editor.add(new Mul(), node.name(), List.of(floats, editor.constant(factors)), List.of(""))
                        .getFirst());
    }

    private static String name(Node node, String suffix) {
        return node.name().isEmpty() ? "" : node.name() + suffix;
    }

    private void pool(Node node, AveragePool pool) {
        Parts x = parts(node.input(0));
        Node rounding = rounding(node.output());
        boolean isDense = pool.window().dilations().stream().allMatch(d -> d == 1);
        if (x == null || !x.isScalar() || rounding == null || result(rounding).type() != x.type() || !isDense) {
            return;
        }
        List<ValueRef> operands = new ArrayList<>(operands(x));
        operands.addAll(operands(result(rounding)).subList(1, 3));
        replace(rounding, new QLinearAveragePool(pool.window(), pool.countIncludePad()), node, operands);
    }

    private void arithmetic(Node node) {
        Node rounding = rounding(node.output());
        if (rounding == null) {
            return;
        }
        List<ValueRef> operands = new ArrayList<>();
        for (Value v : node.inputs()) {
            Parts part = parts(v);
            if (part == null
                    || !part.isScalar()
                    || part.type() != result(rounding).type()) {
                return;
            }
            operands.addAll(operands(part));
        }
        operands.addAll(operands(result(rounding)).subList(1, 3));
        replace(rounding, new QuantizedOperator(node.op()), node, operands);
    }

    /** Moves integers where all results are rounded to the numbers of the operand, that is, not at all. */
    private void move(Node node) {
        Parts x = parts(node.input(0));
        if (x == null || !x.isScalar()) {
            return;
        }
        List<Node> roundings = new ArrayList<>();
        List<String> names = new ArrayList<>();
        for (Value v : node.outputs()) {
            Node rounding = v == null ? null : rounding(v);
            boolean isUnused = v == null || index.consumers(v).isEmpty() && !index.isOutput(v);
            if (!isUnused && (rounding == null || !isSame(x, result(rounding)))) {
                return;
            }
            roundings.add(rounding);
            names.add(v == null ? null : "");
        }
        List<ValueRef> operands = new ArrayList<>(node.inputs());
        operands.set(0, current(x.integers()));
        List<NewValue> results = editor.add(node.op(), node.name(), operands, names);
        for (int i = 0; i < results.size(); i++) {
            if (roundings.get(i) != null) {
                replaced.put(roundings.get(i).output(), results.get(i));
                editor.replaceNode(roundings.get(i), results.get(i));
            }
        }
    }

    private static boolean isSame(Parts x, Parts y) {
        return x.type() == y.type()
                && x.scale().constant().getFloat(0) == y.scale().constant().getFloat(0)
                && zeroNumber(x) == zeroNumber(y);
    }

    private static long zeroNumber(Parts parts) {
        return parts.zero() == null ? 0 : parts.zero().constant().getLong(0);
    }
}
