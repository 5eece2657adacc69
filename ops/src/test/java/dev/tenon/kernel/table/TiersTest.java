package dev.tenon.kernel.table;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.kernel.table.Tiers.Status;
import org.junit.jupiter.api.Test;

/** The warning about missing flags names those that help in the case at hand. */
class TiersTest {
    private static final Status CODE = new Status("assembled", true, "x86-64 machine code");
    private static final Status NO_ACCESS = new Status(
            "assembled", false, "native access is denied; start java with --enable-native-access=ALL-UNNAMED");
    private static final Status ELSEWHERE = new Status("assembled", false, "machine code is for Linux on x86-64");
    private static final Status VECTORS = new Status("vector", true, "512-bit vectors");
    private static final Status NO_MODULE =
            new Status("vector", false, "no module; start java with --add-modules jdk.incubator.vector");
    private static final Status OFF = new Status("vector", false, "switched off by -Dtenon.vector=off");

    @Test
    void nothingIsSaidWhereNoFlagHelps() {
        assertThat(Tiers.warning(CODE, VECTORS)).isEmpty();
        assertThat(Tiers.warning(CODE, OFF)).isEmpty();
        assertThat(Tiers.warning(ELSEWHERE, VECTORS)).isEmpty();
        assertThat(Tiers.warning(ELSEWHERE, OFF)).isEmpty();
    }

    @Test
    void theFlagOfTheCaseAtHandIsNamed() {
        assertThat(Tiers.warning(CODE, NO_MODULE))
                .contains("--add-modules jdk.incubator.vector", "steps that have no machine code")
                .doesNotContain("--enable-native-access", "times slower");
        assertThat(Tiers.warning(NO_ACCESS, VECTORS))
                .contains("--enable-native-access", "without machine code, several times slower")
                .doesNotContain("--add-modules");
        assertThat(Tiers.warning(NO_ACCESS, NO_MODULE))
                .contains("--add-modules jdk.incubator.vector", "--enable-native-access", "many times slower");
        assertThat(Tiers.warning(ELSEWHERE, NO_MODULE))
                .contains("--add-modules", "plain Java loops, many times slower")
                .doesNotContain("--enable-native-access");
        assertThat(Tiers.warning(NO_ACCESS, OFF)).contains("--enable-native-access", "plain Java loops");
    }
}
