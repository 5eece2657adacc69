package dev.tenon.kernel.x64.tabular;

import static dev.tenon.kernel.tabular.TreeRecords.WALKS;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.ScratchPool;
import dev.tenon.kernel.tabular.TreeProblem;
import dev.tenon.kernel.tabular.TreeRecords;
import dev.tenon.kernel.tabular.TreeWeights;
import dev.tenon.kernel.x64.OperandAddresses;
import dev.tenon.nativecode.NativeFunction;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;

/**
 * Tree ensembles in machine code. Rows are taken in blocks, whose keys fit the first-level cache. Whole groups of eight rows walk
 * through one tree after the other; each of the rows that are left walks through eight trees at a time. Weights are added in the
 * order of the trees in both cases, so a row has the same bits in any batch.
 */
public final class X64Trees implements Kernel {
    private static final long PART_NANOS = 50_000;
    private static final int ENOUGH_PARTS = 32;
    private static final int STEPS_PER_NANO = 2;
    private static final int ROW_NANOS = 30;

    /** The bytes of the keys of a block, if there are several groups of rows. */
    private static final int BLOCK_BYTES = 24 << 10;

    private static final int MAX_GROUPS = 16;

    private final TreeProblem p;
    private final TreeRecords records;
    private final TreeWeights weights;
    private final RowPartition partition;
    private final long rowNanos;
    private final int groups;
    private final int keyStep;
    private final int sumStep;
    private final FeatureKeys keys;
    private final NativeFunction rowsFunction;
    private final NativeFunction rowFunction;

    private final ScratchPool<double[]> pool;

    /**
     * A kernel.
     *
     * @param p the problem, whose weights are added. The operands are the rows, the labels if the operator has them, and the
     *     results
     * @param records the trees for the features of the problem
     */
    public X64Trees(TreeProblem p, TreeRecords records) {
        this.p = p;
        this.records = records;
        this.weights = records.weights();
        this.keyStep = records.columns() * WALKS * (records.isWide() ? Long.BYTES : Integer.BYTES);
        this.sumStep = WALKS * (weights.areInLeaves() ? p.forest().targets() * weights.sumBytes() : weights.rowBytes());
        this.rowNanos = records.steps() / STEPS_PER_NANO + records.columns() + ROW_NANOS;
        this.groups = Math.clamp(Math.min(BLOCK_BYTES / keyStep, Math.ceilDiv(p.rows(), WALKS)), 1, MAX_GROUPS);
        this.partition = RowPartition.of(p.rows(), 1, partRows());
        this.keys = FeatureKeys.of(records, p.dtype(), p.features());
        this.rowsFunction = p.rows() < WALKS ? null : WalkEmitter.of(records, false);
        this.rowFunction = WalkEmitter.of(records, true);
        this.pool = new ScratchPool<>(() -> new double[p.forest().targets()]);
    }

    /**
     * The rows of a part. All trees go through the caches for each part, so a part of many rows has a whole block if that leaves
     * enough parts for all threads.
     */
    private long partRows() {
        long timed = Math.clamp(PART_NANOS / rowNanos, WALKS, (long) WALKS * MAX_GROUPS);
        long shared = Math.min((long) groups * WALKS, p.rows() / ENOUGH_PARTS);
        return Math.max(timed, shared) / WALKS * WALKS;
    }

    @Override
    public String id() {
        return "trees_x64";
    }

    @Override
    public int parts() {
        return partition.parts();
    }

    @Override
    public long partNanos() {
        return partition.maxPartRows() * rowNanos;
    }

    @Override
    public long scratchBytes() {
        return WalkArgument.BYTES + KeyEmitter.Argument.BYTES + (long) groups * (keyStep + sumStep);
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        double[] row = pool.take();
        try {
            long last = partition.start(to);
            int block = groups * WALKS;
            for (long first = partition.start(from); first < last; first += block) {
                block(operands, scratch, first, (int) Math.min(block, last - first), row);
            }
        } finally {
            OperandAddresses.fence(operands);
            OperandAddresses.fence(scratch);
            Reference.reachabilityFence(records);
        }
        pool.give(row);
    }

    private void block(MemorySegment[] operands, MemorySegment scratch, long first, int rows, double[] row) {
        long keysAt = (long) WalkArgument.BYTES + KeyEmitter.Argument.BYTES;
        long sumsAt = keysAt + (long) groups * keyStep;
        int count = Math.ceilDiv(rows, WALKS);
        for (int g = 0; g < count; g++) {
            int inGroup = Math.min(WALKS, rows - g * WALKS);
            keys.load(operands[0], first + (long) g * WALKS, inGroup, scratch, keysAt + (long) g * keyStep);
        }
        clear(scratch, sumsAt, (long) count * sumStep);
        long address = OperandAddresses.address(scratch, 0, scratchBytes());
        int whole = rows / WALKS;
        WalkArgument.RECORDS.set(scratch, records.records().address());
        WalkArgument.WEIGHTS.set(
                scratch, weights.areInLeaves() ? 0 : weights.table().address());
        WalkArgument.WEIGHT_BYTES.set(scratch, weights.rowBytes());
        if (whole > 0) {
            WalkArgument.KEYS.set(scratch, address + keysAt);
            WalkArgument.KEY_STEP.set(scratch, keyStep);
            WalkArgument.ROWS.set(scratch, whole);
            WalkArgument.TREES.set(scratch, records.trees().address());
            WalkArgument.COUNT.set(scratch, p.forest().trees());
            WalkArgument.SUMS.set(scratch, address + sumsAt);
            WalkArgument.SUM_STEP.set(scratch, sumStep);
            rowsFunction.call(address);
        }
        for (int r = whole * WALKS; r < rows; r++) {
            int i = r - whole * WALKS;
            WalkArgument.KEYS.set(scratch, address + keysAt + (long) whole * keyStep + (long) i * keyBytes());
            WalkArgument.TREES.set(scratch, records.groups().address());
            WalkArgument.COUNT.set(scratch, Math.ceilDiv(p.forest().trees(), WALKS));
            WalkArgument.SUMS.set(scratch, address + sumOffset(sumsAt, r));
            rowFunction.call(address);
        }
        for (int r = 0; r < rows; r++) {
            read(scratch, sumOffset(sumsAt, r), row);
            p.writeRow(operands, first + r, row);
        }
    }

    private int keyBytes() {
        return records.isWide() ? Long.BYTES : Integer.BYTES;
    }

    /** The offset of the first sum of a row of a block. */
    private long sumOffset(long sumsAt, int r) {
        int inGroup = r % WALKS;
        return sumsAt
                + (long) (r / WALKS) * sumStep
                + (long) inGroup * (weights.areInLeaves() ? weights.sumBytes() : weights.rowBytes());
    }

    private void clear(MemorySegment scratch, long at, long bytes) {
        if (weights.doubles()) {
            for (long i = at; i < at + bytes; i += Double.BYTES) {
                scratch.set(ValueLayout.JAVA_DOUBLE, i, -0.0);
            }
        } else {
            for (long i = at; i < at + bytes; i += Float.BYTES) {
                scratch.set(ValueLayout.JAVA_FLOAT, i, -0.0f);
            }
        }
    }

    private void read(MemorySegment scratch, long at, double[] row) {
        int step = weights.sumBytes() * (weights.areInLeaves() ? WALKS : 1);
        for (int k = 0; k < row.length; k++) {
            long i = at + (long) k * step;
            row[k] = weights.doubles()
                    ? scratch.get(ValueLayout.JAVA_DOUBLE, i)
                    : scratch.get(ValueLayout.JAVA_FLOAT, i);
        }
    }
}
