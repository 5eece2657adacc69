package dev.tenon.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.Model;
import dev.tenon.Outputs;
import dev.tenon.Session;
import dev.tenon.SessionOptions;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.fixtures.SmallModels;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Models whose rows can be computed together, and models that are refused, by name and with the cure. */
@Tag("tiers")
class BatchableTest {
    private static final BatchOptions OPTIONS = BatchOptions.standard().maxRows(8);

    private static Session session(Model model) {
        return model.session(SessionOptions.standard().threads(1));
    }

    private static Session session(String graph) {
        return session(SmallModels.model(graph));
    }

    @Test
    void aPerceptronIsBatchableToTheBitOrWithinNumerics() {
        Session session = session(SmallModels.perceptron());
        Batcher exact;
        try {
            exact = Batcher.of(session, OPTIONS);
        } catch (NotBatchableException e) {
            // The vector tier sums rows of a batch in another order than those of a single call.
            assertThat(e).hasMessageContaining("output 'y'").hasMessageContaining("withinNumerics");
            exact = Batcher.of(session, OPTIONS.withinNumerics());
        }
        Map<String, Tensor> inputs = Map.of("x", SmallModels.random(1, 16));
        assertThat(exact.predict(inputs)
                        .tensor("y")
                        .contentEquals(session.predict(inputs).tensor("y")))
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "graph fixed(%x: f32[1,4]) { %y = Relu(%x) return %y } | input 'x' | symbolic",
                "graph none(%x: f32[]) { %y = Relu(%x) return %y } | input 'x' | symbolic",
                "graph across(%x: f32[n,4]) { %y = Softmax<axis=0>(%x) return %y } | output 'y' | differs by",
                "graph turned(%x: f32[n,n]) { %y = Transpose<perm=[1, 0]>(%x) return %y } | no random inputs | samples",
                "graph summed(%x: f32[n,4]) { %a = const i64[1] {0} %y = ReduceSum<keepdims=1>(%x, %a) return %y } "
                        + "| output 'y' | symbolic",
                "graph dql(%x: f32[n,4]) { %q, %s, %z = DynamicQuantizeLinear(%x) %y = DequantizeLinear(%q, %s, %z) "
                        + "return %y } | DynamicQuantizeLinear | range is that of all rows",
            })
    void rowsThatDependOnOthersAreRefused(String graph, String thing, String reason) {
        Session session = session(graph.replace("{ ", "{\n")
                .replace(" %y =", "\n%y =")
                .replace(" return", "\nreturn")
                .replace(" }", "\n}"));
        assertThatThrownBy(() -> Batcher.of(session, OPTIONS))
                .isInstanceOf(NotBatchableException.class)
                .hasMessageContaining(thing)
                .hasMessageContaining(reason);
        assertThatThrownBy(() -> Batcher.of(session, OPTIONS.withinNumerics()))
                .isInstanceOf(NotBatchableException.class);
        assertThat(Batcher.of(session, OPTIONS.maxRows(1)).options().maxRows()).isOne();
    }

    @Test
    void samplesReplaceRandomInputs() {
        Session session = session("""
            graph picked(%i: i64[n]) {
              %table = const f32[3] {1, 2, 3}
              %y = Gather<axis=0>(%table, %i)
              return %y
            }
            """);
        Map<String, Tensor> good = Map.of("i", Tensor.of(new long[] {0, 1, 2}));
        assertThat(Batcher.of(session, OPTIONS.samples(List.of(good)))
                        .statistics()
                        .toTheBit())
                .isTrue();
        Map<String, Tensor> bad = Map.of("i", Tensor.of(new long[] {7}));
        assertThatThrownBy(() -> Batcher.of(session, OPTIONS.samples(List.of(bad))))
                .hasMessageContaining("7");
    }

    /** Attention in short: a row of a text is a mean of its words, weighted by a mask. */
    private static final String MASKED = """
        graph masked(%x: f32[n,words,3], %mask: f32[n,words,1]) {
          %axis = const i64[1] {1}
          %m = Mul(%x, %mask)
          %s = ReduceSum<keepdims=0>(%m, %axis)
          %c = ReduceSum<keepdims=0>(%mask, %axis)
          %y = Div(%s, %c)
          return %y, words=%m
        }
        """;

    @Test
    void paddedCallsAreCutToTheirLength() throws Exception {
        Session session = session(MASKED);
        assertThatThrownBy(() -> Batcher.of(session, OPTIONS.pad(1, Map.of("x", 0.0, "mask", 0.0))))
                .isInstanceOf(InvalidOptionException.class);
        Batcher batcher = Batcher.of(
                session,
                OPTIONS.withinNumerics()
                        .slots(1)
                        .pad(1, Map.of("x", 9.0, "mask", 0.0))
                        .queueRows(100));
        List<Map<String, Tensor>> calls = new ArrayList<>();
        for (int words = 1; words <= 5; words++) {
            float[] ones = new float[words];
            Arrays.fill(ones, 1);
            calls.add(Map.of("x", SmallModels.random(1, words, 3), "mask", Tensor.of(ones, 1, words, 1)));
        }
        List<Outcome> together = batcher.compute(calls);
        for (int i = 0; i < calls.size(); i++) {
            Outputs alone = session.predict(calls.get(i));
            Outputs found = together.get(i).get();
            assertThat(found.tensor("words").dims()).containsExactly(1, i + 1, 3);
            assertThat(found.tensor("words").contentEquals(alone.tensor("words")))
                    .isTrue();
            Compare compare = Compare.tolerance(i * DType.FLOAT32.epsilon());
            assertThat(compare.difference(alone, found)).isLessThanOrEqualTo(compare.tolerance());
        }
        assertThat(batcher.statistics().mergedRuns()).isOne();
    }

    @Test
    void paddingThatLeaksIsRefused() {
        // Without a mask, the padding is a part of the mean.
        Session session = session("""
            graph leaks(%x: f32[n,words,3]) {
              %axis = const i64[1] {1}
              %y = ReduceMean<keepdims=0>(%x, %axis)
              return %y
            }
            """);
        List<Map<String, Tensor>> samples =
                List.of(Map.of("x", SmallModels.random(1, 2, 3)), Map.of("x", SmallModels.random(1, 5, 3)));
        assertThatThrownBy(() -> Batcher.of(
                        session,
                        OPTIONS.withinNumerics().pad(1, Map.of("x", 0.0)).samples(samples)))
                .isInstanceOf(NotBatchableException.class)
                .hasMessageContaining("output 'y'");
    }
}
