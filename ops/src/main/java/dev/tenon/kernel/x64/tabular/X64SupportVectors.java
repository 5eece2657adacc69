package dev.tenon.kernel.x64.tabular;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.ScratchPool;
import dev.tenon.kernel.elementwise.UnaryLoop;
import dev.tenon.kernel.tabular.RowModelProblem;
import dev.tenon.kernel.x64.OperandAddresses;
import dev.tenon.kernel.x64.VectorEmitter;
import dev.tenon.kernel.x64.gemm.FloatBlock;
import dev.tenon.op.tabular.model.SupportVectorModel;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;

/**
 * Support vector machines over float32 rows. A block of rows is multiplied with all support vectors, or its distances from them
 * are computed. The kernel function is applied to the block, and a second product adds its values up. Both are machine code, so a
 * row has the same bits in any batch. Decisions are plain loops in double.
 */
public final class X64SupportVectors implements Kernel {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final int BLOCK_ROWS = 24;
    private static final int ALIGNMENT = 64;

    // Rows a multiple of a page apart would compete for the same lines of the cache.
    private static final int PAGE = 4096;

    private static final long PART_NANOS = 50_000;
    private static final int PRODUCTS_PER_NANO = 40;
    private static final int VALUES_PER_NANO = 2;
    private static final int ROW_NANOS = 50;

    /** The buffers of a run. */
    private record Workspace(double[] sums, double[] work, double[] results) {}

    private final RowModelProblem p;
    private final SupportVectorModel model;
    private final int features;
    private final int vectors;
    private final String id;
    private final int blockRows;
    private final RowPartition partition;
    private final FloatBlock first;
    private final FloatBlock lastFirst;
    private final FloatBlock second;
    private final FloatBlock lastSecond;
    private final UnaryLoop function;
    private final SupportVectorPanels panels;

    // The arguments of products are at the start of scratch memory.
    private final long valueStep;
    private final long sumsAt;
    private final long sumStep;

    private final ScratchPool<Workspace> pool;

    /**
     * A kernel.
     *
     * @param p the problem, of float32 rows with at least one feature. The operands are the rows, the labels if the operator has
     *     them, and the results
     * @param model its model
     * @param panels the model in panels
     * @param bits the width of vectors: 256 or 512
     */
    public X64SupportVectors(RowModelProblem p, SupportVectorModel model, SupportVectorPanels panels, int bits) {
        this.p = p;
        this.model = model;
        this.panels = panels;
        features = model.features();
        vectors = model.vectors();
        id = "support_vectors_" + VectorEmitter.suffix(bits);
        blockRows = Math.clamp(p.rows(), 1, BLOCK_ROWS);
        int rest = (int) (p.rows() % blockRows);
        first = block(bits, blockRows, model.distances());
        lastFirst = rest == 0 ? first : block(bits, rest, model.distances());
        second = block(bits, blockRows, false);
        lastSecond = rest == 0 ? second : block(bits, rest, false);
        function = SupportVectorFunctions.of(model, bits);
        long blocks = Math.max(1, PART_NANOS / (blockRows * rowNanos()));
        partition = RowPartition.of(p.rows(), 1, blocks * blockRows);
        valueStep = step(vectors);
        sumStep = step(model.sums());
        sumsAt = FloatBlock.BYTES + blockRows * valueStep;
        pool = new ScratchPool<>(() ->
                new Workspace(new double[model.sums()], new double[model.workSize()], new double[model.results()]));
    }

    private static FloatBlock block(int bits, int rows, boolean distances) {
        return distances ? FloatBlock.ofDistances(bits, rows) : new FloatBlock(bits, rows);
    }

    private static long step(int columns) {
        long row = (long) columns * Float.BYTES + ALIGNMENT - 1 & -ALIGNMENT;
        return row % PAGE == 0 ? row + ALIGNMENT : row;
    }

    private long rowNanos() {
        return ((long) features + model.sums()) * vectors / PRODUCTS_PER_NANO + vectors / VALUES_PER_NANO + ROW_NANOS;
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public int parts() {
        return partition.parts();
    }

    @Override
    public long partNanos() {
        return partition.maxPartRows() * rowNanos();
    }

    @Override
    public long scratchBytes() {
        return sumsAt + blockRows * sumStep;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        Workspace workspace = pool.take();
        FloatBlock.begin(scratch);
        try {
            long last = partition.start(to);
            for (long row = partition.start(from); row < last; row += blockRows) {
                int rows = (int) Math.min(blockRows, last - row);
                sum(operands[0], scratch, row, rows);
                decide(operands, scratch, row, rows, workspace);
            }
        } finally {
            OperandAddresses.fence(operands);
            OperandAddresses.fence(scratch, panels.vectors(), panels.coefficients());
            Reference.reachabilityFence(this);
        }
        pool.give(workspace);
    }

    private void sum(MemorySegment x, MemorySegment scratch, long row, int rows) {
        long rowBytes = (long) features * Float.BYTES;
        long values = OperandAddresses.address(scratch, 0, scratchBytes()) + FloatBlock.BYTES;
        FloatBlock.setLeft(scratch, OperandAddresses.address(x, row * rowBytes, rows * rowBytes), rowBytes);
        FloatBlock.setPanels(scratch, panels.vectors().address(), panels.vectorBytes());
        FloatBlock.setResult(scratch, values, valueStep);
        (rows == blockRows ? first : lastFirst).run(scratch, vectors, features);
        if (function != null) {
            function.runRows(scratch, FloatBlock.BYTES, scratch, FloatBlock.BYTES, valueStep, rows, vectors);
        }
        FloatBlock.setLeft(scratch, values, valueStep);
        FloatBlock.setPanels(scratch, panels.coefficients().address(), panels.coefficientBytes());
        FloatBlock.setResult(scratch, scratch.address() + sumsAt, sumStep);
        (rows == blockRows ? second : lastSecond).run(scratch, model.sums(), vectors);
    }

    private void decide(MemorySegment[] operands, MemorySegment scratch, long row, int rows, Workspace workspace) {
        double[] sums = workspace.sums();
        for (int r = 0; r < rows; r++) {
            long at = sumsAt + r * sumStep;
            for (int k = 0; k < sums.length; k++) {
                sums[k] = scratch.get(F32, at + (long) k * Float.BYTES);
            }
            int label = model.decide(sums, workspace.work(), workspace.results());
            p.writeRow(operands, row + r, label, workspace.results());
        }
    }
}
