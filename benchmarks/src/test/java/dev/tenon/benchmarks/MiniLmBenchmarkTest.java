package dev.tenon.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tenon.benchmarks.cases.Agreement;
import dev.tenon.benchmarks.cases.MiniLmBenchmark;
import dev.tenon.benchmarks.cases.MiniLmCase;
import dev.tenon.benchmarks.engine.Engines;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** One call of each case by both engines. Their hidden states must agree. */
@Tag("vector")
class MiniLmBenchmarkTest {
    private static final int WIDTH = 384;

    static Stream<Map<String, String>> cases() {
        Suite suite = CompareOptionsTest.suite("minilm");
        return suite.combinations(suite::values).stream();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void predicts(Map<String, String> parameters) {
        MiniLmCase benchmark =
                (MiniLmCase) CompareOptionsTest.suite("minilm").caseOf().apply(parameters);
        float[] ours = output(parameters, Engines.TENON);
        float[] peer = output(parameters, Engines.ONNXRUNTIME);
        assertThat(ours).hasSize(benchmark.sentences() * benchmark.tokens() * WIDTH);
        Agreement agreement = Agreement.of(ours, peer);
        assertThat(agreement.holds(benchmark))
                .as("%s: %s", parameters, agreement)
                .isTrue();
    }

    private static float[] output(Map<String, String> parameters, String engine) {
        MiniLmBenchmark.Sentences sentences = new MiniLmBenchmark.Sentences();
        sentences.model = parameters.get("model");
        sentences.shape = parameters.get("shape");
        sentences.threads = Integer.parseInt(parameters.get("threads"));
        sentences.engine = engine;
        sentences.prepare();
        new MiniLmBenchmark().predict(sentences);
        float[] output = sentences.call.output();
        sentences.close();
        return output;
    }

    @Test
    void countsMatrixProducts() {
        double gflop = 1e9;
        double twoDigits = 0.005;
        assertThat(MiniLmCase.of(MiniLmCase.FLOAT, "1x128", 1).flops() / gflop).isCloseTo(2.87, within(twoDigits));
        assertThat(MiniLmCase.of(MiniLmCase.FLOAT, "1x16", 1).flops() / gflop).isCloseTo(0.34, within(twoDigits));
    }

    @ParameterizedTest
    @CsvSource({
        "bert,1x16,1",
        "all-minilm-l6-v2,16,1",
        "all-minilm-l6-v2,0x16,1",
        "all-minilm-l6-v2,1x513,1",
        "all-minilm-l6-v2,1x1,1",
        "all-minilm-l6-v2,1x16,0"
    })
    void refusesParameters(String model, String shape, int threads) {
        assertThatThrownBy(() -> MiniLmCase.of(model, shape, threads)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void namesEnginesItDoesNotKnow() {
        assertThatThrownBy(() -> MiniLmCase.of(MiniLmCase.FLOAT, "1x16", 1).prepare("abacus"))
                .hasMessage("engine 'abacus' is unknown; there are tenon, onnxruntime");
    }
}
