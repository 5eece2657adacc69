package dev.tenon.formats.protobuf;

import dev.tenon.error.ResourceLimitException;
import dev.tenon.formats.MalformedModelException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * Walks the fields of one protobuf message in a memory segment.
 *
 * <pre>{@code
 * while (in.next()) {
 *     switch (in.field()) {
 *         case 1 -> name = in.string(limit);
 *         case 2 -> child(in.message("Child"));
 *         default -> in.skip();
 *     }
 * }
 * }</pre>
 *
 * <p>After {@link #next()} returned true, call exactly one method that reads or skips. Bytes and messages are views of
 * the segment, never copies. No method recurses. It is an error if a field does not have the wire type of the method
 * that is called: writers do not produce such a field, so the file is damaged. A varint has at most ten bytes. Bits
 * beyond the 64th are dropped, as in other implementations.
 *
 * <p>Not safe for several threads.
 */
public final class WireReader {
    private static final int MAX_VARINT_BYTES = 10;
    private static final int MAX_GROUP_DEPTH = 100;
    private static final char REPLACEMENT = '\uFFFD';
    private static final ValueLayout.OfInt INT_LE = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG_LE =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Window file;
    private final String source;
    private final String message;
    private final long end;
    private long position;
    private long start;
    private int field;
    private int type;

    /**
     * A copy of the bytes around the place that is read. Tags, varints and short strings are read from it: a copy of many bytes
     * takes about as long as a read of one byte of the segment.
     */
    private static final class Window {
        private static final int SIZE = 2048;

        private final MemorySegment segment;
        private final byte[] bytes;
        private long start;
        private long end;

        private Window(MemorySegment segment) {
            this.segment = segment;
            this.bytes = new byte[(int) Math.min(SIZE, segment.byteSize())];
        }

        private byte get(long at) {
            if (at < start || at >= end) {
                move(at);
            }
            return bytes[(int) (at - start)];
        }

        private void move(long at) {
            int length = (int) Math.min(bytes.length, segment.byteSize() - at);
            // An exception leaves no bytes in the window.
            end = start;
            MemorySegment.copy(segment, ValueLayout.JAVA_BYTE, at, bytes, 0, length);
            start = at;
            end = at + length;
        }

        /** The text of some bytes; those that are not UTF-8 are replaced. */
        private String text(long at, int length) {
            if (length > bytes.length) {
                return new String(copy(at, length), StandardCharsets.UTF_8);
            }
            if (at < start || at + length > end) {
                move(at);
            }
            return new String(bytes, (int) (at - start), length, StandardCharsets.UTF_8);
        }

        private byte[] copy(long at, int length) {
            byte[] copy = new byte[length];
            MemorySegment.copy(segment, ValueLayout.JAVA_BYTE, at, copy, 0, length);
            return copy;
        }
    }

    private WireReader(Window file, String source, String message, long position, long end) {
        this.file = file;
        this.source = source;
        this.message = message;
        this.position = position;
        this.end = end;
        this.start = position;
    }

    /**
     * A reader of one message that fills a segment.
     *
     * @param bytes the message
     * @param source what error messages call the file
     * @param message the name of the message's type
     * @return the reader, before the first field
     */
    public static WireReader of(MemorySegment bytes, String source, String message) {
        Objects.requireNonNull(source);
        return new WireReader(new Window(bytes), source, message, 0, bytes.byteSize());
    }

    /**
     * Goes to the next field.
     *
     * @return false at the end of the message
     * @throws MalformedModelException if the tag is damaged
     */
    public boolean next() {
        if (position == end) {
            field = 0;
            return false;
        }
        start = position;
        field = 0;
        long tag = rawVarint();
        if (tag < 8 || tag > 0xFFFF_FFFFL) {
            throw malformed("tag " + Long.toUnsignedString(tag), "a field number from 1 to 536870911");
        }
        field = (int) (tag >>> 3);
        type = (int) (tag & 7);
        if (type > WireType.FIXED32 || type == WireType.GROUP_END) {
            throw malformed(WireType.name(type), "the start of a value");
        }
        return true;
    }

    /**
     * The number of the current field.
     *
     * @return 1 to 2^29 - 1
     */
    public int field() {
        return field;
    }

    /**
     * The place where the current field begins.
     *
     * @return the offset of its tag in the segment that the outermost reader was made of
     */
    public long offset() {
        return start;
    }

    /**
     * Reads an int64, uint64 or the like.
     *
     * @return its 64 bits
     * @throws MalformedModelException if there is none
     */
    public long int64() {
        expect(WireType.VARINT);
        return rawVarint();
    }

    /**
     * Reads an int32, uint32 or enum. Bits beyond the 32nd are dropped, as in protobuf.
     *
     * @return its 32 bits
     * @throws MalformedModelException if there is none
     */
    public int int32() {
        return (int) int64();
    }

    /**
     * Reads a float.
     *
     * @return its value, with the bits of the file
     * @throws MalformedModelException if there is none
     */
    public float float32() {
        expect(WireType.FIXED32);
        return Float.intBitsToFloat(file.segment.get(INT_LE, advance(Integer.BYTES)));
    }

    /**
     * Reads a double.
     *
     * @return its value, with the bits of the file
     * @throws MalformedModelException if there is none
     */
    public double float64() {
        expect(WireType.FIXED64);
        return Double.longBitsToDouble(file.segment.get(LONG_LE, advance(Long.BYTES)));
    }

    /**
     * Reads a bytes field.
     *
     * @return a view of the segment
     * @throws MalformedModelException if there is none, or it runs past the message
     */
    public MemorySegment bytes() {
        long length = length();
        return file.segment.asSlice(advance(length), length);
    }

    /**
     * Reads a string field, which must be well-formed UTF-8.
     *
     * @param maxBytes the longest string accepted, in bytes
     * @return the string
     * @throws MalformedModelException if there is none, it runs past the message, or is not UTF-8
     * @throws ResourceLimitException if it is longer than {@code maxBytes}
     */
    public String string(long maxBytes) {
        long length = length();
        if (length > Math.min(maxBytes, Integer.MAX_VALUE - 16)) {
            throw new ResourceLimitException(
                    place(),
                    "a string of " + length + " bytes",
                    "at most " + maxBytes + " bytes",
                    "raise Limits.maxStringBytes if the source is trusted");
        }
        long at = advance(length);
        String text = file.text(at, (int) length);
        if (text.indexOf(REPLACEMENT) >= 0) {
            try {
                return StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(file.copy(at, (int) length)))
                        .toString();
            } catch (CharacterCodingException e) {
                throw new MalformedModelException(
                        place(), "bytes that are not UTF-8", "a string in UTF-8", damaged(), e);
            }
        }
        return text;
    }

    /**
     * Reads an embedded message.
     *
     * @param name the name of its type, for error messages
     * @return a reader of it. This reader goes on after it
     * @throws MalformedModelException if there is none, or it runs past this message
     */
    public WireReader message(String name) {
        long length = length();
        long from = advance(length);
        return new WireReader(file, source, name, from, from + length);
    }

    /**
     * Adds the current field, packed or not, to a repeated number.
     *
     * @param numbers takes the values
     * @throws MalformedModelException if the field is of another kind, or damaged
     */
    public void scalars(Scalars.Builder numbers) {
        if (type == WireType.BYTES) {
            MemorySegment packed = bytes();
            long count = Scalars.count(numbers.encoding(), packed);
            if (count < 0) {
                throw malformed(
                        packed.byteSize() + " bytes that are no whole number of values",
                        "packed values of " + numbers.encoding().description());
            }
            numbers.addPacked(packed, count);
            return;
        }
        long from = position;
        switch (numbers.encoding()) {
            case VARINT -> int64();
            case FIXED32 -> float32();
            case FIXED64 -> float64();
        }
        numbers.addOne(file.segment.asSlice(from, position - from));
    }

    /**
     * Skips the current field. A group is skipped with all its fields.
     *
     * @throws MalformedModelException if it is damaged or runs past the message
     */
    public void skip() {
        if (type != WireType.GROUP_START) {
            skipValue();
            return;
        }
        int[] open = new int[MAX_GROUP_DEPTH];
        open[0] = field;
        int depth = 1;
        while (depth > 0) {
            start = position;
            long tag = rawVarint();
            if (tag < 8 || tag > 0xFFFF_FFFFL) {
                throw malformed("tag " + Long.toUnsignedString(tag) + " in a group", "a field number");
            }
            field = (int) (tag >>> 3);
            type = (int) (tag & 7);
            if (type == WireType.GROUP_END) {
                depth--;
                if (open[depth] != field) {
                    throw malformed("the end of group " + field, "the end of group " + open[depth]);
                }
            } else if (type == WireType.GROUP_START) {
                if (depth == MAX_GROUP_DEPTH) {
                    throw malformed("groups deeper than " + depth, "at most " + MAX_GROUP_DEPTH + " levels");
                }
                open[depth++] = field;
            } else {
                skipValue();
            }
        }
    }

    private void skipValue() {
        switch (type) {
            case WireType.VARINT -> rawVarint();
            case WireType.FIXED64 -> advance(Long.BYTES);
            case WireType.FIXED32 -> advance(Integer.BYTES);
            case WireType.BYTES -> advance(length());
            default -> throw malformed(WireType.name(type), "a value");
        }
    }

    /**
     * An exception about the current field.
     *
     * @param found the value at this place
     * @param allowed the values that are allowed there
     * @return the exception, for the caller to throw
     */
    public MalformedModelException malformed(String found, String allowed) {
        return new MalformedModelException(place(), found, allowed, damaged());
    }

    /**
     * The place of the current field for error messages.
     *
     * @return file, message, field number and byte offset
     */
    public String place() {
        return source + ": " + message + (field == 0 ? "" : " field " + field) + " at byte " + start;
    }

    private static String damaged() {
        return "the file is damaged, truncated, or not of this format: fetch or export it again";
    }

    private void expect(int wanted) {
        if (type != wanted) {
            throw malformed(WireType.name(type), WireType.name(wanted));
        }
    }

    private long length() {
        expect(WireType.BYTES);
        long length = rawVarint();
        if (length < 0 || length > end - position) {
            throw malformed(
                    "a length of " + Long.toUnsignedString(length) + " bytes",
                    "at most the " + (end - position) + " bytes that are left of the message");
        }
        return length;
    }

    private long advance(long bytes) {
        if (bytes > end - position) {
            throw malformed("the end of the message", bytes + " more bytes");
        }
        long at = position;
        position += bytes;
        return at;
    }

    private long rawVarint() {
        long value = 0;
        for (int i = 0; i < MAX_VARINT_BYTES; i++) {
            byte b = file.get(advance(1));
            value |= (long) (b & 0x7F) << (7 * i);
            if (b >= 0) {
                return value;
            }
        }
        throw malformed("a varint of more than " + MAX_VARINT_BYTES + " bytes", "1 to " + MAX_VARINT_BYTES + " bytes");
    }
}
