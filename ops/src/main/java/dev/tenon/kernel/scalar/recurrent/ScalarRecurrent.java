package dev.tenon.kernel.scalar.recurrent;

import dev.tenon.budget.WorkBudget;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.MemoryMoves;
import dev.tenon.kernel.recurrent.RecurrentProblem;
import dev.tenon.kernel.recurrent.RecurrentProblem.Kind;
import dev.tenon.op.recurrent.GateActivation;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Recurrent operators by scalar loops in double. A part is one sequence in one direction. */
public final class ScalarRecurrent implements Kernel {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final ValueLayout.OfDouble F64 = ValueLayout.JAVA_DOUBLE;

    private final RecurrentProblem p;
    private final GateActivation[] functions;
    private final int hidden;

    private final long stateBytes;

    // Scratch memory holds the hidden state at offset 0, then the cell state of LSTM, the gates, and for GRU the hidden
    // state
    // after the reset gate and the next hidden state. All offsets are bytes.

    private final long cellAt;
    private final long gatesAt;
    private final long resetStateAt;
    private final long nextStateAt;

    /**
     * A kernel.
     *
     * @param p the problem, with weights that are not packed
     */
    public ScalarRecurrent(RecurrentProblem p) {
        this.p = p;
        functions = p.cell().functions().toArray(GateActivation[]::new);
        hidden = p.hidden();
        stateBytes = (long) hidden * Double.BYTES;
        cellAt = stateBytes;
        gatesAt = 2 * stateBytes;
        resetStateAt = gatesAt + p.kind().gates() * stateBytes;
        nextStateAt = resetStateAt + stateBytes;
    }

    @Override
    public String id() {
        return "recurrent_f32_scalar";
    }

    @Override
    public int parts() {
        return p.directions() * p.batch();
    }

    @Override
    public long partNanos() {
        return 1 + p.steps() * p.stepWork();
    }

    @Override
    public long scratchBytes() {
        return nextStateAt + stateBytes;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        p.checkLengths(operands);
        for (int part = from; part < to; part++) {
            sequence(operands, part / p.batch(), part % p.batch(), scratch);
        }
    }

    private void sequence(MemorySegment[] operands, int direction, int sequence, MemorySegment s) {
        long initial = p.stateAt(direction, sequence);
        DoubleState.load(p.operand(operands, RecurrentProblem.INITIAL_H), initial, hidden, s, 0);
        DoubleState.load(p.operand(operands, RecurrentProblem.INITIAL_H + 1), initial, hidden, s, cellAt);
        int length = p.length(operands, sequence);
        MemorySegment y = p.result(operands, 0);
        for (int step = 0; step < length; step++) {
            WorkBudget.check();
            int position = p.position(direction, length, step);
            project(operands, direction, p.xAt(position, sequence), s);
            switch (p.kind()) {
                case RNN -> rnn(direction, s);
                case LSTM -> lstm(p.operand(operands, RecurrentProblem.PEEPHOLES), direction, s);
                case GRU, GRU_LINEAR -> gru(operands, direction, s);
            }
            DoubleState.store(s, 0, hidden, y, p.yAt(position, direction, sequence));
        }
        for (int step = length; step < p.steps() && y != null; step++) {
            MemoryMoves.clear(y, p.yAt(step, direction, sequence) * Float.BYTES, (long) hidden * Float.BYTES);
        }
        DoubleState.store(s, 0, hidden, p.result(operands, 1), p.stateAt(direction, sequence));
        DoubleState.store(s, cellAt, hidden, p.result(operands, 2), p.stateAt(direction, sequence));
    }

    /** Computes the arguments of the gates: products with the element and, unless it depends on other gates, with the state. */
    private void project(MemorySegment[] operands, int direction, long x, MemorySegment s) {
        int count = p.kind().gates() * hidden;
        for (int row = 0; row < count; row++) {
            int gate = row / hidden;
            long weights = (long) direction * count + row;
            double sum = bias(operands, direction, row, !p.kind().hasSeparateBias(gate));
            for (long i = 0; i < p.input(); i++) {
                sum += (double) operands[RecurrentProblem.W].get(F32, (weights * p.input() + i) * Float.BYTES)
                        * operands[RecurrentProblem.X].get(F32, (x + i) * Float.BYTES);
            }
            boolean usesReset = gate == 2 && p.kind() != Kind.LSTM;
            double state = usesReset ? 0 : dot(operands[RecurrentProblem.R], weights, s, 0);
            s.set(F64, gatesAt + (long) row * Double.BYTES, sum + state);
        }
    }

    private double bias(MemorySegment[] operands, int direction, int row, boolean both) {
        MemorySegment b = p.operand(operands, RecurrentProblem.B);
        if (b == null) {
            return 0;
        }
        int count = p.kind().gates() * hidden;
        long at = (long) direction * 2 * count + row;
        double first = b.get(F32, at * Float.BYTES);
        return both ? first + b.get(F32, (at + count) * Float.BYTES) : first;
    }

    private double dot(MemorySegment r, long row, MemorySegment s, long state) {
        double sum = 0;
        for (long i = 0; i < hidden; i++) {
            sum += r.get(F32, (row * hidden + i) * Float.BYTES) * s.get(F64, state + i * Double.BYTES);
        }
        return sum;
    }

    /** Applies an activation function to an argument, limited to its bound. */
    private double gate(int direction, int function, double x) {
        float max = p.cell().clip();
        double bounded = x < -max ? -max : x > max ? max : x;
        return function(direction, function).at(bounded);
    }

    private GateActivation function(int direction, int function) {
        return functions[direction * p.kind().functions() + function];
    }

    private void rnn(int direction, MemorySegment s) {
        for (long k = 0; k < stateBytes; k += Double.BYTES) {
            s.set(F64, k, gate(direction, 0, s.get(F64, gatesAt + k)));
        }
    }

    private void lstm(MemorySegment peepholes, int direction, MemorySegment s) {
        for (long k = 0; k < stateBytes; k += Double.BYTES) {
            double cell = s.get(F64, cellAt + k);
            double i = gate(direction, 0, s.get(F64, gatesAt + k) + peephole(peepholes, direction, 0, k, cell));
            double forget = p.cell().coupled()
                    ? 1 - i
                    : gate(
                            direction,
                            0,
                            s.get(F64, gatesAt + 2 * stateBytes + k) + peephole(peepholes, direction, 2, k, cell));
            double candidate = gate(direction, 1, s.get(F64, gatesAt + 3 * stateBytes + k));
            double next = forget * cell + i * candidate;
            double o = gate(
                    direction, 0, s.get(F64, gatesAt + stateBytes + k) + peephole(peepholes, direction, 1, k, next));
            s.set(F64, cellAt + k, next);
            s.set(F64, k, o * function(direction, 2).at(next));
        }
    }

    /** The term of a gate that depends on the cell state. The element is at the offset {@code k} of states, bytes. */
    private double peephole(MemorySegment peepholes, int direction, int gate, long k, double cell) {
        if (peepholes == null) {
            return 0;
        }
        long element = (3L * direction + gate) * hidden + k / Double.BYTES;
        return peepholes.get(F32, element * Float.BYTES) * cell;
    }

    private void gru(MemorySegment[] operands, int direction, MemorySegment s) {
        boolean linear = p.kind() == Kind.GRU_LINEAR;
        for (long k = 0; k < stateBytes; k += Double.BYTES) {
            double reset = gate(direction, 0, s.get(F64, gatesAt + stateBytes + k));
            s.set(F64, gatesAt + stateBytes + k, reset);
            s.set(F64, resetStateAt + k, reset * s.get(F64, k));
        }
        int count = 3 * hidden;
        MemorySegment b = p.operand(operands, RecurrentProblem.B);
        for (int k = 0; k < hidden; k++) {
            long at = (long) k * Double.BYTES;
            int row = 2 * hidden + k;
            long weights = (long) direction * count + row;
            double state = dot(operands[RecurrentProblem.R], weights, s, linear ? 0 : resetStateAt);
            if (linear) {
                double bias = b == null ? 0 : b.get(F32, (((long) direction * 2 + 1) * count + row) * Float.BYTES);
                state = s.get(F64, gatesAt + stateBytes + at) * (state + bias);
            }
            double z = gate(direction, 0, s.get(F64, gatesAt + at));
            double candidate = gate(direction, 1, s.get(F64, gatesAt + 2 * stateBytes + at) + state);
            s.set(F64, nextStateAt + at, (1 - z) * candidate + z * s.get(F64, at));
        }
        MemorySegment.copy(s, nextStateAt, s, 0, stateBytes);
    }
}
