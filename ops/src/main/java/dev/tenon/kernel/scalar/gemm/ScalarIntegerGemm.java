package dev.tenon.kernel.scalar.gemm;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.TileEpilogue;
import dev.tenon.kernel.gemm.IntegerGemmProblem;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Products of 8-bit integers, less their zero points, into int32 by plain loops along the rows of B. A float32 output
 * is rounded in place.
 */
public final class ScalarIntegerGemm implements Kernel {
    private static final long PART_WORK = 20_000;

    private final IntegerGemmProblem p;
    private final RowPartition partition;
    private final TileEpilogue epilogue;

    /**
     * Prepares the kernel of a problem.
     *
     * @param p the problem, B not packed
     */
    public ScalarIntegerGemm(IntegerGemmProblem p) {
        this.p = p;
        this.partition = RowPartition.of(p.m(), (long) Math.max(1, p.n()) * Math.max(1, p.k()), PART_WORK);
        this.epilogue = TileEpilogue.withScratchAfter(p.epilogue(), 0);
    }

    @Override
    public String id() {
        return TileEpilogue.id(epilogue, p.floatOutput() ? "gemm_i8_to_f32_scalar" : "gemm_i8_scalar");
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
        return TileEpilogue.scratchBytes(epilogue, 0);
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        MemorySegment y = operands[p.yOperand()];
        for (long row = partition.start(from); row < partition.start(to); row++) {
            computeRow(row, operands, y);
            if (p.floatOutput()) {
                roundToFloat(y, row * p.n());
            }
            if (epilogue != null && p.n() > 0) {
                epilogue.apply(y, row * p.n() * Float.BYTES, 1, p.n(), p.n(), operands, scratch);
            }
        }
    }

    private void roundToFloat(MemorySegment y, long from) {
        for (long i = from; i < from + p.n(); i++) {
            y.setAtIndex(ValueLayout.JAVA_FLOAT, i, y.getAtIndex(ValueLayout.JAVA_INT, i));
        }
    }

    private void computeRow(long row, MemorySegment[] operands, MemorySegment y) {
        MemorySegment b = operands[1];
        MemorySegment zeroPoints = p.bZeroPoint() < 0 ? null : operands[p.bZeroPoint()];
        int aZero = p.aZeroPoint() < 0 ? 0 : get(operands[p.aZeroPoint()], p.aZeroPerRow() ? row : 0, p.signedA());
        for (int j = 0; j < p.n(); j++) {
            y.setAtIndex(ValueLayout.JAVA_INT, row * p.n() + j, 0);
        }
        for (int t = 0; t < p.k(); t++) {
            int x = get(operands[0], row * p.k() + t, p.signedA()) - aZero;
            for (int j = 0; j < p.n(); j++) {
                int bZero = zeroPoints == null ? 0 : get(zeroPoints, p.bZeroPerColumn() ? j : 0, p.signedB());
                int product = x * (get(b, (long) t * p.n() + j, p.signedB()) - bZero);
                long at = row * p.n() + j;
                y.setAtIndex(ValueLayout.JAVA_INT, at, y.getAtIndex(ValueLayout.JAVA_INT, at) + product);
            }
        }
    }

    private static int get(MemorySegment s, long at, boolean signed) {
        byte v = s.get(ValueLayout.JAVA_BYTE, at);
        return signed ? v : v & 0xFF;
    }
}
