package dev.tenon;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** {@link Tenon#describe()} tells which tiers this platform has. */
@Tag("vector")
class PlatformTest {
    private static String line(String tier) {
        return Tenon.describe()
                .lines()
                .filter(line -> line.startsWith(tier + " "))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void machineCodeIsForOnePlatform() {
        String platform = System.getProperty("os.name") + " on " + System.getProperty("os.arch");
        if (platform.equals("Linux on amd64")) {
            assertThat(line("assembled")).doesNotContain("machine code is for Linux");
        } else {
            assertThat(line("assembled"))
                    .matches("assembled +off +machine code is for Linux on x86-64, this is \\Q" + platform + "\\E");
        }
    }

    @Test
    void activeTiersAreThoseThatAreOn() {
        assertThat(Tenon.activeTiers())
                .contains("vector", "scalar")
                .allSatisfy(tier -> assertThat(line(tier)).matches(tier + " +on .*"));
        assertThat(Tenon.activeTiers().contains("assembled"))
                .isEqualTo(line("assembled").matches("assembled +on .*"));
    }

    /** A run on an emulated processor names the bits of its vectors, so that narrower ones do not pass for them. */
    @Test
    void vectorsHaveTheSizeOfTheProcessor() {
        String bits = System.getProperty("tenon.test.vector.bits", "[0-9]+");
        String registers = System.getProperty("os.arch").equals("aarch64") ? "32" : "(16|32)";
        assertThat(line("vector"))
                .matches("vector +on +Vector API, " + bits + "-bit vectors, " + registers + " registers");
    }
}
