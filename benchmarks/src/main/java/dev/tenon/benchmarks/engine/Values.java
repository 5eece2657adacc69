package dev.tenon.benchmarks.engine;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.List;

/** Copies the values of several tensors into one array, for comparisons. */
public final class Values {
    private Values() {}

    public static float[] floats(List<Tensor> tensors) {
        long size = tensors.stream().mapToLong(Tensor::size).sum();
        float[] values = new float[Math.toIntExact(size)];
        int at = 0;
        for (Tensor t : tensors) {
            for (long i = 0; i < t.size(); i++) {
                values[at++] = t.dtype().isFloating()
                        ? (float) t.getDouble(i)
                        : t.dtype() == DType.BOOL ? (t.getBoolean(i) ? 1 : 0) : t.getLong(i);
            }
        }
        return values;
    }
}
