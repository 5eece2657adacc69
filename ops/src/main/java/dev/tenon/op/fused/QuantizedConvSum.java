package dev.tenon.op.fused;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.Domains;
import dev.tenon.op.OpSchema;
import dev.tenon.op.contrib.QLinearAdd;
import dev.tenon.op.quant.QLinearConv;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/**
 * A QLinearConv whose result is an operand of a QLinearAdd. Its first input, the other operand of the sum and its output have
 * their channels last, {@code [n, ..., c]}. The inputs are those of QLinearConv, of which the bias may be left out; then the
 * other operand with its scale and zero point; then scale and zero point of the sum. The attributes are those of QLinearConv,
 * and {@code first}: whether the convolution is the first operand of the sum.
 *
 * @param conv the convolution
 * @param first whether the convolution is the first operand of the sum, which decides how it is rounded
 */
public record QuantizedConvSum(QLinearConv conv, boolean first) implements Composite {
    /** Fourteen inputs, one output. */
    public static final OpSchema SCHEMA = OpSchema.of(Domains.TENON, "QuantizedConvSum")
            .variadic("inputs", "*")
            .output("output", "*");

    /** The index of the other operand of the sum. Its scale and zero point follow. */
    public static final int OTHER = 9;

    /** The index of the scale of the sum. Its zero point follows. */
    public static final int SUM_SCALE = 12;

    /** The number of inputs. */
    public static final int INPUTS = 14;

    /** The index of the scale of the convolution's result. Its zero point follows. */
    public static final int CONV_SCALE = 6;

    private static final String FIRST = "first";

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws InvalidOperandException if a value is not allowed
     */
    public static QuantizedConvSum of(Attributes a) {
        return new QuantizedConvSum(QLinearConv.of(a), a.flag(FIRST, false));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return conv.attributes().unless(FIRST, first ? 1L : 0L, 0L);
    }

    @Override
    public Composition composition(List<ValueType> types, int outputs) {
        int rank = !types.isEmpty()
                        && types.getFirst() instanceof TensorType t
                        && t.shape().hasRank()
                ? t.shape().rank()
                : -1;
        if (rank < 2 || types.size() != INPUTS) {
            throw new InvalidOperandException(
                    SCHEMA.qualifiedName(),
                    types.size() + " inputs, the first of type " + (types.isEmpty() ? null : types.getFirst()),
                    INPUTS + " inputs, the first of a known rank, 2 or more",
                    null);
        }
        List<Integer> operands = new ArrayList<>();
        operands.add(INPUTS);
        for (int i = 1; i < OTHER; i++) {
            operands.add(types.get(i) == null ? Fused.ABSENT : i);
        }
        int convolved = INPUTS + 2;
        List<Integer> own = List.of(convolved, CONV_SCALE, CONV_SCALE + 1);
        List<Integer> other = List.of(OTHER, OTHER + 1, types.get(OTHER + 2) == null ? Fused.ABSENT : OTHER + 2);
        List<Integer> terms = new ArrayList<>(first ? own : other);
        terms.addAll(first ? other : own);
        terms.add(SUM_SCALE);
        terms.add(types.get(SUM_SCALE + 1) == null ? Fused.ABSENT : SUM_SCALE + 1);
        return new Composition(
                INPUTS,
                List.of(),
                List.of(
                        new Composition.Step(ChannelsLast.toFirst(rank), List.of(0), 1),
                        new Composition.Step(conv, operands, 1),
                        new Composition.Step(ChannelsLast.toLast(rank), List.of(INPUTS + 1), 1),
                        new Composition.Step(new QLinearAdd(), terms, 1)),
                List.of(INPUTS + 3));
    }
}
