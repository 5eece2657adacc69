package dev.tenon.kernel.vector.gemm;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;

import dev.tenon.kernel.ScaledEpilogue;
import dev.tenon.kernel.TileEpilogue;
import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * A {@link ScaledEpilogue} in one loop over finished blocks: scales, addends, residual and bounds, and then the rest. Each step
 * rounds as the operator does that it stands for. NaN stays NaN.
 *
 * @param steps the steps
 * @param rest the work after the bounds, or null
 */
record ScaledStore(ScaledEpilogue steps, TileEpilogue rest) implements TileEpilogue {
    private static final int LANES = SimdSpecies.LANES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;

    /** A sum with this number is the other number, zeros of either sign too. */
    private static final float NOTHING = -0f;

    /** The epilogue with its steps in one loop, if it is a {@link ScaledEpilogue}. */
    static TileEpilogue of(TileEpilogue epilogue) {
        return epilogue instanceof ScaledEpilogue steps ? new ScaledStore(steps, steps.rest()) : epilogue;
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
        long column = byteOffset % (ldc * Float.BYTES);
        float scale = steps.scale() < 0 ? 1 : operands[steps.scale()].get(SCALAR, 0);
        MemorySegment scales = steps.columnScales() < 0 ? null : operands[steps.columnScales()];
        MemorySegment addends = steps.columnAddends() < 0 ? null : operands[steps.columnAddends()];
        MemorySegment residual = steps.residual() < 0 ? null : operands[steps.residual()];
        for (int row = 0; row < rows; row++) {
            row(c, byteOffset + row * ldc * Float.BYTES, columns, scale, scales, addends, column, residual);
        }
        if (rest != null) {
            rest.apply(c, byteOffset, rows, columns, ldc, operands, scratch);
        }
    }

    private void row(
            MemorySegment c,
            long at,
            int columns,
            float scale,
            MemorySegment scales,
            MemorySegment addends,
            long column,
            MemorySegment residual) {
        c = NATIVE.cast(c);
        scales = scales == null ? null : NATIVE.cast(scales);
        addends = addends == null ? null : NATIVE.cast(addends);
        residual = residual == null ? null : NATIVE.cast(residual);
        float least = steps.bounds() == null
                ? Float.NEGATIVE_INFINITY
                : steps.bounds().min();
        float greatest = steps.bounds() == null
                ? Float.POSITIVE_INFINITY
                : steps.bounds().max();
        int whole = F32.loopBound(columns);
        for (int j = 0; j < whole; j += LANES) {
            long i = (long) j * Float.BYTES;
            FloatVector v = FLOATS.cast(FloatVector.fromMemorySegment(F32, c, at + i, ORDER))
                    .mul(scale);
            if (scales != null) {
                v = v.mul(FloatVector.fromMemorySegment(F32, scales, column + i, ORDER));
            }
            if (addends != null) {
                v = v.add(FloatVector.fromMemorySegment(F32, addends, column + i, ORDER));
            }
            if (residual != null) {
                v = v.add(FloatVector.fromMemorySegment(F32, residual, at + i, ORDER));
            }
            v = FLOATS.cast(v);
            v = v.blend(least, v.compare(VectorOperators.LT, least));
            v.blend(greatest, v.compare(VectorOperators.GT, greatest)).intoMemorySegment(c, at + i, ORDER);
        }
        for (int j = whole; j < columns; j++) {
            long i = (long) j * Float.BYTES;
            float v = c.get(SCALAR, at + i) * scale * (scales == null ? 1 : scales.get(SCALAR, column + i));
            v += addends == null ? NOTHING : addends.get(SCALAR, column + i);
            v += residual == null ? NOTHING : residual.get(SCALAR, at + i);
            v = v < least ? least : v;
            c.set(SCALAR, at + i, v > greatest ? greatest : v);
        }
    }

    @Override
    public long scratchBytes() {
        return rest == null ? 0 : rest.scratchBytes();
    }

    @Override
    public TileEpilogue withScratchAt(long base) {
        return rest == null ? this : new ScaledStore(steps, rest.withScratchAt(base));
    }
}
