package dev.tenon.op.nn;

import dev.tenon.op.InferContext;
import dev.tenon.op.Operands;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;

/** Functions that map each line along an axis to a line of the same length. */
final class AlongAxis {
    /** Writes one line of the output. */
    @FunctionalInterface
    interface LineFunction {
        void apply(Tensor x, Tensor y, Lines lines, long line);
    }

    private AlongAxis() {}

    static TensorType infer(InferContext c, int axis) {
        TensorType t = c.tensor(0);
        if (t.shape().hasRank()) {
            c.axis(axis, t.shape().rank(), "shape " + t.shape());
        }
        return t;
    }

    static Tensor map(Operands in, int axis, LineFunction f) {
        in.inferOutputs();
        Tensor x = in.tensor(0);
        Tensor y = Tensor.allocate(x.dtype(), x.dims());
        if (x.size() == 0) {
            return y;
        }
        Lines lines = Lines.of(x.dims(), in.axis(axis, x.rank(), "shape " + x.shape()));
        for (long line = 0; line < lines.count(); line++) {
            f.apply(x, y, lines, line);
        }
        return y;
    }

    static double max(Tensor x, Lines lines, long line) {
        double max = Double.NEGATIVE_INFINITY;
        for (long i = 0; i < lines.length(); i++) {
            max = Math.max(max, x.getDouble(lines.at(line, i)));
        }
        return max;
    }

    static double sumOfExp(Tensor x, Lines lines, long line, double max) {
        double sum = 0;
        for (long i = 0; i < lines.length(); i++) {
            sum += Math.exp(x.getDouble(lines.at(line, i)) - max);
        }
        return sum;
    }
}
