package dev.tenon.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.testkit.Profile;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class RatiosTest {
    /** Lanes and speeds of each profile, with and without its machine code. */
    @ParameterizedTest
    @CsvSource({
        "X86_64, 1, 6, false",
        "HASWELL, 8, 40, true",
        "ALDER_LAKE, 8, 40, true",
        "SKYLAKE_X, 8, 40, false",
        "CASCADE_LAKE, 16, 64, true",
        "ZEN4, 16, 64, true",
        "ZEN5, 16, 64, true",
        "SAPPHIRE_RAPIDS, 16, 64, true",
        "NEOVERSE_N1, 4, 20, false",
        "NEOVERSE_V1, 8, 40, false"
    })
    void followFromInstructions(Profile profile, int lanes, double speed, boolean multipliesBytes) {
        Ratios ratios = profile.capabilities().ratios();
        assertThat(ratios.lanes()).isEqualTo(lanes);
        assertThat(ratios.multiplyAddsPerNano()).isEqualTo(speed);
        assertThat(ratios.nanos(speed)).isEqualTo(1);
        assertThat(profile.capabilities().multipliesBytes()).isEqualTo(multipliesBytes);
        assertThat(profile.machineCode().multipliesBytes()).isEqualTo(multipliesBytes);
    }

    /** Caches are measured, so nothing that may change bits follows from them. */
    @ParameterizedTest
    @EnumSource
    void doNotDependOnCaches(Profile profile) {
        Capabilities machine = profile.capabilities();
        assertThat(machine.withCaches(new Caches(1 << 14, 1 << 17, 0)).ratios()).isEqualTo(machine.ratios());
    }
}
