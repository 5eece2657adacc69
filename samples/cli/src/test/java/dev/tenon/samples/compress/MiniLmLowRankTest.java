package dev.tenon.samples.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tenon.Model;
import dev.tenon.compression.Compression;
import dev.tenon.compression.CompressionReport;
import dev.tenon.compression.Compressor;
import dev.tenon.compression.LayerFilter;
import dev.tenon.compression.LayerReport;
import dev.tenon.compression.LinearLayer;
import dev.tenon.compression.Metric;
import dev.tenon.compression.Progress;
import dev.tenon.compression.Samples;
import dev.tenon.compression.StepContext;
import dev.tenon.compression.algebra.Dense;
import dev.tenon.compression.calibrate.GramMatrices;
import dev.tenon.compression.factorize.LowRank;
import dev.tenon.compression.factorize.Pays;
import dev.tenon.samples.embeddings.MiniLmFiles;
import dev.tenon.tensor.Tensor;
import dev.tenon.text.Batch;
import dev.tenon.text.Tokenizer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

/** Low rank of the twelve products of the feed-forward parts of all-MiniLM-L6-v2. */
@Tag("exhaustive")
@Tag("models")
class MiniLmLowRankTest {
    private static final String FEED_FORWARD = "/\\/encoder\\/layer\\.\\d\\/(intermediate|output)\\/dense\\/MatMul/";
    private static final int PRODUCTS = 12;
    private static final double FLOOR = 0.005;

    private final Model model;
    private final Samples calibration;
    private final Samples judged;
    private final LayerFilter filter = LayerFilter.all().include(FEED_FORWARD);

    MiniLmLowRankTest() throws IOException {
        MiniLmFiles files = MiniLmFiles.of(MiniLmFiles.NAME);
        model = Model.load(files.model());
        Tokenizer tokenizer = files.loadTokenizer();
        List<List<Map<String, Tensor>>> halves = List.of(new ArrayList<>(), new ArrayList<>());
        List<String> sentences = PageSentences.read();
        for (int i = 0; i < sentences.size(); i++) {
            Batch batch = tokenizer.encodeBatch(List.of(sentences.get(i)));
            halves.get(i % 2)
                    .add(Map.of(
                            "input_ids", Tensor.wrap(batch.ids(), batch.shape()),
                            "attention_mask", Tensor.wrap(batch.attentionMask(), batch.shape()),
                            "token_type_ids", Tensor.wrap(batch.typeIds(), batch.shape())));
        }
        calibration = Samples.of(halves.get(0));
        judged = Samples.of(halves.get(1));
    }

    private StepContext context() {
        return StepContext.of(calibration.bind(model.inputs()), 0);
    }

    private static double[] doubles(float[] values) {
        double[] doubles = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            doubles[i] = values[i];
        }
        return doubles;
    }

    /** The squares of the singular values of {@code W S}, with {@code S S^T = H}, the least first. */
    private static double[] squares(LinearLayer layer, double[] h) {
        int m = layer.outputs();
        int n = layer.terms();
        double[] w = doubles(layer.matrix());
        double[] squares;
        if (m <= n) {
            double[] whole = Dense.product(Dense.product(w, h, m, n, n), Dense.transposed(w, m, n), m, n, m);
            squares = Dense.eigen(whole, m).values();
        } else {
            double[] ws = Dense.product(w, Dense.cholesky(h, n), m, n, n);
            squares = Dense.eigen(Dense.product(Dense.transposed(ws, m, n), ws, n, m, n), n)
                    .values();
        }
        double[] sorted = squares.clone();
        Arrays.sort(sorted);
        return sorted;
    }

    /** The sum over samples of the squared difference of the outputs of a layer and of the two products in its place. */
    private static double error(LinearLayer layer, LinearLayer first, LinearLayer last, double[] h) {
        int m = layer.outputs();
        int n = layer.terms();
        double[] chain = Dense.product(doubles(last.matrix()), doubles(first.matrix()), m, first.outputs(), n);
        double[] difference = doubles(layer.matrix());
        for (int i = 0; i < difference.length; i++) {
            difference[i] -= chain[i];
        }
        return Dense.dot(Dense.product(difference, h, m, n, n), difference);
    }

    @Test
    void theErrorIsTheSumOfTheDiscardedValues(TestReporter reporter) {
        Model smaller = LowRank.energy(0.95).layers(filter).pays(Pays.always()).apply(model, context());
        Map<String, LinearLayer> chains = new LinkedHashMap<>();
        LinearLayer.of(smaller.graph()).forEach(layer -> chains.put(layer.name(), layer));
        List<LinearLayer> layers = LinearLayer.of(model.graph()).stream()
                .filter(layer -> filter.accepts(layer.node()) && chains.containsKey(layer.name() + "/factor1"))
                .toList();
        reporter.publishEntry("divided", Integer.toString(layers.size()));
        assertThat(layers).isNotEmpty();
        GramMatrices.forEach(model, layers, context(), (layer, gram) -> {
            LinearLayer first = chains.get(layer.name() + "/factor1");
            double[] squares = squares(layer, gram.of(0));
            double discarded = 0;
            for (int i = 0; i < squares.length - first.outputs(); i++) {
                discarded += Math.max(0, squares[i]);
            }
            double error = error(layer, first, chains.get(layer.name()), gram.of(0));
            reporter.publishEntry(layer.name(), "rank " + first.outputs() + ", error / discarded " + error / discarded);
            assertThat(error).as(layer.name()).isCloseTo(discarded, within(1e-3 * discarded));
        });
    }

    /** A large share of the energy comes from few tokens, so that the cosine falls far until layers are left. */
    @Test
    void layersThatHurtAreLeft(TestReporter reporter) {
        CompressionReport report = Compressor.of(model)
                .calibrate(calibration)
                .evaluate(judged, Metric.cosine())
                .apply(LowRank.energy(0.95).layers(filter))
                .keepAccuracyWithin(FLOOR)
                .measureLatency(1)
                .run(Progress.ignored())
                .report();
        report.layers().stream()
                .filter(layer -> !layer.reason().equals("not chosen"))
                .forEach(layer -> reporter.publishEntry(layer.name(), layer.kept() + " " + layer.reason()));
        reporter.publishEntry("score", report.score().toString());
        reporter.publishEntry("latency", report.latency().toString());
        assertThat(report.isFloorMet()).isTrue();
        assertThat(report.score().orElseThrow().loss()).isLessThanOrEqualTo(FLOOR);
    }

    @Test
    void layersAreDividedOnlyIfThatIsFaster(TestReporter reporter) {
        Compression result = Compressor.of(model)
                .calibrate(calibration)
                .evaluate(judged, Metric.cosine())
                .apply(LowRank.energy(0.95).layers(filter))
                .keepAccuracyWithin(Double.POSITIVE_INFINITY)
                .measureLatency(1)
                .run(Progress.ignored());
        List<LayerReport> layers = result.report().layers().stream()
                .filter(layer -> layer.name().matches(FEED_FORWARD.substring(1, FEED_FORWARD.length() - 1)))
                .toList();
        layers.forEach(layer -> reporter.publishEntry(layer.name(), layer.kept() + " " + layer.reason()));
        reporter.publishEntry("score", result.report().score().toString());
        reporter.publishEntry("latency", result.report().latency().toString());
        reporter.publishEntry(
                "size", Double.toString(result.report().sizeBytes().ratio()));
        assertThat(layers).hasSize(PRODUCTS);
        assertThat(layers)
                .allSatisfy(layer -> assertThat(layer.reason())
                        .matches(
                                layer.kept()
                                        ? "saves no time: .* us measured|no chain has fewer weights than the layer: \\d+"
                                        : "rank \\[\\d+\\]: [\\d.]+ -> [\\d.]+ us measured"));
        if (layers.stream().allMatch(LayerReport::kept)) {
            assertThat(result.model()).isSameAs(model);
        }
    }
}
