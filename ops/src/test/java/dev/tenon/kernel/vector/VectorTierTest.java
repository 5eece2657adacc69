package dev.tenon.kernel.vector;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The vector tier works where tests of it run. */
@Tag("vector")
class VectorTierTest {
    @Test
    void works() {
        assertThat(VectorTier.check()).isNull();
        assertThat(VectorTier.checkAnswer()).isNull();
    }

    @Test
    void numbersAreThoseOfTheSpecies() {
        assertThat(VectorShape.Floats.F32.length()).isEqualTo(VectorShape.LANES);
        assertThat(VectorShape.Floats.F32.vectorBitSize()).isEqualTo(VectorShape.BITS);
        assertThat(VectorShape.Integers.I32.length()).isEqualTo(VectorShape.LANES);
        assertThat(VectorShape.Bytes.I8.length()).isGreaterThanOrEqualTo(VectorShape.LANES);
    }
}
