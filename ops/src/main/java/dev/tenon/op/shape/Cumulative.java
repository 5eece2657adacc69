package dev.tenon.op.shape;

import dev.tenon.op.InferContext;
import dev.tenon.op.Operands;
import dev.tenon.op.geometry.RowMajor;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.LongBinaryOperator;

/** The loop of {@link CumSum} and {@link CumProd}: results of all elements up to each element along an axis. */
final class Cumulative {
    private Cumulative() {}

    static List<ValueType> infer(InferContext c) {
        dev.tenon.tensor.Shape data = c.shape(0);
        Dim axis = Sizes.single(c, 1, "axis");
        if (axis != null && axis.isKnown() && data.hasRank()) {
            c.axis(axis.value(), data.rank(), "shape " + data);
        }
        return Sizes.tensor(c.dtype(0), data);
    }

    /**
     * Combines.
     *
     * @param exclusive whether an element's result leaves the element itself out
     * @param reverse whether results run from the end
     * @param start the result of no elements
     * @param real combines results and elements of floating types
     * @param whole combines results and elements of integer types
     */
    static List<Datum> reference(
            Operands in,
            boolean exclusive,
            boolean reverse,
            int start,
            DoubleBinaryOperator real,
            LongBinaryOperator whole) {
        Tensor out = Moves.allocate(in.inferOutputs().get(0));
        Tensor data = in.tensor(0);
        int at = in.axis(in.tensor(1).getLong(0), data.rank(), "shape " + data.shape());
        long n = data.dim(at);
        long inner = RowMajor.size(data.dims(), at + 1, data.rank());
        long lines = n == 0 ? 0 : data.size() / n;
        for (long line = 0; line < lines; line++) {
            long first = line / inner * n * inner + line % inner;
            double realSoFar = start;
            long wholeSoFar = start;
            for (long i = 0; i < n; i++) {
                long e = first + (reverse ? n - 1 - i : i) * inner;
                if (data.dtype().isFloating()) {
                    double before = realSoFar;
                    realSoFar = real.applyAsDouble(before, data.getDouble(e));
                    out.setDouble(e, exclusive ? before : realSoFar);
                } else {
                    long before = wholeSoFar;
                    wholeSoFar = whole.applyAsLong(before, data.getLong(e));
                    out.setLong(e, exclusive ? before : wholeSoFar);
                }
            }
        }
        return List.of(out);
    }
}
