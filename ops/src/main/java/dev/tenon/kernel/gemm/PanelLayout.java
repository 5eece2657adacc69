package dev.tenon.kernel.gemm;

import dev.tenon.kernel.Layout;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.lang.foreign.MemorySegment;

/**
 * A float32 matrix, or a stack of them, packed in panels of neighbouring columns. Products of the vector tier and of the
 * assembled tier read B in this layout, whatever the shape of A.
 *
 * @param columns the columns of a panel, which depend on the vector width
 * @param transposed whether the tensor holds each matrix as [n,k] instead of [k,n]
 */
public record PanelLayout(int columns, boolean transposed) implements Layout {
    @Override
    public boolean equals(Object o) {
        return o instanceof PanelLayout p && columns == p.columns && transposed == p.transposed;
    }

    @Override
    public int hashCode() {
        return transposed ? -columns : columns;
    }

    @Override
    public String id() {
        return "panels" + columns + (transposed ? "t" : "");
    }

    @Override
    public long byteSize(TensorType type) {
        return Math.multiplyExact(matrices(type), FloatPanels.byteSize(rows(type), columns(type), columns));
    }

    private static long matrices(TensorType type) {
        long matrices = 1;
        for (int i = 0; i < type.shape().rank() - 2; i++) {
            matrices = Math.multiplyExact(matrices, type.shape().dim(i).value());
        }
        return matrices;
    }

    private int rows(TensorType type) {
        return Math.toIntExact(type.shape().dim(transposed ? -1 : -2).value());
    }

    private int columns(TensorType type) {
        return Math.toIntExact(type.shape().dim(transposed ? -2 : -1).value());
    }

    @Override
    public void pack(Tensor source, MemorySegment target) {
        int k = rows(source.type());
        int n = columns(source.type());
        long matrixBytes = (long) k * n * Float.BYTES;
        long packedBytes = FloatPanels.byteSize(k, n, columns);
        for (long i = 0; i < matrices(source.type()); i++) {
            if (transposed) {
                FloatPanels.packTransposed(source.segment(), i * matrixBytes, k, n, columns, target, i * packedBytes);
            } else {
                FloatPanels.pack(source.segment(), i * matrixBytes, k, n, columns, target, i * packedBytes);
            }
        }
    }
}
