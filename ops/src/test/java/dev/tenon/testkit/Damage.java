package dev.tenon.testkit;

import java.util.Arrays;
import java.util.function.BiConsumer;

/**
 * Damages a file in each of its places: what a bad disk or an interrupted copy does. The fuzzer of {@code inference-core}
 * makes damage that knows the format.
 */
public final class Damage {
    private static final int[] VALUES = {0, 1, 0x7F, 0x80, 0xFF};

    private Damage() {}

    /**
     * Flips each bit, or some of them.
     *
     * @param whole the file
     * @param step the distance from one bit to the next, at least 1
     * @param check takes a description and a copy with one bit flipped
     */
    public static void flips(byte[] whole, int step, BiConsumer<String, byte[]> check) {
        for (int bit = 0; bit < Byte.SIZE * whole.length; bit += step) {
            byte[] damaged = whole.clone();
            damaged[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
            check.accept("bit " + bit, damaged);
        }
    }

    /**
     * Replaces each byte by each of some values.
     *
     * @param whole the file
     * @param check takes a description and a copy with one byte replaced
     */
    public static void replacements(byte[] whole, BiConsumer<String, byte[]> check) {
        for (int value : VALUES) {
            for (int at = 0; at < whole.length; at++) {
                byte[] damaged = whole.clone();
                damaged[at] = (byte) value;
                check.accept("byte " + at + " as " + value, damaged);
            }
        }
    }

    /**
     * Cuts the file off at each length.
     *
     * @param whole the file
     * @param check takes a description and the first bytes of the file
     */
    public static void truncations(byte[] whole, BiConsumer<String, byte[]> check) {
        for (int length = 0; length < whole.length; length++) {
            check.accept("length " + length, Arrays.copyOf(whole, length));
        }
    }

    /**
     * Removes each byte.
     *
     * @param whole the file
     * @param check takes a description and a copy without one byte
     */
    public static void removals(byte[] whole, BiConsumer<String, byte[]> check) {
        for (int at = 0; at < whole.length; at++) {
            byte[] damaged = Arrays.copyOf(whole, whole.length - 1);
            System.arraycopy(whole, at + 1, damaged, at, damaged.length - at);
            check.accept("without byte " + at, damaged);
        }
    }
}
