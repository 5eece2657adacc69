package dev.tenon.formats.onnx.microsoft;

import dev.tenon.formats.onnx.lowering.NodeLowering;
import dev.tenon.formats.onnx.lowering.OpBuilder;
import dev.tenon.formats.onnx.microsoft.AttentionLowerings.Heads;
import dev.tenon.graph.Value;
import dev.tenon.op.Attributes;
import dev.tenon.op.Op;
import dev.tenon.tensor.DType;
import java.util.List;

/**
 * Lowerings of attention in a decoder. Its past keys and values are in buffers with room for more, and new keys and
 * values are written after the past ones. In a beam search, an indirection tells for each row and position which row of
 * the beam holds the past.
 */
final class DecoderMaskedAttention {
    private final OpBuilder ops;
    private final NodeLowering node;

    private DecoderMaskedAttention(OpBuilder ops) {
        this.ops = ops;
        this.node = ops.node();
    }

    /**
     * The past of a decoder.
     *
     * @param key the buffer of keys before the call
     * @param value the buffer of values before the call
     * @param length how many positions of the buffers are in use
     * @param indirection which row of the beam holds each position, [batch, beam width, longest], or null
     * @param width the width of the beam, or null for that of the indirection
     */
    private record Past(Value key, Value value, Value length, Value indirection, Value width) {}

    /** DecoderMaskedMultiHeadAttention. Keys and values of rank 4 are those of an encoder. */
    static List<Value> multiHead(NodeLowering node) {
        DecoderMaskedAttention a = new DecoderMaskedAttention(new OpBuilder(node));
        long heads = a.ops.positive("num_heads");
        Value[] bias = a.biases(node.input(10));
        Value query = a.byHeads(node.input(0), bias[0], heads);
        boolean encoded = a.ops.rank(1) == 4;
        if (encoded) {
            Heads h = new Heads(query, node.input(1), node.input(2));
            List<Value> y = AttentionLowerings.attend(a.ops, h, node.input(3), node.input(4), 3);
            return FusedLowerings.results(node, y.getFirst(), null, null, y.getLast());
        }
        Heads h = new Heads(query, a.byHeads(node.input(1), bias[1], heads), a.byHeads(node.input(2), bias[2], heads));
        for (int i = 5; i <= 7; i++) {
            if (node.input(i) == null) {
                throw node.error("input " + i + " is missing", null, "give the input");
            }
        }
        Past past = new Past(node.input(5), node.input(6), node.input(7), node.input(9), node.input(8));
        Heads all = a.continued(h, past);
        List<Value> y = AttentionLowerings.attend(a.ops, a.seen(all, past), node.input(3), node.input(4), 3);
        return FusedLowerings.results(
                node, y.getFirst(), a.output(1, all.key()), a.output(2, all.value()), y.getLast());
    }

    /** MultiHeadAttention whose past is in buffers. */
    static List<Value> multiHeadOf(OpBuilder ops, Heads h) {
        NodeLowering node = ops.node();
        DecoderMaskedAttention a = new DecoderMaskedAttention(ops);
        Past past = new Past(node.input(6), node.input(7), node.input(8), node.input(9), null);
        Heads all = a.continued(h, past);
        List<Value> y = AttentionLowerings.attend(ops, a.seen(all, past), node.input(4), node.input(5), 3);
        return FusedLowerings.results(
                node, y.getFirst(), a.output(1, all.key()), a.output(2, all.value()), y.getLast());
    }

    /**
     * DecoderMaskedSelfAttention. One product projects queries, keys and values, and one buffer holds keys and values.
     */
    static List<Value> self(NodeLowering node) {
        DecoderMaskedAttention a = new DecoderMaskedAttention(new OpBuilder(node));
        a.ops.refuse("do_rotary");
        for (int i : new int[] {4, 6}) {
            if (node.input(i) == null) {
                throw node.error("input " + i + " is missing", null, "give the input");
            }
        }
        Value projected = a.ops.add("MatMul", node.input(0), node.input(1));
        if (node.input(2) != null) {
            projected = a.ops.add("Add", projected, node.input(2));
        }
        return a.selfAttention(projected, node.input(3), node.input(5));
    }

    private List<Value> selfAttention(Value projected, Value mask, Value bias) {
        long heads = ops.positive("num_heads");
        List<Value> parts = AttentionLowerings.thirds(ops, projected);
        Heads h = new Heads(
                AttentionLowerings.split(ops, parts.get(0), heads),
                AttentionLowerings.split(ops, parts.get(1), heads),
                AttentionLowerings.split(ops, parts.get(2), heads));
        Value keys = ops.gather(node.input(4), ops.scalar(DType.INT64, 0), 0);
        Value values = ops.gather(node.input(4), ops.scalar(DType.INT64, 1), 0);
        Past past = new Past(keys, values, node.input(6), node.input(8), node.input(7));
        Heads all = continued(h, past);
        Value present = node.output(
                1,
                "Concat",
                Attributes.none().with("axis", 0L),
                ops.unsqueeze(all.key(), 0),
                ops.unsqueeze(all.value(), 0));
        List<Value> y = AttentionLowerings.attend(ops, seen(all, past), mask, bias, AttentionLowerings.NONE);
        return FusedLowerings.results(node, y.getFirst(), present);
    }

    private Value output(int i, Value v) {
        return node.output(i, "Identity", Attributes.none(), v);
    }

    /** The biases of queries, keys and values, null if there are none. */
    private Value[] biases(Value bias) {
        if (bias == null) {
            return new Value[3];
        }
        Attributes a = Attributes.none().with("axis", 0L).with("num_outputs", 3L);
        return node.addAll(node.op("", "Split", a), List.of(bias), 3).toArray(Value[]::new);
    }

    private Value byHeads(Value x, Value bias, long heads) {
        return AttentionLowerings.split(ops, bias == null ? x : ops.add("Add", x, bias), heads);
    }

    private Value length(Past past) {
        return ops.cast(ops.reshape(past.length, 1), DType.INT64);
    }

    /** The buffers with the new keys and values written into them. */
    private Heads continued(Heads h, Past past) {
        Value places = ops.add("Expand", length(past), ops.dims(h.key(), 0, 1));
        Op scatter = node.op("", "TensorScatter", Attributes.none().with("axis", 2L));
        Value key = node.addAll(scatter, List.of(past.key, h.key(), places), 1).getFirst();
        Value value =
                node.addAll(scatter, List.of(past.value, h.value(), places), 1).getFirst();
        return new Heads(h.query(), key, value);
    }

    /** The part of the buffers that is in use. The indirection reorders its rows. */
    private Heads seen(Heads all, Past past) {
        Value before = length(past);
        Value total = ops.add("Add", before, ops.dims(all.query(), 2, 3));
        Value key = ops.slice(all.key(), ops.integers(0), total, 2);
        Value value = ops.slice(all.value(), ops.integers(0), total, 2);
        if (past.indirection == null) {
            return new Heads(all.query(), key, value);
        }
        Value rows = ops.unsqueeze(rows(all, past, before), 1, 3);
        Value ofKeys = ops.add("Expand", rows, ops.add("Shape", key));
        Value ofValues = ops.add("Expand", rows, ops.add("Shape", value));
        Attributes first = Attributes.none().with("axis", 0L);
        return new Heads(
                all.query(),
                node.add("GatherElements", first, key, ofKeys),
                node.add("GatherElements", first, value, ofValues));
    }

    /** The row of the batch that holds each position of each row: [batch, total]. */
    private Value rows(Heads all, Past past, Value before) {
        Value batch = ops.dims(all.query(), 0, 1);
        Value zero = ops.scalar(DType.INT64, 0);
        Value one = ops.scalar(DType.INT64, 1);
        Value own = ops.unsqueeze(ops.add("Range", zero, ops.scalarOf(batch), one), 1);
        Value width = past.width == null
                ? ops.dims(past.indirection, 1, 2)
                : ops.cast(ops.reshape(past.width, 1), DType.INT64);
        Value longest = ops.dims(past.indirection, 2, 3);
        Value flat = ops.add("Reshape", past.indirection, ops.concat(0, batch, longest));
        Value within = ops.cast(ops.slice(flat, ops.integers(0), before, 1), DType.INT64);
        // A beam of one row has its past in this row. The indirection does not count.
        Value beams = ops.add("Greater", width, ops.integers(1));
        within = ops.add("Where", beams, within, zero);
        Value start = ops.add("Sub", own, ops.add("Mod", own, width));
        Value old = ops.add("Add", start, within);
        Value added = ops.add("Expand", own, ops.concat(0, batch, ops.dims(all.query(), 2, 3)));
        return ops.concat(1, old, added);
    }
}
