package dev.tenon.kernel.x64.norm;

import dev.tenon.kernel.attention.AttentionProblem.Scoring;
import dev.tenon.nativecode.NativeFunction;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Softmax of scores of attention: scales them, bounds them, adds the bias, and makes probabilities of them in place. */
public final class ScoreSoftmax {
    private final int rows;
    private final float scale;
    private final float softcap;
    private final NativeFunction function;

    /**
     * The softmax of a problem.
     *
     * @param scoring how scores are made
     * @param rows the most rows of a call
     * @param bits the width of vectors: 256 or 512
     */
    public ScoreSoftmax(Scoring scoring, int rows, int bits) {
        this.rows = rows;
        this.scale = scoring.scale();
        this.softcap = scoring.softcap();
        this.function = SoftmaxEmitter.scores(bits, softcap > 0);
    }

    /** {@return the memory for arguments, bytes, a multiple of 64} */
    public long bytes() {
        return ScoreArgument.BYTES + (rows * (long) ScoreArgument.ENTRY_BYTES + 63 & -64);
    }

    /**
     * Sets the keys of a row.
     *
     * @param block the arguments, native memory of {@link #bytes}
     * @param row the row
     * @param bias the address of an addend for each of these keys; 0 for none
     * @param keys the keys that the query sees
     */
    public void setRow(MemorySegment block, int row, long bias, int keys) {
        long at = ScoreArgument.BYTES + row * (long) ScoreArgument.ENTRY_BYTES;
        block.set(ValueLayout.JAVA_LONG, at, bias);
        block.set(ValueLayout.JAVA_LONG, at + Long.BYTES, keys);
    }

    /**
     * Makes probabilities. Keys that a query does not see get 0; if it sees none, all get 0.
     *
     * @param block the arguments, with all rows set
     * @param count the number of rows
     * @param scores the address of the first row of scores, each of which has room for whole vectors
     * @param step bytes from a row to the next
     * @param columns the columns of a row that get a probability
     */
    public void run(MemorySegment block, int count, long scores, long step, int columns) {
        ScoreArgument.ENTRIES.set(block, block.address() + ScoreArgument.BYTES);
        ScoreArgument.ROWS.set(block, count);
        ScoreArgument.SCORES.set(block, scores);
        ScoreArgument.STEP.set(block, step);
        ScoreArgument.COLUMNS.set(block, columns);
        ScoreArgument.SCALE.set(block, scale);
        ScoreArgument.SOFTCAP.set(block, softcap);
        function.call(block.address());
    }
}
