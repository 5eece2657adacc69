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
import java.util.function.IntFunction;

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
    private static final int KEYS = RESULT + 1;
    private static final int VALUES = RESULT + 2;
    private static final double PRODUCTS_PER_NANO = 30;
    private static final double EXPONENTIALS_PER_NANO = 4;
    private static final int STATE_BYTES = 64;
    private static final int ALIGNMENT = 64;
    private static final int FUNCTIONS = Integer.numberOfTrailingZeros(MAX_ROWS) + 1;

    // Offsets in scratch memory. The arguments come first.
    private static final long LIST_AT = PagedArgument.BYTES;
    private static final long RUNS_AT =
            LIST_AT + (long) (SEGMENT / BLOCK + PagedScoreEmitter.BLOCKS_AHEAD) * Long.BYTES;
    private static final long CAP_AT =
            align(RUNS_AT + (long) SEGMENT / PAGE * PagedValueEmitter.ENTRY_BYTES + Long.BYTES);
    private static final long STATES_AT = CAP_AT + ALIGNMENT;

    private final PagedProblem p;
    private final PagedProblem.Dims d;
    private final String id;
    private final int lanes;
    private final float factor;
    private final long scoresAt;
    private final long sumsAt;
    private final long scratchBytes;

    /** Functions for 1, 2 and 4 rows of queries. */
    private final NativeFunction[] scores;

    private final NativeFunction[] values;
    private final NativeFunction softcap;
    private final NativeFunction weights;
    private final NativeFunction results;

    private X64PagedAttention(PagedProblem p, int bits) {
        this.p = p;
        d = p.dims();
        id = "paged_attention_f32_" + VectorEmitter.suffix(bits);
        lanes = bits / Float.SIZE;
        factor = p.softcap() > 0 ? p.scale() / p.softcap() : p.scale();
        int mostRows = Math.min(p.partTokens(), Math.max(1, d.tokens())) * d.group();
        scoresAt = STATES_AT + (long) mostRows * STATE_BYTES;
        sumsAt = scoresAt + (long) mostRows * SCORES_ROW;
        scratchBytes = sumsAt + mostRows * p.rowBytes();
        scores = functions(rows -> PagedScoreEmitter.function(bits, rows, p.half()));
        values = functions(rows -> PagedValueEmitter.function(bits, rows, p.half()));
        softcap = p.softcap() > 0 ? PagedSoftmaxEmitter.softcap(bits) : null;
        weights = PagedSoftmaxEmitter.weights(bits);
        results = PagedSoftmaxEmitter.results(bits);
    }

    private static NativeFunction[] functions(IntFunction<NativeFunction> ofRows) {
        NativeFunction[] made = new NativeFunction[FUNCTIONS];
        for (int i = 0; i < FUNCTIONS; i++) {
            made[i] = ofRows.apply(1 << i);
        }
        return made;
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

    private static long align(long bytes) {
        return bytes + ALIGNMENT - 1 & -ALIGNMENT;
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
        return scratchBytes;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        checkSizes(operands, scratch);
        PagedArgument.QUERY_BYTES.set(scratch, -p.rowBytes());
        PagedArgument.FACTOR.set(scratch, factor);
        PagedArgument.PAGE_ROW.set(scratch, p.pageRowBytes());
        PagedArgument.SUMS_ROW.set(scratch, p.rowBytes());
        PagedArgument.VECTORS.set(scratch, d.size() / lanes);
        scratch.set(F32, CAP_AT, p.softcap());
        PagedRows t = PagedRows.take(p, operands, scratch);
        try {
            for (int part = from; part < to && part < p.parts(); part++) {
                int first = part / d.keyHeads() * p.partTokens();
                int end = Math.min(d.tokens(), first + p.partTokens()) * d.group();
                t.keyHead = part % d.keyHeads();
                for (int row = first * d.group(); row < end; row = t.endRow) {
                    t.begin(row, end);
                    tile(t);
                }
            }
        } finally {
            t.give();
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
        OperandAddresses.address(operands[KEYS], 0, pages);
        OperandAddresses.address(operands[VALUES], 0, pages);
        OperandAddresses.address(scratch, 0, scratchBytes);
    }

    private void tile(PagedRows t) {
        int first = t.first(t.row);
        int end = t.end(t.endRow - 1);
        for (int r = t.row; r < t.endRow; r++) {
            t.scratch.set(F32, state(t, r) + PagedSoftmaxEmitter.MAX, PagedSoftmaxEmitter.NO_MAX);
            t.scratch.set(F32, state(t, r) + PagedSoftmaxEmitter.SUM, 0);
        }
        t.scratch.asSlice(sumsAt, t.rows() * p.rowBytes()).fill((byte) 0);
        for (t.segment = first / SEGMENT * SEGMENT; t.segment < end; t.segment += SEGMENT) {
            t.from = Math.max(first, t.segment);
            t.to = Math.min(end, t.segment + SEGMENT);
            listBlocks(t);
            for (int r = t.row; r < t.endRow; r += 1 << log(t, r)) {
                multiplyKeys(t, r, log(t, r));
            }
            for (int r = t.row; r < t.endRow; r++) {
                makeWeights(t, r);
            }
            for (int r = t.row; r < t.endRow; r += 1 << log(t, r)) {
                multiplyValues(t, r, log(t, r));
            }
            for (int r = t.row; r < t.endRow; r++) {
                addResult(t, r);
            }
        }
    }

    /** How many rows are computed together from a row on: the logarithm. */
    private static int log(PagedRows t, int row) {
        return Math.min(FUNCTIONS, Integer.SIZE - Integer.numberOfLeadingZeros(t.endRow - row)) - 1;
    }

    private static long state(PagedRows t, int r) {
        return STATES_AT + (long) (r - t.row) * STATE_BYTES;
    }

    /** The address of the score of a row and a position. */
    private long score(PagedRows t, int r, int position) {
        return t.scratch.address() + scoreOffset(t, r, position);
    }

    private long scoreOffset(PagedRows t, int r, int position) {
        return scoresAt + (long) (r - t.row) * SCORES_ROW + (long) (position - t.segment) * Float.BYTES;
    }

    private long sums(PagedRows t, int r) {
        return t.scratch.address() + sumsAt + (r - t.row) * p.rowBytes();
    }

    /** Writes the addresses of the blocks of keys of the positions, and where values begin. */
    private void listBlocks(PagedRows t) {
        long entry = LIST_AT;
        for (int key = t.from / BLOCK * BLOCK; key < t.to; key += BLOCK) {
            t.scratch.set(I64, entry, t.address(KEYS, key));
            entry += Long.BYTES;
        }
        for (int i = 0; i < PagedScoreEmitter.BLOCKS_AHEAD; i++) {
            t.scratch.set(I64, entry + (long) i * Long.BYTES, t.address(VALUES, t.from));
        }
    }

    private void multiplyKeys(PagedRows t, int row, int log) {
        int last = row + (1 << log) - 1;
        int begin = Math.max(t.first(row), t.from) / BLOCK;
        int end = Math.ceilDiv(Math.min(t.end(last), t.to), BLOCK);
        if (begin >= end) {
            return;
        }
        for (int r = row; r <= last; r++) {
            PagedArgument.QUERIES[r - row].set(t.scratch, t.operands[0].address() + p.queryOffset(t.keyHead, r));
        }
        long list = t.scratch.address() + LIST_AT;
        PagedArgument.LIST.set(t.scratch, list + (long) (begin - t.from / BLOCK) * Long.BYTES);
        PagedArgument.COUNT.set(t.scratch, end - begin);
        PagedArgument.SCORES.set(t.scratch, score(t, row, begin * BLOCK));
        scores[log].call(t.scratch.address());
    }

    private void makeWeights(PagedRows t, int row) {
        int from = Math.max(t.first(row), t.segment);
        int to = Math.min(t.end(row), t.segment + SEGMENT);
        if (from >= to) {
            return;
        }
        int begin = from / BLOCK * BLOCK;
        int end = Math.ceilDiv(to, BLOCK) * BLOCK;
        long address = score(t, row, begin);
        int vectors = (end - begin) / lanes;
        if (softcap != null) {
            softcap.call(address, vectors, t.scratch.address() + CAP_AT, 0, 0, 0);
        }
        hide(t, row, begin, from);
        hide(t, row, to, end);
        weights.call(address, vectors, t.scratch.address() + state(t, row), 0, 0, 0);
    }

    /** Hides positions of blocks that a row does not see. */
    private void hide(PagedRows t, int row, int from, int to) {
        for (int position = from; position < to; position++) {
            t.scratch.set(F32, scoreOffset(t, row, position), Float.NEGATIVE_INFINITY);
        }
    }

    /** Multiplies the values that all of some rows see together, those before and after them for each row. */
    private void multiplyValues(PagedRows t, int row, int log) {
        int last = row + (1 << log) - 1;
        int from = Math.max(t.first(last), t.from);
        int to = Math.min(t.end(row), t.to);
        if (from >= to) {
            for (int r = row; r <= last; r++) {
                addValues(t, r, 0, t.from, t.to);
            }
            return;
        }
        for (int r = row; r < last; r++) {
            addValues(t, r, 0, t.from, from);
        }
        addValues(t, row, log, from, to);
        for (int r = row + 1; r <= last; r++) {
            addValues(t, r, 0, to, t.to);
        }
    }

    /** Multiplies the values from a position on, and before another, that a row sees, and the rows after it too. */
    private void addValues(PagedRows t, int row, int log, int least, int most) {
        int from = Math.max(least, t.first(row));
        int to = Math.min(most, t.end(row));
        if (from >= to) {
            return;
        }
        int count = 0;
        long entry = RUNS_AT;
        for (int key = from; key < to; ) {
            int next = Math.min(to, (key / PAGE + 1) * PAGE);
            t.scratch.set(I64, entry, t.address(VALUES, key));
            t.scratch.set(I64, entry + Long.BYTES, next - key);
            entry += PagedValueEmitter.ENTRY_BYTES;
            count++;
            key = next;
        }
        t.scratch.set(I64, entry, t.address(VALUES, to - 1));
        PagedArgument.LIST.set(t.scratch, t.scratch.address() + RUNS_AT);
        PagedArgument.COUNT.set(t.scratch, count);
        PagedArgument.SCORES.set(t.scratch, score(t, row, from));
        PagedArgument.SUMS.set(t.scratch, sums(t, row));
        values[log].call(t.scratch.address());
    }

    private void addResult(PagedRows t, int row) {
        int first = t.first(row);
        int end = t.end(row);
        if (end <= t.segment || first >= t.segment + SEGMENT) {
            return;
        }
        float sum = t.scratch.get(F32, state(t, row) + PagedSoftmaxEmitter.SUM);
        float inverse = end > t.segment + SEGMENT ? 1 : sum == 0 ? 0 : 1 / sum;
        t.scratch.set(F32, state(t, row) + PagedSoftmaxEmitter.INVERSE, inverse);
        results.call(
                t.operands[RESULT].address() + p.queryOffset(t.keyHead, row),
                sums(t, row),
                d.size() / lanes,
                t.scratch.address() + state(t, row),
                first < t.segment ? 1 : 0,
                0);
    }
}
