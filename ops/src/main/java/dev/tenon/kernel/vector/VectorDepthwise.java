package dev.tenon.kernel.vector;

import dev.tenon.kernel.ConvProblem;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowParts;
import dev.tenon.kernel.Window2d;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Convolution of float32 planes whose every output channel sees one input channel. A plane is copied with its padding,
 * sorted by the phases of the strides, so that a tap is a distance in memory that is the same for all windows: these
 * are then computed in one run over the plane, its rows and what lies between them, and the rows are copied out. Each
 * element is one chain of fused multiply-adds from the bias on; a weight that is not finite makes NaN of padding.
 */
public final class VectorDepthwise implements Kernel {
    private static final VectorSpecies<Float> S = VectorShape.F32;
    private static final long VECTOR = (long) S.length() * Float.BYTES;
    private static final long STEP = 4 * VECTOR;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final long PART_WORK = 200_000;
    private static final int NANOS_SHARE = 16;

    private final ConvProblem p;
    private final PaddedPlane plane;
    private final int height;
    private final long[] taps;
    private final RowParts split;
    private final long planeBytes;
    private final long resultBytes;

    private VectorDepthwise(ConvProblem p) {
        this.p = p;
        Window2d.Axis rows = p.window().rows();
        Window2d.Axis columns = p.window().columns();
        plane = new PaddedPlane(columns);
        height = rows.output() + (rows.kernel() - 1) * rows.dilation() / rows.stride();
        taps = new long[(int) p.window().taps()];
        for (int t = 0; t < taps.length; t++) {
            int row = t / columns.kernel() * rows.dilation();
            int column = t % columns.kernel() * columns.dilation();
            long phase = (long) row % rows.stride() * columns.stride() + column % columns.stride();
            taps[t] = phase * phaseBytes()
                    + row / rows.stride() * plane.runBytes()
                    + (long) column / columns.stride() * Float.BYTES;
        }
        split = RowParts.of(
                (long) p.instances() * p.groups(), p.outputs() * p.window().windows() * taps.length, PART_WORK);
        planeBytes = up((long) rows.stride() * columns.stride() * phaseBytes() + plane.runBytes()) + STEP;
        resultBytes = up(rows.output() * plane.runBytes()) + STEP;
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

    private static long up(long bytes) {
        return Math.ceilDiv(bytes, STEP) * STEP;
    }

    /** Bytes of the elements of one phase of both strides. */
    private long phaseBytes() {
        return height * plane.runBytes();
    }

    @Override
    public String id() {
        return "conv_f32_depthwise_vector" + VectorShape.BITS;
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

    @Override
    public long scratchBytes() {
        return STEP + planeBytes + resultBytes;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        MemorySegment w = operands[1];
        MemorySegment y = operands[p.output()];
        for (long channel = split.start(from); channel < split.start(to); channel++) {
            copyPlane(operands[0], channel * p.window().pixels() * Float.BYTES, scratch);
            for (int i = 0; i < p.outputs(); i++) {
                long m = channel % p.groups() * p.outputs() + i;
                float bias = p.bias() < 0 ? 0 : operands[p.bias()].get(F32, m * Float.BYTES);
                for (long at = 0; at < STEP; at += Float.BYTES) {
                    scratch.set(F32, at, bias);
                }
                long end = p.window().rows().output() * plane.runBytes();
                for (long at = 0; at < end; at += STEP) {
                    step(w, m * taps.length * Float.BYTES, scratch, STEP + at, STEP + planeBytes + at);
                }
                long out = (channel * p.outputs() + i) * p.window().windows() * Float.BYTES;
                copyResult(scratch, y, out);
            }
        }
    }

    private void copyPlane(MemorySegment x, long at, MemorySegment scratch) {
        Window2d.Axis rows = p.window().rows();
        long rowBytes = (long) p.window().columns().input() * Float.BYTES;
        for (int i = 0; i < height; i++) {
            for (int phase = 0; phase < rows.stride(); phase++) {
                long to = STEP + (long) phase * p.window().columns().stride() * phaseBytes() + i * plane.runBytes();
                int row = i * rows.stride() + phase - rows.padBegin();
                if (row >= 0 && row < rows.input()) {
                    plane.copy(x, at + row * rowBytes, scratch, to, phaseBytes());
                } else {
                    plane.clear(scratch, to, phaseBytes());
                }
            }
        }
    }

    /** Four vectors of windows. */
    private void step(MemorySegment w, long weights, MemorySegment s, long from, long to) {
        FloatVector a = FloatVector.fromMemorySegment(S, s, 0, ORDER);
        FloatVector b = FloatVector.fromMemorySegment(S, s, VECTOR, ORDER);
        FloatVector c = FloatVector.fromMemorySegment(S, s, 2 * VECTOR, ORDER);
        FloatVector d = FloatVector.fromMemorySegment(S, s, 3 * VECTOR, ORDER);
        for (int t = 0; t < taps.length; t++) {
            long at = from + taps[t];
            FloatVector weight = FloatVector.broadcast(S, w.get(F32, weights + (long) t * Float.BYTES));
            a = FloatVector.fromMemorySegment(S, s, at, ORDER).fma(weight, a);
            b = FloatVector.fromMemorySegment(S, s, at + VECTOR, ORDER).fma(weight, b);
            c = FloatVector.fromMemorySegment(S, s, at + 2 * VECTOR, ORDER).fma(weight, c);
            d = FloatVector.fromMemorySegment(S, s, at + 3 * VECTOR, ORDER).fma(weight, d);
        }
        a.intoMemorySegment(s, to, ORDER);
        b.intoMemorySegment(s, to + VECTOR, ORDER);
        c.intoMemorySegment(s, to + 2 * VECTOR, ORDER);
        d.intoMemorySegment(s, to + 3 * VECTOR, ORDER);
    }

    private void copyResult(MemorySegment scratch, MemorySegment y, long out) {
        long rowBytes = (long) p.window().columns().output() * Float.BYTES;
        for (int i = 0; i < p.window().rows().output(); i++) {
            MemorySegment.copy(scratch, STEP + planeBytes + i * plane.runBytes(), y, out + i * rowBytes, rowBytes);
        }
    }
}
