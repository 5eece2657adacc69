package dev.tenon.kernel.scalar.gemm;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.gemm.DistanceProblem;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Distances of rows by plain loops over the columns of a panel, which the JIT compiler turns into vectors. A difference is rounded
 * to float32, squares are added in double in the order of the elements, as the reference does.
 */
public final class ScalarDistances implements Kernel {
    /** The columns of a panel. */
    public static final int COLUMNS = 32;

    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final ValueLayout.OfDouble F64 = ValueLayout.JAVA_DOUBLE;
    private static final int PARTS_TERMS = 64 << 10;

    private final DistanceProblem p;
    private final RowPartition partition;

    /**
     * The stage after that of the panels.
     *
     * @param p the problem. The operands are the two matrices, the result and the panels
     */
    public ScalarDistances(DistanceProblem p) {
        this.p = p;
        this.partition = RowPartition.of(p.m(), (long) p.n() * p.k(), PARTS_TERMS);
    }

    @Override
    public String id() {
        return "distances_f32_scalar";
    }

    @Override
    public int parts() {
        return partition.parts();
    }

    @Override
    public long partNanos() {
        return 1 + partition.maxPartRows() * p.n() * p.k() / 2;
    }

    @Override
    public long scratchBytes() {
        return (long) COLUMNS * Double.BYTES;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        for (long row = partition.start(from); row < partition.start(to); row++) {
            long at = row * p.k() * Float.BYTES;
            for (int first = 0; first < p.n(); first += COLUMNS) {
                sum(operands[0], at, operands[3], first / COLUMNS * p.panelBytes(COLUMNS), scratch);
                int columns = Math.min(COLUMNS, p.n() - first);
                long result = (row * p.n() + first) * Float.BYTES;
                for (int c = 0; c < columns; c++) {
                    double sum = scratch.get(F64, 8L * c);
                    operands[2].set(F32, result + 4L * c, (float) (p.squared() ? sum : Math.sqrt(sum)));
                }
            }
        }
    }

    private void sum(MemorySegment a, long at, MemorySegment panels, long panel, MemorySegment sums) {
        for (int c = 0; c < COLUMNS; c++) {
            sums.set(F64, 8L * c, 0);
        }
        for (int i = 0; i < p.k(); i++) {
            float x = a.get(F32, at + 4L * i);
            long terms = panel + (long) i * COLUMNS * Float.BYTES;
            for (int c = 0; c < COLUMNS; c++) {
                double difference = x - panels.get(F32, terms + 4L * c);
                sums.set(F64, 8L * c, sums.get(F64, 8L * c) + difference * difference);
            }
        }
    }
}
