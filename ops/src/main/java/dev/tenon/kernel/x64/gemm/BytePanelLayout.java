package dev.tenon.kernel.x64.gemm;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * A matrix [k,n] of bytes in panels of 16 columns, for instructions that multiply four neighbouring bytes. A panel holds, for
 * each four rows, 16 columns of four signed bytes. Rows are padded with zeros to a multiple of 64, columns to one of 32. After
 * the panels come the sums of the columns and their zero points, int32 each.
 *
 * <p>An unsigned byte becomes a signed one by subtracting 128, and so does its zero point: their difference stays.
 */
public final class BytePanelLayout implements BytePanels {
    private static final int STEP = 4;
    private static final int ROW_PADDING = 64;
    private static final int COLUMN_PADDING = 32;
    private static final int SIGN = 128;

    private final int[] zeroPoints;
    private final boolean signed;
    private final boolean pairsFit;

    /**
     * A layout.
     *
     * @param zeroPoints one zero point for the matrix, or one for each of its columns
     * @param signed whether its bytes are signed
     */
    public BytePanelLayout(int[] zeroPoints, boolean signed) {
        this(zeroPoints, signed, false);
    }

    /**
     * A layout of which it is known whether sums of two products fit 16 bits.
     *
     * @param zeroPoints one zero point for the matrix, or one for each of its columns
     * @param signed whether its bytes are signed
     * @param pairsFit whether {@link #pairsFit(Tensor)} is true for the matrix
     */
    public BytePanelLayout(int[] zeroPoints, boolean signed, boolean pairsFit) {
        this.zeroPoints = zeroPoints.clone();
        this.signed = signed;
        this.pairsFit = pairsFit;
    }

    /**
     * Whether sums of two products of a matrix, which code forms before it adds them to others, fit 16 bits.
     *
     * @param matrix a matrix [k,n] of bytes
     * @return true if {@link ByteArithmetic#pairsFit(int, int)} is true for all pairs of neighbouring rows
     */
    public static boolean pairsFit(Tensor matrix) {
        int k = (int) matrix.dim(0);
        int n = (int) matrix.dim(1);
        int shift = matrix.dtype() == DType.INT8 ? 0 : SIGN;
        byte[] rows = new byte[2 * n];
        for (int row = 0; row < k; row += 2) {
            int own = Math.min(2, k - row);
            MemorySegment.copy(matrix.segment(), ValueLayout.JAVA_BYTE, (long) row * n, rows, 0, own * n);
            for (int j = 0; j < n; j++) {
                int second = own == 2 ? (byte) (rows[n + j] - shift) : 0;
                if (!ByteArithmetic.pairsFit((byte) (rows[j] - shift), second)) {
                    return false;
                }
            }
        }
        return true;
    }

    @Override
    public ByteArithmetic arithmetic(ByteArithmetic best) {
        ByteArithmetic own = best == null ? null : best.forWeights(pairsFit);
        return own == null || own.widens() ? null : own;
    }

    @Override
    public Sizes sizes(int k, int n) {
        return new Sizes(panelBytes(k), sumsOffset(k, n), zerosOffset(k, n), byteSize(k, n));
    }

    @Override
    public boolean hasZeroPoints() {
        return Arrays.stream(zeroPoints).anyMatch(z -> z != (signed ? 0 : SIGN));
    }

    /**
     * The size of a panel.
     *
     * @param k the rows of the matrix
     * @return bytes
     */
    public static long panelBytes(int k) {
        return (k + ROW_PADDING - 1L) / ROW_PADDING * ROW_PADDING * COLUMNS;
    }

    private static long paddedColumns(int n) {
        return (n + COLUMN_PADDING - 1L) / COLUMN_PADDING * COLUMN_PADDING;
    }

    /**
     * The offset of the sums of the columns.
     *
     * @param k the rows of the matrix
     * @param n its columns
     * @return bytes
     */
    public static long sumsOffset(int k, int n) {
        return paddedColumns(n) / COLUMNS * panelBytes(k);
    }

    /**
     * The offset of the zero points of the columns.
     *
     * @param k the rows of the matrix
     * @param n its columns
     * @return bytes
     */
    public static long zerosOffset(int k, int n) {
        return sumsOffset(k, n) + paddedColumns(n) * Integer.BYTES;
    }

    /**
     * The size of a packed matrix.
     *
     * @param k its rows
     * @param n its columns
     * @return bytes
     */
    public static long byteSize(int k, int n) {
        return zerosOffset(k, n) + paddedColumns(n) * Integer.BYTES;
    }

    @Override
    public String id() {
        return "byte-panels" + COLUMNS;
    }

    @Override
    public void pack(Tensor source, MemorySegment target) {
        pack(source.segment(), (int) source.dim(0), (int) source.dim(1), source.dtype() == DType.INT8, target);
    }

    private void pack(MemorySegment source, int k, int n, boolean isSigned, MemorySegment target) {
        target.fill((byte) 0);
        int shift = isSigned ? 0 : SIGN;
        int[] sums = new int[n];
        byte[] rows = new byte[STEP * n];
        byte[] line = new byte[COLUMNS * STEP];
        long panelBytes = panelBytes(k);
        for (int row = 0; row < k; row += STEP) {
            int own = Math.min(STEP, k - row);
            MemorySegment.copy(source, ValueLayout.JAVA_BYTE, (long) row * n, rows, 0, own * n);
            for (int column = 0; column < n; column += COLUMNS) {
                int width = Math.min(COLUMNS, n - column);
                Arrays.fill(line, (byte) 0);
                for (int r = 0; r < own; r++) {
                    for (int j = 0; j < width; j++) {
                        byte value = (byte) (rows[r * n + column + j] - shift);
                        line[j * STEP + r] = value;
                        sums[column + j] += value;
                    }
                }
                long to = column / COLUMNS * panelBytes + (long) row * COLUMNS;
                MemorySegment.copy(line, 0, target, ValueLayout.JAVA_BYTE, to, line.length);
            }
        }
        for (int j = 0; j < n; j++) {
            target.set(ValueLayout.JAVA_INT, sumsOffset(k, n) + (long) j * Integer.BYTES, sums[j]);
            int zero = zeroPoints[zeroPoints.length == 1 ? 0 : j] - shift;
            target.set(ValueLayout.JAVA_INT, zerosOffset(k, n) + (long) j * Integer.BYTES, zero);
        }
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof BytePanelLayout l
                && signed == l.signed
                && pairsFit == l.pairsFit
                && Arrays.equals(zeroPoints, l.zeroPoints);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(zeroPoints) + (signed ? 1 : 0);
    }
}
