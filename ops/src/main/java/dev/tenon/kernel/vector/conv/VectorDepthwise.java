package dev.tenon.kernel.vector.conv;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;

import dev.tenon.kernel.Bounds;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.StoreEpilogue;
import dev.tenon.kernel.TileEpilogue;
import dev.tenon.kernel.conv.ConvProblem;
import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.kernel.vector.StridedCopy;
import dev.tenon.kernel.vector.gemm.GemmScratch;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;

/**
 * Convolution of float32 planes whose every output channel sees one input channel, which is copied as a
 * {@link TapPlane}. Each element is one chain of fused multiply-adds from the bias on; a weight that is not finite makes
 * NaN of padding.
 */
public final class VectorDepthwise implements Kernel {
    private static final int LANES = SimdSpecies.LANES;
    private static final long VECTOR = (long) LANES * Float.BYTES;
    private static final int ROWS = 4;
    private static final long STEP = ROWS * VECTOR;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;
    private static final long PART_WORK = 200_000;
    private static final int NANOS_SHARE = 16;

    private final ConvProblem p;
    /** The plane where windows of 3 x 3 slide one by one, else null. */
    private final SlidingPlane sliding;

    private final TapPlane plane;
    private final long[] taps;
    private final RowPartition split;
    private final int width;
    private final int height;
    /** What results are kept within where they are stored, or null. */
    private final Bounds bounds;

    private final TileEpilogue epilogue;

    private VectorDepthwise(ConvProblem p) {
        this.p = p;
        sliding = SlidingPlane.of(p.window());
        plane = new TapPlane(p.window(), 0);
        taps = plane.taps();
        width = p.window().columns().output();
        height = p.window().rows().output();
        split = RowPartition.of(
                (long) p.instances() * p.groups(), p.outputs() * p.window().windows() * taps.length, PART_WORK);
        bounds = sliding == null ? null : StoreEpilogue.onlyBounds(p.epilogue());
        epilogue = bounds == null ? TileEpilogue.behind(p.epilogue(), ownBytes()) : null;
    }

    /**
     * The kernel of a convolution.
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
        return split.parts();
    }

    @Override
    public long partNanos() {
        return 1
                + split.most()
                        * (p.outputs() * p.window().windows() * taps.length / NANOS_SHARE
                                + p.window().pixels());
    }

    /** The bias, a vector of results for each row of a step, then the plane, behind which a step may read. */
    @Override
    public long scratchBytes() {
        return TileEpilogue.scratchBytes(epilogue, ownBytes());
    }

    private long ownBytes() {
        return sliding != null ? 0 : 2 * STEP + plane.byteSize() + (ROWS - 1) * plane.rowBytes() + VECTOR;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        if (sliding == null) {
            plane.pad(scratch, 2 * STEP);
            for (long channel = split.start(from); channel < split.start(to); channel++) {
                plane.copy(operands[0], channel * p.window().pixels() * Float.BYTES, scratch, 2 * STEP);
                for (int i = 0; i < p.outputs(); i++) {
                    taps(operands, scratch, channel, i);
                }
            }
            return;
        }
        GemmScratch arrays = GemmScratch.take();
        try {
            float[] lines = arrays.elements(sliding.elements());
            sliding.pad(lines);
            for (long channel = split.start(from); channel < split.start(to); channel++) {
                sliding.copy(operands[0], channel * p.window().pixels() * Float.BYTES, lines);
                for (int i = 0; i < p.outputs(); i++) {
                    long m = channel % p.groups() * p.outputs() + i;
                    long out = (channel * p.outputs() + i) * p.window().windows() * Float.BYTES;
                    long weights = m * taps.length * Float.BYTES;
                    sliding.multiply(
                            lines,
                            operands[1],
                            weights,
                            bias(operands, m),
                            bounds,
                            arrays.tile,
                            operands[p.output()],
                            out);
                    finish(operands, scratch, out);
                }
            }
        } finally {
            arrays.give();
        }
    }

    /** Computes a plane of the output from the plane that was copied. */
    private void taps(MemorySegment[] operands, MemorySegment scratch, long channel, int output) {
        scratch = NATIVE.cast(scratch);
        long m = channel % p.groups() * p.outputs() + output;
        float bias = bias(operands, m);
        for (long at = 0; at < STEP; at += VECTOR) {
            FLOATS.cast(FloatVector.broadcast(F32, bias)).intoMemorySegment(scratch, at, ORDER);
        }
        long out = (channel * p.outputs() + output) * p.window().windows() * Float.BYTES;
        plane(operands[1], m * taps.length * Float.BYTES, scratch, operands[p.output()], out);
        finish(operands, scratch, out);
    }

    private float bias(MemorySegment[] operands, long m) {
        return p.bias() < 0 ? 0 : operands[p.bias()].get(SCALAR, m * Float.BYTES);
    }

    private void finish(MemorySegment[] operands, MemorySegment scratch, long out) {
        int windows = (int) p.window().windows();
        if (epilogue != null && windows > 0) {
            epilogue.apply(operands[p.output()], out, 1, windows, windows, operands, scratch);
        }
    }

    /**
     * Computes a plane, some rows at a time and vector by vector from the right. A step goes beyond the end of its rows,
     * and what it writes there is written again: by the next row, or by the vector at the left of the next row. Only
     * where it would go beyond the plane, which may be another thread's, its results go through scratch.
     */
    private void plane(MemorySegment w, long weights, MemorySegment scratch, MemorySegment y, long out) {
        long end = out + p.window().windows() * Float.BYTES;
        long widthBytes = (long) width * Float.BYTES;
        for (int j = (width - 1) / LANES * LANES; j >= 0; j -= LANES) {
            long column = (long) j * Float.BYTES;
            for (int i = 0; i < height; i += ROWS) {
                long from = 2 * STEP + column + i * plane.rowBytes();
                long to = out + column + i * widthBytes;
                if (to + (ROWS - 1) * widthBytes + VECTOR <= end) {
                    step(w, weights, scratch, from, y, to, widthBytes);
                    continue;
                }
                step(w, weights, scratch, from, scratch, STEP, VECTOR);
                for (int row = 0; row < Math.min(ROWS, height - i); row++) {
                    int count = Math.min(width - j, LANES);
                    StridedCopy.copy(scratch, STEP + row * VECTOR, 1, y, to + row * widthBytes, count);
                }
            }
        }
    }

    /** A vector in each of some rows, which may lie behind the last one. */
    private void step(MemorySegment w, long weights, MemorySegment s, long from, MemorySegment y, long to, long apart) {
        w = NATIVE.cast(w);
        s = NATIVE.cast(s);
        y = NATIVE.cast(y);
        long row = plane.rowBytes();
        FloatVector a = FLOATS.cast(FloatVector.fromMemorySegment(F32, s, 0, ORDER));
        FloatVector b = FLOATS.cast(FloatVector.fromMemorySegment(F32, s, VECTOR, ORDER));
        FloatVector c = FLOATS.cast(FloatVector.fromMemorySegment(F32, s, 2 * VECTOR, ORDER));
        FloatVector d = FLOATS.cast(FloatVector.fromMemorySegment(F32, s, 3 * VECTOR, ORDER));
        for (int t = 0; t < taps.length; t++) {
            long at = from + taps[t];
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
        b.intoMemorySegment(y, to + apart, ORDER);
        c.intoMemorySegment(y, to + 2 * apart, ORDER);
        d.intoMemorySegment(y, to + 3 * apart, ORDER);
    }
}
