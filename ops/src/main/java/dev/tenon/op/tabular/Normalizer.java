package dev.tenon.op.tabular;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.Domains;
import dev.tenon.op.InferContext;
import dev.tenon.op.Numerics;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.OperandShape;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.List;
import java.util.Set;

/**
 * Divides each row by its greatest element, by the sum of its absolute values, or by its length. A row for which this
 * is zero is unchanged.
 *
 * @param norm MAX, L1 or L2
 */
public record Normalizer(String norm) implements Op {
    /** Input {@code X} of [N,C] or [C], output {@code Y} of the same shape. */
    public static final OpSchema SCHEMA = OpSchema.of(Domains.ML, "Normalizer")
            .input("X", "T")
            .output("Y", "F")
            .where("T", ExampleRows.TYPES)
            .where("F", Types.FLOAT32)
            .numerics(Numerics.sum(16));

    /** Checks the name. */
    public Normalizer {
        if (!Set.of("MAX", "L1", "L2").contains(norm)) {
            throw new InvalidOperandException(SCHEMA.qualifiedName(), "norm '" + norm + "'", "MAX, L1, L2", null);
        }
    }

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws dev.tenon.error.InvalidOperandException if an attribute is missing, of the wrong kind or does not fit the
     *     others
     */
    public static Normalizer of(Attributes a) {
        return new Normalizer(a.string("norm", "MAX"));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none().unless("norm", norm, "MAX");
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        OperandShape x = OperandShape.of(c, 0).rank(1, 2);
        return List.of(new TensorType(DType.FLOAT32, x.shape()));
    }

    @Override
    public List<Datum> reference(Operands in) {
        in.inferOutputs();
        Tensor x = in.tensor(0);
        Tensor y = Tensor.allocate(DType.FLOAT32, x.dims());
        long columns = ExampleRows.features(x);
        for (long n = 0; n < ExampleRows.count(x); n++) {
            double divisor = divisor(x, n * columns, columns);
            for (long i = n * columns; i < (n + 1) * columns; i++) {
                y.setDouble(i, divisor == 0 ? x.getDouble(i) : x.getDouble(i) / divisor);
            }
        }
        return List.of(y);
    }

    private double divisor(Tensor x, long from, long columns) {
        double max = -Float.MAX_VALUE;
        double sum = 0;
        double squares = 0;
        for (long i = from; i < from + columns; i++) {
            double value = x.getDouble(i);
            max = value > max ? value : max;
            sum += Math.abs(value);
            squares += value * value;
        }
        return norm.equals("MAX") ? max : norm.equals("L1") ? sum : Math.sqrt(squares);
    }
}
