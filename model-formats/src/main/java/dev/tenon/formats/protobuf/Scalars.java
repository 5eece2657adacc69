package dev.tenon.formats.protobuf;

import dev.tenon.formats.SegmentInputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.LongConsumer;

/**
 * The numbers of a repeated scalar field. They stay encoded as they are in the file and are decoded when they are asked
 * for. So reading a file takes no memory for them, however many there are. The bytes are checked before, so decoding
 * does not fail.
 *
 * <p>Immutable, safe for any number of threads. Two objects are equal if they have the same encoding and the same
 * bytes.
 */
public final class Scalars {
    private static final int MAX_VARINT_BYTES = 10;
    private static final int COMPARED_AT_ONCE = 1 << 13;
    private static final ValueLayout.OfFloat FLOAT_LE =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfDouble DOUBLE_LE =
            ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Encoding encoding;
    private final MemorySegment payload;
    private final long count;

    private Scalars(Encoding encoding, MemorySegment payload, long count) {
        this.encoding = encoding;
        this.payload = payload.asReadOnly();
        this.count = count;
    }

    /** The encoding of each value. */
    public enum Encoding {
        /** 1 to 10 bytes: int32, int64, uint64. */
        VARINT("1 to 10 bytes each", 0),
        /** 4 bytes, little-endian: float. */
        FIXED32("4 bytes each", 4),
        /** 8 bytes, little-endian: double. */
        FIXED64("8 bytes each", 8);

        private final String description;
        private final int width;
        private final Scalars none;

        Encoding(String description, int width) {
            this.description = description;
            this.width = width;
            this.none = new Scalars(this, MemorySegment.ofArray(new byte[0]), 0);
        }

        String description() {
            return description;
        }
    }

    /**
     * No values.
     *
     * @param encoding their encoding
     * @return an empty sequence
     */
    public static Scalars none(Encoding encoding) {
        return encoding.none;
    }

    /**
     * Encodes integers. A negative one takes ten bytes.
     *
     * @param values the values, copied
     * @return the sequence, {@link Encoding#VARINT}
     */
    public static Scalars ofLongs(long... values) {
        GrowableBytes bytes = new GrowableBytes(values.length + 16L);
        for (long value : values) {
            bytes.varint(value);
        }
        return new Scalars(Encoding.VARINT, bytes.view(), values.length);
    }

    /**
     * Encodes floats.
     *
     * @param values the values, copied
     * @return the sequence, {@link Encoding#FIXED32}
     */
    public static Scalars ofFloats(float... values) {
        GrowableBytes bytes = new GrowableBytes(4L * values.length);
        for (float value : values) {
            bytes.fixed32(Float.floatToRawIntBits(value));
        }
        return new Scalars(Encoding.FIXED32, bytes.view(), values.length);
    }

    /**
     * Encodes doubles.
     *
     * @param values the values, copied
     * @return the sequence, {@link Encoding#FIXED64}
     */
    public static Scalars ofDoubles(double... values) {
        GrowableBytes bytes = new GrowableBytes(8L * values.length);
        for (double value : values) {
            bytes.fixed64(Double.doubleToRawLongBits(value));
        }
        return new Scalars(Encoding.FIXED64, bytes.view(), values.length);
    }

    /**
     * The encoding of each value.
     *
     * @return the encoding
     */
    public Encoding encoding() {
        return encoding;
    }

    /**
     * How many values there are.
     *
     * @return the count
     */
    public long count() {
        return count;
    }

    /**
     * Whether there are none.
     *
     * @return true if the count is 0
     */
    public boolean isEmpty() {
        return count == 0;
    }

    /**
     * The encoded values, end to end. For fixed encodings this is an array in little-endian order.
     *
     * @return a read-only view, often of the file itself
     */
    public MemorySegment payload() {
        return payload;
    }

    /**
     * Decodes varints one by one, in order.
     *
     * @param consumer takes the 64 bits of each. An int32 is in the low 32 bits
     * @throws IllegalStateException if the encoding is another
     */
    public void forEachLong(LongConsumer consumer) {
        require(Encoding.VARINT);
        long end = payload.byteSize();
        long value = 0;
        int shift = 0;
        for (long at = 0; at < end; at++) {
            byte b = payload.get(ValueLayout.JAVA_BYTE, at);
            value |= (long) (b & 0x7F) << shift;
            if (b < 0) {
                shift += 7;
            } else {
                consumer.accept(value);
                value = 0;
                shift = 0;
            }
        }
    }

    /**
     * Decodes varints.
     *
     * @return a new array
     * @throws IllegalStateException if the encoding is another
     * @throws OutOfMemoryError if there are more values than an array or the heap can hold
     */
    public long[] toLongs() {
        require(Encoding.VARINT);
        long[] values = new long[arrayLength()];
        int[] next = {0};
        forEachLong(value -> values[next[0]++] = value);
        return values;
    }

    /**
     * Decodes floats.
     *
     * @return a new array
     * @throws IllegalStateException if the encoding is another
     * @throws OutOfMemoryError if there are more values than an array or the heap can hold
     */
    public float[] toFloats() {
        require(Encoding.FIXED32);
        float[] values = new float[arrayLength()];
        MemorySegment.copy(payload, FLOAT_LE, 0, values, 0, values.length);
        return values;
    }

    /**
     * Decodes doubles.
     *
     * @return a new array
     * @throws IllegalStateException if the encoding is another
     * @throws OutOfMemoryError if there are more values than an array or the heap can hold
     */
    public double[] toDoubles() {
        require(Encoding.FIXED64);
        double[] values = new double[arrayLength()];
        MemorySegment.copy(payload, DOUBLE_LE, 0, values, 0, values.length);
        return values;
    }

    private int arrayLength() {
        if (count > Integer.MAX_VALUE - 16) {
            throw new OutOfMemoryError(count + " values do not fit an array");
        }
        return (int) count;
    }

    private void require(Encoding wanted) {
        if (encoding != wanted) {
            throw new IllegalStateException("these values are " + encoding + ", not " + wanted);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Scalars that && encoding == that.encoding && sameBytes(payload, that.payload);
    }

    /** Compares copies: the payload may be mapped. */
    private static boolean sameBytes(MemorySegment a, MemorySegment b) {
        if (a.byteSize() != b.byteSize()) {
            return false;
        }
        SegmentInputStream left = new SegmentInputStream("repeated field", a);
        SegmentInputStream right = new SegmentInputStream("repeated field", b);
        byte[] leftBlock = new byte[(int) Math.min(COMPARED_AT_ONCE, a.byteSize())];
        byte[] rightBlock = new byte[leftBlock.length];
        int n = left.read(leftBlock);
        while (n > 0) {
            if (right.read(rightBlock) != n || !Arrays.equals(leftBlock, 0, n, rightBlock, 0, n)) {
                return false;
            }
            n = left.read(leftBlock);
        }
        return true;
    }

    @Override
    public int hashCode() {
        return Objects.hash(encoding, count, payload.byteSize());
    }

    @Override
    public String toString() {
        return switch (count <= 16 ? encoding : null) {
            case null -> count + " values";
            case VARINT -> Arrays.toString(toLongs());
            case FIXED32 -> Arrays.toString(toFloats());
            case FIXED64 -> Arrays.toString(toDoubles());
        };
    }

    /** The number of values in packed bytes, or -1 if the bytes are no whole number of them. */
    static long count(Encoding encoding, MemorySegment packed) {
        long size = packed.byteSize();
        if (encoding != Encoding.VARINT) {
            return size % encoding.width == 0 ? size / encoding.width : -1;
        }
        long count = 0;
        int run = 0;
        for (long at = 0; at < size; at++) {
            run++;
            if (packed.get(ValueLayout.JAVA_BYTE, at) >= 0) {
                count++;
                run = 0;
            } else if (run == MAX_VARINT_BYTES) {
                return -1;
            }
        }
        return run == 0 ? count : -1;
    }

    /**
     * Collects the pieces of a repeated scalar field. A single packed piece stays where it is. Several pieces, and
     * values that are not packed, are joined in heap memory.
     */
    public static final class Builder {
        private final Encoding encoding;
        private MemorySegment only;
        private GrowableBytes joined;
        private long count;

        /**
         * An empty builder.
         *
         * @param encoding the encoding of each value
         */
        public Builder(Encoding encoding) {
            this.encoding = encoding;
        }

        Encoding encoding() {
            return encoding;
        }

        void addPacked(MemorySegment packed, long values) {
            if (values == 0) {
                return;
            }
            if (count == 0) {
                only = packed;
            } else {
                join(packed);
            }
            count += values;
        }

        void addOne(MemorySegment value) {
            join(value);
            count++;
        }

        private void join(MemorySegment piece) {
            if (joined == null) {
                joined = new GrowableBytes(64);
                if (only != null) {
                    joined.add(only);
                    only = null;
                }
            }
            joined.add(piece);
        }

        /**
         * The values that were collected so far.
         *
         * @return the values in the order of the file
         */
        public Scalars build() {
            if (count == 0) {
                return none(encoding);
            }
            return new Scalars(encoding, joined == null ? only : joined.view(), count);
        }
    }
}
