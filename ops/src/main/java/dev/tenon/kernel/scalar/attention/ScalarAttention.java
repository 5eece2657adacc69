package dev.tenon.kernel.scalar.attention;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.attention.AttentionOperands;
import dev.tenon.kernel.attention.AttentionProblem;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Attention by plain loops, a query after the other; a part is a head of keys of one sequence. */
public final class ScalarAttention implements Kernel {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final long NANOS_PER_EXPONENTIAL = 8;

    private final AttentionProblem p;
    private final AttentionOperands memory;
    private final long row;
    private final long gatheredValues;
    private final long scratch;

    /**
     * A kernel.
     *
     * @param p the problem
     */
    public ScalarAttention(AttentionProblem p) {
        this.p = p;
        this.memory = new AttentionOperands(p);
        // Scores and addends of one query come first, in rows of the same size.
        this.row = (long) p.keys() * Float.BYTES;
        this.gatheredValues = 2 * row + memory.gatherBytes(false);
        this.scratch = gatheredValues + memory.gatherBytes(true);
    }

    @Override
    public String id() {
        return "attention_f32_scalar";
    }

    @Override
    public int parts() {
        return Math.max(1, p.batch() * p.keyHeads());
    }

    @Override
    public long partNanos() {
        return 1 + (long) p.group() * p.queries() * p.keys() * (p.size() + p.valueSize() + NANOS_PER_EXPONENTIAL);
    }

    @Override
    public long scratchBytes() {
        return scratch;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        for (int part = from; part < to && part < p.batch() * p.keyHeads(); part++) {
            int b = part / p.keyHeads();
            int keyHead = part % p.keyHeads();
            memory.gather(operands, scratch, 2 * row, false, b, keyHead);
            memory.gather(operands, scratch, gatheredValues, true, b, keyHead);
            for (int head = keyHead * p.group(); head < (keyHead + 1) * p.group(); head++) {
                for (int i = 0; i < p.queries(); i++) {
                    query(operands, scratch, b, head, keyHead, i);
                }
            }
        }
    }

    private void query(MemorySegment[] operands, MemorySegment scratch, int b, int head, int keyHead, int i) {
        memory.bias(operands, b, head, i, 0, p.keys(), scratch, row);
        MemorySegment keys = memory.source(operands, scratch, false);
        long keysAt = memory.sourceAt(b, keyHead, false, 2 * row);
        float max = scores(operands[0], memory.query(b, head, i), keys, keysAt, scratch);
        double sum = exponentials(scratch, max);
        MemorySegment values = memory.source(operands, scratch, true);
        long valuesAt = memory.sourceAt(b, keyHead, true, gatheredValues);
        mix(scratch, sum, values, valuesAt, operands[p.yOperand()], memory.result(b, head, i));
    }

    private float scores(MemorySegment q, long qAt, MemorySegment keys, long keysAt, MemorySegment scratch) {
        long step = memory.sourceStep(false) * Float.BYTES;
        float max = Float.NEGATIVE_INFINITY;
        for (int j = 0; j < p.keys(); j++) {
            long at = (long) j * Float.BYTES;
            float addend = scratch.get(F32, row + at);
            float score = addend;
            if (addend != Float.NEGATIVE_INFINITY) {
                float product = 0;
                for (int d = 0; d < p.size(); d++) {
                    long element = (long) d * Float.BYTES;
                    product += q.get(F32, qAt + element) * keys.get(F32, keysAt + j * step + element);
                }
                score = product * p.scale();
                if (p.softcap() > 0) {
                    score = (float) (p.softcap() * Math.tanh(score / p.softcap()));
                }
                score += addend;
            }
            scratch.set(F32, at, score);
            max = Math.max(max, score);
        }
        return max;
    }

    private double exponentials(MemorySegment scratch, float max) {
        double sum = 0;
        for (int j = 0; j < p.keys(); j++) {
            long at = (long) j * Float.BYTES;
            float score = scratch.get(F32, at);
            float e = score == Float.NEGATIVE_INFINITY ? 0 : (float) Math.exp(score - max);
            scratch.set(F32, at, e);
            sum += e;
        }
        return sum;
    }

    private void mix(
            MemorySegment scratch, double sum, MemorySegment values, long valuesAt, MemorySegment y, long yAt) {
        long step = memory.sourceStep(true) * Float.BYTES;
        float factor = sum == 0 ? 0 : (float) (1 / sum);
        for (int d = 0; d < p.valueSize(); d++) {
            long element = (long) d * Float.BYTES;
            float mixed = 0;
            for (int j = 0; j < p.keys(); j++) {
                long at = (long) j * Float.BYTES;
                if (scratch.get(F32, row + at) != Float.NEGATIVE_INFINITY) {
                    mixed += scratch.get(F32, at) * values.get(F32, valuesAt + j * step + element);
                }
            }
            y.set(F32, yAt + element, mixed * factor);
        }
    }
}
