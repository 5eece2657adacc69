package dev.tenon.kernel.x64.attention;

import static dev.tenon.kernel.attention.PagedProblem.PAGE;
import static dev.tenon.kernel.attention.PagedProblem.RESULT;
import static dev.tenon.kernel.attention.PagedProblem.SEGMENT;
import static dev.tenon.kernel.x64.attention.PagedScoreEmitter.BLOCK;
import static dev.tenon.kernel.x64.attention.PagedScoreEmitter.MAX_ROWS;
import static dev.tenon.kernel.x64.attention.PagedScoreEmitter.SCORES_ROW;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.attention.PagedProblem;
import dev.tenon.kernel.x64.OperandAddresses;
import dev.tenon.kernel.x64.VectorEmitter;
import dev.tenon.nativecode.NativeFunction;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The second stage of attention over pages in machine code. A part is some tokens and a key head. A tile is the rows of queries of a
 * part that are of one sequence and of neighbouring positions, of all heads of the group. Keys and values are read where they are
 * in the pages, and float16 numbers are widened in registers. Up to four rows share what is loaded.
 *
 * <p>Each row is computed as if it were alone. A product has one order of terms, and so have the sum of weights and the sums of
 * values, whose terms are added one after the other in the order of positions. Products of keys that a row does not see are made
 * for whole blocks of keys, and replaced; no value is multiplied that a row does not see.
 */
public final class X64PagedAttention implements Kernel {
    /** The size of a head is a multiple of this number of elements. */
    public static final int SIZES = 16;

    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG;
    private static final double PRODUCTS_PER_NANO = 30;
    private static final double EXPONENTIALS_PER_NANO = 4;
    private static final int STATE_BYTES = 64;
    private static final int ALIGNMENT = 64;
    private static final int FUNCTIONS = Integer.numberOfTrailingZeros(MAX_ROWS) + 1;

    // Offsets in scratch memory. The arguments come first.
    private static final long LIST_AT = PagedArgument.BYTES;
    private static final long RUNS_AT = LIST_AT + (long) SEGMENT / BLOCK * Long.BYTES;
    private static final long STATES_AT = RUNS_AT + (long) SEGMENT / PAGE * 2 * Long.BYTES;

    private final PagedProblem p;
    private final PagedProblem.Dims d;
    private final String id;
    private final int lanes;
    private final float factor;
    private final int mostRows;
    private final long capAt;
    private final long scoresAt;
    private final long sumsAt;
    private final long sumsRow;

    /** Functions for 1, 2 and 4 rows of queries. */
    private final NativeFunction[] scores = new NativeFunction[FUNCTIONS];

    private final NativeFunction[] values = new NativeFunction[FUNCTIONS];
    private final NativeFunction softcap;
    private final NativeFunction weights;
    private final NativeFunction results;

    private X64PagedAttention(PagedProblem p, int bits) {
        this.p = p;
        d = p.dims();
        id = "paged_attention_f32_" + VectorEmitter.suffix(bits);
        lanes = bits / Float.SIZE;
        factor = p.softcap() > 0 ? p.scale() / p.softcap() : p.scale();
        mostRows = Math.min(p.partTokens(), Math.max(1, d.tokens())) * d.group();
        capAt = STATES_AT + (long) mostRows * STATE_BYTES;
        scoresAt = capAt + ALIGNMENT;
        sumsAt = scoresAt + (long) mostRows * SCORES_ROW;
        sumsRow = p.rowBytes();
        for (int i = 0; i < FUNCTIONS; i++) {
            scores[i] = PagedScoreEmitter.function(bits, 1 << i, p.half());
            values[i] = PagedValueEmitter.function(bits, 1 << i, p.half());
        }
        softcap = p.softcap() > 0 ? PagedSoftmaxEmitter.softcap(bits) : null;
        weights = PagedSoftmaxEmitter.weights(bits);
        results = PagedSoftmaxEmitter.results(bits);
    }

    /**
     * Makes the kernel.
     *
     * @param p the problem, with heads of a multiple of {@link #SIZES} elements
     * @param bits the width of vectors: 256 or 512
     * @return the stage
     */
    public static Kernel of(PagedProblem p, int bits) {
        return new X64PagedAttention(p, bits);
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public int parts() {
        return Math.max(1, p.parts());
    }

    @Override
    public long partNanos() {
        return (long) (1 + p.partPairs() * (2 * d.size() / PRODUCTS_PER_NANO + 1 / EXPONENTIALS_PER_NANO));
    }

    @Override
    public long scratchBytes() {
        return sumsAt + mostRows * sumsRow;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        checkSizes(operands, scratch);
        PagedArgument.QUERY_BYTES.set(scratch, -p.rowBytes());
        PagedArgument.FACTOR.set(scratch, factor);
        PagedArgument.PAGE_ROW.set(scratch, p.pageRowBytes());
        PagedArgument.SUMS_ROW.set(scratch, sumsRow);
        PagedArgument.VECTORS.set(scratch, d.size() / lanes);
        scratch.set(F32, capAt, p.softcap());
        try {
            for (int part = from; part < to && part < p.parts(); part++) {
                int first = part / d.keyHeads() * p.partTokens();
                int end = Math.min(d.tokens(), first + p.partTokens()) * d.group();
                for (int row = first * d.group(); row < end; ) {
                    int next = tileEnd(operands, row, end);
                    tile(operands, scratch, part % d.keyHeads(), row, next);
                    row = next;
                }
            }
        } finally {
            OperandAddresses.fence(operands);
            OperandAddresses.fence(scratch);
        }
    }

    /** A fault in machine code ends the process, so sizes are checked before. Pages are checked when they are looked up. */
    private void checkSizes(MemorySegment[] operands, MemorySegment scratch) {
        long rows = (long) d.tokens() * d.queryHeads() * p.rowBytes();
        OperandAddresses.address(operands[0], 0, rows);
        OperandAddresses.address(operands[RESULT], 0, rows);
        long pages = (long) d.pages() * d.keyHeads() * PAGE * p.pageRowBytes();
        OperandAddresses.address(operands[RESULT + 1], 0, pages);
        OperandAddresses.address(operands[RESULT + 2], 0, pages);
        OperandAddresses.address(scratch, 0, scratchBytes());
    }

    /** The row after the last one, from a row on, that is of the same sequence and of the same position or that after it. */
    private int tileEnd(MemorySegment[] operands, int row, int end) {
        int sequence = p.sequence(operands, row / d.group());
        int position = p.position(operands, row / d.group());
        int token = row / d.group() + 1;
        while (token * d.group() < end && p.sequence(operands, token) == sequence) {
            int next = p.position(operands, token);
            if (next != position && next != position + 1) {
                break;
            }
            position = next;
            token++;
        }
        return token * d.group();
    }

    /** Computes rows from one to another, whose positions do not fall. */
    private void tile(MemorySegment[] operands, MemorySegment scratch, int keyHead, int row, int end) {
        int sequence = p.sequence(operands, row / d.group());
        int first = first(operands, row);
        int stop = end(operands, end - 1);
        for (int r = 0; r < end - row; r++) {
            scratch.set(F32, state(r) + PagedSoftmaxEmitter.MAX, PagedSoftmaxEmitter.NO_MAX);
            scratch.set(F32, state(r) + PagedSoftmaxEmitter.SUM, 0);
        }
        scratch.asSlice(sumsAt, (end - row) * sumsRow).fill((byte) 0);
        for (int segment = first / SEGMENT * SEGMENT; segment < stop; segment += SEGMENT) {
            listBlocks(operands, scratch, keyHead, sequence, segment, Math.max(first, segment), stop);
            for (int r = row; r < end; ) {
                int log = log(end - r);
                multiplyKeys(operands, scratch, keyHead, r, r - row, log, segment);
                r += 1 << log;
            }
            for (int r = row; r < end; r++) {
                makeWeights(operands, scratch, r, r - row, segment);
            }
            for (int r = row; r < end; ) {
                int log = log(end - r);
                multiplyValues(operands, scratch, keyHead, r, r - row, log, segment);
                r += 1 << log;
            }
            for (int r = row; r < end; r++) {
                addResult(operands, scratch, keyHead, r, r - row, segment);
            }
        }
    }

    /** The logarithm of the rows that are computed together, if some are left. */
    private static int log(int left) {
        return Math.min(FUNCTIONS - 1, Integer.SIZE - 1 - Integer.numberOfLeadingZeros(left));
    }

    /** The first position that a row of queries sees. */
    private int first(MemorySegment[] operands, int row) {
        return p.firstPosition(p.position(operands, row / d.group()));
    }

    /** The position after the last one that a row of queries sees. */
    private int end(MemorySegment[] operands, int row) {
        return p.position(operands, row / d.group()) + 1;
    }

    private static long state(int index) {
        return STATES_AT + (long) index * STATE_BYTES;
    }

    private long score(int index, int key) {
        return scoresAt + (long) index * SCORES_ROW + (long) key * Float.BYTES;
    }

    private long pageAddress(MemorySegment[] operands, int operand, int keyHead, int sequence, int position) {
        long page = p.pageOffset(p.page(operands, sequence, position / PAGE), keyHead);
        return operands[operand].address() + page + position % PAGE * p.pageRowBytes();
    }

    /** Writes the addresses of the blocks of keys of a segment that the tile sees, each at the place of its index in the segment. */
    private void listBlocks(
            MemorySegment[] operands, MemorySegment scratch, int keyHead, int sequence, int segment, int from, int to) {
        for (int key = from / BLOCK * BLOCK; key < Math.min(to, segment + SEGMENT); key += BLOCK) {
            long address = pageAddress(operands, RESULT + 1, keyHead, sequence, key);
            scratch.set(I64, LIST_AT + (long) (key - segment) / BLOCK * Long.BYTES, address);
        }
    }

    private void multiplyKeys(
            MemorySegment[] operands, MemorySegment scratch, int keyHead, int row, int index, int log, int segment) {
        int last = row + (1 << log) - 1;
        int from = Math.max(first(operands, row) - segment, 0) / BLOCK;
        int to = Math.ceilDiv(Math.min(end(operands, last) - segment, SEGMENT), BLOCK);
        if (from >= to) {
            return;
        }
        for (int r = row; r <= last; r++) {
            long query = operands[0].address() + p.queryOffset(keyHead, r);
            PagedArgument.QUERIES[r - row].set(scratch, query);
        }
        PagedArgument.LIST.set(scratch, scratch.address() + LIST_AT + (long) from * Long.BYTES);
        PagedArgument.COUNT.set(scratch, to - from);
        PagedArgument.SCORES.set(scratch, scratch.address() + score(index, from * BLOCK));
        scores[log].call(scratch.address());
    }

    private void makeWeights(MemorySegment[] operands, MemorySegment scratch, int row, int index, int segment) {
        int from = Math.max(first(operands, row) - segment, 0);
        int to = Math.min(end(operands, row) - segment, SEGMENT);
        if (from >= to) {
            return;
        }
        int begin = from / BLOCK * BLOCK;
        int end = Math.ceilDiv(to, BLOCK) * BLOCK;
        long address = scratch.address() + score(index, begin);
        int vectors = (end - begin) / lanes;
        if (softcap != null) {
            softcap.call(address, vectors, scratch.address() + capAt, 0, 0, 0);
        }
        hide(scratch, index, begin, from);
        hide(scratch, index, to, end);
        weights.call(address, vectors, scratch.address() + state(index), 0, 0, 0);
    }

    private void hide(MemorySegment scratch, int index, int from, int to) {
        for (int key = from; key < to; key++) {
            scratch.set(F32, score(index, key), Float.NEGATIVE_INFINITY);
        }
    }

    /** Multiplies the values that all rows see together, those before and after them for each row. */
    private void multiplyValues(
            MemorySegment[] operands, MemorySegment scratch, int keyHead, int row, int index, int log, int segment) {
        int last = row + (1 << log) - 1;
        int from = Math.max(first(operands, last), segment);
        int to = Math.min(end(operands, row), segment + SEGMENT);
        if (from >= to) {
            for (int r = row; r <= last; r++) {
                addValues(operands, scratch, keyHead, r, index + r - row, 0, segment, 0, Integer.MAX_VALUE);
            }
            return;
        }
        for (int r = row; r < last; r++) {
            addValues(operands, scratch, keyHead, r, index + r - row, 0, segment, 0, from);
        }
        addValues(operands, scratch, keyHead, row, index, log, segment, from, to);
        for (int r = row + 1; r <= last; r++) {
            addValues(operands, scratch, keyHead, r, index + r - row, 0, segment, to, Integer.MAX_VALUE);
        }
    }

    /** Multiplies the values of a segment that a row sees, from a position on and before another. Other rows see them too. */
    private void addValues(
            MemorySegment[] operands,
            MemorySegment scratch,
            int keyHead,
            int row,
            int index,
            int log,
            int segment,
            int least,
            int most) {
        int sequence = p.sequence(operands, row / d.group());
        int begin = Math.max(Math.max(least, segment), first(operands, row));
        int end = Math.min(Math.min(most, segment + SEGMENT), end(operands, row));
        if (begin >= end) {
            return;
        }
        int count = 0;
        for (int key = begin; key < end; ) {
            int next = Math.min(end, (key / PAGE + 1) * PAGE);
            long entry = RUNS_AT + 2L * count++ * Long.BYTES;
            scratch.set(I64, entry, pageAddress(operands, RESULT + 2, keyHead, sequence, key));
            scratch.set(I64, entry + Long.BYTES, next - key);
            key = next;
        }
        PagedArgument.LIST.set(scratch, scratch.address() + RUNS_AT);
        PagedArgument.COUNT.set(scratch, count);
        PagedArgument.SCORES.set(scratch, scratch.address() + score(index, begin - segment));
        PagedArgument.SUMS.set(scratch, scratch.address() + sumsAt + index * sumsRow);
        values[log].call(scratch.address());
    }

    private void addResult(
            MemorySegment[] operands, MemorySegment scratch, int keyHead, int row, int index, int segment) {
        int first = first(operands, row);
        int end = end(operands, row);
        if (end <= segment || first >= segment + SEGMENT) {
            return;
        }
        float sum = scratch.get(F32, state(index) + PagedSoftmaxEmitter.SUM);
        float inverse = end > segment + SEGMENT ? 1 : sum == 0 ? 0 : 1 / sum;
        scratch.set(F32, state(index) + PagedSoftmaxEmitter.INVERSE, inverse);
        results.call(
                operands[RESULT].address() + p.queryOffset(keyHead, row),
                scratch.address() + sumsAt + index * sumsRow,
                d.size() / lanes,
                scratch.address() + state(index),
                first < segment ? 1 : 0,
                0);
    }
}
