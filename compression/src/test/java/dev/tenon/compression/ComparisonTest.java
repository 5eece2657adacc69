package dev.tenon.compression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.Model;
import dev.tenon.compression.compare.Comparison;
import dev.tenon.compression.compare.ComparisonReport;
import dev.tenon.compression.metric.Confidence;
import dev.tenon.compression.metric.Verdict;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.graph.GraphText;
import dev.tenon.graph.control.StandardOperators;
import dev.tenon.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ComparisonTest {
    private static Model model(String text) {
        return Model.of(GraphText.parse("graph g" + text, StandardOperators.set()));
    }

    private static final Model RIGHT = model("(%x: f32[n,2]) { %y = Identity(%x) return %y }");

    /** Takes class 0 where the first element is below -1. Its names are others. */
    private static final Model WRONG = model("(%in: f32[n,2]) { %out = Abs(%in) return %out }");

    /** Samples of class 1, of which the second model takes some for class 0. */
    private static Comparison comparison(Model a, Model b, int samples, int wrong) {
        List<Map<String, Tensor>> calls = new ArrayList<>();
        for (int i = 0; i < samples; i++) {
            calls.add(Map.of(a.inputs().getFirst().name(), Tensor.of(new float[] {i < wrong ? -2 : 0.5f, 1}, 1, 2)));
        }
        long[] labels = new long[samples];
        Arrays.fill(labels, 1);
        return Comparison.of(a, b)
                .on(Samples.of(calls))
                .metrics(Metric.accuracy(Tensor.of(labels)), Metric.macroF1(Tensor.of(labels)));
    }

    private static Verdict verdict(Comparison comparison) {
        ComparisonReport report = comparison.run(Progress.ignored());
        return report.verdict(report.scores().getFirst());
    }

    @Test
    void twoModelsOfOtherNamesAreJudgedOnTheSameSamples() {
        ComparisonReport report = comparison(RIGHT, WRONG, 200, 10).run(Progress.ignored());
        Score accuracy = report.scores().getFirst();
        assertThat(accuracy.before()).isEqualTo(1);
        assertThat(accuracy.after()).isEqualTo(0.95);
        assertThat(accuracy.interval()).isEqualTo(new Confidence(0.95, 0, true).ofPairs(10, 0, 200));
        assertThat(report.scores()).extracting(Score::metric).containsExactly("top1", "f1");
        assertThat(report.toJson())
                .startsWith(
                        "{\"floor\":null,\"floor_met\":null,\"seed\":0,\"metrics\":[{\"name\":\"top1\",\"before\":1.0,"
                                + "\"after\":0.95,\"samples\":200,\"disagreements\":10,")
                .contains("\"confidence\":0.95,\"demanded\":true},\"verdict\":\"worse\"}");
    }

    @Test
    void verdictsFollowTheInterval() {
        assertThat(verdict(comparison(RIGHT, WRONG, 200, 10))).isEqualTo(Verdict.WORSE);
        assertThat(verdict(comparison(WRONG, RIGHT, 200, 10))).isEqualTo(Verdict.BETTER);
        assertThat(verdict(comparison(RIGHT, WRONG, 200, 1))).isEqualTo(Verdict.NO_DIFFERENCE);
        // The interval of 10 lost of 200 is 0.024 to 0.088.
        assertThat(verdict(comparison(RIGHT, WRONG, 200, 10).floor(0.1))).isEqualTo(Verdict.WITHIN_FLOOR);
        assertThat(verdict(comparison(RIGHT, WRONG, 200, 10).floor(0.06))).isEqualTo(Verdict.UNDECIDED);
        assertThat(verdict(comparison(RIGHT, WRONG, 200, 10).floor(0.01))).isEqualTo(Verdict.BEYOND_FLOOR);
        assertThat(verdict(comparison(RIGHT, WRONG, 200, 10).floor(0.085).confidence(0.8)))
                .isEqualTo(Verdict.WITHIN_FLOOR);
        assertThat(comparison(RIGHT, WRONG, 200, 10)
                        .metrics(Metric.cosine())
                        .floor(0.06)
                        .run(Progress.ignored())
                        .isFloorMet())
                .isFalse();
    }

    @Test
    void filesAreJudgedToo(@TempDir Path folder) {
        Path a = folder.resolve("a.onnx");
        Path b = folder.resolve("b.onnx");
        RIGHT.save(a);
        WRONG.save(b);
        Samples one = Samples.of(List.of(Map.of("x", Tensor.of(new float[] {-3, 4}, 1, 2))));
        ComparisonReport report = Comparison.of(a, b).on(one).run(Progress.ignored());
        assertThat(report.scores().getFirst().after()).isEqualTo((-9 + 16) / 25.0);
        assertThat(report.verdict(report.scores().getFirst())).isEqualTo(Verdict.NO_DIFFERENCE);
        assertThat(report.toJson()).contains("\"low\":null,\"high\":null");
    }

    @Test
    void whatDoesNotFitIsNamed() {
        Comparison good = comparison(RIGHT, WRONG, 3, 1);
        assertThatThrownBy(() -> Comparison.of(RIGHT, WRONG).run(Progress.ignored()))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("no samples");
        Model two = model("(%a: f32[n,2], %b: f32[n,2]) { %y = Add(%a, %b) return %y }");
        assertThatThrownBy(() -> comparison(RIGHT, two, 3, 1).run(Progress.ignored()))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("inputs of the model to judge: a, b; allowed x, or as many in this order");
        Metric wrong = Metric.accuracy(Tensor.of(new long[] {0, 1, 7}));
        assertThatThrownBy(() -> good.metrics(wrong).run(Progress.ignored()))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("label 2: class 7");
        assertThatThrownBy(() -> good.metrics()).isInstanceOf(InvalidOptionException.class);
        assertThatThrownBy(() -> good.floor(-1)).isInstanceOf(InvalidOptionException.class);
        assertThatThrownBy(() -> good.confidence(1)).isInstanceOf(InvalidOptionException.class);
    }
}
