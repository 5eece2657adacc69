package dev.tenon.kernel.vector.conv;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.MemoryMoves;
import dev.tenon.kernel.TileEpilogue;
import dev.tenon.kernel.Tiling;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.conv.ConvProblem;
import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.kernel.vector.StridedCopy;
import dev.tenon.kernel.vector.gemm.VectorGemm;
import dev.tenon.kernel.vector.gemm.VectorPanels;
import java.lang.foreign.MemorySegment;

/**
 * Convolution of float32 planes by {@link VectorGemm}, as the product of the weights of a group, {@code [outputs, terms]}, and
 * its windows, {@code [terms, windows]}. A part is some neighbouring windows of one group of one instance, with all output
 * channels. It packs its windows into panels. The result starts from the bias, and each element is summed as {@link
 * VectorGemm} does. A weight that is not finite turns padding into NaN.
 */
public final class VectorGemmConv implements Kernel {
    private static final int COLUMNS = VectorPanels.COLUMNS;
    private static final long PANEL_ROW_BYTES = (long) COLUMNS * Float.BYTES;

    /** The most elements of the packed windows of a part, unless one panel has more: they stay in the second-level cache. */
    private static final int MAX_ELEMENTS = 1 << 16;

    private static final int TARGET_PARTS = 8;

    private final ConvProblem p;
    private final Window2d.Axis rowAxis;
    private final Window2d.Axis columnAxis;
    private final int windows;
    private final int terms;
    private final int partWindows;
    private final int partsOfPlane;
    private final VectorGemm gemm;
    private final VectorGemm lastGemm;
    private final TileEpilogue epilogue;

    private VectorGemmConv(ConvProblem p, Tiling tiling) {
        this.p = p;
        rowAxis = p.window().rows();
        columnAxis = p.window().columns();
        windows = (int) p.window().windows();
        terms = (int) p.terms();
        int panels = VectorPanels.panels(windows);
        int wanted = Math.ceilDiv(TARGET_PARTS, Math.min(TARGET_PARTS, planes()));
        int partPanels = Math.clamp(MAX_ELEMENTS / COLUMNS / terms, 1, Math.ceilDiv(panels, wanted));
        partWindows = (int) Math.min(windows, (long) partPanels * COLUMNS);
        partsOfPlane = Math.ceilDiv(windows, partWindows);
        Math.multiplyExact(planes(), partsOfPlane);
        gemm = new VectorGemm(p.outputChannels(), partWindows, terms, tiling);
        int last = windows - (partsOfPlane - 1) * partWindows;
        lastGemm = new VectorGemm(p.outputChannels(), last, terms, tiling);
        epilogue = TileEpilogue.withScratchAfter(p.epilogue(), panelBytes());
    }

    /**
     * The kernel of a problem.
     *
     * @param p the convolution
     * @param tiling chooses block sizes
     * @return the kernel
     */
    public static Kernel of(ConvProblem p, Tiling tiling) {
        return new VectorGemmConv(p, tiling);
    }

    private int planes() {
        return Math.multiplyExact(p.instances(), p.groups());
    }

    private long panelBytes() {
        return VectorPanels.byteSize(terms, partWindows);
    }

    @Override
    public String id() {
        return TileEpilogue.id(p.epilogue(), "conv_f32_gemm_vector" + SimdSpecies.BITS);
    }

    @Override
    public String tiling() {
        return gemm.blocking().toString();
    }

    @Override
    public int parts() {
        return planes() * partsOfPlane;
    }

    @Override
    public long partNanos() {
        return gemm.partNanos() * gemm.parts() + (long) terms * partWindows / SimdSpecies.LANES;
    }

    @Override
    public long scratchBytes() {
        return TileEpilogue.scratchBytes(epilogue, panelBytes());
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        MemorySegment y = operands[p.output()];
        for (int part = from; part < to; part++) {
            int plane = part / partsOfPlane;
            int first = part % partsOfPlane * partWindows;
            int count = Math.min(partWindows, windows - first);
            packWindows(operands[0], plane, first, count, scratch);
            long yAt = ((long) plane * p.outputChannels() * windows + first) * Float.BYTES;
            int group = plane % p.groups();
            fillWithBias(operands, group, count, y, yAt);
            VectorGemm g = first + count == windows ? lastGemm : gemm;
            long weights = (long) group * p.outputChannels() * terms * Float.BYTES;
            g.run(
                    0,
                    g.parts(),
                    operands[1],
                    weights,
                    terms,
                    scratch,
                    0,
                    y,
                    yAt,
                    windows,
                    null,
                    0,
                    true,
                    epilogue,
                    operands,
                    scratch);
        }
    }

    private void fillWithBias(MemorySegment[] operands, int group, int count, MemorySegment y, long at) {
        for (int i = 0; i < p.outputChannels(); i++) {
            long to = at + (long) i * windows * Float.BYTES;
            if (p.bias() < 0) {
                MemoryMoves.clear(y, to, (long) count * Float.BYTES);
            } else {
                long channel = (long) group * p.outputChannels() + i;
                MemoryMoves.fill(operands[p.bias()], channel * Float.BYTES, y, to, count, Float.BYTES);
            }
        }
    }

    /** Packs windows into panels, as many neighbours of a row as are in one panel at a time. */
    private void packWindows(MemorySegment x, int plane, int first, int count, MemorySegment scratch) {
        long planeAt = (long) plane * p.inputChannels() * p.window().pixels() * Float.BYTES;
        int width = columnAxis.output();
        for (int i = 0; i < count; ) {
            int column = (first + i) % width;
            int run = Math.min(Math.min(width - column, count - i), COLUMNS - i % COLUMNS);
            long to = VectorPanels.offset(terms, i / COLUMNS, 0) + (long) (i % COLUMNS) * Float.BYTES;
            packRun(x, planeAt, (first + i) / width, column, run, scratch, to);
            i += run;
        }
    }

    /** Packs neighbouring windows of a row: one row of a panel for each term. */
    private void packRun(MemorySegment x, long planeAt, int row, int column, int count, MemorySegment to, long at) {
        long lineBytes = (long) columnAxis.input() * Float.BYTES;
        long target = at;
        for (int term = 0; term < terms; term++) {
            int tap = term % columnAxis.kernel();
            int tapRow = term / columnAxis.kernel() % rowAxis.kernel();
            long channel = term / columnAxis.kernel() / rowAxis.kernel();
            int line = rowAxis.start(row) + tapRow * rowAxis.dilation();
            boolean inside = line >= 0 && line < rowAxis.input();
            int begin = Math.clamp(columnAxis.firstWindow(tap), column, column + count);
            int end = inside ? Math.clamp(columnAxis.endWindow(tap), begin, column + count) : begin;
            long from = planeAt
                    + (channel * rowAxis.input() + line) * lineBytes
                    + (columnAxis.start(begin) + (long) tap * columnAxis.dilation()) * Float.BYTES;
            MemoryMoves.clear(to, target, (begin - column) * (long) Float.BYTES);
            StridedCopy.copy(
                    x, from, columnAxis.stride(), to, target + (begin - column) * (long) Float.BYTES, end - begin);
            long rest = (column + count - end) * (long) Float.BYTES;
            MemoryMoves.clear(to, target + (end - column) * (long) Float.BYTES, rest);
            target += PANEL_ROW_BYTES;
        }
    }
}
