package dev.tenon.kernel.recurrent;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.recurrent.GateActivation;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * A recurrent operator over float32 sequences. The operands are X, W, R, B, sequence_lens, initial_h, initial_c and P, of which
 * those from B on may be left out, then the outputs Y, Y_h and for LSTM Y_c.
 *
 * @param cell what one step computes
 * @param sizes the sizes of sequences and states
 * @param batchFirst whether the batch is the first dimension of sequences and states
 * @param reverse whether the first direction runs backwards
 * @param packed whether W and R have the layout {@code StackedPanelLayout}
 * @param output the index of the first output among the operands
 */
public record RecurrentProblem(
        Cell cell, Sizes sizes, boolean batchFirst, boolean reverse, boolean packed, int output) {
    /**
     * The sizes of sequences and states.
     *
     * @param directions the number of directions, 1 or 2
     * @param batch the number of sequences, at least 1
     * @param steps the number of elements of a sequence, at least 1
     * @param input the size of an element, at least 1
     * @param hidden the size of the state, at least 1
     */
    public record Sizes(int directions, int batch, int steps, int input, int hidden) {}

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

    /** The index of initial_h; the next operand is initial_c. */
    public static final int INITIAL_H = 5;

    /** The index of P. */
    public static final int PEEPHOLES = 7;

    /** The operator, with the numbers of its gates and activation functions. */
    public enum Kind {
        /** RNN. */
        RNN(1, 1),
        /** GRU whose reset gate is applied to the state. */
        GRU(3, 2),
        /** GRU whose reset gate is applied to the product of state and weights (linear_before_reset). */
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
         * The number of gates.
         *
         * @return 1 to 4
         */
        public int gates() {
            return gates;
        }

        /**
         * The number of activation functions of a direction.
         *
         * @return 1 to 3
         */
        public int functions() {
            return functions;
        }

        /**
         * Whether the state's bias of a gate is added to the product with the state before the reset gate is applied, and not to
         * the bias of the input.
         *
         * @param gate the gate
         * @return true for the candidate of {@link #GRU_LINEAR}
         */
        public boolean hasSeparateBias(int gate) {
            return this == GRU_LINEAR && gate == 2;
        }
    }

    /**
     * The computation of one step.
     *
     * @param kind the operator
     * @param functions the activation functions of the first direction, then those of the second
     * @param clip the bound of the magnitude of the arguments of activation functions, infinity for none
     * @param peepholes whether the gates of LSTM also depend on the cell state, with the weights P
     * @param coupled whether the forget gate of LSTM is 1 minus the input gate
     */
    public record Cell(Kind kind, List<GateActivation> functions, float clip, boolean peepholes, boolean coupled) {
        /** Copies the list. */
        public Cell {
            functions = List.copyOf(functions);
        }

        /**
         * The activation functions of a direction.
         *
         * @param direction the direction, 0 or 1
         * @return as many as the kind has
         */
        public List<GateActivation> functions(int direction) {
            return functions.subList(direction * kind.functions, (direction + 1) * kind.functions);
        }
    }

    /** {@return the number of directions, 1 or 2} */
    public int directions() {
        return sizes.directions;
    }

    /** {@return the number of sequences} */
    public int batch() {
        return sizes.batch;
    }

    /** {@return the number of elements of a sequence} */
    public int steps() {
        return sizes.steps;
    }

    /** {@return the size of an element} */
    public int input() {
        return sizes.input;
    }

    /** {@return the size of the state} */
    public int hidden() {
        return sizes.hidden;
    }

    /**
     * The operator.
     *
     * @return the kind of the cell
     */
    public Kind kind() {
        return cell.kind();
    }

    /**
     * An input of a run.
     *
     * @param operands the operands of the run
     * @param index the index of the input, which may be past the last one
     * @return the input, or null if it is left out
     */
    public MemorySegment operand(MemorySegment[] operands, int index) {
        return index < output ? operands[index] : null;
    }

    /**
     * An output of a run.
     *
     * @param operands the operands of the run
     * @param index 0 for Y, 1 for Y_h, 2 for Y_c
     * @return the output, or null if nothing reads it
     */
    public MemorySegment result(MemorySegment[] operands, int index) {
        return output + index < operands.length ? operands[output + index] : null;
    }

    /**
     * The offset of an element of a sequence in X.
     *
     * @param step the position in the sequence
     * @param sequence the sequence
     * @return the offset, elements
     */
    public long xAt(int step, int sequence) {
        long element = batchFirst ? (long) sequence * steps() + step : (long) step * batch() + sequence;
        return element * input();
    }

    /**
     * The offset of a state in Y.
     *
     * @param step the position in the sequence
     * @param direction the direction
     * @param sequence the sequence
     * @return the offset, elements
     */
    public long yAt(int step, int direction, int sequence) {
        long state = batchFirst
                ? ((long) sequence * steps() + step) * directions() + direction
                : ((long) step * directions() + direction) * batch() + sequence;
        return state * hidden();
    }

    /**
     * The offset of a state in initial_h, initial_c, Y_h and Y_c.
     *
     * @param direction the direction
     * @param sequence the sequence
     * @return the offset, elements
     */
    public long stateAt(int direction, int sequence) {
        long state = batchFirst ? (long) sequence * directions() + direction : (long) direction * batch() + sequence;
        return state * hidden();
    }

    /**
     * The length of a sequence.
     *
     * @param operands the operands of a run
     * @param sequence the sequence
     * @return the number of its elements that are used, from 0 to {@code steps}
     * @throws InvalidOperandException if its length is out of range
     */
    public int length(MemorySegment[] operands, int sequence) {
        MemorySegment lengths = operand(operands, LENGTHS);
        if (lengths == null) {
            return steps();
        }
        int length = lengths.get(ValueLayout.JAVA_INT, (long) sequence * Integer.BYTES);
        if (length < 0 || length > steps()) {
            throw new InvalidOperandException(
                    kind() == Kind.GRU_LINEAR ? "GRU" : kind().name(),
                    "sequence_lens[" + sequence + "] is " + length,
                    "[0, " + steps() + "]",
                    "give each sequence a length within X");
        }
        return length;
    }

    /**
     * Checks the lengths of all sequences. Every part of a kernel does this first, so that the error does not depend on which
     * part runs first.
     *
     * @param operands the operands of a run
     * @throws InvalidOperandException if the length of a sequence is out of range
     */
    public void checkLengths(MemorySegment[] operands) {
        for (int sequence = 0; sequence < batch(); sequence++) {
            int ignored = length(operands, sequence);
        }
    }

    /**
     * The position in the sequence at which a step of the computation works.
     *
     * @param direction the direction
     * @param length the length of the sequence
     * @param step the step, less than the length
     * @return the position
     */
    public int position(int direction, int length, int step) {
        return direction == 1 || reverse ? length - 1 - step : step;
    }

    /**
     * The number of multiplications of one step, for one sequence and one direction.
     *
     * @return at least 1
     */
    public long stepWork() {
        return (long) kind().gates() * hidden() * ((long) input() + hidden());
    }
}
