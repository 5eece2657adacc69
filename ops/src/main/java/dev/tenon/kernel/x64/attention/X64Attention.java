package dev.tenon.kernel.x64.attention;

import static dev.tenon.kernel.attention.KeysOrValues.KEYS;
import static dev.tenon.kernel.attention.KeysOrValues.VALUES;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.attention.AttentionOperands;
import dev.tenon.kernel.attention.AttentionProblem;
import dev.tenon.kernel.attention.AttentionProblem.AttentionMask;
import dev.tenon.kernel.attention.AttentionProblem.Rounding;
import dev.tenon.kernel.attention.KeysOrValues;
import dev.tenon.kernel.x64.OperandAddresses;
import dev.tenon.kernel.x64.VectorEmitter;
import dev.tenon.kernel.x64.gemm.BlockProduct;
import dev.tenon.kernel.x64.gemm.FloatBlock;
import dev.tenon.kernel.x64.gemm.PackEmitter;
import dev.tenon.kernel.x64.norm.X64ScoreSoftmax;
import dev.tenon.nativecode.NativeFunction;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Attention in machine code. The keys and values of a head are packed into panels. Then each block of queries is multiplied
 * with the keys, goes through softmax, and is multiplied with the values. All scores of a block are in scratch memory. A part is
 * a key head, or some of the queries of its query heads if there are few heads; each part packs for itself.
 *
 * <p>The product multiplies values of hidden keys with 0, which makes NaN of a value that is not finite. If a head has such
 * values, a plain loop multiplies, which leaves hidden keys out.
 *
 * <p>If operands are rounded, rows of a head are rounded into scratch memory before they are packed or multiplied, and
 * probabilities are rounded in place.
 */
public final class X64Attention implements Kernel {
    /** The most keys of a head: a row of scores must fit into a cache with its neighbours. */
    public static final int MAX_KEYS = 16384;

    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;

    /** The queries of a block are about as many as have scores that fit into this memory, in whole tiles. */
    private static final int BLOCK_SCORE_BYTES = 64 << 10;

    private static final int MIN_BLOCK_ROWS = 28;
    private static final int MAX_BLOCK_ROWS = 120;
    private static final int WANTED_PARTS = 16;

    /** The fewest queries of a part of a head, for which packing costs little. */
    private static final int MIN_PART_ROWS = 144;

    private static final int ALIGNMENT = 64;
    private static final int PAGE = 4096;
    private static final double PRODUCTS_PER_NANO = 50;
    private static final double EXPONENTIALS_PER_NANO = 4;

    private final AttentionProblem p;
    private final AttentionProblem.Dims d;
    private final AttentionMask mask;
    private final AttentionOperands memory;
    private final String id;
    private final int lanes;
    private final int panelColumns;
    private final FloatBlock block;
    private final FloatBlock lastBlock;
    private final X64ScoreSoftmax softmax;
    private final NativeFunction packKeys;
    private final NativeFunction packValues;

    /** Round queries, keys, values and probabilities; null if they are not rounded. */
    private final RowRounding roundQueries;

    private final RowRounding roundKeys;
    private final RowRounding roundValues;
    private final RowRounding roundProbabilities;

    /** Whether all queries that share a key head see the same keys with the same bias. */
    private final boolean equalRows;

    /** Whether all queries of a sequence do. */
    private final boolean equalHeads;

    /** Parts of a key head, and the queries of each of its query heads that such a part has. */
    private final int headParts;

    private final int partQueries;
    private final int blockRows;

    // Offsets in scratch memory. The arguments of products come first.
    private final long biasAt;
    private final long keysAt;
    private final long valuesAt;
    private final long keyPanelsAt;
    private final long valuePanelsAt;
    private final long scoresAt;
    /** Rows of a head that are rounded. */
    private final long roundedAt;

    private final long scratchBytes;
    private final long biasStep;
    private final long scoreStep;

    private X64Attention(AttentionProblem p, int bits) {
        this.p = p;
        d = p.dims();
        mask = p.scoring().mask();
        memory = new AttentionOperands(p);
        equalRows = p.sharesBias();
        equalHeads = equalRows && (mask == null || mask.headStep() == 0);
        id = "attention_f32_" + VectorEmitter.suffix(bits);
        lanes = bits / Float.SIZE;
        panelColumns = FloatBlock.panelColumns(bits);
        int heads = Math.max(1, d.allKvHeads());
        int wanted = memory.concatenates() ? 1 : Math.ceilDiv(WANTED_PARTS, heads);
        int parts = Math.clamp(d.queries() / MIN_PART_ROWS, 1, wanted);
        scoreStep = scoreStep();
        int queries = Math.max(1, d.queries());
        int tile = BlockProduct.maxFloatRows(bits);
        int mostRows = Math.clamp(BLOCK_SCORE_BYTES / scoreStep, MIN_BLOCK_ROWS, MAX_BLOCK_ROWS) / tile * tile;
        blockRows = Math.ceilDiv(queries, Math.ceilDiv(queries, mostRows));
        partQueries = Math.max(1, Math.ceilDiv(Math.ceilDiv(d.queries(), parts), blockRows) * blockRows);
        headParts = Math.max(1, Math.ceilDiv(d.queries(), partQueries));
        int rest = d.queries() % blockRows;
        block = new FloatBlock(bits, blockRows);
        lastBlock = rest == 0 ? block : new FloatBlock(bits, rest);
        softmax = new X64ScoreSoftmax(p.scoring(), blockRows, FloatBlock.BYTES, bits);
        packKeys = PackEmitter.transposing(bits);
        packValues = PackEmitter.copying(bits);
        biasStep = align((long) d.keys() * Float.BYTES);
        biasAt = FloatBlock.BYTES + softmax.bytes();
        keysAt = biasAt + (p.isBiased() ? (p.sharesBias() ? 1 : blockRows) * biasStep : 0);
        valuesAt = keysAt + align(memory.concatBytes(KEYS));
        keyPanelsAt = valuesAt + align(memory.concatBytes(VALUES));
        valuePanelsAt = keyPanelsAt + Math.ceilDiv(d.keys(), panelColumns) * keyPanelBytes();
        scoresAt = valuePanelsAt + Math.ceilDiv(d.valueHeadSize(), panelColumns) * valuePanelBytes();
        long end = scoresAt + blockRows * scoreStep;
        Rounding r = p.rounding();
        if (r == null) {
            roundQueries = null;
            roundKeys = null;
            roundValues = null;
            roundProbabilities = null;
            roundedAt = end;
            scratchBytes = end;
        } else {
            roundQueries = new RowRounding(r.queries(), d.headSize(), end, bits);
            roundKeys = new RowRounding(r.keys(), d.headSize(), end + RowRounding.BYTES, bits);
            roundValues = new RowRounding(r.values(), d.valueHeadSize(), end + 2 * RowRounding.BYTES, bits);
            roundProbabilities = new RowRounding(r.probabilities(), d.keys(), end + 3 * RowRounding.BYTES, bits);
            roundedAt = end + 4 * RowRounding.BYTES;
            long keyRows = (long) d.keys() * Math.max(d.headSize(), d.valueHeadSize());
            scratchBytes = roundedAt + align(Math.max(keyRows, (long) blockRows * d.headSize()) * Float.BYTES);
        }
    }

    /**
     * Makes the kernel.
     *
     * @param p the problem, with at most {@link #MAX_KEYS} keys and no window to the left
     * @param bits the width of vectors: 256 or 512
     * @return the kernel
     */
    public static Kernel of(AttentionProblem p, int bits) {
        return new X64Attention(p, bits);
    }

    private static long align(long bytes) {
        return bytes + ALIGNMENT - 1 & -ALIGNMENT;
    }

    /** The memory of a row of scores. Rows a multiple of a page apart would compete for the same lines of the cache. */
    private long scoreStep() {
        long row = align(((long) d.keys() + panelColumns) * Float.BYTES);
        return row % PAGE == 0 ? row + ALIGNMENT : row;
    }

    private long keyPanelBytes() {
        return (long) d.headSize() * panelColumns * Float.BYTES;
    }

    private long valuePanelBytes() {
        return (long) d.keys() * panelColumns * Float.BYTES;
    }

    @Override
    public String id() {
        return p.rounding() == null ? id : id + "_rounded";
    }

    @Override
    public int parts() {
        return Math.max(1, d.allKvHeads() * headParts);
    }

    @Override
    public long partNanos() {
        double pairs = (double) d.group() * Math.min(partQueries, d.queries()) * d.keys();
        return (long)
                (1 + pairs * (d.headSize() + d.valueHeadSize()) / PRODUCTS_PER_NANO + pairs / EXPONENTIALS_PER_NANO);
    }

    @Override
    public long scratchBytes() {
        return scratchBytes;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        FloatBlock.begin(scratch);
        if (p.rounding() != null) {
            roundQueries.start(scratch);
            roundKeys.start(scratch);
            roundValues.start(scratch);
            roundProbabilities.start(scratch);
        }
        int end = Math.min(to, d.allKvHeads() * headParts);
        try {
            int rowsOf = -1;
            int keys = 0;
            for (int part = from; part < end; part++) {
                int kvHead = part / headParts;
                int rows = equalHeads ? kvHead / d.kvHeads() : kvHead;
                if (equalRows && rows != rowsOf) {
                    keys = setEqualRows(operands, scratch, kvHead * d.group());
                    rowsOf = rows;
                }
                part(operands, scratch, kvHead, part % headParts, keys);
            }
        } finally {
            OperandAddresses.fence(operands);
            OperandAddresses.fence(scratch);
        }
    }

    /** Sets the keys and the bias that all queries of a head have. Returns the keys. */
    private int setEqualRows(MemorySegment[] operands, MemorySegment scratch, int head) {
        if (p.isBiased() && mask != null) {
            memory.writeBias(operands, head, 0, 0, d.keys(), scratch, biasAt);
        }
        return setRows(operands, scratch, head, 0, blockRows);
    }

    private void part(MemorySegment[] operands, MemorySegment scratch, int kvHead, int part, int equalKeys) {
        memory.concat(operands, scratch, keysAt, KEYS, kvHead);
        memory.concat(operands, scratch, valuesAt, VALUES, kvHead);
        packKeys(operands, scratch, kvHead);
        boolean isFinite = packValues(operands, scratch, kvHead);
        int first = part * partQueries;
        int end = Math.min(d.queries(), first + partQueries);
        for (int head = kvHead * d.group(); head < (kvHead + 1) * d.group(); head++) {
            for (int query = first; query < end; query += blockRows) {
                int rows = Math.min(blockRows, end - query);
                int row = head % d.group() * d.queries() + query;
                int keys = equalRows ? equalKeys : setRows(operands, scratch, head, query, rows);
                multiplyKeys(operands[0], scratch, memory.queryRowOffset(kvHead, row), rows, keys);
                makeProbabilities(scratch, rows, keys);
                if (isFinite || !p.isBiased()) {
                    multiplyValues(operands, scratch, memory.resultRowOffset(kvHead, row), rows, keys);
                } else {
                    multiplySeenValues(operands, scratch, kvHead, row, rows);
                }
            }
        }
    }

    private void makeProbabilities(MemorySegment scratch, int rows, int keys) {
        long scores = scratch.address() + scoresAt;
        softmax.run(scratch, rows, scores, scoreStep, keys);
        if (roundProbabilities != null && d.keys() > 0) {
            roundProbabilities.run(scratch, scores, scoreStep, scores, scoreStep, rows);
        }
    }

    /** The address of the first key or value of a head, whose rows are checked. */
    private long source(MemorySegment[] operands, MemorySegment scratch, int kvHead, KeysOrValues kv, int size) {
        long offset = memory.sourceOffset(kvHead, kv, kv == KEYS ? keysAt : valuesAt);
        long bytes = ((d.keys() - 1) * memory.sourceStep(kv) + size) * Float.BYTES;
        return OperandAddresses.address(memory.source(operands, scratch, kv), offset, bytes);
    }

    private void packKeys(MemorySegment[] operands, MemorySegment scratch, int kvHead) {
        if (d.keys() == 0) {
            return;
        }
        long from = source(operands, scratch, kvHead, KEYS, d.headSize());
        long step = memory.sourceStep(KEYS) * Float.BYTES;
        if (roundKeys != null) {
            long rounded = (long) d.headSize() * Float.BYTES;
            roundKeys.run(scratch, from, step, scratch.address() + roundedAt, rounded, d.keys());
            from = scratch.address() + roundedAt;
            step = rounded;
        }
        long to = scratch.address() + keyPanelsAt;
        for (int key = 0; key < d.keys(); key += panelColumns) {
            packKeys.call(from + key * step, step, to, Math.min(panelColumns, d.keys() - key), d.headSize(), 0);
            to += keyPanelBytes();
        }
    }

    /** Packs values. Returns whether all are finite. */
    private boolean packValues(MemorySegment[] operands, MemorySegment scratch, int kvHead) {
        if (d.keys() == 0 || d.valueHeadSize() == 0) {
            return true;
        }
        long from = source(operands, scratch, kvHead, VALUES, d.valueHeadSize());
        long step = memory.sourceStep(VALUES) * Float.BYTES;
        if (roundValues != null) {
            long rounded = (long) d.valueHeadSize() * Float.BYTES;
            roundValues.run(scratch, from, step, scratch.address() + roundedAt, rounded, d.keys());
            from = scratch.address() + roundedAt;
            step = rounded;
        }
        long other = 0;
        for (int column = 0; column < d.valueHeadSize(); column += lanes) {
            long to = scratch.address()
                    + valuePanelsAt
                    + column / panelColumns * valuePanelBytes()
                    + column % panelColumns * (long) Float.BYTES;
            int columns = Math.min(lanes, d.valueHeadSize() - column);
            other |= packValues.call(from + (long) column * Float.BYTES, step, to, d.keys(), columns, 0);
        }
        return (int) other == 0;
    }

    /** Sets the bias and the keys of queries. Returns the keys that any of them sees, at least 1. */
    private int setRows(MemorySegment[] operands, MemorySegment scratch, int head, int query, int rows) {
        long valid = memory.validKeys(operands, head / d.queryHeads());
        int end = memory.endKey(valid, query);
        int most = 1;
        for (int r = 0; r < rows; r++) {
            end = equalRows ? end : memory.endKey(valid, query + r);
            softmax.setRow(scratch, r, end == 0 ? 0 : bias(operands, scratch, head, query + r, r, end), end);
            most = Math.max(most, end);
        }
        return most;
    }

    /** The address of the addends of a query, or 0. */
    private long bias(MemorySegment[] operands, MemorySegment scratch, int head, int query, int row, int end) {
        if (mask == null) {
            return 0;
        }
        if (p.sharesBias()) {
            return scratch.address() + biasAt;
        }
        if (mask.bool()) {
            long at = biasAt + row * biasStep;
            memory.writeBias(operands, head, query, 0, end, scratch, at);
            return scratch.address() + at;
        }
        long at = memory.maskRow(head, query) * Float.BYTES;
        return OperandAddresses.address(operands[p.operands().mask()], at, (long) end * Float.BYTES);
    }

    private void multiplyKeys(MemorySegment q, MemorySegment scratch, long at, int rows, int keys) {
        long step = memory.queryStep() * Float.BYTES;
        long bytes = (rows - 1) * step + (long) d.headSize() * Float.BYTES;
        long left = OperandAddresses.address(q, at, bytes);
        if (roundQueries != null) {
            long rounded = (long) d.headSize() * Float.BYTES;
            roundQueries.run(scratch, left, step, scratch.address() + roundedAt, rounded, rows);
            left = scratch.address() + roundedAt;
            step = rounded;
        }
        FloatBlock.setLeft(scratch, left, step);
        FloatBlock.setPanels(scratch, scratch.address() + keyPanelsAt, keyPanelBytes());
        FloatBlock.setResult(scratch, scratch.address() + scoresAt, scoreStep);
        product(rows).run(scratch, Math.min(keys, d.keys()), d.headSize());
    }

    private FloatBlock product(int rows) {
        return rows == blockRows ? block : lastBlock;
    }

    private void multiplyValues(MemorySegment[] operands, MemorySegment scratch, long at, int rows, int keys) {
        long step = memory.resultStep() * Float.BYTES;
        long bytes = (rows - 1) * step + (long) d.valueHeadSize() * Float.BYTES;
        MemorySegment y = operands[p.operands().output()];
        FloatBlock.setLeft(scratch, scratch.address() + scoresAt, scoreStep);
        FloatBlock.setPanels(scratch, scratch.address() + valuePanelsAt, valuePanelBytes());
        FloatBlock.setResult(scratch, OperandAddresses.address(y, at, bytes), step);
        product(rows).run(scratch, d.valueHeadSize(), Math.min(keys, d.keys()));
    }

    /** Multiplies probabilities with values by a plain loop that leaves hidden keys out. */
    private void multiplySeenValues(
            MemorySegment[] operands, MemorySegment scratch, int kvHead, int firstRow, int rows) {
        MemorySegment values = memory.source(operands, scratch, VALUES);
        long from = memory.sourceOffset(kvHead, VALUES, valuesAt);
        long step = memory.sourceStep(VALUES) * Float.BYTES;
        MemorySegment y = operands[p.operands().output()];
        for (int r = 0; r < rows; r++) {
            int head = memory.queryHead(kvHead, firstRow + r);
            long bias = biasAt + (p.sharesBias() ? 0 : r * biasStep);
            memory.writeBias(operands, head, (firstRow + r) % d.queries(), 0, d.keys(), scratch, bias);
            long at = memory.resultRowOffset(kvHead, firstRow + r);
            for (int i = 0; i < d.valueHeadSize(); i++) {
                long element = (long) i * Float.BYTES;
                float total = 0;
                for (int j = 0; j < d.keys(); j++) {
                    long column = (long) j * Float.BYTES;
                    if (scratch.get(F32, bias + column) != Float.NEGATIVE_INFINITY) {
                        float probability = scratch.get(F32, scoresAt + r * scoreStep + column);
                        total += probability * values.get(F32, from + j * step + element);
                    }
                }
                y.set(F32, at + element, total);
            }
        }
    }
}
