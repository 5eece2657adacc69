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
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Channels-last depthwise convolution of float32 images, with one output channel for each input channel: a vector of
 * channels at a time, for four or eight neighbouring windows. The last vector of a pixel overlaps the one before it: the
 * elements of both are computed twice. Taps outside the image are left out; the loops for stride 1 read other columns in
 * their place, and masks discard the products. Each element is one chain of fused multiply-adds plus the bias.
 */
public final class VectorChannelsLastDepthwise implements Kernel {
    private static final int LANES = SimdSpecies.LANES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final long VECTOR = (long) LANES * Float.BYTES;
    private static final int WINDOWS = 4;

    /** The windows that are computed together if 32 registers hold their sums. */
    private static final int MANY_WINDOWS = 8;

    /** The vectors of channels of a single window that are computed together, if there are as many. */
    private static final int MANY_VECTORS = 4;

    /** The start of the sums, an element for each: C2 would keep one that they share as an object through the loops. */
    private static final float[] ZEROS = new float[MANY_WINDOWS];

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

    /** The range of windows whose columns are all inside the image. Loops for sliding windows take all windows. */
    private final int firstInterior;

    private final int endInterior;

    /** The columns of windows that have loops for stride 1: 3 or 5, or 0 if there are none. */
    private final int slidingTaps;

    /** Whether there is a loop for eight windows of three columns. */
    private final boolean slidesEightWindows;

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
        boolean slides = columnAxis.stride() == 1 && columnAxis.dilation() == 1;
        boolean three = slides && columnAxis.kernel() == 3 && hasSmallPadding();
        slidesEightWindows = three && columnAxis.output() >= MANY_WINDOWS && SimdSpecies.REGISTERS >= 32;
        // With 32 registers, short rows take the general loop: some JVMs box results of the loop for four windows.
        boolean four = three && SimdSpecies.REGISTERS < 32;
        boolean five = slides && columnAxis.kernel() == 5 && hasSmallPadding();
        slidingTaps = slidesEightWindows || four || five ? columnAxis.kernel() : 0;
        int first = slidingTaps > 0 ? 0 : columnAxis.firstWindow(0);
        firstInterior = Math.min(columnAxis.output(), first);
        endInterior = slidingTaps > 0
                ? columnAxis.output()
                : Math.max(firstInterior, columnAxis.endWindow(columnAxis.kernel() - 1));
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

    /** Whether padding is less than half a window, and a row has enough windows for a loop. */
    private boolean hasSmallPadding() {
        int half = columnAxis.kernel() / 2;
        int rightPadding = columnAxis.start(columnAxis.output() - 1) + columnAxis.kernel() - columnAxis.input();
        return columnAxis.padBegin() <= half && rightPadding <= half && columnAxis.output() >= WINDOWS;
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
        MemorySegment y = operands[p.output()];
        MemorySegment bias = p.bias() < 0 ? scratch : operands[p.bias()];
        if (p.bias() < 0) {
            MemoryMoves.clear(scratch, 0, pixelBytes);
        }
        long rowBytes = columnAxis.output() * pixelBytes;
        for (long row = partition.start(from); row < partition.start(to); row++) {
            int window = (int) (row % rowAxis.output());
            int firstTap = Math.min(rowAxis.kernel(), rowAxis.firstTap(window));
            int endTap = Math.max(firstTap, rowAxis.endTap(window));
            long line = row / rowAxis.output() * rowAxis.input()
                    + rowAxis.start(window)
                    + (long) firstTap * rowAxis.dilation();
            long at = line * lineBytes - columnAxis.padBegin() * pixelBytes;
            long weights = (long) firstTap * columnAxis.kernel() * pixelBytes;
            int rows = endTap - firstTap;
            long out = row * rowBytes;
            interiorWindows(operands, bias, at, rows, weights, out);
            for (int j = 0; j < firstInterior; j++) {
                singleWindow(operands, bias, at, rows, weights, out, j);
            }
            for (int j = endInterior; j < columnAxis.output(); j++) {
                singleWindow(operands, bias, at, rows, weights, out, j);
            }
            if (epilogue != null) {
                epilogue.apply(y, row * rowBytes, columnAxis.output(), channels, channels, operands, scratch);
            }
        }
    }

    /**
     * Computes the interior windows of a row, several at a time. The last windows may be computed twice.
     *
     * @param operands the operands of the run
     * @param bias the memory of the bias
     * @param at the byte offset of the first window of the row, as if there were columns to the left of the image
     * @param rows the rows of a window that are inside the image
     * @param weights the byte offset of the weights of the first of these rows
     * @param out the byte offset of the row of the result
     */
    private void interiorWindows(
            MemorySegment[] operands, MemorySegment bias, long at, int rows, long weights, long out) {
        if (endInterior - firstInterior < WINDOWS) {
            for (int j = firstInterior; j < endInterior; j++) {
                singleWindow(operands, bias, at, rows, weights, out, j);
            }
        } else if (slidingTaps == 5) {
            fiveTaps(operands, bias, at, rows, weights, out);
        } else if (slidesEightWindows) {
            threeTapsEightWindows(operands, bias, at, rows, weights, out);
        } else if (slidingTaps == 3) {
            threeTaps(operands, bias, at, rows, weights, out);
        } else {
            anyTaps(operands, bias, at, rows, weights, out);
        }
    }

    /** Windows of any size and stride. */
    private void anyTaps(MemorySegment[] operands, MemorySegment bias, long line, int rows, long taps, long out) {
        bias = NATIVE.cast(bias);
        MemorySegment x = NATIVE.cast(operands[0]);
        MemorySegment w = NATIVE.cast(operands[1]);
        MemorySegment y = NATIVE.cast(operands[p.output()]);
        long lineStep = rowAxis.dilation() * lineBytes;
        long weightRow = columnAxis.kernel() * pixelBytes;
        FloatVector low = FloatVector.broadcast(F32, lower);
        FloatVector high = FloatVector.broadcast(F32, upper);
        for (int i = firstInterior; i < endInterior; i += WINDOWS) {
            int j = Math.min(i, endInterior - WINDOWS);
            for (int channel = 0; channel < channels; channel += LANES) {
                long shift = (long) Math.min(channel, channels - LANES) * Float.BYTES;
                long at = line + j * windowStep + shift;
                long to = out + j * pixelBytes + shift;
                FloatVector a = FloatVector.broadcast(F32, ZEROS[0]);
                FloatVector b = FloatVector.broadcast(F32, ZEROS[1]);
                FloatVector c = FloatVector.broadcast(F32, ZEROS[2]);
                FloatVector d = FloatVector.broadcast(F32, ZEROS[3]);
                for (int r = 0; r < rows; r++) {
                    long xOffset = at + r * lineStep;
                    long wOffset = taps + shift + r * weightRow;
                    for (int t = 0; t < columnAxis.kernel(); t++, wOffset += pixelBytes, xOffset += tapStep) {
                        FloatVector v = FLOATS.cast(FloatVector.fromMemorySegment(F32, w, wOffset, ORDER));
                        a = v.fma(FloatVector.fromMemorySegment(F32, x, xOffset, ORDER), a);
                        b = v.fma(FloatVector.fromMemorySegment(F32, x, xOffset + windowStep, ORDER), b);
                        c = v.fma(FloatVector.fromMemorySegment(F32, x, xOffset + 2 * windowStep, ORDER), c);
                        d = v.fma(FloatVector.fromMemorySegment(F32, x, xOffset + 3 * windowStep, ORDER), d);
                    }
                }
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
    }

    /** Eight windows of three columns at a time, with stride 1, which share the columns that they load. */
    private void threeTapsEightWindows(
            MemorySegment[] operands, MemorySegment bias, long line, int rows, long taps, long out) {
        bias = NATIVE.cast(bias);
        MemorySegment x = NATIVE.cast(operands[0]);
        MemorySegment w = NATIVE.cast(operands[1]);
        MemorySegment y = NATIVE.cast(operands[p.output()]);
        long lineStep = rowAxis.dilation() * lineBytes;
        FloatVector low = FloatVector.broadcast(F32, lower);
        FloatVector high = FloatVector.broadcast(F32, upper);
        for (int i = firstInterior; i < endInterior; i += MANY_WINDOWS) {
            int j = Math.min(i, endInterior - MANY_WINDOWS);
            // The columns of these windows outside the image, left and right: less than half of a window's.
            int left = Math.max(0, -columnAxis.start(j));
            int right = Math.max(0, columnAxis.start(j) + MANY_WINDOWS - 1 + columnAxis.kernel() - columnAxis.input());
            VectorMask<Float> noFirst = F32.maskAll(left > 0);
            VectorMask<Float> noLast = F32.maskAll(right > 0);
            long first = left > 0 ? pixelBytes : 0;
            long last = (right > 0 ? 8 : 9) * pixelBytes;
            for (int channel = 0; channel < channels; channel += LANES) {
                long shift = (long) Math.min(channel, channels - LANES) * Float.BYTES;
                long at = line + j * windowStep + shift;
                long to = out + j * pixelBytes + shift;
                FloatVector a = FloatVector.broadcast(F32, ZEROS[0]);
                FloatVector b = FloatVector.broadcast(F32, ZEROS[1]);
                FloatVector c = FloatVector.broadcast(F32, ZEROS[2]);
                FloatVector d = FloatVector.broadcast(F32, ZEROS[3]);
                FloatVector e = FloatVector.broadcast(F32, ZEROS[4]);
                FloatVector f = FloatVector.broadcast(F32, ZEROS[5]);
                FloatVector g = FloatVector.broadcast(F32, ZEROS[6]);
                FloatVector h = FloatVector.broadcast(F32, ZEROS[7]);
                for (int r = 0; r < rows; r++) {
                    long xOffset = at + r * lineStep;
                    long wOffset = taps + shift + 3L * r * pixelBytes;
                    FloatVector w0 = FLOATS.cast(FloatVector.fromMemorySegment(F32, w, wOffset, ORDER));
                    FloatVector w1 = FLOATS.cast(FloatVector.fromMemorySegment(F32, w, wOffset + pixelBytes, ORDER));
                    FloatVector w2 =
                            FLOATS.cast(FloatVector.fromMemorySegment(F32, w, wOffset + 2 * pixelBytes, ORDER));
                    FloatVector x0 = FloatVector.fromMemorySegment(F32, x, xOffset + first, ORDER);
                    a = w0.fma(x0, a).blend(a, noFirst);
                    FloatVector x1 = FloatVector.fromMemorySegment(F32, x, xOffset + pixelBytes, ORDER);
                    a = w1.fma(x1, a);
                    b = w0.fma(x1, b);
                    FloatVector x2 = FloatVector.fromMemorySegment(F32, x, xOffset + 2 * pixelBytes, ORDER);
                    a = w2.fma(x2, a);
                    b = w1.fma(x2, b);
                    c = w0.fma(x2, c);
                    FloatVector x3 = FloatVector.fromMemorySegment(F32, x, xOffset + 3 * pixelBytes, ORDER);
                    b = w2.fma(x3, b);
                    c = w1.fma(x3, c);
                    d = w0.fma(x3, d);
                    FloatVector x4 = FloatVector.fromMemorySegment(F32, x, xOffset + 4 * pixelBytes, ORDER);
                    c = w2.fma(x4, c);
                    d = w1.fma(x4, d);
                    e = w0.fma(x4, e);
                    FloatVector x5 = FloatVector.fromMemorySegment(F32, x, xOffset + 5 * pixelBytes, ORDER);
                    d = w2.fma(x5, d);
                    e = w1.fma(x5, e);
                    f = w0.fma(x5, f);
                    FloatVector x6 = FloatVector.fromMemorySegment(F32, x, xOffset + 6 * pixelBytes, ORDER);
                    e = w2.fma(x6, e);
                    f = w1.fma(x6, f);
                    g = w0.fma(x6, g);
                    FloatVector x7 = FloatVector.fromMemorySegment(F32, x, xOffset + 7 * pixelBytes, ORDER);
                    f = w2.fma(x7, f);
                    g = w1.fma(x7, g);
                    h = w0.fma(x7, h);
                    FloatVector x8 = FloatVector.fromMemorySegment(F32, x, xOffset + 8 * pixelBytes, ORDER);
                    g = w2.fma(x8, g);
                    h = w1.fma(x8, h);
                    FloatVector x9 = FloatVector.fromMemorySegment(F32, x, xOffset + last, ORDER);
                    h = w2.fma(x9, h).blend(h, noLast);
                }
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
                e = start.add(e);
                e = e.blend(low, e.compare(VectorOperators.LT, low));
                e.blend(high, e.compare(VectorOperators.GT, high)).intoMemorySegment(y, to + 4 * pixelBytes, ORDER);
                f = start.add(f);
                f = f.blend(low, f.compare(VectorOperators.LT, low));
                f.blend(high, f.compare(VectorOperators.GT, high)).intoMemorySegment(y, to + 5 * pixelBytes, ORDER);
                g = start.add(g);
                g = g.blend(low, g.compare(VectorOperators.LT, low));
                g.blend(high, g.compare(VectorOperators.GT, high)).intoMemorySegment(y, to + 6 * pixelBytes, ORDER);
                h = start.add(h);
                h = h.blend(low, h.compare(VectorOperators.LT, low));
                h.blend(high, h.compare(VectorOperators.GT, high)).intoMemorySegment(y, to + 7 * pixelBytes, ORDER);
            }
        }
    }

    /** Four windows of three columns at a time, with stride 1, which share the columns that they load. */
    private void threeTaps(MemorySegment[] operands, MemorySegment bias, long line, int rows, long taps, long out) {
        bias = NATIVE.cast(bias);
        MemorySegment x = NATIVE.cast(operands[0]);
        MemorySegment w = NATIVE.cast(operands[1]);
        MemorySegment y = NATIVE.cast(operands[p.output()]);
        long lineStep = rowAxis.dilation() * lineBytes;
        FloatVector low = FloatVector.broadcast(F32, lower);
        FloatVector high = FloatVector.broadcast(F32, upper);
        for (int i = firstInterior; i < endInterior; i += WINDOWS) {
            int j = Math.min(i, endInterior - WINDOWS);
            int left = Math.max(0, -columnAxis.start(j));
            int right = Math.max(0, columnAxis.start(j) + WINDOWS - 1 + columnAxis.kernel() - columnAxis.input());
            VectorMask<Float> noFirst = F32.maskAll(left > 0);
            VectorMask<Float> noLast = F32.maskAll(right > 0);
            long first = left > 0 ? pixelBytes : 0;
            long last = (right > 0 ? 4 : 5) * pixelBytes;
            for (int channel = 0; channel < channels; channel += LANES) {
                long shift = (long) Math.min(channel, channels - LANES) * Float.BYTES;
                long at = line + j * windowStep + shift;
                long to = out + j * pixelBytes + shift;
                FloatVector a = FloatVector.broadcast(F32, ZEROS[0]);
                FloatVector b = FloatVector.broadcast(F32, ZEROS[1]);
                FloatVector c = FloatVector.broadcast(F32, ZEROS[2]);
                FloatVector d = FloatVector.broadcast(F32, ZEROS[3]);
                for (int r = 0; r < rows; r++) {
                    long xOffset = at + r * lineStep;
                    long wOffset = taps + shift + 3L * r * pixelBytes;
                    FloatVector w0 = FLOATS.cast(FloatVector.fromMemorySegment(F32, w, wOffset, ORDER));
                    FloatVector w1 = FLOATS.cast(FloatVector.fromMemorySegment(F32, w, wOffset + pixelBytes, ORDER));
                    FloatVector w2 =
                            FLOATS.cast(FloatVector.fromMemorySegment(F32, w, wOffset + 2 * pixelBytes, ORDER));
                    FloatVector x0 = FloatVector.fromMemorySegment(F32, x, xOffset + first, ORDER);
                    FloatVector x1 = FloatVector.fromMemorySegment(F32, x, xOffset + pixelBytes, ORDER);
                    FloatVector x2 = FloatVector.fromMemorySegment(F32, x, xOffset + 2 * pixelBytes, ORDER);
                    a = w2.fma(x2, w1.fma(x1, w0.fma(x0, a).blend(a, noFirst)));
                    FloatVector x3 = FloatVector.fromMemorySegment(F32, x, xOffset + 3 * pixelBytes, ORDER);
                    b = w2.fma(x3, w1.fma(x2, w0.fma(x1, b)));
                    FloatVector x4 = FloatVector.fromMemorySegment(F32, x, xOffset + 4 * pixelBytes, ORDER);
                    c = w2.fma(x4, w1.fma(x3, w0.fma(x2, c)));
                    FloatVector x5 = FloatVector.fromMemorySegment(F32, x, xOffset + last, ORDER);
                    d = w1.fma(x4, w0.fma(x3, d));
                    d = w2.fma(x5, d).blend(d, noLast);
                }
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
    }

    /** Four windows of five columns at a time, with stride 1, which share the columns that they load. */
    private void fiveTaps(MemorySegment[] operands, MemorySegment bias, long line, int rows, long taps, long out) {
        bias = NATIVE.cast(bias);
        MemorySegment x = NATIVE.cast(operands[0]);
        MemorySegment w = NATIVE.cast(operands[1]);
        MemorySegment y = NATIVE.cast(operands[p.output()]);
        long lineStep = rowAxis.dilation() * lineBytes;
        FloatVector low = FloatVector.broadcast(F32, lower);
        FloatVector high = FloatVector.broadcast(F32, upper);
        for (int i = firstInterior; i < endInterior; i += WINDOWS) {
            int j = Math.min(i, endInterior - WINDOWS);
            int left = Math.max(0, -columnAxis.start(j));
            int right = Math.max(0, columnAxis.start(j) + WINDOWS - 1 + columnAxis.kernel() - columnAxis.input());
            VectorMask<Float> noFirst = F32.maskAll(left > 0);
            VectorMask<Float> noSecond = F32.maskAll(left > 1);
            VectorMask<Float> noLast = F32.maskAll(right > 0);
            VectorMask<Float> noSecondLast = F32.maskAll(right > 1);
            long first = left * pixelBytes;
            long second = Math.max(1, left) * pixelBytes;
            long last = (7 - right) * pixelBytes;
            long secondLast = Math.min(6, 7 - right) * pixelBytes;
            for (int channel = 0; channel < channels; channel += LANES) {
                long shift = (long) Math.min(channel, channels - LANES) * Float.BYTES;
                long at = line + j * windowStep + shift;
                long to = out + j * pixelBytes + shift;
                FloatVector a = FloatVector.broadcast(F32, ZEROS[0]);
                FloatVector b = FloatVector.broadcast(F32, ZEROS[1]);
                FloatVector c = FloatVector.broadcast(F32, ZEROS[2]);
                FloatVector d = FloatVector.broadcast(F32, ZEROS[3]);
                for (int r = 0; r < rows; r++) {
                    long xOffset = at + r * lineStep;
                    long wOffset = taps + shift + 5L * r * pixelBytes;
                    FloatVector w0 = FLOATS.cast(FloatVector.fromMemorySegment(F32, w, wOffset, ORDER));
                    FloatVector w1 = FLOATS.cast(FloatVector.fromMemorySegment(F32, w, wOffset + pixelBytes, ORDER));
                    FloatVector w2 =
                            FLOATS.cast(FloatVector.fromMemorySegment(F32, w, wOffset + 2 * pixelBytes, ORDER));
                    FloatVector w3 =
                            FLOATS.cast(FloatVector.fromMemorySegment(F32, w, wOffset + 3 * pixelBytes, ORDER));
                    FloatVector w4 =
                            FLOATS.cast(FloatVector.fromMemorySegment(F32, w, wOffset + 4 * pixelBytes, ORDER));
                    FloatVector x0 = FloatVector.fromMemorySegment(F32, x, xOffset + first, ORDER);
                    FloatVector x1 = FloatVector.fromMemorySegment(F32, x, xOffset + second, ORDER);
                    FloatVector x2 = FloatVector.fromMemorySegment(F32, x, xOffset + 2 * pixelBytes, ORDER);
                    FloatVector x3 = FloatVector.fromMemorySegment(F32, x, xOffset + 3 * pixelBytes, ORDER);
                    FloatVector x4 = FloatVector.fromMemorySegment(F32, x, xOffset + 4 * pixelBytes, ORDER);
                    a = w0.fma(x0, a).blend(a, noFirst);
                    a = w1.fma(x1, a).blend(a, noSecond);
                    a = w4.fma(x4, w3.fma(x3, w2.fma(x2, a)));
                    FloatVector x5 = FloatVector.fromMemorySegment(F32, x, xOffset + 5 * pixelBytes, ORDER);
                    b = w0.fma(x1, b).blend(b, noSecond);
                    b = w4.fma(x5, w3.fma(x4, w2.fma(x3, w1.fma(x2, b))));
                    FloatVector x6 = FloatVector.fromMemorySegment(F32, x, xOffset + secondLast, ORDER);
                    c = w3.fma(x5, w2.fma(x4, w1.fma(x3, w0.fma(x2, c))));
                    c = w4.fma(x6, c).blend(c, noSecondLast);
                    FloatVector x7 = FloatVector.fromMemorySegment(F32, x, xOffset + last, ORDER);
                    d = w2.fma(x5, w1.fma(x4, w0.fma(x3, d)));
                    d = w3.fma(x6, d).blend(d, noSecondLast);
                    d = w4.fma(x7, d).blend(d, noLast);
                }
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
    }

    /** A window with columns that may be outside the image. */
    private void singleWindow(
            MemorySegment[] operands, MemorySegment bias, long at, int rows, long weights, long out, int column) {
        int firstTap = columnAxis.firstTap(column);
        int columns = columnAxis.endTap(column) - firstTap;
        long window = at + column * windowStep + firstTap * tapStep;
        long wOffset = weights + firstTap * pixelBytes;
        long result = out + column * pixelBytes;
        for (int channel = 0; channel < channels; ) {
            boolean severalVectors = channels >= MANY_VECTORS * LANES && channels - channel > MANY_VECTORS / 2 * LANES;
            int step = severalVectors ? MANY_VECTORS * LANES : LANES;
            long shift = (long) Math.min(channel, channels - step) * Float.BYTES;
            long xOffset = window + shift;
            if (severalVectors) {
                fourVectors(operands, xOffset, rows, columns, wOffset + shift, bias, shift, result + shift);
            } else {
                oneVector(operands, xOffset, rows, columns, wOffset + shift, bias, shift, result + shift);
            }
            channel += step;
        }
    }

    /** A rectangle of taps of one vector of channels of a window. */
    private void oneVector(
            MemorySegment[] operands,
            long at,
            int rows,
            int columns,
            long weights,
            MemorySegment bias,
            long shift,
            long to) {
        MemorySegment x = NATIVE.cast(operands[0]);
        MemorySegment w = NATIVE.cast(operands[1]);
        MemorySegment y = NATIVE.cast(operands[p.output()]);
        bias = NATIVE.cast(bias);
        FloatVector a = FloatVector.broadcast(F32, ZEROS[0]);
        long lineStep = rowAxis.dilation() * lineBytes;
        long weightRow = columnAxis.kernel() * pixelBytes;
        for (int r = 0; r < rows; r++) {
            long xOffset = at + r * lineStep;
            long wOffset = weights + r * weightRow;
            for (int t = 0; t < columns; t++, wOffset += pixelBytes, xOffset += tapStep) {
                FloatVector v = FLOATS.cast(FloatVector.fromMemorySegment(F32, w, wOffset, ORDER));
                a = v.fma(FloatVector.fromMemorySegment(F32, x, xOffset, ORDER), a);
            }
        }
        a = FLOATS.cast(FloatVector.fromMemorySegment(F32, bias, shift, ORDER)).add(a);
        a = a.blend(lower, a.compare(VectorOperators.LT, lower));
        a.blend(upper, a.compare(VectorOperators.GT, upper)).intoMemorySegment(y, to, ORDER);
    }

    /** A rectangle of taps of four vectors of channels of a window. */
    private void fourVectors(
            MemorySegment[] operands,
            long at,
            int rows,
            int columns,
            long weights,
            MemorySegment bias,
            long shift,
            long to) {
        MemorySegment x = NATIVE.cast(operands[0]);
        MemorySegment w = NATIVE.cast(operands[1]);
        MemorySegment y = NATIVE.cast(operands[p.output()]);
        bias = NATIVE.cast(bias);
        FloatVector a = FloatVector.broadcast(F32, ZEROS[0]);
        FloatVector b = FloatVector.broadcast(F32, ZEROS[1]);
        FloatVector c = FloatVector.broadcast(F32, ZEROS[2]);
        FloatVector d = FloatVector.broadcast(F32, ZEROS[3]);
        long lineStep = rowAxis.dilation() * lineBytes;
        long weightRow = columnAxis.kernel() * pixelBytes;
        for (int r = 0; r < rows; r++) {
            long xOffset = at + r * lineStep;
            long wOffset = weights + r * weightRow;
            for (int t = 0; t < columns; t++, wOffset += pixelBytes, xOffset += tapStep) {
                a = FLOATS.cast(FloatVector.fromMemorySegment(F32, w, wOffset, ORDER))
                        .fma(FloatVector.fromMemorySegment(F32, x, xOffset, ORDER), a);
                b = FLOATS.cast(FloatVector.fromMemorySegment(F32, w, wOffset + VECTOR, ORDER))
                        .fma(FloatVector.fromMemorySegment(F32, x, xOffset + VECTOR, ORDER), b);
                c = FLOATS.cast(FloatVector.fromMemorySegment(F32, w, wOffset + 2 * VECTOR, ORDER))
                        .fma(FloatVector.fromMemorySegment(F32, x, xOffset + 2 * VECTOR, ORDER), c);
                d = FLOATS.cast(FloatVector.fromMemorySegment(F32, w, wOffset + 3 * VECTOR, ORDER))
                        .fma(FloatVector.fromMemorySegment(F32, x, xOffset + 3 * VECTOR, ORDER), d);
            }
        }
        FloatVector low = FloatVector.broadcast(F32, lower);
        FloatVector high = FloatVector.broadcast(F32, upper);
        a = FLOATS.cast(FloatVector.fromMemorySegment(F32, bias, shift, ORDER)).add(a);
        a = a.blend(low, a.compare(VectorOperators.LT, low));
        a.blend(high, a.compare(VectorOperators.GT, high)).intoMemorySegment(y, to, ORDER);
        b = FLOATS.cast(FloatVector.fromMemorySegment(F32, bias, shift + VECTOR, ORDER))
                .add(b);
        b = b.blend(low, b.compare(VectorOperators.LT, low));
        b.blend(high, b.compare(VectorOperators.GT, high)).intoMemorySegment(y, to + VECTOR, ORDER);
        c = FLOATS.cast(FloatVector.fromMemorySegment(F32, bias, shift + 2 * VECTOR, ORDER))
                .add(c);
        c = c.blend(low, c.compare(VectorOperators.LT, low));
        c.blend(high, c.compare(VectorOperators.GT, high)).intoMemorySegment(y, to + 2 * VECTOR, ORDER);
        d = FLOATS.cast(FloatVector.fromMemorySegment(F32, bias, shift + 3 * VECTOR, ORDER))
                .add(d);
        d = d.blend(low, d.compare(VectorOperators.LT, low));
        d.blend(high, d.compare(VectorOperators.GT, high)).intoMemorySegment(y, to + 3 * VECTOR, ORDER);
    }
}
