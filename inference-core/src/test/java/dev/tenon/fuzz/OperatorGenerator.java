package dev.tenon.fuzz;

import dev.tenon.fuzz.WireMessage.Field;
import dev.tenon.fuzz.WireMessage.Type;
import dev.tenon.testkit.fuzz.Hostile;
import dev.tenon.testkit.fuzz.Mutation;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Makes models of one operator: it takes the operator and the kinds of operands and attributes from a model, and chooses
 * shapes, elements, attributes and the number of operands and outputs anew. Shapes may be without elements and yet have
 * huge dimensions. Most models are well formed, so that they reach the operator.
 */
final class OperatorGenerator implements Mutation {
    private static final int GRAPH = 7;
    private static final int NODE = 1;
    private static final int INITIALIZER = 5;
    private static final int INPUT = 11;
    private static final int OUTPUT = 12;
    private static final int STRING = 8;
    private static final int MOST_ELEMENTS = 2048;
    private static final long[] SMALL = {0, 1, 1, 2, 2, 3, 4, 5, 7, 8, 16, 17};
    private static final long[] HUGE = {1L << 16, 1L << 20, (1L << 31) - 1, 1L << 31, 1L << 40, 1L << 62, Long.MAX_VALUE
    };

    /** The bits of an element by the number of its type in ONNX; 0 for strings. */
    private static final int[] BITS = {
        0, 32, 8, 8, 16, 16, 32, 64, 0, 8, 16, 64, 32, 64, 64, 128, 16, 8, 8, 8, 8, 4, 4, 4, 8, 2, 2
    };

    @Override
    public byte[] apply(byte[] file, byte[] other, SplittableRandom random) {
        WireMessage tree = WireMessage.parse(Type.MODEL, file);
        WireMessage graph = tree == null ? null : message(tree, GRAPH);
        WireMessage node = graph == null ? null : message(graph, NODE);
        if (node == null) {
            return file;
        }
        List<Field> inputs = new ArrayList<>();
        for (Field f : graph.fields) {
            if (f.message == null) {
                continue;
            }
            switch (f.number) {
                case INITIALIZER -> {
                    if (random.nextInt(3) > 0) {
                        tensor(f.message, random);
                    }
                    if (random.nextInt(6) == 0) {
                        inputs.add(Field.of(INPUT, asInput(f.message)));
                    }
                }
                case INPUT -> {
                    if (random.nextInt(3) > 0) {
                        shape(f.message, random);
                    }
                }
                case OUTPUT -> f.message.fields.removeIf(own -> own.number == 2);
                default -> {}
            }
        }
        for (Field input : inputs) {
            byte[] name = input.message.fields.getFirst().bytes;
            graph.fields.removeIf(f -> f.number == INITIALIZER && f.message != null && named(f.message, name));
            graph.fields.add(input);
        }
        for (Field f : node.fields) {
            if (f.message != null && f.message.type == Type.ATTRIBUTE && random.nextInt(3) == 0) {
                attribute(f.message, random);
            }
        }
        edges(node, random);
        return tree.bytes();
    }

    private static WireMessage message(WireMessage m, int number) {
        for (Field f : m.fields) {
            if (f.number == number && f.message != null) {
                return f.message;
            }
        }
        return null;
    }

    private static boolean named(WireMessage tensor, byte[] name) {
        for (Field f : tensor.fields) {
            if (f.number == 8 && f.bytes != null && Arrays.equals(f.bytes, name)) {
                return true;
            }
        }
        return false;
    }

    private static long[] dims(SplittableRandom random) {
        long[] dims = new long[random.nextInt(random.nextInt(6) == 0 ? 9 : 5)];
        boolean huge = random.nextInt(4) == 0;
        for (int i = 0; i < dims.length; i++) {
            dims[i] = huge && random.nextBoolean()
                    ? HUGE[random.nextInt(HUGE.length)]
                    : SMALL[random.nextInt(SMALL.length)];
        }
        if (huge && dims.length > 0) {
            dims[random.nextInt(dims.length)] = 0;
        }
        return dims;
    }

    /** The product, or -1 if there are too many elements. */
    private static long elements(long[] dims) {
        long n = 1;
        for (long d : dims) {
            if (d == 0) {
                return 0;
            }
            n = d > MOST_ELEMENTS || n < 0 || n * d > MOST_ELEMENTS ? -1 : n * d;
        }
        return n;
    }

    /** Gives a tensor other dimensions and elements. */
    private static void tensor(WireMessage tensor, SplittableRandom random) {
        int type = 1;
        for (Field f : tensor.fields) {
            if (f.number == 2 && f.isNumber()) {
                type = (int) f.value;
            }
        }
        long[] dims = dims(random);
        long n = elements(dims);
        if (n < 0 || type < 0 || type >= BITS.length) {
            return;
        }
        tensor.fields.removeIf(f -> f.number != 2 && f.number != 8);
        for (long d : dims) {
            tensor.fields.add(Field.of(1, d));
        }
        if (type == STRING) {
            for (long i = 0; i < n; i++) {
                tensor.fields.add(Field.of(6, Hostile.text(random)));
            }
            return;
        }
        tensor.fields.add(Field.of(9, data(type, n, random)));
    }

    private static byte[] data(int type, long n, SplittableRandom random) {
        ByteBuffer data = ByteBuffer.allocate((int) ((n * BITS[type] + 7) / 8)).order(ByteOrder.LITTLE_ENDIAN);
        boolean hostile = random.nextInt(3) == 0;
        while (data.hasRemaining()) {
            long integer = hostile ? Hostile.number(random) : random.nextInt(-1, 6);
            double real = hostile ? Hostile.real(random) : random.nextDouble() * 4 - 2;
            switch (type) {
                case 1, 14 -> data.putFloat((float) real);
                case 11, 15 -> data.putDouble(real);
                case 7, 13 -> data.putLong(integer);
                case 6, 12 -> data.putInt((int) integer);
                case 4, 5 -> data.putShort((short) integer);
                case 10 -> data.putShort(Float.floatToFloat16((float) real));
                case 16 -> data.putShort((short) (Float.floatToRawIntBits((float) real) >> 16));
                case 9 -> data.put((byte) random.nextInt(2));
                default -> data.put((byte) (hostile ? random.nextInt() : integer));
            }
        }
        return data.array();
    }

    /** An input of the type of a tensor. */
    private static WireMessage asInput(WireMessage tensor) {
        WireMessage input = new WireMessage(Type.VALUE_INFO);
        WireMessage dense = new WireMessage(Type.DENSE_TYPE);
        WireMessage shape = new WireMessage(Type.SHAPE);
        byte[] name = {};
        for (Field f : tensor.fields) {
            if (f.number == 8 && f.bytes != null) {
                name = f.bytes;
            } else if (f.number == 2) {
                dense.fields.add(Field.of(1, f.value));
            } else if (f.number == 1 && f.isNumber()) {
                WireMessage d = new WireMessage(Type.DIMENSION);
                d.fields.add(Field.of(1, f.value));
                shape.fields.add(Field.of(1, d));
            }
        }
        dense.fields.add(Field.of(2, shape));
        WireMessage type = new WireMessage(Type.TYPE);
        type.fields.add(Field.of(1, dense));
        input.fields.add(Field.of(1, name));
        input.fields.add(Field.of(2, type));
        return input;
    }

    /** Gives all shapes of an input other dimensions, some of them unknown. */
    private static void shape(WireMessage input, SplittableRandom random) {
        for (WireMessage m : input.all()) {
            if (m.type == Type.DENSE_TYPE && random.nextInt(12) == 0) {
                m.fields.removeIf(f -> f.number == 2);
            } else if (m.type == Type.SHAPE) {
                m.fields.clear();
                for (long size : dims(random)) {
                    WireMessage d = new WireMessage(Type.DIMENSION);
                    d.fields.add(
                            random.nextInt(3) > 0
                                    ? Field.of(1, size)
                                    : Field.of(2, new byte[] {(byte) ('n' + random.nextInt(3))}));
                    m.fields.add(Field.of(1, d));
                }
            }
        }
    }

    private static void attribute(WireMessage a, SplittableRandom random) {
        for (int i = 0; i < a.fields.size(); i++) {
            Field f = a.fields.get(i);
            switch (f.number) {
                case 2 -> f.value = Float.floatToRawIntBits((float) Hostile.real(random));
                case 3 -> f.value = random.nextBoolean() ? random.nextInt(-3, 9) : Hostile.number(random);
                case 4 -> f.bytes = f.bytes == null ? null : Hostile.text(random);
                case 5 -> {
                    if (f.message != null) {
                        tensor(f.message, random);
                    }
                }
                case 7, 8 -> {
                    a.fields.removeIf(own -> own.number == f.number);
                    int count = random.nextInt(20) == 0 ? 5000 : random.nextInt(6);
                    a.fields.add(Field.of(f.number, list(f.number == 7, count, random)));
                    return;
                }
                default -> {}
            }
        }
    }

    private static byte[] list(boolean reals, int count, SplittableRandom random) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < count; i++) {
            if (reals) {
                int bits = Float.floatToRawIntBits((float) Hostile.real(random));
                for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
                    out.write(bits >>> shift);
                }
            } else {
                long rest = random.nextInt(3) > 0 ? random.nextInt(-2, 6) : Hostile.number(random);
                while ((rest & ~0x7FL) != 0) {
                    out.write((int) (rest & 0x7F | 0x80));
                    rest >>>= 7;
                }
                out.write((int) rest);
            }
        }
        return out.toByteArray();
    }

    /** Adds operands or outputs, removes some, or gives the node a long name. */
    private static void edges(WireMessage node, SplittableRandom random) {
        int number = 1 + random.nextInt(2);
        List<Field> same = node.fields.stream().filter(f -> f.number == number).toList();
        switch (random.nextInt(24)) {
            case 0, 1 -> {
                int count = random.nextInt(4) == 0 ? 1000 : random.nextInt(1, 6);
                for (int i = 0; i < count && !same.isEmpty(); i++) {
                    node.fields.add(
                            number == 1
                                    ? same.get(random.nextInt(same.size())).copy()
                                    : Field.of(2, ("more" + i).getBytes(StandardCharsets.UTF_8)));
                }
            }
            case 2 -> {
                if (!same.isEmpty()) {
                    node.fields.remove(same.getLast());
                }
            }
            case 3 -> {
                if (number == 1 && !same.isEmpty()) {
                    same.get(random.nextInt(same.size())).bytes = new byte[0];
                }
            }
            case 4 -> {
                node.fields.removeIf(f -> f.number == 3);
                node.fields.add(Field.of(3, "n".repeat(20_000).getBytes(StandardCharsets.UTF_8)));
            }
            default -> {}
        }
    }
}
