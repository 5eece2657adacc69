package dev.tenon.formats.gguf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * An array among the metadata of a GGUF file. Its values stay in the file until they are asked for: a vocabulary has hundreds of
 * thousands.
 *
 * @param kind the type of its values
 * @param size the number of its values
 * @param bytes its values as the file has them, checked
 */
public record GgufArray(GgufKind kind, int size, MemorySegment bytes) {
    /** {@return whether the values are texts} */
    public boolean isTexts() {
        return kind == GgufKind.STRING;
    }

    /** {@return whether the values are whole numbers} */
    public boolean isIntegers() {
        return kind.isInteger();
    }

    /** {@return whether the values are floats of 32 bits} */
    public boolean isFloats() {
        return kind == GgufKind.FLOAT32;
    }

    /** {@return the values of an array of texts; what is no UTF-8 becomes U+FFFD} */
    public List<String> texts() {
        List<String> all = new ArrayList<>(size);
        long at = 0;
        for (int i = 0; i < size; i++) {
            long length = bytes.get(GgufKind.LONG, at);
            at += Long.BYTES;
            byte[] text = bytes.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE);
            all.add(new String(text, StandardCharsets.UTF_8));
            at += length;
        }
        return all;
    }

    /** {@return the values of an array of whole numbers; those of more than 32 bits lose the upper ones} */
    public int[] integers() {
        int[] all = new int[size];
        for (int i = 0; i < size; i++) {
            all[i] = ((Long) kind.number(bytes, (long) i * kind.bytes())).intValue();
        }
        return all;
    }

    /** {@return the values of an array of floats} */
    public float[] floats() {
        float[] all = new float[size];
        for (int i = 0; i < size; i++) {
            all[i] = bytes.get(GgufKind.FLOAT, (long) i * Float.BYTES);
        }
        return all;
    }

    /** Only the type and the size. */
    @Override
    public String toString() {
        return "an array of " + size + " values of type " + kind;
    }
}
