package dev.tenon.kernel.vector.conv;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;

import dev.tenon.kernel.Bounds;
import dev.tenon.kernel.StoreEpilogue;
import dev.tenon.kernel.TileEpilogue;
import dev.tenon.kernel.conv.ChannelsLastConvProblem;
import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * An epilogue that adds a residual to finished blocks, if there is one, and clamps the sums, in one pass. NaN stays
 * NaN.
 *
 * @param residual the index of the residual among the operands, which has the shape of the result, or -1
 * @param lower the lower bound
 * @param upper the upper bound
 * @param next the epilogue after this one, or null
 */
record AddClampEpilogue(int residual, float lower, float upper, TileEpilogue next) implements TileEpilogue {
    private static final int LANES = SimdSpecies.LANES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;

    /**
     * The residual and the bounds of a problem, followed by its epilogue. The result is a {@link StoreEpilogue} if
     * there is no epilogue.
     */
    static TileEpilogue of(TileEpilogue epilogue, ChannelsLastConvProblem p) {
        if (p.residual() < 0 && !p.isBounded()) {
            return epilogue;
        }
        TileEpilogue sum = new AddClampEpilogue(p.residual(), p.lower(), p.upper(), epilogue);
        Bounds bounds = p.isBounded() ? new Bounds(p.lower(), p.upper()) : null;
        return epilogue == null ? new StoreEpilogue(p.residual(), bounds, sum) : sum;
    }

    @Override
    public void apply(
            MemorySegment c,
            long byteOffset,
            int rows,
            int columns,
            long ldc,
            MemorySegment[] operands,
            MemorySegment scratch) {
        MemorySegment r = residual < 0 ? null : operands[residual];
        for (int row = 0; row < rows; row++) {
            long at = byteOffset + row * ldc * Float.BYTES;
            if (r == null) {
                clamp(c, at, columns);
            } else {
                addAndClamp(r, c, at, columns);
            }
        }
        if (next != null) {
            next.apply(c, byteOffset, rows, columns, ldc, operands, scratch);
        }
    }

    private void clamp(MemorySegment c, long at, int count) {
        c = NATIVE.cast(c);
        int whole = F32.loopBound(count);
        for (int i = 0; i < whole; i += LANES) {
            FloatVector v = FLOATS.cast(FloatVector.fromMemorySegment(F32, c, at + (long) i * Float.BYTES, ORDER));
            v = v.blend(lower, v.compare(VectorOperators.LT, lower));
            v.blend(upper, v.compare(VectorOperators.GT, upper))
                    .intoMemorySegment(c, at + (long) i * Float.BYTES, ORDER);
        }
        for (int i = whole; i < count; i++) {
            storeClamped(c, at + (long) i * Float.BYTES, c.get(SCALAR, at + (long) i * Float.BYTES));
        }
    }

    private void addAndClamp(MemorySegment r, MemorySegment c, long at, int count) {
        r = NATIVE.cast(r);
        c = NATIVE.cast(c);
        int whole = F32.loopBound(count);
        for (int i = 0; i < whole; i += LANES) {
            FloatVector v = FLOATS.cast(FloatVector.fromMemorySegment(F32, c, at + (long) i * Float.BYTES, ORDER))
                    .add(FloatVector.fromMemorySegment(F32, r, at + (long) i * Float.BYTES, ORDER));
            v = v.blend(lower, v.compare(VectorOperators.LT, lower));
            v.blend(upper, v.compare(VectorOperators.GT, upper))
                    .intoMemorySegment(c, at + (long) i * Float.BYTES, ORDER);
        }
        for (int i = whole; i < count; i++) {
            long place = at + (long) i * Float.BYTES;
            storeClamped(c, place, c.get(SCALAR, place) + r.get(SCALAR, place));
        }
    }

    private void storeClamped(MemorySegment c, long at, float value) {
        float low = value < lower ? lower : value;
        c.set(SCALAR, at, low > upper ? upper : low);
    }

    @Override
    public long scratchBytes() {
        return next == null ? 0 : next.scratchBytes();
    }

    @Override
    public TileEpilogue withScratchAt(long base) {
        return next == null ? this : new AddClampEpilogue(residual, lower, upper, next.withScratchAt(base));
    }
}
