package dev.tenon.kernel.vector.conv;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.MemoryMoves;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.TileEpilogue;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.conv.ChannelsLastConvProblem;
import dev.tenon.kernel.conv.ConvProblem;
import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Channels-last depthwise convolution of float32 images, with one output channel for each input channel: a vector of
 * channels at a time, for four neighbouring windows where these are inside the image. The last vector of a pixel overlaps the
 * one before it: the elements of both are computed twice. Taps outside the image are left out. Each element is one chain of
 * fused multiply-adds plus the bias.
 */
public final class VectorChannelsLastDepthwise implements Kernel {
    private static final int LANES = SimdSpecies.LANES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final int WINDOWS = 4;

    /** The start of the sums, an element for each: C2 would keep one that they share as an object through the loops. */
    private static final float[] ZEROS = new float[WINDOWS];

    private static final long PART_WORK = 200_000;
    private static final int MULTIPLY_ADDS_PER_NANO = 24;

    private final ConvProblem p;
    private final float lower;
    private final float upper;
    private final Window2d.Axis rowAxis;
    private final Window2d.Axis columnAxis;
    private final int channels;
    private final long pixelBytes;
    private final long lineBytes;

    /** Bytes from the input of a window to that of the next, and from a tap to the next of its row. */
    private final long windowStep;

    private final long tapStep;

    /** The range of windows whose columns are all inside the image. */
    private final int firstInterior;

    private final int endInterior;
    private final RowPartition partition;
    private final TileEpilogue epilogue;

    private VectorChannelsLastDepthwise(ChannelsLastConvProblem problem) {
        p = problem.conv();
        lower = problem.lower();
        upper = problem.upper();
        rowAxis = p.window().rows();
        columnAxis = p.window().columns();
        channels = p.groups();
        pixelBytes = (long) channels * Float.BYTES;
        lineBytes = columnAxis.input() * pixelBytes;
        windowStep = columnAxis.stride() * pixelBytes;
        tapStep = columnAxis.dilation() * pixelBytes;
        firstInterior = Math.min(columnAxis.output(), columnAxis.firstWindow(0));
        endInterior = Math.max(firstInterior, columnAxis.endWindow(columnAxis.kernel() - 1));
        partition = RowPartition.of(
                (long) p.instances() * rowAxis.output(),
                columnAxis.output() * (long) channels * p.window().taps(),
                PART_WORK);
        epilogue = TileEpilogue.withScratchAfter(p.epilogue(), kernelScratchBytes());
    }

    /**
     * The kernel of a problem.
     *
     * @param p a convolution with one input and one output channel in a group, and at least a vector of groups
     * @return the kernel
     */
    public static Kernel of(ChannelsLastConvProblem p) {
        return new VectorChannelsLastDepthwise(p);
    }

    @Override
    public String id() {
        return TileEpilogue.id(epilogue, "conv_f32_last_depthwise_vector" + SimdSpecies.BITS);
    }

    @Override
    public int parts() {
        return partition.parts();
    }

    @Override
    public long partNanos() {
        return 1
                + partition.maxPartRows()
                        * columnAxis.output()
                        * channels
                        * p.window().taps()
                        / MULTIPLY_ADDS_PER_NANO;
    }

    @Override
    public long scratchBytes() {
        return TileEpilogue.scratchBytes(epilogue, kernelScratchBytes());
    }

    /** The bytes of zeros that replace a missing bias. */
    private long kernelScratchBytes() {
        return p.bias() < 0 ? pixelBytes : 0;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        MemorySegment bias = p.bias() < 0 ? scratch : operands[p.bias()];
        if (p.bias() < 0) {
            MemoryMoves.clear(scratch, 0, pixelBytes);
        }
        for (long row = partition.start(from); row < partition.start(to); row++) {
            computeRow(operands, bias, row);
            if (epilogue != null) {
                long at = row * columnAxis.output() * pixelBytes;
                epilogue.apply(operands[p.output()], at, columnAxis.output(), channels, channels, operands, scratch);
            }
        }
    }

    /** Computes a row of windows: those inside the image four at a time, of which the last ones may be computed twice. */
    private void computeRow(MemorySegment[] operands, MemorySegment bias, long row) {
        int window = (int) (row % rowAxis.output());
        int firstTap = Math.min(rowAxis.kernel(), rowAxis.firstTap(window));
        int rows = Math.max(0, rowAxis.endTap(window) - firstTap);
        long line =
                row / rowAxis.output() * rowAxis.input() + rowAxis.start(window) + (long) firstTap * rowAxis.dilation();
        long at = line * lineBytes - columnAxis.padBegin() * pixelBytes;
        long weights = (long) firstTap * columnAxis.kernel() * pixelBytes;
        long out = row * columnAxis.output() * pixelBytes;
        boolean fours = endInterior - firstInterior >= WINDOWS;
        for (int j = 0; j < columnAxis.output(); ) {
            if (fours && j >= firstInterior && j < endInterior) {
                int first = Math.min(j, endInterior - WINDOWS);
                fourWindows(operands, bias, at + first * windowStep, rows, weights, out + first * pixelBytes);
                j = first + WINDOWS;
            } else {
                oneWindow(operands, bias, at, rows, weights, out, j);
                j++;
            }
        }
    }

    /**
     * Computes four neighbouring windows whose columns are all inside the image.
     *
     * @param operands the operands of the run
     * @param bias the memory of the bias
     * @param window the byte offset of the first window's first tap
     * @param rows the rows of a window that are inside the image
     * @param weights the byte offset of the weights of the first of these rows
     * @param out the byte offset of the first window's result
     */
    private void fourWindows(
            MemorySegment[] operands, MemorySegment bias, long window, int rows, long weights, long out) {
        bias = NATIVE.cast(bias);
        MemorySegment x = NATIVE.cast(operands[0]);
        MemorySegment w = NATIVE.cast(operands[1]);
        MemorySegment y = NATIVE.cast(operands[p.output()]);
        long lineStep = rowAxis.dilation() * lineBytes;
        FloatVector low = FloatVector.broadcast(F32, lower);
        FloatVector high = FloatVector.broadcast(F32, upper);
        for (int channel = 0; channel < channels; channel += LANES) {
            long shift = (long) Math.min(channel, channels - LANES) * Float.BYTES;
            long wOffset = weights + shift;
            FloatVector a = FloatVector.broadcast(F32, ZEROS[0]);
            FloatVector b = FloatVector.broadcast(F32, ZEROS[1]);
            FloatVector c = FloatVector.broadcast(F32, ZEROS[2]);
            FloatVector d = FloatVector.broadcast(F32, ZEROS[3]);
            for (int r = 0; r < rows; r++) {
                long xOffset = window + shift + r * lineStep;
                for (int t = 0; t < columnAxis.kernel(); t++, wOffset += pixelBytes, xOffset += tapStep) {
                    FloatVector v = FLOATS.cast(FloatVector.fromMemorySegment(F32, w, wOffset, ORDER));
                    a = v.fma(FloatVector.fromMemorySegment(F32, x, xOffset, ORDER), a);
                    b = v.fma(FloatVector.fromMemorySegment(F32, x, xOffset + windowStep, ORDER), b);
                    c = v.fma(FloatVector.fromMemorySegment(F32, x, xOffset + 2 * windowStep, ORDER), c);
                    d = v.fma(FloatVector.fromMemorySegment(F32, x, xOffset + 3 * windowStep, ORDER), d);
                }
            }
            long to = out + shift;
            FloatVector start = FLOATS.cast(FloatVector.fromMemorySegment(F32, bias, shift, ORDER));
            a = start.add(a);
            a = a.blend(low, a.compare(VectorOperators.LT, low));
            a.blend(high, a.compare(VectorOperators.GT, high)).intoMemorySegment(y, to, ORDER);
            b = start.add(b);
            b = b.blend(low, b.compare(VectorOperators.LT, low));
            b.blend(high, b.compare(VectorOperators.GT, high)).intoMemorySegment(y, to + pixelBytes, ORDER);
            c = start.add(c);
            c = c.blend(low, c.compare(VectorOperators.LT, low));
            c.blend(high, c.compare(VectorOperators.GT, high)).intoMemorySegment(y, to + 2 * pixelBytes, ORDER);
            d = start.add(d);
            d = d.blend(low, d.compare(VectorOperators.LT, low));
            d.blend(high, d.compare(VectorOperators.GT, high)).intoMemorySegment(y, to + 3 * pixelBytes, ORDER);
        }
    }

    /** Computes a window with columns that may be outside the image. */
    private void oneWindow(
            MemorySegment[] operands, MemorySegment bias, long line, int rows, long weights, long out, int column) {
        bias = NATIVE.cast(bias);
        MemorySegment x = NATIVE.cast(operands[0]);
        MemorySegment w = NATIVE.cast(operands[1]);
        MemorySegment y = NATIVE.cast(operands[p.output()]);
        int firstTap = columnAxis.firstTap(column);
        int columns = columnAxis.endTap(column) - firstTap;
        long window = line + column * windowStep + firstTap * tapStep;
        long lineStep = rowAxis.dilation() * lineBytes;
        long weightRow = columnAxis.kernel() * pixelBytes;
        for (int channel = 0; channel < channels; channel += LANES) {
            long shift = (long) Math.min(channel, channels - LANES) * Float.BYTES;
            FloatVector a = FloatVector.broadcast(F32, ZEROS[0]);
            for (int r = 0; r < rows; r++) {
                long xOffset = window + shift + r * lineStep;
                long wOffset = weights + shift + firstTap * pixelBytes + r * weightRow;
                for (int t = 0; t < columns; t++, wOffset += pixelBytes, xOffset += tapStep) {
                    FloatVector v = FLOATS.cast(FloatVector.fromMemorySegment(F32, w, wOffset, ORDER));
                    a = v.fma(FloatVector.fromMemorySegment(F32, x, xOffset, ORDER), a);
                }
            }
            a = FLOATS.cast(FloatVector.fromMemorySegment(F32, bias, shift, ORDER))
                    .add(a);
            a = a.blend(lower, a.compare(VectorOperators.LT, lower));
            a.blend(upper, a.compare(VectorOperators.GT, upper))
                    .intoMemorySegment(y, out + column * pixelBytes + shift, ORDER);
        }
    }
}
