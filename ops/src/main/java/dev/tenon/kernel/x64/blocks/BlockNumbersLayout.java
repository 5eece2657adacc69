package dev.tenon.kernel.x64.blocks;

import dev.tenon.kernel.Layout;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Numbers of blocks [n, blocks] in the order of {@link BlockPanelLayout}: for each panel, and each of its blocks, those of 16
 * columns. Scales are float32, or float16 if all of them are such numbers. Zero points are bytes, those of unsigned integers. Columns are padded with zeros.
 *
 * @param zeros whether the numbers are zero points, else scales
 * @param bytes the bytes of a number: 1, 2 or 4
 */
public record BlockNumbersLayout(boolean zeros, int bytes) implements Layout {
    private static final int COLUMNS = BlockPanelLayout.COLUMNS;

    /** The layout of zero points. */
    public static final BlockNumbersLayout ZEROS = new BlockNumbersLayout(true, 1);

    /**
     * The layout of scales.
     *
     * @param halves whether they are float16, which loses nothing if {@link #areHalves}
     * @return the layout
     */
    public static BlockNumbersLayout scales(boolean halves) {
        return new BlockNumbersLayout(false, halves ? Short.BYTES : Float.BYTES);
    }

    /**
     * Whether float16 holds all scales.
     *
     * @param scales the scales, float32
     * @return true if nothing is lost
     */
    public static boolean areHalves(Tensor scales) {
        for (long i = 0; i < scales.size(); i++) {
            float scale = scales.getFloat(i);
            if (Float.float16ToFloat(Float.floatToFloat16(scale)) != scale) {
                return false;
            }
        }
        return true;
    }

    /** The size of a panel, bytes. */
    long panelBytes(int blocks) {
        return (long) blocks * COLUMNS * bytes;
    }

    /** The size of all numbers, bytes. */
    long byteSize(int n, int blocks) {
        return BlockPanelLayout.panels(n) * panelBytes(blocks);
    }

    @Override
    public String id() {
        return zeros ? "block-zeros16" : bytes == Short.BYTES ? "block-halves16" : "block-scales16";
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
                } else if (bytes == Short.BYTES) {
                    target.setAtIndex(ValueLayout.JAVA_SHORT, to, Float.floatToFloat16(source.getFloat(from)));
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
