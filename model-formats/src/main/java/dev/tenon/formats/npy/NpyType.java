package dev.tenon.formats.npy;

import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.tensor.DType;
import java.nio.ByteOrder;
import java.util.Map;

/**
 * An element type of NumPy.
 *
 * @param type the tensor's element type; {@link DType#STRING} for text
 * @param width bytes of one element
 * @param swapped whether the bytes of a number or a code point are in the opposite order of this processor
 * @param unicode whether text is code points of four bytes each. If not, it is bytes
 */
record NpyType(DType type, long width, boolean swapped, boolean unicode) {
    private static final boolean LITTLE = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
    private static final Map<String, DType> NUMBERS = Map.ofEntries(
            Map.entry("b1", DType.BOOL),
            Map.entry("i1", DType.INT8),
            Map.entry("i2", DType.INT16),
            Map.entry("i4", DType.INT32),
            Map.entry("i8", DType.INT64),
            Map.entry("u1", DType.UINT8),
            Map.entry("u2", DType.UINT16),
            Map.entry("u4", DType.UINT32),
            Map.entry("u8", DType.UINT64),
            Map.entry("f2", DType.FLOAT16),
            Map.entry("f4", DType.FLOAT32),
            Map.entry("f8", DType.FLOAT64),
            Map.entry("c8", DType.COMPLEX64),
            Map.entry("c16", DType.COMPLEX128));

    static NpyType parse(String source, String descr) {
        if (descr.length() >= 2 && "<>|=".indexOf(descr.charAt(0)) >= 0) {
            boolean swapped = descr.charAt(0) == (LITTLE ? '>' : '<');
            DType number = NUMBERS.get(descr.substring(1));
            if (number != null) {
                return new NpyType(number, number.bits() / 8, swapped, false);
            }
            char kind = descr.charAt(1);
            if ((kind == 'U' || kind == 'S') && descr.substring(2).matches("[0-9]{1,9}")) {
                long length = Long.parseLong(descr.substring(2));
                return new NpyType(DType.STRING, kind == 'U' ? 4 * length : length, swapped, kind == 'U');
            }
        }
        String pickled = descr.contains("O") ? " (Python objects, which only Python can read)" : "";
        throw new UnsupportedModelException(
                source,
                "elements of type '" + descr + "'" + pickled,
                "b1, i1-i8, u1-u8, f2, f4, f8, c8, c16, U, S",
                "convert the array with astype before it is saved");
    }

    /** NumPy's spelling of a number type, or null if it has none. */
    static String spelling(DType type) {
        for (Map.Entry<String, DType> entry : NUMBERS.entrySet()) {
            if (entry.getValue() == type) {
                return (type.bits() == 8 ? "|" : LITTLE ? "<" : ">") + entry.getKey();
            }
        }
        return null;
    }

    /**
     * How many bytes are reversed together to change the byte order: those of an element, or of a part of a complex
     * one.
     */
    int swapWidth() {
        return type.isComplex() ? (int) width / 2 : (int) width;
    }
}
