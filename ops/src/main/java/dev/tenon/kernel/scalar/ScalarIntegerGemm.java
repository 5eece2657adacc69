package dev.tenon.kernel.scalar;

import dev.tenon.kernel.IntegerGemmProblem;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowParts;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Products of 8-bit integers less their zero points into int32, by plain loops along the rows of B. */
public final class ScalarIntegerGemm implements Kernel {
    private static final long PART_WORK = 20_000;

    private final IntegerGemmProblem p;
    private final RowParts parts;

    /**
     * The kernel of a problem.
     *
     * @param p the problem
     */
    public ScalarIntegerGemm(IntegerGemmProblem p) {
        this.p = p;
        this.parts = RowParts.of(p.m(), (long) Math.max(1, p.n()) * Math.max(1, p.k()), PART_WORK);
    }

    @Override
    public String id() {
        return "gemm_i8_scalar";
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
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        MemorySegment y = operands[p.yOperand()];
        for (long row = parts.start(from); row < parts.start(to); row++) {
            row(row, operands, y);
        }
    }

    private void row(long row, MemorySegment[] operands, MemorySegment y) {
        MemorySegment b = operands[1];
        MemorySegment zeroPoints = p.bZeroPoint() < 0 ? null : operands[p.bZeroPoint()];
        int az = p.aZeroPoint() < 0 ? 0 : get(operands[p.aZeroPoint()], p.aPerRow() ? row : 0, p.signedA());
        for (int j = 0; j < p.n(); j++) {
            y.setAtIndex(ValueLayout.JAVA_INT, row * p.n() + j, 0);
        }
        for (int t = 0; t < p.k(); t++) {
            int x = get(operands[0], row * p.k() + t, p.signedA()) - az;
            for (int j = 0; j < p.n(); j++) {
                int bz = zeroPoints == null ? 0 : get(zeroPoints, p.bPerColumn() ? j : 0, p.signedB());
                int product = x * (get(b, (long) t * p.n() + j, p.signedB()) - bz);
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
