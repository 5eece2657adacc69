package dev.tenon.kernel.scalar.tabular;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.tabular.NormalizerProblem;
import dev.tenon.kernel.tabular.TableCells;
import dev.tenon.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Divides rows by their norms, which are summed in double in the order of the elements, as the reference does. */
public final class ScalarNormalizer implements Kernel {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final long PART_ELEMENTS = 16 << 10;

    private final NormalizerProblem p;
    private final RowPartition partition;

    /**
     * A kernel.
     *
     * @param p the problem. The operands are the matrix and the results
     */
    public ScalarNormalizer(NormalizerProblem p) {
        this.p = p;
        this.partition = RowPartition.of(p.rows(), p.columns(), PART_ELEMENTS);
    }

    @Override
    public String id() {
        return "normalizer_scalar";
    }

    @Override
    public int parts() {
        return partition.parts();
    }

    @Override
    public long partNanos() {
        return 1 + 2 * partition.maxPartRows() * p.columns();
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        MemorySegment x = operands[0];
        MemorySegment y = operands[1];
        for (long row = partition.start(from); row < partition.start(to); row++) {
            long first = row * p.columns();
            long end = first + p.columns();
            double norm = p.dtype() == DType.FLOAT32 ? floatNorm(x, first, end) : norm(x, first, end);
            double divisor = norm == 0 ? 1 : norm;
            if (p.dtype() == DType.FLOAT32) {
                for (long i = first; i < end; i++) {
                    y.setAtIndex(F32, i, (float) (x.getAtIndex(F32, i) / divisor));
                }
            } else {
                for (long i = first; i < end; i++) {
                    y.setAtIndex(F32, i, (float) (TableCells.readDouble(x, p.dtype(), i) / divisor));
                }
            }
        }
    }

    private double floatNorm(MemorySegment x, long first, long end) {
        double norm = start();
        for (long i = first; i < end; i++) {
            norm = add(norm, x.getAtIndex(F32, i));
        }
        return finish(norm);
    }

    private double norm(MemorySegment x, long first, long end) {
        double norm = start();
        for (long i = first; i < end; i++) {
            norm = add(norm, TableCells.readDouble(x, p.dtype(), i));
        }
        return finish(norm);
    }

    private double start() {
        return p.norm() == NormalizerProblem.Norm.MAX ? -Float.MAX_VALUE : 0;
    }

    private double add(double norm, double x) {
        return switch (p.norm()) {
            case MAX -> x > norm ? x : norm;
            case L1 -> norm + Math.abs(x);
            case L2 -> norm + x * x;
        };
    }

    private double finish(double norm) {
        return p.norm() == NormalizerProblem.Norm.L2 ? Math.sqrt(norm) : norm;
    }
}
