package dev.tenon.generation.sample;

/**
 * Random numbers that depend on a seed and a position alone, so that a token has the same number however a text is made. The number
 * at a position is the output of SplitMix64 at that place, from a seed that is mixed first (Steele, Lea and Flood, "Fast splittable
 * pseudorandom number generators", 2014, with the mixing function that Stafford calls variant 13).
 */
final class PositionRandom {
    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

    private PositionRandom() {}

    /**
     * A uniform number.
     *
     * @param seed any number
     * @param position any number
     * @return a number of 53 bits, at least 0, less than 1
     */
    static double uniform(long seed, long position) {
        return (mixed(mixed(seed) + (position + 1) * GOLDEN_GAMMA) >>> 11) * 0x1p-53;
    }

    private static long mixed(long value) {
        long z = value;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
