package dev.tenon.kernel.scalar.attention;

import dev.tenon.budget.WorkBudget;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.attention.PagedProblem;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The second stage of attention over pages by plain loops, one row of queries after the other. A part is some tokens and a key head. Scratch memory
 * has the scores of a segment, then the sums of a segment.
 */
public final class ScalarPagedAttention implements Kernel {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final ValueLayout.OfShort F16 = ValueLayout.JAVA_SHORT;
    private static final long NANOS_PER_EXPONENTIAL = 8;
    private static final long SUMS_AT = (long) PagedProblem.SEGMENT * Float.BYTES;

    private final PagedProblem p;
    private final PagedProblem.Dims d;

    /**
     * Makes the stage after {@link PageAppend}.
     *
     * @param p the problem
     */
    public ScalarPagedAttention(PagedProblem p) {
        this.p = p;
        this.d = p.dims();
    }

    @Override
    public String id() {
        return "paged_attention_f32_scalar";
    }

    @Override
    public int parts() {
        return Math.max(1, p.parts());
    }

    @Override
    public long partNanos() {
        return 1 + p.partPairs() * (2L * d.size() + NANOS_PER_EXPONENTIAL);
    }

    @Override
    public long scratchBytes() {
        return SUMS_AT + p.rowBytes();
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        for (int part = from; part < to && part < p.parts(); part++) {
            int first = part / d.keyHeads() * p.partTokens();
            int end = Math.min(d.tokens(), first + p.partTokens());
            for (int row = first * d.group(); row < end * d.group(); row++) {
                WorkBudget.check();
                row(operands, scratch, part % d.keyHeads(), row);
            }
        }
    }

    private void row(MemorySegment[] operands, MemorySegment scratch, int keyHead, int row) {
        int token = row / d.group();
        int end = p.position(operands, token) + 1;
        int key = p.firstPosition(end - 1);
        MemorySegment y = operands[PagedProblem.RESULT];
        long at = p.queryOffset(keyHead, row);
        y.asSlice(at, p.rowBytes()).fill((byte) 0);
        float max = Float.NEGATIVE_INFINITY;
        float sum = 0;
        while (key < end) {
            int stop = Math.min(end, (key / PagedProblem.SEGMENT + 1) * PagedProblem.SEGMENT);
            float own = scores(operands, scratch, keyHead, row, key, stop);
            float ownSum = exponentials(scratch, own, stop - key);
            weightedSum(operands, scratch, keyHead, token, key, stop);
            float next = Math.max(max, own);
            float before = factor(max, next);
            float factor = factor(own, next);
            sum = sum * before + ownSum * factor;
            for (long i = 0; i < p.rowBytes(); i += Float.BYTES) {
                y.set(F32, at + i, y.get(F32, at + i) * before + scratch.get(F32, SUMS_AT + i) * factor);
            }
            max = next;
            key = stop;
        }
        float inverse = sum == 0 ? 0 : 1 / sum;
        for (long i = 0; i < p.rowBytes(); i += Float.BYTES) {
            y.set(F32, at + i, y.get(F32, at + i) * inverse);
        }
    }

    private static float factor(float max, float next) {
        return max == Float.NEGATIVE_INFINITY ? 0 : (float) Math.exp(max - next);
    }

    /** Writes the scores of some keys. Returns the greatest. */
    private float scores(MemorySegment[] operands, MemorySegment scratch, int keyHead, int row, int key, int end) {
        MemorySegment q = operands[0];
        MemorySegment keys = operands[PagedProblem.RESULT + 1];
        long query = p.queryOffset(keyHead, row);
        float max = Float.NEGATIVE_INFINITY;
        for (int j = key; j < end; j++) {
            long at = rowOffset(operands, keyHead, row / d.group(), j);
            float product = 0;
            for (long i = 0; i < d.size(); i++) {
                product += q.get(F32, query + i * Float.BYTES) * element(keys, at, i);
            }
            float score = product * p.scale();
            if (p.softcap() > 0) {
                score = (float) (p.softcap() * Math.tanh(score / p.softcap()));
            }
            scratch.setAtIndex(F32, j - key, score);
            max = Math.max(max, score);
        }
        return max;
    }

    private long rowOffset(MemorySegment[] operands, int keyHead, int token, int position) {
        int page = p.page(operands, p.sequence(operands, token), position / PagedProblem.PAGE);
        return p.pageOffset(page, keyHead) + position % PagedProblem.PAGE * p.pageRowBytes();
    }

    private float element(MemorySegment pages, long row, long i) {
        return p.half()
                ? Float.float16ToFloat(pages.get(F16, row + i * Short.BYTES))
                : pages.get(F32, row + i * Float.BYTES);
    }

    private static float exponentials(MemorySegment scratch, float max, int count) {
        float sum = 0;
        for (int j = 0; j < count; j++) {
            float score = scratch.getAtIndex(F32, j);
            float e = score == Float.NEGATIVE_INFINITY ? 0 : (float) Math.exp(score - max);
            scratch.setAtIndex(F32, j, e);
            sum += e;
        }
        return sum;
    }

    private void weightedSum(
            MemorySegment[] operands, MemorySegment scratch, int keyHead, int token, int key, int end) {
        MemorySegment values = operands[PagedProblem.RESULT + 2];
        scratch.asSlice(SUMS_AT, p.rowBytes()).fill((byte) 0);
        for (int j = key; j < end; j++) {
            long at = rowOffset(operands, keyHead, token, j);
            float e = scratch.getAtIndex(F32, j - key);
            for (long i = 0; i < d.size(); i++) {
                long to = SUMS_AT + i * Float.BYTES;
                scratch.set(F32, to, scratch.get(F32, to) + e * element(values, at, i));
            }
        }
    }
}
