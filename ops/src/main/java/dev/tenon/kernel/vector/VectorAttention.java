package dev.tenon.kernel.vector;

import static dev.tenon.kernel.vector.VectorShape.F32;

import dev.tenon.kernel.AttentionMemory;
import dev.tenon.kernel.AttentionProblem;
import dev.tenon.kernel.Kernel;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Attention that never holds more scores than a block of queries has. A part is a head of keys of one sequence: its keys
 * and values are packed into panels once, then each block of queries is multiplied with the keys, goes through softmax
 * and is multiplied with the values, all in the second-level cache. The probabilities stay unscaled; what is divided by
 * their sum is the result, which has fewer elements.
 *
 * <p>A value that is not finite would make NaN of every query, of those too that do not see its key. Such heads, where
 * something rules keys out, are mixed by plain loops.
 */
public final class VectorAttention implements Kernel {
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;
    private static final int LANES = F32.length();
    private static final long STEP = (long) LANES * Float.BYTES;
    private static final long BLOCK_BYTES = 64 << 10;
    private static final double PRODUCTS_PER_NANO = 20;
    private static final double EXPONENTIALS_PER_NANO = 1.5;

    private final AttentionProblem p;
    private final AttentionMemory memory;
    private final int block;
    private final int padded;
    private final VectorGemm products;
    private final VectorGemm lastProducts;
    private final VectorGemm mix;
    private final VectorGemm lastMix;
    private final boolean bias;

    // Where things lie in scratch memory.
    private final long valuePanels;
    private final long gatheredKeys;
    private final long gatheredValues;
    private final long scores;
    private final long addends;
    private final long rows;
    private final long scratch;

    private VectorAttention(AttentionProblem p) {
        this.p = p;
        this.memory = new AttentionMemory(p);
        this.padded = Math.ceilDiv(p.keys(), LANES) * LANES;
        long row = Math.max(1, (long) padded * Float.BYTES);
        int tiles = Math.clamp(BLOCK_BYTES / row / GemmTile.ROWS, 1, 4);
        this.block = Math.min(Math.max(1, p.queries()), tiles * GemmTile.ROWS);
        int last = p.queries() % block == 0 ? block : p.queries() % block;
        this.products = new VectorGemm(block, p.keys(), p.size());
        this.lastProducts = new VectorGemm(last, p.keys(), p.size());
        this.mix = new VectorGemm(block, p.valueSize(), p.keys());
        this.lastMix = new VectorGemm(last, p.valueSize(), p.keys());
        this.bias = p.biased() || padded > p.keys();
        valuePanels = align(VectorPanels.byteSize(p.size(), p.keys()));
        gatheredKeys = valuePanels + align(VectorPanels.byteSize(p.keys(), p.valueSize()));
        gatheredValues = gatheredKeys + align(memory.gatherBytes(false));
        scores = gatheredValues + align(memory.gatherBytes(true));
        addends = scores + align(block * row);
        rows = addends + (bias ? align((p.sharesBias() ? 1 : block) * row) : 0);
        scratch = rows + 2L * block * STEP;
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
        if (bias && !p.biased()) {
            // Only the padding is ruled out, for all queries alike.
            memory.bias(operands, 0, 0, 0, scratch, addends, padded);
        }
        for (int part = from; part < to && part < p.batch() * p.keyHeads(); part++) {
            head(operands, scratch, part / p.keyHeads(), part % p.keyHeads());
        }
    }

    /** All queries that look at one head of keys. */
    private void head(MemorySegment[] operands, MemorySegment scratch, int b, int keyHead) {
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
        boolean finite = !p.biased() || finite(scratch);
        for (int head = keyHead * p.group(); head < (keyHead + 1) * p.group(); head++) {
            if (p.biased() && p.sharesBias()) {
                memory.bias(operands, b, head, 0, scratch, addends, padded);
            }
            for (int i = 0; i < p.queries(); i += block) {
                int count = Math.min(block, p.queries() - i);
                probabilities(operands, scratch, b, head, i, count);
                MemorySegment y = operands[p.yOperand()];
                long yAt = memory.result(b, head, i);
                if (finite) {
                    VectorGemm g = count == block ? mix : lastMix;
                    long step = memory.resultStep();
                    g.run(0, g.parts(), scratch, scores, padded, scratch, valuePanels, y, yAt, step, null, 0, false);
                } else {
                    mixSeen(scratch, values, valuesAt, valueStep, y, yAt, count);
                }
                scale(scratch, y, yAt, count);
            }
        }
    }

    /** Whether all packed values are finite: a product with zero is zero. */
    private boolean finite(MemorySegment scratch) {
        long end = valuePanels + VectorPanels.byteSize(p.keys(), p.valueSize());
        FloatVector sum = FloatVector.zero(F32);
        for (long at = valuePanels; at < end; at += STEP) {
            sum = FloatVector.fromMemorySegment(F32, scratch, at, LE).mul(0f).add(sum);
        }
        return sum.reduceLanes(VectorOperators.ADD) == 0;
    }

    private void probabilities(MemorySegment[] operands, MemorySegment scratch, int b, int head, int i, int count) {
        VectorGemm g = count == block ? products : lastProducts;
        MemorySegment q = operands[0];
        long qAt = memory.query(b, head, i);
        clearPadding(scratch, count);
        g.run(0, g.parts(), q, qAt, memory.queryStep(), scratch, 0, scratch, scores, padded, null, 0, false);
        if (p.softcap() > 0) {
            bound(scratch, count);
        }
        if (!bias) {
            maxima(scratch, count);
        } else {
            if (!p.sharesBias()) {
                for (int r = 0; r < count; r++) {
                    long at = addends + (long) r * padded * Float.BYTES;
                    memory.bias(operands, b, head, i + r, scratch, at, padded);
                }
            }
            biasedMaxima(scratch, count);
        }
        exponentials(scratch, count);
    }

    /** Padding takes part in the loops over full vectors: it must not hold NaN. */
    private void clearPadding(MemorySegment scratch, int count) {
        for (int r = 0; r < count; r++) {
            for (int j = p.keys(); j < padded; j++) {
                scratch.set(SCALAR, scores + ((long) r * padded + j) * Float.BYTES, 0);
            }
        }
    }

    private void bound(MemorySegment scratch, int count) {
        float inner = p.scale() / p.softcap();
        long end = scores + (long) count * padded * Float.BYTES;
        for (long at = scores; at < end; at += STEP) {
            VectorMath.tanh(FloatVector.fromMemorySegment(F32, scratch, at, LE).mul(inner))
                    .mul(p.softcap())
                    .intoMemorySegment(scratch, at, LE);
        }
    }

    private float factor() {
        return p.softcap() > 0 ? 1 : p.scale();
    }

    private void maxima(MemorySegment scratch, int count) {
        float factor = factor();
        long row = (long) padded * Float.BYTES;
        for (int r = 0; r < count; r++) {
            FloatVector max = FloatVector.broadcast(F32, Float.NEGATIVE_INFINITY);
            long end = scores + (r + 1) * row;
            for (long at = end - row; at < end; at += STEP) {
                FloatVector s =
                        FloatVector.fromMemorySegment(F32, scratch, at, LE).mul(factor);
                s.intoMemorySegment(scratch, at, LE);
                max = max.max(s);
            }
            max.intoMemorySegment(scratch, rows + r * STEP, LE);
        }
    }

    private void biasedMaxima(MemorySegment scratch, int count) {
        float factor = factor();
        long row = (long) padded * Float.BYTES;
        long addendRow = p.sharesBias() ? 0 : row;
        for (int r = 0; r < count; r++) {
            FloatVector max = FloatVector.broadcast(F32, Float.NEGATIVE_INFINITY);
            long at = scores + r * row;
            long from = addends + r * addendRow;
            for (long j = 0; j < row; j += STEP) {
                FloatVector a = FloatVector.fromMemorySegment(F32, scratch, from + j, LE);
                FloatVector s = FloatVector.fromMemorySegment(F32, scratch, at + j, LE)
                        .mul(factor)
                        .add(a)
                        .blend(Float.NEGATIVE_INFINITY, a.compare(VectorOperators.EQ, Float.NEGATIVE_INFINITY));
                s.intoMemorySegment(scratch, at + j, LE);
                max = max.max(s);
            }
            max.intoMemorySegment(scratch, rows + r * STEP, LE);
        }
    }

    /** Exponentials of the distances from the maximum of each row, and one over their sum. */
    private void exponentials(MemorySegment scratch, int count) {
        for (int r = 0; r < count; r++) {
            float max = Float.NEGATIVE_INFINITY;
            for (int j = 0; j < LANES; j++) {
                max = Math.max(max, scratch.get(SCALAR, rows + r * STEP + (long) j * Float.BYTES));
            }
            // Without a key that counts all exponentials shall be 0, not NaN.
            float start = max == Float.NEGATIVE_INFINITY ? 0 : max;
            scratch.set(SCALAR, rows + r * STEP, start);
        }
        long sums = rows + block * STEP;
        long row = (long) padded * Float.BYTES;
        for (int r = 0; r < count; r++) {
            FloatVector max = FloatVector.broadcast(F32, scratch.get(SCALAR, rows + r * STEP));
            FloatVector sum = FloatVector.zero(F32);
            long end = scores + (r + 1) * row;
            for (long at = end - row; at < end; at += STEP) {
                FloatVector e = VectorMath.expUpToMax(
                        FloatVector.fromMemorySegment(F32, scratch, at, LE).sub(max));
                e.intoMemorySegment(scratch, at, LE);
                sum = sum.add(e);
            }
            sum.intoMemorySegment(scratch, sums + r * STEP, LE);
        }
        for (int r = 0; r < count; r++) {
            double sum = Lanes.sum(scratch, sums + r * STEP);
            scratch.set(SCALAR, rows + r * STEP, sum == 0 ? 0 : (float) (1 / sum));
        }
    }

    /** Adds up the values of the keys that count. */
    private void mixSeen(
            MemorySegment scratch,
            MemorySegment values,
            long valuesAt,
            long valueStep,
            MemorySegment y,
            long yAt,
            int count) {
        long addendRow = p.sharesBias() ? 0 : padded;
        for (int r = 0; r < count; r++) {
            long at = yAt + r * memory.resultStep() * Float.BYTES;
            for (int d = 0; d < p.valueSize(); d++) {
                float sum = 0;
                for (int j = 0; j < p.keys(); j++) {
                    long addend = addends + (r * addendRow + j) * Float.BYTES;
                    if (scratch.get(SCALAR, addend) != Float.NEGATIVE_INFINITY) {
                        float share = scratch.get(SCALAR, scores + ((long) r * padded + j) * Float.BYTES);
                        sum += share * values.get(SCALAR, valuesAt + (j * valueStep + d) * Float.BYTES);
                    }
                }
                y.set(SCALAR, at + (long) d * Float.BYTES, sum);
            }
        }
    }

    private void scale(MemorySegment scratch, MemorySegment y, long yAt, int count) {
        long bytes = (long) p.valueSize() * Float.BYTES;
        long body = bytes - bytes % STEP;
        for (int r = 0; r < count; r++) {
            float factor = scratch.get(SCALAR, rows + r * STEP);
            long at = yAt + r * memory.resultStep() * Float.BYTES;
            for (long d = 0; d < body; d += STEP) {
                FloatVector.fromMemorySegment(F32, y, at + d, LE).mul(factor).intoMemorySegment(y, at + d, LE);
            }
            for (long d = body; d < bytes; d += Float.BYTES) {
                y.set(SCALAR, at + d, y.get(SCALAR, at + d) * factor);
            }
        }
    }
}
