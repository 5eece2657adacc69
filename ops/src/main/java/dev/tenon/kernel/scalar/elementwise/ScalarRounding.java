package dev.tenon.kernel.scalar.elementwise;

import dev.tenon.kernel.elementwise.BinaryLoop;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Scalar loops that scale float32 numbers, round them to integers and limit these, as quantising does. */
public final class ScalarRounding {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;

    private ScalarRounding() {}

    /**
     * {@code round(a b)}, limited, less a number. NaN becomes the lower limit.
     *
     * @param low the lower limit, an integer
     * @param high the upper limit, an integer
     * @param off the number that is taken off, an integer
     * @return the loop
     */
    public static BinaryLoop ofProducts(float low, float high, float off) {
        return (a, aAt, aStep, b, bAt, bStep, y, yAt, n) -> {
            for (int i = 0; i < n; i++) {
                float q = get(a, aAt, i) * get(b, bAt, bStep * i);
                y.set(F32, yAt + (long) i * Float.BYTES, rounded(q, low, high) - off);
            }
        };
    }

    /**
     * {@code round(a / b)}, limited, less a number. NaN becomes the lower limit.
     *
     * @param low the lower limit, an integer
     * @param high the upper limit, an integer
     * @param off the number that is taken off, an integer
     * @return the loop
     */
    public static BinaryLoop ofQuotients(float low, float high, float off) {
        return (a, aAt, aStep, b, bAt, bStep, y, yAt, n) -> {
            for (int i = 0; i < n; i++) {
                float q = get(a, aAt, i) / get(b, bAt, bStep * i);
                y.set(F32, yAt + (long) i * Float.BYTES, rounded(q, low, high) - off);
            }
        };
    }

    private static float get(MemorySegment m, long at, int i) {
        return m.get(F32, at + (long) i * Float.BYTES);
    }

    private static float rounded(float q, float low, float high) {
        // NaN fails the comparison. A negative zero becomes a positive one, as integers have no other.
        return (float) Math.rint(q >= low ? Math.min(q, high) : low) + 0f;
    }
}
