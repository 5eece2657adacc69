package dev.tenon.kernel.scalar;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RecurrentProblem;
import dev.tenon.kernel.RecurrentProblem.Kind;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Recurrent operators by plain loops in double, a part for each sequence in each direction. */
public final class ScalarRecurrent implements Kernel {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final ValueLayout.OfDouble F64 = ValueLayout.JAVA_DOUBLE;
    private static final int B = 3;
    private static final int H = 5;
    private static final int C = 6;

    private final RecurrentProblem p;
    private final int hidden;

    /** Byte offsets in scratch: the states, what the state and the input bring to the gates. */
    private final long c;

    private final long gates;
    private final long kept;

    /**
     * A kernel.
     *
     * @param p the operator
     */
    public ScalarRecurrent(RecurrentProblem p) {
        this.p = p;
        hidden = p.hidden();
        c = (long) hidden * Double.BYTES;
        gates = 2 * c;
        kept = gates + p.kind().gates() * c;
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
        return kept + 2 * c;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        for (int part = from; part < to; part++) {
            sequence(operands, part / p.batch(), part % p.batch(), scratch);
        }
    }

    private void sequence(MemorySegment[] operands, int direction, int sequence, MemorySegment s) {
        load(p.initialH() ? operands[H] : null, direction, sequence, s, 0);
        load(p.initialC() ? operands[C] : null, direction, sequence, s, c);
        int length = p.length(sequence);
        for (int step = 0; step < length; step++) {
            int place = p.place(direction, sequence, step);
            project(operands, direction, p.xAt(place, sequence), s);
            switch (p.kind()) {
                case RNN -> tanh(s, gates, 0);
                case LSTM -> lstm(s);
                case GRU, GRU_LINEAR -> gru(operands, direction, s);
            }
            store(operands[p.output()], p.yAt(place, direction, sequence), s, 0);
        }
        for (int step = length; step < p.steps() && operands[p.output()] != null; step++) {
            long at = p.yAt(step, direction, sequence) * Float.BYTES;
            ScalarMoves.clear(operands[p.output()], at, (long) hidden * Float.BYTES);
        }
        int outputs = operands.length - p.output();
        store(outputs > 1 ? operands[p.output() + 1] : null, p.stateAt(direction, sequence), s, 0);
        store(outputs > 2 ? operands[p.output() + 2] : null, p.stateAt(direction, sequence), s, c);
    }

    private void load(MemorySegment from, int direction, int sequence, MemorySegment s, long to) {
        long at = p.stateAt(direction, sequence) * Float.BYTES;
        for (long k = 0; k < hidden; k++) {
            s.set(F64, to + k * Double.BYTES, from == null ? 0 : from.get(F32, at + k * Float.BYTES));
        }
    }

    private void store(MemorySegment to, long at, MemorySegment s, long from) {
        for (long k = 0; k < hidden && to != null; k++) {
            to.set(F32, (at + k) * Float.BYTES, (float) s.get(F64, from + k * Double.BYTES));
        }
    }

    /** What the element and, where it does not depend on other gates, the state bring to the gates. */
    private void project(MemorySegment[] operands, int direction, long x, MemorySegment s) {
        int count = p.kind().gates() * hidden;
        for (int row = 0; row < count; row++) {
            int gate = row / hidden;
            long weights = (long) direction * count + row;
            double sum = bias(operands, direction, row, !p.kind().separateBias(gate));
            for (long i = 0; i < p.input(); i++) {
                sum += (double) operands[1].get(F32, (weights * p.input() + i) * Float.BYTES)
                        * operands[0].get(F32, (x + i) * Float.BYTES);
            }
            boolean later = gate == 2 && p.kind() != Kind.LSTM;
            double state = later ? 0 : dot(operands[2], weights, s, 0);
            s.set(F64, gates + (long) row * Double.BYTES, sum + state);
        }
    }

    private double bias(MemorySegment[] operands, int direction, int row, boolean both) {
        if (!p.bias()) {
            return 0;
        }
        int count = p.kind().gates() * hidden;
        long at = (long) direction * 2 * count + row;
        double first = operands[B].get(F32, at * Float.BYTES);
        return both ? first + operands[B].get(F32, (at + count) * Float.BYTES) : first;
    }

    private double dot(MemorySegment r, long row, MemorySegment s, long state) {
        double sum = 0;
        for (long i = 0; i < hidden; i++) {
            sum += r.get(F32, (row * hidden + i) * Float.BYTES) * s.get(F64, state + i * Double.BYTES);
        }
        return sum;
    }

    private void tanh(MemorySegment s, long from, long to) {
        for (long k = 0; k < c; k += Double.BYTES) {
            s.set(F64, to + k, Math.tanh(s.get(F64, from + k)));
        }
    }

    private void lstm(MemorySegment s) {
        for (long k = 0; k < c; k += Double.BYTES) {
            double i = sigmoid(s.get(F64, gates + k));
            double o = sigmoid(s.get(F64, gates + c + k));
            double f = sigmoid(s.get(F64, gates + 2 * c + k));
            double candidate = Math.tanh(s.get(F64, gates + 3 * c + k));
            double cell = f * s.get(F64, c + k) + i * candidate;
            s.set(F64, c + k, cell);
            s.set(F64, k, o * Math.tanh(cell));
        }
    }

    private void gru(MemorySegment[] operands, int direction, MemorySegment s) {
        boolean linear = p.kind() == Kind.GRU_LINEAR;
        for (long k = 0; k < c; k += Double.BYTES) {
            s.set(F64, kept + k, sigmoid(s.get(F64, gates + c + k)) * s.get(F64, k));
        }
        int count = 3 * hidden;
        for (int k = 0; k < hidden; k++) {
            long at = (long) k * Double.BYTES;
            int row = 2 * hidden + k;
            double state = dot(operands[2], (long) direction * count + row, s, linear ? 0 : kept);
            if (linear) {
                double bias =
                        p.bias() ? operands[B].get(F32, (((long) direction * 2 + 1) * count + row) * Float.BYTES) : 0;
                state = sigmoid(s.get(F64, gates + c + at)) * (state + bias);
            }
            double z = sigmoid(s.get(F64, gates + at));
            double candidate = Math.tanh(s.get(F64, gates + 2 * c + at) + state);
            s.set(F64, kept + c + at, (1 - z) * candidate + z * s.get(F64, at));
        }
        MemorySegment.copy(s, kept + c, s, 0, c);
    }

    private static double sigmoid(double x) {
        double e = Math.exp(-Math.abs(x));
        return (x >= 0 ? 1 : e) / (1 + e);
    }
}
