package dev.tenon.op.tabular;

import dev.tenon.op.InferContext;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import java.util.Set;

/** The operand of a model: a matrix with a row for each example, or a vector that is one example. */
final class ExampleRows {
    /** The element types that an operand may have. */
    static final Set<DType> TYPES = Types.set(DType.FLOAT32, DType.FLOAT64, DType.INT64, DType.INT32);

    private ExampleRows() {}

    /**
     * The number of rows. Checks the number of columns.
     *
     * @param least how many columns the model reads
     * @param most how many columns there may be
     */
    static Dim infer(InferContext c, long least, long most) {
        Shape s = c.shape(0);
        if (!s.hasRank()) {
            return c.freshDim();
        }
        if (s.rank() != 1 && s.rank() != 2) {
            throw c.error("'X' has shape " + s, "rank 1 or rank 2", null);
        }
        Dim columns = s.dim(s.rank() - 1);
        if (columns.isKnown() && (columns.value() < least || columns.value() > most)) {
            String allowed =
                    most == Long.MAX_VALUE ? "at least " + least : least == most ? "" + least : least + " to " + most;
            throw c.error("'X' has shape " + s, allowed + " features", null);
        }
        return s.rank() == 1 ? Dim.of(1) : s.dim(0);
    }

    /** The number of rows of a value that was checked. */
    static long count(Tensor x) {
        return x.rank() == 1 ? 1 : x.dim(0);
    }

    /** The number of columns of a value that was checked. */
    static long features(Tensor x) {
        return x.dim(x.rank() - 1);
    }
}
