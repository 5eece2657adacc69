package dev.tenon.kernel.vector;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The element-wise part of recurrent cells, for one sequence. The gates of a step lie one behind the other, each of the
 * state's size; all offsets are bytes in one memory. A loop has at most one function in it, so that what it calls is
 * compiled into it and no vector becomes an object.
 */
final class RecurrentCells {
    private static final VectorSpecies<Float> S = VectorShape.F32;
    private static final int LANES = S.length();
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;

    private RecurrentCells() {}

    /** {@code gate = sigmoid(gate)} for some gates in a row. */
    private static void sigmoid(MemorySegment s, long gate, int n) {
        int k = 0;
        for (; k <= n - LANES; k += LANES) {
            long at = gate + (long) k * Float.BYTES;
            VectorMath.sigmoid(FloatVector.fromMemorySegment(S, s, at, ORDER)).intoMemorySegment(s, at, ORDER);
        }
        for (; k < n; k++) {
            long at = gate + (long) k * Float.BYTES;
            s.set(F32, at, (float) (1 / (1 + Math.exp(-(double) s.get(F32, at)))));
        }
    }

    /** {@code to = tanh(from)}, which is the whole cell of RNN. */
    static void tanh(MemorySegment s, long from, long to, int n) {
        int k = 0;
        for (; k <= n - LANES; k += LANES) {
            long at = (long) k * Float.BYTES;
            VectorMath.tanh(FloatVector.fromMemorySegment(S, s, from + at, ORDER))
                    .intoMemorySegment(s, to + at, ORDER);
        }
        for (; k < n; k++) {
            long at = (long) k * Float.BYTES;
            s.set(F32, to + at, (float) Math.tanh(s.get(F32, from + at)));
        }
    }

    /** {@code to = a * b}. */
    private static void multiply(MemorySegment s, long a, long b, long to, int n) {
        int k = 0;
        for (; k <= n - LANES; k += LANES) {
            long at = (long) k * Float.BYTES;
            FloatVector.fromMemorySegment(S, s, a + at, ORDER)
                    .mul(FloatVector.fromMemorySegment(S, s, b + at, ORDER))
                    .intoMemorySegment(s, to + at, ORDER);
        }
        for (; k < n; k++) {
            long at = (long) k * Float.BYTES;
            s.set(F32, to + at, s.get(F32, a + at) * s.get(F32, b + at));
        }
    }

    /** {@code to = a * b + to}. */
    private static void add(MemorySegment s, long a, long b, long to, int n) {
        int k = 0;
        for (; k <= n - LANES; k += LANES) {
            long at = (long) k * Float.BYTES;
            FloatVector.fromMemorySegment(S, s, a + at, ORDER)
                    .fma(
                            FloatVector.fromMemorySegment(S, s, b + at, ORDER),
                            FloatVector.fromMemorySegment(S, s, to + at, ORDER))
                    .intoMemorySegment(s, to + at, ORDER);
        }
        for (; k < n; k++) {
            long at = (long) k * Float.BYTES;
            s.set(F32, to + at, Math.fma(s.get(F32, a + at), s.get(F32, b + at), s.get(F32, to + at)));
        }
    }

    /** {@code h = z * (h - next) + next}. */
    private static void blend(MemorySegment s, long z, long next, long h, int n) {
        int k = 0;
        for (; k <= n - LANES; k += LANES) {
            long at = (long) k * Float.BYTES;
            FloatVector x = FloatVector.fromMemorySegment(S, s, next + at, ORDER);
            FloatVector.fromMemorySegment(S, s, h + at, ORDER)
                    .sub(x)
                    .fma(FloatVector.fromMemorySegment(S, s, z + at, ORDER), x)
                    .intoMemorySegment(s, h + at, ORDER);
        }
        for (; k < n; k++) {
            long at = (long) k * Float.BYTES;
            float x = s.get(F32, next + at);
            s.set(F32, h + at, Math.fma(s.get(F32, h + at) - x, s.get(F32, z + at), x));
        }
    }

    /** LSTM; gates in the order i, o, f, c. */
    static void lstm(MemorySegment s, long gates, long h, long c, int n) {
        long next = (long) n * Float.BYTES;
        long forget = gates + 2 * next;
        long candidate = gates + 3 * next;
        sigmoid(s, gates, 3 * n);
        tanh(s, candidate, candidate, n);
        multiply(s, forget, c, c, n);
        add(s, gates, candidate, c, n);
        tanh(s, c, h, n);
        multiply(s, gates + next, h, h, n);
    }

    /** The gates z and r of GRU, and the state times the latter. */
    static void reset(MemorySegment s, long gates, long h, long to, int n) {
        sigmoid(s, gates, 2 * n);
        multiply(s, gates + (long) n * Float.BYTES, h, to, n);
    }

    /** GRU; gates in the order z, r, h, the first two finished. */
    static void gru(MemorySegment s, long gates, long h, int n) {
        long candidate = gates + 2L * n * Float.BYTES;
        tanh(s, candidate, candidate, n);
        blend(s, gates, candidate, h, n);
    }

    /** Linear GRU; gates in the order z, r, h, to the last of which comes the product with the state, times r. */
    static void linear(MemorySegment s, long gates, long h, long product, int n) {
        long next = (long) n * Float.BYTES;
        sigmoid(s, gates, 2 * n);
        add(s, gates + next, product, gates + 2 * next, n);
        gru(s, gates, h, n);
    }
}
