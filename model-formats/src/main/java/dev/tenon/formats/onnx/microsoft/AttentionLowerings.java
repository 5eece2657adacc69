package dev.tenon.formats.onnx.microsoft;

import dev.tenon.formats.onnx.lowering.NodeLowering;
import dev.tenon.formats.onnx.lowering.OpBuilder;
import dev.tenon.graph.Value;
import dev.tenon.op.Attributes;
import dev.tenon.op.Op;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * Lowerings of attention: {@code softmax(Q K^T scale + mask + bias) V} for each head. A mask adds its filter value to
 * forbidden scores. Causality replaces forbidden scores by the least finite number.
 */
final class AttentionLowerings {
    private static final float FILTER = -10000;

    /** The index of an output that no node has. */
    static final int NONE = Integer.MAX_VALUE;

    private AttentionLowerings() {}

    /** Queries, keys and values of shape [batch, heads, length, size]. Keys and values begin with those of the past. */
    record Heads(Value query, Value key, Value value) {}

    static List<Value> attention(NodeLowering node) {
        OpBuilder ops = new OpBuilder(node);
        ops.refuse("do_rotary", "past_present_share_buffer");
        Value projected = ops.add("MatMul", node.input(0), node.input(1));
        if (node.input(2) != null) {
            projected = ops.add("Add", projected, node.input(2));
        }
        return selfAttention(ops, projected, node.input(3), node.input(4), node.input(5));
    }

    static List<Value> quantizedAttention(NodeLowering node) {
        OpBuilder ops = new OpBuilder(node);
        ops.refuse("do_rotary", "past_present_share_buffer");
        Value zero = node.input(6) == null ? null : ops.scalarOf(node.input(6));
        Value sum = ops.add("MatMulInteger", node.input(0), node.input(1), zero, node.input(7));
        Value scale = ops.add("Mul", node.input(3), node.input(4));
        Value projected = ops.add("Mul", ops.cast(sum, ops.type(scale)), scale);
        return selfAttention(ops, ops.add("Add", projected, node.input(2)), node.input(5), node.input(8), null);
    }

    /** Attention of a sequence to itself and to its past. One tensor holds the projected queries, keys and values. */
    private static List<Value> selfAttention(OpBuilder ops, Value projected, Value mask, Value past, Value bias) {
        NodeLowering node = ops.node();
        long heads = ops.positive("num_heads");
        List<Value> parts = thirds(ops, projected);
        Value query = split(ops, parts.get(0), heads);
        Value key = split(ops, parts.get(1), heads);
        Value value = split(ops, parts.get(2), heads);
        if (past != null) {
            key = ops.concat(2, ops.gather(past, ops.scalar(DType.INT64, 0), 0), key);
            value = ops.concat(2, ops.gather(past, ops.scalar(DType.INT64, 1), 0), value);
        }
        Value present = null;
        if (node.outputs() > 1) {
            Attributes first = Attributes.none().with("axis", 0L);
            present = node.output(1, "Concat", first, ops.unsqueeze(key, 0), ops.unsqueeze(value, 0));
        }
        Value y = attend(ops, new Heads(query, key, value), mask, bias, NONE).getFirst();
        return FusedLowerings.results(node, y, present);
    }

    static List<Value> thirds(OpBuilder ops, Value projected) {
        NodeLowering node = ops.node();
        List<Long> sizes = node.attributes().integers("qkv_hidden_sizes", null);
        if (sizes != null && sizes.size() == 3) {
            Value list = ops.integers(sizes.stream().mapToLong(Long::longValue).toArray());
            Op split = node.op("", "Split", Attributes.none().with("axis", -1L));
            return node.addAll(split, List.of(projected, list), 3);
        }
        Attributes a = Attributes.none().with("axis", -1L).with("num_outputs", 3L);
        return node.addAll(node.op("", "Split", a), List.of(projected), 3);
    }

    /** Reshapes [batch, length, heads * size] to [batch, heads, length, size]. */
    static Value split(OpBuilder ops, Value x, long heads) {
        if (x == null) {
            throw ops.node().error("a query, key or value that is missing", "a value", null);
        }
        var type = x.tensorType();
        long last = -1;
        if (type != null && type.shape().hasRank() && type.shape().rank() == 3) {
            var dim = type.shape().dim(2);
            last = dim.isKnown() ? dim.value() : -1;
            if (last >= 0 && last % heads != 0) {
                throw ops.node().error("a hidden size of " + last, "a multiple of num_heads " + heads, null);
            }
        }
        return ops.transpose(ops.reshape(x, 0, 0, heads, last < 0 ? -1 : last / heads), 0, 2, 1, 3);
    }

    private static Value scale(OpBuilder ops, Value query) {
        DType type = ops.type(query);
        float scale = ops.node().attributes().real("scale", 0);
        if (scale != 0) {
            return ops.scalar(type, scale);
        }
        Value size = ops.scalarOf(ops.dims(query, 3, 4));
        return ops.cast(ops.add("Reciprocal", ops.add("Sqrt", ops.cast(size, DType.FLOAT32))), type);
    }

    /**
     * Attends to all keys that masks and causality allow.
     *
     * @param shown the index of the output for the scores
     * @return the first output of the node, and the scores if the node names their output
     */
    static List<Value> attend(OpBuilder ops, Heads h, Value mask, Value bias, int shown) {
        return attend(ops, h, mask, bias, shown, null);
    }

    /**
     * Attends to all keys that masks and causality allow.
     *
     * @param before how many keys are older than the first query, a list of one element; null if the last key and the
     *     last query have the same position
     */
    private static List<Value> attend(OpBuilder ops, Heads h, Value mask, Value bias, int shown, Value before) {
        NodeLowering node = ops.node();
        Value products = ops.add("MatMul", h.query, ops.transpose(h.key, 0, 1, 3, 2));
        Value scores = ops.add("Mul", products, scale(ops, h.query));
        if (bias != null) {
            scores = ops.add("Add", scores, bias);
        }
        if (mask != null) {
            scores = ops.add("Add", scores, addend(ops, h, mask));
        }
        if (node.attributes().flag("unidirectional", false)) {
            scores = causal(ops, h, scores, before);
        }
        Value qk = node.output(shown, "Identity", Attributes.none(), scores);
        Value weighted = ops.add("MatMul", ops.add("Softmax", scores), h.value);
        Value lines = ops.transpose(weighted, 0, 2, 1, 3);
        Value shape = ops.concat(0, ops.dims(lines, 0, 2), ops.integers(-1));
        var type = h.value.tensorType();
        if (type.shape().hasRank()
                && type.shape().dim(3).isKnown()
                && type.shape().dim(1).isKnown()) {
            long size = type.shape().dim(1).value() * type.shape().dim(3).value();
            shape = ops.integers(0, 0, size);
        }
        return Arrays.asList(node.output(0, "Reshape", Attributes.none(), lines, shape), qk);
    }

    private static Value causal(OpBuilder ops, Heads h, Value scores, Value before) {
        Value total = ops.scalarOf(ops.dims(h.key, 2, 3));
        Value length = ops.scalarOf(ops.dims(h.query, 2, 3));
        Value zero = ops.scalar(DType.INT64, 0);
        Value one = ops.scalar(DType.INT64, 1);
        Value keys = ops.add("Range", zero, total, one);
        Value older = before == null ? ops.add("Sub", total, length) : ops.scalarOf(before);
        Value order = ops.add("Range", zero, length, one);
        Value queries = ops.add("Add", order, older);
        Value later = ops.add("Greater", keys, ops.unsqueeze(queries, 1));
        if (before != null) {
            // ONNX Runtime hides no key from the last query, however many keys there are.
            Value last = ops.add("Equal", order, ops.add("Sub", length, one));
            later = ops.add("And", later, ops.unsqueeze(ops.add("Not", last), 1));
        }
        DType type = ops.type(scores);
        double least =
                type == DType.FLOAT16 ? -65504 : type == DType.BFLOAT16 ? -3.3895313892515355e38 : -Float.MAX_VALUE;
        return ops.add("Where", later, ops.scalar(type, least), scores);
    }

    /** The values that a mask adds to the scores: 0 for allowed ones and the filter value for forbidden ones. */
    private static Value addend(OpBuilder ops, Heads h, Value mask) {
        if (!mask.tensorType().shape().hasRank()) {
            throw ops.node().error("a mask of unknown rank", "a known rank", null);
        }
        Value allowed =
                switch (mask.tensorType().shape().rank()) {
                    case 1 -> within(ops, h, mask);
                    case 2 -> ops.unsqueeze(positive(ops, mask), 1, 2);
                    case 3 -> ops.unsqueeze(positive(ops, mask), 1);
                    case 4 -> square(ops, h, positive(ops, mask));
                    default -> throw ops.node().error("a mask " + mask.type(), "rank 1 to 4", null);
                };
        DType type = ops.type(h.query);
        float filter = ops.node().attributes().real("mask_filter_value", FILTER);
        double finite = type == DType.FLOAT16 ? Math.max(filter, -65504) : filter;
        return ops.add("Where", allowed, ops.scalar(type, 0), ops.scalar(type, finite));
    }

    private static Value positive(OpBuilder ops, Value mask) {
        return ops.add("Greater", mask, ops.scalar(ops.type(mask), 0));
    }

    /**
     * The keys that a mask of rank 1 allows. It holds the end of the keys for each row of the batch, and may hold the
     * starts after the ends. A longer list repeats them in another form.
     */
    private static Value within(OpBuilder ops, Heads h, Value mask) {
        Value batch = ops.dims(h.query, 0, 1);
        Value ends = ops.slice(mask, ops.integers(0), batch, 0);
        Value zeros = ops.add("Expand", ops.scalar(ops.type(mask), 0), batch);
        Value two = ops.add("Mul", batch, ops.integers(2));
        Value following = ops.slice(ops.concat(0, mask, zeros), batch, two, 0);
        Value starts = ops.add("Where", ops.add("Equal", ops.dims(mask, 0, 1), two), following, zeros);
        Value total = ops.scalarOf(ops.dims(h.key, 2, 3));
        Value keys = ops.cast(
                ops.add("Range", ops.scalar(DType.INT64, 0), total, ops.scalar(DType.INT64, 1)), ops.type(mask));
        Value before = ops.add("Less", keys, ops.unsqueeze(ends, 1));
        Value after = ops.add("GreaterOrEqual", keys, ops.unsqueeze(starts, 1));
        return ops.unsqueeze(ops.add("And", before, after), 1, 2);
    }

    /** The rows of the queries in a mask for the longest sequence, [batch, 1, longest, longest]. */
    private static Value square(OpBuilder ops, Heads h, Value mask) {
        Value total = ops.dims(h.key, 2, 3);
        Value past = ops.add("Sub", total, ops.dims(h.query, 2, 3));
        return ops.slice(ops.slice(mask, past, total, 2), ops.integers(0), total, 3);
    }

    /** MultiHeadAttention. Queries, keys and values are separate operands, or packed together for each head. */
    static List<Value> multiHeadAttention(NodeLowering node) {
        OpBuilder ops = new OpBuilder(node);
        long heads = ops.positive("num_heads");
        Heads h = separate(ops, heads);
        if (node.input(8) != null && node.input(6) != null) {
            return DecoderMaskedAttention.multiHeadOf(ops, h);
        }
        Value key = h.key;
        Value value = h.value;
        if (node.input(6) != null) {
            key = ops.concat(2, node.input(6), key);
            value = ops.concat(2, node.input(7), value);
        }
        Value presentKey = node.output(1, "Identity", Attributes.none(), key);
        Value presentValue = node.output(2, "Identity", Attributes.none(), value);
        Value before = node.input(6) == null ? ops.integers(0) : ops.dims(node.input(6), 2, 3);
        boolean own = node.input(1) == null;
        List<Value> y =
                attend(ops, new Heads(h.query, key, value), node.input(4), node.input(5), 3, own ? null : before);
        return FusedLowerings.results(node, y.getFirst(), presentKey, presentValue, y.getLast());
    }

    private static Heads separate(OpBuilder ops, long heads) {
        NodeLowering node = ops.node();
        Value query = node.input(0);
        Value key = node.input(1);
        Value value = node.input(2);
        if (key == null) {
            // [batch, length, heads, 3, size]
            query = part(ops, node.input(0), 0);
            key = part(ops, node.input(0), 1);
            value = part(ops, node.input(0), 2);
        } else if (value == null) {
            // [batch, length, heads, 2, size]
            key = part(ops, node.input(1), 0);
            value = part(ops, node.input(1), 1);
        }
        if (node.input(3) != null) {
            List<Value> biases = biases(ops, query);
            query = ops.add("Add", query, biases.get(0));
            if (rank(key) == 3) {
                key = ops.add("Add", key, biases.get(1));
                value = ops.add("Add", value, biases.get(2));
            }
        }
        return new Heads(
                split(ops, query, heads),
                rank(key) == 4 ? key : split(ops, key, heads),
                rank(value) == 4 ? value : split(ops, value, heads));
    }

    /** The biases of queries, keys and values. Those of queries and keys have the same width. */
    private static List<Value> biases(OpBuilder ops, Value query) {
        NodeLowering node = ops.node();
        long all = ops.dim(3, 0);
        long hidden = ops.dim(0, 2);
        if (ops.rank(0) == 3 && all >= 0 && hidden >= 0) {
            if (all < 2 * hidden) {
                throw node.error("a bias of " + all, 2 * hidden + " and above", null);
            }
            Op split = node.op("", "Split", Attributes.none().with("axis", 0L));
            Value sizes = ops.integers(hidden, hidden, all - 2 * hidden);
            return node.addAll(split, List.of(node.required(3), sizes), 3);
        }
        Value width = ops.dims(query, 2, 3);
        Value two = ops.add("Mul", width, ops.integers(2));
        Value bias = node.input(3);
        return List.of(
                ops.slice(bias, ops.integers(0), width, 0),
                ops.slice(bias, width, two, 0),
                ops.slice(bias, two, ops.integers(Long.MAX_VALUE), 0));
    }

    private static int rank(Value v) {
        return v.tensorType() != null && v.tensorType().shape().hasRank()
                ? v.tensorType().shape().rank()
                : 3;
    }

    private static Value part(OpBuilder ops, Value packed, long i) {
        return ops.reshape(ops.gather(packed, ops.scalar(DType.INT64, (double) i), 3), 0, 0, -1);
    }

    /**
     * RotaryEmbedding: rotates pairs of elements by the angles of their positions. The data has the shape
     * [batch, length, hidden] or [batch, heads, length, size]. ONNX Runtime ignores the attribute {@code scale}.
     */
    static List<Value> rotaryEmbedding(NodeLowering node) {
        OpBuilder ops = new OpBuilder(node);
        Attributes a = node.attributes();
        ops.refuse("is_packed_batching");
        boolean flat = ops.rank(0) == 3;
        Value x = node.input(0);
        Value lines = x;
        if (flat) {
            long heads = a.integer("num_heads", 0);
            lines = ops.transpose(heads < 1 ? byAngles(ops, x) : ops.reshape(x, 0, 0, heads, -1), 0, 2, 1, 3);
        }
        Value positions = positions(ops, lines);
        Value cos = ops.unsqueeze(ops.gather(node.input(2), positions, 0), 1);
        Value sin = ops.unsqueeze(ops.gather(node.input(3), positions, 0), 1);
        Value rotated = rotate(ops, lines, cos, sin);
        if (!flat) {
            return node.finish("Identity", Attributes.none(), rotated);
        }
        Value shape = node.add("Shape", Attributes.none(), x);
        return node.finish("Reshape", Attributes.none(), ops.transpose(rotated, 0, 2, 1, 3), shape);
    }

    /** Splits the data into heads that are twice as wide as the table of angles: [batch, length, heads, size]. */
    private static Value byAngles(OpBuilder ops, Value x) {
        long half = ops.dim(2, 1);
        if (half >= 1) {
            return ops.reshape(x, 0, 0, -1, 2 * half);
        }
        Value width = ops.add("Mul", ops.dims(ops.node().input(2), 1, 2), ops.integers(2));
        return ops.add("Reshape", x, ops.concat(0, ops.integers(0, 0, -1), width));
    }

    /** The position of each element of the sequence. The operand holds all positions or that of the first element. */
    private static Value positions(OpBuilder ops, Value lines) {
        if (ops.rank(1) == 2) {
            return ops.node().input(1);
        }
        Value one = ops.scalar(DType.INT64, 1);
        Value length = ops.scalarOf(ops.dims(lines, 2, 3));
        Value range = ops.add("Range", ops.scalar(DType.INT64, 0), length, one);
        return ops.unsqueeze(ops.add("Add", range, ops.node().input(1)), 0);
    }

    private static Value rotate(OpBuilder ops, Value x, Value cos, Value sin) {
        NodeLowering node = ops.node();
        long size = node.attributes().integer("rotary_embedding_dim", 0);
        Value rotated = x;
        if (size > 0) {
            rotated = ops.slice(x, ops.integers(0), ops.integers(size), 3);
        }
        Value y = node.attributes().flag("interleaved", false)
                ? interleaved(ops, rotated, cos, sin)
                : halves(ops, rotated, cos, sin);
        if (size == 0) {
            return y;
        }
        Value rest = ops.slice(x, ops.integers(size), ops.integers(Long.MAX_VALUE), 3);
        return ops.concat(3, y, rest);
    }

    private static Value halves(OpBuilder ops, Value x, Value cos, Value sin) {
        Attributes a = Attributes.none().with("axis", 3L).with("num_outputs", 2L);
        List<Value> parts = ops.node().addAll(ops.node().op("", "Split", a), List.of(x), 2);
        Value[] y = pair(ops, parts.get(0), parts.get(1), cos, sin);
        return ops.concat(3, y);
    }

    private static Value interleaved(OpBuilder ops, Value x, Value cos, Value sin) {
        Value end = ops.integers(Long.MAX_VALUE);
        Value axis = ops.integers(3);
        Value two = ops.node().constant(Tensor.of(new long[] {2}, 1));
        Value even = ops.add("Slice", x, ops.integers(0), end, axis, two);
        Value odd = ops.add("Slice", x, ops.integers(1), end, axis, two);
        Value[] y = pair(ops, even, odd, cos, sin);
        Value stacked = ops.concat(4, ops.unsqueeze(y[0], 4), ops.unsqueeze(y[1], 4));
        return ops.add("Reshape", stacked, ops.node().add("Shape", Attributes.none(), x));
    }

    private static Value[] pair(OpBuilder ops, Value first, Value second, Value cos, Value sin) {
        Value a = ops.add("Sub", ops.add("Mul", first, cos), ops.add("Mul", second, sin));
        Value b = ops.add("Add", ops.add("Mul", first, sin), ops.add("Mul", second, cos));
        return new Value[] {a, b};
    }
}
