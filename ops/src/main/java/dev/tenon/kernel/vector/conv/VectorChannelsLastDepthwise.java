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
 * Convolution of float32 planes whose channels lie last and whose every output channel sees one input channel: a vector
 * of channels at a time, four windows side by side, or eight. Taps beside the plane are left out. Each element is one chain of fused
 * multiply-adds, to which the bias is added.
 */
public final class VectorChannelsLastDepthwise implements Kernel {
    private static final int LANES = SimdSpecies.LANES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final long VECTOR = (long) LANES * Float.BYTES;
    private static final int WINDOWS = 4;

    /** Windows side by side where registers hold their sums: more chains at once, and fewer loads. */
    private static final int MANY = 8;

    /** Vectors of channels of a window that is computed alone, where there are as many. */
    private static final int VECTORS = 4;

    /** What sums start from: one element each, as one that they share would be kept as an object through the loops. */
    private static final float[] ZEROS = new float[MANY];

    private static final long PART_WORK = 200_000;
    private static final int NANOS_SHARE = 24;

    private final ConvProblem p;
    private final float least;
    private final float greatest;
    private final Window2d.Axis down;
    private final Window2d.Axis across;
    private final int channels;
    private final long pixelBytes;
    private final long lineBytes;
    /** Bytes from the input of a window to that of the next, and from a tap to the next in its row. */
    private final long windowStep;

    private final long tapStep;
    /** The windows all of whose columns lie on the plane; those that slide, all of them. */
    private final int firstInside;

    private final int endInside;
    /** The columns of windows that slide by one and have loops of their own, three or five, else 0. */
    private final int sliding;
    /** Whether eight windows of three columns slide at once. */
    private final boolean many;

    private final RowPartition split;
    private final TileEpilogue epilogue;

    private VectorChannelsLastDepthwise(ChannelsLastConvProblem problem) {
        p = problem.conv();
        least = problem.least();
        greatest = problem.greatest();
        down = p.window().rows();
        across = p.window().columns();
        channels = p.groups();
        pixelBytes = (long) channels * Float.BYTES;
        lineBytes = across.input() * pixelBytes;
        windowStep = across.stride() * pixelBytes;
        tapStep = across.dilation() * pixelBytes;
        boolean slides = across.stride() == 1 && across.dilation() == 1;
        boolean three = slides && across.kernel() == 3 && reachesLittle();
        many = three && across.output() >= MANY && SimdSpecies.REGISTERS >= 32;
        // Where registers are many, a line too short for eight windows is left to the loop of any taps: it is short
        // work, and in some JVMs what four sliding windows of three columns store becomes objects.
        boolean four = three && SimdSpecies.REGISTERS < 32;
        boolean five = slides && across.kernel() == 5 && reachesLittle();
        sliding = many || four || five ? across.kernel() : 0;
        int first = sliding > 0 ? 0 : across.firstWindow(0);
        firstInside = Math.min(across.output(), first);
        endInside = sliding > 0 ? across.output() : Math.max(firstInside, across.endWindow(across.kernel() - 1));
        split = RowPartition.of(
                (long) p.instances() * down.output(),
                across.output() * (long) channels * p.window().taps(),
                PART_WORK);
        epilogue = TileEpilogue.behind(p.epilogue(), ownBytes());
    }

    /**
     * The kernel of a convolution.
     *
     * @param p a convolution with one input and one output channel in a group, and a vector of groups or more
     * @return the kernel
     */
    public static Kernel of(ChannelsLastConvProblem p) {
        return new VectorChannelsLastDepthwise(p);
    }

    /** Whether windows reach beyond lines by less than half of their columns, and lines have as many as are done at once. */
    private boolean reachesLittle() {
        int half = across.kernel() / 2;
        int behind = across.start(across.output() - 1) + across.kernel() - across.input();
        return across.padBegin() <= half && behind <= half && across.output() >= WINDOWS;
    }

    @Override
    public String id() {
        return TileEpilogue.id(epilogue, "conv_f32_last_depthwise_vector" + SimdSpecies.BITS);
    }

    @Override
    public int parts() {
        return split.parts();
    }

    @Override
    public long partNanos() {
        return 1 + split.most() * across.output() * channels * p.window().taps() / NANOS_SHARE;
    }

    @Override
    public long scratchBytes() {
        return TileEpilogue.scratchBytes(epilogue, ownBytes());
    }

    /** Zeros, where there is no bias. */
    private long ownBytes() {
        return p.bias() < 0 ? pixelBytes : 0;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        MemorySegment y = operands[p.output()];
        MemorySegment bias = p.bias() < 0 ? scratch : operands[p.bias()];
        if (p.bias() < 0) {
            MemoryMoves.clear(scratch, 0, pixelBytes);
        }
        long rowBytes = across.output() * pixelBytes;
        for (long row = split.start(from); row < split.start(to); row++) {
            int window = (int) (row % down.output());
            int firstTap = Math.min(down.kernel(), down.firstTap(window));
            int endTap = Math.max(firstTap, down.endTap(window));
            long line = row / down.output() * down.input() + down.start(window) + (long) firstTap * down.dilation();
            long at = line * lineBytes - across.padBegin() * pixelBytes;
            long weights = (long) firstTap * across.kernel() * pixelBytes;
            int rows = endTap - firstTap;
            long out = row * rowBytes;
            inside(operands[0], at, rows, operands[1], weights, bias, y, out);
            single(operands[0], at, rows, operands[1], weights, bias, y, out, 0, firstInside);
            single(operands[0], at, rows, operands[1], weights, bias, y, out, endInside, across.output());
            if (epilogue != null) {
                epilogue.apply(y, row * rowBytes, across.output(), channels, channels, operands, scratch);
            }
        }
    }

    /**
     * The windows of a line that are computed side by side; the last ones are computed with their neighbours again.
     *
     * @param x the memory of the input
     * @param at where the first window of the line begins, bytes
     * @param rows the rows of a window that lie on the plane
     * @param w the memory of the weights
     * @param weights the byte offset of those of the first of these rows
     * @param bias the memory of the bias
     * @param y the memory of the result
     * @param out the byte offset of the line
     */
    private void inside(
            MemorySegment x,
            long at,
            int rows,
            MemorySegment w,
            long weights,
            MemorySegment bias,
            MemorySegment y,
            long out) {
        if (endInside - firstInside < WINDOWS) {
            single(x, at, rows, w, weights, bias, y, out, firstInside, endInside);
            return;
        }
        if (sliding == 5) {
            fiveTaps(x, at, rows, w, weights, bias, y, out);
        } else if (many) {
            manyThreeTaps(x, at, rows, w, weights, bias, y, out);
        } else if (sliding == 3) {
            threeTaps(x, at, rows, w, weights, bias, y, out);
        } else {
            anyTaps(x, at, rows, w, weights, bias, y, out);
        }
    }

    /** The windows of a line that have loops of their own in no other method. */
    private void anyTaps(
            MemorySegment input,
            long line,
            int rows,
            MemorySegment filter,
            long taps,
            MemorySegment bias,
            MemorySegment output,
            long out) {
        bias = NATIVE.cast(bias);
        MemorySegment x = NATIVE.cast(input);
        MemorySegment w = NATIVE.cast(filter);
        MemorySegment y = NATIVE.cast(output);
        long lineStep = down.dilation() * lineBytes;
        long weightRow = across.kernel() * pixelBytes;
        FloatVector low = FloatVector.broadcast(F32, least);
        FloatVector high = FloatVector.broadcast(F32, greatest);
        for (int i = firstInside; i < endInside; i += WINDOWS) {
            int j = Math.min(i, endInside - WINDOWS);
            for (int channel = 0; channel < channels; channel += LANES) {
                // The last vector lies on the one before it: the elements of both are computed twice.
                long shift = (long) Math.min(channel, channels - LANES) * Float.BYTES;
                long at = line + j * windowStep + shift;
                long to = out + j * pixelBytes + shift;
                FloatVector a = FloatVector.broadcast(F32, ZEROS[0]);
                FloatVector b = FloatVector.broadcast(F32, ZEROS[1]);
                FloatVector c = FloatVector.broadcast(F32, ZEROS[2]);
                FloatVector d = FloatVector.broadcast(F32, ZEROS[3]);
                for (int r = 0; r < rows; r++) {
                    long place = at + r * lineStep;
                    long weight = taps + shift + r * weightRow;
                    for (int t = 0; t < across.kernel(); t++, weight += pixelBytes, place += tapStep) {
                        FloatVector v = FLOATS.cast(FloatVector.fromMemorySegment(F32, w, weight, ORDER));
                        a = v.fma(FloatVector.fromMemorySegment(F32, x, place, ORDER), a);
                        b = v.fma(FloatVector.fromMemorySegment(F32, x, place + windowStep, ORDER), b);
                        c = v.fma(FloatVector.fromMemorySegment(F32, x, place + 2 * windowStep, ORDER), c);
                        d = v.fma(FloatVector.fromMemorySegment(F32, x, place + 3 * windowStep, ORDER), d);
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

    /** Eight windows of a line at once, of three columns each, of which each sees what the one before it saw. */
    private void manyThreeTaps(
            MemorySegment input,
            long line,
            int rows,
            MemorySegment filter,
            long taps,
            MemorySegment bias,
            MemorySegment output,
            long out) {
        bias = NATIVE.cast(bias);
        MemorySegment x = NATIVE.cast(input);
        MemorySegment w = NATIVE.cast(filter);
        MemorySegment y = NATIVE.cast(output);
        long lineStep = down.dilation() * lineBytes;
        FloatVector low = FloatVector.broadcast(F32, least);
        FloatVector high = FloatVector.broadcast(F32, greatest);
        for (int i = firstInside; i < endInside; i += MANY) {
            int j = Math.min(i, endInside - MANY);
            // Columns of these windows that lie before the plane and behind it: at most half of a window's.
            int left = Math.max(0, -across.start(j));
            int right = Math.max(0, across.start(j) + MANY - 1 + across.kernel() - across.input());
            VectorMask<Float> noFirst = F32.maskAll(left > 0);
            VectorMask<Float> noLast = F32.maskAll(right > 0);
            // What is read instead of a column that is not there has no effect.
            long first = left > 0 ? pixelBytes : 0;
            long last = (right > 0 ? 8 : 9) * pixelBytes;
            for (int channel = 0; channel < channels; channel += LANES) {
                // The last vector lies on the one before it: the elements of both are computed twice.
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
                    long place = at + r * lineStep;
                    long weight = taps + shift + 3L * r * pixelBytes;
                    FloatVector w0 = FLOATS.cast(FloatVector.fromMemorySegment(F32, w, weight, ORDER));
                    FloatVector w1 = FLOATS.cast(FloatVector.fromMemorySegment(F32, w, weight + pixelBytes, ORDER));
                    FloatVector w2 = FLOATS.cast(FloatVector.fromMemorySegment(F32, w, weight + 2 * pixelBytes, ORDER));
                    FloatVector x0 = FloatVector.fromMemorySegment(F32, x, place + first, ORDER);
                    a = w0.fma(x0, a).blend(a, noFirst);
                    FloatVector x1 = FloatVector.fromMemorySegment(F32, x, place + pixelBytes, ORDER);
                    a = w1.fma(x1, a);
                    b = w0.fma(x1, b);
                    FloatVector x2 = FloatVector.fromMemorySegment(F32, x, place + 2 * pixelBytes, ORDER);
                    a = w2.fma(x2, a);
                    b = w1.fma(x2, b);
                    c = w0.fma(x2, c);
                    FloatVector x3 = FloatVector.fromMemorySegment(F32, x, place + 3 * pixelBytes, ORDER);
                    b = w2.fma(x3, b);
                    c = w1.fma(x3, c);
                    d = w0.fma(x3, d);
                    FloatVector x4 = FloatVector.fromMemorySegment(F32, x, place + 4 * pixelBytes, ORDER);
                    c = w2.fma(x4, c);
                    d = w1.fma(x4, d);
                    e = w0.fma(x4, e);
                    FloatVector x5 = FloatVector.fromMemorySegment(F32, x, place + 5 * pixelBytes, ORDER);
                    d = w2.fma(x5, d);
                    e = w1.fma(x5, e);
                    f = w0.fma(x5, f);
                    FloatVector x6 = FloatVector.fromMemorySegment(F32, x, place + 6 * pixelBytes, ORDER);
                    e = w2.fma(x6, e);
                    f = w1.fma(x6, f);
                    g = w0.fma(x6, g);
                    FloatVector x7 = FloatVector.fromMemorySegment(F32, x, place + 7 * pixelBytes, ORDER);
                    f = w2.fma(x7, f);
                    g = w1.fma(x7, g);
                    h = w0.fma(x7, h);
                    FloatVector x8 = FloatVector.fromMemorySegment(F32, x, place + 8 * pixelBytes, ORDER);
                    g = w2.fma(x8, g);
                    h = w1.fma(x8, h);
                    FloatVector x9 = FloatVector.fromMemorySegment(F32, x, place + last, ORDER);
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

    /** The windows of a line, of three columns each, of which each sees what the one before it saw. */
    private void threeTaps(
            MemorySegment input,
            long line,
            int rows,
            MemorySegment filter,
            long taps,
            MemorySegment bias,
            MemorySegment output,
            long out) {
        bias = NATIVE.cast(bias);
        MemorySegment x = NATIVE.cast(input);
        MemorySegment w = NATIVE.cast(filter);
        MemorySegment y = NATIVE.cast(output);
        long lineStep = down.dilation() * lineBytes;
        FloatVector low = FloatVector.broadcast(F32, least);
        FloatVector high = FloatVector.broadcast(F32, greatest);
        for (int i = firstInside; i < endInside; i += WINDOWS) {
            int j = Math.min(i, endInside - WINDOWS);
            // Columns of these windows that lie before the plane and behind it: at most half of a window's.
            int left = Math.max(0, -across.start(j));
            int right = Math.max(0, across.start(j) + WINDOWS - 1 + across.kernel() - across.input());
            VectorMask<Float> noFirst = F32.maskAll(left > 0);
            VectorMask<Float> noLast = F32.maskAll(right > 0);
            // What is read instead of a column that is not there has no effect.
            long first = left > 0 ? pixelBytes : 0;
            long last = (right > 0 ? 4 : 5) * pixelBytes;
            for (int channel = 0; channel < channels; channel += LANES) {
                // The last vector lies on the one before it: the elements of both are computed twice.
                long shift = (long) Math.min(channel, channels - LANES) * Float.BYTES;
                long at = line + j * windowStep + shift;
                long to = out + j * pixelBytes + shift;
                FloatVector a = FloatVector.broadcast(F32, ZEROS[0]);
                FloatVector b = FloatVector.broadcast(F32, ZEROS[1]);
                FloatVector c = FloatVector.broadcast(F32, ZEROS[2]);
                FloatVector d = FloatVector.broadcast(F32, ZEROS[3]);
                for (int r = 0; r < rows; r++) {
                    long place = at + r * lineStep;
                    long weight = taps + shift + 3L * r * pixelBytes;
                    FloatVector w0 = FLOATS.cast(FloatVector.fromMemorySegment(F32, w, weight, ORDER));
                    FloatVector w1 = FLOATS.cast(FloatVector.fromMemorySegment(F32, w, weight + pixelBytes, ORDER));
                    FloatVector w2 = FLOATS.cast(FloatVector.fromMemorySegment(F32, w, weight + 2 * pixelBytes, ORDER));
                    FloatVector x0 = FloatVector.fromMemorySegment(F32, x, place + first, ORDER);
                    FloatVector x1 = FloatVector.fromMemorySegment(F32, x, place + pixelBytes, ORDER);
                    FloatVector x2 = FloatVector.fromMemorySegment(F32, x, place + 2 * pixelBytes, ORDER);
                    a = w2.fma(x2, w1.fma(x1, w0.fma(x0, a).blend(a, noFirst)));
                    FloatVector x3 = FloatVector.fromMemorySegment(F32, x, place + 3 * pixelBytes, ORDER);
                    b = w2.fma(x3, w1.fma(x2, w0.fma(x1, b)));
                    FloatVector x4 = FloatVector.fromMemorySegment(F32, x, place + 4 * pixelBytes, ORDER);
                    c = w2.fma(x4, w1.fma(x3, w0.fma(x2, c)));
                    FloatVector x5 = FloatVector.fromMemorySegment(F32, x, place + last, ORDER);
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

    /** The windows of a line, of five columns each, of which each sees what the one before it saw. */
    private void fiveTaps(
            MemorySegment input,
            long line,
            int rows,
            MemorySegment filter,
            long taps,
            MemorySegment bias,
            MemorySegment output,
            long out) {
        bias = NATIVE.cast(bias);
        MemorySegment x = NATIVE.cast(input);
        MemorySegment w = NATIVE.cast(filter);
        MemorySegment y = NATIVE.cast(output);
        long lineStep = down.dilation() * lineBytes;
        FloatVector low = FloatVector.broadcast(F32, least);
        FloatVector high = FloatVector.broadcast(F32, greatest);
        for (int i = firstInside; i < endInside; i += WINDOWS) {
            int j = Math.min(i, endInside - WINDOWS);
            // Columns of these windows that lie before the plane and behind it: at most half of a window's.
            int left = Math.max(0, -across.start(j));
            int right = Math.max(0, across.start(j) + WINDOWS - 1 + across.kernel() - across.input());
            VectorMask<Float> noFirst = F32.maskAll(left > 0);
            VectorMask<Float> noSecond = F32.maskAll(left > 1);
            VectorMask<Float> noLast = F32.maskAll(right > 0);
            VectorMask<Float> noSecondLast = F32.maskAll(right > 1);
            // What is read instead of columns that are not there has no effect.
            long first = left * pixelBytes;
            long second = Math.max(1, left) * pixelBytes;
            long last = (7 - right) * pixelBytes;
            long secondLast = Math.min(6, 7 - right) * pixelBytes;
            for (int channel = 0; channel < channels; channel += LANES) {
                // The last vector lies on the one before it: the elements of both are computed twice.
                long shift = (long) Math.min(channel, channels - LANES) * Float.BYTES;
                long at = line + j * windowStep + shift;
                long to = out + j * pixelBytes + shift;
                FloatVector a = FloatVector.broadcast(F32, ZEROS[0]);
                FloatVector b = FloatVector.broadcast(F32, ZEROS[1]);
                FloatVector c = FloatVector.broadcast(F32, ZEROS[2]);
                FloatVector d = FloatVector.broadcast(F32, ZEROS[3]);
                for (int r = 0; r < rows; r++) {
                    long place = at + r * lineStep;
                    long weight = taps + shift + 5L * r * pixelBytes;
                    FloatVector w0 = FLOATS.cast(FloatVector.fromMemorySegment(F32, w, weight, ORDER));
                    FloatVector w1 = FLOATS.cast(FloatVector.fromMemorySegment(F32, w, weight + pixelBytes, ORDER));
                    FloatVector w2 = FLOATS.cast(FloatVector.fromMemorySegment(F32, w, weight + 2 * pixelBytes, ORDER));
                    FloatVector w3 = FLOATS.cast(FloatVector.fromMemorySegment(F32, w, weight + 3 * pixelBytes, ORDER));
                    FloatVector w4 = FLOATS.cast(FloatVector.fromMemorySegment(F32, w, weight + 4 * pixelBytes, ORDER));
                    FloatVector x0 = FloatVector.fromMemorySegment(F32, x, place + first, ORDER);
                    FloatVector x1 = FloatVector.fromMemorySegment(F32, x, place + second, ORDER);
                    FloatVector x2 = FloatVector.fromMemorySegment(F32, x, place + 2 * pixelBytes, ORDER);
                    FloatVector x3 = FloatVector.fromMemorySegment(F32, x, place + 3 * pixelBytes, ORDER);
                    FloatVector x4 = FloatVector.fromMemorySegment(F32, x, place + 4 * pixelBytes, ORDER);
                    a = w0.fma(x0, a).blend(a, noFirst);
                    a = w1.fma(x1, a).blend(a, noSecond);
                    a = w4.fma(x4, w3.fma(x3, w2.fma(x2, a)));
                    FloatVector x5 = FloatVector.fromMemorySegment(F32, x, place + 5 * pixelBytes, ORDER);
                    b = w0.fma(x1, b).blend(b, noSecond);
                    b = w4.fma(x5, w3.fma(x4, w2.fma(x3, w1.fma(x2, b))));
                    FloatVector x6 = FloatVector.fromMemorySegment(F32, x, place + secondLast, ORDER);
                    c = w3.fma(x5, w2.fma(x4, w1.fma(x3, w0.fma(x2, c))));
                    c = w4.fma(x6, c).blend(c, noSecondLast);
                    FloatVector x7 = FloatVector.fromMemorySegment(F32, x, place + last, ORDER);
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

    /** Some windows, one after the other, of which some columns may lie beside the plane. */
    private void single(
            MemorySegment x,
            long at,
            int rows,
            MemorySegment w,
            long weights,
            MemorySegment bias,
            MemorySegment y,
            long out,
            int from,
            int to) {
        for (int j = from; j < to; j++) {
            int firstTap = across.firstTap(j);
            int endTap = across.endTap(j);
            long window = at + j * windowStep + firstTap * tapStep;
            long weight = weights + firstTap * pixelBytes;
            long result = out + j * pixelBytes;
            int columns = endTap - firstTap;
            for (int channel = 0; channel < channels; ) {
                // The last vectors lie on those before them: the elements of both are computed twice.
                boolean together = channels >= VECTORS * LANES && channels - channel > VECTORS / 2 * LANES;
                int step = together ? VECTORS * LANES : LANES;
                long shift = (long) Math.min(channel, channels - step) * Float.BYTES;
                long place = window + shift;
                if (together) {
                    someTaps4(x, place, rows, columns, w, weight + shift, bias, shift, y, result + shift);
                } else {
                    someTaps(x, place, rows, columns, w, weight + shift, bias, shift, y, result + shift);
                }
                channel += step;
            }
        }
    }

    /** Some taps of a vector of channels of a window. */
    private void someTaps(
            MemorySegment x,
            long at,
            int rows,
            int columns,
            MemorySegment w,
            long weights,
            MemorySegment bias,
            long shift,
            MemorySegment y,
            long to) {
        x = NATIVE.cast(x);
        w = NATIVE.cast(w);
        bias = NATIVE.cast(bias);
        y = NATIVE.cast(y);
        FloatVector a = FloatVector.broadcast(F32, ZEROS[0]);
        long lineStep = down.dilation() * lineBytes;
        long weightRow = across.kernel() * pixelBytes;
        for (int r = 0; r < rows; r++) {
            long place = at + r * lineStep;
            long weight = weights + r * weightRow;
            for (int t = 0; t < columns; t++, weight += pixelBytes, place += tapStep) {
                FloatVector v = FLOATS.cast(FloatVector.fromMemorySegment(F32, w, weight, ORDER));
                a = v.fma(FloatVector.fromMemorySegment(F32, x, place, ORDER), a);
            }
        }
        a = FLOATS.cast(FloatVector.fromMemorySegment(F32, bias, shift, ORDER)).add(a);
        a = a.blend(least, a.compare(VectorOperators.LT, least));
        a.blend(greatest, a.compare(VectorOperators.GT, greatest)).intoMemorySegment(y, to, ORDER);
    }

    /** Some taps of four vectors of channels of a window. */
    private void someTaps4(
            MemorySegment x,
            long at,
            int rows,
            int columns,
            MemorySegment w,
            long weights,
            MemorySegment bias,
            long shift,
            MemorySegment y,
            long to) {
        x = NATIVE.cast(x);
        w = NATIVE.cast(w);
        bias = NATIVE.cast(bias);
        y = NATIVE.cast(y);
        FloatVector a = FloatVector.broadcast(F32, ZEROS[0]);
        FloatVector b = FloatVector.broadcast(F32, ZEROS[1]);
        FloatVector c = FloatVector.broadcast(F32, ZEROS[2]);
        FloatVector d = FloatVector.broadcast(F32, ZEROS[3]);
        long lineStep = down.dilation() * lineBytes;
        long weightRow = across.kernel() * pixelBytes;
        for (int r = 0; r < rows; r++) {
            long place = at + r * lineStep;
            long weight = weights + r * weightRow;
            for (int t = 0; t < columns; t++, weight += pixelBytes, place += tapStep) {
                a = FLOATS.cast(FloatVector.fromMemorySegment(F32, w, weight, ORDER))
                        .fma(FloatVector.fromMemorySegment(F32, x, place, ORDER), a);
                b = FLOATS.cast(FloatVector.fromMemorySegment(F32, w, weight + VECTOR, ORDER))
                        .fma(FloatVector.fromMemorySegment(F32, x, place + VECTOR, ORDER), b);
                c = FLOATS.cast(FloatVector.fromMemorySegment(F32, w, weight + 2 * VECTOR, ORDER))
                        .fma(FloatVector.fromMemorySegment(F32, x, place + 2 * VECTOR, ORDER), c);
                d = FLOATS.cast(FloatVector.fromMemorySegment(F32, w, weight + 3 * VECTOR, ORDER))
                        .fma(FloatVector.fromMemorySegment(F32, x, place + 3 * VECTOR, ORDER), d);
            }
        }
        FloatVector low = FloatVector.broadcast(F32, least);
        FloatVector high = FloatVector.broadcast(F32, greatest);
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
