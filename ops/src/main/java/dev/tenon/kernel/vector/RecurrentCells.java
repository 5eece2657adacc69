package dev.tenon.kernel.vector;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The element-wise part of recurrent cells, for one sequence. The gates of a step lie one behind the other in memory,
 * each of the state's size; they are computed in an array, some units of the state at a time, each gate in a slot of its
 * own. All offsets are bytes in one memory. Loops take full vectors: what lies
 * behind the units of a slot is computed with them and not read.
 */
final class RecurrentCells {
    private static final VectorSpecies<Float> S = VectorShape.F32;
    private static final int LANES = S.length();
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;

    /** Elements of a slot. */
    private static final int SLOT = 1024;

    private RecurrentCells() {}

    private static void load(MemorySegment s, long from, int first, float[] a, int slot, int n) {
        MemorySegment.copy(s, F32, from + (long) first * Float.BYTES, a, slot * SLOT, n);
    }

    private static void store(float[] a, int slot, MemorySegment s, long to, int first, int n) {
        MemorySegment.copy(a, slot * SLOT, s, F32, to + (long) first * Float.BYTES, n);
    }

    /** {@code slot = sigmoid(slot)}. */
    private static void sigmoid(float[] a, int slot, int n) {
        for (int i = slot * SLOT; i < slot * SLOT + n; i += LANES) {
            VectorMath.sigmoid(FloatVector.fromArray(S, a, i)).intoArray(a, i);
        }
    }

    /** {@code slot = tanh(slot)}. */
    private static void tanh(float[] a, int slot, int n) {
        for (int i = slot * SLOT; i < slot * SLOT + n; i += LANES) {
            VectorMath.tanh(FloatVector.fromArray(S, a, i)).intoArray(a, i);
        }
    }

    /** {@code to = to * by}. */
    private static void multiply(float[] a, int to, int by, int n) {
        for (int i = 0; i < n; i += LANES) {
            FloatVector.fromArray(S, a, to * SLOT + i)
                    .mul(FloatVector.fromArray(S, a, by * SLOT + i))
                    .intoArray(a, to * SLOT + i);
        }
    }

    /** {@code to = x * y + to}. */
    private static void add(float[] a, int to, int x, int y, int n) {
        for (int i = 0; i < n; i += LANES) {
            FloatVector.fromArray(S, a, x * SLOT + i)
                    .fma(FloatVector.fromArray(S, a, y * SLOT + i), FloatVector.fromArray(S, a, to * SLOT + i))
                    .intoArray(a, to * SLOT + i);
        }
    }

    /** {@code h = z * (h - next) + next}. */
    private static void blend(float[] a, int h, int z, int next, int n) {
        for (int i = 0; i < n; i += LANES) {
            FloatVector x = FloatVector.fromArray(S, a, next * SLOT + i);
            FloatVector.fromArray(S, a, h * SLOT + i)
                    .sub(x)
                    .fma(FloatVector.fromArray(S, a, z * SLOT + i), x)
                    .intoArray(a, h * SLOT + i);
        }
    }

    /** RNN. */
    static void rnn(MemorySegment s, long gate, long h, int size, float[] a) {
        for (int first = 0; first < size; first += SLOT) {
            int n = Math.min(SLOT, size - first);
            load(s, gate, first, a, 0, n);
            tanh(a, 0, n);
            store(a, 0, s, h, first, n);
        }
    }

    /** LSTM; gates in the order i, o, f, c. */
    static void lstm(MemorySegment s, long gates, long h, long c, int size, float[] a) {
        long bytes = (long) size * Float.BYTES;
        for (int first = 0; first < size; first += SLOT) {
            int n = Math.min(SLOT, size - first);
            for (int gate = 0; gate < 4; gate++) {
                load(s, gates + gate * bytes, first, a, gate, n);
            }
            load(s, c, first, a, 4, n);
            for (int gate = 0; gate < 3; gate++) {
                sigmoid(a, gate, n);
            }
            tanh(a, 3, n);
            multiply(a, 4, 2, n);
            add(a, 4, 0, 3, n);
            store(a, 4, s, c, first, n);
            tanh(a, 4, n);
            multiply(a, 4, 1, n);
            store(a, 4, s, h, first, n);
        }
    }

    /** The gates z and r of GRU, and the state times the latter. */
    static void reset(MemorySegment s, long gates, long h, long to, int size, float[] a) {
        long bytes = (long) size * Float.BYTES;
        for (int first = 0; first < size; first += SLOT) {
            int n = Math.min(SLOT, size - first);
            load(s, gates, first, a, 0, n);
            load(s, gates + bytes, first, a, 1, n);
            load(s, h, first, a, 2, n);
            sigmoid(a, 0, n);
            sigmoid(a, 1, n);
            multiply(a, 2, 1, n);
            store(a, 0, s, gates, first, n);
            store(a, 2, s, to, first, n);
        }
    }

    /** GRU; gates in the order z, r, h, the first two finished. */
    static void gru(MemorySegment s, long gates, long h, int size, float[] a) {
        long bytes = (long) size * Float.BYTES;
        for (int first = 0; first < size; first += SLOT) {
            int n = Math.min(SLOT, size - first);
            load(s, gates, first, a, 0, n);
            load(s, gates + 2 * bytes, first, a, 1, n);
            state(s, h, first, a, n);
        }
    }

    /** Linear GRU; gates in the order z, r, h, to the last of which comes the product with the state, times r. */
    static void linear(MemorySegment s, long gates, long h, long product, int size, float[] a) {
        long bytes = (long) size * Float.BYTES;
        for (int first = 0; first < size; first += SLOT) {
            int n = Math.min(SLOT, size - first);
            load(s, gates, first, a, 0, n);
            load(s, gates + 2 * bytes, first, a, 1, n);
            load(s, gates + bytes, first, a, 2, n);
            load(s, product, first, a, 3, n);
            sigmoid(a, 0, n);
            sigmoid(a, 2, n);
            add(a, 1, 2, 3, n);
            state(s, h, first, a, n);
        }
    }

    /** The new state of GRU, from gate z in slot 0 and what becomes the candidate in slot 1. */
    private static void state(MemorySegment s, long h, int first, float[] a, int n) {
        tanh(a, 1, n);
        load(s, h, first, a, 2, n);
        blend(a, 2, 0, 1, n);
        store(a, 2, s, h, first, n);
    }
}
