package dev.tenon.kernel.vector.pool;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.pool.IndexedPoolProblem;
import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.stream.IntStream;

/**
 * Maxima of windows of float32 volumes and where they lie. The elements of a window are looked at in the order of memory, so
 * that the first of equal ones is found, and those of as many windows as a vector has lanes together. For that, rows lie in
 * scratch memory with padding of negative infinity, which replaces nothing, and taken apart: first the elements of one
 * remainder of their place by the stride, then those of the next.
 */
public final class VectorIndexedPool implements Kernel {
    private static final int LANES = SimdSpecies.LANES;
    private static final long VECTOR = (long) LANES * Float.BYTES;
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG;
    private static final long PART_WORK = 100_000;
    private static final int TAPS_PER_NANO = 8;
    private static final int ELEMENTS_PER_NANO = 2;

    /** Elements of rows that lie in scratch memory together, about: the second-level cache holds them. */
    private static final long ELEMENTS = 32 << 10;

    private final IndexedPoolProblem p;
    private final Window2d.Axis depth;
    private final Window2d.Axis rows;
    private final Window2d.Axis columns;
    private final RowPartition split;
    private final long rowBytes;

    /** Bytes from the elements of one remainder to those of the next, and from row to row. */
    private final long apart;

    private final long pitch;

    /** Rows of windows whose elements lie in scratch memory together. */
    private final int band;

    /** How many of these a slice has. */
    private final int bands;

    /** Where the elements of each tap lie behind the start of their row, bytes, and how far apart their indices are. */
    private final long[] tapAt;

    private final int[] tapStep;

    /** The index of each window's first tap, in the padding or not, were it on the first row of the first plane. */
    private final int[] starts;

    /** The same of the first tap that lies on the row, counted from there. */
    private final int[] firsts;

    /** Windows of which no tap lies on the row. */
    private final int[] outside;

    /** Where the maxima of a row of windows lie in scratch memory, and what is added to get their indices. */
    private final long mostAt;

    private final long foundAt;

    private VectorIndexedPool(IndexedPoolProblem p) {
        this.p = p;
        depth = p.window().depth();
        rows = p.window().plane().rows();
        columns = p.window().plane().columns();
        rowBytes = (long) columns.input() * Float.BYTES;
        int step = (int) p.columnStep();
        int width = Math.ceilDiv(columns.output(), LANES) * LANES;
        int stride = columns.stride();
        int slots = Math.max(
                width + (columns.kernel() - 1) * columns.dilation() / stride,
                (columns.input() - 1 + columns.padBegin()) / stride + 1);
        apart = (long) Math.ceilDiv(slots, LANES) * VECTOR;
        pitch = apart * stride;
        tapAt = IntStream.range(0, columns.kernel())
                .map(t -> t * columns.dilation())
                .mapToLong(i -> i % stride * apart + (long) i / stride * Float.BYTES)
                .toArray();
        tapStep = IntStream.range(0, columns.kernel())
                .map(t -> t * columns.dilation() * step)
                .toArray();
        starts = IntStream.range(0, width).map(j -> columns.start(j) * step).toArray();
        firsts = IntStream.range(0, width)
                .map(j -> columns.firstTap(j) * columns.dilation() * step)
                .toArray();
        outside = IntStream.range(0, columns.output())
                .filter(j -> columns.firstTap(j) >= columns.endTap(j))
                .toArray();
        long perRow = (long) depth.kernel() * rows.stride() * (pitch / Float.BYTES);
        band = Math.clamp(ELEMENTS / perRow, 1, rows.output());
        mostAt = depth.kernel() * (long) reached(band) * pitch;
        foundAt = mostAt + (long) width * Float.BYTES;
        bands = Math.ceilDiv(rows.output(), band);
        split = RowPartition.of(
                p.volumes() * depth.output() * bands,
                (columns.output() * p.window().taps() + perRow) * band,
                PART_WORK);
    }

    /** The rows that some rows of windows reach, at most. */
    private int reached(int windows) {
        return Math.min(rows.input(), (windows - 1) * rows.stride() + (rows.kernel() - 1) * rows.dilation() + 1);
    }

    /**
     * A kernel.
     *
     * @param p the volumes; operands are input, maxima, indices
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
        return split.parts();
    }

    @Override
    public long partNanos() {
        long taps = columns.output() * p.window().taps() / TAPS_PER_NANO;
        long copied = (long) depth.kernel() * rows.stride() * (pitch / Float.BYTES) / ELEMENTS_PER_NANO;
        return 1 + split.most() * band * (taps + copied);
    }

    @Override
    public long scratchBytes() {
        return foundAt + (foundAt - mostAt);
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        for (long at = 0; at < mostAt; at += Float.BYTES) {
            scratch.set(F32, at, Float.NEGATIVE_INFINITY);
        }
        for (long part = split.start(from); part < split.start(to); part++) {
            long slice = part / bands;
            int row = (int) (part % bands) * band;
            int end = Math.min(rows.output(), row + band);
            band(operands, slice / depth.output(), (int) (slice % depth.output()), row, end, scratch);
        }
    }

    /** Computes rows of windows of a slice of a volume. */
    private void band(MemorySegment[] operands, long volume, int slice, int from, int end, MemorySegment scratch) {
        int top = Math.clamp(rows.start(from), 0, rows.input());
        int bottom = Math.clamp(rows.start(end - 1) + (rows.kernel() - 1) * rows.dilation() + 1, top, rows.input());
        int firstPlane = depth.start(slice) + depth.firstTap(slice) * depth.dilation();
        int planes = Math.max(0, depth.endTap(slice) - depth.firstTap(slice));
        for (int d = 0; d < planes; d++) {
            long plane = (volume * depth.input() + firstPlane + (long) d * depth.dilation()) * rows.input();
            for (int i = top; i < bottom; i++) {
                IndexedPoolLoops.apart(
                        operands[0],
                        (plane + i) * rowBytes,
                        columns,
                        scratch,
                        ((long) d * (bottom - top) + i - top) * pitch,
                        apart);
            }
        }
        for (int i = from; i < end; i++) {
            int first = rows.start(i) + rows.firstTap(i) * rows.dilation();
            int taps = Math.max(0, rows.endTap(i) - rows.firstTap(i));
            long line = (volume * depth.output() + slice) * rows.output() + i;
            if (planes == 0 || taps == 0) {
                nothing(operands, line * columns.output());
                continue;
            }
            long start = firstPlane * p.depthStep() + first * p.rowStep();
            IndexedPoolLoops.start(scratch, mostAt, foundAt, firsts);
            for (int d = 0; d < planes; d++) {
                for (int r = 0; r < taps; r++) {
                    IndexedPoolLoops.row(
                            scratch,
                            ((long) d * (bottom - top) + first + (long) r * rows.dilation() - top) * pitch,
                            tapAt,
                            tapStep,
                            (int) ((long) d * depth.dilation() * p.depthStep()
                                    + (long) r * rows.dilation() * p.rowStep()),
                            mostAt,
                            foundAt);
                }
            }
            finish(operands, volume * p.window().voxels() + start, scratch, line * columns.output());
        }
    }

    /** Writes a row of windows that lie on padding alone. */
    private void nothing(MemorySegment[] operands, long to) {
        for (long i = to; i < to + columns.output(); i++) {
            operands[1].set(F32, i * Float.BYTES, Float.NEGATIVE_INFINITY);
            operands[2].set(I64, i * Long.BYTES, -1);
        }
    }

    private void finish(MemorySegment[] operands, long start, MemorySegment scratch, long to) {
        MemorySegment.copy(scratch, mostAt, operands[1], to * Float.BYTES, columns.output() * (long) Float.BYTES);
        IndexedPoolLoops.indices(scratch, foundAt, starts, start, columns.output(), operands[2], to * Long.BYTES);
        for (int j : outside) {
            operands[2].set(I64, (to + j) * Long.BYTES, -1);
        }
    }
}
