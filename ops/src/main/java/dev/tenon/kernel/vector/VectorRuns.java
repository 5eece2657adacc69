package dev.tenon.kernel.vector;

import static dev.tenon.kernel.vector.VectorShape.F32;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** Reductions of contiguous runs of float32. Lengths are counts of elements, offsets are bytes. */
final class VectorRuns {
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;
    private static final int LANES = F32.length();
    private static final long STEP = (long) LANES * Float.BYTES;
    private static final long UNROLLED = 4 * STEP;
    /** Bytes between additions in double. */
    private static final long BLOCK = 64 * UNROLLED;

    private VectorRuns() {}

    private static FloatVector load(MemorySegment x, long at) {
        return FloatVector.fromMemorySegment(F32, x, at, LE);
    }

    private static long vectorEnd(long at, long length) {
        return at + (length - length % LANES) * Float.BYTES;
    }

    static double sum(MemorySegment x, long at, long length) {
        long end = vectorEnd(at, length);
        double total = 0;
        for (long from = at; from < end; from += BLOCK) {
            total += sumBlock(x, from, Math.min(end, from + BLOCK));
        }
        for (long i = end; i < at + length * Float.BYTES; i += Float.BYTES) {
            total += x.get(SCALAR, i);
        }
        return total;
    }

    private static double sumBlock(MemorySegment x, long from, long end) {
        FloatVector a = FloatVector.zero(F32);
        FloatVector b = FloatVector.zero(F32);
        FloatVector c = FloatVector.zero(F32);
        FloatVector d = FloatVector.zero(F32);
        long at = from;
        for (; at + UNROLLED <= end; at += UNROLLED) {
            a = a.add(load(x, at));
            b = b.add(load(x, at + STEP));
            c = c.add(load(x, at + 2 * STEP));
            d = d.add(load(x, at + 3 * STEP));
        }
        for (; at < end; at += STEP) {
            a = a.add(load(x, at));
        }
        return Lanes.sum(a.add(b).add(c.add(d)));
    }

    static double sumOfAbsolutes(MemorySegment x, long at, long length) {
        long end = vectorEnd(at, length);
        double total = 0;
        for (long from = at; from < end; from += BLOCK) {
            total += absoluteBlock(x, from, Math.min(end, from + BLOCK));
        }
        for (long i = end; i < at + length * Float.BYTES; i += Float.BYTES) {
            total += Math.abs(x.get(SCALAR, i));
        }
        return total;
    }

    private static double absoluteBlock(MemorySegment x, long from, long end) {
        FloatVector a = FloatVector.zero(F32);
        FloatVector b = FloatVector.zero(F32);
        FloatVector c = FloatVector.zero(F32);
        FloatVector d = FloatVector.zero(F32);
        long at = from;
        for (; at + UNROLLED <= end; at += UNROLLED) {
            a = a.add(load(x, at).abs());
            b = b.add(load(x, at + STEP).abs());
            c = c.add(load(x, at + 2 * STEP).abs());
            d = d.add(load(x, at + 3 * STEP).abs());
        }
        for (; at < end; at += STEP) {
            a = a.add(load(x, at).abs());
        }
        return Lanes.sum(a.add(b).add(c.add(d)));
    }

    static double sumOfSquares(MemorySegment x, long at, long length) {
        long end = vectorEnd(at, length);
        double total = 0;
        for (long from = at; from < end; from += BLOCK) {
            total += squareBlock(x, from, Math.min(end, from + BLOCK));
        }
        for (long i = end; i < at + length * Float.BYTES; i += Float.BYTES) {
            double v = x.get(SCALAR, i);
            total += v * v;
        }
        return total;
    }

    private static double squareBlock(MemorySegment x, long from, long end) {
        FloatVector a = FloatVector.zero(F32);
        FloatVector b = FloatVector.zero(F32);
        FloatVector c = FloatVector.zero(F32);
        FloatVector d = FloatVector.zero(F32);
        long at = from;
        for (; at + UNROLLED <= end; at += UNROLLED) {
            a = square(a, load(x, at));
            b = square(b, load(x, at + STEP));
            c = square(c, load(x, at + 2 * STEP));
            d = square(d, load(x, at + 3 * STEP));
        }
        for (; at < end; at += STEP) {
            a = square(a, load(x, at));
        }
        return Lanes.sum(a.add(b).add(c.add(d)));
    }

    private static FloatVector square(FloatVector sum, FloatVector v) {
        return v.fma(v, sum);
    }

    /** The sum of squared differences from a number. */
    static double sumOfDeviations(MemorySegment x, long at, long length, float from) {
        long end = vectorEnd(at, length);
        double total = 0;
        for (long block = at; block < end; block += BLOCK) {
            total += deviationBlock(x, block, Math.min(end, block + BLOCK), from);
        }
        for (long i = end; i < at + length * Float.BYTES; i += Float.BYTES) {
            double v = x.get(SCALAR, i) - from;
            total += v * v;
        }
        return total;
    }

    private static double deviationBlock(MemorySegment x, long from, long end, float mean) {
        FloatVector m = FloatVector.broadcast(F32, mean);
        FloatVector a = FloatVector.zero(F32);
        FloatVector b = FloatVector.zero(F32);
        FloatVector c = FloatVector.zero(F32);
        FloatVector d = FloatVector.zero(F32);
        long at = from;
        for (; at + UNROLLED <= end; at += UNROLLED) {
            a = square(a, load(x, at).sub(m));
            b = square(b, load(x, at + STEP).sub(m));
            c = square(c, load(x, at + 2 * STEP).sub(m));
            d = square(d, load(x, at + 3 * STEP).sub(m));
        }
        for (; at < end; at += STEP) {
            a = square(a, load(x, at).sub(m));
        }
        return Lanes.sum(a.add(b).add(c.add(d)));
    }

    static float max(MemorySegment x, long at, long length) {
        long end = vectorEnd(at, length);
        float max = end == at ? Float.NEGATIVE_INFINITY : maxOfVectors(x, at, end);
        for (long i = end; i < at + length * Float.BYTES; i += Float.BYTES) {
            max = Math.max(max, x.get(SCALAR, i));
        }
        return max;
    }

    private static float maxOfVectors(MemorySegment x, long from, long end) {
        FloatVector a = load(x, from);
        FloatVector b = load(x, from);
        long at = from + STEP;
        for (; at + 2 * STEP <= end; at += 2 * STEP) {
            a = a.max(load(x, at));
            b = b.max(load(x, at + STEP));
        }
        if (at < end) {
            a = a.max(load(x, at));
        }
        return a.max(b).reduceLanes(VectorOperators.MAX);
    }

    static float min(MemorySegment x, long at, long length) {
        long end = vectorEnd(at, length);
        float min = end == at ? Float.POSITIVE_INFINITY : minOfVectors(x, at, end);
        for (long i = end; i < at + length * Float.BYTES; i += Float.BYTES) {
            min = Math.min(min, x.get(SCALAR, i));
        }
        return min;
    }

    private static float minOfVectors(MemorySegment x, long from, long end) {
        FloatVector a = load(x, from);
        FloatVector b = load(x, from);
        long at = from + STEP;
        for (; at + 2 * STEP <= end; at += 2 * STEP) {
            a = a.min(load(x, at));
            b = b.min(load(x, at + STEP));
        }
        if (at < end) {
            a = a.min(load(x, at));
        }
        return a.min(b).reduceLanes(VectorOperators.MIN);
    }
}
