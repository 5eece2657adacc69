package dev.tenon.formats.table;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * The hash by which CatBoost's files name categories: the lower 32 bits of CityHash64 of the text in UTF-8. CatBoost hashes whole
 * numbers as their decimal digits. Source: G. Pike, J. Alakuijala, CityHash, version 1.0.
 */
public final class CategoryHash {
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int BLOCK = 64;
    private static final long K0 = 0xc3a5c85c97cb3127L;
    private static final long K1 = 0xb492b66fbe98f273L;
    private static final long K2 = 0x9ae16a3b2f90404fL;
    private static final long K3 = 0xc949d7c7509e6557L;
    private static final long MIX = 0x9ddfea08eb382d69L;

    private final MemorySegment text;
    private final int size;

    /** Two words of the state of a long text. */
    private record Pair(long first, long second) {}

    private CategoryHash(byte[] text) {
        this.text = MemorySegment.ofArray(text);
        this.size = text.length;
    }

    /**
     * Hashes a text.
     *
     * @param text the text
     * @return the hash
     */
    public static int of(String text) {
        CategoryHash hash = new CategoryHash(text.getBytes(StandardCharsets.UTF_8));
        return (int)
                (hash.size <= 16
                        ? hash.upTo16()
                        : hash.size <= 32 ? hash.upTo32() : hash.size <= BLOCK ? hash.upTo64() : hash.blocks());
    }

    private long at(int place) {
        return text.get(LONG, place);
    }

    private long unsigned(int place) {
        return Integer.toUnsignedLong(text.get(INT, place));
    }

    private int octet(int place) {
        return text.get(ValueLayout.JAVA_BYTE, place) & 0xff;
    }

    private static long right(long x, int bits) {
        return Long.rotateRight(x, bits);
    }

    private static long shifted(long x) {
        return x ^ x >>> 47;
    }

    private static long joined(long low, long high) {
        long a = shifted((low ^ high) * MIX);
        return shifted((high ^ a) * MIX) * MIX;
    }

    private long upTo16() {
        if (size > 8) {
            long last = at(size - 8);
            return joined(at(0), right(last + size, size)) ^ last;
        }
        if (size >= 4) {
            return joined(size + (unsigned(0) << 3), unsigned(size - 4));
        }
        if (size == 0) {
            return K2;
        }
        int y = octet(0) + (octet(size >> 1) << 8);
        int z = size + (octet(size - 1) << 2);
        return shifted(y * K2 ^ z * K3) * K2;
    }

    private long upTo32() {
        long a = at(0) * K1;
        long b = at(8);
        long c = at(size - 8) * K2;
        long d = at(size - 16) * K0;
        return joined(right(a - b, 43) + right(c, 30) + d, a + right(b ^ K3, 20) - c + size);
    }

    /** A half of {@link #upTo64}, from a place on. */
    private static Pair half(long a0, long second, long third, long z) {
        long a = a0;
        long b = right(a + z, 52);
        long c = right(a, 37);
        a += second;
        c += right(a, 7);
        a += third;
        return new Pair(a + z, b + right(a, 31) + c);
    }

    private long upTo64() {
        Pair v = half(at(0) + (size + at(size - 16)) * K0, at(8), at(16), at(24));
        Pair w = half(at(16) + at(size - 32), at(size - 24), at(size - 16), at(size - 8));
        long r = shifted((v.first + w.second) * K2 + (w.first + v.second) * K0);
        return shifted(r * K0 + v.second) * K2;
    }

    /** Mixes 32 bytes into two words. */
    private Pair mixed(int place, long first, long second) {
        long w = at(place);
        long z = at(place + 24);
        long a = first + w;
        long b = right(second + a + z, 21);
        long c = a;
        a += at(place + 8);
        a += at(place + 16);
        b += right(a, 44);
        return new Pair(a + z, b + c);
    }

    private long blocks() {
        long x = at(0);
        long y = at(size - 16) ^ K1;
        long z = at(size - 56) ^ K0;
        Pair v = mixed(size - BLOCK, size, y);
        Pair w = mixed(size - 32, size * K1, K0);
        z += shifted(v.second) * K1;
        x = right(z + x, 39) * K1;
        y = right(y, 33) * K1;
        for (int i = 0; i < (size - 1) / BLOCK * BLOCK; i += BLOCK) {
            x = right(x + y + v.first + at(i + 16), 37) * K1;
            y = right(y + v.second + at(i + 48), 42) * K1;
            x ^= w.second;
            y ^= v.first;
            z = right(z ^ w.first, 33);
            v = mixed(i, v.second * K1, x + w.first);
            w = mixed(i + 32, z + w.second, y);
            long kept = z;
            z = x;
            x = kept;
        }
        return joined(joined(v.first, w.first) + shifted(y) * K1 + z, joined(v.second, w.second) + x);
    }
}
