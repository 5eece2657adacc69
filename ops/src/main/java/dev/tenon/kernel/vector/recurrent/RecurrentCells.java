package dev.tenon.kernel.vector.recurrent;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;

import dev.tenon.kernel.elementwise.TernaryLoop;
import dev.tenon.kernel.recurrent.RecurrentProblem.Cell;
import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.kernel.vector.elementwise.VectorSelect;
import dev.tenon.kernel.vector.recurrent.GateLoops.Loop;
import dev.tenon.op.recurrent.GateActivation;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.List;
import jdk.incubator.vector.FloatVector;

/**
 * The element-wise part of the cells of one direction, for one sequence. The gates of a step are stored one after the other,
 * each padded to the granule of the loops. All operands are in one segment, and all offsets are bytes.
 *
 * <p>A loop contains at most one activation function, and is called through an array, so that the compiler can't inline the
 * loops into one method. Such a method would be too large for C2 to inline the functions, and vectors would then be boxed.
 */
final class RecurrentCells {
    private static final int LANES = SimdSpecies.LANES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    private static final int MULTIPLY = 0;
    private static final int MULTIPLY_ADD = 1;
    private static final int BLEND = 2;
    private static final int COMPLEMENT = 3;
    private static final int CLIP = 4;

    private static final Loop[] LOOPS = {
        RecurrentCells::multiply,
        RecurrentCells::multiplyAdd,
        RecurrentCells::blend,
        GateLoops.affine(-1, 1),
        RecurrentCells::clip
    };

    private final Loop[] functions;
    private final int n;
    private final long lineBytes;
    private final boolean clipped;
    private final boolean hasPeepholes;
    private final boolean coupled;
    private final long boundsAt;
    private final long peepholesAt;

    /**
     * The cells of a direction.
     *
     * @param cell the computation of a step
     * @param direction the direction
     * @param n the elements of a padded gate, a multiple of {@link #granule}
     * @param boundsAt the offset of the lower and the upper bound of arguments, if there are bounds
     * @param peepholesAt the offset of the padded peepholes in the order i, o, f, if there are any
     */
    RecurrentCells(Cell cell, int direction, int n, long boundsAt, long peepholesAt) {
        List<GateActivation> activations = cell.functions(direction);
        this.functions = new Loop[activations.size()];
        for (int i = 0; i < functions.length; i++) {
            functions[i] = GateLoops.of(activations.get(i));
        }
        this.n = n;
        this.lineBytes = (long) n * Float.BYTES;
        this.clipped = cell.clip() < Float.POSITIVE_INFINITY;
        this.hasPeepholes = cell.peepholes();
        this.coupled = cell.coupled();
        this.boundsAt = boundsAt;
        this.peepholesAt = peepholesAt;
    }

    /** The number of elements that a padded gate has a multiple of. */
    static int granule(Cell cell) {
        int granule = cell.clip() < Float.POSITIVE_INFINITY ? 4 * LANES : LANES;
        for (GateActivation a : cell.functions()) {
            granule = Math.max(granule, GateLoops.granule(a));
        }
        return granule;
    }

    /** The only call site of loops, so that it has many targets and the compiler inlines none. */
    private static void run(Loop loop, MemorySegment s, long a, long b, long to, int n) {
        loop.run(s, a, b, to, n);
    }

    /** {@code to = a * b}. */
    private static void multiply(MemorySegment s, long a, long b, long to, int n) {
        s = NATIVE.cast(s);
        for (int k = 0; k < n; k += LANES) {
            long at = (long) k * Float.BYTES;
            FloatVector.fromMemorySegment(F32, s, a + at, ORDER)
                    .mul(FloatVector.fromMemorySegment(F32, s, b + at, ORDER))
                    .intoMemorySegment(s, to + at, ORDER);
        }
    }

    /** {@code to = a * b + to}. */
    private static void multiplyAdd(MemorySegment s, long a, long b, long to, int n) {
        s = NATIVE.cast(s);
        for (int k = 0; k < n; k += LANES) {
            long at = (long) k * Float.BYTES;
            FloatVector.fromMemorySegment(F32, s, a + at, ORDER)
                    .fma(
                            FloatVector.fromMemorySegment(F32, s, b + at, ORDER),
                            FloatVector.fromMemorySegment(F32, s, to + at, ORDER))
                    .intoMemorySegment(s, to + at, ORDER);
        }
    }

    /** {@code h = z * h + (1 - z) * next}. The form {@code next + z * (h - next)} would lose bits of the smaller of both. */
    private static void blend(MemorySegment s, long z, long next, long h, int n) {
        s = NATIVE.cast(s);
        FloatVector one = FloatVector.broadcast(F32, 1);
        for (int k = 0; k < n; k += LANES) {
            long at = (long) k * Float.BYTES;
            FloatVector share = FloatVector.fromMemorySegment(F32, s, z + at, ORDER);
            FloatVector rest = one.sub(share).mul(FloatVector.fromMemorySegment(F32, s, next + at, ORDER));
            FloatVector.fromMemorySegment(F32, s, h + at, ORDER)
                    .fma(share, rest)
                    .intoMemorySegment(s, h + at, ORDER);
        }
    }

    /** {@code to = x}, limited to the bounds. */
    private static void clip(MemorySegment s, long x, long bounds, long to, int n) {
        VectorSelect.clip(s, x, s, bounds, s, bounds + Float.BYTES, TernaryLoop.steps(1, 0, 0), s, to, n);
    }

    /** Applies an activation function to successive gates, in place. */
    private void activate(int function, MemorySegment s, long at, int count) {
        activate(function, s, at, at, count);
    }

    private void activate(int function, MemorySegment s, long at, long to, int count) {
        if (clipped) {
            run(LOOPS[CLIP], s, at, boundsAt, at, count * n);
        }
        run(functions[function], s, at, at, to, count * n);
    }

    /** A step of RNN, which has one gate. */
    void rnn(MemorySegment s, long gate, long h) {
        activate(0, s, gate, h, 1);
    }

    /** A step of LSTM. The gates have the order i, o, f, c. */
    void lstm(MemorySegment s, long gates, long h, long c) {
        long output = gates + lineBytes;
        long forget = gates + 2 * lineBytes;
        long candidate = gates + 3 * lineBytes;
        if (hasPeepholes) {
            run(LOOPS[MULTIPLY_ADD], s, peepholesAt, c, gates, n);
            run(LOOPS[MULTIPLY_ADD], s, peepholesAt + 2 * lineBytes, c, forget, n);
            activate(0, s, gates, 1);
            activate(0, s, forget, 1);
        } else {
            activate(0, s, gates, 3);
        }
        activate(1, s, candidate, 1);
        if (coupled) {
            run(LOOPS[COMPLEMENT], s, gates, gates, forget, n);
        }
        run(LOOPS[MULTIPLY], s, forget, c, c, n);
        run(LOOPS[MULTIPLY_ADD], s, gates, candidate, c, n);
        if (hasPeepholes) {
            run(LOOPS[MULTIPLY_ADD], s, peepholesAt + lineBytes, c, output, n);
            activate(0, s, output, 1);
        }
        run(functions[2], s, c, c, h, n);
        run(LOOPS[MULTIPLY], s, output, h, h, n);
    }

    /** Computes the gates z and r of GRU, and the product of r and the state. */
    void resetState(MemorySegment s, long gates, long h, long to) {
        activate(0, s, gates, 2);
        run(LOOPS[MULTIPLY], s, gates + lineBytes, h, to, n);
    }

    /** The rest of a step of GRU. The gates have the order z, r, h, and the first two are computed. */
    void gru(MemorySegment s, long gates, long h) {
        long candidate = gates + 2 * lineBytes;
        activate(1, s, candidate, 1);
        run(LOOPS[BLEND], s, gates, candidate, h, n);
    }

    /** A step of linear GRU. The gates have the order z, r, h; the product with the state, times r, is added to the last. */
    void linearGru(MemorySegment s, long gates, long h, long product) {
        activate(0, s, gates, 2);
        run(LOOPS[MULTIPLY_ADD], s, gates + lineBytes, product, gates + 2 * lineBytes, n);
        gru(s, gates, h);
    }
}
