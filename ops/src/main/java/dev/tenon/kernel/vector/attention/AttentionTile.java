package dev.tenon.kernel.vector.attention;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;

import dev.tenon.kernel.attention.AttentionOperands;
import dev.tenon.kernel.attention.AttentionProblem;
import dev.tenon.kernel.vector.PlainRows;
import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.kernel.vector.VectorMath;
import dev.tenon.kernel.vector.gemm.GemmScratch;
import dev.tenon.kernel.vector.gemm.GemmTile;
import dev.tenon.kernel.vector.norm.PlainSoftmax;
import dev.tenon.kernel.vector.norm.SoftmaxRows;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * What kernels of attention do with a tile of queries beside the two products: scaled queries go into an array, scores
 * become unscaled probabilities, and products with values become results. The queries of a tile are some of those that
 * share a head of keys, of one head of queries or of several.
 *
 * <p>Keys come in blocks of as many as the tile of the second product has terms. With the maximum of a later block the
 * results of earlier ones are scaled down: M. Milakov and N. Gimelshein, Online normalizer calculation for softmax
 * (2018). Blocks lie between the first key that any query of the tile may see and the last: what causality, a window or
 * the number of valid keys rule out for all of them is not looked at.
 *
 * <p>A value that is not finite would make NaN of every query, of those too that do not see its key. So where a product
 * is not finite and something rules keys out, plain loops do it again.
 */
final class AttentionTile {
    /** Queries of a tile at most. */
    static final int ROWS = GemmTile.ROWS;

    /** Keys of a block at most. */
    static final int BLOCK = GemmTile.DEPTH;

    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;
    private static final int LANES = SimdSpecies.LANES;
    private static final int ROW = GemmTile.ROW;
    private static final int COLUMNS = GemmTile.COLUMNS;
    /** Queries that are asked at most what they see, when work is estimated. */
    private static final int SAMPLES = 1024;

    private static final double PRODUCTS_PER_NANO = 30;
    private static final double EXPONENTIALS_PER_NANO = 3;

    private final AttentionProblem p;
    private final AttentionOperands memory;
    private final AttentionSpans spans;
    private final boolean biased;
    private final boolean sharesBias;
    private final float factor;
    private final long addends;

    /**
     * What is done with tiles of a problem.
     *
     * @param p the problem
     * @param memory where its operands lie
     * @param spans the spans of keys whose results are added up later, or null if there is one
     * @param addends the offset of {@link #scratchBytes} of scratch memory
     */
    AttentionTile(AttentionProblem p, AttentionOperands memory, AttentionSpans spans, long addends) {
        this.p = p;
        this.memory = memory;
        this.spans = spans;
        this.addends = addends;
        biased = p.biased();
        sharesBias = p.sharesBias();
        factor = p.softcap() > 0 ? p.scale() / p.softcap() : p.scale();
    }

    /** Scratch bytes for what is added to scores: of all keys if all queries share it, of a block for each query if not. */
    static long scratchBytes(AttentionProblem p) {
        if (!p.biased()) {
            return 0;
        }
        return (p.sharesBias() ? SoftmaxRows.padded(p.keys()) + (long) LANES : (long) ROWS * ROW) * Float.BYTES;
    }

    /** Estimated work of all queries that share a head of keys, without what it takes to pack keys and values. */
    static double nanos(AttentionProblem p, AttentionOperands memory) {
        int step = Math.ceilDiv(Math.max(1, p.queries()), SAMPLES);
        long seen = 0;
        for (int i = 0; i < p.queries(); i += step) {
            seen += memory.end(p.keys(), i) - memory.first(p.keys(), i);
        }
        double pairs = (double) seen * step * p.group();
        return 1 + pairs * (p.size() + p.valueSize()) / PRODUCTS_PER_NANO + pairs / EXPONENTIALS_PER_NANO;
    }

    /** Writes the addends that all queries of a head of keys share, and finds out whether they add anything. */
    void beginHead(MemorySegment[] operands, MemorySegment scratch, int b, int keyHead, GemmScratch g) {
        g.addsNothing = false;
        if (sharesBias && p.mask() != null) {
            int padded = SoftmaxRows.padded(p.keys()) + LANES;
            memory.bias(operands, b, keyHead * p.group(), 0, 0, padded, scratch, addends);
            g.addsNothing = areZero(scratch, addends, p.keys());
        }
    }

    private static boolean areZero(MemorySegment memory, long at, int count) {
        for (int i = 0; i < count; i++) {
            if (memory.get(SCALAR, at + (long) i * Float.BYTES) != 0) {
                return false;
            }
        }
        return true;
    }

    /** Begins a tile: which keys its queries may see. */
    void begin(MemorySegment[] operands, int b, int row, int count, GemmScratch g) {
        long valid = memory.valid(operands, b);
        int first = p.keys();
        int end = 0;
        int sharedFirst = 0;
        int sharedEnd = p.keys();
        int rows = !biased || sharesBias ? 1 : count;
        for (int r = row; r < row + rows; r++) {
            int i = r % p.queries();
            int seenFirst = memory.first(valid, i);
            int seenEnd = memory.end(valid, i);
            if (seenFirst < seenEnd) {
                first = Math.min(first, seenFirst);
                end = Math.max(end, seenEnd);
            }
            sharedFirst = Math.max(sharedFirst, seenFirst);
            sharedEnd = Math.min(sharedEnd, seenEnd);
        }
        g.firstKey = Math.min(first, end);
        g.endKey = end;
        g.sharedFirst = sharedFirst;
        g.sharedEnd = sharedEnd;
        Arrays.fill(g.running, 0, count, Float.NEGATIVE_INFINITY);
        Arrays.fill(g.sums, 0, count, 0);
    }

    /** How many queries of a tile, from one of them on, are of one head. */
    private int run(int row, int left) {
        return Math.min(left, p.queries() - row % p.queries());
    }

    /** Copies some terms of scaled queries into the first block of rows. */
    void load(MemorySegment[] operands, int b, int keyHead, int row, int count, int term, int terms, GemmScratch g) {
        long step = memory.queryStep() * Float.BYTES;
        int run;
        for (int r = 0; r < count; r += run) {
            run = run(row + r, count - r);
            long at = memory.queryRow(b, keyHead, row + r) + (long) term * Float.BYTES;
            if (g.compiled) {
                loadVectors(operands[0], at, step, run, terms, factor, g.block(0), r);
            } else {
                PlainSoftmax.load(operands[0], at, step, run, terms, factor, g.block(0), r);
            }
        }
    }

    static void loadVectors(
            MemorySegment q, long qAt, long step, int count, int terms, float factor, float[] to, int first) {
        q = NATIVE.cast(q);
        long extent = (long) SoftmaxRows.padded(terms) * Float.BYTES;
        for (int r = 0; r < count; r++) {
            long at = qAt + r * step;
            int row = (first + r) * ROW;
            // What is read behind the terms is not multiplied.
            long end = at + extent <= q.byteSize() ? terms : terms - terms % LANES;
            int d = 0;
            for (; d < end; d += LANES) {
                FloatVector.fromMemorySegment(F32, q, at + (long) d * Float.BYTES, LE)
                        .mul(factor)
                        .intoArray(to, row + d);
            }
            for (; d < terms; d++) {
                to[row + d] = q.get(SCALAR, at + (long) d * Float.BYTES) * factor;
            }
        }
    }

    /** From scores to unscaled probabilities, their sums, and by what the results of earlier keys are scaled. */
    void weigh(
            MemorySegment[] operands,
            MemorySegment scratch,
            int b,
            int keyHead,
            int row,
            int count,
            int key,
            int block,
            GemmScratch g) {
        int length = SoftmaxRows.padded(block);
        if (p.softcap() > 0) {
            bound(g.rows, count, length);
        }
        if (p.mask() != null && !g.addsNothing) {
            bias(operands, scratch, b, keyHead, row, count, key, 0, length, g);
        } else if (p.mask() == null && biased) {
            int left = Math.min(length, SoftmaxRows.padded(Math.max(0, g.sharedFirst - key)));
            int right = Math.max(left, Math.max(0, g.sharedEnd - key) / LANES * LANES);
            if (left > 0) {
                bias(operands, scratch, b, keyHead, row, count, key, 0, left, g);
            }
            if (g.sharedEnd < key + block && right < length) {
                bias(operands, scratch, b, keyHead, row, count, key, right, length, g);
            }
        }
        for (int r = 0; r < count && block < length; r++) {
            Arrays.fill(g.rows, r * ROW + block, r * ROW + length, Float.NEGATIVE_INFINITY);
        }
        SoftmaxRows.Step[] steps = SoftmaxRows.Running.steps(g.compiled);
        for (int i = 0; i < steps.length; i++) {
            steps[i].run(g.rows, count, ROW, length, g);
        }
    }

    private void bound(float[] rows, int count, int length) {
        for (int r = 0; r < count; r++) {
            for (int i = r * ROW; i < r * ROW + length; i += LANES) {
                VectorMath.tanh(FloatVector.fromArray(F32, rows, i))
                        .mul(p.softcap())
                        .intoArray(rows, i);
            }
        }
    }

    /** Where the addend of a query with the first key of a block lies. */
    private long addend(int row, int key) {
        return addends + (sharesBias ? key : (long) row * ROW) * Float.BYTES;
    }

    /** Adds to the scores of a part of a block, whole vectors. */
    private void bias(
            MemorySegment[] operands,
            MemorySegment scratch,
            int b,
            int keyHead,
            int row,
            int count,
            int key,
            int from,
            int to,
            GemmScratch g) {
        writeAddends(operands, scratch, b, keyHead, row, count, key, from, to);
        long at = addend(0, key);
        long step = addend(1, key) - at;
        if (g.compiled) {
            biasVectors(scratch, at, step, count, from, to, g.rows);
        } else {
            PlainSoftmax.bias(scratch, at, step, count, from, to, g.rows);
        }
    }

    private void writeAddends(
            MemorySegment[] operands,
            MemorySegment scratch,
            int b,
            int keyHead,
            int row,
            int count,
            int key,
            int from,
            int to) {
        for (int r = 0; r < count && !sharesBias; r++) {
            int head = memory.head(keyHead, row + r);
            long at = addend(r, key) + (long) from * Float.BYTES;
            memory.bias(operands, b, head, (row + r) % p.queries(), key + from, key + to, scratch, at);
        }
    }

    static void biasVectors(MemorySegment bias, long biasAt, long step, int count, int from, int to, float[] rows) {
        bias = NATIVE.cast(bias);
        for (int r = 0; r < count; r++) {
            long at = biasAt + r * step;
            for (int i = from; i < to; i += LANES) {
                FloatVector a = FloatVector.fromMemorySegment(F32, bias, at + (long) i * Float.BYTES, LE);
                FloatVector.fromArray(F32, rows, r * ROW + i)
                        .add(a)
                        .blend(Float.NEGATIVE_INFINITY, a.compare(VectorOperators.EQ, Float.NEGATIVE_INFINITY))
                        .intoArray(rows, r * ROW + i);
            }
        }
    }

    /** Makes factors of the sums, where all keys are in one block. */
    static void invert(int count, GemmScratch g) {
        for (int r = 0; r < count; r++) {
            g.factors[r] = inverse(g.sums[r]);
        }
    }

    static float inverse(float sum) {
        return sum == 0 ? 0 : 1 / sum;
    }

    /**
     * Writes the products of probabilities with some columns of values, which the tile holds: times its factor each row,
     * if there is no other block, else added to results of earlier keys, if there were some, which are scaled.
     */
    void put(
            MemorySegment[] operands,
            MemorySegment scratch,
            int b,
            int keyHead,
            int row,
            int count,
            int key,
            int block,
            int column,
            boolean only,
            GemmScratch g) {
        int columns = Math.min(COLUMNS, p.valueSize() - column);
        if (biased && isAnyRuledOut(key, block, g) && !areFinite(g, count)) {
            writeAddends(operands, scratch, b, keyHead, row, count, key, 0, block);
            mixSeen(operands, scratch, b, keyHead, count, key, block, column, columns, g);
        }
        if (only && g.compiled) {
            scaleVectors(g.tile, count, columns, g.factors);
        } else if (only) {
            PlainSoftmax.scale(g.tile, count, columns, g.factors);
        }
        MemorySegment y = operands[spans == null ? p.yOperand() : operands.length - 1];
        long step = (spans == null ? memory.resultStep() : p.valueSize()) * Float.BYTES;
        int run;
        for (int r = 0; r < count; r += run) {
            run = run(row + r, count - r);
            long at = (long) column * Float.BYTES
                    + (spans == null
                            ? memory.resultRow(b, keyHead, row + r)
                            : spans.rowAt(b, keyHead, row + r, g.span));
            for (int s = r; s < r + run; s++) {
                if (only) {
                    MemorySegment.copy(g.tile, s * COLUMNS, y, SCALAR, at, columns);
                } else {
                    addScaled(g.tile, s * COLUMNS, columns, key > g.firstKey, g.factors[s], y, at);
                }
                at += step;
            }
        }
    }

    private boolean isAnyRuledOut(int key, int block, GemmScratch g) {
        return !g.addsNothing && (p.mask() != null || key < g.sharedFirst || key + block > g.sharedEnd);
    }

    private static boolean areFinite(GemmScratch g, int count) {
        int length = count * COLUMNS;
        return g.compiled ? areFinite(g.tile, length) : PlainRows.areFinite(g.tile, length);
    }

    /** Whether the first elements of an array are finite: a product with zero is zero. */
    static boolean areFinite(float[] tile, int length) {
        FloatVector sum = FloatVector.zero(F32);
        for (int i = 0; i < length; i += LANES) {
            sum = FloatVector.fromArray(F32, tile, i).mul(0f).add(sum);
        }
        return sum.reduceLanes(VectorOperators.ADD) == 0;
    }

    static void scaleVectors(float[] tile, int count, int columns, float[] factors) {
        for (int r = 0; r < count; r++) {
            float f = factors[r];
            for (int i = 0; i < columns; i += LANES) {
                FloatVector.fromArray(F32, tile, r * COLUMNS + i).mul(f).intoArray(tile, r * COLUMNS + i);
            }
        }
    }

    private static void addScaled(
            float[] tile, int from, int columns, boolean earlier, float factor, MemorySegment y, long at) {
        for (int i = 0; i < columns; i++) {
            long to = at + (long) i * Float.BYTES;
            float before = earlier ? y.get(SCALAR, to) * factor : 0;
            y.set(SCALAR, to, before + tile[from + i]);
        }
    }

    /** Adds up the values of those of some keys that count. */
    private void mixSeen(
            MemorySegment[] operands,
            MemorySegment scratch,
            int b,
            int keyHead,
            int count,
            int key,
            int block,
            int column,
            int columns,
            GemmScratch g) {
        Arrays.fill(g.tile, 0, count * COLUMNS, 0);
        for (int j = 0; j < block; j++) {
            MemorySegment values = memory.lying(operands, true, key + j);
            long at = memory.lyingAt(b, keyHead, true, key + j) + (long) column * Float.BYTES;
            for (int r = 0; r < count; r++) {
                float addend = scratch.get(SCALAR, addend(r, key) + (long) j * Float.BYTES);
                for (int i = 0; i < columns && addend != Float.NEGATIVE_INFINITY; i++) {
                    g.tile[r * COLUMNS + i] += g.rows[r * ROW + j] * values.get(SCALAR, at + (long) i * Float.BYTES);
                }
            }
        }
    }

    /** Divides the results of a tile by the sums of their probabilities. */
    void divide(MemorySegment[] operands, int b, int keyHead, int row, int count, GemmScratch g) {
        MemorySegment y = operands[p.yOperand()];
        for (int r = 0; r < count; r++) {
            float f = inverse(g.sums[r]);
            long at = memory.resultRow(b, keyHead, row + r);
            for (int d = 0; d < p.valueSize(); d++) {
                long to = at + (long) d * Float.BYTES;
                y.set(SCALAR, to, y.get(SCALAR, to) * f);
            }
        }
    }
}
