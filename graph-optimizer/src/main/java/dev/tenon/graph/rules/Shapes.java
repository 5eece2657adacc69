package dev.tenon.graph.rules;

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

/** What rules ask of shapes. */
final class Shapes {
    private Shapes() {}

    /** The shape of a value; of unknown rank for what is no tensor. */
    static Shape of(Value v) {
        TensorType t = v.tensorType();
        return t == null ? Shape.unknownRank() : t.shape();
    }

    /** The rank, or -1. */
    static int rank(Value v) {
        return of(v).hasRank() ? of(v).rank() : -1;
    }

    /** Whether two values certainly have the same shape. */
    static boolean same(Value a, Value b) {
        return of(a).hasRank() && of(a).equals(of(b));
    }

    /**
     * The target with which Reshape makes one shape from another: numbers, 0 where the dimension stays at its place, and
     * at most one -1. Null if there is none.
     */
    static Tensor target(Shape from, Shape to) {
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

    /** The axes of a reduction of a value of a known rank, in order and none twice; null if they are not known. */
    static int[] axes(Reduction op, Value data, Value axes) {
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

    /** Whether a permutation changes nothing. */
    static boolean isIdentity(int[] perm) {
        for (int i = 0; i < perm.length; i++) {
            if (perm[i] != i) {
                return false;
            }
        }
        return true;
    }

    /** A Transpose by a permutation. */
    static Transpose transpose(int... perm) {
        List<Integer> list = new ArrayList<>();
        for (int p : perm) {
            list.add(p);
        }
        return new Transpose(list);
    }

    /** A constant under another shape of as many elements; itself if it has that shape. */
    static Value reshaped(Emitter to, Value constant, long... dims) {
        return constant.constant().shapeIs(dims)
                ? constant
                : to.constant(constant.constant().reshape(dims));
    }
}
