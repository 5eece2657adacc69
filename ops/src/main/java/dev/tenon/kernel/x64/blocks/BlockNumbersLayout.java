package dev.tenon.kernel.x64.blocks;

import dev.tenon.kernel.Layout;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Numbers of blocks [n, blocks] in the order of {@link BlockPanelLayout}: for each panel, and each of its blocks, those of 16
 * columns. Scales are float32. Zero points are bytes, those of unsigned integers. Columns are padded with zeros.
 *
 * @param zeros whether the numbers are zero points, else scales
 */
public record BlockNumbersLayout(boolean zeros) implements Layout {
    private static final int COLUMNS = BlockPanelLayout.COLUMNS;

    private int bytes() {
        return zeros ? 1 : Float.BYTES;
    }

    /** The size of a panel, bytes. */
    long panelBytes(int blocks) {
        return (long) blocks * COLUMNS * bytes();
    }

    /** The size of all numbers, bytes. */
    long byteSize(int n, int blocks) {
        return BlockPanelLayout.panels(n) * panelBytes(blocks);
    }

    @Override
    public String id() {
        return zeros ? "block-zeros16" : "block-scales16";
    }

    @Override
    public long byteSize(TensorType type) {
        return byteSize(
                Math.toIntExact(type.shape().dim(0).value()),
                Math.toIntExact(type.shape().dim(1).value()));
    }

    @Override
    public void pack(Tensor source, MemorySegment target) {
        int n = (int) source.dim(0);
        int blocks = (int) source.dim(1);
        target.fill((byte) 0);
        long offset = source.dtype().isSigned() && zeros ? -source.dtype().minInteger() : 0;
        for (int row = 0; row < n; row++) {
            for (int block = 0; block < blocks; block++) {
                long from = (long) row * blocks + block;
                long to = ((long) row / COLUMNS * blocks + block) * COLUMNS + row % COLUMNS;
                if (zeros) {
                    target.set(ValueLayout.JAVA_BYTE, to, (byte) (source.getLong(from) + offset));
                } else {
                    target.setAtIndex(ValueLayout.JAVA_FLOAT, to, source.getFloat(from));
                }
            }
        }
    }

    /**
     * The zero point of all blocks, as that of unsigned integers.
     *
     * @param zeroPoints the zero points, or null if they are 0
     * @param type the type of the integers
     * @return the zero point; -1 if blocks have different ones
     */
    public static int common(Tensor zeroPoints, DType type) {
        long offset = type.isSigned() ? -type.minInteger() : 0;
        if (zeroPoints == null || zeroPoints.size() == 0) {
            return (int) offset;
        }
        long first = zeroPoints.getLong(0);
        for (long i = 1; i < zeroPoints.size(); i++) {
            if (zeroPoints.getLong(i) != first) {
                return -1;
            }
        }
        return (int) (first + offset);
    }
}
