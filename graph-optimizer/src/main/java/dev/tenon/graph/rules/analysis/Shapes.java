package dev.tenon.graph.rules.analysis;

import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.Emitter;
import dev.tenon.op.reduce.Reduction;
import dev.tenon.op.shape.Transpose;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Shapes, axes and permutations of values. */
public final class Shapes {
    private Shapes() {}

    /**
     * The shape of a value.
     *
     * @param v the value
     * @return its shape, of unknown rank if the value is no tensor
     */
    public static Shape of(Value v) {
        TensorType t = v.tensorType();
        return t == null ? Shape.unknownRank() : t.shape();
    }

    /**
     * The rank of a value.
     *
     * @param v the value
     * @return the rank, or -1 if it is not known
     */
    public static int rank(Value v) {
        return of(v).hasRank() ? of(v).rank() : -1;
    }

    /**
     * Whether two values have the same shape, whatever the inputs.
     *
     * @param a a value
     * @param b another value
     * @return false if the shapes differ or may differ
     */
    public static boolean same(Value a, Value b) {
        return of(a).hasRank() && of(a).equals(of(b));
    }

    /**
     * The target with which Reshape makes one shape of another: sizes, 0 for a dimension that stays at its place, and
     * -1 at most once.
     *
     * @param from the shape before
     * @param to the shape after
     * @return the target, or null if there is none
     */
    public static Tensor target(Shape from, Shape to) {
        if (!to.hasRank()) {
            return null;
        }
        long[] target = new long[to.rank()];
        int open = -1;
        boolean empty = false;
        for (int i = 0; i < target.length; i++) {
            Dim d = to.dim(i);
            boolean stays = from.hasRank() && i < from.rank() && from.dim(i).equals(d);
            if (d.isKnown()) {
                target[i] = d.value();
                empty |= d.value() == 0;
                if (d.value() == 0 && !stays) {
                    return null;
                }
            } else if (!stays) {
                if (open >= 0) {
                    return null;
                }
                open = i;
                target[i] = -1;
            }
        }
        return empty && open >= 0 ? null : Tensor.of(target);
    }

    /**
     * The axes of a reduction.
     *
     * @param op the reduction
     * @param data the value that is reduced
     * @param axes the operand that names the axes, or null
     * @return the axes in ascending order, each once, in [0, rank - 1]; null if they are not known
     */
    public static int[] axes(Reduction op, Value data, Value axes) {
        int rank = rank(data);
        if (rank < 0 || axes != null && !axes.isConstant()) {
            return null;
        }
        long[] given = axes == null ? new long[0] : axes.constant().toLongArray();
        if (given.length == 0) {
            int[] all = new int[op.noopWithEmptyAxes() ? 0 : rank];
            for (int i = 0; i < all.length; i++) {
                all[i] = i;
            }
            return all;
        }
        int[] sorted = new int[given.length];
        for (int i = 0; i < sorted.length; i++) {
            sorted[i] = (int) (given[i] < 0 ? given[i] + rank : given[i]);
        }
        Arrays.sort(sorted);
        int count = 1;
        for (int i = 1; i < sorted.length; i++) {
            if (sorted[i] != sorted[i - 1]) {
                sorted[count++] = sorted[i];
            }
        }
        return Arrays.copyOf(sorted, count);
    }

    /**
     * Whether a permutation changes nothing.
     *
     * @param perm the permutation
     * @return true if each axis stays at its place
     */
    public static boolean isIdentity(int[] perm) {
        for (int i = 0; i < perm.length; i++) {
            if (perm[i] != i) {
                return false;
            }
        }
        return true;
    }

    /**
     * A Transpose.
     *
     * @param perm its permutation
     * @return the operator
     */
    public static Transpose transpose(int... perm) {
        List<Integer> list = new ArrayList<>();
        for (int p : perm) {
            list.add(p);
        }
        return new Transpose(list);
    }

    /**
     * A constant with another shape of as many elements.
     *
     * @param to where a new constant is added
     * @param constant the constant
     * @param dims the dimensions
     * @return a new constant, or the given one if it has that shape
     */
    public static Value reshaped(Emitter to, Value constant, long... dims) {
        return constant.constant().shapeIs(dims)
                ? constant
                : to.constant(constant.constant().reshape(dims));
    }
}
