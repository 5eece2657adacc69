package dev.tenon.tensor;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Objects;
import java.util.SplittableRandom;

/**
 * Finds strings of tensors among the strings of a table. It compares their bytes and decodes nothing. Hashes have a secret that is
 * drawn when the JVM starts: nobody can choose strings that share a place. Immutable and thread-safe.
 */
public final class StringTable {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long SECRET = new SplittableRandom().nextLong();
    private static final long SPREAD = 0x9E3779B97F4A7C15L;
    private static final long LOW_BITS = 0xFFFFFFFFL;

    /** Strings of at most so many bytes are compared by the word of their bytes. */
    private static final int WORD = Long.BYTES;

    private final byte[][] keys;

    /**
     * Two numbers for each place: the tag of the key there, and its length and one more than its index, or 0. A key is
     * stored at the
     * first free place after its own.
     */
    private final long[] places;

    private StringTable(byte[][] keys) {
        this.keys = keys;
        this.places = new long[Integer.highestOneBit(Math.max(1, keys.length)) * 8];
        for (int k = 0; k < keys.length; k++) {
            long tag = tag(keys[k]);
            int at = place(tag, keys[k]);
            places[at] = tag;
            places[at + 1] = (long) (k + 1) << Integer.SIZE | keys[k].length;
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

    /**
     * The bytes of a short string as a word, whose other bytes are 0; a hash of all bytes of a longer one. Parts at the end overlap
     * those before them.
     */
    private static long tag(byte[] s) {
        int n = s.length;
        if (n > WORD) {
            long hash = SECRET;
            for (int i = 0; i < n - WORD; i += WORD) {
                hash = mixed(hash ^ (long) LONGS.get(s, i));
            }
            return mixed(hash ^ (long) LONGS.get(s, n - WORD));
        }
        if (n >= Integer.BYTES) {
            long last = (int) INTS.get(s, n - Integer.BYTES) & LOW_BITS;
            return last << Byte.SIZE * (n - Integer.BYTES) | (int) INTS.get(s, 0) & LOW_BITS;
        }
        if (n == 0) {
            return 0;
        }
        long middle = (s[n / 2] & 0xFFL) << Byte.SIZE * (n / 2);
        return s[0] & 0xFFL | middle | (s[n - 1] & 0xFFL) << Byte.SIZE * (n - 1);
    }

    private static long mixed(long x) {
        return x * SPREAD ^ Math.unsignedMultiplyHigh(x, SPREAD);
    }

    /** The place of a string: that of the equal key, or a free one. */
    private int place(long tag, byte[] s) {
        int mask = places.length - 2;
        int at = (int) mixed(tag ^ SECRET) & mask;
        while (places[at + 1] != 0) {
            long key = places[at + 1];
            if (places[at] == tag
                    && (int) key == s.length
                    && (s.length <= WORD || Arrays.equals(keys[(int) (key >>> Integer.SIZE) - 1], s))) {
                return at;
            }
            at = at + 2 & mask;
        }
        return at;
    }

    private int index(byte[] s) {
        return (int) (places[place(tag(s), s) + 1] >>> Integer.SIZE) - 1;
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
        return index(strings.utf8(i));
    }

    /**
     * Finds neighbouring strings.
     *
     * @param strings a tensor of strings
     * @param from the index of the first string, row-major
     * @param found the index of the equal key for each string, or -1, overwritten from its start
     * @param n the number of strings
     * @throws dev.tenon.error.InvalidTensorException if the tensor does not hold strings, or not so many
     */
    public void find(Tensor strings, long from, int[] found, int n) {
        StringElements all = strings.strings(from, n);
        for (int i = 0; i < n; i++) {
            found[i] = index(all.get(from + i));
        }
    }

    /**
     * Copies chosen strings to neighbouring elements.
     *
     * @param strings a tensor of strings
     * @param chosen the index of each string, row-major
     * @param n the number of strings
     * @param target a tensor of strings
     * @param at the index of the first element that is written
     * @throws dev.tenon.error.InvalidTensorException if a tensor does not hold strings, or the target not so many
     * @throws IndexOutOfBoundsException if there is no string with a chosen index
     */
    public static void choose(Tensor strings, int[] chosen, int n, Tensor target, long at) {
        // The accesses that are counted are those to the target.
        StringElements from = strings.strings(0, 0);
        StringElements to = target.writableStrings(at, n);
        for (int i = 0; i < n; i++) {
            to.set(at + i, from.get(Objects.checkIndex(chosen[i], strings.size())));
        }
    }
}
