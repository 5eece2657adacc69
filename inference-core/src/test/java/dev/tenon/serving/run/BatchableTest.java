package dev.tenon.serving.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.Model;
import dev.tenon.Outputs;
import dev.tenon.Session;
import dev.tenon.SessionOptions;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.fixtures.SmallModels;
import dev.tenon.serving.BatchOptions;
import dev.tenon.serving.NotBatchableException;
import dev.tenon.serving.batch.Batcher;
import dev.tenon.serving.versions.Compare;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.MapDatum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorSequence;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
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
    void aPerceptronIsBatchableToTheBit() {
        Session session = session(SmallModels.perceptron());
        Batcher exact = Batcher.of(session, OPTIONS);
        assertThat(exact.statistics().toTheBit()).isTrue();
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

    /** Small problems: the choice between vector and scalar loops must not depend on the number of rows. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "32 | %w = const f32[32,10] @w32x10; %y = MatMul(%x, %w)",
                "32 | %w = const f32[10,32] @w10x32; %b = const f32[10] @b10; %y = Gemm<transB=1>(%x, %w, %b)",
                "3 | %w = const f32[3,2] @w3x2; %y = MatMul(%x, %w)",
                "64 | %w = const f32[64,64] @w64x64; %p = MatMul(%x, %w); %y = Add(%p, %x)",
                "48 | %w = const f32[48,1] @w48x1; %y = MatMul(%x, %w)",
                "600 | %w = const f32[600,1] @w600x1; %y = MatMul(%x, %w)",
                "2500 | %w = const f32[2500,1] @w2500x1; %y = MatMul(%x, %w)",
                "10 | %y = LogSoftmax<axis=-1>(%x)",
                "40 | %y = LogSoftmax<axis=-1>(%x)",
                "7 | %y = Softmax<axis=-1>(%x)",
                "5 | %a = Softplus(%x); %b = Softsign(%a); %c = Elu(%b); %d = Selu(%c); %e = Celu(%d); %y = Mish(%e)",
                "30 | %a = const i64[1] {1}; %y = ReduceMean<keepdims=0>(%x, %a)",
                "30 | %a = const i64[1] {1}; %y = ReduceLogSumExp<keepdims=1>(%x, %a)",
                "30 | %a = const i64[] {1}; %y = CumSum(%x, %a)",
                "2,5,5 | %y = AveragePool<kernel_shape=[3, 3]>(%x)",
                "3,4,4 | %y = GlobalAveragePool(%x)",
                "3,4,4 | %w = const f32[3,1,3,3] @w3x1x3x3; %y = Conv<group=3, pads=[1, 1, 1, 1]>(%x, %w)",
                "3,4,4 | %w = const f32[4,3,1,1] @w4x3x1x1; %y = Conv(%x, %w)",
                "1,4,4 | %w = const f32[1,2,3,3] @w1x2x3x3; %y = ConvTranspose(%x, %w)",
                "40 | %y = HardSwish(%x)",
                "40 | %y = HardSigmoid<alpha=0.3f, beta=0.4f>(%x)",
                "40 | %f = const f32[] {1.7}; %t = const f32[] {0.3}; %h = HardSwish(%x); %m = Mul(%h, %f); %y = Add(%m, %t)",
                "40 | %f = const f32[] {1.7}; %t = const f32[] {0.3}; %m = Mul(%x, %f); %y = Add(%m, %t)",
                "40 | %e = const f32[] {2.5}; %a = Abs(%x); %y = Pow(%a, %e)",
                "40 | %a = Gelu(%x); %b = Sigmoid(%a); %c = Tanh(%b); %d = Exp(%c); %f = Log(%d); %y = Erf(%f)",
                "20 | %w = const f32[20] @w20; %b = const f32[20] @b20; %y = LayerNormalization(%x, %w, %b)",
                "20 | %w = const f32[20] @w20; %y = RMSNormalization(%x, %w)",
                "2,5,5 | %w = const f32[2] @w2; %b = const f32[2] @b2; %y = InstanceNormalization(%x, %w, %b)",
                "4,5,5 | %w = const f32[4] @w4; %b = const f32[4] @b4; %y = GroupNormalization<num_groups=2>(%x, %w, %b)",
                "2,3,3 | %s = const f32[4] {1, 1, 2, 2}; %y = Resize<mode=\"linear\">(%x, _, %s)",
                "2,5,5 | %w = const f32[16,2,3,3] @w16x2x3x3; %c = Conv<pads=[1, 1, 1, 1]>(%x, %w); %y = Relu(%c)",
                "2,5,4 | %y = Softmax<axis=1>(%x)",
                "4,8 | %w = const f32[8,8] @w8x8; %q = MatMul(%x, %w); %t = Transpose<perm=[0, 2, 1]>(%x); "
                        + "%s = MatMul(%q, %t); %p = Softmax<axis=-1>(%s); %y = MatMul(%p, %x)",
                "2,4,8 | %t = Transpose<perm=[0, 1, 3, 2]>(%x); %y = MatMul(%x, %t)",
                "2,9,3 | %t = Transpose<perm=[0, 1, 3, 2]>(%x); %y = MatMul(%t, %x)",
            })
    void smallProblemsKeepTheirBits(String dims, String nodes) {
        String graph = "graph small(%x: f32[n," + dims + "]) {\n" + nodes.replace("; ", "\n") + "\nreturn %y\n}\n";
        Session session = session(graph);
        BatchOptions options = BatchOptions.standard().maxRows(64);
        assertThat(Batcher.of(session, options).statistics().toTheBit())
                .as(graph)
                .isTrue();
    }

    /** A query of many keys: parts of the keys are summed by themselves, so that threads share them. */
    @Test
    void aLongAttentionKeepsItsBits() {
        Session session = session("""
            graph decode(%q: f32[n,1,1,64], %k: f32[n,1,6000,64], %v: f32[n,1,6000,64]) {
              %y = Attention(%q, %k, %v)
              return %y
            }
            """);
        assertThat(Batcher.of(session, BatchOptions.standard().maxRows(16))
                        .statistics()
                        .toTheBit())
                .isTrue();
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

    /** A pipeline as scikit-learn exports it: categories as strings, numbers, a classifier, a map for each row. */
    private static final String PIPELINE = """
        graph pipeline(%town: string[n,1], %age: f32[n,1]) {
          %hot = ai.onnx.ml.OneHotEncoder<cats_strings=["Bonn", "Ulm", "Köln"], zeros=1>(%town)
          %flat = const i64[2] {-1, 3}
          %towns = Reshape(%hot, %flat)
          %x = Concat<axis=1>(%towns, %age)
          %label, %raw = ai.onnx.ml.LinearClassifier<classlabels_strings=["no", "yes"], coefficients=[0.5f, -0.25f, 1.5f, -0.125f, -0.5f, 0.25f, -1.5f, 0.125f], intercepts=[0.75f, -0.75f], post_transform="LOGISTIC">(%x)
          %scores = ai.onnx.ml.Normalizer<norm="L1">(%raw)
          %maps = ai.onnx.ml.ZipMap<classlabels_strings=["no", "yes"]>(%scores)
          return %label, %maps
        }
        """;

    private static Map<String, Tensor> person(String town, float age) {
        return Map.of("town", Tensor.of(new String[] {town}, 1, 1), "age", Tensor.of(new float[] {age}, 1, 1));
    }

    private static List<Outcome> compute(ListRun runs, List<Map<String, Tensor>> calls) {
        return runs.compute(
                calls.stream().map(c -> (Supplier<Map<String, Tensor>>) () -> c).toList());
    }

    @Test
    void stringsAndMapsAreRows() throws Exception {
        Session session = session(PIPELINE);
        ListRun runs = new ListRun(session, OPTIONS.slots(1));
        assertThat(runs.statistics().toTheBit()).isTrue();
        List<Map<String, Tensor>> calls = new ArrayList<>();
        for (String town : List.of("Bonn", "Ulm", "Köln", "Rome", "")) {
            calls.add(person(town, 10 * calls.size()));
        }
        calls.add(Map.of(
                "town",
                Tensor.of(new String[] {"Ulm", "Köln"}, 2, 1),
                "age",
                Tensor.of(new float[] {Float.NaN, 50}, 2, 1)));
        List<Outcome> together = compute(runs, calls);
        assertThat(runs.statistics().mergedRuns()).isOne();
        for (int i = 0; i < calls.size(); i++) {
            Outputs alone = session.predict(calls.get(i));
            Outputs found = together.get(i).get();
            TensorSequence maps = (TensorSequence) found.get("maps");
            assertThat(maps.size()).isEqualTo(i == 5 ? 2 : 1);
            assertThat(RowComparison.equal(found, 0, alone)).isTrue();
            assertThat(RowComparison.equal(alone, 0, found)).isTrue();
            assertThat(Compare.tolerance(0).difference(alone, found)).isZero();
        }
        Outputs first = together.getFirst().get();
        Outputs second = together.get(1).get();
        assertThat(RowComparison.equal(first, 0, second)).isFalse();
        assertThat(Compare.tolerance(0).difference(first, second)).isInfinite();
        assertThat(Compare.largest(0).difference(first, second)).isEqualTo(1);
        // A caller may write into its outputs; its mates keep theirs.
        MapDatum map = (MapDatum) ((TensorSequence) first.get("maps")).get(0);
        ((Tensor) map.get("yes").orElseThrow()).setDouble(0, 7);
        map.keys().setString(0, "changed");
        assertThat(RowComparison.equal(second, 0, session.predict(calls.get(1))))
                .isTrue();
    }

    @Test
    void sequencesWithoutARowForEachCallAreRefused() {
        Session session = session("""
            graph parts(%x: f32[n,4]) {
              %s = SplitToSequence<axis=1, keepdims=0>(%x)
              return %s
            }
            """);
        assertThatThrownBy(() -> Batcher.of(session, OPTIONS))
                .isInstanceOf(NotBatchableException.class)
                .hasMessageContaining("output 's'")
                .hasMessageContaining("of 4 for 2 rows");
        assertThatThrownBy(() ->
                        Batcher.of(session("""
                            graph padded(%x: f32[n,words]) {
                              %s = SplitToSequence<axis=0, keepdims=0>(%x)
                              return %s
                            }
                            """), OPTIONS.withinNumerics().pad(1, Map.of("x", 0.0))))
                .isInstanceOf(NotBatchableException.class)
                .hasMessageContaining("do not pad");
    }

    @Test
    void sequencesOfTensorsAreRows() throws Exception {
        Session session = session("""
            graph rows(%x: f32[n,4]) {
              %s = SplitToSequence<axis=0, keepdims=0>(%x)
              return %s
            }
            """);
        ListRun runs = new ListRun(session, OPTIONS.slots(1));
        List<Map<String, Tensor>> calls =
                List.of(Map.of("x", SmallModels.random(2, 4)), Map.of("x", SmallModels.random(3, 4)));
        List<Outcome> together = compute(runs, calls);
        for (int i = 0; i < calls.size(); i++) {
            TensorSequence rows = (TensorSequence) together.get(i).get().get("s");
            assertThat(rows.size()).isEqualTo(2 + i);
            assertThat(RowComparison.equal(together.get(i).get(), 0, session.predict(calls.get(i))))
                    .isTrue();
        }
        assertThat(runs.statistics().mergedRuns()).isOne();
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
        ListRun runs = new ListRun(
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
        List<Outcome> together = compute(runs, calls);
        for (int i = 0; i < calls.size(); i++) {
            Outputs alone = session.predict(calls.get(i));
            Outputs found = together.get(i).get();
            assertThat(found.tensor("words").dims()).containsExactly(1, i + 1, 3);
            assertThat(found.tensor("words").contentEquals(alone.tensor("words")))
                    .isTrue();
            Compare compare = Compare.tolerance(i * DType.FLOAT32.epsilon());
            assertThat(compare.difference(alone, found)).isLessThanOrEqualTo(compare.tolerance());
        }
        assertThat(runs.statistics().mergedRuns()).isOne();
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
