package dev.tenon.kernel.vector.conv;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.TileEpilogue;
import dev.tenon.kernel.conv.ConvProblem;
import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.kernel.vector.StridedCopy;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;

/**
 * Depthwise convolution of float32 planes: each output channel reads one input channel. The channel is copied as a
 * {@link PolyphasePlane}. Each element is one chain of fused multiply-adds that starts from the bias. A weight that is not
 * finite turns padding into NaN.
 */
public final class VectorDepthwise implements Kernel {
    private static final int LANES = SimdSpecies.LANES;
    private static final long VECTOR = (long) LANES * Float.BYTES;
    private static final int ROWS = 4;
    private static final long STEP = ROWS * VECTOR;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;
    private static final long PART_WORK = 200_000;
    private static final int MULTIPLY_ADDS_PER_NANO = 16;

    private final ConvProblem p;

    private final PolyphasePlane input;
    private final long[] tapOffsets;
    private final RowPartition partition;
    private final int width;
    private final int height;
    private final TileEpilogue epilogue;

    private VectorDepthwise(ConvProblem p) {
        this.p = p;
        input = new PolyphasePlane(p.window(), 0);
        tapOffsets = input.tapOffsets();
        width = p.window().columns().output();
        height = p.window().rows().output();
        partition = RowPartition.of(
                (long) p.instances() * p.groups(),
                p.outputChannels() * p.window().windows() * tapOffsets.length,
                PART_WORK);
        epilogue = TileEpilogue.withScratchAfter(p.epilogue(), kernelScratchBytes());
    }

    /**
     * The kernel of a problem.
     *
     * @param p a convolution with one input channel in a group
     * @return the kernel
     */
    public static Kernel of(ConvProblem p) {
        return new VectorDepthwise(p);
    }

    @Override
    public String id() {
        return TileEpilogue.id(p.epilogue(), "conv_f32_depthwise_vector" + SimdSpecies.BITS);
    }

    @Override
    public int parts() {
        return partition.parts();
    }

    @Override
    public long partNanos() {
        return 1
                + partition.maxPartRows()
                        * (p.outputChannels() * p.window().windows() * tapOffsets.length / MULTIPLY_ADDS_PER_NANO
                                + p.window().pixels());
    }

    /** The bias, a vector of results for each row of a step, then the plane. A step may read beyond the plane. */
    @Override
    public long scratchBytes() {
        return TileEpilogue.scratchBytes(epilogue, kernelScratchBytes());
    }

    private long kernelScratchBytes() {
        return 2 * STEP + input.byteSize() + (ROWS - 1) * input.rowBytes() + VECTOR;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        input.fillPadding(scratch, 2 * STEP);
        for (long channel = partition.start(from); channel < partition.start(to); channel++) {
            input.load(operands[0], channel * p.window().pixels() * Float.BYTES, scratch, 2 * STEP);
            for (int i = 0; i < p.outputChannels(); i++) {
                computePlane(operands, scratch, channel, i);
            }
        }
    }

    /** Computes an output plane from the copied input plane. */
    private void computePlane(MemorySegment[] operands, MemorySegment scratch, long channel, int output) {
        scratch = NATIVE.cast(scratch);
        long m = channel % p.groups() * p.outputChannels() + output;
        float bias = p.bias() < 0 ? 0 : operands[p.bias()].get(SCALAR, m * Float.BYTES);
        for (long at = 0; at < STEP; at += VECTOR) {
            FLOATS.cast(FloatVector.broadcast(F32, bias)).intoMemorySegment(scratch, at, ORDER);
        }
        long out = (channel * p.outputChannels() + output) * p.window().windows() * Float.BYTES;
        computeRows(operands[1], m * tapOffsets.length * Float.BYTES, scratch, operands[p.output()], out);
        int windows = (int) p.window().windows();
        if (epilogue != null && windows > 0) {
            epilogue.apply(operands[p.output()], out, 1, windows, windows, operands, scratch);
        }
    }

    /**
     * Computes a plane, some rows at a time and vector by vector from the right. A step may write beyond the end of its
     * rows; the next row, or the vector to the left of the next row, overwrites that. A step that would write beyond
     * the plane, which may belong to another thread, writes to scratch memory instead.
     */
    private void computeRows(MemorySegment w, long weights, MemorySegment scratch, MemorySegment y, long out) {
        long end = out + p.window().windows() * Float.BYTES;
        long widthBytes = (long) width * Float.BYTES;
        for (int j = (width - 1) / LANES * LANES; j >= 0; j -= LANES) {
            long column = (long) j * Float.BYTES;
            for (int i = 0; i < height; i += ROWS) {
                long from = 2 * STEP + column + i * input.rowBytes();
                long to = out + column + i * widthBytes;
                if (to + (ROWS - 1) * widthBytes + VECTOR <= end) {
                    computeStep(w, weights, scratch, from, y, to, widthBytes);
                    continue;
                }
                computeStep(w, weights, scratch, from, scratch, STEP, VECTOR);
                for (int row = 0; row < Math.min(ROWS, height - i); row++) {
                    int count = Math.min(width - j, LANES);
                    StridedCopy.copy(scratch, STEP + row * VECTOR, 1, y, to + row * widthBytes, count);
                }
            }
        }
    }

    /** Computes a vector in each of some rows. Some rows may lie beyond the plane. */
    private void computeStep(
            MemorySegment w, long weights, MemorySegment s, long from, MemorySegment y, long to, long yRowBytes) {
        w = NATIVE.cast(w);
        s = NATIVE.cast(s);
        y = NATIVE.cast(y);
        long row = input.rowBytes();
        FloatVector a = FLOATS.cast(FloatVector.fromMemorySegment(F32, s, 0, ORDER));
        FloatVector b = FLOATS.cast(FloatVector.fromMemorySegment(F32, s, VECTOR, ORDER));
        FloatVector c = FLOATS.cast(FloatVector.fromMemorySegment(F32, s, 2 * VECTOR, ORDER));
        FloatVector d = FLOATS.cast(FloatVector.fromMemorySegment(F32, s, 3 * VECTOR, ORDER));
        for (int t = 0; t < tapOffsets.length; t++) {
            long at = from + tapOffsets[t];
            FloatVector weight = FloatVector.broadcast(F32, w.get(SCALAR, weights + (long) t * Float.BYTES));
            a = FLOATS.cast(FloatVector.fromMemorySegment(F32, s, at, ORDER)).fma(weight, a);
            b = FLOATS.cast(FloatVector.fromMemorySegment(F32, s, at + row, ORDER))
                    .fma(weight, b);
            c = FLOATS.cast(FloatVector.fromMemorySegment(F32, s, at + 2 * row, ORDER))
                    .fma(weight, c);
            d = FLOATS.cast(FloatVector.fromMemorySegment(F32, s, at + 3 * row, ORDER))
                    .fma(weight, d);
        }
        a.intoMemorySegment(y, to, ORDER);
        b.intoMemorySegment(y, to + yRowBytes, ORDER);
        c.intoMemorySegment(y, to + 2 * yRowBytes, ORDER);
        d.intoMemorySegment(y, to + 3 * yRowBytes, ORDER);
    }
}
