package dev.tenon.graph.rules.quant;

import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.Target;
import dev.tenon.graph.rules.analysis.Shapes;
import dev.tenon.op.WindowAttributes;
import dev.tenon.op.contrib.QLinearAveragePool;
import dev.tenon.op.fused.ChannelsLast;
import dev.tenon.op.fused.QuantizedConvSum;
import dev.tenon.op.nn.AveragePool;
import dev.tenon.op.nn.MaxPool;
import dev.tenon.op.quant.ConvInteger;
import dev.tenon.op.quant.QLinearConv;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Which quantised operators stay in integers on a machine that multiplies bytes. */
public final class ByteOperators {
    private ByteOperators() {}

    /**
     * Why no kernel of bytes takes a convolution.
     *
     * @param op the operator
     * @param node the node
     * @param target the kernels and the machine
     * @return the reason, or null if there is one that does
     */
    public static String reasonAgainst(QLinearConv op, Node node, Target target) {
        return reasonAgainst(op, Target.constants(node.inputs()), target);
    }

    /**
     * Why no kernel of bytes takes a convolution into integers.
     *
     * @param op the operator
     * @param node the node
     * @param target the kernels and the machine
     * @return the reason, or null if there is one that does
     */
    public static String reasonAgainst(ConvInteger op, Node node, Target target) {
        Value result = node.output();
        int rank = result.tensorType() == null || !result.tensorType().shape().hasRank()
                ? -1
                : result.tensorType().shape().rank();
        return rank < 3 || rank > 4
                ? "it is not known to have lines or planes"
                : target.reasonAgainst(new ChannelsLast(op), node.inputs(), node.outputs());
    }

    static String reasonAgainst(QLinearConv op, List<Tensor> constants, Target target) {
        return target.reasonAgainst(new ChannelsLast(op), constants);
    }

    /** Why no kernel of bytes takes a convolution together with a sum, or null. */
    static String reasonAgainst(QuantizedConvSum op, List<Value> operands, Target target) {
        List<Tensor> constants = Target.constants(operands);
        for (int i : new int[] {QuantizedConvSum.OTHER + 2, QuantizedConvSum.SUM_SCALE + 1}) {
            if (operands.get(i) == null) {
                constants.set(i, Tensor.allocate(DType.UINT8));
            }
        }
        return target.reasonAgainst(op, constants);
    }

    /** Why no kernel of bytes takes a QLinearAdd, or null. */
    static String reasonAgainstSum(Node node) {
        return reasonAgainstShapes(node.input(0), node.input(3));
    }

    /** Why two operands of a sum may have to be broadcast, or null. */
    static String reasonAgainstShapes(Value a, Value b) {
        return Shapes.same(a, b) ? null : "the operands are not known to have the same shape";
    }

    /**
     * Why no kernel of bytes takes an average of windows.
     *
     * @param node AveragePool, GlobalAveragePool or QLinearAveragePool
     * @param x its operand
     * @return the reason, or null if there is one that does
     */
    public static String reasonAgainstAverage(Node node, Value x) {
        Shape shape =
                x.tensorType() == null ? Shape.unknownRank() : x.tensorType().shape();
        if (!shape.hasRank() || shape.rank() < 3 || shape.rank() > 4) {
            return "its operand is not known to have lines or planes";
        }
        for (int i = 2; i < shape.rank(); i++) {
            if (!shape.dim(i).isKnown()) {
                return "dimension " + i + " is not known";
            }
        }
        WindowAttributes window = average(node).window();
        return window.dilations().stream().anyMatch(d -> d != 1) ? "its windows are dilated" : null;
    }

    /**
     * Whether a node finds the greatest bytes of windows, and a kernel of bytes takes it.
     *
     * @param node a node
     * @return true if it is such a MaxPool
     */
    public static boolean isMaxPool(Node node) {
        return node.op() instanceof MaxPool pool
                && node.outputs().size() == 1
                && pool.window().dilations().stream().allMatch(d -> d == 1);
    }

    /** The average of bytes that stands for one of floats. */
    static QLinearAveragePool average(Node node) {
        if (node.op() instanceof AveragePool pool) {
            return new QLinearAveragePool(pool.window(), pool.countIncludePad());
        }
        if (node.op() instanceof QLinearAveragePool pool) {
            return pool;
        }
        Shape shape = node.input(0).tensorType().shape();
        List<Long> kernel = new ArrayList<>();
        for (int i = 2; i < shape.rank(); i++) {
            kernel.add(shape.dim(i).value());
        }
        return new QLinearAveragePool(
                new WindowAttributes(WindowAttributes.AutoPad.NOTSET, kernel, List.of(), List.of(), List.of(), false),
                false);
    }
}
