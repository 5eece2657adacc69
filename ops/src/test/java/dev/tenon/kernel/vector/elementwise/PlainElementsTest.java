package dev.tenon.kernel.vector.elementwise;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.kernel.vector.PlainLoops;
import dev.tenon.kernel.vector.PlainMath;
import dev.tenon.kernel.vector.PlainRows;
import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The scalar element-wise loops have the same bits as the vector loops. */
@Tag("vector")
class PlainElementsTest extends PlainLoops {
    private static final int LANES = SimdSpecies.LANES;

    @Test
    void gelu() {
        float[] x = arguments(10_007, Float.POSITIVE_INFINITY);
        MemorySegment in = Arena.ofAuto().allocate(x.length * (long) Float.BYTES, 64);
        MemorySegment.copy(x, 0, in, F32, 0, x.length);
        MemorySegment expected = copy(in);
        MemorySegment found = copy(in);
        VectorUnary.geluVectors(in, 0, expected, 0, x.length);
        PlainRows.gelu(in, 0, found, 0, x.length);
        assertThat(bits(found)).isEqualTo(bits(expected));
        assertThat(PlainMath.gelu(Float.NaN)).isNaN();
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 8, 64, 132, 1024})
    void sums(int vectors) {
        int n = vectors * LANES;
        MemorySegment a = memory(n);
        MemorySegment b = memory(n);
        MemorySegment y = memory(n);
        compare(y, z -> VectorBinary.addDense(a, 0, b, 0, z, 0, n), z -> PlainRows.add(a, 0, 1, b, 0, 1, z, 0, n));
        compare(y, z -> VectorBinary.add(a, 0, 1, b, 4, 0, z, 0, n), z -> PlainRows.add(a, 0, 1, b, 4, 0, z, 0, n));
    }
}
