package dev.tenon.compression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tenon.Model;
import dev.tenon.SaveOptions;
import dev.tenon.compression.recipe.Goal;
import dev.tenon.compression.recipe.Recipe;
import dev.tenon.compression.search.Search;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.formats.ExternalDataPolicy;
import dev.tenon.formats.ModelFileException;
import dev.tenon.formats.npy.Npy;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.op.nn.MatMul;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompressorTest {
    @TempDir
    private Path folder;

    /** A product of [batch, 3] and weights [3, 3]. */
    private static Model product(float... weights) {
        GraphBuilder graph = new GraphBuilder("product");
        Value x = graph.input("x", ValueType.parse("f32[batch,3]"));
        graph.output("y", graph.add(new MatMul(), x, graph.constant("w", Tensor.of(weights, 3, 3))));
        return Model.of(graph.build());
    }

    private static Model identity() {
        return product(1, 0, 0, 0, 1, 0, 0, 0, 1);
    }

    /** A step that puts another model in the place of the first. */
    private record Replace(Model result, boolean needsSamples) implements Step {
        @Override
        public String name() {
            return "replace";
        }

        @Override
        public Model apply(Model model, StepContext context) {
            context.report(LayerReport.changed("w", "replace", 8, 0.5, 12));
            if (needsSamples) {
                context.observe(model, List.of("x"), "look", (name, value) -> {});
            }
            return model.withGraph(result.graph());
        }
    }

    private Samples rows(float... values) {
        Path file = folder.resolve("x.npy");
        Npy.write(file, Tensor.of(values, values.length / 3, 3));
        return Samples.npy(file);
    }

    @Test
    void theReportSaysWhatChanged() {
        Model halved = product(1, 0, 0, 0, 0, 1, 0, 1, 0);
        Compression result = Compressor.of(identity())
                .evaluate(rows(1, 0, 0, 0, 1, 0, 0, 0, 1, 3, 2, 1), Metric.accuracy(Tensor.of(new long[] {0, 1, 2, 1})))
                .apply(new Replace(halved, false), new Replace(halved, false))
                .keepAccuracyWithin(Double.POSITIVE_INFINITY)
                .seed(7)
                .run(Progress.ignored());
        CompressionReport report = result.report();
        assertThat(report.model()).isEqualTo("product");
        assertThat(report.recipe()).isEqualTo("replace+replace");
        assertThat(report.seed()).isEqualTo(7);
        assertThat(report.sizeBytes().before()).isEqualTo(ModelSize.bytes(identity()));
        assertThat(report.sizeBytes().after()).isEqualTo(ModelSize.bytes(halved));
        assertThat(report.parameters()).isEqualTo(new CompressionReport.Change(9, 9));
        assertThat(report.flops()).contains(new CompressionReport.Change(18, 18));
        assertThat(report.latency()).isEmpty();
        assertThat(report.layers()).hasSize(2).allMatch(l -> l.name().equals("w"));
        Score score = report.score().orElseThrow();
        assertThat(score.before()).isEqualTo(0.75);
        assertThat(score.after()).isEqualTo(0.25);
        assertThat(score.samples()).isEqualTo(4);
        assertThat(score.disagreements()).isEqualTo(2);
        assertThat(report.isFloorMet()).isTrue();
        assertThat(report.details().stages())
                .containsExactly(
                        new CompressionReport.Stage("replace", 0.5, ModelSize.bytes(halved)),
                        new CompressionReport.Stage("replace", 0.5, ModelSize.bytes(halved)));
        assertThat(report.details().constantsAfter())
                .extracting(StoredTensor::bytes)
                .containsExactly(36L);
        assertThat(report.details().machine().cpu()).isNotEmpty();
    }

    /** A compressor whose step loses some samples of a thousand. */
    private Compressor losing(int lost) {
        Model swapped = product(1, 0, 0, 0, 0, 1, 0, 1, 0);
        float[] x = new float[1000 * 3];
        long[] labels = new long[1000];
        for (int i = 0; i < labels.length; i++) {
            // Samples of class 1 are lost.
            labels[i] = i < lost ? 1 : 0;
            x[3 * i + (int) labels[i]] = 1;
        }
        return Compressor.of(identity())
                .evaluate(rows(x), Metric.accuracy(Tensor.of(labels)))
                .apply(new Replace(swapped, false));
    }

    @Test
    void halfAPointMayBeLostIfNothingElseIsSaid() {
        assertThat(losing(5).run().report().isFloorMet()).isTrue();
        assertThat(losing(6).run().report().isFloorMet()).isFalse();
        assertThat(losing(6)
                        .keepAccuracyWithin(Double.POSITIVE_INFINITY)
                        .run()
                        .report()
                        .isFloorMet())
                .isTrue();
        assertThat(losing(6).allowedLoss()).isEqualTo(Compressor.STANDARD_LOSS).isEqualTo(0.005);
        assertThat(Compressor.of(identity()).allowedLoss()).isInfinite();
    }

    @Test
    void aLossOfExactlyTheAllowedSizeMeetsTheFloor() {
        Compressor compressor = losing(5);
        Compression exact = compressor.keepAccuracyWithin(0.005).run(Progress.ignored());
        assertThat(exact.report().score().orElseThrow().loss()).isCloseTo(0.005, within(1e-12));
        assertThat(exact.report().isFloorMet()).isTrue();
        assertThat(compressor
                        .keepAccuracyWithin(0.0049)
                        .run(Progress.ignored())
                        .report()
                        .isFloorMet())
                .isFalse();
        assertThatThrownBy(() -> compressor.keepAccuracyWithin(-1)).isInstanceOf(InvalidOptionException.class);
    }

    @Test
    void progressRisesToOneAndMayCancel() {
        Compressor compressor = Compressor.of(identity())
                .calibrate(rows(new float[300]))
                .evaluate(Metric.cosine())
                .apply(new Replace(identity(), true), new Replace(identity(), true));
        List<Double> shares = new ArrayList<>();
        List<String> tasks = new ArrayList<>();
        compressor.run((task, share, remaining) -> {
            shares.add(share);
            tasks.add(task);
            remaining.ifPresent(time -> assertThat(time).isGreaterThanOrEqualTo(Duration.ZERO));
        });
        assertThat(shares).isSorted().startsWith(0.0).endsWith(1.0);
        assertThat(tasks).contains("replace", "replace: look", "evaluation").endsWith("done");
        for (String at : List.of("replace: look", "evaluation")) {
            AtomicInteger after = new AtomicInteger();
            assertThatThrownBy(() -> compressor.run((task, share, remaining) -> {
                        after.addAndGet(after.get() > 0 ? 1 : 0);
                        if (task.equals(at)) {
                            after.incrementAndGet();
                            throw new CancellationException();
                        }
                    }))
                    .isInstanceOf(CancellationException.class);
            assertThat(after).hasValue(1);
        }
    }

    @Test
    void missingOrWrongSamplesAreFoundBeforeAnyStep() {
        List<String> applied = new ArrayList<>();
        Step step = new Step() {
            @Override
            public String name() {
                return "needy";
            }

            @Override
            public boolean needsSamples() {
                return true;
            }

            @Override
            public Model apply(Model model, StepContext context) {
                applied.add(name());
                return model;
            }
        };
        Compressor compressor = Compressor.of(identity()).apply(step);
        assertThatThrownBy(() -> compressor.run(Progress.ignored()))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("needy: no samples");
        Samples good = rows(1, 2, 3);
        assertThatThrownBy(() -> compressor
                        .calibrate(good)
                        .evaluate(good, Metric.accuracy(Tensor.of(new long[] {1, 2})))
                        .run(Progress.ignored()))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("2 for 1 samples");
        assertThatThrownBy(() -> compressor
                        .calibrate(good)
                        .evaluate(Metric.cosine().output("z"))
                        .run(Progress.ignored()))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("no output 'z'");
        Samples other = Samples.of(List.of(Map.of("x", Tensor.of(new float[2], 1, 2))));
        assertThatThrownBy(() -> compressor.calibrate(other).run(Progress.ignored()))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("sample 0");
        assertThatThrownBy(() ->
                        Compressor.of(identity()).evaluate(Metric.cosine()).run(Progress.ignored()))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("metric cosine: no samples");
        Samples calls = Samples.npy(npy("calls.npy", Tensor.of(new float[24], 4, 2, 3)));
        assertThatThrownBy(() -> compressor
                        .calibrate(good)
                        .evaluate(calls, Metric.accuracy(Tensor.of(new long[4])))
                        .run(Progress.ignored()))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("a row for each sample");
        assertThat(applied).isEmpty();
        compressor.calibrate(good).run(Progress.ignored());
        assertThat(applied).containsExactly("needy");
    }

    private Path npy(String name, Tensor tensor) {
        Path file = folder.resolve(name);
        Npy.write(file, tensor);
        return file;
    }

    @Test
    void latencyIsMeasuredOnOneSample() {
        Compression result = Compressor.of(identity())
                .calibrate(rows(new float[30]))
                .apply(new Replace(identity(), false))
                .measureLatency(1)
                .run(Progress.ignored());
        CompressionReport.Latency latency = result.report().latency().orElseThrow();
        assertThat(latency.threads()).isOne();
        assertThat(latency.beforeMillis()).isPositive();
        assertThat(latency.afterMillis()).isPositive();
        assertThat(latency.operators())
                .extracting(CompressionReport.OperatorTime::operator)
                .containsExactly("MatMul");
        assertThatThrownBy(() -> Compressor.of(identity()).measureLatency(0))
                .isInstanceOf(InvalidOptionException.class);
    }

    @Test
    void withoutSamplesTheShapesMustBeKnownToMeasure() {
        GraphBuilder graph = new GraphBuilder("any");
        Value x = graph.input("x", ValueType.parse("f32[batch,length,3]"));
        graph.output("y", graph.add(new MatMul(), x, graph.constant("w", Tensor.of(new float[9], 3, 3))));
        Graph any = graph.build();
        assertThat(Compressor.of(Model.of(any)).run(Progress.ignored()).report().flops())
                .isEmpty();
        assertThat(Compressor.of(identity()).run(Progress.ignored()).report().flops())
                .contains(new CompressionReport.Change(18, 18));
        assertThat(Compressor.of(Model.of(any))
                        .measureLatency(1)
                        .run(Progress.ignored())
                        .report()
                        .latency())
                .isEmpty();
    }

    @Test
    void aModelInAFileHasItsNameAndTheBytesOfAllItsFiles() throws IOException {
        Path file = folder.resolve("digits.onnx");
        identity().save(file, SaveOptions.standard().externalData(ExternalDataPolicy.atLeast(1)));
        long bytes = 0;
        try (Stream<Path> files = Files.list(folder)) {
            for (Path part : files.toList()) {
                bytes += Files.size(part);
            }
        }
        CompressionReport report = Compressor.of(file).run(Progress.ignored()).report();
        assertThat(bytes).isGreaterThan(Files.size(file));
        assertThat(report.sizeBytes().before()).isEqualTo(bytes);
        assertThat(report.model()).isEqualTo("digits");
    }

    @Test
    void theSameRunGivesTheSameBytes() {
        Compressor compressor = Compressor.of(identity())
                .calibrate(rows(1, 2, 3))
                .evaluate(Metric.meanSquaredError())
                .apply(new Replace(product(1, 2, 3, 4, 5, 6, 7, 8, 9), true));
        Compression first = compressor.run(Progress.ignored());
        Compression second = compressor.run(Progress.ignored());
        assertThat(SavedModel.bytes(second.model())).isEqualTo(SavedModel.bytes(first.model()));
        assertThat(second.report().toJson()).isEqualTo(first.report().toJson());
        first.save(folder.resolve("a.onnx"));
        assertThat(Model.load(folder.resolve("a.onnx"))
                        .predict(Map.of("x", Tensor.of(new float[] {1, 0, 0}, 1, 3)))
                        .tensor()
                        .toFloatArray())
                .containsExactly(1, 2, 3);
    }

    @Test
    void aMetricThatIsAFunctionIsAveraged() {
        Compression result = Compressor.of(identity())
                .calibrate(rows(new float[] {1, 2, 3}))
                .evaluate(Metric.of("sum", out -> {
                    double sum = 0;
                    for (double value : out.tensor("y").toDoubleArray()) {
                        sum += value;
                    }
                    return sum;
                }))
                .apply(new Replace(product(2, 0, 0, 0, 2, 0, 0, 0, 2), false))
                .run(Progress.ignored());
        Optional<Score> score = result.report().score();
        assertThat(score.orElseThrow().metric()).isEqualTo("sum");
        assertThat(score.orElseThrow().before()).isEqualTo(6);
        assertThat(score.orElseThrow().after()).isEqualTo(12);
    }

    @Test
    void aFileThatComputesTheSameAppears() throws IOException {
        Path file = folder.resolve("checked.onnx");
        Compression.saveChecked(identity(), file, Optional.of(rows(1, 2, 3)));
        assertThat(Model.load(file)
                        .predict(Map.of("x", Tensor.of(new float[] {4, 5, 6}, 1, 3)))
                        .tensor()
                        .toFloatArray())
                .containsExactly(4, 5, 6);
        Compression.saveChecked(product(2, 0, 0, 0, 2, 0, 0, 0, 2), file, Optional.empty());
        assertThat(Model.load(file)
                        .predict(Map.of("x", Tensor.of(new float[] {4, 5, 6}, 1, 3)))
                        .tensor()
                        .toFloatArray())
                .containsExactly(8, 10, 12);
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.map(p -> p.getFileName().toString())).containsExactlyInAnyOrder("checked.onnx", "x.npy");
        }
    }

    @Test
    void aFileThatIsNotWrittenLeavesNothing() throws IOException {
        Path file = folder.resolve("none/checked.onnx");
        assertThatThrownBy(() -> Compression.saveChecked(identity(), file, Optional.empty()))
                .isInstanceOf(ModelFileException.class);
        Path old = folder.resolve("old.onnx");
        Files.writeString(old, "old");
        Samples wrong = Samples.of(List.of(Map.of("z", Tensor.of(new float[] {1}))));
        assertThatThrownBy(() -> Compression.saveChecked(identity(), old, Optional.of(wrong)))
                .isInstanceOf(CompressionException.class);
        assertThat(Files.readString(old)).isEqualTo("old");
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactly(old);
        }
    }

    private static String sha256(byte[] bytes) throws NoSuchAlgorithmException {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }

    @Test
    void hashesOfModelsAreThoseOfTheirFiles() throws Exception {
        Path before = folder.resolve("before.onnx");
        Path after = folder.resolve("after.onnx");
        identity().save(before);
        Compression result =
                Compressor.of(before).apply(new Replace(identity(), false)).run();
        result.save(after);
        CompressionReport.Hashes hashes = result.report().details().evidence().hashes();
        assertThat(hashes.model()).isEqualTo(sha256(Files.readAllBytes(before)));
        assertThat(hashes.result()).isEqualTo(sha256(Files.readAllBytes(after)));
        assertThat(result.report()
                        .withRecipe("r", "text")
                        .details()
                        .evidence()
                        .hashes()
                        .recipe())
                .isEqualTo(new Fingerprint().add("text").hex());
    }

    @Test
    void theReportHasTheHashOfTheData() throws Exception {
        Samples samples = rows(1, 2, 3, 4, 5, 6);
        Compressor compressor = Compressor.of(identity()).apply(new Replace(identity(), true));
        CompressionReport.Evidence evidence = compressor
                .calibrate(samples)
                .evaluate(Metric.cosine())
                .run(Progress.ignored())
                .report()
                .details()
                .evidence();
        String hash = new Fingerprint().add(samples.bind(identity().inputs())).hex();
        CompressionReport.Hashes hashes = evidence.hashes();
        assertThat(hashes.calibration()).contains(hash);
        assertThat(hashes.evaluation()).isPresent().isNotEqualTo(hashes.calibration());
        assertThat(hashes.model()).isEqualTo(sha256(SavedModel.bytes(identity())));
        assertThat(hashes.result()).isEqualTo(hashes.model());
        assertThat(evidence.nodes())
                .containsExactly(new CompressionReport.GraphNode(
                        LinearLayer.of(identity().graph()).getFirst().name(), "MatMul", 9, List.of()));
    }

    /** A step that ends with an error, as the JVM raises it. */
    private record Failing(Error error) implements Step {
        @Override
        public String name() {
            return "failing";
        }

        @Override
        public boolean needsSamples() {
            return false;
        }

        @Override
        public Model apply(Model model, StepContext context) {
            throw error;
        }
    }

    @Test
    void errorsOfTheJvmAreTyped() {
        for (Error error : List.of(
                new OutOfMemoryError("test"),
                new StackOverflowError("test"),
                new ExceptionInInitializerError(new OutOfMemoryError("test")))) {
            Step step = new Failing(error);
            Compressor compressor = Compressor.of(identity());
            Recipe direct = Recipe.of("direct", false, (c, goal, progress) -> {
                throw error;
            });
            List<ThrowingCallable> ways = List.of(
                    () -> compressor.apply(step).run(Progress.ignored()),
                    () -> Recipe.of("steps", List.of(step)).run(compressor, Goal.smallest(), Progress.ignored()),
                    () -> direct.run(compressor, Goal.smallest(), Progress.ignored()),
                    () -> Search.of(identity())
                            .evaluate(rows(1, 2, 3), Metric.cosine())
                            .option("failing", layers -> {
                                throw error;
                            })
                            .run(Progress.ignored()),
                    () -> StoredSamples.of((inputs, normalization) -> {
                                throw error;
                            })
                            .bind(identity().inputs()));
            for (ThrowingCallable way : ways) {
                assertThatThrownBy(way)
                        .isInstanceOf(ResourceLimitException.class)
                        .hasCause(error);
            }
        }
    }

    @Test
    void memoryThatRunsOutWhileResultsAreJudgedIsTyped() {
        Evaluation evaluation = new Evaluation(identity(), rows(1, 2, 3), Metric.cosine());
        OutOfMemoryError error = new OutOfMemoryError("test");
        assertThatThrownBy(() -> evaluation.score(identity(), share -> {
                    throw error;
                }))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining("metric cosine")
                .hasCause(error);
    }
}
