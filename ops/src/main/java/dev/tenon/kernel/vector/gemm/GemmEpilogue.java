package dev.tenon.kernel.vector.gemm;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;

import dev.tenon.kernel.TileEpilogue;
import dev.tenon.kernel.gemm.GemmProblem;
import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;

/**
 * The epilogue of a matrix product: {@code alpha * sum + beta * C} with a C that may broadcast, then the epilogue of
 * the problem. Immutable; a run allocates nothing.
 */
public final class GemmEpilogue implements TileEpilogue {
    private static final int LANES = SimdSpecies.LANES;
    private static final long VECTOR_BYTES = (long) LANES * Float.BYTES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT_UNALIGNED;

    private final GemmProblem p;
    private final TileEpilogue next;

    private GemmEpilogue(GemmProblem p, TileEpilogue next) {
        this.p = p;
        this.next = next;
    }

    /**
     * The work that is left after the sums of a problem are stored.
     *
     * @param p the problem
     * @param rowBiasAdded whether a row bias is already added to the sums
     * @return the work, or null if there is none
     */
    static TileEpilogue of(GemmProblem p, boolean rowBiasAdded) {
        boolean done = p.alpha() == 1 && (p.c().operand() < 0 || rowBiasAdded && p.hasRowBias());
        return done ? p.epilogue() : new GemmEpilogue(p, p.epilogue());
    }

    @Override
    public long scratchBytes() {
        return next == null ? 0 : next.scratchBytes();
    }

    @Override
    public TileEpilogue withScratchAt(long base) {
        return next == null ? this : new GemmEpilogue(p, next.withScratchAt(base));
    }

    @Override
    public void apply(
            MemorySegment y,
            long byteOffset,
            int rows,
            int columns,
            long ldc,
            MemorySegment[] operands,
            MemorySegment scratch) {
        MemorySegment c = p.c().operand() < 0 ? null : operands[p.c().operand()];
        long element = byteOffset / Float.BYTES;
        if (p.n() == 1 && ldc == 1) {
            // The elements of a single column are neighbours; C advances by a row for each.
            applyToRun(
                    y,
                    byteOffset,
                    rows,
                    c,
                    c == null ? 0 : element % Math.max(1, p.m()) * p.c().rowStride(),
                    p.c().rowStride());
        } else {
            for (int r = 0; r < rows; r++) {
                long at = element + r * ldc;
                long from = at / p.n() * p.c().rowStride() + at % p.n() * p.c().columnStride();
                applyToRun(y, at * Float.BYTES, columns, c, from, p.c().columnStride());
            }
        }
        if (next != null) {
            next.apply(y, byteOffset, rows, columns, ldc, operands, scratch);
        }
    }

    /** Works on neighbouring elements. C has one element for all of them if the step is 0, else neighbours too. */
    private void applyToRun(MemorySegment y, long at, int count, MemorySegment c, long element, int step) {
        if (c != null && step != 0) {
            addScaled(y, at, count, p.alpha(), c, element * Float.BYTES, p.c().beta());
        } else {
            addConstant(y, at, count, p.alpha(), c == null ? -0f : p.c().beta() * c.get(SCALAR, element * Float.BYTES));
        }
    }

    /** {@code y = alpha y + beta c}, element by element. */
    static void addScaled(MemorySegment y, long at, int count, float alpha, MemorySegment c, long cAt, float beta) {
        y = NATIVE.cast(y);
        c = NATIVE.cast(c);
        FloatVector alphaVector = FloatVector.broadcast(F32, alpha);
        FloatVector betaVector = FloatVector.broadcast(F32, beta);
        long whole = F32.loopBound(count) * (long) Float.BYTES;
        for (long i = 0; i < whole; i += VECTOR_BYTES) {
            FloatVector term = FLOATS.cast(FloatVector.fromMemorySegment(F32, c, cAt + i, ORDER))
                    .mul(betaVector);
            FLOATS.cast(FloatVector.fromMemorySegment(F32, y, at + i, ORDER))
                    .mul(alphaVector)
                    .add(term)
                    .intoMemorySegment(y, at + i, ORDER);
        }
        for (long i = whole; i < count * (long) Float.BYTES; i += Float.BYTES) {
            y.set(SCALAR, at + i, alpha * y.get(SCALAR, at + i) + beta * c.get(SCALAR, cAt + i));
        }
    }

    /** {@code y = alpha y + term}. The term -0 leaves every product as it is; +0 would change -0. */
    static void addConstant(MemorySegment y, long at, int count, float alpha, float term) {
        y = NATIVE.cast(y);
        FloatVector alphaVector = FloatVector.broadcast(F32, alpha);
        FloatVector termVector = FloatVector.broadcast(F32, term);
        long whole = F32.loopBound(count) * (long) Float.BYTES;
        for (long i = 0; i < whole; i += VECTOR_BYTES) {
            FLOATS.cast(FloatVector.fromMemorySegment(F32, y, at + i, ORDER))
                    .mul(alphaVector)
                    .add(termVector)
                    .intoMemorySegment(y, at + i, ORDER);
        }
        for (long i = whole; i < count * (long) Float.BYTES; i += Float.BYTES) {
            y.set(SCALAR, at + i, alpha * y.get(SCALAR, at + i) + term);
        }
    }
}
