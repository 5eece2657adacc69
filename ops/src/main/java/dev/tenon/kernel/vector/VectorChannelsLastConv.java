package dev.tenon.kernel.vector;

import dev.tenon.kernel.ChannelsLastConvProblem;
import dev.tenon.kernel.ConvProblem;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.TileEpilogue;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Convolution of float32 planes whose channels lie last, as the product of windows, {@code [windows, terms]}, with the
 * weights, {@code [terms, outputs]}, which are packed in panels and stay in the second-level cache. The rows of a tile are
 * put together by {@link WindowRows} once for all panels. A part is some windows with all their channels. Each element is
 * one chain of fused multiply-adds, to which the bias is added. A weight that is not finite makes NaN of padding.
 */
public final class VectorChannelsLastConv implements Kernel {
    private static final VectorSpecies<Float> S = VectorShape.F32;
    private static final int LANES = S.length();
    private static final long VECTOR = (long) LANES * Float.BYTES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final int COLUMNS = GemmTile.COLUMNS;
    private static final int ROWS = GemmTile.ROWS;

    /** Bytes of the output, about, that the epilogue finds in the nearest cache. */
    private static final int NEAR_BYTES = 16 << 10;

    private static final int LEAST_ROWS = Math.ceilDiv(24, ROWS) * ROWS;

    private static final int MOST_ROWS = 1 << 12;

    /** Multiply-adds of a part, where there are enough rows: about ten microseconds. */
    private static final long PART_WORK = 1 << 19;

    private final ConvProblem p;
    private final float least;
    private final float greatest;
    private final WindowRows source;
    private final int windows;
    private final int terms;
    private final int partRows;
    /** Rows of the output that lie near together. */
    private final int nearRows;

    private final int parts;
    private final int panels;
    /** Where the rows of a panel lie, for tiles of one vector. */
    private final int[] places;

    private final TileEpilogue epilogue;

    private VectorChannelsLastConv(ChannelsLastConvProblem problem) {
        p = problem.conv();
        least = problem.least();
        greatest = problem.greatest();
        windows = Math.toIntExact(p.instances() * p.window().windows());
        terms = (int) p.terms();
        source = new WindowRows(p.window(), p.inputs());
        panels = VectorPanels.panels(p.outputs());
        nearRows = NEAR_BYTES / Float.BYTES / p.outputs();
        int rows = Math.clamp(PART_WORK / ((long) terms * p.outputs()), LEAST_ROWS, MOST_ROWS) / ROWS * ROWS;
        parts = Math.ceilDiv(windows, rows);
        partRows = Math.ceilDiv(Math.ceilDiv(windows, parts), ROWS) * ROWS;
        places = new int[terms];
        for (int i = 0; i < terms; i++) {
            places[i] = i * COLUMNS * Float.BYTES;
        }
        epilogue = TileEpilogue.behind(p.epilogue(), ownBytes());
    }

    /**
     * The kernel of a convolution.
     *
     * @param p a convolution of one group, its weights in panels, a window of at most {@link GemmTile#DEPTH} terms
     * @return the kernel
     */
    public static Kernel of(ChannelsLastConvProblem p) {
        return new VectorChannelsLastConv(p);
    }

    @Override
    public String id() {
        return TileEpilogue.id(epilogue, "conv_f32_last_direct_vector" + VectorShape.BITS);
    }

    @Override
    public int parts() {
        return parts;
    }

    @Override
    public long partNanos() {
        return 1 + (long) partRows * terms * (p.outputs() + LANES) / (3L * LANES);
    }

    @Override
    public long scratchBytes() {
        return TileEpilogue.scratchBytes(epilogue, ownBytes());
    }

    /** The bias, or zeros, up to whole panels. */
    private long ownBytes() {
        return (long) panels * COLUMNS * Float.BYTES;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        start(operands, scratch);
        MemorySegment y = operands[p.output()];
        long rowBytes = (long) p.outputs() * Float.BYTES;
        GemmScratch arrays = GemmScratch.take();
        try {
            for (int part = from; part < to; part++) {
                int first = part * partRows;
                int end = Math.min(windows, first + partRows);
                int open = first;
                for (int row = first; row < end; row += ROWS) {
                    int rows = Math.min(ROWS, end - row);
                    source.copy(operands[0], row, rows, 0, terms, arrays.rows);
                    tile(operands[1], rows, end - row - rows, y, row * rowBytes, scratch, arrays);
                    int done = row + rows;
                    // What vectors wrote behind the last row is still to be written over: it is no element yet.
                    if (epilogue != null && (done - open >= nearRows || done == end)) {
                        int channels = p.outputs();
                        epilogue.apply(y, open * rowBytes, done - open, channels, channels, operands, scratch);
                        open = done;
                    }
                }
            }
        } finally {
            arrays.give();
        }
    }

    private void start(MemorySegment[] operands, MemorySegment scratch) {
        long given = p.bias() < 0 ? 0 : (long) p.outputs() * Float.BYTES;
        if (given > 0) {
            MemorySegment.copy(operands[p.bias()], 0, scratch, 0, given);
        }
        scratch.asSlice(given, ownBytes() - given).fill((byte) 0);
    }

    /**
     * Multiplies the rows of a tile with all panels. The last panel comes first: what its vectors write beyond the end of
     * a row is written again, and nothing is written beyond the part.
     *
     * @param behind the rows of the part behind the tile
     */
    private void tile(
            MemorySegment w, int rows, int behind, MemorySegment y, long at, MemorySegment scratch, GemmScratch g) {
        for (int i = 0; i < panels; i++) {
            int panel = i == 0 ? panels - 1 : i - 1;
            int columns = Math.min(COLUMNS, p.outputs() - panel * COLUMNS);
            long weights = VectorPanels.offset(terms, panel, 0);
            if (columns <= LANES) {
                TapTile.multiplyHalf(rows, g.rows, w, weights, places, 0, terms, g.tile);
            } else {
                GemmTile.multiply(rows, g.rows, w, weights, terms, g.tile);
            }
            long shift = (long) panel * COLUMNS * Float.BYTES;
            int beyond = Math.ceilDiv(columns, LANES) * LANES - columns;
            int whole = Math.clamp(rows - (long) (Math.ceilDiv(beyond, p.outputs()) - behind), 0, rows);
            put(g.tile, whole, columns, scratch, shift, y, at + shift);
            for (int r = whole; r < rows; r++) {
                putExactly(g.tile, r, columns, scratch, shift, y, at + shift);
            }
        }
    }

    /** Writes rows of a tile, the bias added and within bounds, in whole vectors. */
    private void put(float[] tile, int rows, int columns, MemorySegment s, long bias, MemorySegment y, long at) {
        long rowBytes = (long) p.outputs() * Float.BYTES;
        if (columns <= LANES) {
            putHalf(tile, rows, s, bias, least, greatest, y, at, rowBytes);
        } else {
            putWhole(tile, rows, s, bias, least, greatest, y, at, rowBytes);
        }
    }

    private static void putHalf(
            float[] tile,
            int rows,
            MemorySegment s,
            long bias,
            float least,
            float greatest,
            MemorySegment y,
            long at,
            long rowBytes) {
        for (int r = 0; r < rows; r++) {
            FloatVector v =
                    FloatVector.fromArray(S, tile, r * COLUMNS).add(FloatVector.fromMemorySegment(S, s, bias, ORDER));
            v = v.blend(least, v.compare(VectorOperators.LT, least));
            v.blend(greatest, v.compare(VectorOperators.GT, greatest)).intoMemorySegment(y, at + r * rowBytes, ORDER);
        }
    }

    private static void putWhole(
            float[] tile,
            int rows,
            MemorySegment s,
            long bias,
            float least,
            float greatest,
            MemorySegment y,
            long at,
            long rowBytes) {
        for (int r = 0; r < rows; r++) {
            long to = at + r * rowBytes;
            FloatVector v =
                    FloatVector.fromArray(S, tile, r * COLUMNS).add(FloatVector.fromMemorySegment(S, s, bias, ORDER));
            FloatVector w = FloatVector.fromArray(S, tile, r * COLUMNS + LANES)
                    .add(FloatVector.fromMemorySegment(S, s, bias + VECTOR, ORDER));
            v = v.blend(least, v.compare(VectorOperators.LT, least));
            w = w.blend(least, w.compare(VectorOperators.LT, least));
            v.blend(greatest, v.compare(VectorOperators.GT, greatest)).intoMemorySegment(y, to, ORDER);
            w.blend(greatest, w.compare(VectorOperators.GT, greatest)).intoMemorySegment(y, to + VECTOR, ORDER);
        }
    }

    /** Writes a row, and nothing behind it. */
    private void putExactly(float[] tile, int row, int columns, MemorySegment s, long bias, MemorySegment y, long at) {
        for (int j = 0; j < columns; j++) {
            long shift = (long) j * Float.BYTES;
            float value = tile[row * COLUMNS + j] + s.get(F32, bias + shift);
            value = value < least ? least : value;
            value = value > greatest ? greatest : value;
            y.set(F32, at + row * (long) p.outputs() * Float.BYTES + shift, value);
        }
    }
}
