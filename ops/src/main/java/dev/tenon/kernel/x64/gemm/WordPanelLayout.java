package dev.tenon.kernel.x64.gemm;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * A matrix [k,n] of bytes in panels of 16 columns of int16, for instructions that multiply pairs of neighbouring numbers. A
 * panel holds, for each two rows, 16 columns of two numbers. Rows are padded with zeros to a multiple of 32, columns to one of
 * 32.
 *
 * <p>An unsigned byte becomes a signed one by subtracting 128, and so does its zero point: their difference stays.
 */
public final class WordPanelLayout implements BytePanels {
    private static final int STEP = 2;
    private static final int PADDING = 32;
    private static final int SIGN = 128;

    private final int[] zeroPoints;
    private final boolean signed;

    /**
     * A layout.
     *
     * @param zeroPoints one zero point for the matrix, or one for each of its columns
     * @param signed whether its bytes are signed
     */
    public WordPanelLayout(int[] zeroPoints, boolean signed) {
        this.zeroPoints = zeroPoints.clone();
        this.signed = signed;
    }

    @Override
    public boolean hasZeroPoints() {
        return Arrays.stream(zeroPoints).anyMatch(z -> z != (signed ? 0 : SIGN));
    }

    @Override
    public ByteArithmetic arithmetic(ByteArithmetic best) {
        return best != null && best.widens() ? best : null;
    }

    private static long padded(int size) {
        return (size + PADDING - 1L) / PADDING * PADDING;
    }

    /**
     * The sizes of any matrix.
     *
     * @param k its rows
     * @param n its columns
     * @return the sizes
     */
    public static Sizes of(int k, int n) {
        long panel = padded(k) * COLUMNS * Short.BYTES;
        long sums = padded(n) / COLUMNS * panel;
        long numbers = padded(n) * Integer.BYTES;
        return new Sizes(panel, sums, sums + numbers, sums + 2 * numbers);
    }

    @Override
    public Sizes sizes(int k, int n) {
        return of(k, n);
    }

    @Override
    public String id() {
        return "word-panels" + COLUMNS;
    }

    @Override
    public void pack(Tensor source, MemorySegment target) {
        int k = (int) source.dim(0);
        int n = (int) source.dim(1);
        int shift = source.dtype() == DType.INT8 ? 0 : SIGN;
        Sizes sizes = of(k, n);
        target.fill((byte) 0);
        int[] sums = new int[n];
        byte[] rows = new byte[STEP * n];
        short[] line = new short[COLUMNS * STEP];
        for (int row = 0; row < k; row += STEP) {
            int own = Math.min(STEP, k - row);
            MemorySegment.copy(source.segment(), ValueLayout.JAVA_BYTE, (long) row * n, rows, 0, own * n);
            for (int column = 0; column < n; column += COLUMNS) {
                int width = Math.min(COLUMNS, n - column);
                Arrays.fill(line, (short) 0);
                for (int r = 0; r < own; r++) {
                    for (int j = 0; j < width; j++) {
                        byte value = (byte) (rows[r * n + column + j] - shift);
                        line[j * STEP + r] = value;
                        sums[column + j] += value;
                    }
                }
                long to = column / COLUMNS * sizes.panel() + (long) row * COLUMNS * Short.BYTES;
                MemorySegment.copy(line, 0, target, ValueLayout.JAVA_SHORT, to, line.length);
            }
        }
        for (int j = 0; j < n; j++) {
            target.set(ValueLayout.JAVA_INT, sizes.sums() + (long) j * Integer.BYTES, sums[j]);
            int zero = zeroPoints[zeroPoints.length == 1 ? 0 : j] - shift;
            target.set(ValueLayout.JAVA_INT, sizes.zeros() + (long) j * Integer.BYTES, zero);
        }
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof WordPanelLayout l && signed == l.signed && Arrays.equals(zeroPoints, l.zeroPoints);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(zeroPoints) + (signed ? 3 : 2);
    }
}
