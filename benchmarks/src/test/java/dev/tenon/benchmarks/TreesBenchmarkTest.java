package dev.tenon.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tenon.benchmarks.cases.Agreement;
import dev.tenon.benchmarks.cases.BenchmarkCase;
import dev.tenon.benchmarks.engine.Engines;
import dev.tenon.benchmarks.trees.TreesCase;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TreesBenchmarkTest {
    @ParameterizedTest
    @CsvSource({"xgb-5x3, 1, xgboost", "xgb-5x3, 7, xgboost", "lgb-5x7, 1, lightgbm", "lgb-5x7, 7, lightgbm"})
    void enginesAgree(String forest, int rows, String tool) {
        BenchmarkCase c = TreesCase.of(forest, rows, 1);
        assertThat(c.engines()).containsExactly(Engines.TENON, Engines.ONNXRUNTIME, tool, Engines.JPMML);
        Map<String, Agreement> agreements = Agreement.of(
                c,
                c.engines().stream()
                        .filter(e -> !e.equals(Engines.TENON) && Engines.absence(e) == null)
                        .toList());
        assertThat(agreements).containsKeys(Engines.ONNXRUNTIME, tool);
        assertThat(agreements.values())
                .allSatisfy(a -> assertThat(a.holds(c)).as("%s", a).isTrue());
    }

    @ParameterizedTest
    @ValueSource(strings = {"xgb", "xgb-0x3", "cat-5x3", "xgb-5x3x"})
    void otherNamesAreRefused(String forest) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TreesCase.of(forest, 1, 1))
                .withMessageContaining(forest);
    }

    @Test
    void onlyTheLargestCallsHaveSeveralThreads() {
        List<Map<String, String>> all = new ArrayList<>();
        for (String rows : List.of("1", "1000")) {
            for (String threads : List.of("1", "2")) {
                all.add(Map.of("forest", "xgb-5x3", "rows", rows, "threads", threads));
            }
        }
        assertThat(TreesCase.listed(all)).containsExactly(all.get(0), all.get(2), all.get(3));
        assertThat(TreesCase.of("xgb-5x3", 1000, 2).engines()).doesNotContain(Engines.JPMML);
    }

    @Test
    void jpmmlIsFetchedWhenAskedFor() {
        assertThat(System.getProperty("tenon.jpmml")).isNull();
        assertThat(Engines.absence(Engines.JPMML)).contains("--jpmml");
    }

    @Test
    void otherSizesAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> TreesCase.of("xgb-5x3", 0, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> TreesCase.of("xgb-5x3", 1, 0));
    }
}
