package dev.tenon.kernel.scalar.gemm;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.TileEpilogue;
import dev.tenon.kernel.gemm.GemmProblem;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Stacks of float32 or float64 products by plain loops: a row of Y is the sum of rows of B, each scaled by one element
 * of A, so that the inner loop runs along memory.
 */
public final class ScalarGemm implements Kernel {
    private static final long PART_WORK = 20_000;

    private final GemmProblem p;
    private final boolean wide;
    private final RowPartition parts;
    private final TileEpilogue epilogue;

    private ScalarGemm(GemmProblem p, boolean wide) {
        this.p = p;
        this.wide = wide;
        this.parts =
                RowPartition.of((long) p.count() * p.m(), (long) Math.max(1, p.n()) * Math.max(1, p.k()), PART_WORK);
        this.epilogue = TileEpilogue.behind(p.epilogue(), sumBytes());
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
        return TileEpilogue.id(epilogue, wide ? "gemm_f64_scalar" : "gemm_f32_scalar");
    }

    @Override
    public int parts() {
        return parts.parts();
    }

    @Override
    public long partNanos() {
        return parts.most() * p.n() * p.k() / 2;
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
        MemorySegment c = p.cOperand() < 0 ? null : operands[p.cOperand()];
        for (long row = parts.start(from); row < parts.start(to); row++) {
            MemorySegment y = operands[p.yOperand()];
            row(row, operands[0], operands[1], c, y, scratch);
            if (epilogue != null && p.n() > 0) {
                long at = row * p.n() * (wide ? Double.BYTES : Float.BYTES);
                epilogue.apply(y, at, 1, p.n(), p.n(), operands, scratch);
            }
        }
    }

    private void row(long row, MemorySegment a, MemorySegment b, MemorySegment c, MemorySegment y, MemorySegment sums) {
        int index = (int) (row / p.m());
        int i = (int) (row % p.m());
        long aMatrix = (long) p.left()[index] * p.m() * p.k();
        long bMatrix = (long) p.right()[index] * p.k() * p.n();
        if (p.transB() && !p.transA() && !wide) {
            dots(a, aMatrix + (long) i * p.k(), b, bMatrix, p.k(), p.n(), sums);
        } else {
            sums(a, aMatrix, i, b, bMatrix, sums);
        }
        for (int j = 0; j < p.n(); j++) {
            double v = p.alpha() * sums.getAtIndex(ValueLayout.JAVA_DOUBLE, j);
            if (c != null) {
                v += p.beta() * get(c, (long) i * p.cRow() + (long) j * p.cColumn());
            }
            if (wide) {
                y.setAtIndex(ValueLayout.JAVA_DOUBLE, row * p.n() + j, v);
            } else {
                y.setAtIndex(ValueLayout.JAVA_FLOAT, row * p.n() + j, (float) v);
            }
        }
    }

    private void sums(MemorySegment a, long aMatrix, int i, MemorySegment b, long bMatrix, MemorySegment sums) {
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

    /** The products of a row of A with rows of B, which lie as its columns do: two at a time. */
    private static void dots(
            MemorySegment a, long row, MemorySegment b, long matrix, int k, int n, MemorySegment sums) {
        for (int j = 0; j < n; j += 2) {
            long first = matrix + (long) j * k;
            long second = matrix + (long) Math.min(j + 1, n - 1) * k;
            double s = 0;
            double u = 0;
            for (int t = 0; t < k; t++) {
                double x = a.getAtIndex(ValueLayout.JAVA_FLOAT, row + t);
                s += x * b.getAtIndex(ValueLayout.JAVA_FLOAT, first + t);
                u += x * b.getAtIndex(ValueLayout.JAVA_FLOAT, second + t);
            }
            sums.setAtIndex(ValueLayout.JAVA_DOUBLE, j, s);
            sums.setAtIndex(ValueLayout.JAVA_DOUBLE, Math.min(j + 1, n - 1), u);
        }
    }

    private double get(MemorySegment s, long element) {
        return wide ? s.getAtIndex(ValueLayout.JAVA_DOUBLE, element) : s.getAtIndex(ValueLayout.JAVA_FLOAT, element);
    }

    private void addRow(double x, MemorySegment b, long at, MemorySegment sums) {
        int n = p.n();
        if (wide) {
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
