package dev.tenon.tensor;

import java.util.Arrays;

/** Finds strings of tensors among the strings of a table. It compares their bytes and decodes nothing. Immutable and thread-safe. */
public final class StringTable {
    private static final int SPREAD = 0x9E3779B9;

    private final byte[][] keys;

    /** For each place one more than the index of the key there, or 0. A key is stored at the first free place after its own. */
    private final int[] places;

    private StringTable(byte[][] keys) {
        this.keys = keys;
        this.places = new int[Integer.highestOneBit(Math.max(1, keys.length)) * 4];
        for (int k = 0; k < keys.length; k++) {
            int at = place(keys[k]);
            while (places[at] != 0 && !Arrays.equals(keys[places[at] - 1], keys[k])) {
                at = at + 1 & places.length - 1;
            }
            places[at] = k + 1;
        }
    }

    /**
     * A table.
     *
     * @param keys strings, of any shape; the last one of equal strings counts
     * @return the table
     * @throws dev.tenon.error.InvalidTensorException if the tensor does not hold strings
     */
    public static StringTable of(Tensor keys) {
        byte[][] all = new byte[Math.toIntExact(keys.size())][];
        for (int k = 0; k < all.length; k++) {
            all[k] = keys.utf8(k);
        }
        return new StringTable(all);
    }

    private int place(byte[] key) {
        int hash = Arrays.hashCode(key) * SPREAD;
        return (hash ^ hash >>> 16) & places.length - 1;
    }

    /**
     * Finds a string.
     *
     * @param strings a tensor of strings
     * @param i the index of the string, row-major
     * @return the index of the equal key; -1 if there is none
     * @throws dev.tenon.error.InvalidTensorException if the tensor does not hold strings
     */
    public int find(Tensor strings, long i) {
        byte[] wanted = strings.utf8(i);
        int at = place(wanted);
        while (places[at] != 0) {
            if (Arrays.equals(keys[places[at] - 1], wanted)) {
                return places[at] - 1;
            }
            at = at + 1 & places.length - 1;
        }
        return -1;
    }
}
