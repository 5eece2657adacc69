package dev.tenon.compression.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtException;
import dev.tenon.Model;
import dev.tenon.compression.CompressionReport;
import dev.tenon.compression.Compressor;
import dev.tenon.compression.LinearLayer;
import dev.tenon.compression.Progress;
import dev.tenon.compression.Samples;
import dev.tenon.compression.calibrate.Calibration;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphEditor;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** Equalisation and smoothing change no result, and make the ranges of channels more equal. */
class EqualizationTest {
    private static final List<Map<String, Tensor>> IMAGES = Graphs.calls(8, 1, 3, 8, 8);
    private static final List<Map<String, Tensor>> ROWS = Graphs.calls(12, 4, 16);

    /** A bottleneck: expansion, depthwise, projection. Each channel of the first has another range. */
    private static Model bottleneck() {
        Model model = Graphs.model(
                """
                graph g(%x: f32[1,3,8,8]) {
                  %w1 = const f32[8,3,1,1] @w1
                  %b1 = const f32[8] @b1
                  %zero = const f32[] {0}
                  %six = const f32[] {2.5}
                  %c1 = Conv(%x, %w1, %b1) "expansion"
                  %r1 = Clip(%c1, %zero, %six)
                  %w2 = const f32[8,1,3,3] @w2
                  %c2 = Conv<group=8, pads=[1,1,1,1]>(%r1, %w2) "depthwise"
                  %r2 = LeakyRelu<alpha=0.1f>(%c2)
                  %p = AveragePool<kernel_shape=[2,2], strides=[2,2]>(%r2)
                  %w3 = const f32[4,8,1,1] @w3
                  %y = Conv(%p, %w3) "projection"
                  return %y
                }
                """,
                Map.of(
                        "w1", new long[] {8, 3, 1, 1},
                        "b1", new long[] {8},
                        "w2", new long[] {8, 1, 3, 3},
                        "w3", new long[] {4, 8, 1, 1}));
        return scaled(model);
    }

    /** The same function with the channels of the depthwise layer multiplied by powers of 4, and divided again after it. */
    private static Model scaled(Model model) {
        GraphEditor editor = new GraphEditor(model.graph());
        List<LinearLayer> layers = LinearLayer.of(model.graph());
        float[] depthwise = layers.get(1).matrix();
        float[] projection = layers.get(2).matrix();
        for (int c = 0; c < 8; c++) {
            float factor = (float) Math.pow(4, c % 4);
            for (int t = 0; t < 9; t++) {
                depthwise[c * 9 + t] *= factor;
            }
            for (int o = 0; o < 4; o++) {
                projection[o * 8 + c] /= factor;
            }
        }
        editor.replaceConstant(layers.get(1).weight(), layers.get(1).stored(depthwise));
        editor.replaceConstant(layers.get(2).weight(), layers.get(2).stored(projection));
        return Model.of(editor.build());
    }

    private static void computesTheSame(Model before, Model after, List<Map<String, Tensor>> calls) {
        assertThat(Graphs.sqnr(before, after, calls)).isGreaterThan(110);
    }

    @Test
    void equalisedLayersComputeTheSame() {
        Model model = bottleneck();
        Graph graph = Equalization.apply(model, Set.of(), Graphs.context(model, IMAGES));
        assertThat(graph).isNotSameAs(model.graph());
        assertThat(Graphs.operators(graph)).contains("Min").doesNotContain("Clip");
        computesTheSame(model, model.withGraph(graph), IMAGES);
    }

    @Test
    void rangesBecomeMoreEqual() {
        Model model = bottleneck();
        Graph graph = Equalization.apply(model, Set.of(), Graphs.context(model, IMAGES));
        assertThat(spread(graph)).isLessThan(spread(model.graph()) / 4);
    }

    @Test
    void theReportShowsRangesAndWhatIsClipped() {
        Model model = bottleneck();
        CompressionReport.Evidence evidence = Compressor.of(model)
                .calibrate(Samples.of(IMAGES))
                .apply(Quantize.int8().equalize().calibration(Calibration.percentile(99)))
                .run(Progress.ignored())
                .report()
                .details()
                .evidence();
        assertThat(evidence.channels())
                .extracting(c -> c.first() + " " + c.second())
                .containsExactly("expansion depthwise", "depthwise projection");
        CompressionReport.ChannelRanges depthwise = evidence.channels().getLast();
        assertThat(depthwise.before()).hasSize(8);
        assertThat(ratio(depthwise.before())).isEqualTo(spread(model.graph()), Offset.offset(1e-3));
        assertThat(ratio(depthwise.after())).isLessThan(ratio(depthwise.before()) / 4);
        assertThat(evidence.activations())
                .extracting(CompressionReport.ActivationRange::value)
                .doesNotHaveDuplicates();
        CompressionReport.ActivationRange input = evidence.activations().stream()
                .filter(a -> a.value().equals("x"))
                .findFirst()
                .orElseThrow();
        assertThat(input.count()).isEqualTo(IMAGES.size() * 3L * 8 * 8);
        assertThat(input.clipped()).isBetween(input.count() / 200, input.count() / 25);
        assertThat(input.low()).isBetween(input.least(), 0.0);
        assertThat(input.high()).isBetween(0.0, input.greatest());
    }

    private static double ratio(List<Double> ranges) {
        return Collections.max(ranges) / Collections.min(ranges);
    }

    /** The ratio of the largest to the smallest range of the channels of the depthwise layer. */
    private static double spread(Graph graph) {
        LinearLayer layer = LinearLayer.of(graph).get(1);
        float[] w = layer.matrix();
        double least = Double.POSITIVE_INFINITY;
        double most = 0;
        for (int c = 0; c < layer.outputs(); c++) {
            double range = 0;
            for (int t = 0; t < layer.terms(); t++) {
                range = Math.max(range, Math.abs(w[c * layer.terms() + t]));
            }
            least = Math.min(least, range);
            most = Math.max(most, range);
        }
        return most / least;
    }

    @Test
    void oneScaleForAllWeightsProfits() throws OrtException {
        Model model = bottleneck();
        StaticQuantization step = Quantize.int8().perTensor();
        Model equalized = Graphs.apply(step.equalize(), model, IMAGES);
        assertThat(Graphs.sqnr(model, equalized, IMAGES))
                .isGreaterThan(Graphs.sqnr(model, Graphs.apply(step, model, IMAGES), IMAGES) + 3);
        OnnxRuntimeModel.agrees(equalized, 17, IMAGES, "y", 0.03);
    }

    @Test
    void aChannelWithoutWeightsKeepsItsBias() {
        Model model = Graphs.model(
                """
                graph g(%x: f32[4,16]) {
                  %w1 = const f32[16,8] @w1
                  %a = MatMul(%x, %w1) "a"
                  %b = const f32[8] @b
                  %c = Add(%a, %b)
                  %r = Relu(%c)
                  %w2 = const f32[8,3] @w2
                  %y = MatMul(%r, %w2) "b"
                  return %y
                }
                """,
                Map.of(
                        "w1", new long[] {16, 8},
                        "b", new long[] {8},
                        "w2", new long[] {8, 3}));
        GraphEditor editor = new GraphEditor(model.graph());
        LinearLayer first = LinearLayer.of(model.graph()).getFirst();
        float[] w = first.matrix();
        Arrays.fill(w, 0, first.terms(), 0);
        editor.replaceConstant(first.weight(), first.stored(w));
        Model dead = Model.of(editor.build());
        Graph graph = Equalization.apply(dead, Set.of(), Graphs.context(dead, ROWS));
        computesTheSame(dead, dead.withGraph(graph), ROWS);
    }

    /** A network with a normalisation whose channels differ by a factor of 1000. */
    private static Model normalised(boolean hasResidual) {
        return Graphs.model(
                """
                graph g(%x: f32[4,16]) {
                  %scale = const f32[16] {1, 1, 30, 1, 1, 1, 0.03, 1, 1, 1, 1, 1, 1, 1, 1, 1}
                  %bias = const f32[16] @bias
                  %n = LayerNormalization(%x, %scale, %bias)
                  %w1 = const f32[16,12] @w1
                  %a = MatMul(%n, %w1) "query"
                  %w2 = const f32[12,16] @w2
                  %b = Gemm<transB=1>(%n, %w2) "key"
                  %c = Add(%a, %b)
                """ + (hasResidual ? """
                                  %z = const f32[16,12] @z
                                  %m = Sub(%n, %x)
                                  %d = MatMul(%m, %z) "value"
                                  %y = Add(%c, %d)
                                """ : "  %y = Sigmoid(%c)\n") + "  return %y\n}\n",
                Map.of(
                        "bias", new long[] {16},
                        "w1", new long[] {16, 12},
                        "w2", new long[] {12, 16},
                        "z", new long[] {16, 12}));
    }

    private static Graph smoothed(Model model) {
        return new Smoothing(OptionalDouble.of(0.5), Byte.MAX_VALUE, true)
                .apply(model, Set.of(), Graphs.context(model, ROWS));
    }

    @Test
    void smoothingIsFoldedIntoANormalisation() {
        Model model = normalised(false);
        Graph graph = smoothed(model);
        assertThat(Graphs.operators(graph)).isEqualTo(Graphs.operators(model.graph()));
        computesTheSame(model, model.withGraph(graph), ROWS);
    }

    @Test
    void smoothingIsAProductWhereTheNormalisationIsUsedElsewhere() {
        Model model = normalised(true);
        Graph graph = smoothed(model);
        assertThat(Graphs.operators(graph)).contains("Mul");
        computesTheSame(model, model.withGraph(graph), ROWS);
    }

    @Test
    void smoothingProfitsFromASearchedExponent() {
        Model model = normalised(false);
        Model plain = Graphs.apply(Quantize.int8(), model, ROWS);
        Model smooth = Graphs.apply(Quantize.int8().smooth(), model, ROWS);
        assertThat(Graphs.sqnr(model, smooth, ROWS)).isGreaterThan(Graphs.sqnr(model, plain, ROWS) + 3);
    }

    @Test
    void biasCorrectionBringsBackTheMeans() {
        Model model = bottleneck();
        StaticQuantization step = Quantize.int8().weightBits(3);
        double before = meanError(model, Graphs.apply(step, model, IMAGES));
        double after = meanError(model, Graphs.apply(step.correctBias(), model, IMAGES));
        assertThat(after).isLessThan(before / 5);
    }

    /** The largest difference of the mean of an output channel. */
    private static double meanError(Model before, Model after) {
        double[] sums = new double[4];
        for (Map<String, Tensor> call : IMAGES) {
            float[] y = before.predict(call).tensor("y").toFloatArray();
            float[] z = after.predict(call).tensor("y").toFloatArray();
            for (int i = 0; i < y.length; i++) {
                sums[i / (y.length / 4)] += (double) y[i] - z[i];
            }
        }
        double most = 0;
        for (double s : sums) {
            most = Math.max(most, Math.abs(s));
        }
        return most;
    }
}
