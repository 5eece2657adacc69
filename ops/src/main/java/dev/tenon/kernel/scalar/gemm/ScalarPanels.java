package dev.tenon.kernel.scalar.gemm;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.gemm.DistanceProblem;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Packs the second matrix of {@link DistanceProblem} into panels, as a stage before the one that reads them. A panel has
 * some rows of
 * the matrix as its columns, and zeros where there are fewer.
 */
public final class ScalarPanels implements Kernel {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;

    private final DistanceProblem p;
    private final int columns;

    /**
     * A stage.
     *
     * @param p the problem. The operands are the two matrices, the result and the shared memory, which gets the panels
     * @param columns the columns of a panel
     */
    public ScalarPanels(DistanceProblem p, int columns) {
        this.p = p;
        this.columns = columns;
    }

    @Override
    public String id() {
        return "panels_scalar";
    }

    @Override
    public int parts() {
        return Math.max(1, Math.ceilDiv(p.n(), columns));
    }

    @Override
    public long partNanos() {
        return 1 + (long) p.k() * columns;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        MemorySegment b = operands[1];
        MemorySegment panels = operands[3];
        int last = Math.min(to, Math.ceilDiv(p.n(), columns));
        for (int panel = from; panel < last; panel++) {
            int first = panel * columns;
            for (int c = 0; c < columns; c++) {
                long at = panel * p.panelBytes(columns) + 4L * c;
                long row = (long) (first + c) * p.k();
                for (int i = 0; i < p.k(); i++) {
                    float element = first + c < p.n() ? b.get(F32, (row + i) * Float.BYTES) : 0;
                    panels.set(F32, at + (long) i * columns * Float.BYTES, element);
                }
            }
        }
    }
}
