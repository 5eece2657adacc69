package dev.tenon.kernel.gemm;

import dev.tenon.kernel.Layout;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.lang.foreign.MemorySegment;

/**
 * A float32 matrix, or a stack of them, packed in panels of neighbouring columns. Products of the vector tier and of the
 * assembled tier read B in this layout, whatever the shape of A. Panels of 16-bit numbers hold those that the matrix {@linkplain
 * Tensor#narrow widens}; only the assembled tier reads them.
 *
 * @param columns the columns of a panel, which depend on the vector width
 * @param transposed whether the tensor holds each matrix as [n,k] instead of [k,n]
 * @param numbers the element type in the panels: float32, float16 or bfloat16
 */
public record PanelLayout(int columns, boolean transposed, DType numbers) implements Layout {
    /**
     * Panels of float32.
     *
     * @param columns the columns of a panel
     * @param transposed whether the tensor holds each matrix as [n,k] instead of [k,n]
     */
    public PanelLayout(int columns, boolean transposed) {
        this(columns, transposed, DType.FLOAT32);
    }

    @Override
    public String id() {
        return "panels" + columns + (transposed ? "t" : "") + (numbers == DType.FLOAT32 ? "" : "-" + numbers.text());
    }

    private PanelPacking packing() {
        return new PanelPacking((int) numbers.byteSize(1), columns);
    }

    @Override
    public long byteSize(TensorType type) {
        return Math.multiplyExact(matrices(type), packing().byteSize(rows(type), columns(type)));
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
        Tensor stored = numbers == DType.FLOAT32 ? source : source.narrow();
        if (stored == null || stored.dtype() != numbers) {
            throw new IllegalArgumentException("the matrix does not widen " + numbers.text());
        }
        int k = rows(source.type());
        int n = columns(source.type());
        PanelPacking packing = packing();
        MemorySegment from = stored.segment();
        long matrixBytes = (long) k * n * packing.bytes();
        long packedBytes = packing.byteSize(k, n);
        for (long i = 0; i < matrices(source.type()); i++) {
            if (transposed) {
                packing.packTransposed(from, i * matrixBytes, k, n, target, i * packedBytes);
            } else {
                packing.pack(from, i * matrixBytes, k, n, target, i * packedBytes);
            }
        }
    }

    // Written out: a new JVM would spend milliseconds on making these methods.

    @Override
    public boolean equals(Object o) {
        return o instanceof PanelLayout other
                && columns == other.columns
                && transposed == other.transposed
                && numbers == other.numbers;
    }

    @Override
    public int hashCode() {
        return (31 * columns + Boolean.hashCode(transposed)) * 31 + numbers.ordinal();
    }
}
