package dev.tenon.exec;

import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The native memory of some tensors, in which overlaps are found in logarithmic time. Immutable. */
final class MemoryRanges {
    /** Where the ranges begin, in ascending order. */
    private final long[] starts;
    /** For each range the largest end of those up to it. */
    private final long[] ends;

    /**
     * The memory of the tensors among some values.
     *
     * @param values the values, null for those left out
     */
    MemoryRanges(List<Datum> values) {
        List<Tensor> tensors = new ArrayList<>();
        for (Datum d : values) {
            if (d instanceof Tensor t && t.isNative()) {
                tensors.add(t);
            }
        }
        tensors.sort(Comparator.comparingLong(t -> t.segment().address()));
        starts = new long[tensors.size()];
        ends = new long[starts.length];
        for (int i = 0; i < starts.length; i++) {
            starts[i] = tensors.get(i).segment().address();
            long end = starts[i] + tensors.get(i).segment().byteSize();
            ends[i] = i == 0 ? end : Math.max(ends[i - 1], end);
        }
    }

    /** Whether a native tensor shares a byte with one of the tensors. */
    boolean overlap(Tensor t) {
        long start = t.segment().address();
        long end = start + t.segment().byteSize();
        if (start == end) {
            return false;
        }
        // The number of ranges that begin before the end of the tensor.
        int before = 0;
        for (int above = starts.length; before < above; ) {
            int middle = (before + above) >>> 1;
            if (starts[middle] < end) {
                before = middle + 1;
            } else {
                above = middle;
            }
        }
        return before > 0 && ends[before - 1] > start;
    }
}
