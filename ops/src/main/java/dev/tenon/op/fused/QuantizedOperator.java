package dev.tenon.op.fused;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.Domains;
import dev.tenon.op.Op;
import dev.tenon.op.OpDefinition;
import dev.tenon.op.OpSchema;
import dev.tenon.op.OpSet;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.LeakyRelu;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Sigmoid;
import dev.tenon.op.nn.Gemm;
import dev.tenon.op.nn.GlobalAveragePool;
import dev.tenon.op.quant.DequantizeLinear;
import dev.tenon.op.quant.QuantizeLinear;
import dev.tenon.op.shape.Concat;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/**
 * An operator on quantised numbers, one of {@link #OPERATORS}: DequantizeLinear of the operands, the operator in float32,
 * QuantizeLinear of the result. Each operand is three inputs: integers, their scale and their zero point. Then come scale and
 * zero point of the result; if both are left out, the result is float32. Last, a Gemm may have a bias of int32 in units of the
 * scales of both matrices, {@code [n]}. ONNX Runtime has these operators as QLinearAdd, QGemm and so on. The attributes are
 * those of the operator, and {@code op}, its name.
 *
 * @param op the operator
 */
public record QuantizedOperator(Op op) implements Composite {
    /** Operators that ONNX Runtime has for quantised numbers, beside those of the standard. */
    public static final OpSet OPERATORS = OpSet.of(
            OpDefinition.op(new Add()),
            OpDefinition.op(new Mul()),
            OpDefinition.op(new Sigmoid()),
            OpDefinition.op(LeakyRelu.SCHEMA, LeakyRelu.class, LeakyRelu::of),
            OpDefinition.op(new GlobalAveragePool()),
            OpDefinition.op(Concat.SCHEMA, Concat.class, Concat::of),
            OpDefinition.op(Gemm.SCHEMA, Gemm.class, Gemm::of));

    /** Any inputs, one output. */
    public static final OpSchema SCHEMA = OpSchema.of(Domains.TENON, "QuantizedOperator")
            .variadic("inputs", "*")
            .output("output", "*");

    /** The number of inputs of an operand: integers, scale, zero point. */
    public static final int PARTS = 3;

    private static final String OP = "op";
    private static final QuantizeLinear QUANTIZE = new QuantizeLinear(1, true, 0, null, null);

    /**
     * Checks the operator.
     *
     * @param op the operator
     * @throws InvalidOperandException if it is none of {@link #OPERATORS}, or a Gemm that scales its bias
     */
    public QuantizedOperator {
        if (!OPERATORS.contains(op)) {
            throw invalid("operator " + op.schema());
        }
        if (op instanceof Gemm gemm && gemm.beta() != 1) {
            throw invalid("a Gemm with beta " + gemm.beta());
        }
    }

    private static InvalidOperandException invalid(String found) {
        return new InvalidOperandException(
                SCHEMA.qualifiedName(),
                found,
                "Add, Mul, Sigmoid, LeakyRelu, GlobalAveragePool, Concat, Gemm with beta 1",
                null);
    }

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws InvalidOperandException if they do not make an operator as the class comment says
     */
    public static QuantizedOperator of(Attributes a) {
        String name = a.string(OP, "");
        return OPERATORS
                .find("", name)
                .map(definition -> new QuantizedOperator(definition.create(a)))
                .orElseThrow(() -> invalid("operator " + name));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public String title() {
        return op.title() + "@quantized";
    }

    @Override
    public Attributes attributes() {
        return op.attributes().with(OP, op.schema().name());
    }

    /** {@return whether the operator can have a bias after all other inputs} */
    public boolean mayHaveBias() {
        return op instanceof Gemm;
    }

    /**
     * The number of operands.
     *
     * @param inputs the number of inputs
     * @return the number of groups of three inputs
     * @throws InvalidOperandException if there can't be as many inputs
     */
    public int operands(int inputs) {
        int rest = inputs - 2 - (mayHaveBias() && inputs % PARTS == 0 ? 1 : 0);
        int count = rest / PARTS;
        boolean fits =
                switch (op) {
                    case Concat c -> count >= 1;
                    case Add a -> count == 2;
                    case Mul m -> count == 2;
                    case Gemm g -> count == 2;
                    default -> count == 1;
                };
        if (rest < 0 || rest % PARTS != 0 || !fits) {
            throw new InvalidOperandException(
                    title(),
                    inputs + " inputs",
                    "three for each operand, then scale and zero point of the result",
                    null);
        }
        return count;
    }

    @Override
    public Composition composition(List<ValueType> types, int outputs) {
        int inputs = types.size();
        int count = operands(inputs);
        List<Composition.Step> steps = new ArrayList<>();
        List<Integer> operands = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int axis = op instanceof Gemm gemm && i == 1 && gemm.transB() ? 0 : 1;
            int at = PARTS * i;
            int zero = types.get(at + 2) == null ? Fused.ABSENT : at + 2;
            operands.add(inputs + steps.size());
            steps.add(new Composition.Step(new DequantizeLinear(axis, 0, null), List.of(at, at + 1, zero), 1));
        }
        int scale = PARTS * count;
        int bias = scale + 2;
        if (bias < inputs && types.get(bias) != null) {
            steps.add(new Composition.Step(new Mul(), List.of(1, PARTS + 1), 1));
            int unit = inputs + steps.size() - 1;
            operands.add(inputs + steps.size());
            steps.add(new Composition.Step(new DequantizeLinear(0, 0, null), List.of(bias, unit), 1));
        }
        steps.add(new Composition.Step(op, operands, 1));
        if (types.get(scale) != null) {
            int zero = types.get(scale + 1) == null ? Fused.ABSENT : scale + 1;
            int y = inputs + steps.size() - 1;
            steps.add(new Composition.Step(QUANTIZE, List.of(y, scale, zero), 1));
        }
        return new Composition(inputs, List.of(), steps, List.of(inputs + steps.size() - 1));
    }
}
