package dev.tenon.tensor;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
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

    private final byte[][] keys;

    /** For each place one more than the index of the key there, or 0. A key is stored at the first free place after its own. */
    private final int[] places;

    /** The hash of the key at each place. */
    private final long[] hashes;

    private StringTable(byte[][] keys) {
        this.keys = keys;
        this.places = new int[Integer.highestOneBit(Math.max(1, keys.length)) * 4];
        this.hashes = new long[places.length];
        for (int k = 0; k < keys.length; k++) {
            long hash = hash(keys[k]);
            int at = place(hash, keys[k]);
            places[at] = k + 1;
            hashes[at] = hash;
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

    /** A hash of all bytes. Words at the end overlap those before them. */
    private static long hash(byte[] s) {
        int n = s.length;
        long hash = SECRET ^ n;
        if (n >= Long.BYTES) {
            for (int i = 0; i < n - Long.BYTES; i += Long.BYTES) {
                hash = mixed(hash ^ (long) LONGS.get(s, i));
            }
            return mixed(hash ^ (long) LONGS.get(s, n - Long.BYTES));
        }
        if (n >= Integer.BYTES) {
            long last = (int) INTS.get(s, n - Integer.BYTES);
            return mixed(hash ^ last << Integer.SIZE ^ (int) INTS.get(s, 0));
        }
        if (n == 0) {
            return mixed(hash);
        }
        int ends = (s[0] & 0xFF) | ((s[n - 1] & 0xFF) << Byte.SIZE);
        return mixed(hash ^ ((long) ends << Integer.SIZE) ^ (s[n / 2] & 0xFF));
    }

    private static long mixed(long x) {
        return x * SPREAD ^ Math.unsignedMultiplyHigh(x, SPREAD);
    }

    /** The place of a string: that of the equal key, or a free one. */
    private int place(long hash, byte[] s) {
        int at = (int) hash & places.length - 1;
        while (places[at] != 0 && (hashes[at] != hash || !Arrays.equals(keys[places[at] - 1], s))) {
            at = at + 1 & places.length - 1;
        }
        return at;
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
        return places[place(hash(wanted), wanted)] - 1;
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
            byte[] wanted = all.get(from + i);
            found[i] = places[place(hash(wanted), wanted)] - 1;
        }
    }
}
