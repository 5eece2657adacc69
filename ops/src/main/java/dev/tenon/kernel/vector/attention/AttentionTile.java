package dev.tenon.kernel.vector.attention;

import static dev.tenon.kernel.attention.KeysOrValues.VALUES;
import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;

import dev.tenon.kernel.attention.AttentionOperands;
import dev.tenon.kernel.attention.AttentionProblem;
import dev.tenon.kernel.attention.AttentionProblem.AttentionMask;
import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.kernel.vector.VectorMath;
import dev.tenon.kernel.vector.gemm.GemmTile;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The steps of attention on a tile of queries, apart from the two products: it loads scaled queries into an array,
 * turns scores into unscaled probabilities, and turns products with values into results. The queries of a tile share a
 * key head; they are from one query head or from several.
 *
 * <p>Keys come in blocks of at most {@link #BLOCK_KEYS}. This is online softmax: if a later block has a greater score,
 * the results of the earlier blocks are scaled down (M. Milakov and N. Gimelshein, Online normalizer calculation for
 * softmax, 2018). Blocks cover the keys from the first that any query of the tile sees to the last. Keys that positions
 * hide from all queries are not read.
 *
 * <p>The product multiplies hidden values with a probability of 0, which makes NaN of a value that is infinite or NaN.
 * So if a product is not finite and some keys are hidden, a plain loop computes it again without the hidden keys.
 */
final class AttentionTile {
    /** The most queries of a tile. */
    static final int MAX_ROWS = GemmTile.ROWS;

    /** The most keys of a block: the most terms of the product with values. */
    static final int BLOCK_KEYS = GemmTile.DEPTH;

    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;
    private static final int LANES = SimdSpecies.LANES;
    private static final int ROW = GemmTile.ROW;
    private static final int COLUMNS = GemmTile.COLUMNS;

    /** The most queries of which the estimate of the work counts the keys. */
    private static final int MAX_SAMPLES = 1024;

    private static final double PRODUCTS_PER_NANO = 30;
    private static final double EXPONENTIALS_PER_NANO = 3;

    private final AttentionProblem p;
    private final AttentionProblem.Dims d;
    private final AttentionMask mask;
    private final float softcap;
    private final AttentionOperands memory;
    private final KvSplits splits;
    private final boolean biased;
    private final boolean sharesBias;
    private final float factor;
    private final long biasAt;

    /**
     * Makes the steps for a problem.
     *
     * @param p the problem
     * @param memory the offsets of its operands
     * @param splits the splits of keys, whose partial results are merged later, or null if there is one split
     * @param biasAt the offset of {@link #scratchBytes} in the scratch memory
     */
    AttentionTile(AttentionProblem p, AttentionOperands memory, KvSplits splits, long biasAt) {
        this.p = p;
        this.d = p.dims();
        this.mask = p.scoring().mask();
        this.softcap = p.scoring().softcap();
        this.memory = memory;
        this.splits = splits;
        this.biasAt = biasAt;
        biased = p.isBiased();
        sharesBias = p.sharesBias();
        factor = softcap > 0 ? p.scoring().scale() / softcap : p.scoring().scale();
    }

    /**
     * Scratch bytes for the bias. If all queries share it, it has an addend for each key; otherwise it has one for each
     * query of a tile and each key of a block.
     */
    static long scratchBytes(AttentionProblem p) {
        if (!p.isBiased()) {
            return 0;
        }
        int keys = p.dims().keys();
        return (p.sharesBias() ? padded(keys) + (long) LANES : (long) MAX_ROWS * ROW) * Float.BYTES;
    }

    /** A length rounded up to whole vectors. */
    private static int padded(int length) {
        return Math.ceilDiv(length, LANES) * LANES;
    }

    /** Estimated work of all queries that share a key head, without the packing of keys and values. */
    static double nanos(AttentionProblem p, AttentionOperands memory) {
        AttentionProblem.Dims d = p.dims();
        int step = Math.ceilDiv(Math.max(1, d.queries()), MAX_SAMPLES);
        long seen = 0;
        for (int i = 0; i < d.queries(); i += step) {
            seen += memory.endKey(d.keys(), i) - memory.firstKey(d.keys(), i);
        }
        double pairs = (double) seen * step * d.group();
        return 1 + pairs * (d.headSize() + d.valueHeadSize()) / PRODUCTS_PER_NANO + pairs / EXPONENTIALS_PER_NANO;
    }

    /** Begins a key head. Writes the bias if all queries of the head share a mask. */
    void beginHead(AttentionScratch s, int kvHead) {
        s.kvHead = kvHead;
        s.biasIsZero = false;
        if (sharesBias && mask != null) {
            int padded = padded(d.keys()) + LANES;
            memory.writeBias(s.operands, kvHead * d.group(), 0, 0, padded, s.memory, biasAt);
            s.biasIsZero = areZero(s.memory, biasAt, d.keys());
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

    /** Begins a tile: finds the keys that its queries see. */
    void begin(AttentionScratch s, int row, int count) {
        s.row = row;
        s.rows = count;
        long validKeys = memory.validKeys(s.operands, memory.sequence(s.kvHead));
        int first = d.keys();
        int end = 0;
        int firstShared = 0;
        int endShared = d.keys();
        int rows = !biased || sharesBias ? 1 : count;
        for (int r = row; r < row + rows; r++) {
            int query = r % d.queries();
            int seenFirst = memory.firstKey(validKeys, query);
            int seenEnd = memory.endKey(validKeys, query);
            if (seenFirst < seenEnd) {
                first = Math.min(first, seenFirst);
                end = Math.max(end, seenEnd);
            }
            firstShared = Math.max(firstShared, seenFirst);
            endShared = Math.min(endShared, seenEnd);
        }
        s.firstKey = Math.min(first, end);
        s.endKey = end;
        s.firstSharedKey = firstShared;
        s.endSharedKey = endShared;
        Arrays.fill(s.running, 0, count, Float.NEGATIVE_INFINITY);
        Arrays.fill(s.sums, 0, count, 0);
    }

    /** How many queries of a tile, from one of them on, belong to the same query head. */
    private int sameHead(int row, int left) {
        return Math.min(left, d.queries() - row % d.queries());
    }

    /** Copies some elements of each query, scaled, into the first block of rows. */
    void loadQueries(AttentionScratch s, int term, int terms) {
        MemorySegment q = s.operands[0];
        float[] to = s.queries;
        long step = memory.queryStep() * Float.BYTES;
        int run;
        for (int r = 0; r < s.rows; r += run) {
            run = sameHead(s.row + r, s.rows - r);
            long at = memory.queryRowOffset(s.kvHead, s.row + r) + (long) term * Float.BYTES;
            loadVectors(q, at, step, run, terms, factor, to, r);
        }
    }

    private static void loadVectors(
            MemorySegment q, long qAt, long step, int count, int terms, float factor, float[] to, int first) {
        q = NATIVE.cast(q);
        long extent = (long) padded(terms) * Float.BYTES;
        for (int r = 0; r < count; r++) {
            long at = qAt + r * step;
            int row = (first + r) * ROW;
            // A row may be read beyond its terms: the product ignores these elements. It must not be read beyond its
            // memory.
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

    /**
     * Turns the scores of a block into unscaled probabilities. Leaves the sums of these, and the factors by which the
     * results of earlier blocks must be scaled.
     */
    void softmax(AttentionScratch s) {
        int length = padded(s.keys);
        if (softcap > 0) {
            applySoftcap(s.scores, s.rows, length);
        }
        if (mask != null && !s.biasIsZero) {
            addBias(s, 0, length);
        } else if (mask == null && biased) {
            // Only keys that some query does not see have a bias other than zero: those at both ends of the block.
            int left = Math.min(length, padded(Math.max(0, s.firstSharedKey - s.key)));
            int right = Math.max(left, Math.max(0, s.endSharedKey - s.key) / LANES * LANES);
            if (left > 0) {
                addBias(s, 0, left);
            }
            if (s.endSharedKey < s.key + s.keys && right < length) {
                addBias(s, right, length);
            }
        }
        for (int r = 0; r < s.rows && s.keys < length; r++) {
            Arrays.fill(s.scores, r * ROW + s.keys, r * ROW + length, Float.NEGATIVE_INFINITY);
        }
        ScoreSoftmax.run(s, length);
    }

    private void applySoftcap(float[] rows, int count, int length) {
        for (int r = 0; r < count; r++) {
            for (int i = r * ROW; i < r * ROW + length; i += LANES) {
                VectorMath.tanh(FloatVector.fromArray(F32, rows, i))
                        .mul(softcap)
                        .intoArray(rows, i);
            }
        }
    }

    /** The offset of the addend of a query of the tile for the first key of the block. */
    private long biasOffset(int row, int key) {
        return biasAt + (sharesBias ? key : (long) row * ROW) * Float.BYTES;
    }

    /** Adds the bias to the scores of a range of the block, which must be whole vectors. */
    private void addBias(AttentionScratch s, int from, int to) {
        writeBias(s, from, to);
        long at = biasOffset(0, s.key);
        long step = biasOffset(1, s.key) - at;
        biasVectors(s.memory, at, step, s.rows, from, to, s.scores);
    }

    private void writeBias(AttentionScratch s, int from, int to) {
        for (int r = 0; r < s.rows && !sharesBias; r++) {
            int row = s.row + r;
            int head = memory.queryHead(s.kvHead, row);
            long at = biasOffset(r, s.key) + (long) from * Float.BYTES;
            memory.writeBias(s.operands, head, row % d.queries(), s.key + from, s.key + to, s.memory, at);
        }
    }

    private static void biasVectors(
            MemorySegment bias, long biasAt, long step, int count, int from, int to, float[] rows) {
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

    /** Makes factors of the sums, for a tile whose keys are all in one block. */
    static void invertSums(AttentionScratch s) {
        for (int r = 0; r < s.rows; r++) {
            s.factors[r] = inverse(s.sums[r]);
        }
    }

    /** The inverse of a sum of probabilities; 0 for a query that sees no key. */
    static float inverse(float sum) {
        return sum == 0 ? 0 : 1 / sum;
    }

    /**
     * Writes the product of probabilities with some columns of values, which {@link AttentionScratch#tile} holds. If the
     * block has all keys, each row is scaled by its factor. Otherwise it is added to the result of earlier blocks,
     * which is scaled.
     */
    void writeResults(AttentionScratch s, int column) {
        int columns = Math.min(COLUMNS, d.valueHeadSize() - column);
        if (biased && hidesAny(s) && !areFinite(s.tile, s.rows * COLUMNS)) {
            writeBias(s, 0, s.keys);
            multiplySeen(s, column, columns);
        }
        if (s.singleBlock) {
            scaleVectors(s.tile, s.rows, columns, s.factors);
        }
        MemorySegment y = s.operands[splits == null ? p.operands().output() : s.operands.length - 1];
        long step = (splits == null ? memory.resultStep() : d.valueHeadSize()) * Float.BYTES;
        boolean hasEarlier = s.key > s.firstKey;
        int run;
        for (int r = 0; r < s.rows; r += run) {
            run = sameHead(s.row + r, s.rows - r);
            long at = (long) column * Float.BYTES
                    + (splits == null
                            ? memory.resultRowOffset(s.kvHead, s.row + r)
                            : splits.resultOffset(s.kvHead, s.row + r, s.split));
            for (int i = r; i < r + run; i++) {
                if (s.singleBlock) {
                    MemorySegment.copy(s.tile, i * COLUMNS, y, SCALAR, at, columns);
                } else {
                    addScaled(s.tile, i * COLUMNS, columns, hasEarlier, s.factors[i], y, at);
                }
                at += step;
            }
        }
    }

    /** Whether any key of the block is hidden from any query of the tile. */
    private boolean hidesAny(AttentionScratch s) {
        return !s.biasIsZero && (mask != null || s.key < s.firstSharedKey || s.key + s.keys > s.endSharedKey);
    }

    /**
     * Whether the first elements of an array are finite: the product of zero with a finite number is zero, else it is
     * NaN.
     */
    private static boolean areFinite(float[] tile, int length) {
        FloatVector sum = FloatVector.zero(F32);
        for (int i = 0; i < length; i += LANES) {
            sum = FloatVector.fromArray(F32, tile, i).mul(0f).add(sum);
        }
        return sum.reduceLanes(VectorOperators.ADD) == 0;
    }

    private static void scaleVectors(float[] tile, int count, int columns, float[] factors) {
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

    /** Multiplies probabilities with some columns of values by a plain loop that skips hidden keys. */
    private void multiplySeen(AttentionScratch s, int column, int columns) {
        float[] tile = s.tile;
        float[] rows = s.scores;
        Arrays.fill(tile, 0, s.rows * COLUMNS, 0);
        for (int j = 0; j < s.keys; j++) {
            MemorySegment values = memory.holder(s.operands, VALUES, s.key + j);
            long at = memory.holderOffset(s.kvHead, VALUES, s.key + j) + (long) column * Float.BYTES;
            for (int r = 0; r < s.rows; r++) {
                float addend = s.memory.get(SCALAR, biasOffset(r, s.key) + (long) j * Float.BYTES);
                for (int i = 0; i < columns && addend != Float.NEGATIVE_INFINITY; i++) {
                    tile[r * COLUMNS + i] += rows[r * ROW + j] * values.get(SCALAR, at + (long) i * Float.BYTES);
                }
            }
        }
    }

    /** Divides the results of a tile by the sums of their probabilities. */
    void divideResults(AttentionScratch s) {
        MemorySegment y = s.operands[p.operands().output()];
        for (int r = 0; r < s.rows; r++) {
            float f = inverse(s.sums[r]);
            long at = memory.resultRowOffset(s.kvHead, s.row + r);
            for (int i = 0; i < d.valueHeadSize(); i++) {
                long to = at + (long) i * Float.BYTES;
                y.set(SCALAR, to, y.get(SCALAR, to) * f);
            }
        }
    }
}
