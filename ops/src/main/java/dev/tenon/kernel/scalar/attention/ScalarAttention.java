package dev.tenon.kernel.scalar.attention;

import static dev.tenon.kernel.attention.KeysOrValues.KEYS;
import static dev.tenon.kernel.attention.KeysOrValues.VALUES;

import dev.tenon.budget.WorkBudget;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.attention.AttentionOperands;
import dev.tenon.kernel.attention.AttentionProblem;
import dev.tenon.kernel.attention.AttentionProblem.Grid;
import dev.tenon.kernel.attention.AttentionProblem.Rounding;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Attention by plain loops, one query after the other. A part is one key head of one sequence. */
public final class ScalarAttention implements Kernel {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final long NANOS_PER_EXPONENTIAL = 8;

    private final AttentionProblem p;
    private final AttentionProblem.Dims d;
    private final AttentionOperands memory;

    // Offsets in scratch memory, in bytes. The scores of one query come first.
    private final long biasAt;
    private final long keysAt;
    private final long valuesAt;
    private final long scratchBytes;

    /**
     * Makes the kernel.
     *
     * @param p the problem
     */
    public ScalarAttention(AttentionProblem p) {
        this.p = p;
        this.d = p.dims();
        this.memory = new AttentionOperands(p);
        this.biasAt = (long) d.keys() * Float.BYTES;
        this.keysAt = 2 * biasAt;
        this.valuesAt = keysAt + memory.concatBytes(KEYS);
        this.scratchBytes = valuesAt + memory.concatBytes(VALUES);
    }

    @Override
    public String id() {
        return "attention_f32_scalar";
    }

    @Override
    public int parts() {
        return Math.max(1, d.allKvHeads());
    }

    @Override
    public long partNanos() {
        return 1 + (long) d.rows() * d.keys() * (d.headSize() + d.valueHeadSize() + NANOS_PER_EXPONENTIAL);
    }

    @Override
    public long scratchBytes() {
        return scratchBytes;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        for (int kvHead = from; kvHead < to && kvHead < d.allKvHeads(); kvHead++) {
            memory.concat(operands, scratch, keysAt, KEYS, kvHead);
            memory.concat(operands, scratch, valuesAt, VALUES, kvHead);
            for (int row = 0; row < d.rows(); row++) {
                WorkBudget.check();
                query(operands, scratch, kvHead, row);
            }
        }
    }

    private void query(MemorySegment[] operands, MemorySegment scratch, int kvHead, int row) {
        int queryHead = memory.queryHead(kvHead, row);
        memory.writeBias(operands, queryHead, row % d.queries(), 0, d.keys(), scratch, biasAt);
        MemorySegment keys = memory.source(operands, scratch, KEYS);
        long keysOffset = memory.sourceOffset(kvHead, KEYS, keysAt);
        float max = scores(operands[0], memory.queryRowOffset(kvHead, row), keys, keysOffset, scratch);
        double sum = exponentials(scratch, max);
        if (p.rounding() != null) {
            roundProbabilities(scratch, sum);
            sum = 1;
        }
        MemorySegment values = memory.source(operands, scratch, VALUES);
        long valuesOffset = memory.sourceOffset(kvHead, VALUES, valuesAt);
        MemorySegment y = operands[p.operands().output()];
        weightedSum(scratch, sum, values, valuesOffset, y, memory.resultRowOffset(kvHead, row));
    }

    /** Writes the scores of a query with all keys. Returns the greatest score. */
    private float scores(MemorySegment q, long qAt, MemorySegment keys, long keysOffset, MemorySegment scratch) {
        long step = memory.sourceStep(KEYS) * Float.BYTES;
        float softcap = p.scoring().softcap();
        Rounding r = p.rounding();
        float max = Float.NEGATIVE_INFINITY;
        for (int j = 0; j < d.keys(); j++) {
            long at = (long) j * Float.BYTES;
            float addend = scratch.get(F32, biasAt + at);
            float score = addend;
            if (addend != Float.NEGATIVE_INFINITY) {
                float product = 0;
                for (int i = 0; i < d.headSize(); i++) {
                    long element = (long) i * Float.BYTES;
                    float query = q.get(F32, qAt + element);
                    float key = keys.get(F32, keysOffset + j * step + element);
                    product += r == null
                            ? query * key
                            : r.queries().nearest(query) * r.keys().nearest(key);
                }
                score = product * p.scoring().scale();
                if (softcap > 0) {
                    score = (float) (softcap * Math.tanh(score / softcap));
                }
                score += addend;
            }
            scratch.set(F32, at, score);
            max = Math.max(max, score);
        }
        return max;
    }

    /** Replaces scores by their exponentials, relative to the greatest score. Returns their sum. */
    private double exponentials(MemorySegment scratch, float max) {
        double sum = 0;
        for (int j = 0; j < d.keys(); j++) {
            long at = (long) j * Float.BYTES;
            float score = scratch.get(F32, at);
            float e = score == Float.NEGATIVE_INFINITY ? 0 : (float) Math.exp(score - max);
            scratch.set(F32, at, e);
            sum += e;
        }
        return sum;
    }

    private void roundProbabilities(MemorySegment scratch, double sum) {
        for (int j = 0; j < d.keys(); j++) {
            long at = (long) j * Float.BYTES;
            scratch.set(F32, at, p.rounding().probabilities().nearest((float) (scratch.get(F32, at) / sum)));
        }
    }

    /** Adds up the values, weighted by exponentials, and divides by the sum of these. Skips hidden keys. */
    private void weightedSum(
            MemorySegment scratch, double sum, MemorySegment values, long valuesOffset, MemorySegment y, long yAt) {
        long step = memory.sourceStep(VALUES) * Float.BYTES;
        Grid grid = p.rounding() == null ? null : p.rounding().values();
        float factor = sum == 0 ? 0 : (float) (1 / sum);
        for (int i = 0; i < d.valueHeadSize(); i++) {
            long element = (long) i * Float.BYTES;
            float total = 0;
            for (int j = 0; j < d.keys(); j++) {
                long at = (long) j * Float.BYTES;
                if (scratch.get(F32, biasAt + at) != Float.NEGATIVE_INFINITY) {
                    float value = values.get(F32, valuesOffset + j * step + element);
                    total += scratch.get(F32, at) * (grid == null ? value : grid.nearest(value));
                }
            }
            y.set(F32, yAt + element, total * factor);
        }
    }
}
