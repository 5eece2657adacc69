package dev.tenon.op.fused;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.Domains;
import dev.tenon.op.InferContext;
import dev.tenon.op.Numerics;
import dev.tenon.op.OpSchema;
import dev.tenon.op.OperandShape;
import dev.tenon.op.Types;
import dev.tenon.op.attention.RotaryEmbedding;
import dev.tenon.op.shape.Concat;
import dev.tenon.op.shape.Split;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/**
 * Rotates queries and keys that one product has computed together with values. The last axis of the first operand holds
 * the queries of all heads, then the keys, then the values; all heads have one size. Values are not rotated.
 *
 * @param rotation how each head is rotated; its number of heads is that of queries and keys together
 * @param valueHeads the number of heads of values, at least 1
 */
public record QkvRotaryEmbedding(RotaryEmbedding rotation, long valueHeads) implements Composite {
    /**
     * Inputs QKV [batch, length, (query heads + key heads + value heads) * size] and the further inputs of
     * RotaryEmbedding; output Y like QKV.
     */
    public static final OpSchema SCHEMA = OpSchema.of(Domains.TENON, "QkvRotaryEmbedding")
            .input("QKV", "T")
            .input("cos_cache", "T")
            .input("sin_cache", "T")
            .optional("position_ids", "M")
            .output("Y", "T")
            .where("T", Types.FLOATS)
            .where("M", Types.INT64);

    private static final String VALUE_HEADS = "v_num_heads";

    /**
     * Checks the numbers of heads.
     *
     * @param rotation how each head is rotated
     * @param valueHeads the number of heads of values
     * @throws InvalidOperandException if a number of heads is missing
     */
    public QkvRotaryEmbedding {
        if (rotation.heads() == null) {
            throw invalid("no num_heads", "those of queries and keys together");
        }
        if (valueHeads < 1) {
            throw invalid(VALUE_HEADS + " " + valueHeads, "1 and above");
        }
    }

    private static InvalidOperandException invalid(String found, String allowed) {
        return new InvalidOperandException(SCHEMA.qualifiedName(), found, allowed, null);
    }

    /**
     * Makes the operator.
     *
     * @param a the attributes of the rotation, and the number of heads of values
     * @return the operator
     * @throws InvalidOperandException if they are not allowed
     */
    public static QkvRotaryEmbedding of(Attributes a) {
        return new QkvRotaryEmbedding(RotaryEmbedding.of(a), a.integer(VALUE_HEADS, 0));
    }

    /**
     * The size of a head.
     *
     * @param width the last dimension of the first operand
     * @return the number of elements
     * @throws InvalidOperandException if the width is no multiple of the number of heads
     */
    public long size(long width) {
        return PackedHeads.size(SCHEMA, width, rotation.heads() + valueHeads);
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return rotation.attributes().with(VALUE_HEADS, valueHeads);
    }

    @Override
    public Numerics numerics() {
        return rotation.numerics();
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Shape x = c.shape(0);
        if (x.hasRank() && x.rank() == 3 && x.dim(2).isKnown()) {
            return Composite.super.infer(c);
        }
        OperandShape.of(c, 0).rank(3);
        return List.of(c.tensor(0));
    }

    @Override
    public Composition composition(List<ValueType> types, int outputs) {
        long size = size(PackedHeads.width(SCHEMA, types));
        int inputs = types.size();
        List<Integer> operands = new ArrayList<>(List.of(inputs + 1));
        for (int i = 1; i < inputs; i++) {
            operands.add(types.get(i) == null ? Fused.ABSENT : i);
        }
        return new Composition(
                inputs,
                List.of(Tensor.of(new long[] {size * rotation.heads(), size * valueHeads})),
                List.of(
                        new Composition.Step(new Split(2, 0), List.of(0, inputs), 2),
                        new Composition.Step(rotation, operands, 1),
                        new Composition.Step(new Concat(2), List.of(inputs + 3, inputs + 2), 1)),
                List.of(inputs + 4));
    }
}
