package dev.tenon.generation.sample;

import java.util.Arrays;

/**
 * The place where the largest logits end that are kept: those above a value, and some of those that equal it. It is found by counting
 * or summing in buckets of the leading bits of logits, then of the next bits in the bucket where the goal is reached, and so to the last bit:
 * exact, without sorting, in time that does not depend on the values.
 */
final class Cut {
    /** The lowest bit of the part of a key that each pass looks at. */
    private static final int[] SHIFTS = {18, 9, 0};

    private static final int[] BITS = {14, 9, 9};

    private final double[] buckets = new double[1 << BITS[0]];

    /** Logits of one bucket, whose weights are computed together. */
    private final float[] members = new float[Weights.BLOCK];

    /** The sum of all keys in greater buckets; the search ends where it reaches {@link #goal}. */
    private double above;

    private double goal;

    private float value;
    private int ties;

    /** An unsigned number in the order of logits; both zeros are one. */
    private static int key(float logit) {
        int bits = Float.floatToRawIntBits(logit + 0f);
        return bits ^ (bits >> 31 | Integer.MIN_VALUE);
    }

    private static float logit(int key) {
        return Float.intBitsToFloat(key < 0 ? key ^ Integer.MIN_VALUE : ~key);
    }

    /**
     * Cuts after a number of logits.
     *
     * @param logits the logits, none NaN
     * @param count how many logits there are
     * @param kept how many of them are kept, 1 to {@code count}
     */
    void byCount(float[] logits, int count, int kept) {
        above = 0;
        goal = kept;
        int key = 0;
        for (int pass = 0; pass < SHIFTS.length; pass++) {
            clear(pass);
            int high = SHIFTS[pass] + BITS[pass];
            int mask = (1 << BITS[pass]) - 1;
            for (int i = 0; i < count; i++) {
                int k = key(logits[i]);
                if (pass == 0 || k >>> high == key) {
                    buckets[k >>> SHIFTS[pass] & mask]++;
                }
            }
            key = key << BITS[pass] | crossing(pass);
        }
        value = logit(key);
        ties = (int) (goal - above);
    }

    /**
     * Cuts where weights reach a sum.
     *
     * @param logits the logits, none NaN
     * @param count how many logits there are
     * @param weights the weights of logits
     * @param sum what the fewest largest weights sum to at least, more than 0
     */
    void byWeight(float[] logits, int count, Weights weights, double sum) {
        above = 0;
        goal = sum;
        int key = 0;
        for (int pass = 0; pass < SHIFTS.length; pass++) {
            clear(pass);
            int high = SHIFTS[pass] + BITS[pass];
            int found = 0;
            for (int i = 0; i < count; i++) {
                if (pass == 0 || key(logits[i]) >>> high == key) {
                    members[found++] = logits[i];
                    if (found == members.length) {
                        addMembers(found, weights, pass);
                        found = 0;
                    }
                }
            }
            addMembers(found, weights, pass);
            key = key << BITS[pass] | crossing(pass);
        }
        value = logit(key);
        ties = (int) Math.clamp(Math.ceil((goal - above) / weights.of(value)), 1, count);
    }

    private void addMembers(int count, Weights weights, int pass) {
        int mask = (1 << BITS[pass]) - 1;
        double[] block = weights.of(members, 0, count);
        for (int i = 0; i < count; i++) {
            buckets[key(members[i]) >>> SHIFTS[pass] & mask] += block[i];
        }
    }

    private void clear(int pass) {
        Arrays.fill(buckets, 0, 1 << BITS[pass], 0);
    }

    /** The bucket in which the goal is reached. Sums in another order may miss it by their rounding: then it is the last one. */
    private int crossing(int pass) {
        int last = 0;
        double beforeLast = above;
        double sum = above;
        for (int b = (1 << BITS[pass]) - 1; b >= 0; b--) {
            if (buckets[b] > 0) {
                last = b;
                beforeLast = sum;
                sum += buckets[b];
                if (sum >= goal) {
                    break;
                }
            }
        }
        above = beforeLast;
        return last;
    }

    /** {@return the value of the last logit that is kept; all greater ones are} */
    float value() {
        return value;
    }

    /** {@return how many of the logits that equal {@link #value} are kept, the first ones} */
    int ties() {
        return ties;
    }
}
