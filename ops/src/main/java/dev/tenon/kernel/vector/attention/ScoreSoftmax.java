package dev.tenon.kernel.vector.attention;

import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;

import dev.tenon.kernel.vector.LaneSums;
import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.kernel.vector.VectorMath;
import dev.tenon.kernel.vector.gemm.GemmTile;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Online softmax of the scores of a tile, for keys that come in blocks. It turns the scores of a block into unscaled
 * probabilities. A maximum ignores NaN. The sum of a row is NaN if an element of the row is NaN; therefore the loop that
 * computes exponentials also adds up the differences from the maximum.
 */
final class ScoreSoftmax {
    /** A step, on rows of some elements, whole vectors. */
    private interface Step {
        void run(AttentionScratch s, int length);
    }

    private static final int LANES = SimdSpecies.LANES;
    private static final int ROW = GemmTile.ROW;
    private static final Step[] STEPS = {
        ScoreSoftmax::maxima, ScoreSoftmax::updateMaxima, ScoreSoftmax::exponentials, ScoreSoftmax::updateSums
    };

    private ScoreSoftmax() {}

    /** Runs all steps. They are called through an array, so that C2 sees many targets and does not inline any. */
    static void run(AttentionScratch s, int length) {
        for (int i = 0; i < STEPS.length; i++) {
            STEPS[i].run(s, length);
        }
    }

    /** Stores the maximum of each row. */
    private static void maxima(AttentionScratch s, int length) {
        for (int r = 0; r < s.rows; r++) {
            FloatVector max = FloatVector.broadcast(F32, Float.NEGATIVE_INFINITY);
            for (int i = r * ROW; i < r * ROW + length; i += LANES) {
                FloatVector v = FloatVector.fromArray(F32, s.scores, i);
                max = FLOATS.cast(max).blend(v, v.compare(VectorOperators.GT, max));
            }
            s.maxima[r] = FLOATS.cast(max).reduceLanes(VectorOperators.MAX);
        }
    }

    /**
     * Turns the maximum of each row in this block into the maximum over all blocks so far. If that is negative infinity,
     * the maximum becomes 0, so that exponentials are 0 and not NaN.
     */
    private static void updateMaxima(AttentionScratch s, int length) {
        for (int r = 0; r < s.rows; r++) {
            float before = s.running[r];
            float max = Math.max(before, s.maxima[r]);
            s.running[r] = max;
            s.maxima[r] = max == Float.NEGATIVE_INFINITY ? 0 : max;
            s.factors[r] = before == Float.NEGATIVE_INFINITY ? 0 : (float) Math.exp(before - max);
        }
    }

    /** Replaces scores by the exponentials of their differences from the maximum, and adds these up lane by lane. */
    private static void exponentials(AttentionScratch s, int length) {
        for (int r = 0; r < s.rows; r++) {
            float max = s.maxima[r];
            FloatVector sum = FloatVector.zero(F32);
            FloatVector differences = FloatVector.zero(F32);
            for (int i = r * ROW; i < r * ROW + length; i += LANES) {
                FloatVector d = FloatVector.fromArray(F32, s.scores, i).sub(max);
                FloatVector e = VectorMath.flushedExp(d);
                e.intoArray(s.scores, i);
                sum = e.add(sum);
                differences = d.add(differences);
            }
            FLOATS.cast(sum)
                    .blend(differences, FLOATS.cast(differences).compare(VectorOperators.NE, differences))
                    .intoArray(s.lanes, r * LANES);
        }
    }

    /** Adds the sum of each row in this block to the scaled sum of the earlier blocks. */
    private static void updateSums(AttentionScratch s, int length) {
        for (int r = 0; r < s.rows; r++) {
            s.sums[r] = LaneSums.sum(s.lanes, r * LANES) + s.sums[r] * s.factors[r];
        }
    }
}
