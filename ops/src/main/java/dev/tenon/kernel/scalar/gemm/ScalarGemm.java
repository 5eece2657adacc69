package dev.tenon.kernel.scalar.gemm;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.TileEpilogue;
import dev.tenon.kernel.gemm.GemmProblem;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Stacks of float32 or float64 products by plain loops. A row of Y is the sum of the rows of B, each times one element
 * of A, so that the inner loop runs over consecutive memory. Sums are float64.
 */
public final class ScalarGemm implements Kernel {
    private static final long PART_WORK = 20_000;

    private final GemmProblem p;
    private final boolean isDouble;
    private final RowPartition partition;
    private final TileEpilogue epilogue;

    private ScalarGemm(GemmProblem p, boolean isDouble) {
        this.p = p;
        this.isDouble = isDouble;
        this.partition =
                RowPartition.of((long) p.count() * p.m(), (long) Math.max(1, p.n()) * Math.max(1, p.k()), PART_WORK);
        this.epilogue = TileEpilogue.withScratchAfter(p.epilogue(), sumBytes());
    }

    /**
     * The kernel of a float32 problem.
     *
     * @param p the problem, B not packed
     * @return the kernel
     */
    public static Kernel ofFloats(GemmProblem p) {
        return new ScalarGemm(p, false);
    }

    /**
     * The kernel of a float64 problem.
     *
     * @param p the problem, B not packed
     * @return the kernel
     */
    public static Kernel ofDoubles(GemmProblem p) {
        return new ScalarGemm(p, true);
    }

    @Override
    public String id() {
        return TileEpilogue.id(epilogue, isDouble ? "gemm_f64_scalar" : "gemm_f32_scalar");
    }

    @Override
    public int parts() {
        return partition.parts();
    }

    @Override
    public long partNanos() {
        return partition.maxPartRows() * p.n() * p.k() / 2;
    }

    @Override
    public long scratchBytes() {
        return TileEpilogue.scratchBytes(epilogue, sumBytes());
    }

    private long sumBytes() {
        return (long) p.n() * Double.BYTES;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        MemorySegment c = p.c().operand() < 0 ? null : operands[p.c().operand()];
        for (long row = partition.start(from); row < partition.start(to); row++) {
            MemorySegment y = operands[p.yOperand()];
            computeRow(row, operands[0], operands[1], c, y, scratch);
            if (epilogue != null && p.n() > 0) {
                long at = row * p.n() * (isDouble ? Double.BYTES : Float.BYTES);
                epilogue.apply(y, at, 1, p.n(), p.n(), operands, scratch);
            }
        }
    }

    private void computeRow(
            long row, MemorySegment a, MemorySegment b, MemorySegment c, MemorySegment y, MemorySegment sums) {
        int product = (int) (row / p.m());
        int i = (int) (row % p.m());
        long aMatrix = (long) p.aMatrix()[product] * p.m() * p.k();
        long bMatrix = (long) p.bMatrix()[product] * p.k() * p.n();
        if (p.transB() && !p.transA() && !isDouble) {
            dotRows(a, aMatrix + (long) i * p.k(), b, bMatrix, p.k(), p.n(), sums);
        } else {
            accumulateRows(a, aMatrix, i, b, bMatrix, sums);
        }
        for (int j = 0; j < p.n(); j++) {
            double v = p.alpha() * sums.getAtIndex(ValueLayout.JAVA_DOUBLE, j);
            if (c != null) {
                v += p.c().beta() * get(c, (long) i * p.c().rowStride() + (long) j * p.c().columnStride());
            }
            if (isDouble) {
                y.setAtIndex(ValueLayout.JAVA_DOUBLE, row * p.n() + j, v);
            } else {
                y.setAtIndex(ValueLayout.JAVA_FLOAT, row * p.n() + j, (float) v);
            }
        }
    }

    private void accumulateRows(
            MemorySegment a, long aMatrix, int i, MemorySegment b, long bMatrix, MemorySegment sums) {
        for (int j = 0; j < p.n(); j++) {
            sums.setAtIndex(ValueLayout.JAVA_DOUBLE, j, 0);
        }
        for (int t = 0; t < p.k(); t++) {
            double x = get(a, aMatrix + (p.transA() ? (long) t * p.m() + i : (long) i * p.k() + t));
            if (p.transB()) {
                addColumn(x, b, bMatrix + t, sums);
            } else {
                addRow(x, b, bMatrix + (long) t * p.n(), sums);
            }
        }
    }

    /**
     * Computes the dot products of a row of A with the columns of a transposed B, which are rows in memory, two at a
     * time.
     */
    private static void dotRows(
            MemorySegment a, long aRow, MemorySegment b, long bMatrix, int k, int n, MemorySegment sums) {
        for (int j = 0; j < n; j += 2) {
            long first = bMatrix + (long) j * k;
            long second = bMatrix + (long) Math.min(j + 1, n - 1) * k;
            double firstSum = 0;
            double secondSum = 0;
            for (int t = 0; t < k; t++) {
                double x = a.getAtIndex(ValueLayout.JAVA_FLOAT, aRow + t);
                firstSum += x * b.getAtIndex(ValueLayout.JAVA_FLOAT, first + t);
                secondSum += x * b.getAtIndex(ValueLayout.JAVA_FLOAT, second + t);
            }
            sums.setAtIndex(ValueLayout.JAVA_DOUBLE, j, firstSum);
            sums.setAtIndex(ValueLayout.JAVA_DOUBLE, Math.min(j + 1, n - 1), secondSum);
        }
    }

    private double get(MemorySegment s, long element) {
        return isDouble
                ? s.getAtIndex(ValueLayout.JAVA_DOUBLE, element)
                : s.getAtIndex(ValueLayout.JAVA_FLOAT, element);
    }

    private void addRow(double x, MemorySegment b, long at, MemorySegment sums) {
        int n = p.n();
        if (isDouble) {
            for (int j = 0; j < n; j++) {
                double s = sums.getAtIndex(ValueLayout.JAVA_DOUBLE, j);
                sums.setAtIndex(ValueLayout.JAVA_DOUBLE, j, s + x * b.getAtIndex(ValueLayout.JAVA_DOUBLE, at + j));
            }
        } else {
            for (int j = 0; j < n; j++) {
                double s = sums.getAtIndex(ValueLayout.JAVA_DOUBLE, j);
                sums.setAtIndex(ValueLayout.JAVA_DOUBLE, j, s + x * b.getAtIndex(ValueLayout.JAVA_FLOAT, at + j));
            }
        }
    }

    private void addColumn(double x, MemorySegment b, long at, MemorySegment sums) {
        for (int j = 0; j < p.n(); j++) {
            double s = sums.getAtIndex(ValueLayout.JAVA_DOUBLE, j);
            sums.setAtIndex(ValueLayout.JAVA_DOUBLE, j, s + x * get(b, at + (long) j * p.k()));
        }
    }
}
