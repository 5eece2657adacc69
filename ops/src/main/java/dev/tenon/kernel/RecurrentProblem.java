package dev.tenon.kernel;

import java.util.Arrays;

/**
 * A recurrent operator over float32 sequences with its own activations and without bounds. Operands are X, W, R, B,
 * lengths, initial_h, initial_c, of which those from B on may be missing, and the outputs Y, Y_h and for LSTM Y_c.
 *
 * @param kind the cell
 * @param batchFirst whether the batch is the first dimension of sequences and states
 * @param directions 1 or 2
 * @param reverse whether the first direction runs backwards
 * @param batch the sequences
 * @param steps the elements of a sequence
 * @param input the size of an element, at least 1
 * @param hidden the size of the state, at least 1
 * @param lengths the elements that count of each sequence, each in [0, steps], or null if all do
 * @param bias whether B is there
 * @param initialH whether initial_h is there
 * @param initialC whether initial_c is there
 * @param packed whether W and R lie in {@link StackedPanelLayout}
 * @param output the index of the first output among the operands
 */
public record RecurrentProblem(
        Kind kind,
        boolean batchFirst,
        int directions,
        boolean reverse,
        int batch,
        int steps,
        int input,
        int hidden,
        int[] lengths,
        boolean bias,
        boolean initialH,
        boolean initialC,
        boolean packed,
        int output) {
    /** The cell, and how many gates it has. */
    public enum Kind {
        /** RNN. */
        RNN(1),
        /** GRU, the reset gate applied to the state. */
        GRU(3),
        /** GRU, the reset gate applied to the product of state and weights. */
        GRU_LINEAR(3),
        /** LSTM. */
        LSTM(4);

        private final int gates;

        Kind(int gates) {
            this.gates = gates;
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
     * @param sequence the sequence
     * @return 0 to {@code steps}
     */
    public int length(int sequence) {
        return lengths == null ? steps : lengths[sequence];
    }

    /**
     * The place in the sequence of a step of the computation.
     *
     * @param direction the direction
     * @param sequence the sequence
     * @param step the step, less than the sequence's length
     * @return a place
     */
    public int place(int direction, int sequence, int step) {
        return direction == 1 || reverse ? length(sequence) - 1 - step : step;
    }

    /**
     * The multiplications of a step of one sequence in one direction.
     *
     * @return at least 1
     */
    public long stepWork() {
        return (long) kind.gates() * hidden * ((long) input + hidden);
    }

    @Override
    public String toString() {
        return kind + " " + batch + "x" + steps + "x" + input + " to " + hidden + ", lengths "
                + Arrays.toString(lengths);
    }
}
