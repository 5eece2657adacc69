package dev.tenon.kernel.vector;

import dev.tenon.kernel.ConvProblem;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.TileEpilogue;
import dev.tenon.kernel.Window2d;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Convolution of float32 planes as a matrix product: the weights of a group, {@code [outputs, terms]}, times windows
 * as columns, {@code [terms, windows]}, which are laid out as panels of {@link VectorPanels} right away. The product
 * is the output as it lies. The weights stay as they are, since {@link VectorGemm} reads its left operand row by row.
 *
 * <p>A part is some windows and some output channels of one group of one instance. The panels of its windows are made
 * in scratch by each part, but once for parts of the same windows that one run computes. A weight that is not finite
 * makes NaN of padding.
 */
public final class VectorConv implements Kernel {
    private static final VectorSpecies<Float> S = VectorShape.F32;
    private static final int LANES = S.length();
    private static final long VECTOR = (long) LANES * Float.BYTES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final int COLUMNS = VectorPanels.COLUMNS;

    /** Bytes of panels that a part makes at most, where one panel is not more. */
    private static final long PANEL_BYTES = 1 << 19;

    /** Multiplications of a part that are worth its while. */
    private static final long PART_WORK = 1 << 21;

    private static final int LEAST_PANELS = 4;
    private static final int PARTS = 8;
    private static final int LEAST_ROWS = 64;

    private final ConvProblem p;
    private final PaddedPlane plane;
    private final boolean identity;
    private final int terms;
    private final int windows;
    private final int block;
    private final int blocks;
    private final int rows;
    private final int rowBlocks;
    private final int planeRows;
    private final VectorGemm[] gemm;
    private final TileEpilogue epilogue;

    /** Runs of neighbouring windows in a row of the output, cut at the borders of panels: row, column and length. */
    private final int[] runs;

    private final int[] firstRun;

    private VectorConv(ConvProblem p) {
        this.p = p;
        Window2d.Axis r = p.window().rows();
        plane = new PaddedPlane(p.window().columns(), 0);
        identity = p.window().isIdentity();
        terms = (int) p.terms();
        windows = (int) p.window().windows();
        int panels = VectorPanels.panels(windows);
        int planes = p.instances() * p.groups();
        long panelWork = (long) p.outputs() * terms * COLUMNS;
        long most = Math.max(1, PANEL_BYTES / VectorPanels.panelBytes(terms));
        long few = Math.min(most, Math.max(LEAST_PANELS, Math.ceilDiv(PART_WORK, panelWork)));
        int count = (int) Math.max(1, Math.ceilDiv(panels, few));
        int each = Math.ceilDiv(panels, count);
        block = (int) Math.min(windows, (long) each * COLUMNS);
        blocks = Math.ceilDiv(windows, block);
        int wanted = Math.ceilDiv(PARTS, Math.max(1, Math.min(PARTS, planes * blocks)));
        int cuts = Math.clamp(p.outputs() / LEAST_ROWS, 1, wanted);
        rows = Math.min(p.outputs(), Math.ceilDiv(Math.ceilDiv(p.outputs(), cuts), GemmTile.ROWS) * GemmTile.ROWS);
        rowBlocks = Math.ceilDiv(p.outputs(), rows);
        int lastRows = p.outputs() - (rowBlocks - 1) * rows;
        int lastBlock = windows - (blocks - 1) * block;
        gemm = new VectorGemm[] {
            new VectorGemm(rows, block, terms),
            new VectorGemm(rows, lastBlock, terms),
            new VectorGemm(lastRows, block, terms),
            new VectorGemm(lastRows, lastBlock, terms)
        };
        int width = p.window().columns().output();
        int outputRows = Math.min(r.output(), (block - 2) / width + 2);
        planeRows = identity ? 0 : (outputRows - 1) * r.stride() + (r.kernel() - 1) * r.dilation() + 1;
        firstRun = new int[panels + 1];
        runs = identity ? new int[0] : runs(width, panels);
        Math.multiplyExact(Math.multiplyExact(planes, blocks), rowBlocks);
        epilogue = TileEpilogue.behind(p.epilogue(), ownBytes());
    }

    /**
     * The kernel of a convolution.
     *
     * @param p the convolution
     * @return the kernel
     */
    public static Kernel of(ConvProblem p) {
        return new VectorConv(p);
    }

    private int[] runs(int width, int panels) {
        int[] made = new int[3 * (panels + windows / width + 1)];
        int n = 0;
        for (int panel = 0; panel < panels; panel++) {
            int window = panel * COLUMNS;
            int end = Math.min(windows, window + COLUMNS);
            while (window < end) {
                int length = Math.min(end - window, width - window % width);
                made[n++] = window / width;
                made[n++] = window % width;
                made[n++] = length;
                window += length;
            }
            firstRun[panel + 1] = n;
        }
        return made;
    }

    @Override
    public String id() {
        return TileEpilogue.id(epilogue, "conv_f32_gemm_vector" + VectorShape.BITS);
    }

    @Override
    public int parts() {
        return p.instances() * p.groups() * blocks * rowBlocks;
    }

    @Override
    public long partNanos() {
        return gemm[0].partNanos() * gemm[0].parts() + (long) terms * block / LANES;
    }

    @Override
    public long scratchBytes() {
        return TileEpilogue.scratchBytes(epilogue, ownBytes());
    }

    private long ownBytes() {
        return planeAt() + planeRows * rowBytes() + (identity ? 0 : VECTOR);
    }

    private long planeAt() {
        return VectorPanels.byteSize(terms, block);
    }

    private long rowBytes() {
        return p.window().columns().stride() * plane.runBytes();
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        int made = -1;
        for (int part = from; part < to; part++) {
            int columns = part / rowBlocks;
            if (columns != made) {
                pack(operands[0], columns / blocks, columns % blocks, scratch);
                made = columns;
            }
            multiply(operands, columns / blocks, columns % blocks, part % rowBlocks, scratch);
        }
    }

    private void multiply(MemorySegment[] operands, int group, int column, int row, MemorySegment panels) {
        int last = (row == rowBlocks - 1 ? 2 : 0) + (column == blocks - 1 ? 1 : 0);
        int m = row == rowBlocks - 1 ? p.outputs() - row * rows : rows;
        int n = column == blocks - 1 ? windows - column * block : block;
        long channel = (long) group % p.groups() * p.outputs() + (long) row * rows;
        MemorySegment y = operands[p.output()];
        long at = (((long) group * p.outputs() + (long) row * rows) * windows + (long) column * block) * Float.BYTES;
        if (p.bias() >= 0) {
            for (int i = 0; i < m; i++) {
                float bias = operands[p.bias()].get(F32, (channel + i) * Float.BYTES);
                fill(y, at + (long) i * windows * Float.BYTES, n, bias);
            }
        }
        VectorGemm g = gemm[last];
        long weights = channel * terms * Float.BYTES;
        boolean bias = p.bias() >= 0;
        MemorySegment w = operands[1];
        int all = g.parts();
        g.run(0, all, w, weights, terms, panels, 0, y, at, windows, null, 0, bias, epilogue, operands, panels);
    }

    private static void fill(MemorySegment y, long at, int count, float value) {
        int i = 0;
        FloatVector v = FloatVector.broadcast(S, value);
        for (; i <= count - LANES; i += LANES) {
            v.intoMemorySegment(y, at + (long) i * Float.BYTES, ORDER);
        }
        for (; i < count; i++) {
            y.set(F32, at + (long) i * Float.BYTES, value);
        }
    }

    private void pack(MemorySegment x, int group, int column, MemorySegment scratch) {
        int first = column * block;
        int n = Math.min(block, windows - first);
        long channel = (long) group * p.inputs();
        if (identity) {
            long at = (channel * windows + first) * Float.BYTES;
            VectorPanels.pack(x, at, windows, false, terms, n, scratch, 0);
            return;
        }
        int taps = (int) p.window().taps();
        int firstRow = first / p.window().columns().output();
        int lastRow = (first + n - 1) / p.window().columns().output();
        for (int c = 0; c < p.inputs(); c++) {
            copyRows(x, (channel + c) * p.window().pixels() * Float.BYTES, firstRow, lastRow, scratch);
            for (int tap = 0; tap < taps; tap++) {
                packTap(firstRow, first / COLUMNS, VectorPanels.panels(n), c * taps + tap, tap, scratch);
            }
        }
    }

    private void copyRows(MemorySegment x, long at, int firstRow, int lastRow, MemorySegment scratch) {
        Window2d.Axis r = p.window().rows();
        long inputBytes = (long) p.window().columns().input() * Float.BYTES;
        int count = (lastRow - firstRow) * r.stride() + (r.kernel() - 1) * r.dilation() + 1;
        for (int i = 0; i < count; i++) {
            int row = r.start(firstRow) + i;
            long to = planeAt() + i * rowBytes();
            if (row >= 0 && row < r.input()) {
                plane.copy(x, at + row * inputBytes, scratch, to, plane.runBytes());
            } else {
                plane.clear(scratch, to, plane.runBytes());
            }
        }
    }

    /** Writes what one tap of one channel sees of the windows of some panels. */
    private void packTap(int firstRow, int firstPanel, int panels, int term, int tap, MemorySegment scratch) {
        Window2d.Axis r = p.window().rows();
        Window2d.Axis c = p.window().columns();
        int column = tap % c.kernel() * c.dilation();
        long from = planeAt()
                + (long) tap / c.kernel() * r.dilation() * rowBytes()
                + column % c.stride() * plane.runBytes()
                + (long) column / c.stride() * Float.BYTES;
        long rowStep = r.stride() * rowBytes();
        for (int i = 0; i < panels; i++) {
            long to = VectorPanels.offset(terms, i, term);
            int end = firstRun[firstPanel + i + 1];
            for (int run = firstRun[firstPanel + i]; run < end; run += 3) {
                long at = from + (runs[run] - firstRow) * rowStep + (long) runs[run + 1] * Float.BYTES;
                long bytes = (long) runs[run + 2] * Float.BYTES;
                if (term < terms - 1) {
                    copyBeyond(scratch, at, to, bytes);
                } else {
                    copy(scratch, at, to, bytes);
                }
                to += bytes;
            }
        }
    }

    /**
     * Copies whole vectors, so that elements behind the run are overwritten, fewer than a vector has: those of the next
     * run or of the panel's next term, which are written later.
     */
    private static void copyBeyond(MemorySegment s, long from, long to, long bytes) {
        for (long i = 0; i < bytes; i += VECTOR) {
            FloatVector.fromMemorySegment(S, s, from + i, ORDER).intoMemorySegment(s, to + i, ORDER);
        }
    }

    /** Copies the elements of a run alone: behind a panel's last term lies the next panel. */
    private static void copy(MemorySegment s, long from, long to, long bytes) {
        for (long i = 0; i < bytes; i += Float.BYTES) {
            s.set(F32, to + i, s.get(F32, from + i));
        }
    }
}
