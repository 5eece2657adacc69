package dev.tenon.text.model;

import java.util.SplittableRandom;

/** The slots in which a hash table with open addressing looks for a key. The number of slots is a power of two. */
final class HashSlots {
    /** Different in each process, so that no file can have keys that collide. */
    private static final long SEED = new SplittableRandom().nextLong();

    private HashSlots() {}

    /** The first slot for a key. */
    static int first(long key, int slots) {
        // Fibonacci hashing: the multiplier is 2^64 divided by the golden ratio. The upper bits of the product are well
        // mixed. The first product carries the seed into them.
        long mixed = (key ^ SEED) * 0xBF58476D1CE4E5B9L;
        return (int) (((mixed ^ mixed >>> 32) * 0x9E3779B97F4A7C15L) >>> (64 - Integer.numberOfTrailingZeros(slots)));
    }

    /** The slot after one that has another key. */
    static int next(int slot, int slots) {
        return (slot + 1) & (slots - 1);
    }
}
