package dev.tenon.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Keeps the elements of finished blocks within bounds, and does nothing else, so that a kernel may do it where it stores
 * them.
 *
 * @param least what smaller elements become
 * @param greatest what greater ones become; NaN stays
 */
public record Bounds(float least, float greatest) implements TileEpilogue {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;

    @Override
    public void apply(
            MemorySegment c,
            long byteOffset,
            int rows,
            int columns,
            long ldc,
            MemorySegment[] operands,
            MemorySegment scratch) {
        for (int row = 0; row < rows; row++) {
            long at = byteOffset + row * ldc * Float.BYTES;
            for (long end = at + (long) columns * Float.BYTES; at < end; at += Float.BYTES) {
                c.set(F32, at, of(c.get(F32, at)));
            }
        }
    }

    @Override
    public Bounds bounds() {
        return this;
    }

    /**
     * A number within the bounds.
     *
     * @param value any number
     * @return the nearest one within the bounds, NaN for NaN
     */
    public float of(float value) {
        float low = value < least ? least : value;
        return low > greatest ? greatest : low;
    }
}
