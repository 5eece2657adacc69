package dev.tenon.kernel.scalar.elementwise;

import dev.tenon.kernel.elementwise.BinaryLoop;
import dev.tenon.kernel.elementwise.RoundedRange;
import dev.tenon.kernel.elementwise.TernaryLoop;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Scalar loops that scale float32 numbers, round them to integers and limit these, as quantising does. */
public final class ScalarRounding {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;

    private ScalarRounding() {}

    /**
     * {@code round(a b)}, limited.
     *
     * @param range what becomes of a product
     * @return the loop
     */
    public static BinaryLoop ofProducts(RoundedRange range) {
        float low = range.low();
        float high = range.high();
        float off = range.off();
        float factor = range.factor();
        return (a, aAt, aStep, b, bAt, bStep, y, yAt, n) -> {
            for (int i = 0; i < n; i++) {
                float q = get(a, aAt, aStep * i) * get(b, bAt, bStep * i);
                y.set(F32, yAt + (long) i * Float.BYTES, (rounded(q, low, high) - off) * factor);
            }
        };
    }

    /**
     * {@code round(min(a b, c))}, limited. NaN stays NaN before it is rounded.
     *
     * @param range what becomes of the lesser number
     * @return the loop
     */
    public static TernaryLoop ofBoundedProducts(RoundedRange range) {
        return (a, aAt, b, bAt, c, cAt, steps, y, yAt, n) -> {
            for (int i = 0; i < n; i++) {
                float q = get(a, aAt, TernaryLoop.step(steps, 0) * i) * get(b, bAt, TernaryLoop.step(steps, 1) * i);
                float least = Math.min(q, get(c, cAt, TernaryLoop.step(steps, 2) * i));
                float limited = rounded(least, range.low(), range.high()) - range.off();
                y.set(F32, yAt + (long) i * Float.BYTES, limited * range.factor());
            }
        };
    }

    /**
     * {@code round(a / b)}, limited.
     *
     * @param range what becomes of a quotient
     * @return the loop
     */
    public static BinaryLoop ofQuotients(RoundedRange range) {
        float low = range.low();
        float high = range.high();
        float off = range.off();
        float factor = range.factor();
        return (a, aAt, aStep, b, bAt, bStep, y, yAt, n) -> {
            for (int i = 0; i < n; i++) {
                float q = get(a, aAt, aStep * i) / get(b, bAt, bStep * i);
                y.set(F32, yAt + (long) i * Float.BYTES, (rounded(q, low, high) - off) * factor);
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
