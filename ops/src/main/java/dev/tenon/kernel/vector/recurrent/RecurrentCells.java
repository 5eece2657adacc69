package dev.tenon.kernel.vector.recurrent;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;

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
 * The element-wise part of the cells of a direction, for one sequence. The gates of a step lie one behind the other, each
 * a line that is longer than the state where loops take whole vectors only; all offsets are bytes in one memory. A loop
 * has at most one function in it, and is called from an array, which the compiler does not see through: so what a loop
 * calls is compiled into it, loops are not compiled into one method that grows too large for that, and no vector becomes
 * an object.
 */
final class RecurrentCells {
    private static final int LANES = SimdSpecies.LANES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    private static final int MULTIPLY = 0;
    private static final int ADD = 1;
    private static final int BLEND = 2;
    private static final int COMPLEMENT = 3;
    private static final int CLIP = 4;

    private static final Loop[] LOOPS = {
        RecurrentCells::multiply,
        RecurrentCells::add,
        RecurrentCells::blend,
        GateLoops.affine(-1, 1),
        RecurrentCells::clip
    };

    private final Loop[] functions;
    private final int n;
    private final long line;
    private final boolean clipped;
    private final boolean peeping;
    private final boolean coupled;
    private final long bounds;
    private final long peepholes;

    /**
     * The cells of a direction.
     *
     * @param cell what a step does
     * @param direction the direction
     * @param n the elements of a line, a multiple of {@link #granule}
     * @param bounds where the least and the greatest argument of a function lie, if they are bounded
     * @param peepholes where the lines of the peepholes lie in the order i, o, f, if there are any
     */
    RecurrentCells(Cell cell, int direction, int n, long bounds, long peepholes) {
        List<GateActivation> activations = cell.functions(direction);
        this.functions = new Loop[activations.size()];
        for (int i = 0; i < functions.length; i++) {
            functions[i] = GateLoops.of(activations.get(i));
        }
        this.n = n;
        this.line = (long) n * Float.BYTES;
        this.clipped = cell.clip() < Float.POSITIVE_INFINITY;
        this.peeping = cell.peepholes();
        this.coupled = cell.coupled();
        this.bounds = bounds;
        this.peepholes = peepholes;
    }

    /** The elements that a line has a multiple of. */
    static int granule(Cell cell) {
        int granule = cell.clip() < Float.POSITIVE_INFINITY ? 4 * LANES : LANES;
        for (GateActivation a : cell.functions()) {
            granule = Math.max(granule, GateLoops.granule(a));
        }
        return granule;
    }

    /** The only call of loops, so that the compiler sees many behind it. */
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
    private static void add(MemorySegment s, long a, long b, long to, int n) {
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

    /** {@code h = z * h + (1 - z) * next}: as it stands, for what the one weighs nothing against the other's bits. */
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

    /** {@code to} is {@code x} within bounds. */
    private static void clip(MemorySegment s, long x, long bounds, long to, int n) {
        VectorSelect.clip(s, x, 1, s, bounds, 0, s, bounds + Float.BYTES, 0, s, to, n);
    }

    /** Replaces lines, one behind the other, by what a gate's function makes of them. */
    private void gates(int function, MemorySegment s, long at, int lines) {
        gates(function, s, at, at, lines);
    }

    private void gates(int function, MemorySegment s, long at, long to, int lines) {
        if (clipped) {
            run(LOOPS[CLIP], s, at, bounds, at, lines * n);
        }
        run(functions[function], s, at, at, to, lines * n);
    }

    /** RNN, of one gate. */
    void rnn(MemorySegment s, long gate, long h) {
        gates(0, s, gate, h, 1);
    }

    /** LSTM; gates in the order i, o, f, c. */
    void lstm(MemorySegment s, long gates, long h, long c) {
        long output = gates + line;
        long forget = gates + 2 * line;
        long candidate = gates + 3 * line;
        if (peeping) {
            run(LOOPS[ADD], s, peepholes, c, gates, n);
            run(LOOPS[ADD], s, peepholes + 2 * line, c, forget, n);
            gates(0, s, gates, 1);
            gates(0, s, forget, 1);
        } else {
            gates(0, s, gates, 3);
        }
        gates(1, s, candidate, 1);
        if (coupled) {
            run(LOOPS[COMPLEMENT], s, gates, gates, forget, n);
        }
        run(LOOPS[MULTIPLY], s, forget, c, c, n);
        run(LOOPS[ADD], s, gates, candidate, c, n);
        if (peeping) {
            run(LOOPS[ADD], s, peepholes + line, c, output, n);
            gates(0, s, output, 1);
        }
        run(functions[2], s, c, c, h, n);
        run(LOOPS[MULTIPLY], s, output, h, h, n);
    }

    /** The gates z and r of GRU, and the state times the latter. */
    void reset(MemorySegment s, long gates, long h, long to) {
        gates(0, s, gates, 2);
        run(LOOPS[MULTIPLY], s, gates + line, h, to, n);
    }

    /** GRU; gates in the order z, r, h, the first two finished. */
    void gru(MemorySegment s, long gates, long h) {
        long candidate = gates + 2 * line;
        gates(1, s, candidate, 1);
        run(LOOPS[BLEND], s, gates, candidate, h, n);
    }

    /** Linear GRU; gates in the order z, r, h, to the last of which comes the product with the state, times r. */
    void linear(MemorySegment s, long gates, long h, long product) {
        gates(0, s, gates, 2);
        run(LOOPS[ADD], s, gates + line, product, gates + 2 * line, n);
        gru(s, gates, h);
    }
}
