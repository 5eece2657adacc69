package dev.tenon.text.model;

import dev.tenon.text.stage.TokenModel;
import dev.tenon.text.stage.Vocabulary;

/**
 * The pairs of tokens that become one, with their ranks. A hash table with open addressing, so that a look-up creates no
 * object. One thread fills it, then any number of threads read it.
 */
public final class Merges {
    /** The value for a pair that does not become one. */
    public static final long NONE = -1;

    private final long[] keys;
    private final long[] values;

    /**
     * Makes an empty table.
     *
     * @param count the number of pairs that it will have
     */
    public Merges(int count) {
        int size = Integer.highestOneBit(Math.max(count, 8)) << 2;
        keys = new long[size];
        values = new long[size];
    }

    /**
     * Adds a pair. A pair that is there already gets the new value.
     *
     * @param left the id of the left token
     * @param right the id of the right token
     * @param rank the rank; the least of all pairs in a word comes first
     * @param id the id of the token that they become
     */
    public void put(int left, int right, int rank, int id) {
        long key = key(left, right);
        int slot = HashSlots.first(key, keys.length);
        while (keys[slot] != 0 && keys[slot] != key) {
            slot = HashSlots.next(slot, keys.length);
        }
        keys[slot] = key;
        values[slot] = (long) rank << 32 | id;
    }

    /**
     * Adds a pair of texts, if they and what they become are tokens.
     *
     * @param vocabulary the tokens
     * @param left the left token
     * @param right the right token
     * @param prefix how many characters of the right one are not in the token that they become
     * @param rank the rank
     * @return whether they are
     */
    public boolean put(Vocabulary vocabulary, String left, String right, int prefix, int rank) {
        int leftId = vocabulary.id(left);
        int rightId = vocabulary.id(right);
        int made = right.length() < prefix ? TokenModel.NONE : vocabulary.id(left + right.substring(prefix));
        if (leftId == TokenModel.NONE || rightId == TokenModel.NONE || made == TokenModel.NONE) {
            return false;
        }
        put(leftId, rightId, rank, made);
        return true;
    }

    /**
     * The token that a pair becomes.
     *
     * @param left the id of the left token
     * @param right the id of the right token
     * @return the rank in the upper half, the id in the lower one; or {@link #NONE}
     */
    public long get(int left, int right) {
        long key = key(left, right);
        int slot = HashSlots.first(key, keys.length);
        while (keys[slot] != key) {
            if (keys[slot] == 0) {
                return NONE;
            }
            slot = HashSlots.next(slot, keys.length);
        }
        return values[slot];
    }

    // Ids are not negative, so adding one to the left one makes no key 0.
    private static long key(int left, int right) {
        return (left + 1L) << 32 | right;
    }
}
