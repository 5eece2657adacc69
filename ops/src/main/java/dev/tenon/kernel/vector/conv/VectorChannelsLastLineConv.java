package dev.tenon.kernel.vector.conv;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.TileEpilogue;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.conv.ChannelsLastConvProblem;
import dev.tenon.kernel.conv.ConvProblem;
import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.kernel.vector.gemm.GemmScratch;
import dev.tenon.kernel.vector.gemm.VectorPanels;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * Channels-last convolution of float32 images with few input channels. A part is some rows of the output. The input
 * rows that its windows read are copied channel by channel, with zeros for padding, and in each channel by the
 * remainder of the column by the stride. So neighbouring windows begin at neighbouring elements whatever the stride,
 * and {@link LineConvTile} reads them in place. Each element is one chain of fused multiply-adds, to which the bias is
 * added. A weight that is not finite turns padding into NaN.
 */
public final class VectorChannelsLastLineConv implements Kernel {
    private static final int LANES = SimdSpecies.LANES;
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;

    /**
     * The most elements of the copied rows, unless a single window needs more: a quarter of a small second-level cache.
     */
    private static final long MAX_ELEMENTS = 1 << 14;

    /** The multiply-adds of a part, if there are enough rows: about ten microseconds. */
    private static final long PART_WORK = 1 << 19;

    /** Roughly the parts of an image with long rows. */
    private static final int TARGET_PARTS = 8;

    private final ConvProblem p;
    private final ChannelsLastOutput writer;
    private final Window2d.Axis rowAxis;
    private final Window2d.Axis columnAxis;
    private final int channels;
    private final int terms;
    /** The most output rows of a part. */
    private final int partLines;

    private final int partsOfPlane;
    /** Elements of a copied row from one remainder by the stride to the next. */
    private final int pitch;

    /** Elements of a copied row, with all its channels. */
    private final int lineElements;

    private final int elements;
    private final int[] termOffsets;
    /** Whether the copy of a row has the order of the row itself. */
    private final boolean copiesLinesAsTheyAre;

    /** The loop that computes the windows, or null if tiles compute them. */
    private final Conv3x3SingleChannel conv3x3;

    private final TileEpilogue epilogue;

    private VectorChannelsLastLineConv(ChannelsLastConvProblem problem) {
        p = problem.conv();
        writer = new ChannelsLastOutput(problem);
        rowAxis = p.window().rows();
        columnAxis = p.window().columns();
        channels = p.inputChannels();
        terms = (int) p.terms();
        pitch = Math.toIntExact(pitch(columnAxis));
        lineElements = channels * columnAxis.stride() * pitch;
        long work = Math.max(1, (long) terms * p.outputChannels() * columnAxis.output());
        long wanted = Math.max(Math.ceilDiv(PART_WORK, work), Math.ceilDiv(rowAxis.output(), TARGET_PARTS));
        long most = (MAX_ELEMENTS / lineElements - height(rowAxis)) / rowAxis.stride() + 1;
        int lines = Math.clamp(wanted, 1, Math.clamp(most, 1, rowAxis.output()));
        partsOfPlane = Math.ceilDiv(rowAxis.output(), lines);
        partLines = Math.ceilDiv(rowAxis.output(), partsOfPlane);
        elements = ((partLines - 1) * rowAxis.stride() + height(rowAxis)) * lineElements + LineConvTile.WINDOWS;
        termOffsets = computeTermOffsets();
        copiesLinesAsTheyAre = channels == 1 && columnAxis.stride() == 1;
        boolean is3x3 = channels == 1
                && rowAxis.kernel() == Conv3x3SingleChannel.SIDE
                && columnAxis.kernel() == Conv3x3SingleChannel.SIDE
                && columnAxis.stride() == 1
                && columnAxis.dilation() == 1;
        conv3x3 = is3x3 ? writer.conv3x3(rowAxis.dilation() * lineElements) : null;
        epilogue = TileEpilogue.withScratchAfter(p.epilogue(), writer.scratchBytes());
    }

    /** The input rows that a window spans. */
    private static int height(Window2d.Axis axis) {
        return (axis.kernel() - 1) * axis.dilation() + 1;
    }

    private static long pitch(Window2d.Axis axis) {
        return axis.output() + (long) (axis.kernel() - 1) * axis.dilation() / axis.stride();
    }

    /**
     * The offsets of the terms of a window from its first one, tap by tap; the channels of a tap are consecutive terms.
     */
    private int[] computeTermOffsets() {
        int[] all = new int[terms];
        int term = 0;
        for (int i = 0; i < rowAxis.kernel(); i++) {
            for (int j = 0; j < columnAxis.kernel(); j++) {
                int column = j * columnAxis.dilation();
                int columnOffset = column % columnAxis.stride() * pitch + column / columnAxis.stride();
                for (int c = 0; c < channels; c++) {
                    all[term++] =
                            i * rowAxis.dilation() * lineElements + c * columnAxis.stride() * pitch + columnOffset;
                }
            }
        }
        return all;
    }

    /**
     * The kernel of a problem.
     *
     * @param p a convolution of one group with short enough rows, weights in panels
     * @return the kernel
     */
    public static Kernel of(ChannelsLastConvProblem p) {
        return new VectorChannelsLastLineConv(p);
    }

    @Override
    public String id() {
        return TileEpilogue.id(epilogue, "conv_f32_last_lines_vector" + SimdSpecies.BITS);
    }

    @Override
    public String tiling() {
        return "lines " + partLines;
    }

    @Override
    public int parts() {
        return p.instances() * partsOfPlane;
    }

    @Override
    public long partNanos() {
        return 1 + (long) partLines * columnAxis.output() * terms * (p.outputChannels() + LANES) / (3L * LANES);
    }

    @Override
    public long scratchBytes() {
        return TileEpilogue.scratchBytes(epilogue, writer.scratchBytes());
    }

    @Override
    public boolean inPlace(int input, int output) {
        return epilogue == null && writer.inPlace(input);
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        writer.loadBias(operands, scratch);
        GemmScratch arrays = GemmScratch.take();
        try {
            float[] lines = arrays.elements(elements);
            for (int part = from; part < to; part++) {
                int instance = part / partsOfPlane;
                int first = part % partsOfPlane * partLines;
                int end = Math.min(rowAxis.output(), first + partLines);
                loadLines(operands[0], instance, first, end, arrays.rows, lines);
                for (int y = first; y < end; y++) {
                    int windowOffset = (y - first) * rowAxis.stride() * lineElements;
                    computeLine(
                            operands,
                            (long) instance * rowAxis.output() + y,
                            end - y - 1,
                            windowOffset,
                            scratch,
                            lines,
                            arrays.tile);
                }
            }
        } finally {
            arrays.give();
        }
    }

    /**
     * Computes a row of the output.
     *
     * @param line its index among the rows of all images
     * @param linesAfter the rows of the part after it
     * @param windowOffset the index of its first window in the copied rows
     */
    private void computeLine(
            MemorySegment[] operands,
            long line,
            int linesAfter,
            int windowOffset,
            MemorySegment scratch,
            float[] lines,
            float[] tile) {
        int width = columnAxis.output();
        int outputs = p.outputChannels();
        long yOffset = line * width * outputs * Float.BYTES;
        if (conv3x3 != null) {
            writer.storeConv3x3(conv3x3, lines, windowOffset, width, operands, scratch, yOffset);
        } else {
            computeTiles(operands, yOffset, linesAfter, windowOffset, scratch, lines, tile);
        }
        if (epilogue != null) {
            epilogue.apply(operands[p.output()], yOffset, width, outputs, outputs, operands, scratch);
        }
    }

    /** Computes a row of the output by tiles. */
    private void computeTiles(
            MemorySegment[] operands,
            long yOffset,
            int linesAfter,
            int windowOffset,
            MemorySegment scratch,
            float[] lines,
            float[] tile) {
        int width = columnAxis.output();
        for (int i = 0; i < writer.panels(); i++) {
            int panel = writer.panelAt(i);
            int columns = writer.columns(panel);
            long weights = VectorPanels.offset(terms, panel, 0);
            for (int x = 0; x < width; ) {
                int windows = LineConvTile.windows(width - x, columns);
                LineConvTile.multiply(
                        columns, windows, lines, windowOffset + x, termOffsets, operands[1], weights, tile);
                int left = (int) Math.min(Integer.MAX_VALUE, (long) width - x - windows + (long) linesAfter * width);
                long at = yOffset + (long) x * p.outputChannels() * Float.BYTES;
                writer.storeTile(tile, windows, left, panel, operands, scratch, at);
                x += windows;
            }
        }
    }

    /** Copies the input rows that some output rows need. */
    private void loadLines(MemorySegment x, int instance, int first, int end, float[] lineBuffer, float[] to) {
        int top = rowAxis.start(first);
        int count = (end - 1 - first) * rowAxis.stride() + height(rowAxis);
        int width = columnAxis.input() * channels;
        for (int i = 0; i < count; i++) {
            int at = i * lineElements;
            int y = top + i;
            if (y < 0 || y >= rowAxis.input()) {
                Arrays.fill(to, at, at + lineElements, 0);
            } else {
                long from = ((long) instance * rowAxis.input() + y) * width * Float.BYTES;
                if (copiesLinesAsTheyAre) {
                    copyLine(x, from, to, at);
                } else {
                    MemorySegment.copy(x, F32, from, lineBuffer, 0, width);
                    deinterleave(lineBuffer, to, at);
                }
            }
        }
    }

    /** Copies an input row as it is, between its padding. */
    private void copyLine(MemorySegment x, long from, float[] to, int at) {
        int pad = columnAxis.padBegin();
        int begin = Math.clamp(pad, 0, pitch);
        int end = Math.clamp(columnAxis.input() + pad, begin, pitch);
        Arrays.fill(to, at, at + begin, 0);
        MemorySegment.copy(x, F32, from + (begin - pad) * (long) Float.BYTES, to, at + begin, end - begin);
        Arrays.fill(to, at + end, at + pitch, 0);
    }

    /** Copies an input row by channel and by remainder of the column by the stride. */
    private void deinterleave(float[] line, float[] to, int at) {
        int stride = columnAxis.stride();
        int pad = columnAxis.padBegin();
        int target = at;
        for (int c = 0; c < channels; c++) {
            for (int phase = 0; phase < stride; phase++) {
                // Element i comes from column i * stride + phase - pad, if that is inside the image.
                int begin = Math.clamp(Math.ceilDiv(pad - phase, stride), 0, pitch);
                int end = Math.clamp(Math.ceilDiv(columnAxis.input() + pad - phase, stride), begin, pitch);
                Arrays.fill(to, target, target + begin, 0);
                int from = (begin * stride + phase - pad) * channels + c;
                copyStrided(line, from, stride * channels, to, target + begin, target + end);
                Arrays.fill(to, target + end, target + pitch, 0);
                target += pitch;
            }
        }
    }

    private static void copyStrided(float[] line, int from, int step, float[] to, int begin, int end) {
        int at = from;
        for (int i = begin; i < end; i++) {
            to[i] = line[at];
            at += step;
        }
    }
}
