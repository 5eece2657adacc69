package dev.tenon.kernel.vector.gemm;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;

import dev.tenon.kernel.TileEpilogue;
import dev.tenon.kernel.gemm.GemmProblem;
import dev.tenon.kernel.vector.PlainRows;
import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;

/**
 * What a product does to its sums in the end: {@code alpha * sum + beta * C} with any C that broadcasts, and the epilogue
 * of the problem behind it. Immutable; a run allocates nothing.
 */
public final class GemmEpilogue implements TileEpilogue {
    private static final int LANES = SimdSpecies.LANES;
    private static final long VECTOR_BYTES = (long) LANES * Float.BYTES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT_UNALIGNED;

    private final GemmProblem p;
    private final TileEpilogue rest;

    private GemmEpilogue(GemmProblem p, TileEpilogue rest) {
        this.p = p;
        this.rest = rest;
    }

    /**
     * What is left to be done to the sums of a problem.
     *
     * @param p the problem
     * @param row whether a row that every row of Y starts from is added already
     * @return the work, or null if there is none
     */
    static TileEpilogue of(GemmProblem p, boolean row) {
        boolean done = p.alpha() == 1 && (p.cOperand() < 0 || row && p.hasRowBias());
        return done ? p.epilogue() : new GemmEpilogue(p, p.epilogue());
    }

    @Override
    public long scratchBytes() {
        return rest == null ? 0 : rest.scratchBytes();
    }

    @Override
    public TileEpilogue scratchAt(long base) {
        return rest == null ? this : new GemmEpilogue(p, rest.scratchAt(base));
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
        MemorySegment c = p.cOperand() < 0 ? null : operands[p.cOperand()];
        long element = byteOffset / Float.BYTES;
        if (p.n() == 1 && ldc == 1) {
            // One column is a run, along which C goes from row to row.
            run(y, byteOffset, rows, c, c == null ? 0 : element % Math.max(1, p.m()) * p.cRow(), p.cRow());
        } else {
            for (int r = 0; r < rows; r++) {
                long at = element + r * ldc;
                long from = at / p.n() * p.cRow() + at % p.n() * p.cColumn();
                run(y, at * Float.BYTES, columns, c, from, p.cColumn());
            }
        }
        if (rest != null) {
            rest.apply(y, byteOffset, rows, columns, ldc, operands, scratch);
        }
    }

    /** Works on neighbours, for which C has one element or neighbours too. */
    private void run(MemorySegment y, long at, int count, MemorySegment c, long element, int step) {
        boolean vectors = GemmWarmUps.GEMM_END.over();
        if (c != null && step != 0) {
            if (vectors) {
                addAll(y, at, count, p.alpha(), c, element * Float.BYTES, p.beta());
            } else {
                PlainRows.scaledSum(y, at, count, p.alpha(), c, element * Float.BYTES, p.beta());
            }
            return;
        }
        float term = c == null ? -0f : p.beta() * c.get(SCALAR, element * Float.BYTES);
        if (vectors) {
            addOne(y, at, count, p.alpha(), term);
        } else {
            PlainRows.scaledSum(y, at, count, p.alpha(), term);
        }
    }

    /** {@code alpha y + beta c}, element by element. */
    static void addAll(MemorySegment y, long at, int count, float alpha, MemorySegment c, long cAt, float beta) {
        y = NATIVE.cast(y);
        c = NATIVE.cast(c);
        FloatVector factor = FloatVector.broadcast(F32, alpha);
        FloatVector other = FloatVector.broadcast(F32, beta);
        long whole = F32.loopBound(count) * (long) Float.BYTES;
        for (long i = 0; i < whole; i += VECTOR_BYTES) {
            FloatVector term = FLOATS.cast(FloatVector.fromMemorySegment(F32, c, cAt + i, ORDER))
                    .mul(other);
            FLOATS.cast(FloatVector.fromMemorySegment(F32, y, at + i, ORDER))
                    .mul(factor)
                    .add(term)
                    .intoMemorySegment(y, at + i, ORDER);
        }
        for (long i = whole; i < count * (long) Float.BYTES; i += Float.BYTES) {
            y.set(SCALAR, at + i, alpha * y.get(SCALAR, at + i) + beta * c.get(SCALAR, cAt + i));
        }
    }

    /** {@code alpha y + term}; a term of negative zero leaves every product as it is. */
    static void addOne(MemorySegment y, long at, int count, float alpha, float term) {
        y = NATIVE.cast(y);
        FloatVector factor = FloatVector.broadcast(F32, alpha);
        FloatVector addend = FloatVector.broadcast(F32, term);
        long whole = F32.loopBound(count) * (long) Float.BYTES;
        for (long i = 0; i < whole; i += VECTOR_BYTES) {
            FLOATS.cast(FloatVector.fromMemorySegment(F32, y, at + i, ORDER))
                    .mul(factor)
                    .add(addend)
                    .intoMemorySegment(y, at + i, ORDER);
        }
        for (long i = whole; i < count * (long) Float.BYTES; i += Float.BYTES) {
            y.set(SCALAR, at + i, alpha * y.get(SCALAR, at + i) + term);
        }
    }
}
