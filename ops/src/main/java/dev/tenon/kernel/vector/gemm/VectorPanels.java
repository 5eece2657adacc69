package dev.tenon.kernel.vector.gemm;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;

import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Objects;
import jdk.incubator.vector.FloatVector;

/**
 * Packs the right operand of {@link VectorGemm}, a float32 matrix {@code [k,n]}, into panels: {@code ceil(n / COLUMNS)}
 * panels, each k rows of {@link #COLUMNS} neighbouring columns, the last one padded with zeros. Every product with a
 * matrix reads this layout, whatever its number of rows.
 */
public final class VectorPanels {
    /** The columns of a panel, two vectors. */
    public static final int COLUMNS = GemmTile.COLUMNS;

    private static final int LANES = SimdSpecies.LANES;
    private static final long ROW_BYTES = COLUMNS * (long) Float.BYTES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT_UNALIGNED;
    private static final ValueLayout.OfLong PAIR = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final long LOW = 0xFFFF_FFFFL;

    /** The terms that are transposed at a time: their rows of a panel stay in the first-level cache. */
    private static final int STRIP = 128;

    /** The elements of a staging array, several panels wide: they stay in the second-level cache. */
    private static final int STAGING_ELEMENTS = 1 << 15;

    private VectorPanels() {}

    /** The number of panels of a matrix with n columns. */
    public static int panels(int n) {
        return Math.ceilDiv(n, COLUMNS);
    }

    /** The bytes of one panel. */
    public static long panelBytes(int k) {
        return k * ROW_BYTES;
    }

    /** The byte offset of a row of a panel. */
    public static long offset(int k, int panel, int row) {
        return Math.multiplyExact(panel, panelBytes(k)) + row * ROW_BYTES;
    }

    /**
     * The size of a packed matrix.
     *
     * @param k its rows, at least 0
     * @param n its columns, at least 0
     * @return bytes
     */
    public static long byteSize(int k, int n) {
        return Math.multiplyExact(panels(n), panelBytes(k));
    }

    /**
     * Packs a matrix that is stored as {@code [k,n]}. The source need not be aligned. It is only copied from in bulk,
     * unless it is native and not mapped; such a source is packed without allocation.
     *
     * @param source the matrix, float32 in native byte order, in memory of any kind
     * @param sourceOffset the byte offset of its first element
     * @param ld elements from a row of the source to the next
     * @param k rows of the matrix, at least 0
     * @param n columns of the matrix, at least 0
     * @param target native memory that is not mapped
     * @param targetOffset the offset of the {@link #byteSize} packed bytes
     * @throws IndexOutOfBoundsException if a matrix exceeds its memory
     */
    public static void pack(
            MemorySegment source, long sourceOffset, long ld, int k, int n, MemorySegment target, long targetOffset) {
        long bytes = byteSize(k, n);
        Objects.checkFromIndexSize(targetOffset, bytes, target.byteSize());
        if (bytes == 0) {
            return;
        }
        checkSource(source, sourceOffset, ld, k, n);
        if (source.isNative() && !source.isMapped()) {
            packRows(source, sourceOffset, ld * Float.BYTES, k, n, target, targetOffset);
        } else {
            packRowsByStaging(source, sourceOffset, ld * Float.BYTES, k, n, target, targetOffset);
        }
    }

    /**
     * Packs a matrix that is stored transposed, as {@code [n,k]}.
     *
     * @param source as in {@link #pack}
     * @param sourceOffset as in {@link #pack}
     * @param ld elements from a row of the source, which is a column of the matrix, to the next
     * @param k rows of the matrix, at least 0
     * @param n columns of the matrix, at least 0
     * @param target as in {@link #pack}
     * @param targetOffset as in {@link #pack}
     * @throws IndexOutOfBoundsException if a matrix exceeds its memory
     */
    public static void packTransposed(
            MemorySegment source, long sourceOffset, long ld, int k, int n, MemorySegment target, long targetOffset) {
        long bytes = byteSize(k, n);
        Objects.checkFromIndexSize(targetOffset, bytes, target.byteSize());
        if (bytes == 0) {
            return;
        }
        checkSource(source, sourceOffset, ld, n, k);
        if (!source.isNative() || source.isMapped()) {
            packTransposedByStaging(source, sourceOffset, ld * Float.BYTES, k, n, target, targetOffset);
            return;
        }
        for (int panel = 0; panel < panels(n); panel++) {
            int width = Math.min(COLUMNS, n - panel * COLUMNS);
            long from = sourceOffset + (long) panel * COLUMNS * ld * Float.BYTES;
            transpose(source, from, ld * Float.BYTES, k, width, target, targetOffset + offset(k, panel, 0));
        }
    }

    private static void checkSource(MemorySegment source, long sourceOffset, long ld, long rows, long columns) {
        long extent = Math.addExact(Math.multiplyExact(rows - 1, ld), columns);
        Objects.checkFromIndexSize(sourceOffset, Math.multiplyExact(extent, Float.BYTES), source.byteSize());
    }

    private static void packRows(
            MemorySegment source,
            long sourceOffset,
            long sourceRow,
            int k,
            int n,
            MemorySegment target,
            long targetOffset) {
        for (int panel = 0; panel < panels(n); panel++) {
            int width = Math.min(COLUMNS, n - panel * COLUMNS);
            long from = sourceOffset + panel * ROW_BYTES;
            long to = targetOffset + offset(k, panel, 0);
            if (width == COLUMNS) {
                copyFull(source, from, sourceRow, k, target, to);
            } else {
                copyPartial(source, from, sourceRow, k, width, target, to);
            }
        }
    }

    private static void copyFull(
            MemorySegment source, long from, long sourceRow, int k, MemorySegment target, long to) {
        source = NATIVE.cast(source);
        target = NATIVE.cast(target);
        for (int p = 0; p < k; p++) {
            long at = from + p * sourceRow;
            long row = to + p * ROW_BYTES;
            FLOATS.cast(FloatVector.fromMemorySegment(F32, source, at, ORDER)).intoMemorySegment(target, row, ORDER);
            FLOATS.cast(FloatVector.fromMemorySegment(F32, source, at + ROW_BYTES / 2, ORDER))
                    .intoMemorySegment(target, row + ROW_BYTES / 2, ORDER);
        }
    }

    private static void copyPartial(
            MemorySegment source, long from, long sourceRow, int k, int width, MemorySegment target, long to) {
        source = NATIVE.cast(source);
        target = NATIVE.cast(target);
        for (int p = 0; p < k; p++) {
            long at = from + p * sourceRow;
            long row = to + p * ROW_BYTES;
            int j = 0;
            if (width >= LANES) {
                FLOATS.cast(FloatVector.fromMemorySegment(F32, source, at, ORDER))
                        .intoMemorySegment(target, row, ORDER);
                j = LANES;
            }
            for (; j < width; j++) {
                target.set(SCALAR, row + (long) j * Float.BYTES, source.get(SCALAR, at + (long) j * Float.BYTES));
            }
            zeroTail(target, row, width);
        }
    }

    /** Pads a row of a panel with zeros. */
    private static void zeroTail(MemorySegment target, long row, int width) {
        for (int j = width; j < COLUMNS; j++) {
            target.set(SCALAR, row + (long) j * Float.BYTES, 0);
        }
    }

    /** Writes one panel from a native source whose rows are the panel's columns. */
    private static void transpose(
            MemorySegment source, long from, long sourceRow, int k, int width, MemorySegment target, long to) {
        for (int p0 = 0; p0 < k; p0 += STRIP) {
            int p1 = Math.min(k, p0 + STRIP);
            int j = 0;
            for (; j + 1 < width; j += 2) {
                transposePair(source, from + j * sourceRow, sourceRow, p0, p1, target, to + (long) j * Float.BYTES);
            }
            for (; j < COLUMNS; j++) {
                long column = to + (long) j * Float.BYTES;
                for (int p = p0; p < p1; p++) {
                    float x = j < width ? source.get(SCALAR, from + j * sourceRow + (long) p * Float.BYTES) : 0;
                    target.set(SCALAR, column + p * ROW_BYTES, x);
                }
            }
        }
    }

    /** Writes two columns of a panel, two terms at a time. */
    private static void transposePair(
            MemorySegment source, long from, long sourceRow, int p0, int p1, MemorySegment target, long to) {
        int p = p0;
        for (; p + 1 < p1; p += 2) {
            long at = from + (long) p * Float.BYTES;
            long first = source.get(PAIR, at);
            long second = source.get(PAIR, at + sourceRow);
            long row = to + p * ROW_BYTES;
            target.set(PAIR, row, (first & LOW) | (second << 32));
            target.set(PAIR, row + ROW_BYTES, (first >>> 32) | (second & ~LOW));
        }
        if (p < p1) {
            long at = from + (long) p * Float.BYTES;
            target.set(SCALAR, to + p * ROW_BYTES, source.get(SCALAR, at));
            target.set(SCALAR, to + p * ROW_BYTES + Float.BYTES, source.get(SCALAR, at + sourceRow));
        }
    }

    /**
     * Copies through arrays. A copy between arrays is fast even before anything is compiled; a copy of few bytes
     * between segments is not.
     */
    private static void packRowsByStaging(
            MemorySegment source,
            long sourceOffset,
            long sourceRow,
            int k,
            int n,
            MemorySegment target,
            long targetOffset) {
        int wide = Math.min(n, STAGING_ELEMENTS);
        int strip = Math.clamp(STAGING_ELEMENTS / wide, 1, k);
        float[] rows = new float[strip * wide];
        float[] panelRows = new float[strip * COLUMNS];
        for (int column = 0; column < n; column += wide) {
            int columns = Math.min(wide, n - column);
            for (int p = 0; p < k; p += strip) {
                int terms = Math.min(strip, k - p);
                long from = sourceOffset + p * sourceRow + (long) column * Float.BYTES;
                for (int r = 0; r < terms; r++) {
                    MemorySegment.copy(source, SCALAR, from + r * sourceRow, rows, r * wide, columns);
                }
                for (int j = 0; j < columns; j += COLUMNS) {
                    int width = Math.min(COLUMNS, columns - j);
                    for (int r = 0; r < terms; r++) {
                        System.arraycopy(rows, r * wide + j, panelRows, r * COLUMNS, width);
                        Arrays.fill(panelRows, r * COLUMNS + width, (r + 1) * COLUMNS, 0);
                    }
                    long to = targetOffset + offset(k, (column + j) / COLUMNS, p);
                    MemorySegment.copy(panelRows, 0, target, SCALAR, to, terms * COLUMNS);
                }
            }
        }
    }

    /** Transposes through native memory, a strip of terms of one panel at a time. */
    private static void packTransposedByStaging(
            MemorySegment source,
            long sourceOffset,
            long sourceRow,
            int k,
            int n,
            MemorySegment target,
            long targetOffset) {
        int strip = Math.min(k, GemmTile.DEPTH);
        long stagedRow = strip * (long) Float.BYTES;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment staged = arena.allocate(COLUMNS * stagedRow, 64);
            for (int panel = 0; panel < panels(n); panel++) {
                int width = Math.min(COLUMNS, n - panel * COLUMNS);
                for (int p = 0; p < k; p += strip) {
                    int terms = Math.min(strip, k - p);
                    long from = sourceOffset + (long) panel * COLUMNS * sourceRow + (long) p * Float.BYTES;
                    for (int j = 0; j < width; j++) {
                        long bytes = terms * (long) Float.BYTES;
                        MemorySegment.copy(source, from + j * sourceRow, staged, j * stagedRow, bytes);
                    }
                    transpose(staged, 0, stagedRow, terms, width, target, targetOffset + offset(k, panel, p));
                }
            }
        }
    }
}
