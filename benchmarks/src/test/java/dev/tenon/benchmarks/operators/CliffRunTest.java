package dev.tenon.benchmarks.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Layers of the scan are operators of the standard that run, whose work is counted as their cost is. */
class CliffRunTest {
    @ParameterizedTest
    @EnumSource(CliffRun.Numbers.class)
    void layersRunAndTheirWorkIsTheirs(CliffRun.Numbers numbers) {
        for (List<CliffRun.Layer> row : CliffRun.rows(numbers, true)) {
            assertThat(row).hasSizeGreaterThan(5);
            CliffRun.Layer layer = row.get(1);
            OperatorCase operator = OperatorText.read("layer", layer.text());
            assertThat(operator.session().predict(operator.inputs())).hasSize(1);
            assertThat(layer.multiplyAdds()).as(layer.text()).isBetween(1L, 1L << 31);
            assertThat(2.0 * layer.multiplyAdds()).as(layer.text()).isLessThanOrEqualTo(1.5 * operator.flops());
        }
    }

    @Test
    void anUnknownArgumentIsRefused() {
        PrintStream none = new PrintStream(PrintStream.nullOutputStream(), false, StandardCharsets.UTF_8);
        assertThatThrownBy(() -> CliffRun.run(none, CliffRun.NAME, "--fast"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("--fast")
                .hasMessageContaining("--quick");
    }
}
