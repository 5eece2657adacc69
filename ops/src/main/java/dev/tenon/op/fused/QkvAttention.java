package dev.tenon.op.fused;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.Domains;
import dev.tenon.op.InferContext;
import dev.tenon.op.Numerics;
import dev.tenon.op.OpSchema;
import dev.tenon.op.OperandShape;
import dev.tenon.op.Types;
import dev.tenon.op.attention.Attention;
import dev.tenon.op.shape.Split;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/**
 * Attention of queries, keys and values that one product has computed. The last axis of the first operand holds the
 * queries of all heads, then the keys, then the values; all heads have one size.
 *
 * @param attention the attention, with the numbers of its heads and without scores
 */
public record QkvAttention(Attention attention) implements Composite {
    /**
     * Inputs QKV [batch, length, (query heads + 2 key heads) * size] and the further inputs of Attention; outputs Y
     * [batch, length, query heads * size], present keys and present values.
     */
    public static final OpSchema SCHEMA = OpSchema.of(Domains.TENON, "QkvAttention")
            .input("QKV", "T")
            .optional("attn_mask", "U")
            .optional("past_key", "T")
            .optional("past_value", "T")
            .optional("nonpad_kv_seqlen", "I")
            .output("Y", "T")
            .optionalOutput("present_key", "T")
            .optionalOutput("present_value", "T")
            .where("T", Types.FLOATS)
            .where("U", Types.union(Types.NUMBERS, Types.BOOL))
            .where("I", Types.INT64);

    private static final int MOST_INPUTS = 5;

    /**
     * Checks the attention.
     *
     * @param attention the attention
     * @throws InvalidOperandException if a number of heads is missing, or scores of another kind are asked for
     */
    public QkvAttention {
        if (attention.queryHeads() == null || attention.keyHeads() == null) {
            throw invalid("no number of heads", "q_num_heads and kv_num_heads");
        }
        if (attention.scores() != 0) {
            throw invalid("qk_matmul_output_mode " + attention.scores(), "0");
        }
    }

    private static InvalidOperandException invalid(String found, String allowed) {
        return new InvalidOperandException(SCHEMA.qualifiedName(), found, allowed, null);
    }

    /**
     * Makes the operator.
     *
     * @param a the attributes of the attention
     * @return the operator
     * @throws InvalidOperandException if they are not allowed
     */
    public static QkvAttention of(Attributes a) {
        return new QkvAttention(Attention.of(a));
    }

    /**
     * The size of a head.
     *
     * @param width the last dimension of the first operand
     * @return the number of elements
     * @throws InvalidOperandException if the width is no multiple of the number of heads
     */
    public long size(long width) {
        return PackedHeads.size(SCHEMA, width, attention.queryHeads() + 2 * attention.keyHeads());
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return attention.attributes();
    }

    @Override
    public Numerics numerics() {
        return attention.numerics();
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Shape x = c.shape(0);
        if (x.hasRank() && x.rank() == 3 && x.dim(2).isKnown()) {
            return Composite.super.infer(c);
        }
        OperandShape shape = OperandShape.of(c, 0).rank(3);
        Dim size = c.freshDim();
        Dim batch = OperandShape.orFresh(c, shape.dim(0));
        Dim length = OperandShape.orFresh(c, shape.dim(1));
        Shape present = Shape.of(batch, Dim.of(attention.keyHeads()), c.freshDim(), size);
        TensorType keys = new TensorType(c.dtype(0), present);
        Dim width = Dim.of(attention.queryHeads()).times(size);
        TensorType y = new TensorType(c.dtype(0), Shape.of(batch, length, width));
        return List.<ValueType>of(y, keys, keys).subList(0, c.outputCount());
    }

    @Override
    public Composition composition(List<ValueType> types, int outputs) {
        long size = size(PackedHeads.width(SCHEMA, types));
        long queries = size * attention.queryHeads();
        long keys = size * attention.keyHeads();
        int inputs = Math.min(types.size(), MOST_INPUTS);
        List<Integer> operands = new ArrayList<>(List.of(inputs + 1, inputs + 2, inputs + 3));
        for (int i = 1; i < inputs; i++) {
            operands.add(types.get(i) == null ? Fused.ABSENT : i);
        }
        List<Integer> results = new ArrayList<>();
        for (int i = 0; i < outputs; i++) {
            results.add(inputs + 4 + i);
        }
        return new Composition(
                inputs,
                List.of(Tensor.of(new long[] {queries, keys, keys})),
                List.of(
                        new Composition.Step(new Split(2, 0), List.of(0, inputs), 3),
                        new Composition.Step(attention, operands, outputs)),
                results);
    }
}
