package dev.tenon.op.reduce;

import dev.tenon.op.InferContext;
import dev.tenon.op.Operands;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.util.ArrayList;
import java.util.List;

/** Functions that ArgMax and ArgMin share. */
final class Extremes {
    private Extremes() {}

    static TensorType infer(InferContext c, int axis, boolean keepdims) {
        Shape data = c.shape(0);
        if (!data.hasRank()) {
            return new TensorType(DType.INT64, Shape.unknownRank());
        }
        int at = c.axis(axis, data.rank(), "shape " + data);
        if (data.dim(at).isKnown() && data.dim(at).value() == 0) {
            throw c.error("axis " + axis + " of shape " + data + " has no elements", "at least one", null);
        }
        List<Dim> dims = new ArrayList<>(data.dims());
        dims.remove(at);
        if (keepdims) {
            dims.add(at, Dim.of(1));
        }
        return new TensorType(DType.INT64, Shape.of(dims));
    }

    static Tensor indices(Operands in, int axis, boolean greatest, boolean last) {
        TensorType type = (TensorType) in.inferOutputs().getFirst();
        Tensor data = in.tensor(0);
        Tensor result = Tensor.allocate(DType.INT64, type.shape().toArray());
        boolean[] reduced = new boolean[data.rank()];
        int at = in.axis(axis, data.rank(), "shape " + data.shape());
        reduced[at] = true;
        Axes axes = new Axes(data.dims(), reduced);
        long step = 1;
        for (int i = at + 1; i < data.rank(); i++) {
            step *= data.dim(i);
        }
        for (long group = 0; group < result.size(); group++) {
            long start = axes.start(group);
            long best = 0;
            for (long i = 1; i < data.dim(at); i++) {
                if (wins(data, start + i * step, start + best * step, greatest, last)) {
                    best = i;
                }
            }
            result.setLong(group, best);
        }
        return result;
    }

    private static boolean wins(Tensor data, long i, long best, boolean greatest, boolean last) {
        int order;
        if (data.dtype().isFloating()) {
            double a = data.getDouble(i);
            double b = data.getDouble(best);
            if (Double.isNaN(a) || Double.isNaN(b)) {
                return Double.isNaN(a) && (last || !Double.isNaN(b));
            }
            order = a < b ? -1 : a > b ? 1 : 0;
        } else {
            long a = data.getLong(i);
            long b = data.getLong(best);
            order = data.dtype().isUnsigned() ? Long.compareUnsigned(a, b) : Long.compare(a, b);
        }
        return order == 0 ? last : order > 0 == greatest;
    }
}
