package dev.tenon.compression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tenon.Model;
import dev.tenon.graph.GraphText;
import dev.tenon.graph.control.StandardOperators;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;

class EvaluationTest {
    private static Model model(String text) {
        return Model.of(GraphText.parse("graph g" + text, StandardOperators.set()));
    }

    private static final Model BEFORE = model("""
            (%x: f32[batch,2]) {
            %i = Shape(%x) %y = Neg(%i) %a = Neg(%x) %b = Abs(%x) return %i, %a, %b
            }""");

    private static Samples calls(float[]... calls) {
        List<Map<String, Tensor>> all = new ArrayList<>();
        for (float[] call : calls) {
            all.add(Map.of("x", Tensor.of(call, call.length / 2, 2)));
        }
        return Samples.of(all);
    }

    @Test
    void theFirstOutputOfFloatsIsJudgedOrTheNamedOne() {
        Samples samples = calls(new float[] {1, 2}, new float[] {3, -4});
        Evaluation first = new Evaluation(BEFORE, samples, Metric.meanSquaredError());
        assertThat(first.output()).isEqualTo("a");
        Evaluation named =
                new Evaluation(BEFORE, samples, Metric.meanSquaredError().output("b"));
        assertThat(named.output()).isEqualTo("b");
        Model after = model("""
                (%x: f32[batch,2]) {
                %i = Shape(%x) %a = Neg(%x) %b = Neg(%a) return %i, %a, %b
                }""");
        assertThat(first.score(after).loss()).isZero();
        Score score = named.score(after);
        assertThat(score.after()).isCloseTo(64 / 4.0, within(1e-12));
        assertThat(score.samples()).isEqualTo(2);
        for (String name : List.of("i", "none")) {
            assertThatThrownBy(() ->
                            new Evaluation(BEFORE, samples, Metric.cosine().output(name)))
                    .isInstanceOf(CompressionException.class)
                    .hasMessageContaining("no output '" + name + "'")
                    .hasMessageContaining("a, b");
        }
        assertThatThrownBy(() -> new Evaluation(
                        model("(%x: f32[batch,2]) { %i = Shape(%x) return %i }"), samples, Metric.cosine()))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("no output of floating-point numbers");
    }

    @Test
    void anOutputOfAnotherShapeIsAnError() {
        Evaluation evaluation = new Evaluation(BEFORE, calls(new float[] {1, 2}), Metric.cosine());
        Model after = model("(%x: f32[batch,2]) { %ax = const i64[1] {1} %a = ReduceSum(%x, %ax) return %a }");
        assertThatThrownBy(() -> evaluation.score(after))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("output 'a' of the compressed model: f32[1,1]; allowed f32[1,2]");
    }

    @Test
    void positionsThatAMaskLeavesOutDoNotCount() {
        String inputs = "(%x: f32[b,p,2], %attention_mask: i64[b,p]) {\n";
        Model before = model(inputs + "%y = Identity(%x) %m = Identity(%attention_mask) return %y, %m }");
        Model after = model(inputs + "%y = Abs(%x) %m = Identity(%attention_mask) return %y, %m }");
        Map<String, Tensor> call = Map.of(
                "x",
                Tensor.of(new float[] {1, 2, -3, -4}, 1, 2, 2),
                "attention_mask",
                Tensor.of(new long[] {1, 0}, 1, 2));
        Score score = new Evaluation(before, Samples.of(List.of(call)), Metric.cosine()).score(after);
        assertThat(score.after()).isEqualTo(1);
        Map<String, Tensor> all = Map.of("x", call.get("x"), "attention_mask", Tensor.of(new long[] {1, 1}, 1, 2));
        assertThat(new Evaluation(before, Samples.of(List.of(all)), Metric.cosine())
                        .score(after)
                        .after())
                .isCloseTo((5 - 25) / 30.0, within(1e-12));
    }

    @Test
    void aNumberForEachSampleIsARow() {
        Model before = model("(%x: f32[n]) { %y = Identity(%x) return %y }");
        Model after = model("(%x: f32[n]) { %y = Abs(%x) return %y }");
        Samples.Calls calls = new Samples.Calls() {
            @Override
            public long samples() {
                return 4;
            }

            @Override
            public void forEach(java.util.function.Consumer<Samples.Call> action) {
                action.accept(new Samples.Call(Map.of("x", Tensor.of(new float[] {1, -2, 3, -4})), 4));
            }
        };
        Score score = new Evaluation(before, inputs -> calls, Metric.cosine()).score(after);
        assertThat(score.samples()).isEqualTo(4);
        assertThat(score.after()).isZero();
    }

    @Test
    void progressMayEndAnEvaluation() {
        Evaluation evaluation = new Evaluation(
                BEFORE, calls(new float[] {1, 2}, new float[] {3, 4}, new float[] {5, 6}), Metric.cosine());
        List<Double> shares = new ArrayList<>();
        evaluation.score(BEFORE, shares::add);
        assertThat(shares).containsExactly(1 / 3.0, 2 / 3.0, 1.0);
        assertThatThrownBy(() -> evaluation.score(BEFORE, share -> {
                    throw new CancellationException();
                }))
                .isInstanceOf(CancellationException.class);
    }
}
