package dev.tenon.formats.catboost;

import dev.tenon.budget.WorkBudget;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.formats.Limits;
import dev.tenon.formats.MalformedModelException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The bytes of a FlatBuffer, which are untrusted: each offset and count is checked against them. Its tables are read one at a time,
 * so that offsets that lead back to a table do no harm; what is copied out of it counts against {@link Limits#maxRecords}, because many
 * offsets may lead to the same bytes.
 */
final class FlatBuffer {
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfDouble DOUBLE =
            ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int BYTES_A_RECORD = 64;

    private final String file;
    private final MemorySegment bytes;
    private final Limits limits;
    private long records;

    FlatBuffer(String file, MemorySegment bytes, Limits limits) {
        this.file = file;
        this.bytes = bytes;
        this.limits = limits;
    }

    Table root() {
        return table(0);
    }

    /** Counts things that take heap. */
    void countRecords(long more) {
        WorkBudget.spend(more);
        records += more;
        if (records > limits.maxRecords()) {
            throw new ResourceLimitException(
                    file,
                    "more than " + limits.maxRecords() + " records",
                    null,
                    "raise Limits.maxRecords if the source is trusted");
        }
    }

    /** The table to which the offset at a place leads. */
    private Table table(long place) {
        long at = target(place);
        need(at, Integer.BYTES);
        long fields = at - bytes.get(INT, at);
        need(fields, 2 * Short.BYTES);
        int size = Short.toUnsignedInt(bytes.get(SHORT, fields));
        need(fields, size);
        return new Table(at, fields, size);
    }

    private long target(long place) {
        need(place, Integer.BYTES);
        return place + Integer.toUnsignedLong(bytes.get(INT, place));
    }

    private void need(long at, long size) {
        if (at < 0 || size < 0 || at > bytes.byteSize() - size) {
            throw new MalformedModelException(
                    file,
                    size + " bytes at byte " + at + " of the model's core",
                    "places within its " + bytes.byteSize() + " bytes",
                    "check that the file is complete");
        }
    }

    /** A table: fields by number, any of which may be absent. */
    final class Table {
        private final long at;
        private final long fields;
        private final int size;

        private Table(long at, long fields, int size) {
            this.at = at;
            this.fields = fields;
            this.size = size;
        }

        /** The place of a field of some bytes; 0 if it is absent. */
        private long place(int field, int bytesOfField) {
            int entry = (2 + field) * Short.BYTES;
            int offset = entry + Short.BYTES > size ? 0 : Short.toUnsignedInt(bytes.get(SHORT, fields + entry));
            if (offset != 0) {
                need(at + offset, bytesOfField);
            }
            return offset == 0 ? 0 : at + offset;
        }

        int integer(int field, int absent) {
            long place = place(field, Integer.BYTES);
            return place == 0 ? absent : bytes.get(INT, place);
        }

        int number8(int field, int absent) {
            long place = place(field, Byte.BYTES);
            return place == 0 ? absent : bytes.get(ValueLayout.JAVA_BYTE, place);
        }

        double float64(int field, double absent) {
            long place = place(field, Double.BYTES);
            return place == 0 ? absent : bytes.get(DOUBLE, place);
        }

        /** A table; null if it is absent. */
        Table table(int field) {
            long place = place(field, Integer.BYTES);
            return place == 0 ? null : FlatBuffer.this.table(place);
        }

        /** A vector of elements of some bytes; an empty one if it is absent. */
        Vector vector(int field, int bytesOfElement) {
            long place = place(field, Integer.BYTES);
            return place == 0 ? new Vector(0, 0, bytesOfElement) : FlatBuffer.this.vector(place, bytesOfElement);
        }

        /** A text; an empty one if it is absent. */
        String text(int field) {
            return vector(field, 1).text();
        }
    }

    private Vector vector(long place, int bytesOfElement) {
        long at = target(place);
        need(at, Integer.BYTES);
        long count = Integer.toUnsignedLong(bytes.get(INT, at));
        need(at + Integer.BYTES, count * bytesOfElement);
        if (count > Integer.MAX_VALUE - 8) {
            throw new ResourceLimitException(file, count + " elements", "at most " + (Integer.MAX_VALUE - 8), null);
        }
        return new Vector(at + Integer.BYTES, (int) count, bytesOfElement);
    }

    /** A vector, all of whose elements are within the bytes. */
    final class Vector {
        private final long at;
        private final int bytesOfElement;
        final int count;

        private Vector(long at, int count, int bytesOfElement) {
            this.at = at;
            this.count = count;
            this.bytesOfElement = bytesOfElement;
        }

        private long place(int i) {
            if (i < 0 || i >= count) {
                throw new MalformedModelException(
                        file, "element " + i + " of a list", "less than its " + count, "save the model again");
            }
            return at + (long) i * bytesOfElement;
        }

        int integer(int i) {
            return bytes.get(INT, place(i));
        }

        float float32(int i) {
            return Float.intBitsToFloat(integer(i));
        }

        /** One of the two unsigned numbers of 16 bits that make up an element. */
        int half(int i, int which) {
            return Short.toUnsignedInt(bytes.get(SHORT, place(i) + (long) which * Short.BYTES));
        }

        /** A part, copied. */
        double[] doubles(int from, int length) {
            double[] all = new double[length];
            if (length > 0) {
                place(from + length - 1);
                MemorySegment.copy(bytes, DOUBLE, place(from), all, 0, length);
            }
            return all;
        }

        int[] integers() {
            countRecords(count);
            int[] all = new int[count];
            Arrays.setAll(all, this::integer);
            return all;
        }

        Table table(int i) {
            return FlatBuffer.this.table(place(i));
        }

        String text(int i) {
            return vector(place(i), 1).text();
        }

        private String text() {
            if (count > limits.maxStringBytes()) {
                throw new ResourceLimitException(
                        file,
                        "a text of " + count + " bytes",
                        "at most " + limits.maxStringBytes() + ", as Limits.maxStringBytes says",
                        "raise Limits.maxStringBytes if the source is trusted");
            }
            countRecords(1 + count / BYTES_A_RECORD);
            byte[] utf8 = new byte[count];
            MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, at, utf8, 0, count);
            return new String(utf8, StandardCharsets.UTF_8);
        }

        /** The bytes of the elements. */
        MemorySegment segment() {
            return bytes.asSlice(at, (long) count * bytesOfElement);
        }
    }
}
