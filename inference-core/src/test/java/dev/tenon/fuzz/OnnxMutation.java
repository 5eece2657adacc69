package dev.tenon.fuzz;

import dev.tenon.fuzz.WireMessage.Field;
import dev.tenon.fuzz.WireMessage.Type;
import dev.tenon.testkit.AllCases;
import dev.tenon.testkit.fuzz.Hostile;
import dev.tenon.testkit.fuzz.Mutation;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Changes messages of ONNX: numbers, names, types, dimensions, elements of tensors, the order and number of fields, and
 * the graph itself. Lengths stay right, except where bytes are cut off.
 *
 * @param root the message that a file holds
 */
record OnnxMutation(Type root) implements Mutation {
    private static final int MOST_CHANGES = 4;
    private static final int MOST_BYTES = 1 << 18;
    private static final int OP_TYPE = 4;
    private static final int DOMAIN = 7;
    private static final int TYPE_OF_ATTRIBUTE = 20;
    private static final int TYPES_OF_ATTRIBUTES = 16;
    private static final int TYPES_OF_TENSORS = 28;

    private static final List<byte[]> OPERATORS = AllCases.operators().definitions().stream()
            .map(d -> d.schema().name().getBytes(StandardCharsets.UTF_8))
            .toList();

    @Override
    public byte[] apply(byte[] file, byte[] other, SplittableRandom random) {
        WireMessage tree = WireMessage.parse(root, file);
        if (tree == null || random.nextInt(40) == 0) {
            return Hostile.bytes(file, random);
        }
        for (int i = random.nextInt(1, MOST_CHANGES + 1); i > 0; i--) {
            change(tree, other, random);
        }
        byte[] bytes = tree.bytes();
        if (random.nextInt(60) == 0) {
            bytes = Hostile.bytes(bytes, random);
        }
        return bytes.length > MOST_BYTES ? file : bytes;
    }

    private void change(WireMessage tree, byte[] other, SplittableRandom random) {
        List<WireMessage> all = tree.all();
        WireMessage m = all.get(random.nextInt(all.size()));
        if (m.fields.isEmpty()) {
            m.fields.add(Field.of(random.nextInt(1, 26), Hostile.number(random)));
            return;
        }
        Field f = m.fields.get(random.nextInt(m.fields.size()));
        switch (random.nextInt(16)) {
            case 0 -> m.fields.remove(f);
            case 1 -> duplicate(m, f, random);
            case 2 -> Collections.swap(m.fields, random.nextInt(m.fields.size()), random.nextInt(m.fields.size()));
            case 3 -> rename(all, random);
            case 4 -> splice(m, other, random);
            case 5 -> replaceByOwn(all, random);
            case 6 -> operator(all, random);
            case 7 -> dimension(all, random);
            case 8 -> f.number = random.nextInt(1, 26);
            case 9 -> attribute(all, random);
            case 10 -> m.fields.add(unknownField(random));
            default -> value(m, f, random);
        }
    }

    private static Field unknownField(SplittableRandom random) {
        int number = random.nextInt(1, 30);
        return random.nextBoolean() ? Field.of(number, Hostile.number(random)) : Field.of(number, Hostile.text(random));
    }

    private static void duplicate(WireMessage m, Field f, SplittableRandom random) {
        int times = random.nextInt(20) == 0 ? random.nextInt(2, 200) : 1;
        for (int i = 0; i < times; i++) {
            m.fields.add(f.copy());
        }
    }

    /** Changes the value of a field in its place. */
    private static void value(WireMessage m, Field f, SplittableRandom random) {
        if (f.message != null) {
            if (!f.message.fields.isEmpty()) {
                value(f.message, f.message.fields.get(random.nextInt(f.message.fields.size())), random);
            }
            return;
        }
        if (f.isNumber()) {
            boolean tensorType =
                    (m.type == Type.TENSOR && f.number == 2) || (m.type == Type.DENSE_TYPE && f.number == 1);
            boolean attributeType = m.type == Type.ATTRIBUTE && f.number == TYPE_OF_ATTRIBUTE;
            boolean real = m.type == Type.ATTRIBUTE && f.number == 2;
            f.value = tensorType && random.nextInt(4) > 0
                    ? random.nextInt(TYPES_OF_TENSORS)
                    : attributeType && random.nextInt(4) > 0
                            ? random.nextInt(TYPES_OF_ATTRIBUTES)
                            : real
                                    ? Float.floatToRawIntBits((float) Hostile.real(random))
                                    : Hostile.number(f.value, random);
            return;
        }
        f.bytes = random.nextInt(3) == 0 ? Hostile.text(random) : Hostile.bytes(f.bytes, random);
    }

    /** Lets a node, an output or another user of a name use another name of the model. */
    private static void rename(List<WireMessage> all, SplittableRandom random) {
        List<Field> names = new ArrayList<>();
        for (WireMessage m : all) {
            for (Field f : m.fields) {
                boolean name =
                        switch (m.type) {
                            case NODE -> f.number <= 2;
                            case VALUE_INFO -> f.number == 1;
                            case TENSOR -> f.number == 8;
                            case FUNCTION -> f.number == 4 || f.number == 5;
                            case DIMENSION -> f.number == 2;
                            default -> false;
                        };
                if (name && f.bytes != null) {
                    names.add(f);
                }
            }
        }
        if (!names.isEmpty()) {
            byte[] from = names.get(random.nextInt(names.size())).bytes;
            names.get(random.nextInt(names.size())).bytes = from.clone();
        }
    }

    /** Takes a message of another file over, at a place where the schema has such a message. */
    private void splice(WireMessage m, byte[] other, SplittableRandom random) {
        WireMessage tree = WireMessage.parse(root, other);
        if (tree == null) {
            return;
        }
        List<Field> same = new ArrayList<>();
        for (WireMessage each : tree.all()) {
            if (each.type == m.type) {
                same.addAll(each.fields);
            }
        }
        if (!same.isEmpty()) {
            Field f = same.get(random.nextInt(same.size())).copy();
            if (random.nextBoolean()) {
                m.fields.removeIf(own -> own.number == f.number);
            }
            m.fields.add(random.nextInt(m.fields.size() + 1), f);
        }
    }

    /** Replaces a field by another one of the same kind of message. */
    private static void replaceByOwn(List<WireMessage> all, SplittableRandom random) {
        WireMessage to = all.get(random.nextInt(all.size()));
        List<WireMessage> same = all.stream().filter(m -> m.type == to.type).toList();
        WireMessage from = same.get(random.nextInt(same.size())).copy();
        if (!from.fields.isEmpty() && !to.fields.isEmpty()) {
            Field f = from.fields.get(random.nextInt(from.fields.size()));
            int at = random.nextInt(to.fields.size());
            if (random.nextBoolean()) {
                to.fields.set(at, f);
            } else {
                to.fields.add(at, f);
            }
        }
    }

    private static void operator(List<WireMessage> all, SplittableRandom random) {
        List<WireMessage> nodes = all.stream().filter(m -> m.type == Type.NODE).toList();
        if (nodes.isEmpty()) {
            return;
        }
        WireMessage node = nodes.get(random.nextInt(nodes.size()));
        node.fields.removeIf(f -> f.number == OP_TYPE);
        node.fields.add(Field.of(OP_TYPE, OPERATORS.get(random.nextInt(OPERATORS.size()))));
        if (random.nextInt(4) == 0) {
            node.fields.removeIf(f -> f.number == DOMAIN);
            List<String> domains = List.of("", "ai.onnx.ml", "com.microsoft", "ai.onnx");
            node.fields.add(
                    Field.of(DOMAIN, domains.get(random.nextInt(domains.size())).getBytes(StandardCharsets.UTF_8)));
        }
        if (random.nextInt(3) == 0) {
            node.fields.add(Field.of(random.nextInt(1, 3), Hostile.text(random)));
        }
    }

    /** Changes a dimension of a declared type or of a tensor. */
    private static void dimension(List<WireMessage> all, SplittableRandom random) {
        List<WireMessage> shapes = all.stream()
                .filter(m -> m.type == Type.DIMENSION || m.type == Type.SHAPE || m.type == Type.TENSOR)
                .toList();
        if (shapes.isEmpty()) {
            return;
        }
        WireMessage m = shapes.get(random.nextInt(shapes.size()));
        if (m.type == Type.SHAPE) {
            WireMessage d = new WireMessage(Type.DIMENSION);
            d.fields.add(
                    random.nextBoolean()
                            ? Field.of(1, Hostile.number(random))
                            : Field.of(2, random.nextBoolean() ? new byte[] {'n'} : Hostile.text(random)));
            m.fields.add(random.nextInt(m.fields.size() + 1), Field.of(1, d));
            return;
        }
        List<Field> dims =
                m.fields.stream().filter(f -> f.number == 1 && f.isNumber()).toList();
        if (!dims.isEmpty()) {
            Field f = dims.get(random.nextInt(dims.size()));
            f.value = random.nextBoolean() ? random.nextInt(0, 5) : Hostile.number(f.value, random);
        }
    }

    /** Adds an attribute to a node, or changes the elements of one. */
    private static void attribute(List<WireMessage> all, SplittableRandom random) {
        List<WireMessage> attributes =
                all.stream().filter(m -> m.type == Type.ATTRIBUTE).toList();
        if (attributes.isEmpty()) {
            return;
        }
        WireMessage a = attributes.get(random.nextInt(attributes.size()));
        for (Field f : a.fields) {
            if (f.number == 3 && f.isNumber()) {
                f.value = Hostile.number(f.value, random);
            } else if (f.number == 8 && f.isNumber() && random.nextBoolean()) {
                f.value = Hostile.number(f.value, random);
            } else if (f.number == 8 && f.bytes != null) {
                f.bytes = varints(random);
            } else if (f.number == 4 && f.bytes != null) {
                f.bytes = Hostile.text(random);
            }
        }
    }

    /** A packed list of numbers. */
    private static byte[] varints(SplittableRandom random) {
        WireMessage list = new WireMessage(Type.ENTRY);
        int count = random.nextInt(0, 7);
        byte[] all = new byte[0];
        for (int i = 0; i < count; i++) {
            list.fields.clear();
            list.fields.add(Field.of(1, random.nextBoolean() ? random.nextInt(-2, 5) : Hostile.number(random)));
            byte[] one = list.bytes();
            int at = all.length;
            all = Arrays.copyOf(all, at + one.length - 1);
            System.arraycopy(one, 1, all, at, one.length - 1);
        }
        return all;
    }
}
