package dev.tenon.kernel.vector.norm;

import dev.tenon.kernel.vector.PlainLoops;
import dev.tenon.kernel.vector.PlainRows;
import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The scalar loops of normalisation have the same bits as the vector loops. */
@Tag("vector")
class PlainNormTest extends PlainLoops {
    private static final int LANES = SimdSpecies.LANES;

    @ParameterizedTest
    @ValueSource(ints = {4, 8, 64, 132, 1024})
    void rows(int vectors) {
        int n = vectors * LANES;
        MemorySegment a = memory(n);
        MemorySegment b = memory(n);
        MemorySegment y = memory(n);
        compare(
                y,
                z -> VectorNorm.scaleAndShiftVectors(a, z, 0, b, y, 0.2f, 1.7f, n * (long) Float.BYTES),
                z -> PlainRows.shift(a, z, 0, b, y, 0.2f, 1.7f, n));
        compare(
                y,
                z -> VectorSumNorm.addVectors(a, 0, b, 0, z, 0, n * (long) Float.BYTES),
                z -> PlainRows.add(a, 0, 1, b, 0, 1, z, 0, n));
    }
}
