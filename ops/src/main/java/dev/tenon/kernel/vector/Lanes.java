package dev.tenon.kernel.vector;

import static dev.tenon.kernel.vector.VectorShape.F32;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;

/**
 * Sums across the lanes of a vector in one order: that of {@code reduceLanes(ADD)} is left open, and differs between
 * interpreted and compiled code.
 */
final class Lanes {
    private static final int LANES = F32.length();
    private static final VectorShuffle<Float> BY_8 = exchange(8);
    private static final VectorShuffle<Float> BY_4 = exchange(4);
    private static final VectorShuffle<Float> BY_2 = exchange(2);
    private static final VectorShuffle<Float> BY_1 = exchange(1);

    private Lanes() {}

    private static VectorShuffle<Float> exchange(int distance) {
        return VectorShuffle.fromOp(F32, lane -> (lane ^ distance) % LANES);
    }

    /** The sum of the lanes, halves added to each other. */
    static float sum(FloatVector v) {
        FloatVector s = v;
        if (LANES == 16) {
            s = s.add(s.rearrange(BY_8));
        }
        if (LANES >= 8) {
            s = s.add(s.rearrange(BY_4));
        }
        s = s.add(s.rearrange(BY_2));
        s = s.add(s.rearrange(BY_1));
        return s.lane(0);
    }
}
