package dev.tenon.op.fused;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.Domains;
import dev.tenon.op.Numerics;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Types;
import dev.tenon.op.math.Add;
import dev.tenon.op.nn.LayerNormalization;
import dev.tenon.op.nn.RMSNormalization;
import dev.tenon.op.shape.Gather;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/**
 * The normalisation of a sum, and the sum itself if it is asked for. It stands for the skip connections of transformers
 * and for their sums of embeddings. Each term is two operands. The first is added. The second may be absent; otherwise
 * it has the indices of the rows of the first that are taken, along the first axis. The terms are added one by one in
 * order, and broadcast.
 *
 * @param norm the normalisation, a LayerNormalization or an RMSNormalization
 */
public record SumNormalization(Op norm) implements Composite {
    /** Inputs Scale, optionally B of a LayerNormalization, and the terms; outputs Y and the sum. */
    public static final OpSchema SCHEMA = OpSchema.of(Domains.TENON, "SumNormalization")
            .input("Scale", "T")
            .optional("B", "T")
            .variadic("terms", "*")
            .output("Y", "T")
            .optionalOutput("Sum", "T")
            .where("T", Types.FLOATS);

    /** The index of the first operand of the first term. */
    public static final int TERMS = 2;

    private static final String NORM = "norm";

    /**
     * Checks the normalisation.
     *
     * @param norm the normalisation
     * @throws InvalidOperandException if it is another operator
     */
    public SumNormalization {
        if (!(norm instanceof LayerNormalization) && !(norm instanceof RMSNormalization)) {
            throw invalid("a normalisation by " + norm.schema());
        }
    }

    private static InvalidOperandException invalid(String found) {
        return new InvalidOperandException(
                SCHEMA.qualifiedName(), found, LayerNormalization.SCHEMA + " or " + RMSNormalization.SCHEMA, null);
    }

    /**
     * Makes the operator.
     *
     * @param a its attributes: {@code norm}, the name of the normalisation, and those of the normalisation
     * @return the operator
     * @throws InvalidOperandException if they name another operator, or do not fit it
     */
    public static SumNormalization of(Attributes a) {
        String name = a.string(NORM, LayerNormalization.SCHEMA.name());
        if (name.equals(LayerNormalization.SCHEMA.name())) {
            return new SumNormalization(LayerNormalization.of(a));
        }
        if (name.equals(RMSNormalization.SCHEMA.name())) {
            return new SumNormalization(RMSNormalization.of(a));
        }
        throw invalid("a normalisation by " + name);
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public String title() {
        return "Add+" + norm.schema().name();
    }

    @Override
    public Attributes attributes() {
        return norm.attributes().with(NORM, norm.schema().name());
    }

    @Override
    public Numerics numerics() {
        return norm.numerics();
    }

    @Override
    public Composition composition(List<ValueType> types, int outputs) {
        int inputs = types.size();
        boolean biased = inputs > 1 && types.get(1) != null;
        if (inputs <= TERMS || biased && norm instanceof RMSNormalization) {
            throw new InvalidOperandException(
                    SCHEMA.qualifiedName(),
                    inputs <= TERMS ? "no term" : "B of an RMSNormalization",
                    "Scale, B of a LayerNormalization, terms",
                    null);
        }
        List<Composition.Step> steps = new ArrayList<>();
        int sum = Fused.ABSENT;
        for (int i = TERMS; i < inputs; i += 2) {
            int term = i;
            if (i + 1 < inputs && types.get(i + 1) != null) {
                term = inputs + steps.size();
                steps.add(new Composition.Step(new Gather(0), List.of(i, i + 1), 1));
            }
            if (sum != Fused.ABSENT) {
                steps.add(new Composition.Step(new Add(), List.of(sum, term), 1));
                term = inputs + steps.size() - 1;
            }
            sum = term;
        }
        List<Integer> operands = biased ? List.of(sum, 0, 1) : List.of(sum, 0);
        steps.add(new Composition.Step(norm, operands, 1));
        int y = inputs + steps.size() - 1;
        return new Composition(inputs, List.of(), steps, outputs > 1 ? List.of(y, sum) : List.of(y));
    }
}
