package dev.tenon.kernel.recurrent;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.recurrent.GateActivation;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * A recurrent operator over float32 sequences. Operands are X, W, R, B, sequence_lens, initial_h, initial_c, P, of which
 * those from B on may be missing, and the outputs Y, Y_h and for LSTM Y_c.
 *
 * @param cell what a step does
 * @param batchFirst whether the batch is the first dimension of sequences and states
 * @param directions 1 or 2
 * @param reverse whether the first direction runs backwards
 * @param batch the sequences
 * @param steps the elements of a sequence
 * @param input the size of an element, at least 1
 * @param hidden the size of the state, at least 1
 * @param packed whether W and R lie in {@code StackedPanelLayout}
 * @param output the index of the first output among the operands
 */
public record RecurrentProblem(
        Cell cell,
        boolean batchFirst,
        int directions,
        boolean reverse,
        int batch,
        int steps,
        int input,
        int hidden,
        boolean packed,
        int output) {
    /** The index of X. */
    public static final int X = 0;

    /** The index of W. */
    public static final int W = 1;

    /** The index of R. */
    public static final int R = 2;

    /** The index of B. */
    public static final int B = 3;

    /** The index of sequence_lens. */
    public static final int LENGTHS = 4;

    /** The index of initial_h, behind which initial_c lies. */
    public static final int INITIAL = 5;

    /** The index of P. */
    public static final int PEEPHOLES = 7;

    /** The cell, and how many gates and functions it has. */
    public enum Kind {
        /** RNN. */
        RNN(1, 1),
        /** GRU, the reset gate applied to the state. */
        GRU(3, 2),
        /** GRU, the reset gate applied to the product of state and weights. */
        GRU_LINEAR(3, 2),
        /** LSTM. */
        LSTM(4, 3);

        private final int gates;
        private final int functions;

        Kind(int gates, int functions) {
            this.gates = gates;
            this.functions = functions;
        }

        /**
         * The gates.
         *
         * @return 1 to 4
         */
        public int gates() {
            return gates;
        }

        /**
         * The functions.
         *
         * @return 1 to 3 for each direction
         */
        public int functions() {
            return functions;
        }

        /**
         * Whether the bias of the state belongs to the product with the state alone.
         *
         * @param gate a gate
         * @return true for the candidate of a linear GRU
         */
        public boolean separateBias(int gate) {
            return this == GRU_LINEAR && gate == 2;
        }
    }

    /**
     * What a step does with what inputs and states bring to the gates.
     *
     * @param kind the operator
     * @param functions the activations of each direction, the first direction first
     * @param clip the bound of the magnitude of the arguments of the gates' functions, infinity for none
     * @param peepholes whether the gates of LSTM look at its state, with the weights P
     * @param coupled whether the forget gate of LSTM is 1 less the input gate
     */
    public record Cell(Kind kind, List<GateActivation> functions, float clip, boolean peepholes, boolean coupled) {
        /** An immutable copy. */
        public Cell {
            functions = List.copyOf(functions);
        }

        /**
         * The activations of a direction.
         *
         * @param direction the direction
         * @return as many as the cell has
         */
        public List<GateActivation> functions(int direction) {
            return functions.subList(direction * kind.functions, (direction + 1) * kind.functions);
        }
    }

    /**
     * The cell's kind.
     *
     * @return the kind
     */
    public Kind kind() {
        return cell.kind();
    }

    /**
     * An input.
     *
     * @param operands the operands of a run
     * @param index its index, which may lie beyond the last input
     * @return the input, or null if it is absent
     */
    public MemorySegment operand(MemorySegment[] operands, int index) {
        return index < output ? operands[index] : null;
    }

    /**
     * An output.
     *
     * @param operands the operands of a run
     * @param index 0 for Y, then the last states
     * @return the output, or null if nobody asks for it
     */
    public MemorySegment result(MemorySegment[] operands, int index) {
        return output + index < operands.length ? operands[output + index] : null;
    }

    /**
     * Where an element of a sequence lies in X.
     *
     * @param step its place in the sequence
     * @param sequence the sequence
     * @return an offset in elements
     */
    public long xAt(int step, int sequence) {
        long element = batchFirst ? (long) sequence * steps + step : (long) step * batch + sequence;
        return element * input;
    }

    /**
     * Where a state lies in Y.
     *
     * @param step the place in the sequence
     * @param direction the direction
     * @param sequence the sequence
     * @return an offset in elements
     */
    public long yAt(int step, int direction, int sequence) {
        long state = batchFirst
                ? ((long) sequence * steps + step) * directions + direction
                : ((long) step * directions + direction) * batch + sequence;
        return state * hidden;
    }

    /**
     * Where a state lies among the initial and the last ones.
     *
     * @param direction the direction
     * @param sequence the sequence
     * @return an offset in elements
     */
    public long stateAt(int direction, int sequence) {
        long state = batchFirst ? (long) sequence * directions + direction : (long) direction * batch + sequence;
        return state * hidden;
    }

    /**
     * The elements of a sequence that count.
     *
     * @param operands the operands of a run
     * @param sequence the sequence
     * @return 0 to {@code steps}
     * @throws InvalidOperandException if its length is out of range
     */
    public int length(MemorySegment[] operands, int sequence) {
        MemorySegment lengths = operand(operands, LENGTHS);
        if (lengths == null) {
            return steps;
        }
        int length = lengths.get(ValueLayout.JAVA_INT, (long) sequence * Integer.BYTES);
        if (length < 0 || length > steps) {
            throw new InvalidOperandException(
                    kind() == Kind.GRU_LINEAR ? "GRU" : kind().name(),
                    "sequence_lens[" + sequence + "] is " + length,
                    "[0, " + steps + "]",
                    "give each sequence a length within X");
        }
        return length;
    }

    /**
     * Checks all lengths, so that which one is named does not depend on who computes what.
     *
     * @param operands the operands of a run
     * @throws InvalidOperandException if the length of a sequence is out of range
     */
    public void checkLengths(MemorySegment[] operands) {
        for (int sequence = 0; sequence < batch; sequence++) {
            int ignored = length(operands, sequence);
        }
    }

    /**
     * The place in the sequence of a step of the computation.
     *
     * @param direction the direction
     * @param length the sequence's length
     * @param step the step, less than the length
     * @return a place
     */
    public int place(int direction, int length, int step) {
        return direction == 1 || reverse ? length - 1 - step : step;
    }

    /**
     * The multiplications of a step of one sequence in one direction.
     *
     * @return at least 1
     */
    public long stepWork() {
        return (long) kind().gates() * hidden * ((long) input + hidden);
    }
}
