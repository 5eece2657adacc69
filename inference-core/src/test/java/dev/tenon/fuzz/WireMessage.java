package dev.tenon.fuzz;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A protobuf message as a tree whose fields can be changed. It is read by the messages' own schema, not by the code
 * under test. Lengths are computed when it is written. For one thread.
 */
final class WireMessage {
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int BYTES = 2;
    private static final int FIXED32 = 5;

    /** The messages of ONNX: for each the fields that hold messages. */
    enum Type {
        MODEL,
        GRAPH,
        NODE,
        ATTRIBUTE,
        TENSOR,
        SPARSE_TENSOR,
        VALUE_INFO,
        TYPE,
        DENSE_TYPE,
        ELEMENT_TYPE,
        MAP_TYPE,
        SHAPE,
        DIMENSION,
        FUNCTION,
        OPERATOR_SET,
        ENTRY,
        ANNOTATION,
        SEQUENCE,
        OPTIONAL,
        MAP;

        private static final Map<Type, Map<Integer, Type>> MESSAGES = Map.ofEntries(
                Map.entry(MODEL, Map.of(7, GRAPH, 8, OPERATOR_SET, 14, ENTRY, 25, FUNCTION)),
                Map.entry(
                        GRAPH,
                        Map.of(
                                1,
                                NODE,
                                5,
                                TENSOR,
                                11,
                                VALUE_INFO,
                                12,
                                VALUE_INFO,
                                13,
                                VALUE_INFO,
                                14,
                                ANNOTATION,
                                15,
                                SPARSE_TENSOR,
                                16,
                                ENTRY)),
                Map.entry(NODE, Map.of(5, ATTRIBUTE, 9, ENTRY)),
                Map.entry(
                        ATTRIBUTE,
                        Map.of(
                                5,
                                TENSOR,
                                6,
                                GRAPH,
                                10,
                                TENSOR,
                                11,
                                GRAPH,
                                14,
                                TYPE,
                                15,
                                TYPE,
                                22,
                                SPARSE_TENSOR,
                                23,
                                SPARSE_TENSOR)),
                Map.entry(TENSOR, Map.of(13, ENTRY, 16, ENTRY)),
                Map.entry(SPARSE_TENSOR, Map.of(1, TENSOR, 2, TENSOR)),
                Map.entry(VALUE_INFO, Map.of(2, TYPE, 4, ENTRY)),
                Map.entry(TYPE, Map.of(1, DENSE_TYPE, 4, ELEMENT_TYPE, 5, MAP_TYPE, 8, DENSE_TYPE, 9, ELEMENT_TYPE)),
                Map.entry(DENSE_TYPE, Map.of(2, SHAPE)),
                Map.entry(ELEMENT_TYPE, Map.of(1, TYPE)),
                Map.entry(MAP_TYPE, Map.of(2, TYPE)),
                Map.entry(SHAPE, Map.of(1, DIMENSION)),
                Map.entry(FUNCTION, Map.of(7, NODE, 9, OPERATOR_SET, 11, ATTRIBUTE, 12, VALUE_INFO, 14, ENTRY)),
                Map.entry(ANNOTATION, Map.of(2, ENTRY)),
                Map.entry(SEQUENCE, Map.of(3, TENSOR, 4, SPARSE_TENSOR, 5, SEQUENCE, 6, MAP, 7, OPTIONAL)),
                Map.entry(OPTIONAL, Map.of(3, TENSOR, 4, SPARSE_TENSOR, 5, SEQUENCE, 6, MAP, 7, OPTIONAL)),
                Map.entry(MAP, Map.of(4, SEQUENCE)));

        private Type of(int field) {
            return MESSAGES.getOrDefault(this, Map.of()).get(field);
        }
    }

    /** A field: a number, bytes, or a message. */
    static final class Field {
        int number;
        int wire;
        long value;
        byte[] bytes;
        WireMessage message;

        private Field(int number, int wire) {
            this.number = number;
            this.wire = wire;
        }

        static Field of(int number, long value) {
            Field f = new Field(number, VARINT);
            f.value = value;
            return f;
        }

        static Field of(int number, byte[] bytes) {
            Field f = new Field(number, BYTES);
            f.bytes = bytes;
            return f;
        }

        static Field of(int number, WireMessage message) {
            Field f = new Field(number, BYTES);
            f.message = message;
            return f;
        }

        boolean isNumber() {
            return wire != BYTES;
        }

        Field copy() {
            Field f = new Field(number, wire);
            f.value = value;
            f.bytes = bytes == null ? null : bytes.clone();
            f.message = message == null ? null : message.copy();
            return f;
        }
    }

    final Type type;
    final List<Field> fields = new ArrayList<>();

    WireMessage(Type type) {
        this.type = type;
    }

    /** Reads a message; null if the bytes are none. */
    static WireMessage parse(Type type, byte[] bytes) {
        WireMessage m = new WireMessage(type);
        int[] at = {0};
        while (at[0] < bytes.length) {
            long tag = varint(bytes, at);
            int number = (int) (tag >>> 3);
            Field f = new Field(number, (int) (tag & 7));
            if (number == 0 || at[0] > bytes.length) {
                return null;
            }
            switch (f.wire) {
                case VARINT -> f.value = varint(bytes, at);
                case FIXED64 -> f.value = fixed(bytes, at, Long.BYTES);
                case FIXED32 -> f.value = fixed(bytes, at, Integer.BYTES);
                case BYTES -> {
                    long length = varint(bytes, at);
                    if (length < 0 || length > bytes.length - at[0]) {
                        return null;
                    }
                    byte[] own = new byte[(int) length];
                    System.arraycopy(bytes, at[0], own, 0, own.length);
                    at[0] += own.length;
                    Type inner = type.of(number);
                    f.message = inner == null ? null : parse(inner, own);
                    f.bytes = f.message == null ? own : null;
                }
                default -> {
                    return null;
                }
            }
            if (at[0] > bytes.length) {
                return null;
            }
            m.fields.add(f);
        }
        return m;
    }

    private static long varint(byte[] bytes, int[] at) {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            if (at[0] >= bytes.length) {
                at[0] = bytes.length + 1;
                return 0;
            }
            byte b = bytes[at[0]++];
            value |= (long) (b & 0x7F) << shift;
            if (b >= 0) {
                return value;
            }
        }
        return value;
    }

    private static long fixed(byte[] bytes, int[] at, int size) {
        long value = 0;
        for (int i = 0; i < size; i++) {
            value |= at[0] + i < bytes.length ? (bytes[at[0] + i] & 0xFFL) << (8 * i) : 0;
        }
        at[0] += size;
        return value;
    }

    WireMessage copy() {
        WireMessage m = new WireMessage(type);
        for (Field f : fields) {
            m.fields.add(f.copy());
        }
        return m;
    }

    byte[] bytes() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        write(out);
        return out.toByteArray();
    }

    private void write(ByteArrayOutputStream out) {
        for (Field f : fields) {
            varint(out, (long) f.number << 3 | f.wire);
            switch (f.wire) {
                case VARINT -> varint(out, f.value);
                case FIXED64 -> fixed(out, f.value, Long.BYTES);
                case FIXED32 -> fixed(out, f.value, Integer.BYTES);
                default -> {
                    byte[] content = f.message != null ? f.message.bytes() : f.bytes == null ? new byte[0] : f.bytes;
                    varint(out, content.length);
                    out.writeBytes(content);
                }
            }
        }
    }

    private static void varint(ByteArrayOutputStream out, long number) {
        long rest = number;
        while ((rest & ~0x7FL) != 0) {
            out.write((int) (rest & 0x7F | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
    }

    private static void fixed(ByteArrayOutputStream out, long number, int size) {
        for (int i = 0; i < size; i++) {
            out.write((int) (number >>> (8 * i)));
        }
    }

    /** All messages of a tree: this one, then those in it. */
    List<WireMessage> all() {
        List<WireMessage> all = new ArrayList<>();
        all.add(this);
        for (int i = 0; i < all.size(); i++) {
            for (Field f : all.get(i).fields) {
                if (f.message != null) {
                    all.add(f.message);
                }
            }
        }
        return all;
    }
}
