package dev.tenon.kernel.vector;

import static dev.tenon.kernel.vector.VectorShape.Floats.F32;

import dev.tenon.kernel.AttentionMemory;
import dev.tenon.kernel.AttentionProblem;
import dev.tenon.kernel.Kernel;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Attention that never holds more scores than a tile of queries has with some keys. A part is a head of keys of one
 * sequence: its keys and values are packed into panels once, then each tile of queries is multiplied with the keys, goes
 * through softmax and is multiplied with the values, all in arrays in the nearest caches. The probabilities stay unscaled;
 * what is divided by their sum is the result, which has fewer elements.
 *
 * <p>Keys come in blocks of as many as the tile of the second product has terms. With the maximum of a later block the
 * results of earlier ones are scaled down: M. Milakov and N. Gimelshein, Online normalizer calculation for softmax
 * (2018).
 *
 * <p>A value that is not finite would make NaN of every query, of those too that do not see its key. Such heads, where
 * something rules keys out, are mixed by plain loops.
 */
public final class VectorAttention implements Kernel {
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;
    private static final int LANES = VectorShape.LANES;
    private static final long STEP = (long) LANES * Float.BYTES;
    private static final int ROWS = GemmTile.ROWS;
    private static final int ROW = GemmTile.ROW;
    private static final int COLUMNS = GemmTile.COLUMNS;
    private static final int BLOCK = GemmTile.DEPTH;
    private static final double PRODUCTS_PER_NANO = 30;
    private static final double EXPONENTIALS_PER_NANO = 3;

    private final AttentionProblem p;
    private final AttentionMemory memory;
    private final int padded;
    private final float factor;

    // Where things lie in scratch memory.
    private final long valuePanels;
    private final long gatheredKeys;
    private final long gatheredValues;
    private final long addends;
    private final long scratch;

    private VectorAttention(AttentionProblem p) {
        this.p = p;
        this.memory = new AttentionMemory(p);
        this.padded = SoftmaxRows.padded(p.keys());
        this.factor = p.softcap() > 0 ? p.scale() / p.softcap() : p.scale();
        valuePanels = align(VectorPanels.byteSize(p.size(), p.keys()));
        gatheredKeys = valuePanels + align(VectorPanels.byteSize(p.keys(), p.valueSize()));
        gatheredValues = gatheredKeys + align(memory.gatherBytes(false));
        addends = gatheredValues + align(memory.gatherBytes(true));
        scratch = addends + (p.biased() ? (p.sharesBias() ? 1L : ROWS) * padded * Float.BYTES : 0);
    }

    private static long align(long bytes) {
        return Math.ceilDiv(bytes, STEP) * STEP;
    }

    /**
     * A kernel.
     *
     * @param p the problem
     * @return the kernel
     */
    public static Kernel of(AttentionProblem p) {
        return new VectorAttention(p);
    }

    @Override
    public String id() {
        return "attention_f32_vector" + VectorShape.BITS;
    }

    @Override
    public int parts() {
        return Math.max(1, p.batch() * p.keyHeads());
    }

    @Override
    public long partNanos() {
        double pairs = (double) p.group() * p.queries() * p.keys();
        double packing = (double) p.keys() * (p.size() + p.valueSize()) / 2;
        return (long)
                (1 + packing + pairs * (p.size() + p.valueSize()) / PRODUCTS_PER_NANO + pairs / EXPONENTIALS_PER_NANO);
    }

    @Override
    public long scratchBytes() {
        return scratch;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        GemmScratch g = GemmScratch.take();
        g.compiled = Rehearsals.ATTENTION.over();
        try {
            for (int part = from; part < to && part < p.batch() * p.keyHeads(); part++) {
                head(operands, scratch, part / p.keyHeads(), part % p.keyHeads(), g);
            }
        } finally {
            g.give();
        }
    }

    /** All queries that look at one head of keys. */
    private void head(MemorySegment[] operands, MemorySegment scratch, int b, int keyHead, GemmScratch g) {
        memory.gather(operands, scratch, gatheredKeys, false, b, keyHead);
        memory.gather(operands, scratch, gatheredValues, true, b, keyHead);
        if (p.queries() == 0) {
            return;
        }
        MemorySegment keys = memory.source(operands, scratch, false);
        long keysAt = memory.sourceAt(b, keyHead, false, gatheredKeys);
        VectorPanels.pack(keys, keysAt, memory.sourceStep(false), true, p.size(), p.keys(), scratch, 0);
        MemorySegment values = memory.source(operands, scratch, true);
        long valuesAt = memory.sourceAt(b, keyHead, true, gatheredValues);
        long valueStep = memory.sourceStep(true);
        VectorPanels.pack(values, valuesAt, valueStep, false, p.keys(), p.valueSize(), scratch, valuePanels);
        boolean finite = !p.biased() || areFinite(scratch, g.compiled);
        for (int head = keyHead * p.group(); head < (keyHead + 1) * p.group(); head++) {
            if (p.biased() && p.sharesBias()) {
                memory.bias(operands, b, head, 0, scratch, addends, padded);
            }
            int i = 0;
            while (i < p.queries()) {
                int count = GemmTile.height(p.queries() - i);
                long yAt = memory.result(b, head, i);
                if (p.biased() && !p.sharesBias()) {
                    for (int r = 0; r < count; r++) {
                        memory.bias(operands, b, head, i + r, scratch, addends + addend(r), padded);
                    }
                }
                Arrays.fill(g.running, 0, count, Float.NEGATIVE_INFINITY);
                Arrays.fill(g.sums, 0, count, 0);
                for (int key = 0; key == 0 || key < p.keys(); key += BLOCK) {
                    int block = Math.min(BLOCK, p.keys() - key);
                    score(operands[0], memory.query(b, head, i), count, key, block, scratch, g);
                    weigh(count, key, block, scratch, g);
                    if (finite) {
                        mix(operands[p.yOperand()], yAt, count, key, block, scratch, g);
                    } else {
                        mixSeen(scratch, values, valuesAt, valueStep, operands[p.yOperand()], yAt, count, key, g);
                    }
                }
                if (!finite || p.keys() > BLOCK) {
                    divide(operands[p.yOperand()], yAt, count, g.sums);
                }
                i += count;
            }
        }
    }

    /** Where the addends of a row of a tile lie, from those of the first on. */
    private long addend(int row) {
        return p.sharesBias() ? 0 : (long) row * padded * Float.BYTES;
    }

    /** Whether all packed values are finite: a product with zero is zero. */
    private boolean areFinite(MemorySegment scratch, boolean compiled) {
        long end = valuePanels + VectorPanels.byteSize(p.keys(), p.valueSize());
        return compiled ? areFinite(scratch, valuePanels, end) : PlainRows.areFinite(scratch, valuePanels, end);
    }

    static boolean areFinite(MemorySegment scratch, long from, long end) {
        FloatVector sum = FloatVector.zero(F32);
        for (long at = from; at < end; at += STEP) {
            sum = FloatVector.fromMemorySegment(F32, scratch, at, LE).mul(0f).add(sum);
        }
        return sum.reduceLanes(VectorOperators.ADD) == 0;
    }

    /** The products of queries with some keys. */
    private void score(MemorySegment q, long qAt, int count, int key, int block, MemorySegment scratch, GemmScratch g) {
        for (int term = 0; term < p.size(); term += GemmTile.DEPTH) {
            int terms = Math.min(GemmTile.DEPTH, p.size() - term);
            loadQueries(q, qAt + (long) term * Float.BYTES, count, terms, g);
            long at = VectorPanels.offset(p.size(), key / COLUMNS, term);
            for (int column = 0; column < block; column += COLUMNS) {
                GemmTile.multiply(count, g.block(0), scratch, at, terms, g.tile);
                if (term == 0) {
                    put(g, count, column);
                } else {
                    add(g.tile, count, g.rows, column);
                }
                at += VectorPanels.panelBytes(p.size());
            }
        }
    }

    private void loadQueries(MemorySegment q, long qAt, int count, int terms, GemmScratch g) {
        long step = memory.queryStep() * Float.BYTES;
        if (g.compiled) {
            loadVectors(q, qAt, step, count, terms, factor, g.block(0));
        } else {
            PlainSoftmax.load(q, qAt, step, count, terms, factor, g.block(0));
        }
    }

    static void loadVectors(MemorySegment q, long qAt, long step, int count, int terms, float factor, float[] to) {
        long extent = (long) SoftmaxRows.padded(terms) * Float.BYTES;
        for (int r = 0; r < count; r++) {
            long at = qAt + r * step;
            // What is read behind the terms is not multiplied.
            long end = at + extent <= q.byteSize() ? terms : terms - terms % LANES;
            int d = 0;
            for (; d < end; d += LANES) {
                FloatVector.fromMemorySegment(F32, q, at + (long) d * Float.BYTES, LE)
                        .mul(factor)
                        .intoArray(to, r * ROW + d);
            }
            for (; d < terms; d++) {
                to[r * ROW + d] = q.get(SCALAR, at + (long) d * Float.BYTES) * factor;
            }
        }
    }

    private static void put(GemmScratch g, int count, int column) {
        if (g.compiled) {
            putVectors(g.tile, count, g.rows, column);
        } else {
            PlainSoftmax.put(g.tile, count, g.rows, column);
        }
    }

    static void putVectors(float[] tile, int count, float[] rows, int column) {
        for (int r = 0; r < count; r++) {
            FloatVector a = FloatVector.fromArray(F32, tile, r * COLUMNS);
            FloatVector b = FloatVector.fromArray(F32, tile, r * COLUMNS + LANES);
            a.intoArray(rows, r * ROW + column);
            b.intoArray(rows, r * ROW + column + LANES);
        }
    }

    private static void add(float[] tile, int count, float[] rows, int column) {
        for (int r = 0; r < count; r++) {
            for (int i = 0; i < COLUMNS; i += LANES) {
                FloatVector.fromArray(F32, tile, r * COLUMNS + i)
                        .add(FloatVector.fromArray(F32, rows, r * ROW + column + i))
                        .intoArray(rows, r * ROW + column + i);
            }
        }
    }

    /** From scores to unscaled probabilities, their sums, and by what the results of earlier keys are scaled. */
    private void weigh(int count, int key, int block, MemorySegment scratch, GemmScratch g) {
        int length = SoftmaxRows.padded(block);
        if (p.softcap() > 0) {
            bound(g.rows, count, length);
        }
        for (int r = 0; r < count && block < length; r++) {
            Arrays.fill(g.rows, r * ROW + block, r * ROW + length, Float.NEGATIVE_INFINITY);
        }
        if (p.biased()) {
            bias(scratch, count, key, length, g);
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

    private void bias(MemorySegment scratch, int count, int key, int length, GemmScratch g) {
        long at = addends + (long) key * Float.BYTES;
        if (g.compiled) {
            biasVectors(scratch, at, addend(1), count, length, g.rows);
        } else {
            PlainSoftmax.bias(scratch, at, addend(1), count, length, g.rows);
        }
    }

    static void biasVectors(MemorySegment bias, long from, long step, int count, int length, float[] rows) {
        for (int r = 0; r < count; r++) {
            long at = from + r * step;
            for (int i = 0; i < length; i += LANES) {
                FloatVector a = FloatVector.fromMemorySegment(F32, bias, at + (long) i * Float.BYTES, LE);
                FloatVector.fromArray(F32, rows, r * ROW + i)
                        .add(a)
                        .blend(Float.NEGATIVE_INFINITY, a.compare(VectorOperators.EQ, Float.NEGATIVE_INFINITY))
                        .intoArray(rows, r * ROW + i);
            }
        }
    }

    /** Adds up the values of some keys. */
    private void mix(MemorySegment y, long yAt, int count, int key, int block, MemorySegment scratch, GemmScratch g) {
        if (p.keys() <= BLOCK) {
            for (int r = 0; r < count; r++) {
                g.factors[r] = inverse(g.sums[r]);
            }
        }
        long at = valuePanels + VectorPanels.offset(p.keys(), 0, key);
        for (int column = 0; column < p.valueSize(); column += COLUMNS) {
            GemmTile.multiply(count, g.rows, scratch, at, block, g.tile);
            int columns = Math.min(COLUMNS, p.valueSize() - column);
            long to = yAt + (long) column * Float.BYTES;
            if (p.keys() <= BLOCK) {
                putScaled(g, count, columns, y, to);
            } else {
                addScaled(g.tile, count, columns, key > 0, g.factors, y, to);
            }
            at += VectorPanels.panelBytes(p.keys());
        }
    }

    private static float inverse(float sum) {
        return sum == 0 ? 0 : 1 / sum;
    }

    /** Writes the first columns of a tile, each row times its factor. */
    private void putScaled(GemmScratch g, int count, int columns, MemorySegment y, long yAt) {
        if (g.compiled) {
            scaleVectors(g.tile, count, columns, g.factors);
        } else {
            PlainSoftmax.scale(g.tile, count, columns, g.factors);
        }
        long step = memory.resultStep() * Float.BYTES;
        for (int r = 0; r < count; r++) {
            MemorySegment.copy(g.tile, r * COLUMNS, y, SCALAR, yAt + r * step, columns);
        }
    }

    static void scaleVectors(float[] tile, int count, int columns, float[] factors) {
        for (int r = 0; r < count; r++) {
            float f = factors[r];
            for (int i = 0; i < columns; i += LANES) {
                FloatVector.fromArray(F32, tile, r * COLUMNS + i).mul(f).intoArray(tile, r * COLUMNS + i);
            }
        }
    }

    /** Adds the first columns of a tile to results of earlier keys, if there were some, each times its row's factor. */
    private void addScaled(
            float[] tile, int count, int columns, boolean earlier, float[] factors, MemorySegment y, long yAt) {
        for (int r = 0; r < count; r++) {
            long at = yAt + r * memory.resultStep() * Float.BYTES;
            for (int i = 0; i < columns; i++) {
                long to = at + (long) i * Float.BYTES;
                float before = earlier ? y.get(SCALAR, to) * factors[r] : 0;
                y.set(SCALAR, to, before + tile[r * COLUMNS + i]);
            }
        }
    }

    /** Adds up the values of those of some keys that count. */
    private void mixSeen(
            MemorySegment scratch,
            MemorySegment values,
            long valuesAt,
            long valueStep,
            MemorySegment y,
            long yAt,
            int count,
            int key,
            GemmScratch g) {
        int block = Math.min(BLOCK, p.keys() - key);
        for (int r = 0; r < count; r++) {
            long at = yAt + r * memory.resultStep() * Float.BYTES;
            for (int d = 0; d < p.valueSize(); d++) {
                long to = at + (long) d * Float.BYTES;
                float sum = key > 0 ? y.get(SCALAR, to) * g.factors[r] : 0;
                for (int j = 0; j < block; j++) {
                    long addend = addends + addend(r) + (long) (key + j) * Float.BYTES;
                    if (scratch.get(SCALAR, addend) != Float.NEGATIVE_INFINITY) {
                        long value = valuesAt + ((key + j) * valueStep + d) * Float.BYTES;
                        sum += g.rows[r * ROW + j] * values.get(SCALAR, value);
                    }
                }
                y.set(SCALAR, to, sum);
            }
        }
    }

    /** Divides results by the sums of their probabilities. */
    private void divide(MemorySegment y, long yAt, int count, float[] sums) {
        for (int r = 0; r < count; r++) {
            float f = inverse(sums[r]);
            long at = yAt + r * memory.resultStep() * Float.BYTES;
            for (int d = 0; d < p.valueSize(); d++) {
                long to = at + (long) d * Float.BYTES;
                y.set(SCALAR, to, y.get(SCALAR, to) * f);
            }
        }
    }
}
