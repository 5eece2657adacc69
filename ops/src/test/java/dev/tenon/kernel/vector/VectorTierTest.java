package dev.tenon.kernel.vector;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.kernel.Caches;
import dev.tenon.testkit.Profile;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The vector tier works where tests of it run. */
@Tag("vector")
@Tag("short")
class VectorTierTest {
    @Test
    void works() {
        assertThat(VectorTier.check()).isNull();
        assertThat(VectorTier.checkAnswer()).isNull();
    }

    @Test
    void numbersAreThoseOfTheSpecies() {
        assertThat(SimdSpecies.Floats.F32.length()).isEqualTo(SimdSpecies.LANES);
        assertThat(SimdSpecies.Floats.F32.vectorBitSize()).isEqualTo(SimdSpecies.BITS);
        assertThat(SimdSpecies.Integers.I32.length()).isEqualTo(SimdSpecies.LANES);
        assertThat(SimdSpecies.Bytes.I8.length()).isGreaterThanOrEqualTo(SimdSpecies.LANES);
    }

    @ParameterizedTest
    @CsvSource({
        "512, '', 512",
        "256, '', 256",
        "128, '', 128",
        "1024, '', 512",
        "512, avx512, 512",
        "256, avx512, 256",
        "512, avx2, 256",
        "256, avx2, 256",
        "128, avx2, 128",
        "512, sse, 128",
        "256, sse, 128",
        "512, neon, 128",
        "128, neon, 128"
    })
    void widthsAreCapped(int preferred, String most, int bits) {
        assertThat(SimdSpecies.bits(preferred, most)).isEqualTo(bits);
    }

    @ParameterizedTest
    @CsvSource({"amd64, 128, true", "x86_64, 128, true", "amd64, 256, false", "amd64, 512, false", "aarch64, 128, false"
    })
    void olderProcessorsLackAFusedMultiplyAdd(String architecture, int preferred, boolean lacks) {
        assertThat(VectorTier.lacksMultiplyAdd(architecture, preferred)).isEqualTo(lacks);
    }

    @ParameterizedTest
    @CsvSource({
        "'mixed mode, sharing', false",
        "'mixed mode', false",
        "'mixed mode, emulated-client, sharing', true",
        "'interpreted mode, sharing', true",
        "'', false"
    })
    void someJvmsRunWithoutTheirOptimizingCompiler(String info, boolean lacks) {
        assertThat(VectorTier.lacksOptimizer(info)).isEqualTo(lacks);
    }

    @Test
    void theWidthIsTheOneThatTheRunAskedFor() {
        int preferred = jdk.incubator.vector.VectorShape.preferredShape().vectorBitSize();
        Profile profile = Profile.ofThisRun();
        assertThat(SimdSpecies.BITS)
                .isEqualTo(
                        profile == null
                                ? Math.min(preferred, 512)
                                : profile.capabilities().vectorBits());
        assertThat(VectorTier.capabilities(Caches.TYPICAL).vectorBits()).isEqualTo(SimdSpecies.BITS);
    }
}
