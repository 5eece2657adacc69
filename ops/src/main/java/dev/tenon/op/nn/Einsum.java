package dev.tenon.op.nn;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Numerics;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A sum of products by an equation in the summation convention of A. Einstein, as NumPy's einsum. A label of the
 * operands that the output does not have is summed over. A label that occurs twice in an operand takes its diagonal. An
 * ellipsis stands for dimensions that are broadcast. Without {@code ->} the output has the ellipsis and the labels that
 * occur once, in the order of letters. Dimensions of 1 are broadcast under any label. Integers wrap around. A label
 * that only one operand has is summed over before this operand is combined with others, which matters for results that
 * are not finite.
 *
 * @param equation such as {@code bij,bjk->bik}; spaces do not count
 */
public record Einsum(String equation) implements Op {
    /** Operands, one for each term of the equation; the output has the dimensions of its last term. */
    public static final OpSchema SCHEMA = OpSchema.of("Einsum")
            .variadic("Inputs", "T")
            .output("Output", "T")
            .where("T", Types.NUMBERS)
            .numerics(Numerics.sum(16));

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws InvalidOperandException if there is no equation, or a text that is none
     */
    public static Einsum of(Attributes a) {
        String equation = a.string("equation", null);
        if (equation == null || EinsumEquation.parse(equation) == null) {
            throw new InvalidOperandException(
                    "Einsum",
                    "equation '" + equation + "'",
                    "terms of letters and at most one ... apart by commas, then -> and distinct ones of these letters",
                    null);
        }
        return new Einsum(equation);
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none().with("equation", equation);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        EinsumEquation e = EinsumEquation.parse(equation);
        if (e.operands() != c.inputCount()) {
            throw c.error(c.inputCount() + " inputs for equation '" + equation + "'", "" + e.operands(), null);
        }
        Map<Integer, Dim> dims = new HashMap<>();
        int ellipsis = 0;
        for (int i = 0; i < e.operands(); i++) {
            Shape shape = c.shape(i);
            if (!shape.hasRank()) {
                return List.of(new TensorType(c.dtype(0), Shape.unknownRank()));
            }
            int covered = e.ellipsis(i, shape.rank());
            if (covered < 0) {
                throw c.error("input " + i + " of shape " + shape, "the rank of its term in '" + equation + "'", null);
            }
            ellipsis = Math.max(ellipsis, covered);
            int[] labels = e.labels(i, shape.rank());
            for (int d = 0; d < labels.length; d++) {
                merge(c, dims, labels[d], shape.dim(d));
            }
        }
        List<Dim> output = new ArrayList<>();
        for (int label : e.outputLabels(ellipsis)) {
            output.add(dims.get(label));
        }
        return List.of(new TensorType(c.dtype(0), Shape.of(output)));
    }

    private void merge(InferContext c, Map<Integer, Dim> dims, int label, Dim found) {
        Dim before = dims.get(label);
        if (before == null || before.isKnown() && before.value() == 1) {
            dims.put(label, found);
            return;
        }
        if (!found.isKnown() || found.value() == 1 || found.equals(before)) {
            return;
        }
        if (before.isKnown()) {
            throw c.error(
                    "dimensions " + before + " and " + found + " of one label of '" + equation + "'",
                    "equal dimensions, or 1",
                    null);
        }
        dims.put(label, found);
    }

    @Override
    public List<Datum> reference(Operands in) {
        in.inferOutputs();
        EinsumEquation e = EinsumEquation.parse(equation);
        List<EinsumProduct.Labelled> operands = new ArrayList<>();
        int ellipsis = 0;
        for (int i = 0; i < in.count(); i++) {
            Tensor t = in.tensor(i);
            ellipsis = Math.max(ellipsis, e.ellipsis(i, t.rank()));
            operands.add(new EinsumProduct.Labelled(t, e.labels(i, t.rank())));
        }
        return List.of(EinsumProduct.run(
                operands, e.outputLabels(ellipsis), in.tensor(0).dtype()));
    }
}
