package dev.tenon.kernel.vector;

import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;

import jdk.incubator.vector.VectorShuffle;

/**
 * Shuffles that put in each lane what the one some lanes away holds: adding what they make of a vector to it, from the
 * longest distance below the number of lanes to 1, leaves the sum in all lanes. Made when a loop runs, not when one is
 * planned: the JVM loads much for the first shuffle.
 */
public final class LaneShuffles {
    public static final VectorShuffle<Float> BY_8 = by(8);
    public static final VectorShuffle<Float> BY_4 = by(4);
    public static final VectorShuffle<Float> BY_2 = by(2);
    public static final VectorShuffle<Float> BY_1 = by(1);

    private LaneShuffles() {}

    private static VectorShuffle<Float> by(int distance) {
        return VectorShuffle.fromOp(F32, i -> (i ^ distance) & (SimdSpecies.LANES - 1));
    }
}
