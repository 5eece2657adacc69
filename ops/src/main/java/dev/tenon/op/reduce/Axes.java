package dev.tenon.op.reduce;

import dev.tenon.tensor.Tensor;
import java.util.Arrays;

/** The axes of a tensor, split into kept and reduced ones. */
final class Axes {
    private final long[] keptDims;
    private final long[] keptStrides;
    private final long[] groupDims;
    private final long[] groupStrides;

    Axes(long[] dims, boolean[] reduced) {
        int rank = dims.length;
        int groupRank = 0;
        for (boolean r : reduced) {
            groupRank += r ? 1 : 0;
        }
        groupDims = new long[groupRank];
        groupStrides = new long[groupRank];
        keptDims = new long[rank - groupRank];
        keptStrides = new long[rank - groupRank];
        long stride = 1;
        int k = keptDims.length;
        int g = groupRank;
        for (int i = rank - 1; i >= 0; i--) {
            if (reduced[i]) {
                groupDims[--g] = dims[i];
                groupStrides[g] = stride;
            } else {
                keptDims[--k] = dims[i];
                keptStrides[k] = stride;
            }
            stride *= dims[i];
        }
    }

    /** The flat index of the first element of a group. */
    long start(long group) {
        long at = 0;
        long rest = group;
        for (int i = keptDims.length - 1; i >= 0; i--) {
            at += rest % keptDims[i] * keptStrides[i];
            rest /= keptDims[i];
        }
        return at;
    }

    void reduce(Tensor data, Tensor result, Reduction op) {
        long size = Arrays.stream(groupDims).reduce(1, (a, b) -> a * b);
        Group group = new Group(data, groupDims, groupStrides, size);
        for (long i = 0; i < result.size(); i++) {
            group.moveTo(start(i));
            if (data.dtype().isFloating()) {
                result.setDouble(i, op.reduceReals(group));
            } else {
                result.setLong(i, op.reduceIntegers(group));
            }
        }
    }
}
