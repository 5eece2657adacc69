package dev.tenon.formats.ubjson;

import dev.tenon.budget.WorkBudget;
import dev.tenon.formats.Limits;
import dev.tenon.formats.ModelBytes;
import dev.tenon.formats.json.DataReader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;

/**
 * A cursor over a UBJSON document. A value is a marker byte and its content; numbers are big-endian. Arrays and objects may
 * give their count, and the one marker of all their values, at their start.
 *
 * <p>A count is compared with the bytes that are left before anything is made of it. Texts must be UTF-8. Arrays of numbers
 * of one type are read in one go.
 */
public final class UbjsonReader extends DataReader {
    private static final ValueLayout.OfShort I16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfDouble F64 = ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private static final int UNCOUNTED = -1;
    private static final int MAX_NUMBER_CHARS = 1000;
    private static final int BYTE = 0xFF;

    private final MemorySegment bytes;
    private long at;

    /** The marker of the value at which the cursor stands; its content begins at {@link #at}. */
    private byte marker;

    // The open arrays and objects: how many values are left, and the marker of all of them or 0.
    private final long[] left;
    private final byte[] common;
    private int depth;

    private UbjsonReader(String file, Limits limits, MemorySegment bytes) {
        super(file, limits);
        this.bytes = bytes;
        left = new long[limits.maxNesting()];
        common = new byte[limits.maxNesting()];
    }

    /**
     * Reads a document that is one value.
     *
     * @param <T> the type of the result
     * @param bytes the file
     * @param limits the limits to keep
     * @param body reads the value at which the cursor stands
     * @return the result
     * @throws dev.tenon.formats.MalformedModelException if it is not UBJSON, or more follows the value
     * @throws dev.tenon.error.ResourceLimitException if it exceeds a limit
     */
    public static <T> T read(ModelBytes bytes, Limits limits, Function<DataReader, T> body) {
        return bytes.read(segment -> {
            UbjsonReader reader = new UbjsonReader(bytes.name(), limits, segment);
            reader.marker = reader.nextMarker();
            T result = body.apply(reader);
            if (reader.at != segment.byteSize()) {
                throw reader.malformed(segment.byteSize() - reader.at + " bytes more", "the end of the file");
            }
            return result;
        });
    }

    @Override
    protected String place() {
        return "at byte " + at;
    }

    private void need(long count) {
        if (count > bytes.byteSize() - at) {
            throw malformed("the end of the file", count + " bytes more");
        }
    }

    private byte readByte() {
        need(1);
        return bytes.get(ValueLayout.JAVA_BYTE, at++);
    }

    /** Reads a marker. {@code N} means nothing. */
    private byte nextMarker() {
        byte m = readByte();
        while (m == 'N') {
            WorkBudget.spend(1);
            m = readByte();
        }
        return m;
    }

    @Override
    public Kind kind() {
        return switch (marker) {
            case '{' -> Kind.OBJECT;
            case '[' -> Kind.ARRAY;
            case 'S', 'C' -> Kind.TEXT;
            case 'i', 'U', 'I', 'l', 'L', 'd', 'D', 'H' -> Kind.NUMBER;
            case 'T', 'F' -> Kind.TRUTH;
            case 'Z' -> Kind.NULL;
            default -> throw malformed("the marker " + (marker & BYTE), "one of {[SCiUIlLdDHTFZ");
        };
    }

    private boolean isWhole() {
        return "iUIlL".indexOf(marker) >= 0;
    }

    /** The content of a whole number of a type. */
    private long whole(byte type) {
        return switch (type) {
            case 'i' -> {
                yield readByte();
            }
            case 'U' -> {
                yield readByte() & BYTE;
            }
            case 'I' -> {
                need(Short.BYTES);
                at += Short.BYTES;
                yield bytes.get(I16, at - Short.BYTES);
            }
            case 'l' -> {
                need(Integer.BYTES);
                at += Integer.BYTES;
                yield bytes.get(I32, at - Integer.BYTES);
            }
            case 'L' -> {
                need(Long.BYTES);
                at += Long.BYTES;
                yield bytes.get(I64, at - Long.BYTES);
            }
            default -> throw malformed("the marker " + (type & BYTE), "a whole number: one of iUIlL");
        };
    }

    /** A length or count: a marker and a number that is at most the bytes that are left. */
    private long count() {
        long count = whole(readByte());
        if (count < 0 || count > bytes.byteSize() - at) {
            throw malformed("a count of " + count, "0 to " + (bytes.byteSize() - at) + ", the bytes that are left");
        }
        return count;
    }

    private void open(Kind kind) {
        if (kind() != kind) {
            throw unexpected(kind.name());
        }
        if (depth == left.length) {
            throw malformed("more than " + depth + " levels", "at most Limits.maxNesting");
        }
        byte type = 0;
        long count = UNCOUNTED;
        need(1);
        if (bytes.get(ValueLayout.JAVA_BYTE, at) == '$') {
            at++;
            type = readByte();
            if ("{[SCiUIlLdDH".indexOf(type) < 0) {
                throw malformed("values of the type " + (type & BYTE), "one of {[SCiUIlLdDH");
            }
            need(1);
            if (bytes.get(ValueLayout.JAVA_BYTE, at) != '#') {
                throw malformed("a type without a count", "a count");
            }
        }
        if (bytes.get(ValueLayout.JAVA_BYTE, at) == '#') {
            at++;
            count = count();
        }
        left[depth] = count;
        common[depth++] = type;
    }

    /** Whether another value follows in the innermost array or object. */
    private boolean hasNext(char end) {
        WorkBudget.spend(1);
        int top = depth - 1;
        if (left[top] == UNCOUNTED) {
            byte next = nextMarker();
            if (next == end) {
                depth--;
                return false;
            }
            if (end == ']') {
                marker = next;
            } else {
                at--;
            }
            return true;
        }
        if (left[top] == 0) {
            depth--;
            return false;
        }
        left[top]--;
        return true;
    }

    @Override
    public void beginObject() {
        open(Kind.OBJECT);
    }

    @Override
    public String nextName() {
        int top = depth - 1;
        if (!hasNext('}')) {
            return null;
        }
        String name = characters(count());
        marker = common[top] != 0 ? common[top] : nextMarker();
        return name;
    }

    @Override
    public void beginArray() {
        open(Kind.ARRAY);
    }

    @Override
    public boolean nextElement() {
        int top = depth - 1;
        boolean counted = left[top] != UNCOUNTED;
        if (!hasNext(']')) {
            return false;
        }
        if (counted) {
            marker = common[top] != 0 ? common[top] : nextMarker();
        }
        return true;
    }

    private String characters(long length) {
        if (length > limits().maxStringBytes() || length > Integer.MAX_VALUE - Long.BYTES) {
            throw malformed("a text of " + length + " bytes", "at most Limits.maxStringBytes");
        }
        need(length);
        WorkBudget.spend(length);
        byte[] copy = new byte[(int) length];
        MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, at, copy, 0, copy.length);
        at += length;
        if (isAscii(copy)) {
            return new String(copy, StandardCharsets.US_ASCII);
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(copy))
                    .toString();
        } catch (CharacterCodingException e) {
            throw malformed("a text that is not UTF-8", "UTF-8");
        }
    }

    private static boolean isAscii(byte[] text) {
        int all = 0;
        for (byte b : text) {
            all |= b;
        }
        return all >= 0;
    }

    @Override
    protected String readText() {
        if (marker == 'C') {
            return Character.toString(readByte() & BYTE);
        }
        if (marker != 'S') {
            throw unexpected("a text");
        }
        return characters(count());
    }

    private String decimal() {
        long length = count();
        if (length > MAX_NUMBER_CHARS) {
            throw malformed("a number of " + length + " characters", "at most " + MAX_NUMBER_CHARS);
        }
        return characters(length);
    }

    @Override
    public float float32() {
        if (marker == 'H') {
            String text = decimal();
            try {
                return Float.parseFloat(text);
            } catch (NumberFormatException e) {
                throw malformed("the number " + shown(text), "decimal digits");
            }
        }
        return isWhole() ? (float) whole(marker) : (float) real();
    }

    @Override
    public double float64() {
        if (marker == 'H') {
            String text = decimal();
            try {
                return Double.parseDouble(text);
            } catch (NumberFormatException e) {
                throw malformed("the number " + shown(text), "decimal digits");
            }
        }
        return isWhole() ? whole(marker) : real();
    }

    private double real() {
        if (marker == 'd') {
            need(Float.BYTES);
            at += Float.BYTES;
            return bytes.get(F32, at - Float.BYTES);
        }
        if (marker == 'D') {
            need(Double.BYTES);
            at += Double.BYTES;
            return bytes.get(F64, at - Double.BYTES);
        }
        throw unexpected("a number");
    }

    @Override
    public long integer() {
        if (!isWhole()) {
            throw unexpected("a whole number");
        }
        return whole(marker);
    }

    @Override
    public boolean truth() {
        if (kind() != Kind.TRUTH) {
            throw unexpected("true or false");
        }
        return marker == 'T';
    }

    /** The marker of the values of the array at the cursor, if all have one type and a count; else 0. Reads nothing. */
    private byte typeOfArray() {
        boolean typed = marker == '['
                && bytes.byteSize() - at > 2
                && bytes.get(ValueLayout.JAVA_BYTE, at) == '$'
                && bytes.get(ValueLayout.JAVA_BYTE, at + 2) == '#';
        return typed ? bytes.get(ValueLayout.JAVA_BYTE, at + 1) : 0;
    }

    /** Enters an array of values of one fixed length, which then count as read. The cursor is at the first one. */
    private int enterTyped(int length) {
        beginArray();
        depth--;
        long count = left[depth];
        if (count > (bytes.byteSize() - at) / length || count > Integer.MAX_VALUE / 2) {
            throw malformed(count + " numbers of " + length + " bytes", "at most the bytes that are left");
        }
        WorkBudget.spend(count);
        return (int) count;
    }

    @Override
    public float[] floats() {
        if (typeOfArray() != 'd') {
            return super.floats();
        }
        float[] all = new float[enterTyped(Float.BYTES)];
        MemorySegment.copy(bytes, F32, at, all, 0, all.length);
        at += (long) all.length * Float.BYTES;
        return all;
    }

    @Override
    public int[] integers() {
        byte type = typeOfArray();
        if (type == 'l') {
            int[] all = new int[enterTyped(Integer.BYTES)];
            MemorySegment.copy(bytes, I32, at, all, 0, all.length);
            at += (long) all.length * Integer.BYTES;
            return all;
        }
        if (type != 'U' && type != 'i') {
            return super.integers();
        }
        byte[] narrow = new byte[enterTyped(Byte.BYTES)];
        MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, at, narrow, 0, narrow.length);
        at += narrow.length;
        int[] all = new int[narrow.length];
        int mask = type == 'U' ? BYTE : -1;
        for (int i = 0; i < all.length; i++) {
            all[i] = narrow[i] & mask;
        }
        return all;
    }

    @Override
    public void skip() {
        switch (marker) {
            case '{' -> {
                beginObject();
                while (nextName() != null) {
                    skip();
                }
            }
            case '[' -> skipArray();
            case 'S', 'H' -> {
                long length = count();
                at += length;
            }
            case 'C', 'i', 'U', 'I', 'l', 'L', 'd', 'D' -> {
                need(length(marker));
                at += length(marker);
            }
            case 'T', 'F', 'Z' -> {}
            default -> throw malformed("the marker " + (marker & BYTE), "one of {[SCiUIlLdDHTFZ");
        }
    }

    private void skipArray() {
        beginArray();
        int top = depth - 1;
        int length = length(common[top]);
        if (length > 0) {
            if (left[top] > (bytes.byteSize() - at) / length) {
                throw malformed(left[top] + " values of " + length + " bytes", "at most the bytes that are left");
            }
            at += left[top] * length;
            depth--;
            return;
        }
        while (nextElement()) {
            skip();
        }
    }

    /** The bytes of a number or character; 0 for other values. */
    private static int length(byte type) {
        return switch (type) {
            case 'C', 'i', 'U' -> Byte.BYTES;
            case 'I' -> Short.BYTES;
            case 'l', 'd' -> Float.BYTES;
            case 'L', 'D' -> Double.BYTES;
            default -> 0;
        };
    }
}
