package dev.tenon.graph.pass;

import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.op.Attributes;
import dev.tenon.op.Op;
import dev.tenon.op.fused.ChannelsLast;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Mul;
import dev.tenon.op.nn.Conv;
import dev.tenon.op.shape.Reshape;
import dev.tenon.op.shape.Shape;
import dev.tenon.op.shape.Transpose;
import dev.tenon.op.vision.ConvTranspose;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.List;

/**
 * Transposed convolutions of planes whose windows lie side by side on the output: with channels last each is a product of
 * each element of the input with all weights of an input channel, {@code [h, m, ...]} to a window, whose results then
 * move to their places.
 */
final class SeparateWindows {
    private static final int RANK = 4;

    private SeparateWindows() {}

    /** Why a transposed convolution is not of this kind, or null if it is. */
    static String reasonAgainst(ConvTranspose op, Node node) {
        Value w = node.input(1);
        Value b = node.input(2);
        if (!w.isConstant() || w.constant().rank() != RANK || b != null && !b.isConstant()) {
            return "its weights are computed, or not those of planes";
        }
        Tensor weights = w.constant();
        if (weights.dtype() != DType.FLOAT32 || op.group() != 1) {
            return "its weights are not f32, or it has several groups";
        }
        List<Long> sides = List.of(weights.dim(2), weights.dim(3));
        List<Long> strides =
                op.window().strides().isEmpty() ? List.of(1L, 1L) : op.window().strides();
        boolean apart = op.outputShape().isEmpty()
                && op.outputPadding().stream().allMatch(p -> p == 0)
                && op.window().pads().stream().allMatch(p -> p == 0)
                && op.window().dilations().stream().allMatch(d -> d == 1)
                && strides.equals(sides);
        return apart ? null : "its windows do not lie side by side on the output";
    }

    /** Adds a transposed convolution of this kind on an input with channels last; the result has them last too. */
    static Value add(Node node, Value x, GraphCopy to) {
        Tensor w = node.input(1).constant();
        long rows = w.dim(2);
        long columns = w.dim(3);
        long m = w.dim(1);
        Value product = named(
                node,
                new ChannelsLast(Conv.of(Attributes.none())),
                "product",
                List.of(x, to.constant(weights(w)), to.constant(bias(node, w))),
                to);
        Value windows = named(
                node,
                new Reshape(false),
                "windows",
                List.of(product, to.constant(Tensor.of(new long[] {0, 0, 0, rows, columns * m}))),
                to);
        Value lines = named(node, new Transpose(List.of(0, 1, 3, 2, 4)), "lines", List.of(windows), to);
        return named(node, new Reshape(false), "last", List.of(lines, sizes(node, x, rows, columns, m, to)), to);
    }

    private static Value named(Node node, Op op, String what, List<Value> operands, GraphCopy to) {
        List<String> names = List.of(to.fresh(node.output().name() + "_" + what));
        return to.builder().add(op, node.name(), operands, names).getFirst();
    }

    /** Weights {@code [c, m, h, w]} as {@code [h w m, c, 1, 1]}. */
    private static Tensor weights(Tensor w) {
        long taps = w.dim(2) * w.dim(3);
        Tensor turned = Tensor.allocate(DType.FLOAT32, taps * w.dim(1), w.dim(0), 1, 1);
        for (long i = 0; i < w.size(); i++) {
            long tap = i % taps;
            long m = i / taps % w.dim(1);
            long c = i / taps / w.dim(1);
            turned.setDouble((tap * w.dim(1) + m) * w.dim(0) + c, w.getDouble(i));
        }
        return turned;
    }

    /** The bias of each element of a window, zeros if there is none. */
    private static Tensor bias(Node node, Tensor w) {
        Tensor repeated = Tensor.allocate(DType.FLOAT32, w.dim(1) * w.dim(2) * w.dim(3));
        for (long i = 0; node.input(2) != null && i < repeated.size(); i++) {
            repeated.setDouble(i, node.input(2).constant().getDouble(i % w.dim(1)));
        }
        return repeated;
    }

    /** The dimensions of the result: those of the input times the sides of a window, and the channels. */
    private static Value sizes(Node node, Value x, long rows, long columns, long m, GraphCopy to) {
        dev.tenon.tensor.Shape shape = x.tensorType().shape();
        if (shape.isKnown()) {
            return to.constant(Tensor.of(new long[] {
                shape.dim(0).value(), shape.dim(1).value() * rows, shape.dim(2).value() * columns, m
            }));
        }
        Value dims = named(node, new Shape(0, RANK), "dims", List.of(x), to);
        Value factors = to.constant(Tensor.of(new long[] {1, rows, columns, 0}));
        Value sides = named(node, new Mul(), "sides", List.of(dims, factors), to);
        return named(node, new Add(), "sizes", List.of(sides, to.constant(Tensor.of(new long[] {0, 0, 0, m}))), to);
    }
}
