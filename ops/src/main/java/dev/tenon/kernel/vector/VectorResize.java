package dev.tenon.kernel.vector;

import static dev.tenon.kernel.vector.VectorShape.Floats.F32;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.ResizeProblem;
import dev.tenon.kernel.RowParts;
import dev.tenon.op.vision.ResizeTaps;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;

/**
 * Resizing where an element is made of at most two along each axis: two rows become one in scratch by vectors, of which
 * the columns are made then. A row made of the same one as the row before is copied from there.
 */
public final class VectorResize implements Kernel {
    private static final long VECTOR = (long) VectorShape.LANES * Float.BYTES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;
    private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT;
    private static final long PART_ELEMENTS = 32 << 10;

    private final ResizeProblem p;
    private final RowParts split;
    private final int[] firstRow;
    private final int[] secondRow;
    private final float[] firstRowWeight;
    private final float[] secondRowWeight;
    private final int[] first;
    private final int[] second;
    private final float[] firstWeight;
    private final float[] secondWeight;
    private final long inBytes;
    private final long outBytes;

    private VectorResize(ResizeProblem p) {
        this.p = p;
        firstRow = index(p.rows(), false);
        secondRow = index(p.rows(), true);
        firstRowWeight = weights(p.rows(), false);
        secondRowWeight = weights(p.rows(), true);
        first = index(p.columns(), false);
        second = index(p.columns(), true);
        firstWeight = weights(p.columns(), false);
        secondWeight = weights(p.columns(), true);
        inBytes = (long) p.columns().input() * p.inner() * Float.BYTES;
        outBytes = (long) p.columns().output() * p.inner() * Float.BYTES;
        split = RowParts.of(p.outer() * p.rows().output(), outBytes / Float.BYTES, PART_ELEMENTS);
    }

    /** The first or the last tap of each element. */
    private static int[] index(ResizeTaps taps, boolean last) {
        int[] index = new int[taps.output()];
        for (int o = 0; o < index.length; o++) {
            index[o] = taps.index()[last ? taps.start()[o + 1] - 1 : taps.start()[o]];
        }
        return index;
    }

    /** Their weights: two halves where both are one tap, since a weight of 0 would make NaN of infinity. */
    private static float[] weights(ResizeTaps taps, boolean last) {
        float[] weights = new float[taps.output()];
        for (int o = 0; o < weights.length; o++) {
            int from = taps.start()[o];
            int to = taps.start()[o + 1];
            double weight = taps.weight()[last ? to - 1 : from];
            weights[o] = (float) (to - from == 1 ? weight / 2 : weight);
        }
        return weights;
    }

    /**
     * A kernel.
     *
     * @param p planes with at most two taps of each element
     * @return the kernel
     */
    public static Kernel of(ResizeProblem p) {
        return new VectorResize(p);
    }

    @Override
    public String id() {
        return "resize_f32_vector" + VectorShape.BITS;
    }

    @Override
    public int parts() {
        return split.parts();
    }

    @Override
    public long partNanos() {
        return 1 + split.most() * (outBytes / Float.BYTES);
    }

    @Override
    public long scratchBytes() {
        return p.move() ? 0 : inBytes;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        MemorySegment x = operands[0];
        MemorySegment y = operands[p.output()];
        int height = p.rows().output();
        for (long row = split.start(from); row < split.start(to); row++) {
            int i = (int) (row % height);
            long plane = row / height * p.rows().input() * inBytes;
            long out = row * outBytes;
            if (row > split.start(from) && i > 0 && sameRows(i)) {
                MemorySegment.copy(y, out - outBytes, y, out, outBytes);
            } else if (p.move()) {
                move(x, plane + firstRow[i] * inBytes, y, out);
            } else if (firstRow[i] == secondRow[i]) {
                columns(x, plane + firstRow[i] * inBytes, y, out);
            } else {
                long upper = plane + firstRow[i] * inBytes;
                long lower = plane + secondRow[i] * inBytes;
                mix(x, upper, firstRowWeight[i], x, lower, secondRowWeight[i], inBytes, scratch, 0);
                columns(scratch, 0, y, out);
            }
        }
    }

    private boolean sameRows(int i) {
        return firstRow[i] == firstRow[i - 1] && secondRow[i] == secondRow[i - 1] && firstRow[i] == secondRow[i];
    }

    private void move(MemorySegment x, long row, MemorySegment y, long out) {
        long innerBytes = (long) p.inner() * Float.BYTES;
        if (p.inner() > 1) {
            for (int j = 0; j < first.length; j++) {
                MemorySegment.copy(x, row + first[j] * innerBytes, y, out + j * innerBytes, innerBytes);
            }
            return;
        }
        for (int j = 0; j < first.length; j++) {
            y.set(I32, out + (long) j * Float.BYTES, x.get(I32, row + (long) first[j] * Float.BYTES));
        }
    }

    private void columns(MemorySegment x, long row, MemorySegment y, long out) {
        long innerBytes = (long) p.inner() * Float.BYTES;
        if (p.inner() > 1) {
            for (int j = 0; j < first.length; j++) {
                long a = row + first[j] * innerBytes;
                long b = row + second[j] * innerBytes;
                mix(x, a, firstWeight[j], x, b, secondWeight[j], innerBytes, y, out + j * innerBytes);
            }
            return;
        }
        for (int j = 0; j < first.length; j++) {
            float a = x.get(SCALAR, row + (long) first[j] * Float.BYTES) * firstWeight[j];
            float b = x.get(SCALAR, row + (long) second[j] * Float.BYTES);
            y.set(SCALAR, out + (long) j * Float.BYTES, Math.fma(b, secondWeight[j], a));
        }
    }

    /** A weighted sum of two runs. */
    private static void mix(
            MemorySegment a,
            long aAt,
            float aWeight,
            MemorySegment b,
            long bAt,
            float bWeight,
            long bytes,
            MemorySegment to,
            long at) {
        FloatVector aw = FloatVector.broadcast(F32, aWeight);
        FloatVector bw = FloatVector.broadcast(F32, bWeight);
        long i = 0;
        for (; i <= bytes - VECTOR; i += VECTOR) {
            FloatVector.fromMemorySegment(F32, b, bAt + i, ORDER)
                    .fma(
                            bw,
                            FloatVector.fromMemorySegment(F32, a, aAt + i, ORDER)
                                    .mul(aw))
                    .intoMemorySegment(to, at + i, ORDER);
        }
        for (; i < bytes; i += Float.BYTES) {
            to.set(SCALAR, at + i, Math.fma(b.get(SCALAR, bAt + i), bWeight, a.get(SCALAR, aAt + i) * aWeight));
        }
    }
}
