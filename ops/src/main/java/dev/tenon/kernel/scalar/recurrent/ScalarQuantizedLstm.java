package dev.tenon.kernel.scalar.recurrent;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.MemoryMoves;
import dev.tenon.kernel.recurrent.QuantizedLstmProblem;
import dev.tenon.kernel.recurrent.RecurrentProblem;
import dev.tenon.op.recurrent.GateActivation;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * LSTM with weights of bytes: products of integers along the rows of the weights, everything else in double. A part is one
 * direction, because all sequences share the scale of a step.
 *
 * <p>Quantising turns small differences of a state into large ones, so the arithmetic around it is as precise as that of the
 * operator's definition.
 */
public final class ScalarQuantizedLstm implements Kernel {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final ValueLayout.OfDouble F64 = ValueLayout.JAVA_DOUBLE;
    private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfByte I8 = ValueLayout.JAVA_BYTE;
    private static final int GATES = 4;
    private static final int FUNCTIONS = 3;
    private static final double LEVELS = 255;
    private static final int SIGN = 0x80;
    private static final long ALIGNMENT = 64;

    /** Bytes from the scale of elements to that of states. */
    private static final long STATES = 2 * Double.BYTES;

    private final RecurrentProblem p;
    private final boolean signed;
    private final boolean columns;
    private final GateActivation[] functions;
    private final int hidden;

    // Scratch memory holds the hidden and the cell states, the arguments of the gates, sums of products, and quantised
    // numbers.

    private final long cellsAt;
    private final long gatesAt;
    private final long sumsAt;
    private final long numbersAt;

    /** The scale and the zero point of elements, then those of the states before a step. */
    private final long scalesAt;

    /**
     * A kernel.
     *
     * @param problem the problem, with weights that are not packed
     */
    public ScalarQuantizedLstm(QuantizedLstmProblem problem) {
        p = problem.lstm();
        signed = problem.signed();
        columns = problem.columns();
        functions = p.cell().functions().toArray(GateActivation[]::new);
        hidden = p.hidden();
        long states = aligned((long) p.batch() * hidden * Double.BYTES);
        cellsAt = states;
        gatesAt = 2 * states;
        sumsAt = gatesAt + aligned((long) GATES * hidden * Double.BYTES);
        scalesAt = sumsAt + aligned((long) GATES * hidden * Integer.BYTES);
        numbersAt = scalesAt + ALIGNMENT;
    }

    private static long aligned(long bytes) {
        return (bytes + ALIGNMENT - 1) & -ALIGNMENT;
    }

    @Override
    public String id() {
        return "lstm_i8_scalar";
    }

    @Override
    public int parts() {
        return p.directions();
    }

    @Override
    public long partNanos() {
        return 1 + (long) p.steps() * p.batch() * (p.stepWork() / 4 + 100L * hidden);
    }

    @Override
    public long scratchBytes() {
        return numbersAt + (long) Math.max(p.input(), hidden) * Integer.BYTES;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        p.checkLengths(operands);
        for (int direction = from; direction < to; direction++) {
            direction(operands, direction, scratch);
        }
    }

    private void direction(MemorySegment[] operands, int direction, MemorySegment s) {
        int longest = 0;
        for (int b = 0; b < p.batch(); b++) {
            long initial = p.stateAt(direction, b);
            DoubleState.load(p.operand(operands, RecurrentProblem.INITIAL_H), initial, hidden, s, state(b));
            DoubleState.load(
                    p.operand(operands, RecurrentProblem.INITIAL_H + 1), initial, hidden, s, cellsAt + state(b));
            longest = Math.max(longest, p.length(operands, b));
        }
        elements(operands[RecurrentProblem.X], longest, s);
        for (int step = 0; step < longest; step++) {
            states(operands, step, s);
            for (int b = 0; b < p.batch(); b++) {
                if (step < p.length(operands, b)) {
                    step(operands, direction, b, step, s);
                }
            }
        }
        MemorySegment y = p.result(operands, 0);
        for (int b = 0; b < p.batch(); b++) {
            for (int step = p.length(operands, b); step < p.steps() && y != null; step++) {
                MemoryMoves.clear(y, p.yAt(step, direction, b) * Float.BYTES, (long) hidden * Float.BYTES);
            }
            DoubleState.store(s, state(b), hidden, p.result(operands, 1), p.stateAt(direction, b));
            DoubleState.store(s, cellsAt + state(b), hidden, p.result(operands, 2), p.stateAt(direction, b));
        }
    }

    private long state(int sequence) {
        return (long) sequence * hidden * Double.BYTES;
    }

    /** Finds one scale for all elements that the longest sequence has. */
    private void elements(MemorySegment x, int longest, MemorySegment s) {
        double least = 0;
        double greatest = 0;
        for (int step = 0; step < longest; step++) {
            for (int b = 0; b < p.batch(); b++) {
                long at = p.xAt(step, b) * Float.BYTES;
                for (long i = 0; i < p.input(); i++) {
                    double v = x.get(F32, at + i * Float.BYTES);
                    least = Math.min(least, v);
                    greatest = Math.max(greatest, v);
                }
            }
        }
        setScale(s, 0, least, greatest);
    }

    /** Finds one scale for the states before a step and those of sequences that have just ended. */
    private void states(MemorySegment[] operands, int step, MemorySegment s) {
        double least = 0;
        double greatest = 0;
        for (int b = 0; b < p.batch(); b++) {
            for (long k = 0; k < hidden && step <= p.length(operands, b); k++) {
                double v = s.get(F64, state(b) + k * Double.BYTES);
                least = Math.min(least, v);
                greatest = Math.max(greatest, v);
            }
        }
        setScale(s, STATES, least, greatest);
    }

    private void setScale(MemorySegment s, long at, double least, double greatest) {
        double scale = greatest == least ? 1 : (float) ((greatest - least) / LEVELS);
        s.set(F64, scalesAt + at, scale);
        s.set(F64, scalesAt + at + Double.BYTES, Math.clamp(Math.rint(-least / scale), 0, LEVELS));
    }

    /** Quantises a number, and keeps its integer less the zero point. */
    private void setNumber(MemorySegment s, int index, double v, long at) {
        double zero = s.get(F64, scalesAt + at + Double.BYTES);
        double integer = Math.clamp(Math.rint(v / s.get(F64, scalesAt + at)) + zero, 0, LEVELS);
        s.set(I32, numbersAt + (long) index * Integer.BYTES, (int) (integer - zero));
    }

    private void step(MemorySegment[] operands, int direction, int b, int step, MemorySegment s) {
        int position = p.position(direction, p.length(operands, b), step);
        bias(p.operand(operands, RecurrentProblem.B), direction, s);
        MemorySegment x = operands[RecurrentProblem.X];
        long from = p.xAt(position, b) * Float.BYTES;
        for (int i = 0; i < p.input(); i++) {
            setNumber(s, i, x.get(F32, from + (long) i * Float.BYTES), 0);
        }
        addProduct(operands, RecurrentProblem.W, direction, p.input(), s.get(F64, scalesAt), s);
        for (int k = 0; k < hidden; k++) {
            setNumber(s, k, s.get(F64, state(b) + (long) k * Double.BYTES), STATES);
        }
        addProduct(operands, RecurrentProblem.R, direction, hidden, s.get(F64, scalesAt + STATES), s);
        cell(p.operand(operands, RecurrentProblem.PEEPHOLES), direction, state(b), s);
        DoubleState.store(s, state(b), hidden, p.result(operands, 0), p.yAt(position, direction, b));
    }

    private void bias(MemorySegment bias, int direction, MemorySegment s) {
        int count = GATES * hidden;
        long at = (long) direction * 2 * count;
        for (int j = 0; j < count; j++) {
            double sum = bias == null
                    ? 0
                    : (double) bias.get(F32, (at + j) * Float.BYTES) + bias.get(F32, (at + count + j) * Float.BYTES);
            s.set(F64, gatesAt + (long) j * Double.BYTES, sum);
        }
    }

    /** Adds the product of quantised numbers with weights to the arguments of the gates. */
    private void addProduct(
            MemorySegment[] operands, int weights, int direction, int terms, double scale, MemorySegment s) {
        int count = GATES * hidden;
        for (int j = 0; j < count; j++) {
            s.set(I32, sumsAt + (long) j * Integer.BYTES, 0);
        }
        MemorySegment w = operands[weights];
        int flip = signed ? 0 : SIGN;
        long all = 0;
        for (int t = 0; t < terms; t++) {
            int number = s.get(I32, numbersAt + (long) t * Integer.BYTES);
            all += number;
            addRow(number, w, ((long) direction * terms + t) * count, flip, count, s, sumsAt);
        }
        int own = weights == RecurrentProblem.W ? QuantizedLstmProblem.W_SCALE : QuantizedLstmProblem.R_SCALE;
        for (int j = 0; j < count; j++) {
            long parameter = columns ? (long) direction * count + j : direction;
            byte given = operands[own + 1].get(I8, parameter);
            int zero = (byte) (given ^ flip);
            double sum = (double) s.get(I32, sumsAt + (long) j * Integer.BYTES) - (double) zero * all;
            long at = gatesAt + (long) j * Double.BYTES;
            double unit = scale * operands[own].get(F32, parameter * Float.BYTES);
            s.set(F64, at, s.get(F64, at) + sum * unit);
        }
    }

    /** Adds products of a number with weights to sums. Weights without a sign are taken less 128, as their zero points are. */
    private static void addRow(
            int number, MemorySegment w, long at, int flip, int count, MemorySegment sums, long sumsAt) {
        for (int j = 0; j < count; j++) {
            long to = sumsAt + (long) j * Integer.BYTES;
            sums.set(I32, to, sums.get(I32, to) + number * (byte) (w.get(I8, at + j) ^ flip));
        }
    }

    private double gate(int direction, int function, double x) {
        double max = p.cell().clip();
        return functions[direction * FUNCTIONS + function].at(x < -max ? -max : x > max ? max : x);
    }

    private double argument(MemorySegment s, int gate, int k) {
        return s.get(F64, gatesAt + ((long) gate * hidden + k) * Double.BYTES);
    }

    private double peephole(MemorySegment peepholes, int direction, int gate, int k, double cell) {
        return peepholes == null ? 0 : peepholes.get(F32, ((3L * direction + gate) * hidden + k) * Float.BYTES) * cell;
    }

    private void cell(MemorySegment peepholes, int direction, long state, MemorySegment s) {
        for (int k = 0; k < hidden; k++) {
            long at = state + (long) k * Double.BYTES;
            double cell = s.get(F64, cellsAt + at);
            double i = gate(direction, 0, argument(s, 0, k) + peephole(peepholes, direction, 0, k, cell));
            double forget = p.cell().coupled()
                    ? 1 - i
                    : gate(direction, 0, argument(s, 2, k) + peephole(peepholes, direction, 2, k, cell));
            double next = forget * cell + i * gate(direction, 1, argument(s, 3, k));
            double o = gate(direction, 0, argument(s, 1, k) + peephole(peepholes, direction, 1, k, next));
            s.set(F64, cellsAt + at, next);
            s.set(F64, at, o * functions[direction * FUNCTIONS + 2].at(next));
        }
    }
}
