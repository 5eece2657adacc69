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
 * Adds a tensor of the result's shape to finished blocks, if there is one, and keeps the sums within bounds, in one pass.
 *
 * @param residual the tensor's index among the operands, or -1
 * @param least what smaller sums become
 * @param greatest what greater ones become; NaN stays
 * @param next what is done to the block then, or null
 */
record BoundedSum(int residual, float least, float greatest, TileEpilogue next) implements TileEpilogue {
    private static final int LANES = SimdSpecies.LANES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;

    /** What a problem asks for before its epilogue, with the epilogue behind it; {@link StoreEpilogue} where that is all. */
    static TileEpilogue before(TileEpilogue epilogue, ChannelsLastConvProblem p) {
        if (p.residual() < 0 && !p.isBounded()) {
            return epilogue;
        }
        TileEpilogue sum = new BoundedSum(p.residual(), p.least(), p.greatest(), epilogue);
        Bounds bounds = p.isBounded() ? new Bounds(p.least(), p.greatest()) : null;
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
                bound(c, at, columns);
            } else {
                add(r, c, at, columns);
            }
        }
        if (next != null) {
            next.apply(c, byteOffset, rows, columns, ldc, operands, scratch);
        }
    }

    private void bound(MemorySegment c, long at, int count) {
        c = NATIVE.cast(c);
        int whole = F32.loopBound(count);
        for (int i = 0; i < whole; i += LANES) {
            FloatVector v = FLOATS.cast(FloatVector.fromMemorySegment(F32, c, at + (long) i * Float.BYTES, ORDER));
            v = v.blend(least, v.compare(VectorOperators.LT, least));
            v.blend(greatest, v.compare(VectorOperators.GT, greatest))
                    .intoMemorySegment(c, at + (long) i * Float.BYTES, ORDER);
        }
        for (int i = whole; i < count; i++) {
            put(c, at + (long) i * Float.BYTES, c.get(SCALAR, at + (long) i * Float.BYTES));
        }
    }

    private void add(MemorySegment r, MemorySegment c, long at, int count) {
        r = NATIVE.cast(r);
        c = NATIVE.cast(c);
        int whole = F32.loopBound(count);
        for (int i = 0; i < whole; i += LANES) {
            FloatVector v = FLOATS.cast(FloatVector.fromMemorySegment(F32, c, at + (long) i * Float.BYTES, ORDER))
                    .add(FloatVector.fromMemorySegment(F32, r, at + (long) i * Float.BYTES, ORDER));
            v = v.blend(least, v.compare(VectorOperators.LT, least));
            v.blend(greatest, v.compare(VectorOperators.GT, greatest))
                    .intoMemorySegment(c, at + (long) i * Float.BYTES, ORDER);
        }
        for (int i = whole; i < count; i++) {
            long place = at + (long) i * Float.BYTES;
            put(c, place, c.get(SCALAR, place) + r.get(SCALAR, place));
        }
    }

    private void put(MemorySegment c, long at, float value) {
        float low = value < least ? least : value;
        c.set(SCALAR, at, low > greatest ? greatest : low);
    }

    @Override
    public long scratchBytes() {
        return next == null ? 0 : next.scratchBytes();
    }

    @Override
    public TileEpilogue scratchAt(long base) {
        return next == null ? this : new BoundedSum(residual, least, greatest, next.scratchAt(base));
    }
}
