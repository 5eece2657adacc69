package dev.tenon.op.tabular;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.Domains;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.OperandShape;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.List;

/**
 * Joins the columns of tables. Each operand contributes as many columns as its dimension says; missing ones are zero.
 *
 * @param dimensions the number of columns of each operand; empty for as many as it has
 */
public record FeatureVectorizer(List<Long> dimensions) implements Op {
    /** Inputs {@code X} of [N,…] or of [C] as a row; output {@code Y} of [N, sum of the dimensions]. */
    public static final OpSchema SCHEMA = OpSchema.of(Domains.ML, "FeatureVectorizer")
            .variadic("X", "T1")
            .output("Y", "F")
            .where("T1", ExampleRows.TYPES)
            .where("F", Types.FLOAT32)
            .rounded();

    /** Checks that no dimension is below 0. */
    public FeatureVectorizer {
        dimensions = List.copyOf(dimensions);
        for (long d : dimensions) {
            if (d < 0 || d > Integer.MAX_VALUE) {
                throw new InvalidOperandException(
                        SCHEMA.qualifiedName(), "inputdimensions " + dimensions, "0 to 2147483647", null);
            }
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
    public static FeatureVectorizer of(Attributes a) {
        return new FeatureVectorizer(a.integers("inputdimensions", List.of()));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none().unless("inputdimensions", dimensions, List.of());
    }

    /** The number of columns of an operand whose dimensions after the first count as one; null if not known. */
    private static Dim columns(Shape s) {
        if (!s.hasRank()) {
            return null;
        }
        Dim columns = Dim.of(1);
        for (int k = Math.min(1, s.rank() - 1); k < s.rank(); k++) {
            columns = columns.times(s.dim(k));
        }
        return columns;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        if (!dimensions.isEmpty() && dimensions.size() != c.inputCount()) {
            throw c.error(c.inputCount() + " inputs", dimensions.size() + ", as many as inputdimensions", null);
        }
        Dim rows = null;
        Dim columns = Dim.of(0);
        for (int i = 0; i < c.inputCount(); i++) {
            Shape s = c.shape(i);
            if (s.hasRank() && s.rank() == 0) {
                throw c.error("input " + i + " is a scalar", "rank 1 and above", null);
            }
            Dim more = s.hasRank() ? s.rank() == 1 ? Dim.of(1) : s.dim(0) : null;
            if (rows != null && more != null && rows.isKnown() && more.isKnown() && !rows.equals(more)) {
                throw c.error("input " + i + " has shape " + s, rows + " rows, as the first input", null);
            }
            rows = OperandShape.either(rows, more);
            Dim own = dimensions.isEmpty() ? columns(s) : Dim.of(dimensions.get(i));
            columns = own == null || columns == null ? null : columns.plus(own);
        }
        return List.of(new TensorType(
                DType.FLOAT32, Shape.of(OperandShape.orFresh(c, rows), OperandShape.orFresh(c, columns))));
    }

    @Override
    public List<Datum> reference(Operands in) {
        TensorType type = (TensorType) in.inferOutputs().getFirst();
        Tensor y = Tensor.allocate(DType.FLOAT32, type.shape().toArray());
        long rows = y.dim(0);
        long at = 0;
        for (int i = 0; i < in.count(); i++) {
            Tensor x = in.tensor(i);
            long own = columns(x.shape()).value();
            long taken = dimensions.isEmpty() ? own : dimensions.get(i);
            for (long n = 0; n < rows; n++) {
                for (long k = 0; k < Math.min(own, taken); k++) {
                    y.setDouble(n * y.dim(1) + at + k, x.getDouble(n * own + k));
                }
            }
            at += taken;
        }
        return List.of(y);
    }
}
