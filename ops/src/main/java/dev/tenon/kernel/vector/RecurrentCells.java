package dev.tenon.kernel.vector;

import static dev.tenon.kernel.vector.VectorShape.Floats.F32;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;

/**
 * The element-wise part of recurrent cells, for one sequence. The gates of a step lie one behind the other, each of the
 * state's size; all offsets are bytes in one memory. A loop has at most one function in it, and is called by its number in
 * an array, which the compiler does not see through: so what a loop calls is compiled into it, loops are not compiled into
 * one method that grows too large for that, and no vector becomes an object.
 */
final class RecurrentCells {
    private static final int LANES = VectorShape.LANES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;

    /** A loop over elements. */
    private interface Loop {
        void run(MemorySegment s, long a, long b, long to, int n);
    }

    private static final int SIGMOID = 0;
    private static final int TANH = 1;
    private static final int MULTIPLY = 2;
    private static final int ADD = 3;
    private static final int BLEND = 4;

    private static final Loop[] LOOPS = {
        RecurrentCells::sigmoid,
        RecurrentCells::tanh,
        RecurrentCells::multiply,
        RecurrentCells::add,
        RecurrentCells::blend
    };

    private RecurrentCells() {}

    /** The only call of loops, so that the compiler sees many behind it. */
    private static void run(int loop, MemorySegment s, long a, long b, long to, int n) {
        LOOPS[loop].run(s, a, b, to, n);
    }

    /** {@code to = sigmoid(from)}. */
    private static void sigmoid(MemorySegment s, long from, long unused, long to, int n) {
        int k = 0;
        for (; k <= n - LANES; k += LANES) {
            long at = (long) k * Float.BYTES;
            VectorMath.sigmoid(FloatVector.fromMemorySegment(F32, s, from + at, ORDER))
                    .intoMemorySegment(s, to + at, ORDER);
        }
        for (; k < n; k++) {
            long at = (long) k * Float.BYTES;
            s.set(SCALAR, to + at, (float) (1 / (1 + Math.exp(-(double) s.get(SCALAR, from + at)))));
        }
    }

    /** {@code to = tanh(from)}. */
    private static void tanh(MemorySegment s, long from, long unused, long to, int n) {
        int k = 0;
        for (; k <= n - LANES; k += LANES) {
            long at = (long) k * Float.BYTES;
            VectorMath.tanh(FloatVector.fromMemorySegment(F32, s, from + at, ORDER))
                    .intoMemorySegment(s, to + at, ORDER);
        }
        for (; k < n; k++) {
            long at = (long) k * Float.BYTES;
            s.set(SCALAR, to + at, (float) Math.tanh(s.get(SCALAR, from + at)));
        }
    }

    /** {@code to = a * b}. */
    private static void multiply(MemorySegment s, long a, long b, long to, int n) {
        int k = 0;
        for (; k <= n - LANES; k += LANES) {
            long at = (long) k * Float.BYTES;
            FloatVector.fromMemorySegment(F32, s, a + at, ORDER)
                    .mul(FloatVector.fromMemorySegment(F32, s, b + at, ORDER))
                    .intoMemorySegment(s, to + at, ORDER);
        }
        for (; k < n; k++) {
            long at = (long) k * Float.BYTES;
            s.set(SCALAR, to + at, s.get(SCALAR, a + at) * s.get(SCALAR, b + at));
        }
    }

    /** {@code to = a * b + to}. */
    private static void add(MemorySegment s, long a, long b, long to, int n) {
        int k = 0;
        for (; k <= n - LANES; k += LANES) {
            long at = (long) k * Float.BYTES;
            FloatVector.fromMemorySegment(F32, s, a + at, ORDER)
                    .fma(
                            FloatVector.fromMemorySegment(F32, s, b + at, ORDER),
                            FloatVector.fromMemorySegment(F32, s, to + at, ORDER))
                    .intoMemorySegment(s, to + at, ORDER);
        }
        for (; k < n; k++) {
            long at = (long) k * Float.BYTES;
            s.set(SCALAR, to + at, Math.fma(s.get(SCALAR, a + at), s.get(SCALAR, b + at), s.get(SCALAR, to + at)));
        }
    }

    /** {@code h = z * (h - next) + next}. */
    private static void blend(MemorySegment s, long z, long next, long h, int n) {
        int k = 0;
        for (; k <= n - LANES; k += LANES) {
            long at = (long) k * Float.BYTES;
            FloatVector x = FloatVector.fromMemorySegment(F32, s, next + at, ORDER);
            FloatVector.fromMemorySegment(F32, s, h + at, ORDER)
                    .sub(x)
                    .fma(FloatVector.fromMemorySegment(F32, s, z + at, ORDER), x)
                    .intoMemorySegment(s, h + at, ORDER);
        }
        for (; k < n; k++) {
            long at = (long) k * Float.BYTES;
            float x = s.get(SCALAR, next + at);
            s.set(SCALAR, h + at, Math.fma(s.get(SCALAR, h + at) - x, s.get(SCALAR, z + at), x));
        }
    }

    /** RNN, of one gate. */
    static void rnn(MemorySegment s, long gate, long h, int n) {
        run(TANH, s, gate, gate, h, n);
    }

    /** LSTM; gates in the order i, o, f, c. */
    static void lstm(MemorySegment s, long gates, long h, long c, int n) {
        long next = (long) n * Float.BYTES;
        long forget = gates + 2 * next;
        long candidate = gates + 3 * next;
        run(SIGMOID, s, gates, gates, gates, 3 * n);
        run(TANH, s, candidate, candidate, candidate, n);
        run(MULTIPLY, s, forget, c, c, n);
        run(ADD, s, gates, candidate, c, n);
        run(TANH, s, c, c, h, n);
        run(MULTIPLY, s, gates + next, h, h, n);
    }

    /** The gates z and r of GRU, and the state times the latter. */
    static void reset(MemorySegment s, long gates, long h, long to, int n) {
        run(SIGMOID, s, gates, gates, gates, 2 * n);
        run(MULTIPLY, s, gates + (long) n * Float.BYTES, h, to, n);
    }

    /** GRU; gates in the order z, r, h, the first two finished. */
    static void gru(MemorySegment s, long gates, long h, int n) {
        long candidate = gates + 2L * n * Float.BYTES;
        run(TANH, s, candidate, candidate, candidate, n);
        run(BLEND, s, gates, candidate, h, n);
    }

    /** Linear GRU; gates in the order z, r, h, to the last of which comes the product with the state, times r. */
    static void linear(MemorySegment s, long gates, long h, long product, int n) {
        long next = (long) n * Float.BYTES;
        run(SIGMOID, s, gates, gates, gates, 2 * n);
        run(ADD, s, gates + next, product, gates + 2 * next, n);
        gru(s, gates, h, n);
    }
}
