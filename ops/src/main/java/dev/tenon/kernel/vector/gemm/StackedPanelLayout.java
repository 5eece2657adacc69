package dev.tenon.kernel.vector.gemm;

import dev.tenon.kernel.Layout;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.lang.foreign.MemorySegment;

/**
 * A float32 tensor {@code [.., k]} as a stack of transposed matrices in panels. Each matrix consists of {@code n} rows
 * of the tensor.
 *
 * @param columns the columns of a panel, which depend on the vector width
 * @param n the rows of the tensor that make a matrix; divides their number
 */
public record StackedPanelLayout(int columns, int n) implements Layout {
    @Override
    public String id() {
        return "stacked" + n + "panels" + columns;
    }

    @Override
    public long byteSize(TensorType type) {
        int k = Math.toIntExact(type.shape().dim(-1).value());
        return Math.multiplyExact(count(type, k), VectorPanels.byteSize(k, n));
    }

    private long count(TensorType type, int k) {
        return k == 0 ? 0 : type.shape().knownElements() / k / n;
    }

    @Override
    public void pack(Tensor source, MemorySegment target) {
        int k = Math.toIntExact(source.dim(source.rank() - 1));
        long bytes = VectorPanels.byteSize(k, n);
        for (long i = 0; i < count(source.type(), k); i++) {
            VectorPanels.packTransposed(source.segment(), i * n * k * Float.BYTES, k, k, n, target, i * bytes);
        }
    }
}
