package dev.tenon.testkit.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;

/** Changes arrays of NumPy: the words of the header, its length, the version, the data. */
public final class NpyMutation implements Mutation {
    private static final int VERSION_AT = 6;
    private static final int LENGTH_AT = 8;
    private static final int TEXT_AT = 10;

    @Override
    public byte[] apply(byte[] file, byte[] other, SplittableRandom random) {
        int end = end(file);
        if (end < 0 || random.nextInt(6) == 0) {
            return Hostile.bytes(file, random);
        }
        String text = new String(file, TEXT_AT, end - TEXT_AT, StandardCharsets.ISO_8859_1);
        int otherEnd = end(other);
        String otherText =
                otherEnd < 0 ? "" : new String(other, TEXT_AT, otherEnd - TEXT_AT, StandardCharsets.ISO_8859_1);
        byte[] header = Words.changed(text, otherText, random).getBytes(StandardCharsets.ISO_8859_1);
        byte[] data = Arrays.copyOfRange(file, end, file.length);
        byte[] changed = Arrays.copyOf(file, TEXT_AT + header.length + data.length);
        System.arraycopy(header, 0, changed, TEXT_AT, header.length);
        System.arraycopy(data, 0, changed, TEXT_AT + header.length, data.length);
        int length = random.nextInt(20) == 0 ? random.nextInt(1 << 16) : header.length;
        changed[LENGTH_AT] = (byte) length;
        changed[LENGTH_AT + 1] = (byte) (length >> 8);
        if (random.nextInt(20) == 0) {
            changed[VERSION_AT + random.nextInt(2)] = (byte) random.nextInt(5);
        }
        return changed;
    }

    /** The end of the header, or -1 if there is none of version 1. */
    private static int end(byte[] file) {
        if (file.length < TEXT_AT || file[VERSION_AT] != 1) {
            return -1;
        }
        int end = TEXT_AT + (file[LENGTH_AT] & 0xFF | (file[LENGTH_AT + 1] & 0xFF) << 8);
        return end <= file.length ? end : -1;
    }
}
