package dev.tenon.kernel.vector.reduce;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.kernel.vector.PlainLoops;
import dev.tenon.kernel.vector.PlainRows;
import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.testkit.Closeness;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The scalar loops of reductions have the same bits as the vector loops. */
@Tag("vector")
class PlainReductionsTest extends PlainLoops {
    private static final int LANES = SimdSpecies.LANES;

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 4, 5, 24, 79})
    void sums(int vectors) {
        MemorySegment x = memory(vectors * LANES);
        MemorySegment scratch = memory(LANES);
        long end = x.byteSize();
        assertThat(PlainRows.sum(x, 0, end)).isEqualTo(RowReductions.sumVectors(x, 0, end, scratch));
        assertThat(PlainRows.sumOfDeviations(x, 0, end, 0.3f))
                .isEqualTo(RowReductions.deviationVectors(x, 0, end, 0.3f, scratch));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 4, 7, 15, 16, 17, 49, 81, 196, 256})
    void averagesOfPlanes(int elements) {
        int planes = 5;
        MemorySegment x = memory(planes * elements + LANES);
        MemorySegment scratch = memory(LANES);
        compare(memory(planes + 2), z -> ShortRowSums.vectors(x, 0, planes, elements, elements, z, 4), z -> {
            for (int i = 0; i < planes; i++) {
                long at = (long) i * elements * Float.BYTES;
                z.setAtIndex(F32, i + 1, ShortRowSums.plain(x, at, elements, elements, scratch));
            }
        });
    }

    /** More runs than one inner loop takes, with the last ones beyond the last whole vector of memory. */
    @Test
    @Tag("widest")
    void averagesOfMoreRunsThanOneLoopTakes() {
        int length = 3;
        int runs = 2 * ShortRowSums.MAX_ROWS + 5;
        int first = 2;
        float[] elements = new float[runs * length];
        for (int i = 0; i < elements.length; i++) {
            elements[i] = i / length + i % length;
        }
        MemorySegment x = Arena.ofAuto().allocate((long) elements.length * Float.BYTES, Long.BYTES);
        MemorySegment.copy(elements, 0, x, F32, 0, elements.length);
        MemorySegment y = Arena.ofAuto().allocate((long) runs * Float.BYTES, Long.BYTES);
        new ShortRowSums(length, length).sums(x, 0, first, runs, y, memory(length + 2 * LANES));
        float[] expected = new float[runs];
        for (int i = first; i < runs; i++) {
            expected[i] = i + 1;
        }
        Closeness.requireEqual("sums of runs", y.toArray(F32), expected);
    }
}
