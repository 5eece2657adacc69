package dev.tenon.kernel.vector.pool;

import dev.tenon.budget.WorkBudget;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.pool.IndexedPoolProblem;
import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.stream.IntStream;

/**
 * Maxima of windows of float32 volumes and their indices. A vector holds as many neighbouring windows as it has lanes.
 * The elements of a window are compared in the order of memory, so that the first of equal ones is found. Rows are
 * copied to scratch memory in polyphase order, grouped by the remainder of their columns by the stride, so that a tap
 * of neighbouring windows is a vector. Padding is negative infinity, which replaces no maximum.
 */
public final class VectorIndexedPool implements Kernel {
    /** With so many elements in a row of taps the time of a part may be long. */
    private static final long ELEMENTS_PER_LOOK = 1 << 16;

    private static final int LANES = SimdSpecies.LANES;
    private static final long VECTOR = (long) LANES * Float.BYTES;
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG;
    private static final long PART_WORK = 100_000;
    private static final int TAPS_PER_NANO = 8;
    private static final int ELEMENTS_PER_NANO = 2;

    /** Roughly the elements of the rows in scratch memory, which the second-level cache holds. */
    private static final long BAND_ELEMENTS = 32 << 10;

    private final IndexedPoolProblem p;
    private final Window2d.Axis depth;
    private final Window2d.Axis rows;
    private final Window2d.Axis columns;
    private final RowPartition partition;
    private final long rowBytes;

    /** Bytes from the elements of one remainder to those of the next, and from row to row. */
    private final long phaseBytes;

    private final long pitch;

    /** The rows of windows whose input is in scratch memory at a time. */
    private final int band;

    /** The number of these bands in a slice. */
    private final int bands;

    /** For each tap its byte offset from the start of its row, and the distance of its index. */
    private final long[] tapOffsets;

    private final int[] tapIndices;

    /** For each window the index of its first tap, inside or outside the image, on row 0 of plane 0. */
    private final int[] windowIndices;

    /** For each window the distance from that index to the index of its first tap inside the row. */
    private final int[] firstTapIndices;

    /** The windows that have no tap inside the row. */
    private final int[] paddingWindows;

    /** The offsets in scratch memory of the maxima of a row of windows, and of their relative indices. */
    private final long maximaOffset;

    private final long indicesOffset;

    /** Whether the budget is looked at after each row of taps. */
    private final boolean looks;

    private VectorIndexedPool(IndexedPoolProblem p) {
        this.p = p;
        depth = p.window().depth();
        rows = p.window().plane().rows();
        columns = p.window().plane().columns();
        rowBytes = (long) columns.input() * Float.BYTES;
        int step = (int) p.columnStride();
        int width = Math.ceilDiv(columns.output(), LANES) * LANES;
        int stride = columns.stride();
        int slots = Math.max(
                width + (columns.kernel() - 1) * columns.dilation() / stride,
                (columns.input() - 1 + columns.padBegin()) / stride + 1);
        phaseBytes = (long) Math.ceilDiv(slots, LANES) * VECTOR;
        pitch = phaseBytes * stride;
        tapOffsets = IntStream.range(0, columns.kernel())
                .map(t -> t * columns.dilation())
                .mapToLong(i -> i % stride * phaseBytes + (long) i / stride * Float.BYTES)
                .toArray();
        tapIndices = IntStream.range(0, columns.kernel())
                .map(t -> t * columns.dilation() * step)
                .toArray();
        windowIndices =
                IntStream.range(0, width).map(j -> columns.start(j) * step).toArray();
        firstTapIndices = IntStream.range(0, width)
                .map(j -> columns.firstTap(j) * columns.dilation() * step)
                .toArray();
        paddingWindows = IntStream.range(0, columns.output())
                .filter(j -> columns.firstTap(j) >= columns.endTap(j))
                .toArray();
        looks = (long) columns.output() * columns.kernel() >= ELEMENTS_PER_LOOK;
        long perRow = (long) depth.kernel() * rows.stride() * (pitch / Float.BYTES);
        band = Math.clamp(BAND_ELEMENTS / perRow, 1, rows.output());
        maximaOffset = depth.kernel() * (long) inputRows(band) * pitch;
        indicesOffset = maximaOffset + (long) width * Float.BYTES;
        bands = Math.ceilDiv(rows.output(), band);
        partition = RowPartition.of(
                p.volumes() * depth.output() * bands,
                (columns.output() * p.window().taps() + perRow) * band,
                PART_WORK);
    }

    /** The most input rows that some rows of windows read. */
    private int inputRows(int windows) {
        return Math.min(rows.input(), (windows - 1) * rows.stride() + (rows.kernel() - 1) * rows.dilation() + 1);
    }

    /**
     * The kernel of a problem.
     *
     * @param p the pooling; operands are input, maxima, indices
     * @return the kernel
     */
    public static Kernel of(IndexedPoolProblem p) {
        return new VectorIndexedPool(p);
    }

    @Override
    public String id() {
        return "pool_f32_indexed_vector" + SimdSpecies.BITS;
    }

    @Override
    public int parts() {
        return partition.parts();
    }

    @Override
    public long partNanos() {
        long taps = columns.output() * p.window().taps() / TAPS_PER_NANO;
        long copied = (long) depth.kernel() * rows.stride() * (pitch / Float.BYTES) / ELEMENTS_PER_NANO;
        return 1 + partition.maxPartRows() * band * (taps + copied);
    }

    @Override
    public long scratchBytes() {
        return indicesOffset + (indicesOffset - maximaOffset);
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        for (long at = 0; at < maximaOffset; at += Float.BYTES) {
            scratch.set(F32, at, Float.NEGATIVE_INFINITY);
        }
        for (long part = partition.start(from); part < partition.start(to); part++) {
            long slice = part / bands;
            int row = (int) (part % bands) * band;
            int end = Math.min(rows.output(), row + band);
            poolBand(operands, slice / depth.output(), (int) (slice % depth.output()), row, end, scratch);
        }
    }

    /** Computes some rows of windows of a slice of a volume. */
    private void poolBand(MemorySegment[] operands, long volume, int slice, int from, int end, MemorySegment scratch) {
        int top = Math.clamp(rows.start(from), 0, rows.input());
        int bottom = Math.clamp(rows.start(end - 1) + (rows.kernel() - 1) * rows.dilation() + 1, top, rows.input());
        int firstPlane = depth.start(slice) + depth.firstTap(slice) * depth.dilation();
        int planes = Math.max(0, depth.endTap(slice) - depth.firstTap(slice));
        for (int d = 0; d < planes; d++) {
            long plane = (volume * depth.input() + firstPlane + (long) d * depth.dilation()) * rows.input();
            for (int i = top; i < bottom; i++) {
                IndexedPoolLoops.deinterleave(
                        operands[0],
                        (plane + i) * rowBytes,
                        columns,
                        scratch,
                        ((long) d * (bottom - top) + i - top) * pitch,
                        phaseBytes);
            }
        }
        for (int i = from; i < end; i++) {
            int first = rows.start(i) + rows.firstTap(i) * rows.dilation();
            int taps = Math.max(0, rows.endTap(i) - rows.firstTap(i));
            long line = (volume * depth.output() + slice) * rows.output() + i;
            if (planes == 0 || taps == 0) {
                storePaddingWindows(operands, line * columns.output());
                continue;
            }
            long start = firstPlane * p.depthStride() + first * p.rowStride();
            IndexedPoolLoops.initialise(scratch, maximaOffset, indicesOffset, firstTapIndices);
            for (int d = 0; d < planes; d++) {
                for (int r = 0; r < taps; r++) {
                    if (looks) {
                        WorkBudget.check();
                    }
                    IndexedPoolLoops.updateMaxima(
                            scratch,
                            ((long) d * (bottom - top) + first + (long) r * rows.dilation() - top) * pitch,
                            tapOffsets,
                            tapIndices,
                            (int) ((long) d * depth.dilation() * p.depthStride()
                                    + (long) r * rows.dilation() * p.rowStride()),
                            maximaOffset,
                            indicesOffset);
                }
            }
            storeRow(operands, volume * p.window().voxels() + start, scratch, line * columns.output());
        }
    }

    /** Writes a row of windows that cover padding only. */
    private void storePaddingWindows(MemorySegment[] operands, long to) {
        for (long i = to; i < to + columns.output(); i++) {
            operands[1].set(F32, i * Float.BYTES, Float.NEGATIVE_INFINITY);
            operands[2].set(I64, i * Long.BYTES, -1);
        }
    }

    private void storeRow(MemorySegment[] operands, long start, MemorySegment scratch, long to) {
        MemorySegment.copy(scratch, maximaOffset, operands[1], to * Float.BYTES, columns.output() * (long) Float.BYTES);
        IndexedPoolLoops.storeIndices(
                scratch, indicesOffset, windowIndices, start, columns.output(), operands[2], to * Long.BYTES);
        for (int j : paddingWindows) {
            operands[2].set(I64, (to + j) * Long.BYTES, -1);
        }
    }
}
