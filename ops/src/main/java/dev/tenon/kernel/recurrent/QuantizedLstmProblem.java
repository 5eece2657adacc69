package dev.tenon.kernel.recurrent;

/**
 * An LSTM whose weights are bytes, and whose elements and states are quantised during a run, as DynamicQuantizeLSTM defines it.
 * The operands are those of {@link RecurrentProblem}, of which W is [directions, input, 4 hidden] and R [directions, hidden, 4
 * hidden]; then scale and zero point of W, scale and zero point of R.
 *
 * @param lstm the cell and the sizes
 * @param signed whether weights are int8, else uint8
 * @param columns whether each column of the weights has a scale and a zero point, else each direction has
 */
public record QuantizedLstmProblem(RecurrentProblem lstm, boolean signed, boolean columns) {
    /** The index of the scale of W. Its zero point follows. */
    public static final int W_SCALE = 8;

    /** The index of the scale of R. Its zero point follows. */
    public static final int R_SCALE = 10;
}
