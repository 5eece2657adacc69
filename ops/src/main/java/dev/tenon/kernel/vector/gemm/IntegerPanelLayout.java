package dev.tenon.kernel.vector.gemm;

import dev.tenon.kernel.Layout;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * A matrix [k,n] of 8-bit integers, less its zero points, packed as float32 panels in blocks of rows. Blocks are so
 * short that a float32 sum of a block's products with any 8-bit integers is exact.
 */
public final class IntegerPanelLayout implements Layout {
    private final int columns;
    private final int depth;
    private final int[] zeroPoints;

    /**
     * A layout.
     *
     * @param columns the columns of a panel
     * @param depth the rows of a block
     * @param zeroPoints one zero point for the matrix, or one for each of its columns
     */
    public IntegerPanelLayout(int columns, int depth, int[] zeroPoints) {
        this.columns = columns;
        this.depth = depth;
        this.zeroPoints = zeroPoints.clone();
    }

    /**
     * The rows of a block.
     *
     * @return at least 1
     */
    public int depth() {
        return depth;
    }

    @Override
    public String id() {
        return "integer-panels" + columns + "x" + depth;
    }

    @Override
    public long byteSize(TensorType type) {
        return IntegerPanels.byteSize(
                Math.toIntExact(type.shape().dim(0).value()),
                Math.toIntExact(type.shape().dim(1).value()),
                depth);
    }

    @Override
    public void pack(Tensor source, MemorySegment target) {
        IntegerPanels.pack(
                source.segment(),
                source.dtype() == DType.INT8,
                zeroPoints,
                (int) source.dim(0),
                (int) source.dim(1),
                depth,
                target);
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof IntegerPanelLayout l
                && columns == l.columns
                && depth == l.depth
                && Arrays.equals(zeroPoints, l.zeroPoints);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * columns + depth) + Arrays.hashCode(zeroPoints);
    }
}
