package dev.tenon.formats.onnx.microsoft;

import dev.tenon.formats.onnx.data.ElementTypes;
import dev.tenon.formats.onnx.lowering.NodeLowering;
import dev.tenon.formats.onnx.lowering.OpBuilder;
import dev.tenon.graph.Value;
import dev.tenon.op.Attributes;
import dev.tenon.op.Op;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Shape;
import java.util.List;

/**
 * The lowering of GroupQueryAttention: causal attention whose heads of queries share heads of keys and values. A KV
 * cache may be longer than the keys and values that it holds.
 *
 * <p>Row b of the batch has {@code starts[b]} keys in the cache before the call, 0 for a prompt. The new keys follow,
 * and the rest of the cache is 0. The query at index i sees the keys up to {@code starts[b] + i}, or the last ones of
 * these if there is a window. All intermediate values are float32.
 */
final class GroupQueryAttention {
    private static final int PAST = 3;
    private static final int LENGTHS = 5;
    private static final int TOTAL = 6;
    private static final int ANGLES = 7;
    private static final int POSITIONS = 9;
    private static final int BIAS = 10;
    private static final int SINK = 11;

    private final NodeLowering node;
    private final OpBuilder ops;
    private final DType type;
    private final long heads;
    private final long shared;
    private Value query;
    private Value key;
    private Value value;
    private Value length;
    private Value total;
    private Value starts;
    private Value ends;

    private GroupQueryAttention(NodeLowering node) {
        this.node = node;
        this.ops = new OpBuilder(node);
        this.type = node.dtype(0);
        this.heads = ops.positive("num_heads");
        this.shared = ops.positive("kv_num_heads");
    }

    static List<Value> lower(NodeLowering node) {
        return new GroupQueryAttention(node).lower();
    }

    private List<Value> lower() {
        check();
        split();
        positions();
        if (node.attributes().flag("do_rotary", false)) {
            rotate();
        }
        Value keys = cache(PAST, key);
        Value values = cache(PAST + 1, value);
        Value presentKey = node.output(1, "Identity", Attributes.none(), keys);
        Value presentValue = node.output(2, "Identity", Attributes.none(), values);
        Value scores = scores(used(keys));
        Value visible = visible();
        Value none = ops.scalar(DType.FLOAT32, Double.NEGATIVE_INFINITY);
        Value probabilities = probabilities(ops.add("Where", visible, scores, none));
        Value qk = null;
        long shown = node.attributes().integer("qk_output", 0);
        if (node.outputs() > 3 && shown != 0) {
            Value zero = ops.scalar(DType.FLOAT32, 0);
            Value values32 = shown == 1 ? ops.add("Where", visible, scores, zero) : probabilities;
            qk = node.output(3, "Cast", Attributes.none().with("to", (long) ElementTypes.number(type)), values32);
        }
        return FusedLowerings.results(node, mixed(probabilities, used(values)), presentKey, presentValue, qk);
    }

    private void check() {
        Attributes a = node.attributes();
        for (String name : List.of("k_quant_type", "v_quant_type")) {
            String quantised = a.string(name, "NONE");
            if (!quantised.equals("NONE")) {
                throw node.error(name + " " + quantised, "NONE", null);
            }
        }
        ops.refuseInputs(SINK + 1, node.inputs().size());
        long shown = a.integer("qk_output", 0);
        if (shown < 0 || shown > 2) {
            throw node.error("qk_output " + shown, "0, 1, 2", null);
        }
        if (heads % shared != 0) {
            throw node.error("num_heads " + heads, "a multiple of kv_num_heads " + shared, null);
        }
        for (int i : new int[] {0, LENGTHS, TOTAL}) {
            if (node.input(i) == null) {
                throw node.error("input " + i + " is missing", null, "give the input");
            }
        }
        requireBoth(1);
        requireBoth(PAST);
        requireBoth(ANGLES);
        if (a.flag("do_rotary", false) && node.input(ANGLES) == null) {
            throw node.error("do_rotary without cos_cache", "both", null);
        }
    }

    private void requireBoth(int first) {
        if (node.input(first) == null != (node.input(first + 1) == null)) {
            throw node.error("one of inputs " + first + " and " + (first + 1), "both or none", null);
        }
    }

    /** Splits the operands into heads: [batch, heads, length, size]. */
    private void split() {
        if (node.input(1) != null) {
            query = byHeads(node.input(0), heads);
            key = byHeads(node.input(1), shared);
            value = byHeads(node.input(2), shared);
        } else {
            Value all = byHeads(node.input(0), heads + 2 * shared);
            Op split = node.op("", "Split", Attributes.none().with("axis", 1L));
            List<Value> parts = node.addAll(split, List.of(all, ops.integers(heads, shared, shared)), 3);
            query = parts.get(0);
            key = parts.get(1);
            value = parts.get(2);
        }
    }

    private Value byHeads(Value x, long count) {
        Shape s = node.shapeOf(x);
        long width =
                s.hasRank() && s.rank() == 3 && s.dim(2).isKnown() ? s.dim(2).value() : -1;
        if (s.hasRank() && s.rank() != 3 || width >= 0 && width % count != 0) {
            throw node.error("an operand of shape " + s, "[batch, length, a multiple of " + count + " heads]", null);
        }
        return ops.transpose(ops.reshape(x, 0, 0, count, width < 0 ? -1 : width / count), 0, 2, 1, 3);
    }

    private void positions() {
        length = ops.scalarOf(ops.dims(node.input(0), 1, 2));
        total = ops.cast(ops.scalarOf(node.input(TOTAL)), DType.INT64);
        Value lengths = ops.cast(ops.reshape(node.input(LENGTHS), -1), DType.INT64);
        ends = ops.add("Add", lengths, ops.scalar(DType.INT64, 1));
        Value before = ops.add("Sub", ends, length);
        Value prompt = ops.add("Equal", total, length);
        starts = ops.add("Where", prompt, ops.scalar(DType.INT64, 0), before);
    }

    private Value range(Value end) {
        return ops.add("Range", ops.scalar(DType.INT64, 0), end, ops.scalar(DType.INT64, 1));
    }

    /** The position of each new key: [batch, length]. */
    private Value added() {
        return ops.add("Add", ops.unsqueeze(starts, 1), range(length));
    }

    private void rotate() {
        Value ids = node.input(POSITIONS) != null ? given() : added();
        Attributes a = Attributes.none()
                .with("interleaved", node.attributes().integer("rotary_interleaved", 0))
                .with("rotary_embedding_dim", width());
        Op op = node.op("", "RotaryEmbedding", a);
        List<Value> angles = List.of(node.required(ANGLES), node.required(ANGLES + 1), ids);
        query = node.addAll(op, List.of(query, angles.get(0), angles.get(1), ids), 1)
                .getFirst();
        key = node.addAll(op, List.of(key, angles.get(0), angles.get(1), ids), 1)
                .getFirst();
    }

    /** The positions that an operand gives. For a prompt, only the first one counts, and the others follow it. */
    private Value given() {
        Value ids = ops.cast(node.input(POSITIONS), DType.INT64);
        Value first = ops.gather(ops.reshape(ids, -1), ops.scalar(DType.INT64, 0), 0);
        Value counted = ops.add("Add", first, range(length));
        return ops.add("Where", ops.add("Equal", total, length), counted, ids);
    }

    /** How many elements of each head are rotated: two for each angle, or 0 for all if that is not known. */
    private long width() {
        Shape s = node.shape(ANGLES);
        return s.hasRank() && s.rank() == 2 && s.dim(1).isKnown() ? 2 * s.dim(1).value() : 0;
    }

    /** The past, the new elements, and zeros up to the length of the cache: [batch, shared heads, cache, size]. */
    private Value cache(int past, Value added) {
        Value first = ops.dims(added, 0, 2);
        Value size = ops.dims(added, 3, 4);
        Value zero = ops.scalar(type, 0);
        Value all = ops.reshape(total, 1);
        Value base;
        if (node.input(past) == null) {
            base = ops.add("Expand", zero, ops.concat(0, first, all, size));
        } else {
            Value held = ops.dims(node.input(past), 2, 3);
            Value more = ops.add("Max", ops.add("Sub", all, held), ops.integers(0));
            Value empty = ops.add("Expand", zero, ops.concat(0, first, more, size));
            Value padded = ops.concat(2, node.input(past), empty);
            Value places = range(ops.scalarOf(ops.dims(padded, 2, 3)));
            Value valid = ops.add("Less", places, ops.unsqueeze(starts, 1));
            base = ops.add("Where", ops.unsqueeze(valid, 1, 3), padded, zero);
        }
        Op scatter = node.op("", "TensorScatter", Attributes.none().with("axis", 2L));
        return node.addAll(scatter, List.of(base, added, starts), 1).getFirst();
    }

    /** The part of a cache that is in use, in float32. */
    private Value used(Value cache) {
        Value part = ops.slice(cache, ops.integers(0), ops.reshape(total, 1), 2);
        return ops.cast(part, DType.FLOAT32);
    }

    /** The product of each head of queries with its head of the cache. Heads that share one are rows of one matrix. */
    private Value perHead(Value rows, Value matrices) {
        Value shape = ops.concat(0, ops.dims(rows, 0, 1), ops.integers(shared, -1), ops.dims(rows, 3, 4));
        Value product = ops.add("MatMul", ops.add("Reshape", rows, shape), matrices);
        Value split = ops.concat(0, ops.dims(rows, 0, 3), ops.dims(product, 3, 4));
        return ops.add("Reshape", product, split);
    }

    /** [batch, heads, length, total]. */
    private Value scores(Value keys) {
        float scale = node.attributes().real("scale", 0);
        Value factor;
        if (scale != 0) {
            factor = ops.scalar(DType.FLOAT32, scale);
        } else {
            Value size = ops.cast(ops.scalarOf(ops.dims(query, 3, 4)), DType.FLOAT32);
            factor = ops.add("Reciprocal", ops.add("Sqrt", size));
        }
        Value scaled = ops.add("Mul", ops.cast(query, DType.FLOAT32), factor);
        Value scores = perHead(scaled, ops.transpose(keys, 0, 1, 3, 2));
        float softcap = node.attributes().real("softcap", 0);
        if (softcap > 0) {
            Value cap = ops.scalar(DType.FLOAT32, softcap);
            scores = ops.add("Mul", ops.add("Tanh", ops.add("Div", scores, cap)), cap);
        }
        if (node.input(BIAS) != null) {
            Value part = ops.slice(node.input(BIAS), ops.integers(0), ops.reshape(total, 1), 3);
            scores = ops.add("Add", scores, ops.cast(part, DType.FLOAT32));
        }
        return scores;
    }

    private Value visible() {
        Value places = range(total);
        Value positions = ops.unsqueeze(added(), 2);
        Value held = ops.add("Less", places, ops.unsqueeze(ends, 1, 2));
        Value visible = ops.add("And", ops.add("LessOrEqual", places, positions), held);
        long window = node.attributes().integer("local_window_size", -1);
        if (window > 0) {
            Value far = ops.add("Sub", positions, ops.scalar(DType.INT64, (double) window));
            visible = ops.add("And", visible, ops.add("Greater", places, far));
        }
        return ops.unsqueeze(visible, 1);
    }

    /** Softmax. It may have one more score for each head, that of the sink or 0, whose probability is dropped. */
    private Value probabilities(Value scores) {
        Attributes last = Attributes.none().with("axis", 3L);
        boolean sink = node.input(SINK) != null;
        if (!sink && !node.attributes().flag("smooth_softmax", false)) {
            return node.add("Softmax", last, scores);
        }
        Value more = sink
                ? ops.reshape(ops.cast(node.input(SINK), DType.FLOAT32), 1, heads, 1, 1)
                : ops.scalar(DType.FLOAT32, 0);
        Value shape = ops.concat(0, ops.dims(scores, 0, 3), ops.integers(1));
        Value all = node.add("Softmax", last, ops.concat(3, scores, ops.add("Expand", more, shape)));
        return ops.slice(all, ops.integers(0), ops.integers(-1), 3);
    }

    private Value mixed(Value probabilities, Value values) {
        Value lines = ops.transpose(perHead(probabilities, values), 0, 2, 1, 3);
        Shape s = node.shapeOf(query);
        boolean known = s.hasRank() && s.dim(3).isKnown();
        Value y = ops.cast(ops.reshape(lines, 0, 0, known ? heads * s.dim(3).value() : -1), type);
        return node.output(0, "Identity", Attributes.none(), y);
    }
}
