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
 * Convolution of float32 planes whose channels lie last, for few channels of the input: {@link LineConvTile} reads windows
 * where they lie in lines, which are taken apart before. A part is some lines of the output; the lines of the input that
 * its windows reach over are copied channel by channel, with zeros for padding, and those elements together whose index
 * leaves the same remainder by the stride: so the windows of a line begin at neighbouring elements whatever the stride.
 * Each element is one chain of fused multiply-adds, to which the bias is added. A weight that is not finite makes NaN of
 * padding.
 */
public final class VectorChannelsLastLines implements Kernel {
    private static final int LANES = SimdSpecies.LANES;
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;

    /** The most elements of copied lines, if a window reaches over no more: a quarter of a small second-level cache. */
    private static final long MOST_ELEMENTS = 1 << 14;

    /** Multiply-adds of a part, where there are enough lines: about ten microseconds. */
    private static final long PART_WORK = 1 << 19;

    /** The parts that planes are cut into, about, where their lines are long. */
    private static final int PARTS = 8;

    private final ConvProblem p;
    private final ChannelRows result;
    private final Window2d.Axis down;
    private final Window2d.Axis across;
    private final int channels;
    private final int terms;
    /** The lines of the output that a part has at most. */
    private final int partLines;

    private final int partsOfPlane;
    /** Elements of a copied line from one remainder by the stride to the next. */
    private final int pitch;

    /** Elements of a copied line of the input, all channels of it. */
    private final int lineElements;

    private final int elements;
    private final int[] places;
    /** Whether a line lies as its copy does. */
    private final boolean together;

    /** Whether {@link Conv3x3SingleChannel} computes the windows, rather than tiles of them. */
    private final boolean threeLines;

    private final TileEpilogue epilogue;

    private VectorChannelsLastLines(ChannelsLastConvProblem problem) {
        p = problem.conv();
        result = new ChannelRows(problem);
        down = p.window().rows();
        across = p.window().columns();
        channels = p.inputs();
        terms = (int) p.terms();
        pitch = Math.toIntExact(pitch(across));
        lineElements = channels * across.stride() * pitch;
        long work = Math.max(1, (long) terms * p.outputs() * across.output());
        long wanted = Math.max(Math.ceilDiv(PART_WORK, work), Math.ceilDiv(down.output(), PARTS));
        long most = (MOST_ELEMENTS / lineElements - height(down)) / down.stride() + 1;
        int lines = Math.clamp(wanted, 1, Math.clamp(most, 1, down.output()));
        partsOfPlane = Math.ceilDiv(down.output(), lines);
        partLines = Math.ceilDiv(down.output(), partsOfPlane);
        elements = ((partLines - 1) * down.stride() + height(down)) * lineElements + LineConvTile.WINDOWS;
        places = places();
        together = channels == 1 && across.stride() == 1;
        threeLines = result.isPlain()
                && channels == 1
                && down.kernel() == Conv3x3SingleChannel.SIDE
                && across.kernel() == Conv3x3SingleChannel.SIDE
                && across.stride() == 1
                && across.dilation() == 1;
        epilogue = TileEpilogue.behind(p.epilogue(), result.scratchBytes());
    }

    /** The lines that a window reaches over. */
    private static int height(Window2d.Axis axis) {
        return (axis.kernel() - 1) * axis.dilation() + 1;
    }

    private static long pitch(Window2d.Axis axis) {
        return axis.output() + (long) (axis.kernel() - 1) * axis.dilation() / axis.stride();
    }

    /** Where the terms of a window lie, from its first one on: taps in their order, the channels of a tap together. */
    private int[] places() {
        int[] all = new int[terms];
        int term = 0;
        for (int i = 0; i < down.kernel(); i++) {
            for (int j = 0; j < across.kernel(); j++) {
                int column = j * across.dilation();
                int place = column % across.stride() * pitch + column / across.stride();
                for (int c = 0; c < channels; c++) {
                    all[term++] = i * down.dilation() * lineElements + c * across.stride() * pitch + place;
                }
            }
        }
        return all;
    }

    /**
     * The kernel of a convolution.
     *
     * @param p a convolution of one group whose lines are short enough, its weights in panels
     * @return the kernel
     */
    public static Kernel of(ChannelsLastConvProblem p) {
        return new VectorChannelsLastLines(p);
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
        return 1 + (long) partLines * across.output() * terms * (p.outputs() + LANES) / (3L * LANES);
    }

    @Override
    public long scratchBytes() {
        return TileEpilogue.scratchBytes(epilogue, result.scratchBytes());
    }

    @Override
    public boolean inPlace(int input, int output) {
        return epilogue == null && result.inPlace(input);
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        result.start(operands, scratch);
        GemmScratch arrays = GemmScratch.take();
        try {
            float[] lines = arrays.elements(elements);
            for (int part = from; part < to; part++) {
                int instance = part / partsOfPlane;
                int first = part % partsOfPlane * partLines;
                int end = Math.min(down.output(), first + partLines);
                copy(operands[0], instance, first, end, arrays.rows, lines);
                for (int y = first; y < end; y++) {
                    int start = (y - first) * down.stride() * lineElements;
                    line(
                            operands,
                            (long) instance * down.output() + y,
                            end - y - 1,
                            start,
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
     * Computes a line of the output.
     *
     * @param line its index among the lines of all planes
     * @param behind lines of the part behind it
     * @param start where its first window begins
     */
    private void line(
            MemorySegment[] operands,
            long line,
            int behind,
            int start,
            MemorySegment scratch,
            float[] lines,
            float[] tile) {
        int width = across.output();
        int outputs = p.outputs();
        long first = line * width * outputs * Float.BYTES;
        if (threeLines) {
            int step = down.dilation() * lineElements;
            result.putThreeLines(lines, start, step, width, operands, scratch, first);
        } else {
            tiles(operands, first, behind, start, scratch, lines, tile);
        }
        if (epilogue != null) {
            epilogue.apply(operands[p.output()], first, width, outputs, outputs, operands, scratch);
        }
    }

    /** Computes a line of the output by tiles. */
    private void tiles(
            MemorySegment[] operands,
            long first,
            int behind,
            int start,
            MemorySegment scratch,
            float[] lines,
            float[] tile) {
        int width = across.output();
        for (int i = 0; i < result.panels(); i++) {
            int panel = result.panel(i);
            int columns = result.columns(panel);
            long weights = VectorPanels.offset(terms, panel, 0);
            for (int x = 0; x < width; ) {
                int windows = LineConvTile.windows(width - x, columns);
                LineConvTile.multiply(columns, windows, lines, start + x, places, operands[1], weights, tile);
                int left = (int) Math.min(Integer.MAX_VALUE, (long) width - x - windows + (long) behind * width);
                long at = first + (long) x * p.outputs() * Float.BYTES;
                result.put(tile, windows, left, panel, operands, scratch, at);
                x += windows;
            }
        }
    }

    /** Copies the lines of the input that some lines of the output need. */
    private void copy(MemorySegment x, int instance, int first, int end, float[] line, float[] to) {
        int top = down.start(first);
        int count = (end - 1 - first) * down.stride() + height(down);
        int width = across.input() * channels;
        for (int i = 0; i < count; i++) {
            int at = i * lineElements;
            int y = top + i;
            if (y < 0 || y >= down.input()) {
                Arrays.fill(to, at, at + lineElements, 0);
            } else {
                long from = ((long) instance * down.input() + y) * width * Float.BYTES;
                if (together) {
                    move(x, from, to, at);
                } else {
                    MemorySegment.copy(x, F32, from, line, 0, width);
                    takeApart(line, to, at);
                }
            }
        }
    }

    /** Copies a line of the input as it is, between its padding. */
    private void move(MemorySegment x, long from, float[] to, int at) {
        int pad = across.padBegin();
        int begin = Math.clamp(pad, 0, pitch);
        int end = Math.clamp(across.input() + pad, begin, pitch);
        Arrays.fill(to, at, at + begin, 0);
        MemorySegment.copy(x, F32, from + (begin - pad) * (long) Float.BYTES, to, at + begin, end - begin);
        Arrays.fill(to, at + end, at + pitch, 0);
    }

    /** Takes a line of the input apart. */
    private void takeApart(float[] line, float[] to, int at) {
        int stride = across.stride();
        int pad = across.padBegin();
        int place = at;
        for (int c = 0; c < channels; c++) {
            for (int rest = 0; rest < stride; rest++) {
                // Element i of a run comes from column i * stride + rest - pad, where that is on the plane.
                int begin = Math.clamp(Math.ceilDiv(pad - rest, stride), 0, pitch);
                int end = Math.clamp(Math.ceilDiv(across.input() + pad - rest, stride), begin, pitch);
                Arrays.fill(to, place, place + begin, 0);
                int from = (begin * stride + rest - pad) * channels + c;
                copyApart(line, from, stride * channels, to, place + begin, place + end);
                Arrays.fill(to, place + end, place + pitch, 0);
                place += pitch;
            }
        }
    }

    private static void copyApart(float[] line, int from, int step, float[] to, int begin, int end) {
        int at = from;
        for (int i = begin; i < end; i++) {
            to[i] = line[at];
            at += step;
        }
    }
}
