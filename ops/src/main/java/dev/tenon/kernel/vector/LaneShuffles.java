package dev.tenon.kernel.vector;

import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;

import jdk.incubator.vector.VectorShuffle;

/**
 * The shuffles of a butterfly reduction: each gives lane {@code i} the contents of lane {@code i ^ distance}. To sum a vector
 * into all lanes, shuffle it and add the result to it, for all distances below the number of lanes, from the longest to 1.
 * The constants are in a class of their own, because the JVM loads many classes for the first shuffle: so it does when a loop
 * runs and not when a kernel is planned.
 */
public final class LaneShuffles {
    /** The shuffle of distance 8. */
    public static final VectorShuffle<Float> BY_8 = by(8);

    /** The shuffle of distance 4. */
    public static final VectorShuffle<Float> BY_4 = by(4);

    /** The shuffle of distance 2. */
    public static final VectorShuffle<Float> BY_2 = by(2);

    /** The shuffle of distance 1. */
    public static final VectorShuffle<Float> BY_1 = by(1);

    private LaneShuffles() {}

    private static VectorShuffle<Float> by(int distance) {
        return VectorShuffle.fromOp(F32, i -> (i ^ distance) & (SimdSpecies.LANES - 1));
    }
}
