package dev.tenon.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** The figures of a service that no clock decides. */
class ServingRunTest {
    private static String run(String... arguments) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        boolean met = ServingRun.run(new PrintStream(bytes, true, StandardCharsets.UTF_8), arguments);
        String text = bytes.toString(StandardCharsets.UTF_8);
        assertThat(text.contains("SHORT")).isEqualTo(!met);
        return text;
    }

    @Test
    void eachFigureStandsBesideItsBar() {
        String text = run("serving", "--quick", "canary", "drift");
        assertThat(text.lines()).hasSize(4);
        assertThat(text.lines().skip(1)).allMatch(line -> line.endsWith(" met"));
        assertThat(text).contains("5 % +- 0.3, sticky", "found within 3 windows");
    }

    @Test
    void otherWordsAreRefused() {
        assertThatThrownBy(() -> run("serving", "speed"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("saturated|latency|overload|fairness|canary|drift");
    }
}
