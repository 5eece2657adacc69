package dev.tenon.op.quant;

import dev.tenon.op.InferContext;
import dev.tenon.op.geometry.Broadcasting;
import dev.tenon.op.geometry.Dims;
import dev.tenon.op.geometry.MatrixProduct;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;

/**
 * Scales or zero points of a stack of matrices: one for all, a vector with one for each row (or column), or a tensor of
 * the stack's rank whose last dimension (or last but one) is 1.
 */
final class QuantizationParameter {
    private final Tensor values;
    private final long[] dims;
    private final boolean rows;

    private QuantizationParameter(Tensor values, boolean rows) {
        this.values = values;
        this.dims = values == null ? new long[0] : values.dims();
        this.rows = rows;
    }

    /** One value for each row; null stands for 0. */
    static QuantizationParameter ofRows(Tensor values) {
        return new QuantizationParameter(values, true);
    }

    /** One value for each column; null stands for 0. */
    static QuantizationParameter ofColumns(Tensor values) {
        return new QuantizationParameter(values, false);
    }

    /** Fails unless an operand is such a parameter of another operand. */
    static void check(InferContext c, int input, int matrices, boolean rows) {
        if (!c.has(input)) {
            return;
        }
        Shape p = c.shape(input);
        Shape m = c.shape(matrices);
        if (!p.hasRank() || !m.hasRank() || (p.isKnown() && p.knownElements() == 1)) {
            return;
        }
        boolean fits = p.rank() <= 1 || p.rank() == m.rank();
        if (fits && p.rank() == 1) {
            Dim lines = m.rank() == 1 ? Dim.of(1) : m.dim(rows ? -2 : -1);
            fits = !Dims.differ(p.dim(0), lines);
        }
        for (int i = 0; fits && p.rank() > 1 && i < p.rank(); i++) {
            boolean across = i == p.rank() - (rows ? 1 : 2);
            Dim d = p.dim(i);
            fits = across ? !Dims.differ(d, Dim.of(1)) : (d.isKnown() && d.value() == 1) || !Dims.differ(d, m.dim(i));
        }
        if (!fits) {
            throw c.error(
                    "input " + input + " of shape " + p + " for matrices of shape " + m,
                    rows ? "a scalar, or one number for each row" : "a scalar, or one number for each column",
                    null);
        }
    }

    /** The index of the value of a row or column of a matrix of the product. */
    private long index(MatrixProduct product, long matrix, long line) {
        if (values.size() == 1) {
            return 0;
        }
        if (dims.length == 1) {
            return line;
        }
        long lines = dims[dims.length - (rows ? 2 : 1)];
        long at = Broadcasting.offset(matrix, product.batch(), Arrays.copyOf(dims, dims.length - 2));
        return at * lines + (lines == 1 ? 0 : line);
    }

    long integer(MatrixProduct product, long matrix, long line) {
        return values == null ? 0 : values.getLong(index(product, matrix, line));
    }

    float real(MatrixProduct product, long matrix, long line) {
        return values == null ? 0 : values.getFloat(index(product, matrix, line));
    }
}
