package dev.tenon.testkit;

import dev.tenon.op.quant.BlockFormat;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;

/** Rows of blocks of a {@link BlockFormat}, for tests. */
public final class BlockRows {
    private static final ValueLayout.OfShort F16 = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final int SCALE_OF_Q6_K = 208;

    private BlockRows() {}

    /**
     * Rows of random integers. Scales are around 1, of any sign; minimums have the size of the elements.
     *
     * @param random gives the numbers
     * @param format the form of the blocks
     * @param n the rows
     * @param k the elements of a row, whole blocks
     * @return uint8 [n, bytes of a row]
     */
    public static Tensor random(Random random, BlockFormat format, long n, long k) {
        Tensor rows = Tensor.allocate(DType.UINT8, n, format.rowBytes(k));
        byte[] block = new byte[format.blockBytes()];
        for (long at = 0; at < rows.byteSize(); at += block.length) {
            random.nextBytes(block);
            rows.segment().asSlice(at, block.length).copyFrom(MemorySegment.ofArray(block));
            set(rows, at, format, random.nextGaussian(), random.nextGaussian());
        }
        return rows;
    }

    /**
     * Rows of blocks with the same bytes but for their scales.
     *
     * @param format the form of the blocks
     * @param scale the scale
     * @param minimum the minimum, if the form has any
     * @param fill the value of all other bytes
     * @param n the rows
     * @param k the elements of a row, whole blocks
     * @return uint8 [n, bytes of a row]
     */
    public static Tensor filled(BlockFormat format, double scale, double minimum, int fill, long n, long k) {
        Tensor rows = Tensor.allocate(DType.UINT8, n, format.rowBytes(k));
        rows.segment().fill((byte) fill);
        for (long at = 0; at < rows.byteSize(); at += format.blockBytes()) {
            set(rows, at, format, scale, minimum);
        }
        return rows;
    }

    private static void set(Tensor rows, long at, BlockFormat format, double scale, double minimum) {
        long place = format == BlockFormat.Q6_K ? SCALE_OF_Q6_K : 0;
        rows.segment().set(F16, at + place, Float.floatToFloat16((float) scale));
        if (format.hasMinimum()) {
            rows.segment().set(F16, at + 2, Float.floatToFloat16((float) minimum));
        }
    }
}
