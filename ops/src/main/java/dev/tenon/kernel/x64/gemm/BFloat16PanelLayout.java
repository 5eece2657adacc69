package dev.tenon.kernel.x64.gemm;

import dev.tenon.kernel.Layout;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * A BF16 matrix [k,n] in panels of 16 columns, for instructions that multiply pairs of neighbouring numbers. A panel holds, for
 * each two rows, 16 columns of two numbers. Rows are padded with zeros to a multiple of 32, columns to one of 32.
 */
public record BFloat16PanelLayout() implements Layout {
    /** The columns of a panel. */
    public static final int COLUMNS = 16;

    private static final int STEP = 2;
    private static final int PADDING = 32;

    @Override
    public String id() {
        return "bf16-panels" + COLUMNS;
    }

    /**
     * The size of a panel.
     *
     * @param k the rows of the matrix
     * @return bytes
     */
    public static long panelBytes(int k) {
        return (k + PADDING - 1L) / PADDING * PADDING * COLUMNS * Short.BYTES;
    }

    /**
     * The size of a packed matrix.
     *
     * @param k its rows
     * @param n its columns
     * @return bytes
     */
    public static long byteSize(int k, int n) {
        return (n + PADDING - 1L) / PADDING * (PADDING / COLUMNS) * panelBytes(k);
    }

    @Override
    public long byteSize(TensorType type) {
        return byteSize(
                Math.toIntExact(type.shape().dim(0).value()),
                Math.toIntExact(type.shape().dim(1).value()));
    }

    @Override
    public void pack(Tensor source, MemorySegment target) {
        int k = (int) source.dim(0);
        int n = (int) source.dim(1);
        target.fill((byte) 0);
        short[] rows = new short[STEP * n];
        short[] line = new short[STEP * COLUMNS];
        for (int row = 0; row < k; row += STEP) {
            int own = Math.min(STEP, k - row);
            MemorySegment.copy(
                    source.segment(), ValueLayout.JAVA_SHORT_UNALIGNED, (long) row * n * Short.BYTES, rows, 0, own * n);
            for (int column = 0; column < n; column += COLUMNS) {
                Arrays.fill(line, (short) 0);
                for (int r = 0; r < own; r++) {
                    for (int j = 0; j < Math.min(COLUMNS, n - column); j++) {
                        line[j * STEP + r] = rows[r * n + column + j];
                    }
                }
                long to = column / COLUMNS * panelBytes(k) + (long) row * COLUMNS * Short.BYTES;
                MemorySegment.copy(line, 0, target, ValueLayout.JAVA_SHORT, to, line.length);
            }
        }
    }
}
