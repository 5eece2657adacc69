package dev.tenon.kernel;

import dev.tenon.kernel.vector.VectorPanels;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.lang.foreign.MemorySegment;

/**
 * A float32 matrix in panels of neighbouring columns, as the vector tier's products read their right operand whatever
 * the shape of the left one.
 *
 * @param columns the columns of a panel, by which machines differ
 * @param transposed whether the tensor holds the matrix as [n,k] instead of [k,n]
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
        return VectorPanels.byteSize(rows(type), columns(type));
    }

    private int rows(TensorType type) {
        return Math.toIntExact(type.shape().dim(transposed ? 1 : 0).value());
    }

    private int columns(TensorType type) {
        return Math.toIntExact(type.shape().dim(transposed ? 0 : 1).value());
    }

    @Override
    public void pack(Tensor source, MemorySegment target) {
        VectorPanels.pack(
                source.segment(), 0, source.dim(1), transposed, rows(source.type()), columns(source.type()), target, 0);
    }
}
