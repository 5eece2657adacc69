package dev.tenon.kernel.vector;

import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The scalar functions have the same bits as the vector functions. */
@Tag("vector")
class PlainMathTest extends PlainLoops {
    private static final int LANES = SimdSpecies.LANES;

    @Test
    void exponentials() {
        float[] x = arguments(10_007, 0);
        for (int i = 0; i < x.length; i += LANES) {
            float[] y = new float[LANES];
            VectorMath.flushedExp(FloatVector.fromArray(SimdSpecies.Floats.F32, x, i))
                    .intoArray(y, 0);
            for (int j = 0; j < LANES; j++) {
                float plain = PlainMath.flushedExp(x[i + j]);
                if (Float.floatToRawIntBits(plain) != Float.floatToRawIntBits(y[j])) {
                    throw new AssertionError(x[i + j] + " gives " + plain + " and " + y[j]);
                }
            }
        }
    }
}
