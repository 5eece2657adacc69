package dev.tenon.formats.onnx;

import dev.tenon.graph.Value;
import dev.tenon.op.Attributes;
import dev.tenon.op.Op;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * Lowerings of attention of the domain {@code com.microsoft}: {@code softmax(Q K^T scale + mask + bias) V} for each head.
 * Where a mask forbids, its filter value is added; where causality forbids, the least finite number takes the place.
 */
final class MicrosoftAttention {
    private static final float FILTER = -10000;

    /** No output. */
    static final int NONE = Integer.MAX_VALUE;

    private MicrosoftAttention() {}

    static void add(LineList list) {
        if (list.asks("Attention")) list.line(1, MicrosoftAttention::attention);
        if (list.asks("QAttention")) list.line(1, MicrosoftAttention::quantised);
        if (list.asks("MultiHeadAttention")) list.line(1, MicrosoftAttention::multiHead);
        if (list.asks("DecoderMaskedMultiHeadAttention")) list.line(1, DecoderMaskedAttention::multiHead);
        if (list.asks("DecoderMaskedSelfAttention")) list.line(1, DecoderMaskedAttention::self);
        if (list.asks("GroupQueryAttention")) list.line(1, GroupQueryAttention::lower);
        if (list.asks("RotaryEmbedding")) list.line(1, MicrosoftAttention::rotary);
    }

    /** Queries, keys and values of shape [batch, heads, length, size], keys and values with what was before them. */
    record Heads(Value query, Value key, Value value) {}

    private static List<Value> attention(NodeLowering node) {
        Steps steps = new Steps(node);
        steps.refuse("do_rotary", "past_present_share_buffer");
        Value projected = steps.add("MatMul", node.input(0), node.input(1));
        if (node.input(2) != null) {
            projected = steps.add("Add", projected, node.input(2));
        }
        return selfAttention(steps, projected, node.input(3), node.input(4), node.input(5));
    }

    private static List<Value> quantised(NodeLowering node) {
        Steps steps = new Steps(node);
        steps.refuse("do_rotary", "past_present_share_buffer");
        Value zero = node.input(6) == null ? null : steps.scalarOf(node.input(6));
        Value sum = steps.add("MatMulInteger", node.input(0), node.input(1), zero, node.input(7));
        Value scale = steps.add("Mul", node.input(3), node.input(4));
        Value projected = steps.add("Mul", steps.cast(sum, steps.type(scale)), scale);
        return selfAttention(steps, steps.add("Add", projected, node.input(2)), node.input(5), node.input(8), null);
    }

    /** Attention of a sequence to itself and to what was before it, from the three projections in one. */
    private static List<Value> selfAttention(Steps steps, Value projected, Value mask, Value past, Value bias) {
        NodeLowering node = steps.node();
        long heads = steps.positive("num_heads");
        List<Value> parts = thirds(steps, projected);
        Value query = split(steps, parts.get(0), heads);
        Value key = split(steps, parts.get(1), heads);
        Value value = split(steps, parts.get(2), heads);
        if (past != null) {
            key = steps.concat(2, steps.gather(past, steps.scalar(DType.INT64, 0), 0), key);
            value = steps.concat(2, steps.gather(past, steps.scalar(DType.INT64, 1), 0), value);
        }
        Value present = null;
        if (node.outputs() > 1) {
            Attributes first = Attributes.none().with("axis", 0L);
            present = node.output(1, "Concat", first, steps.unsqueeze(key, 0), steps.unsqueeze(value, 0));
        }
        Value y = attend(steps, new Heads(query, key, value), mask, bias, NONE).getFirst();
        return MicrosoftLines.results(node, y, present);
    }

    static List<Value> thirds(Steps steps, Value projected) {
        NodeLowering node = steps.node();
        List<Long> sizes = node.attributes().integers("qkv_hidden_sizes", null);
        if (sizes != null && sizes.size() == 3) {
            Value list =
                    steps.integers(sizes.stream().mapToLong(Long::longValue).toArray());
            Op split = node.op("", "Split", Attributes.none().with("axis", -1L));
            return node.addAll(split, List.of(projected, list), 3);
        }
        Attributes a = Attributes.none().with("axis", -1L).with("num_outputs", 3L);
        return node.addAll(node.op("", "Split", a), List.of(projected), 3);
    }

    /** [batch, length, heads * size] as [batch, heads, length, size]. */
    static Value split(Steps steps, Value x, long heads) {
        var type = x.tensorType();
        long last = -1;
        if (type != null && type.shape().hasRank() && type.shape().rank() == 3) {
            var dim = type.shape().dim(2);
            last = dim.isKnown() ? dim.value() : -1;
            if (last >= 0 && last % heads != 0) {
                throw steps.node().error("a hidden size of " + last, "a multiple of num_heads " + heads, null);
            }
        }
        return steps.transpose(steps.reshape(x, 0, 0, heads, last < 0 ? -1 : last / heads), 0, 2, 1, 3);
    }

    private static Value scale(Steps steps, Value query) {
        DType type = steps.type(query);
        float scale = steps.node().attributes().real("scale", 0);
        if (scale != 0) {
            return steps.scalar(type, scale);
        }
        Value size = steps.scalarOf(steps.dims(query, 3, 4));
        return steps.cast(steps.add("Reciprocal", steps.add("Sqrt", steps.cast(size, DType.FLOAT32))), type);
    }

    /** The operator's first output, and the scores that the weights are made of as another, if the node has that one. */
    static List<Value> attend(Steps steps, Heads h, Value mask, Value bias, int shown) {
        return attend(steps, h, mask, bias, shown, null);
    }

    /**
     * As above.
     *
     * @param before how many keys are older than the first query, a list of one; null if the last key is as old as the
     *     last query
     */
    private static List<Value> attend(Steps steps, Heads h, Value mask, Value bias, int shown, Value before) {
        NodeLowering node = steps.node();
        Value products = steps.add("MatMul", h.query, steps.transpose(h.key, 0, 1, 3, 2));
        Value scores = steps.add("Mul", products, scale(steps, h.query));
        if (bias != null) {
            scores = steps.add("Add", scores, bias);
        }
        if (mask != null) {
            scores = steps.add("Add", scores, addend(steps, h, mask));
        }
        if (node.attributes().flag("unidirectional", false)) {
            scores = causal(steps, h, scores, before);
        }
        Value qk = node.output(shown, "Identity", Attributes.none(), scores);
        Value weighted = steps.add("MatMul", steps.add("Softmax", scores), h.value);
        Value lines = steps.transpose(weighted, 0, 2, 1, 3);
        Value shape = steps.concat(0, steps.dims(lines, 0, 2), steps.integers(-1));
        var type = h.value.tensorType();
        if (type.shape().hasRank()
                && type.shape().dim(3).isKnown()
                && type.shape().dim(1).isKnown()) {
            long size = type.shape().dim(1).value() * type.shape().dim(3).value();
            shape = steps.integers(0, 0, size);
        }
        return Arrays.asList(node.output(0, "Reshape", Attributes.none(), lines, shape), qk);
    }

    private static Value causal(Steps steps, Heads h, Value scores, Value before) {
        Value total = steps.scalarOf(steps.dims(h.key, 2, 3));
        Value length = steps.scalarOf(steps.dims(h.query, 2, 3));
        Value zero = steps.scalar(DType.INT64, 0);
        Value one = steps.scalar(DType.INT64, 1);
        Value keys = steps.add("Range", zero, total, one);
        Value older = before == null ? steps.add("Sub", total, length) : steps.scalarOf(before);
        Value order = steps.add("Range", zero, length, one);
        Value queries = steps.add("Add", order, older);
        Value later = steps.add("Greater", keys, steps.unsqueeze(queries, 1));
        if (before != null) {
            // However many keys there are, the runtime hides none from the last query.
            Value last = steps.add("Equal", order, steps.add("Sub", length, one));
            later = steps.add("And", later, steps.unsqueeze(steps.add("Not", last), 1));
        }
        DType type = steps.type(scores);
        double least =
                type == DType.FLOAT16 ? -65504 : type == DType.BFLOAT16 ? -3.3895313892515355e38 : -Float.MAX_VALUE;
        return steps.add("Where", later, steps.scalar(type, least), scores);
    }

    /** What a mask adds to the scores: 0 where it allows, the filter value where it forbids. */
    private static Value addend(Steps steps, Heads h, Value mask) {
        if (!mask.tensorType().shape().hasRank()) {
            throw steps.node().error("a mask of unknown rank", "a known rank", null);
        }
        Value allowed =
                switch (mask.tensorType().shape().rank()) {
                    case 1 -> within(steps, h, mask);
                    case 2 -> steps.unsqueeze(positive(steps, mask), 1, 2);
                    case 3 -> steps.unsqueeze(positive(steps, mask), 1);
                    case 4 -> square(steps, h, positive(steps, mask));
                    default -> throw steps.node().error("a mask " + mask.type(), "rank 1 to 4", null);
                };
        DType type = steps.type(h.query);
        float filter = steps.node().attributes().real("mask_filter_value", FILTER);
        double finite = type == DType.FLOAT16 ? Math.max(filter, -65504) : filter;
        return steps.add("Where", allowed, steps.scalar(type, 0), steps.scalar(type, finite));
    }

    private static Value positive(Steps steps, Value mask) {
        return steps.add("Greater", mask, steps.scalar(steps.type(mask), 0));
    }

    /**
     * Of a list of ends, one for each row of the batch, or of ends and then starts, the keys in between. What follows the
     * ends in a longer list repeats them in another form.
     */
    private static Value within(Steps steps, Heads h, Value mask) {
        Value batch = steps.dims(h.query, 0, 1);
        Value ends = steps.slice(mask, steps.integers(0), batch, 0);
        Value zeros = steps.add("Expand", steps.scalar(steps.type(mask), 0), batch);
        Value two = steps.add("Mul", batch, steps.integers(2));
        Value following = steps.slice(steps.concat(0, mask, zeros), batch, two, 0);
        Value starts = steps.add("Where", steps.add("Equal", steps.dims(mask, 0, 1), two), following, zeros);
        Value total = steps.scalarOf(steps.dims(h.key, 2, 3));
        Value keys = steps.cast(
                steps.add("Range", steps.scalar(DType.INT64, 0), total, steps.scalar(DType.INT64, 1)),
                steps.type(mask));
        Value before = steps.add("Less", keys, steps.unsqueeze(ends, 1));
        Value after = steps.add("GreaterOrEqual", keys, steps.unsqueeze(starts, 1));
        return steps.unsqueeze(steps.add("And", before, after), 1, 2);
    }

    /** Of a mask for the longest sequence, [batch, 1, longest, longest], the rows of the queries. */
    private static Value square(Steps steps, Heads h, Value mask) {
        Value total = steps.dims(h.key, 2, 3);
        Value past = steps.add("Sub", total, steps.dims(h.query, 2, 3));
        return steps.slice(steps.slice(mask, past, total, 2), steps.integers(0), total, 3);
    }

    /** Attention from separate operands, or from ones that hold several of them for each head. */
    private static List<Value> multiHead(NodeLowering node) {
        Steps steps = new Steps(node);
        long heads = steps.positive("num_heads");
        Heads h = separate(steps, heads);
        if (node.input(8) != null && node.input(6) != null) {
            return DecoderMaskedAttention.multiHeadOf(steps, h);
        }
        Value key = h.key;
        Value value = h.value;
        if (node.input(6) != null) {
            key = steps.concat(2, node.input(6), key);
            value = steps.concat(2, node.input(7), value);
        }
        Value presentKey = node.output(1, "Identity", Attributes.none(), key);
        Value presentValue = node.output(2, "Identity", Attributes.none(), value);
        Value before = node.input(6) == null ? steps.integers(0) : steps.dims(node.input(6), 2, 3);
        boolean own = node.input(1) == null;
        List<Value> y =
                attend(steps, new Heads(h.query, key, value), node.input(4), node.input(5), 3, own ? null : before);
        return MicrosoftLines.results(node, y.getFirst(), presentKey, presentValue, y.getLast());
    }

    private static Heads separate(Steps steps, long heads) {
        NodeLowering node = steps.node();
        Value query = node.input(0);
        Value key = node.input(1);
        Value value = node.input(2);
        if (key == null) {
            // [batch, length, heads, 3, size]
            query = part(steps, node.input(0), 0);
            key = part(steps, node.input(0), 1);
            value = part(steps, node.input(0), 2);
        } else if (value == null) {
            // [batch, length, heads, 2, size]
            key = part(steps, node.input(1), 0);
            value = part(steps, node.input(1), 1);
        }
        if (node.input(3) != null) {
            List<Value> biases = biases(steps, query);
            query = steps.add("Add", query, biases.get(0));
            if (rank(key) == 3) {
                key = steps.add("Add", key, biases.get(1));
                value = steps.add("Add", value, biases.get(2));
            }
        }
        return new Heads(
                split(steps, query, heads),
                rank(key) == 4 ? key : split(steps, key, heads),
                rank(value) == 4 ? value : split(steps, value, heads));
    }

    /** Of queries, of keys, which are as wide, and of values. */
    private static List<Value> biases(Steps steps, Value query) {
        NodeLowering node = steps.node();
        long all = steps.dim(3, 0);
        long hidden = steps.dim(0, 2);
        if (steps.rank(0) == 3 && all >= 0 && hidden >= 0) {
            if (all < 2 * hidden) {
                throw node.error("a bias of " + all, 2 * hidden + " and above", null);
            }
            Op split = node.op("", "Split", Attributes.none().with("axis", 0L));
            Value sizes = steps.integers(hidden, hidden, all - 2 * hidden);
            return node.addAll(split, List.of(node.input(3), sizes), 3);
        }
        Value width = steps.dims(query, 2, 3);
        Value two = steps.add("Mul", width, steps.integers(2));
        Value bias = node.input(3);
        return List.of(
                steps.slice(bias, steps.integers(0), width, 0),
                steps.slice(bias, width, two, 0),
                steps.slice(bias, two, steps.integers(Long.MAX_VALUE), 0));
    }

    private static int rank(Value v) {
        return v.tensorType() != null && v.tensorType().shape().hasRank()
                ? v.tensorType().shape().rank()
                : 3;
    }

    private static Value part(Steps steps, Value packed, long i) {
        return steps.reshape(steps.gather(packed, steps.scalar(DType.INT64, (double) i), 3), 0, 0, -1);
    }

    /**
     * Turns pairs of elements by the angles of their positions: [batch, length, hidden] or [batch, heads, length, size].
     * The domain's own runtime does not apply the attribute {@code scale}, so that angles are what they are.
     */
    private static List<Value> rotary(NodeLowering node) {
        Steps steps = new Steps(node);
        Attributes a = node.attributes();
        steps.refuse("is_packed_batching");
        boolean flat = steps.rank(0) == 3;
        Value x = node.input(0);
        Value lines = x;
        if (flat) {
            long heads = a.integer("num_heads", 0);
            lines = steps.transpose(heads < 1 ? byAngles(steps, x) : steps.reshape(x, 0, 0, heads, -1), 0, 2, 1, 3);
        }
        Value positions = positions(steps, lines);
        Value cos = steps.unsqueeze(steps.gather(node.input(2), positions, 0), 1);
        Value sin = steps.unsqueeze(steps.gather(node.input(3), positions, 0), 1);
        Value turned = turn(steps, lines, cos, sin);
        if (!flat) {
            return node.finish("Identity", Attributes.none(), turned);
        }
        Value shape = node.add("Shape", Attributes.none(), x);
        return node.finish("Reshape", Attributes.none(), steps.transpose(turned, 0, 2, 1, 3), shape);
    }

    /** In heads that are twice as wide as there are angles: [batch, length, heads, size]. */
    private static Value byAngles(Steps steps, Value x) {
        long half = steps.dim(2, 1);
        if (half >= 1) {
            return steps.reshape(x, 0, 0, -1, 2 * half);
        }
        Value width = steps.add("Mul", steps.dims(steps.node().input(2), 1, 2), steps.integers(2));
        return steps.add("Reshape", x, steps.concat(0, steps.integers(0, 0, -1), width));
    }

    /** A position for each element of the sequence; one alone is that of the first. */
    private static Value positions(Steps steps, Value lines) {
        if (steps.rank(1) == 2) {
            return steps.node().input(1);
        }
        Value one = steps.scalar(DType.INT64, 1);
        Value length = steps.scalarOf(steps.dims(lines, 2, 3));
        Value range = steps.add("Range", steps.scalar(DType.INT64, 0), length, one);
        return steps.unsqueeze(steps.add("Add", range, steps.node().input(1)), 0);
    }

    private static Value turn(Steps steps, Value x, Value cos, Value sin) {
        NodeLowering node = steps.node();
        long size = node.attributes().integer("rotary_embedding_dim", 0);
        Value turned = x;
        if (size > 0) {
            turned = steps.slice(x, steps.integers(0), steps.integers(size), 3);
        }
        Value y = node.attributes().flag("interleaved", false)
                ? interleaved(steps, turned, cos, sin)
                : halves(steps, turned, cos, sin);
        if (size == 0) {
            return y;
        }
        Value rest = steps.slice(x, steps.integers(size), steps.integers(Long.MAX_VALUE), 3);
        return steps.concat(3, y, rest);
    }

    private static Value halves(Steps steps, Value x, Value cos, Value sin) {
        Attributes a = Attributes.none().with("axis", 3L).with("num_outputs", 2L);
        List<Value> parts = steps.node().addAll(steps.node().op("", "Split", a), List.of(x), 2);
        Value[] y = pair(steps, parts.get(0), parts.get(1), cos, sin);
        return steps.concat(3, y);
    }

    private static Value interleaved(Steps steps, Value x, Value cos, Value sin) {
        Value end = steps.integers(Long.MAX_VALUE);
        Value axis = steps.integers(3);
        Value two = steps.node().constant(Tensor.of(new long[] {2}, 1));
        Value even = steps.add("Slice", x, steps.integers(0), end, axis, two);
        Value odd = steps.add("Slice", x, steps.integers(1), end, axis, two);
        Value[] y = pair(steps, even, odd, cos, sin);
        Value stacked = steps.concat(4, steps.unsqueeze(y[0], 4), steps.unsqueeze(y[1], 4));
        return steps.add("Reshape", stacked, steps.node().add("Shape", Attributes.none(), x));
    }

    private static Value[] pair(Steps steps, Value first, Value second, Value cos, Value sin) {
        Value a = steps.add("Sub", steps.add("Mul", first, cos), steps.add("Mul", second, sin));
        Value b = steps.add("Add", steps.add("Mul", first, sin), steps.add("Mul", second, cos));
        return new Value[] {a, b};
    }
}
