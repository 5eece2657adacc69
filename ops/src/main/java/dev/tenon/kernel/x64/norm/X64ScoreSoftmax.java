package dev.tenon.kernel.x64.norm;

import dev.tenon.kernel.attention.AttentionProblem.Scoring;
import dev.tenon.nativecode.NativeFunction;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Softmax of scores of attention: scales them, bounds them, adds the bias, and makes probabilities of them in place. */
public final class X64ScoreSoftmax {
    private final int rows;
    private final long at;
    private final float scale;
    private final float softcap;
    private final NativeFunction function;

    /**
     * The softmax of a problem.
     *
     * @param scoring how scores are made
     * @param rows the most rows of a call
     * @param at the offset of the arguments in the scratch memory, a multiple of 64
     * @param bits the width of vectors: 256 or 512
     */
    public X64ScoreSoftmax(Scoring scoring, int rows, long at, int bits) {
        this.rows = rows;
        this.at = at;
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
     * @param scratch the scratch memory
     * @param row the row
     * @param bias the address of an addend for each of these keys; 0 for none
     * @param keys the keys that the query sees
     */
    public void setRow(MemorySegment scratch, int row, long bias, int keys) {
        long entry = at + ScoreArgument.BYTES + row * (long) ScoreArgument.ENTRY_BYTES;
        scratch.set(ValueLayout.JAVA_LONG, entry, bias);
        scratch.set(ValueLayout.JAVA_LONG, entry + Long.BYTES, keys);
    }

    /**
     * Makes probabilities. Keys that a query does not see get 0; if it sees none, all get 0.
     *
     * @param scratch the scratch memory, where all rows are set
     * @param count the number of rows
     * @param scores the address of the first row of scores, each of which has room for whole vectors
     * @param step bytes from a row to the next
     * @param columns the columns of a row that get a probability
     */
    public void run(MemorySegment scratch, int count, long scores, long step, int columns) {
        ScoreArgument.ENTRIES.set(scratch, at, scratch.address() + at + ScoreArgument.BYTES);
        ScoreArgument.ROWS.set(scratch, at, count);
        ScoreArgument.SCORES.set(scratch, at, scores);
        ScoreArgument.STEP.set(scratch, at, step);
        ScoreArgument.COLUMNS.set(scratch, at, columns);
        ScoreArgument.SCALE.set(scratch, at, scale);
        ScoreArgument.SOFTCAP.set(scratch, at, softcap);
        function.call(scratch.address() + at);
    }
}
