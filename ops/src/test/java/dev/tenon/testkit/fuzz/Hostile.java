package dev.tenon.testkit.fuzz;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Values that programs do not expect. */
public final class Hostile {
    private static final long[] NUMBERS = {
        0,
        1,
        2,
        3,
        -1,
        -2,
        7,
        8,
        15,
        16,
        63,
        64,
        65,
        127,
        128,
        255,
        256,
        1000,
        4096,
        65_535,
        65_536,
        1 << 20,
        1 << 24,
        Integer.MAX_VALUE - 1,
        Integer.MAX_VALUE,
        1L << 31,
        (1L << 32) - 1,
        1L << 32,
        1L << 40,
        1L << 62,
        Long.MAX_VALUE - 1,
        Long.MAX_VALUE,
        Long.MIN_VALUE,
        Long.MIN_VALUE + 1,
        -(1L << 31),
        -(1L << 32)
    };

    private static final double[] REALS = {
        0,
        -0.0,
        1,
        -1,
        0.5,
        2,
        1e-45,
        1e-38,
        1e38,
        -1e38,
        1e300,
        -1e300,
        1e-300,
        Double.NaN,
        Double.POSITIVE_INFINITY,
        Double.NEGATIVE_INFINITY,
        1e9,
        1e-9,
        65_504,
        16_777_217
    };

    private static final List<String> TEXTS = List.of(
            "",
            " ",
            "x",
            "\u0000",
            "../../etc/passwd",
            "/dev/zero",
            ".",
            "?1",
            "?verify",
            "a+b",
            "max(a,b)",
            "floor(n/0)",
            "n*n*n*n",
            "(a*)*b",
            "\uD800",
            "\uFFFF",
            "9223372036854775808",
            "NaN",
            "%s%n",
            "a".repeat(300),
            "linear",
            "NOTSET",
            "SAME_UPPER",
            "VALID",
            "ij,jk->ik",
            "...i,...i->...",
            "reflect");

    private Hostile() {}

    public static long number(SplittableRandom random) {
        return switch (random.nextInt(6)) {
            case 0, 1, 2 -> NUMBERS[random.nextInt(NUMBERS.length)];
            case 3 -> random.nextInt(-4, 20);
            case 4 -> 1L << random.nextInt(63);
            default -> random.nextLong();
        };
    }

    /** A number near another one, or a hostile one. */
    public static long number(long before, SplittableRandom random) {
        return switch (random.nextInt(8)) {
            case 0 -> before + 1;
            case 1 -> before - 1;
            case 2 -> -before;
            case 3 -> before * 2;
            case 4 -> before ^ 1L << random.nextInt(64);
            default -> number(random);
        };
    }

    public static double real(SplittableRandom random) {
        return random.nextInt(4) == 0 ? random.nextDouble() * 4 - 2 : REALS[random.nextInt(REALS.length)];
    }

    public static byte[] text(SplittableRandom random) {
        return TEXTS.get(random.nextInt(TEXTS.size())).getBytes(StandardCharsets.UTF_8);
    }

    /** Changes bytes: the elements of a tensor, or any text. */
    public static byte[] bytes(byte[] before, SplittableRandom random) {
        byte[] b = before.clone();
        switch (random.nextInt(7)) {
            case 0 -> b = Arrays.copyOf(b, random.nextInt(b.length + 1));
            case 1 -> b = Arrays.copyOf(b, b.length + random.nextInt(1, 9));
            case 2 -> flip(b, random);
            case 3 -> random.nextBytes(b);
            case 4 -> element(b, Long.BYTES, number(random), random);
            case 5 -> element(b, Integer.BYTES, Float.floatToRawIntBits((float) real(random)), random);
            default -> element(b, Long.BYTES, Double.doubleToRawLongBits(real(random)), random);
        }
        return b;
    }

    /** Changes bytes in one to three places. */
    public static byte[] damaged(byte[] bytes, SplittableRandom random) {
        byte[] damaged = bytes;
        for (int i = random.nextInt(1, 4); i > 0; i--) {
            damaged = bytes(damaged, random);
        }
        return damaged;
    }

    private static void flip(byte[] b, SplittableRandom random) {
        for (int i = random.nextInt(1, 4); i > 0 && b.length > 0; i--) {
            b[random.nextInt(b.length)] ^= (byte) (1 << random.nextInt(8));
        }
    }

    /** Replaces one element, or all of them. */
    private static void element(byte[] b, int size, long bits, SplittableRandom random) {
        int count = b.length / size;
        if (count == 0) {
            return;
        }
        ByteBuffer buffer = ByteBuffer.wrap(b).order(ByteOrder.LITTLE_ENDIAN);
        int one = random.nextInt(count);
        boolean all = random.nextInt(8) == 0;
        for (int i = 0; i < count; i++) {
            if (all || i == one) {
                if (size == Long.BYTES) {
                    buffer.putLong(i * size, bits);
                } else {
                    buffer.putInt(i * size, (int) bits);
                }
            }
        }
    }
}
