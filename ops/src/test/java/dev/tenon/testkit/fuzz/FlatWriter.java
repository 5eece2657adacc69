package dev.tenon.testkit.fuzz;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * Writes FlatBuffers. A table is an {@code Object[]} of its fields, null for one that is absent: Integer, Byte, Double, String, another
 * table, int[], float[], double[], short[] for structures of two numbers of 16 bits, or a list of tables or texts.
 */
public final class FlatWriter {
    private static final int SLOT = 8;

    private ByteBuffer out = ByteBuffer.allocate(1 << 12).order(ByteOrder.LITTLE_ENDIAN);

    private FlatWriter() {}

    /**
     * Writes a root table.
     *
     * @param root its fields
     * @return the buffer
     */
    public static byte[] write(Object... root) {
        FlatWriter writer = new FlatWriter();
        writer.room(SLOT).putLong(0);
        int start = writer.table(root);
        writer.out.putInt(0, start);
        return Arrays.copyOf(writer.out.array(), writer.out.position());
    }

    private ByteBuffer room(int more) {
        if (out.remaining() < more) {
            ByteBuffer larger = ByteBuffer.allocate(2 * out.capacity() + more).order(ByteOrder.LITTLE_ENDIAN);
            out.flip();
            out = larger.put(out);
        }
        return out;
    }

    /** Fills up, until some bytes further on a place is a multiple of 8. */
    private void align(int further) {
        room(SLOT);
        while ((out.position() + further) % SLOT != 0) {
            out.put((byte) 0);
        }
    }

    /** Each field takes 8 bytes after the 8 bytes in which the table tells where its list of fields is. */
    private int table(Object[] fields) {
        align(0);
        int list = out.position();
        room(2 * Short.BYTES * (fields.length + 2));
        out.putShort((short) (2 * (fields.length + 2))).putShort((short) (SLOT * (fields.length + 1)));
        for (int i = 0; i < fields.length; i++) {
            out.putShort((short) (fields[i] == null ? 0 : SLOT * (i + 1)));
        }
        align(0);
        int start = out.position();
        room(SLOT * (fields.length + 1)).putInt(start - list).putInt(0);
        out.position(start + SLOT * (fields.length + 1));
        for (int i = 0; i < fields.length; i++) {
            int place = start + SLOT * (i + 1);
            switch (fields[i]) {
                case null -> {}
                case Integer x -> out.putInt(place, x);
                case Byte x -> out.put(place, x);
                case Double x -> out.putDouble(place, x);
                case Object child -> {
                    int at = child(child);
                    out.putInt(place, at - place);
                }
            }
        }
        return start;
    }

    private int child(Object child) {
        return switch (child) {
            case Object[] fields -> table(fields);
            case String text -> {
                byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
                int at = begin(utf8.length, utf8.length + 1);
                out.put(utf8).put((byte) 0);
                yield at;
            }
            case int[] all -> {
                int at = begin(all.length, all.length * Integer.BYTES);
                Arrays.stream(all).forEach(out::putInt);
                yield at;
            }
            case float[] all -> {
                int at = begin(all.length, all.length * Float.BYTES);
                for (float x : all) {
                    out.putFloat(x);
                }
                yield at;
            }
            case double[] all -> {
                int at = begin(all.length, all.length * Double.BYTES);
                Arrays.stream(all).forEach(out::putDouble);
                yield at;
            }
            case short[] pairs -> {
                int at = begin(pairs.length / 2, pairs.length * Short.BYTES);
                for (short x : pairs) {
                    out.putShort(x);
                }
                yield at;
            }
            case List<?> list -> {
                int at = begin(list.size(), list.size() * Integer.BYTES);
                int first = out.position();
                out.position(first + list.size() * Integer.BYTES);
                for (int i = 0; i < list.size(); i++) {
                    int place = first + i * Integer.BYTES;
                    int element = child(list.get(i));
                    out.putInt(place, element - place);
                }
                yield at;
            }
            default -> throw new IllegalArgumentException("a field of " + child.getClass());
        };
    }

    /** Begins a list, whose elements are aligned to 8. */
    private int begin(int count, int bytes) {
        align(Integer.BYTES);
        int at = out.position();
        room(Integer.BYTES + bytes).putInt(count);
        return at;
    }
}
