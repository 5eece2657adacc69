package dev.tenon.graph.pass;

import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.op.attention.RotaryEmbedding;
import dev.tenon.op.attention.SwiGLU;
import dev.tenon.op.fused.BFloat16MatMul;
import dev.tenon.op.fused.BlockQuantizedMatMul;
import dev.tenon.op.fused.TransposedMatMul;
import dev.tenon.op.math.Elementwise;
import dev.tenon.op.nn.Gemm;
import dev.tenon.op.nn.LayerNormalization;
import dev.tenon.op.nn.LogSoftmax;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.nn.RMSNormalization;
import dev.tenon.op.nn.Softmax;
import dev.tenon.op.quant.BlockMatMul;
import dev.tenon.op.quant.DequantizeBlocks;
import dev.tenon.op.quant.DequantizeLinear;
import dev.tenon.op.quant.QuantizeLinear;
import dev.tenon.op.reduce.Reduction;
import dev.tenon.op.sequence.SequenceAt;
import dev.tenon.op.sequence.SequenceConstruct;
import dev.tenon.op.shape.Concat;
import dev.tenon.op.shape.ConstantOfShape;
import dev.tenon.op.shape.Expand;
import dev.tenon.op.shape.Gather;
import dev.tenon.op.shape.Identity;
import dev.tenon.op.shape.Reshape;
import dev.tenon.op.shape.Size;
import dev.tenon.op.shape.Slice;
import dev.tenon.op.shape.Split;
import dev.tenon.op.shape.Squeeze;
import dev.tenon.op.shape.TopK;
import dev.tenon.op.shape.Transpose;
import dev.tenon.op.shape.Unsqueeze;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/**
 * Where the tokens of a step stand in the values of a decoder, and whether operators keep them apart: the tokens of a step are of several
 * sequences. A value has them along one axis, counted from the last one, which is -1, or depends on their number alone, or on
 * neither. An operator that is not known here keeps no tokens apart.
 */
final class TokenRows {
    /** A value that no token and no number of tokens changes. */
    private static final int NONE = 0;
    /** A value that depends on the number of tokens, or on the index of a token in its step. */
    private static final int NUMBER = 1;
    /** The result of an operator that does not keep tokens apart. */
    private static final int MIXED = 2;

    private static final int ROWS = -2;

    private final Map<Value, Integer> axes = new IdentityHashMap<>();

    /** The inputs that have an element for each token. */
    TokenRows(Collection<Value> inputs) {
        inputs.forEach(v -> axes.put(v, -1));
    }

    /**
     * Follows tokens through nodes.
     *
     * @param nodes the nodes, operands before their users
     * @param layers those of them that are attentions with a past
     * @return the first node that does not keep tokens apart; null if there is none
     */
    Node mixing(List<Node> nodes, Set<Node> layers) {
        for (Node node : nodes) {
            int axis = layers.contains(node) ? attention(node) : axis(node);
            if (axis == MIXED) {
                return node;
            }
            node.outputs().stream().filter(Objects::nonNull).forEach(v -> axes.put(v, axis));
        }
        return null;
    }

    /** Whether a value [batch, tokens, ...] of three dimensions has a row for each token. */
    boolean hasRows(Value v) {
        return of(v) == ROWS;
    }

    private int of(Value v) {
        return v == null ? NONE : axes.getOrDefault(v, NONE);
    }

    private boolean isFree(Value v) {
        return of(v) == NONE;
    }

    private static boolean isOn(int axis) {
        return axis < 0;
    }

    private int attention(Node node) {
        return node.inputs().subList(0, 3).stream().allMatch(this::hasRows) ? ROWS : MIXED;
    }

    private int axis(Node node) {
        if (node.inputs().stream().noneMatch(v -> isOn(of(v)))) {
            return plain(node);
        }
        if (node.op() instanceof dev.tenon.op.shape.Shape || node.op() instanceof Size) {
            return NUMBER;
        }
        Value x = node.input(0);
        int a = of(x);
        boolean alone = isOn(a) && node.inputs().stream().skip(1).allMatch(this::isFree);
        return switch (node.op()) {
            case Elementwise e -> common(node);
            case SwiGLU s -> common(node);
            case SequenceConstruct s -> common(node);
            case Identity i -> a;
            case SequenceAt s -> onlyIf(alone, a);
            case MatMul m -> product(node, ROWS);
            case BFloat16MatMul m -> product(node, ROWS);
            case TransposedMatMul m -> product(node, -1);
            case BlockMatMul m -> onlyIf(alone && a != -1, a);
            case BlockQuantizedMatMul m -> onlyIf(alone && a != -1, a);
            case Gemm m -> onlyIf(alone && a == ROWS && !m.transA(), a);
            case RMSNormalization r -> onlyIf(isBefore(x, r.axis()), common(node));
            case LayerNormalization l -> onlyIf(isBefore(x, l.axis()), common(node));
            case Softmax s -> onlyIf(!isAt(x, s.axis()), a);
            case LogSoftmax s -> onlyIf(!isAt(x, s.axis()), a);
            case TopK t -> onlyIf(alone && !isAt(x, t.axis()), a);
            case DequantizeBlocks d -> onlyIf(alone && a != -1, a);
            case DequantizeLinear d -> onlyIf(alone && (isScalar(node.input(1)) || !isAt(x, d.axis())), a);
            case QuantizeLinear q -> onlyIf(alone && (isScalar(node.input(1)) || !isAt(x, q.axis())), a);
            case RotaryEmbedding r -> rotary(node);
            case Reduction r -> onlyIf(alone, reduced(node, r));
            case Gather g -> gathered(node, g);
            case Concat c -> onlyIf(!isAt(x, c.axis()), common(node));
            case Split s -> onlyIf(alone && !isAt(x, s.axis()), a);
            case Slice s -> onlyIf(alone && !slices(node), a);
            case Transpose t -> onlyIf(shape(x).hasRank(), turned(x, t));
            case Unsqueeze u -> onlyIf(alone, unsqueezed(node));
            case Squeeze q -> onlyIf(alone, squeezed(node));
            case Expand e -> onlyIf(isOn(a) && !isOn(of(node.input(1))), a);
            case Reshape r -> onlyIf(isOn(a) && !isOn(of(node.input(1))), reshaped(x, node.output()));
            default -> MIXED;
        };
    }

    /** Of a node that no token reaches. */
    private int plain(Node node) {
        boolean hasShape = node.op() instanceof Expand || node.op() instanceof Reshape;
        boolean isFilled = node.op() instanceof ConstantOfShape || hasShape && isFree(node.input(0));
        if (isFilled || isKnownSize(node)) {
            return NONE;
        }
        // Along a dimension of unknown size, the elements of other results may differ by their index.
        boolean alike = node.op() instanceof Elementwise
                || node.op() instanceof Identity
                || node.op() instanceof Transpose
                || node.op() instanceof Unsqueeze
                || node.op() instanceof Squeeze;
        boolean free = node.inputs().stream().allMatch(v -> isFree(v) && (v == null || alike || isKnown(shape(v))));
        return free ? NONE : NUMBER;
    }

    /** Whether a node takes known dimensions out of a shape. */
    private static boolean isKnownSize(Node node) {
        Node of = node.op() instanceof Gather ? node.input(0).producer() : null;
        if (of == null || !(of.op() instanceof dev.tenon.op.shape.Shape s) || s.start() != 0) {
            return false;
        }
        Shape shape = shape(of.input(0));
        Tensor at = node.input(1).constant();
        boolean known = shape.hasRank() && at != null;
        for (long i = 0; known && i < at.size(); i++) {
            long axis = at.getLong(i) < 0 ? at.getLong(i) + shape.rank() : at.getLong(i);
            known = axis >= 0 && axis < shape.rank() && shape.dim((int) axis).isKnown();
        }
        return known;
    }

    private static boolean isKnown(Shape shape) {
        return shape.hasRank() && shape.dims().stream().allMatch(Dim::isKnown);
    }

    private static Shape shape(Value v) {
        return v.tensorType() == null ? Shape.unknownRank() : v.tensorType().shape();
    }

    private static int onlyIf(boolean apart, int axis) {
        return apart ? axis : MIXED;
    }

    /** The axis of all operands that have tokens; the others are the same for all tokens. */
    private int common(Node node) {
        int common = NONE;
        for (Value v : node.inputs()) {
            int a = of(v);
            if (a > NONE || common != NONE && a != NONE && a != common) {
                return MIXED;
            }
            common = a == NONE ? common : a;
        }
        return common;
    }

    /** Whether the tokens of a value may be along an axis. */
    private boolean isAt(Value v, long axis) {
        return isOn(of(v)) && (!shape(v).hasRank() || of(v) == fromLast(axis, shape(v).rank()));
    }

    /** Whether the tokens of a value are along an axis before another one. */
    private boolean isBefore(Value v, long axis) {
        return isOn(of(v)) && shape(v).hasRank() && of(v) < fromLast(axis, shape(v).rank());
    }

    private static boolean isScalar(Value v) {
        return shape(v).hasRank() && shape(v).rank() == 0;
    }

    private static long fromLast(long axis, int rank) {
        return axis < 0 ? axis : axis - rank;
    }

    /** Of a product whose right operand has the axis {@code summed} that sums run along. */
    private int product(Node node, int summed) {
        int a = of(node.input(0));
        int b = of(node.input(1));
        boolean matrices = node.inputs().stream().allMatch(v -> shape(v).hasRank() && shape(v).rank() >= 2);
        if (!matrices || a > NONE || b > NONE) {
            return MIXED;
        }
        if (b == NONE) {
            return onlyIf(a != -1, a);
        }
        if (a == NONE) {
            return onlyIf(b != summed, b < ROWS ? b : -1);
        }
        return onlyIf(a == b && a < ROWS, a);
    }

    private int rotary(Node node) {
        Value positions = node.inputs().size() > 3 ? node.input(3) : null;
        boolean apart = hasRows(node.input(0));
        for (Value angles : node.inputs().subList(1, 3)) {
            apart &= positions == null ? hasRows(angles) : isFree(angles);
        }
        return onlyIf(apart && (positions == null || of(positions) == -1), ROWS);
    }

    /** The axes that an operand lists, counted from the last one; null if they are not known. */
    private static Set<Long> listed(Value axes, Shape shape) {
        if (axes == null || axes.constant() == null || !shape.hasRank()) {
            return null;
        }
        Set<Long> listed = new TreeSet<>();
        for (long i = 0; i < axes.constant().size(); i++) {
            listed.add(fromLast(axes.constant().getLong(i), shape.rank()));
        }
        return listed;
    }

    private static Value operand(Node node, int at) {
        return at < node.inputs().size() ? node.input(at) : null;
    }

    private int reduced(Node node, Reduction op) {
        Value list = operand(node, 1);
        Set<Long> listed = listed(list, shape(node.input(0)));
        int a = of(node.input(0));
        boolean all = list == null || listed != null && listed.isEmpty();
        if (all) {
            return onlyIf(op.noopWithEmptyAxes(), a);
        }
        return op.keepdims() && listed != null ? onlyIf(!listed.contains((long) a), a) : removed(a, listed);
    }

    /** The axis after others were removed. */
    private static int removed(int a, Set<Long> listed) {
        if (listed == null || listed.contains((long) a)) {
            return MIXED;
        }
        return a + (int) listed.stream().filter(axis -> axis > a).count();
    }

    private int squeezed(Node node) {
        return removed(of(node.input(0)), listed(operand(node, 1), shape(node.input(0))));
    }

    private int unsqueezed(Node node) {
        Set<Long> listed = listed(node.input(1), shape(node.output()));
        if (listed == null) {
            return MIXED;
        }
        int a = -1;
        int left = -of(node.input(0));
        // The axes of the operand, from the last one, are those that were not inserted.
        while (listed.contains((long) a) || --left > 0) {
            a--;
        }
        return a;
    }

    private int gathered(Node node, Gather op) {
        Value data = node.input(0);
        Value indices = node.input(1);
        Shape from = shape(data);
        Shape of = shape(indices);
        if (!from.hasRank() || !of.hasRank()) {
            return MIXED;
        }
        int axis = (int) fromLast(op.axis(), from.rank());
        if (isFree(data)) {
            return of(indices) + axis + 1;
        }
        if (!isFree(indices) || !isOn(of(data)) || of(data) == axis) {
            return MIXED;
        }
        return of(data) > axis ? of(data) : of(data) + 1 - of.rank();
    }

    /** Whether a Slice may leave tokens out. */
    private boolean slices(Node node) {
        Shape data = shape(node.input(0));
        Value list = operand(node, 3);
        if (list != null) {
            Set<Long> listed = listed(list, data);
            return listed == null || listed.contains((long) of(node.input(0)));
        }
        Shape starts = shape(node.input(1));
        return !data.hasRank()
                || !isKnown(starts)
                || of(node.input(0)) + data.rank() < starts.dim(0).value();
    }

    private int turned(Value x, Transpose op) {
        int rank = shape(x).hasRank() ? shape(x).rank() : 0;
        int[] perm = op.permutation(rank);
        for (int i = 0; i < rank; i++) {
            if (perm[i] == of(x) + rank) {
                return i - rank;
            }
        }
        return MIXED;
    }

    /**
     * The axis in a result of other dimensions: as many elements are after it, and before it too. Pages have a batch of 1, the only
     * unknown dimension that may be before tokens.
     */
    private int reshaped(Value x, Value y) {
        Shape from = shape(x);
        Shape to = shape(y);
        if (!from.hasRank() || !to.hasRank()) {
            return MIXED;
        }
        int at = from.rank() + of(x);
        long after = count(from, at + 1, from.rank(), 0);
        for (int i = 0; i < to.rank() && after > 0; i++) {
            boolean same = to.dim(i).equals(from.dim(at)) || count(from, 0, at, 1) == count(to, 0, i, 1);
            if (!to.dim(i).isKnown() && count(to, i + 1, to.rank(), 0) == after && same) {
                return i - to.rank();
            }
        }
        return MIXED;
    }

    private static long count(Shape shape, int from, int to, long unknown) {
        return shape.dims().subList(from, to).stream()
                .mapToLong(d -> d.orElse(unknown))
                .reduce(1, (a, b) -> a * b);
    }
}
