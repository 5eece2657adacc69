package dev.tenon.formats.onnx;

import dev.tenon.formats.onnx.AttentionLowerings.Heads;
import dev.tenon.graph.Value;
import dev.tenon.op.Attributes;
import dev.tenon.op.Op;
import dev.tenon.tensor.DType;
import java.util.List;

/**
 * Lowerings of attention of the new tokens of a decoder to those before them, which lie in buffers with room for more:
 * the new keys and values are written behind the old ones. In a beam search, each row of the batch finds its past in the
 * rows of its beam: an indirection says in which one for each position.
 */
final class DecoderMaskedAttention {
    private final Steps steps;
    private final NodeLowering node;

    private DecoderMaskedAttention(Steps steps) {
        this.steps = steps;
        this.node = steps.node();
    }

    /**
     * Buffers of keys and values as they were, how much of them is used, and where a beam finds it.
     *
     * @param indirection [batch, beam width, longest], or null
     * @param width the beam's width, or null for that of the indirection
     */
    private record Past(Value key, Value value, Value length, Value indirection, Value width) {}

    /** The domain's operator for separate queries, keys and values; those of an encoder if they have four dimensions. */
    static List<Value> multiHead(NodeLowering node) {
        DecoderMaskedAttention a = new DecoderMaskedAttention(new Steps(node));
        long heads = a.steps.positive("num_heads");
        Value[] bias = a.biases(node.input(10));
        Value query = a.byHeads(node.input(0), bias[0], heads);
        boolean encoded = a.steps.rank(1) == 4;
        if (encoded) {
            Heads h = new Heads(query, node.input(1), node.input(2));
            List<Value> y = AttentionLowerings.attend(a.steps, h, node.input(3), node.input(4), 3);
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
        List<Value> y = AttentionLowerings.attend(a.steps, a.seen(all, past), node.input(3), node.input(4), 3);
        return FusedLowerings.results(
                node, y.getFirst(), a.output(1, all.key()), a.output(2, all.value()), y.getLast());
    }

    /** MultiHeadAttention whose past lies in buffers. */
    static List<Value> multiHeadOf(Steps steps, Heads h) {
        NodeLowering node = steps.node();
        DecoderMaskedAttention a = new DecoderMaskedAttention(steps);
        Past past = new Past(node.input(6), node.input(7), node.input(8), node.input(9), null);
        Heads all = a.continued(h, past);
        List<Value> y = AttentionLowerings.attend(steps, a.seen(all, past), node.input(4), node.input(5), 3);
        return FusedLowerings.results(
                node, y.getFirst(), a.output(1, all.key()), a.output(2, all.value()), y.getLast());
    }

    /** The domain's operator for queries, keys and values that one product projects; their buffers are one. */
    static List<Value> self(NodeLowering node) {
        DecoderMaskedAttention a = new DecoderMaskedAttention(new Steps(node));
        a.steps.refuse("do_rotary");
        for (int i : new int[] {4, 6}) {
            if (node.input(i) == null) {
                throw node.error("input " + i + " is missing", null, "give the input");
            }
        }
        Value projected = a.steps.add("MatMul", node.input(0), node.input(1));
        if (node.input(2) != null) {
            projected = a.steps.add("Add", projected, node.input(2));
        }
        return a.selfAttention(projected, node.input(3), node.input(5));
    }

    private List<Value> selfAttention(Value projected, Value mask, Value bias) {
        long heads = steps.positive("num_heads");
        List<Value> parts = AttentionLowerings.thirds(steps, projected);
        Heads h = new Heads(
                AttentionLowerings.split(steps, parts.get(0), heads),
                AttentionLowerings.split(steps, parts.get(1), heads),
                AttentionLowerings.split(steps, parts.get(2), heads));
        Value keys = steps.gather(node.input(4), steps.scalar(DType.INT64, 0), 0);
        Value values = steps.gather(node.input(4), steps.scalar(DType.INT64, 1), 0);
        Past past = new Past(keys, values, node.input(6), node.input(8), node.input(7));
        Heads all = continued(h, past);
        Value present = node.output(
                1,
                "Concat",
                Attributes.none().with("axis", 0L),
                steps.unsqueeze(all.key(), 0),
                steps.unsqueeze(all.value(), 0));
        List<Value> y = AttentionLowerings.attend(steps, seen(all, past), mask, bias, AttentionLowerings.NONE);
        return FusedLowerings.results(node, y.getFirst(), present);
    }

    private Value output(int i, Value v) {
        return node.output(i, "Identity", Attributes.none(), v);
    }

    /** The biases of queries, keys and values, null without any. */
    private Value[] biases(Value bias) {
        if (bias == null) {
            return new Value[3];
        }
        Attributes a = Attributes.none().with("axis", 0L).with("num_outputs", 3L);
        return node.addAll(node.op("", "Split", a), List.of(bias), 3).toArray(Value[]::new);
    }

    private Value byHeads(Value x, Value bias, long heads) {
        return AttentionLowerings.split(steps, bias == null ? x : steps.add("Add", x, bias), heads);
    }

    private Value length(Past past) {
        return steps.cast(steps.reshape(past.length, 1), DType.INT64);
    }

    /** The buffers with the new keys and values in their places. */
    private Heads continued(Heads h, Past past) {
        Value places = steps.add("Expand", length(past), steps.dims(h.key(), 0, 1));
        Op scatter = node.op("", "TensorScatter", Attributes.none().with("axis", 2L));
        Value key = node.addAll(scatter, List.of(past.key, h.key(), places), 1).getFirst();
        Value value =
                node.addAll(scatter, List.of(past.value, h.value(), places), 1).getFirst();
        return new Heads(h.query(), key, value);
    }

    /** The used part of the buffers, for each row where its beam has it. */
    private Heads seen(Heads all, Past past) {
        Value before = length(past);
        Value total = steps.add("Add", before, steps.dims(all.query(), 2, 3));
        Value key = steps.slice(all.key(), steps.integers(0), total, 2);
        Value value = steps.slice(all.value(), steps.integers(0), total, 2);
        if (past.indirection == null) {
            return new Heads(all.query(), key, value);
        }
        Value rows = steps.unsqueeze(rows(all, past, before), 1, 3);
        Value ofKeys = steps.add("Expand", rows, steps.add("Shape", key));
        Value ofValues = steps.add("Expand", rows, steps.add("Shape", value));
        Attributes first = Attributes.none().with("axis", 0L);
        return new Heads(
                all.query(),
                node.add("GatherElements", first, key, ofKeys),
                node.add("GatherElements", first, value, ofValues));
    }

    /** In which row of the batch each row has each position: [batch, total]. */
    private Value rows(Heads all, Past past, Value before) {
        Value batch = steps.dims(all.query(), 0, 1);
        Value zero = steps.scalar(DType.INT64, 0);
        Value one = steps.scalar(DType.INT64, 1);
        Value own = steps.unsqueeze(steps.add("Range", zero, steps.scalarOf(batch), one), 1);
        Value width = past.width == null
                ? steps.dims(past.indirection, 1, 2)
                : steps.cast(steps.reshape(past.width, 1), DType.INT64);
        Value longest = steps.dims(past.indirection, 2, 3);
        Value flat = steps.add("Reshape", past.indirection, steps.concat(0, batch, longest));
        Value within = steps.cast(steps.slice(flat, steps.integers(0), before, 1), DType.INT64);
        // A beam of one row has its past in that row, whatever the indirection says.
        Value beams = steps.add("Greater", width, steps.integers(1));
        within = steps.add("Where", beams, within, zero);
        Value start = steps.add("Sub", own, steps.add("Mod", own, width));
        Value old = steps.add("Add", start, within);
        Value added = steps.add("Expand", own, steps.concat(0, batch, steps.dims(all.query(), 2, 3)));
        return steps.concat(1, old, added);
    }
}
