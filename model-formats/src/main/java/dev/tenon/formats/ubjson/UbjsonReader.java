package dev.tenon.formats.ubjson;

import dev.tenon.budget.WorkBudget;
import dev.tenon.formats.Limits;
import dev.tenon.formats.ModelBytes;
import dev.tenon.formats.json.DataReader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Function;

/**
 * A cursor over a UBJSON document. A value is a marker byte and its content; numbers are big-endian. Arrays and objects may
 * give their count, and the one marker of all their values, at their start.
 *
 * <p>A count is compared with the bytes that are left before anything is made of it. Texts must be UTF-8. Arrays of numbers
 * of one type are read in one go. Bytes are copied to the heap in portions, because single accesses to a segment are slow until
 * the JVM has compiled them; a portion counts for the {@link WorkBudget} of the thread.
 */
public final class UbjsonReader extends DataReader {
    private static final int UNCOUNTED = -1;
    private static final int MAX_NUMBER_CHARS = 1000;
    private static final int BYTE = 0xFF;
    private static final int WINDOW = 1 << 16;
    private static final int KEPT_NAMES = 1 << 6;
    private static final int MAX_KEPT_NAME = 1 << 5;

    private final MemorySegment bytes;
    private final long size;

    /** A copy of the bytes from {@link #windowStart} on, of which those before {@link #position} have been read. */
    private final byte[] window;

    private final ByteBuffer buffer;

    private long windowStart;
    private int position;
    private int windowEnd;

    /** The marker of the value at which the cursor stands; its content begins at the position. */
    private byte marker;

    // The open arrays and objects: how many values are left, and the marker of all of them or 0.
    private final long[] left;
    private final byte[] common;
    private int depth;

    // The names that were read last, and their bytes, each in the slot that follows from its bytes.
    private final String[] names = new String[KEPT_NAMES];
    private final byte[][] spelled = new byte[KEPT_NAMES][];

    private UbjsonReader(String file, Limits limits, MemorySegment bytes) {
        super(file, limits);
        this.bytes = bytes;
        size = bytes.byteSize();
        window = new byte[(int) Math.min(WINDOW, size)];
        buffer = ByteBuffer.wrap(window);
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
            if (reader.rest() != 0) {
                throw reader.malformed(reader.rest() + " bytes more", "the end of the file");
            }
            return result;
        });
    }

    @Override
    protected String place() {
        return "at byte " + (windowStart + position);
    }

    /** The number of bytes that are left. */
    private long rest() {
        return size - windowStart - position;
    }

    /** Makes some bytes available in the window, no more than it has. */
    private void need(int count) {
        if (count > windowEnd - position) {
            fill(count);
        }
    }

    private void fill(int count) {
        if (count > rest()) {
            throw malformed("the end of the file", count + " bytes more");
        }
        windowStart += position;
        position = 0;
        windowEnd = (int) Math.min(window.length, size - windowStart);
        WorkBudget.spend(windowEnd);
        MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, windowStart, window, 0, windowEnd);
    }

    private void pass(long count) {
        if (count > rest()) {
            throw malformed("the end of the file", count + " bytes more");
        }
        if (count <= windowEnd - position) {
            position += (int) count;
        } else {
            windowStart += position + count;
            position = 0;
            windowEnd = 0;
        }
    }

    private byte readByte() {
        need(1);
        return window[position++];
    }

    private int readInt() {
        need(Integer.BYTES);
        int value = intAt(window, position);
        position += Integer.BYTES;
        return value;
    }

    private static int intAt(byte[] b, int i) {
        return b[i] << 24 | (b[i + 1] & BYTE) << 16 | (b[i + 2] & BYTE) << 8 | b[i + 3] & BYTE;
    }

    private long readLong() {
        need(Long.BYTES);
        long high = intAt(window, position);
        long low = intAt(window, position + Integer.BYTES) & 0xFFFFFFFFL;
        position += Long.BYTES;
        return high << Integer.SIZE | low;
    }

    /** Reads a marker. {@code N} means nothing. */
    private byte nextMarker() {
        byte m = readByte();
        while (m == 'N') {
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
                position += Short.BYTES;
                yield window[position - 2] << Byte.SIZE | window[position - 1] & BYTE;
            }
            case 'l' -> {
                yield readInt();
            }
            case 'L' -> {
                yield readLong();
            }
            default -> throw malformed("the marker " + (type & BYTE), "a whole number: one of iUIlL");
        };
    }

    /** A length or count: a marker and a number that is at most the bytes that are left. */
    private long count() {
        long count = whole(readByte());
        if (count < 0 || count > rest()) {
            throw malformed("a count of " + count, "0 to " + rest() + ", the bytes that are left");
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
        if (window[position] == '$') {
            position++;
            type = readByte();
            if ("{[SCiUIlLdDH".indexOf(type) < 0) {
                throw malformed("values of the type " + (type & BYTE), "one of {[SCiUIlLdDH");
            }
            need(1);
            if (window[position] != '#') {
                throw malformed("a type without a count", "a count");
            }
        }
        if (window[position] == '#') {
            position++;
            count = count();
        }
        left[depth] = count;
        common[depth++] = type;
    }

    /** Whether another value follows in the innermost array or object. */
    private boolean hasNext(char end) {
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
                position--;
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
        String name = name(count());
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

    /** Reads a name. The names that were read last are kept, because objects of a list have the same ones. */
    private String name(long length) {
        if (length == 0 || length > MAX_KEPT_NAME) {
            return characters(length);
        }
        int count = (int) length;
        need(count);
        int slot = (31 * count + window[position] + 7 * window[position + count - 1]) & (KEPT_NAMES - 1);
        byte[] kept = spelled[slot];
        if (kept == null || !Arrays.equals(kept, 0, kept.length, window, position, position + count)) {
            kept = Arrays.copyOfRange(window, position, position + count);
            names[slot] = characters(count);
            spelled[slot] = kept;
        } else {
            position += count;
        }
        return names[slot];
    }

    private String characters(long length) {
        if (length > limits().maxStringBytes() || length > Integer.MAX_VALUE - Long.BYTES) {
            throw malformed("a text of " + length + " bytes", "at most Limits.maxStringBytes");
        }
        if (length > rest()) {
            throw malformed("the end of the file", length + " bytes more");
        }
        int count = (int) length;
        if (count <= window.length) {
            need(count);
            position += count;
            return characters(window, position - count, count);
        }
        WorkBudget.spend(count);
        byte[] copy = new byte[count];
        MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, windowStart + position, copy, 0, count);
        pass(count);
        return characters(copy, 0, count);
    }

    private String characters(byte[] utf8, int from, int count) {
        if (isAscii(utf8, from, count)) {
            return new String(utf8, from, count, StandardCharsets.ISO_8859_1);
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(utf8, from, count))
                    .toString();
        } catch (CharacterCodingException e) {
            throw malformed("a text that is not UTF-8", "UTF-8");
        }
    }

    private static boolean isAscii(byte[] text, int from, int count) {
        int all = 0;
        for (int i = from; i < from + count; i++) {
            all |= text[i];
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
            return Float.intBitsToFloat(readInt());
        }
        if (marker == 'D') {
            return Double.longBitsToDouble(readLong());
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
        if (marker != '[' || rest() <= 2) {
            return 0;
        }
        need(3);
        return window[position] == '$' && window[position + 2] == '#' ? window[position + 1] : 0;
    }

    /** Enters an array of values of one fixed length, which then count as read. The cursor is at the first one. */
    private int enterTyped(int length) {
        beginArray();
        depth--;
        long count = left[depth];
        if (count > rest() / length || count > Integer.MAX_VALUE / 2) {
            throw malformed(count + " numbers of " + length + " bytes", "at most the bytes that are left");
        }
        return (int) count;
    }

    @Override
    public float[] floats() {
        if (typeOfArray() != 'd') {
            return super.floats();
        }
        float[] all = new float[enterTyped(Float.BYTES)];
        for (int done = 0; done < all.length; ) {
            need(Float.BYTES);
            int count = Math.min(all.length - done, (windowEnd - position) / Float.BYTES);
            buffer.slice(position, count * Float.BYTES).asFloatBuffer().get(all, done, count);
            position += count * Float.BYTES;
            done += count;
        }
        return all;
    }

    @Override
    public int[] integers() {
        if (typeOfArray() != 'l') {
            return super.integers();
        }
        int[] all = new int[enterTyped(Integer.BYTES)];
        for (int done = 0; done < all.length; ) {
            need(Integer.BYTES);
            int count = Math.min(all.length - done, (windowEnd - position) / Integer.BYTES);
            buffer.slice(position, count * Integer.BYTES).asIntBuffer().get(all, done, count);
            position += count * Integer.BYTES;
            done += count;
        }
        return all;
    }

    @Override
    public byte[] bytes() {
        if (typeOfArray() != 'U') {
            return super.bytes();
        }
        byte[] all = new byte[enterTyped(Byte.BYTES)];
        for (int done = 0; done < all.length; ) {
            need(Byte.BYTES);
            int count = Math.min(all.length - done, windowEnd - position);
            System.arraycopy(window, position, all, done, count);
            position += count;
            done += count;
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
            case 'S', 'H' -> pass(count());
            case 'C', 'i', 'U', 'I', 'l', 'L', 'd', 'D' -> pass(length(marker));
            case 'T', 'F', 'Z' -> {}
            default -> throw malformed("the marker " + (marker & BYTE), "one of {[SCiUIlLdDHTFZ");
        }
    }

    private void skipArray() {
        beginArray();
        int top = depth - 1;
        int length = length(common[top]);
        if (length > 0) {
            if (left[top] > rest() / length) {
                throw malformed(left[top] + " values of " + length + " bytes", "at most the bytes that are left");
            }
            pass(left[top] * length);
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
