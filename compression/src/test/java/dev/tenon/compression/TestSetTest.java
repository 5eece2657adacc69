package dev.tenon.compression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tenon.Model;
import dev.tenon.compression.metric.Changes;
import dev.tenon.compression.metric.Confidence;
import dev.tenon.compression.search.Search;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.formats.npy.Npy;
import dev.tenon.graph.GraphText;
import dev.tenon.graph.control.StandardOperators;
import dev.tenon.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Test sets, demanded margins, and metrics of whole data sets. */
class TestSetTest {
    @TempDir
    private Path folder;

    private final List<String> done = new ArrayList<>();

    private static Model model(String body) {
        return Model.of(GraphText.parse("graph g(%x: f32[n,2]) { " + body + " return %y }", StandardOperators.set()));
    }

    private static final Model BEFORE = model("%y = Identity(%x)");

    private static final Model AFTER = model("%y = Abs(%x)");

    private final class Replace implements Step {
        @Override
        public String name() {
            return "replace";
        }

        @Override
        public boolean needsSamples() {
            return false;
        }

        @Override
        public Model apply(Model model, StepContext context) {
            done.add("step");
            return model.withGraph(AFTER.graph());
        }
    }

    /** Rows of x and 1. The model before says class 1 where x is less than 1, the model after where its absolute value is. */
    private Samples rows(String name, float... x) {
        float[] all = new float[2 * x.length];
        for (int i = 0; i < x.length; i++) {
            all[2 * i] = x[i];
            all[2 * i + 1] = 1;
        }
        Path file = folder.resolve(name + ".npy");
        Npy.write(file, Tensor.of(all, x.length, 2));
        return Samples.npy(file);
    }

    private static float[] below(int count, int bad, float from) {
        float[] x = new float[count];
        for (int i = 0; i < count; i++) {
            x[i] = i < bad ? -3 - from - i : (from + i) / (count + from);
        }
        return x;
    }

    private static Metric ones(int count) {
        return Metric.accuracy(Tensor.of(LongStream.range(0, count).map(i -> 1).toArray()));
    }

    private Compressor compressor() {
        return Compressor.of(BEFORE)
                .evaluate(rows("evaluation", below(400, 0, 1)), ones(400))
                .keepAccuracyWithin(0.02)
                .apply(new Replace());
    }

    @Test
    void aTestSetIsJudgedOnceAndDecidesOverTheFloor() {
        Compression met = compressor()
                .test(rows("good", below(400, 4, 0.5f)), ones(400))
                .run((task, share, remaining) -> done.add(task));
        CompressionReport.Tested test = met.report().details().evidence().test().orElseThrow();
        assertThat(test.score().loss()).isCloseTo(0.01, within(1e-12));
        assertThat(test.score().interval()).isEqualTo(Confidence.standard().ofPairs(4, 0, 400));
        assertThat(test.hash()).hasSize(64);
        assertThat(met.report().score().orElseThrow().loss()).isZero();
        assertThat(met.report().isFloorMet()).isTrue();
        assertThat(done.stream().filter("test"::equals))
                .as("calls on the test set")
                .hasSizeBetween(1, 400 / 64 + 1);
        assertThat(done.indexOf("test")).isGreaterThan(done.lastIndexOf("evaluation"));
        Compression missed =
                compressor().test(rows("bad", below(400, 12, 0.5f)), ones(400)).run(Progress.ignored());
        assertThat(missed.report().isFloorMet()).isFalse();
        assertThat(missed.report().score().orElseThrow().isWithin(0.02)).isTrue();
        assertThat(missed.report().toJson())
                .contains("\"test\":{\"name\":\"top1\",\"before\":1.0,\"after\":0.97,\"samples\":400,")
                .contains("\"floor_met\":false,\"changes\":{", "\"calibration\":null,\"evaluation\":\"");
        Changes changes = missed.report().details().evidence().changes().orElseThrow();
        assertThat(changes.classes()).containsExactly(new Changes.OfClass(1, 400, 400, 388, 12, 0));
        assertThat(changes.worst()).as("those that are negative").hasSize(12).allMatch(Changes.Sample::isLost);
        assertThat(changes.worst().getFirst().index())
                .as("the sample that is farthest away")
                .isEqualTo(11);
    }

    @Test
    void aDemandedMarginDecidesOverTheFloor() {
        // Four of 400 are lost: 1 point, and up to 2.4 with its margin.
        Compressor compressor = compressor().test(rows("good", below(400, 4, 0.5f)), ones(400));
        assertThat(compressor.confidence(0.95).run(Progress.ignored()).report().isFloorMet())
                .isFalse();
        assertThat(compressor
                        .confidence(0.95)
                        .keepAccuracyWithin(0.03)
                        .run(Progress.ignored())
                        .report()
                        .isFloorMet())
                .isTrue();
        Compression onEvaluation = Compressor.of(BEFORE)
                .evaluate(rows("evaluation", below(400, 4, 1)), ones(400))
                .keepAccuracyWithin(0.02)
                .confidence(0.95)
                .apply(new Replace())
                .run(Progress.ignored());
        assertThat(onEvaluation.report().isFloorMet()).isFalse();
        assertThatThrownBy(() -> compressor.confidence(95)).isInstanceOf(InvalidOptionException.class);
    }

    @Test
    void aTestSetThatSharesSamplesIsRefusedBeforeAnyWork() {
        float[] seen = below(100, 0, 1);
        float[] test = below(100, 0, 0.5f);
        test[7] = seen[99];
        test[8] = seen[3];
        test[9] = seen[3];
        Samples testSet = rows("test", test);
        Compressor base = Compressor.of(BEFORE).apply(new Replace()).test(testSet, ones(100));
        assertThatThrownBy(() -> base.calibrate(rows("seen", seen)).run(Progress.ignored()))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("test set: 3 of 100 samples that the calibration has, too");
        Compressor evaluated = base.evaluate(rows("seen", seen), ones(100));
        assertThatThrownBy(() -> evaluated.run(Progress.ignored()))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("test set: 3 of 100 samples that the evaluation has, too");
        assertThatThrownBy(() -> Search.of(evaluated.calibrate(rows("others", below(9, 0, 7))))
                        .option("replace", layers -> new Replace())
                        .run(Progress.ignored()))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("3 of 100 samples");
        assertThat(done).isEmpty();
    }

    @Test
    void labelsThatDoNotFitAreNamedBeforeAnyWork() throws IOException {
        Samples three = rows("three", 1, 2, 3);
        Map<String, Metric> wrong = Map.of(
                "4 for 3 samples", ones(4),
                "label 1: class 2; allowed classes from 0 to 1", Metric.accuracy(Tensor.of(new long[] {0, 2, 1})),
                "label 2: class -1; allowed classes from 0 to 1", Metric.auc(Tensor.of(new long[] {0, 1, -1})),
                "labels for metric map: 3 for each sample; allowed 2",
                        Metric.meanAveragePrecision(Tensor.of(new long[9], 3, 3)),
                "label 0: class 5; allowed classes from 0 to 1", Metric.perplexity(Tensor.of(new long[] {5, -1, 1})));
        wrong.forEach((message, metric) -> {
            for (Compressor compressor : List.of(
                    Compressor.of(BEFORE).evaluate(three, metric),
                    Compressor.of(BEFORE).test(three, metric))) {
                assertThatThrownBy(() -> compressor.apply(new Replace()).run(Progress.ignored()))
                        .isInstanceOf(CompressionException.class)
                        .hasMessageContaining(message);
            }
        });
        Path empty = Files.createDirectory(folder.resolve("empty"));
        assertThatThrownBy(() -> new Evaluation(BEFORE, Samples.folder(empty), Metric.cosine()))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("an empty folder");
        assertThatThrownBy(() -> new Evaluation(BEFORE, Samples.of(List.of()), Metric.cosine()).check())
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("samples to judge on: none");
        assertThatThrownBy(() -> Metric.topK(Tensor.of(new long[1]), 0)).isInstanceOf(InvalidOptionException.class);
        assertThatThrownBy(() -> Metric.cosine().lessIsBetter()).isInstanceOf(InvalidOptionException.class);
        assertThat(done).isEmpty();
    }

    @Test
    void aMetricOfOnesOwnSeesOutputsLabelsAndIndices() {
        Samples samples = rows("x", 3, -3, 0, 5);
        Tensor labels = Tensor.of(new long[] {0, 1, 1, 0});
        Metric right = Metric.dataset("own", labels, all -> {
            double sum = 0;
            for (int i = 0; i < all.size(); i++) {
                sum += all.predicted(i) == all.label(i) ? 1 + all.index(i) : 0;
            }
            return sum / all.size();
        });
        Score score = new Evaluation(BEFORE, samples, right).score(AFTER);
        // The model after takes the second sample, of index 1, for class 0.
        assertThat(score.before()).isEqualTo(10 / 4.0);
        assertThat(score.after()).isEqualTo(8 / 4.0);
        assertThat(score.metric()).isEqualTo("own");
        assertThat(score.loss()).isEqualTo(0.5);
        assertThat(score.interval().low()).isBetween(0.0, 0.5);
        assertThat(score.interval().high()).isBetween(0.5, 2.0);
        Score less = new Evaluation(BEFORE, samples, right.lessIsBetter()).score(AFTER);
        assertThat(less.loss()).isEqualTo(-0.5);
    }

    @Test
    void metricsOfDataSetsJudgeModels() {
        Samples samples = rows("x", 3, -3, 0, 5);
        Tensor labels = Tensor.of(new long[] {0, 1, 1, 0});
        Tensor relevance = Tensor.of(new long[] {1, 0, 0, 1, 0, 1, 1, 1}, 4, 2);
        Map<Metric, double[]> values = Map.of(
                Metric.topK(labels, 1), new double[] {1, 0.75},
                Metric.topK(labels, 2), new double[] {1, 1},
                Metric.macroF1(labels), new double[] {1, (4 / 5.0 + 2 / 3.0) / 2},
                Metric.f1(labels, 1), new double[] {1, 2 / 3.0},
                Metric.recallAt(relevance, 1), new double[] {3.5 / 4, 2.5 / 4},
                Metric.wordErrorRate(List.of("a b", "b", "b", "a"), x -> x[0] > 1 ? "a" : "b"),
                        new double[] {1 / 5.0, 2 / 5.0});
        values.forEach((metric, expected) -> {
            Score score = new Evaluation(BEFORE, samples, metric).score(AFTER);
            assertThat(score.before()).as(metric.name()).isCloseTo(expected[0], within(1e-12));
            assertThat(score.after()).as(metric.name()).isCloseTo(expected[1], within(1e-12));
            assertThat(score.isMoreBetter()).isEqualTo(!metric.name().equals("wer"));
            assertThat(score.interval().low()).as(metric.name()).isLessThanOrEqualTo(score.loss());
            assertThat(score.interval().high()).as(metric.name()).isGreaterThanOrEqualTo(score.loss());
        });
        Score one = new Evaluation(BEFORE, samples, Metric.topK(labels, 1)).score(AFTER);
        assertThat(one.interval()).isEqualTo(Confidence.standard().ofPairs(1, 0, 4));
    }
}
