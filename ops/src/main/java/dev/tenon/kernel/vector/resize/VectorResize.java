package dev.tenon.kernel.vector.resize;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.resize.ResizeProblem;
import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.MemorySegment;

/**
 * Resizes two axes, one after the other: each row of the result is computed from rows of the data, in scratch memory that the
 * first-level cache holds; then its columns are resized. If the elements after a column fill a vector, columns are resized by
 * {@link OuterAxisLoops} like rows, else by {@link InnerAxisLoops}.
 */
public final class VectorResize implements Kernel {
    private static final int LANES = SimdSpecies.LANES;
    private static final long VECTOR = (long) LANES * Float.BYTES;
    private static final long PART_ELEMENTS = 32 << 10;

    private final ResizeProblem p;
    private final RowPartition partition;

    /** Resizes rows, or null if they are not resized. */
    private final OuterAxisLoops rowLoops;

    /** Resizes columns of single elements, or null. */
    private final InnerAxisLoops columnLoops;

    /** Resizes columns whose elements are runs of at least a vector, or null. */
    private final OuterAxisLoops runLoops;

    private final int inRows;
    private final int outRows;
    private final long inBytes;
    private final long outBytes;

    /** The offset of a row of results in scratch memory, after a row of the data whose rows are resized. */
    private final long resultAt;

    private VectorResize(ResizeProblem p) {
        this.p = p;
        int inner = p.inner();
        int width = p.columns().input() * inner;
        inRows = p.rows().input();
        outRows = p.rows().output();
        inBytes = (long) width * Float.BYTES;
        outBytes = (long) p.columns().output() * inner * Float.BYTES;
        rowLoops = p.rows().isIdentity() ? null : new OuterAxisLoops(UniformTaps.of(p.rows()), width);
        UniformTaps across = p.columns().isIdentity() ? null : UniformTaps.of(p.columns());
        boolean runs = inner >= LANES;
        columnLoops = across == null || runs ? null : new InnerAxisLoops(across.ofSingleElements(inner), width);
        runLoops = across != null && runs ? new OuterAxisLoops(across, inner) : null;
        resultAt = Math.max(inBytes, InnerAxisLoops.MIN_READ);
        partition = RowPartition.of(p.outer() * outRows, outBytes / Float.BYTES, PART_ELEMENTS);
    }

    /**
     * A kernel.
     *
     * @param p the problem
     * @return the kernel
     */
    public static Kernel of(ResizeProblem p) {
        return new VectorResize(p);
    }

    @Override
    public String id() {
        return "resize_f32_vector" + SimdSpecies.BITS;
    }

    @Override
    public int parts() {
        return partition.parts();
    }

    @Override
    public long partNanos() {
        long taps = (long) p.rows().most() + p.columns().most();
        return 1 + partition.maxPartRows() * (outBytes / Float.BYTES) * taps / LANES;
    }

    @Override
    public long scratchBytes() {
        return resultAt + (columnLoops == null ? 0 : outBytes + VECTOR);
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        MemorySegment y = operands[p.output()];
        for (long row = partition.start(from); row < partition.start(to); row++) {
            long plane = row / outRows * inRows * inBytes;
            int line = (int) (row % outRows);
            if (columnLoops == null && runLoops == null) {
                resizeRows(operands[0], plane, line, y, row * outBytes);
                continue;
            }
            resizeRows(operands[0], plane, line, scratch, 0);
            if (columnLoops != null) {
                columnLoops.run(scratch, 0, resultAt);
                MemorySegment.copy(scratch, resultAt, y, row * outBytes, outBytes);
            } else {
                long runBytes = (long) p.inner() * Float.BYTES;
                for (int i = 0; i < p.columns().output(); i++) {
                    runLoops.run(scratch, 0, runBytes, i, y, row * outBytes + i * runBytes);
                }
            }
        }
    }

    /** Computes a row whose columns are not resized yet. */
    private void resizeRows(MemorySegment x, long plane, int line, MemorySegment y, long to) {
        if (rowLoops == null) {
            MemorySegment.copy(x, plane + line * inBytes, y, to, inBytes);
        } else {
            rowLoops.run(x, plane, inBytes, line, y, to);
        }
    }
}
