package dev.tenon.compression.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.Model;
import dev.tenon.compression.CompressionException;
import dev.tenon.compression.LayerFilter;
import dev.tenon.compression.LayerReport;
import dev.tenon.compression.LinearLayer;
import dev.tenon.compression.Metric;
import dev.tenon.compression.Progress;
import dev.tenon.compression.RoundedWeights;
import dev.tenon.compression.Samples;
import dev.tenon.compression.SavedModel;
import dev.tenon.compression.Sensitivity;
import dev.tenon.compression.SmallNetwork;
import dev.tenon.compression.Step;
import dev.tenon.compression.StepContext;
import dev.tenon.compression.Timing;
import dev.tenon.compression.Trial;
import dev.tenon.op.quant.DequantizeLinear;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SearchTest {
    private static final double FLOOR = 0.08;

    private static Search search() {
        return Search.of(SmallNetwork.model())
                .evaluate(SmallNetwork.samples(), SmallNetwork.accuracy())
                .option("eight", layers -> new RoundedWeights("eight", 127, layers))
                .option("four", layers -> new RoundedWeights("four", 7, layers))
                .option("six", layers -> new RoundedWeights("six", 32, layers))
                .keepAccuracyWithin(FLOOR);
    }

    private static byte[] bytes(SearchResult result) {
        return SavedModel.bytes(result.compression().model());
    }

    private static long files(Path folder) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.count();
        }
    }

    @Test
    void theResultKeepsTheFloorAndIsTheBestTrial() {
        SearchResult result = search().run(Progress.ignored());
        assertThat(result.isBetter()).isTrue();
        assertThat(result.remark()).isEmpty();
        assertThat(result.compression().report().isFloorMet()).isTrue();
        assertThat(result.compression().report().score().orElseThrow().loss()).isLessThanOrEqualTo(FLOOR);
        assertThat(bytes(result).length).isEqualTo((int) result.best().sizeBytes());
        assertThat(result.trials())
                .allSatisfy(trial -> assertThat(trial.loss() > FLOOR
                                || trial.sizeBytes() >= result.best().sizeBytes())
                        .as(trial.name())
                        .isTrue());
    }

    @Test
    void everyOptionIsTriedOnEveryLayerAndAsAWhole() {
        SearchResult result = search().run(Progress.ignored());
        assertThat(result.sensitivities()).hasSize(3 * SmallNetwork.LAYERS);
        assertThat(result.trials()).extracting(Trial::name).contains("eight=*", "four=*", "six=*", "four=layer2");
        assertThat(result.trials())
                .filteredOn(t -> t.name().endsWith("=layer3"))
                .hasSize(3)
                .allSatisfy(t -> assertThat(t.sizeBytes()).isLessThan(SavedModel.bytes(SmallNetwork.model()).length));
        double ofFour = divergence(result, "layer0", "four");
        assertThat(ofFour)
                .isGreaterThan(divergence(result, "layer0", "eight"))
                .isGreaterThan(divergence(result, "layer1", "four"));
    }

    private static double divergence(SearchResult result, String layer, String option) {
        return result.sensitivities().stream()
                .filter(s -> s.layer().equals(layer) && s.technique().equals(option))
                .findFirst()
                .orElseThrow()
                .weights()
                .orElseThrow();
    }

    @Test
    void theFrontHoldsWhatNoTrialBeats() {
        SearchResult result = search().run(Progress.ignored());
        assertThat(result.front())
                .isNotEmpty()
                .allSatisfy(point -> assertThat(result.trials())
                        .noneMatch(t -> t.sizeBytes() <= point.sizeBytes() && t.loss() < point.loss()
                                || t.sizeBytes() < point.sizeBytes() && t.loss() <= point.loss()));
        for (Trial trial : result.trials()) {
            assertThat(result.front())
                    .as(trial.name())
                    .anyMatch(p -> p.sizeBytes() <= trial.sizeBytes() && p.loss() <= trial.loss());
        }
    }

    @Test
    void layersThatHurtAreLeftAndNamed() {
        SearchResult result = search().keepAccuracyWithin(0.03).run(Progress.ignored());
        assertThat(result.left())
                .isNotEmpty()
                .allSatisfy(layer -> assertThat(layer.reason()).containsAnyOf("costs", "saves nothing"));
        assertThat(result.compression().report().layers())
                .filteredOn(layer -> layer.technique().equals("search"))
                .allMatch(LayerReport::kept)
                .extracting(LayerReport::name)
                .containsExactlyElementsOf(
                        result.left().stream().map(SearchResult.LeftLayer::name).toList());
    }

    @Test
    void eachLayerIsReportedOnce() {
        SearchResult result = search().keepAccuracyWithin(0.03).run(Progress.ignored());
        assertThat(result.compression().report().layers())
                .extracting(LayerReport::name)
                .doesNotHaveDuplicates()
                .hasSize(SmallNetwork.LAYERS);
    }

    /** The trials without the time that they took. */
    private static List<Trial> withoutTimes(List<Trial> trials) {
        return trials.stream()
                .map(t -> new Trial(
                        t.name(),
                        t.options(),
                        t.sizeBytes(),
                        t.score(),
                        t.timing(),
                        OptionalDouble.empty(),
                        t.failure(),
                        t.isChosen()))
                .toList();
    }

    @Test
    void theSameSearchGivesTheSameBytesAndTrials() {
        SearchResult one = search().run(Progress.ignored());
        SearchResult two = search().run(Progress.ignored());
        assertThat(bytes(two)).isEqualTo(bytes(one));
        assertThat(withoutTimes(two.trials())).isEqualTo(withoutTimes(one.trials()));
    }

    /** The search is ended after each few calls of its progress, and goes on, until it comes to its end. */
    @Test
    void aSearchThatIsKilledAndResumedGivesTheSameBytes(@TempDir Path folder) throws IOException {
        SearchResult unbroken = search().run(Progress.ignored());
        SearchResult result = null;
        int runs = 0;
        while (result == null) {
            int most = 400 + 37 * runs++;
            int[] calls = {0};
            try {
                result = search().resumeFrom(folder).run((task, share, remaining) -> {
                    if (++calls[0] > most) {
                        throw new CancellationException("killed");
                    }
                });
            } catch (CancellationException e) {
                assertThat(files(folder)).isEqualTo(1);
            }
        }
        assertThat(runs).isGreaterThan(3);
        assertThat(bytes(result)).isEqualTo(bytes(unbroken));
        assertThat(withoutTimes(result.trials())).isEqualTo(withoutTimes(unbroken.trials()));
        assertThat(result.left()).isEqualTo(unbroken.left());
        assertThat(files(folder)).isEqualTo(1);
    }

    @Test
    void checkpointsBelongToASearch(@TempDir Path folder) throws IOException {
        search().resumeFrom(folder).run(Progress.ignored());
        search().seed(7).resumeFrom(folder).run(Progress.ignored());
        assertThat(files(folder)).isEqualTo(2);
        search().layers(LayerFilter.all().exclude("layer1")).resumeFrom(folder).run(Progress.ignored());
        assertThat(files(folder)).isEqualTo(3);
        List<String> tasks = new ArrayList<>();
        search().keepAccuracyWithin(FLOOR / 2).resumeFrom(folder).run((task, share, remaining) -> tasks.add(task));
        assertThat(files(folder)).as("another floor takes the trials over").isEqualTo(3);
        assertThat(tasks).noneMatch(task -> task.contains("four=layer2"));
    }

    @Test
    void aDamagedCheckpointIsNamed(@TempDir Path folder) throws IOException {
        search().resumeFrom(folder).run(Progress.ignored());
        try (Stream<Path> all = Files.list(folder)) {
            Path file = all.findFirst().orElseThrow();
            List<String> lines = new ArrayList<>(Files.readAllLines(file));
            lines.set(2, lines.get(2).replace("top1%09", "top1%09x"));
            Files.write(file, lines);
            assertThatThrownBy(() -> search().resumeFrom(folder).run(Progress.ignored()))
                    .isInstanceOf(CompressionException.class)
                    .hasMessageContaining(file.getFileName().toString());
            Files.writeString(file, "something else");
            assertThatThrownBy(() -> search().resumeFrom(folder).run(Progress.ignored()))
                    .isInstanceOf(CompressionException.class)
                    .hasMessageContaining("tenon search 2");
        }
    }

    @Test
    void aFloorThatNothingMeetsGivesBackTheModelAndSaysSo() {
        SearchResult result = Search.of(SmallNetwork.model())
                .evaluate(SmallNetwork.samples(), SmallNetwork.accuracy())
                .option("one", layers -> new RoundedWeights("one", 1, layers))
                .keepAccuracyWithin(0.001)
                .run(Progress.ignored());
        assertThat(result.isBetter()).isFalse();
        assertThat(result.remark()).startsWith("the model is left as it was");
        assertThat(bytes(result)).isEqualTo(SavedModel.bytes(SmallNetwork.model()));
        assertThat(result.left()).hasSize(SmallNetwork.LAYERS);
    }

    @Test
    void layersThatAreRuledOutStay() {
        SearchResult result =
                search().layers(LayerFilter.all().exclude("layer3")).run(Progress.ignored());
        assertThat(result.sensitivities()).extracting(Sensitivity::layer).doesNotContain("layer3");
        Model model = result.compression().model();
        assertThat(LinearLayer.of(model.graph())).extracting(LinearLayer::name).contains("layer3");
    }

    /** An option that stores all weights as integers, but reports no layer, and one that can't be applied. */
    @Test
    void optionsWithoutReportsAndOptionsThatFail() {
        Step failing = new Step() {
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
                throw new CompressionException("failing", "this model", "others", null);
            }
        };
        SearchResult result = Search.of(SmallNetwork.model())
                .evaluate(SmallNetwork.samples(), SmallNetwork.accuracy())
                .option("silent", layers -> new Silent(new RoundedWeights("eight", 127, layers)))
                .option("failing", layers -> failing)
                .keepAccuracyWithin(FLOOR)
                .run(Progress.ignored());
        assertThat(result.best().name()).isEqualTo("silent=*");
        assertThat(result.sensitivities()).isEmpty();
        assertThat(result.trials())
                .filteredOn(t -> t.name().equals("failing=*"))
                .singleElement()
                .satisfies(t -> {
                    assertThat(t.failure()).contains("this model");
                    assertThat(t.loss()).isInfinite();
                });
    }

    @Test
    void whatIsOnlyMeasuredIsNotChosen() {
        SearchResult result = search().measure("free", layers -> new RoundedWeights("free", 7, layers))
                .keepAccuracyWithin(1)
                .run(Progress.ignored());
        assertThat(result.sensitivities())
                .filteredOn(s -> s.technique().equals("free"))
                .hasSize(SmallNetwork.LAYERS)
                .allSatisfy(s -> assertThat(s.weights().orElseThrow()).isPositive());
        assertThat(result.best().name()).isEqualTo("four=*");
        assertThat(result.front()).extracting(Trial::name).noneMatch(name -> name.contains("free"));
        assertThat(result.trials())
                .extracting(Trial::name)
                .contains("free=layer1")
                .doesNotContain("free=*");
    }

    @Test
    void optionsForAllLayersAreNotTriedOnOne() {
        SearchResult result = search().whole("seven", layers -> new RoundedWeights("seven", 7, layers))
                .whole("two", layers -> new RoundedWeights("two", 1, layers))
                .keepAccuracyWithin(1)
                .run(Progress.ignored());
        assertThat(result.trials())
                .extracting(Trial::name)
                .contains("seven=*", "two=*")
                .noneMatch(name -> name.contains("seven=layer") || name.contains("two=layer"));
        assertThat(result.sensitivities()).extracting(Sensitivity::technique).doesNotContain("seven", "two");
        Trial two = result.trials().stream()
                .filter(t -> t.name().equals("two=*"))
                .findFirst()
                .orElseThrow();
        assertThat(result.best().sizeBytes()).isLessThanOrEqualTo(two.sizeBytes());
    }

    private record Silent(Step step) implements Step {
        @Override
        public String name() {
            return "silent";
        }

        @Override
        public boolean needsSamples() {
            return false;
        }

        @Override
        public Model apply(Model model, StepContext context) {
            return step.apply(model, StepContext.of(null, 0));
        }
    }

    @Test
    void theBestSoFarIsTold() {
        List<Trial> told = new ArrayList<>();
        List<byte[]> models = new ArrayList<>();
        SearchResult result = search().onBest((model, trial) -> {
                    told.add(trial);
                    models.add(SavedModel.bytes(model));
                })
                .run(Progress.ignored());
        assertThat(told.getLast().chosen()).isEqualTo(result.best());
        assertThat(models.getLast()).isEqualTo(bytes(result));
        assertThat(told).extracting(Trial::sizeBytes).isSortedAccordingTo((a, b) -> Long.compare(b, a));
    }

    @Test
    void wrongArgumentsAreRefusedBeforeAnyWork() {
        assertThatThrownBy(() -> Search.of(SmallNetwork.model()).run(Progress.ignored()))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("no options");
        assertThatThrownBy(() -> search().option("eight", layers -> new RoundedWeights("eight", 127, layers)))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("'eight'");
        assertThatThrownBy(() ->
                        search().layers(LayerFilter.all().exclude("layer9")).run(Progress.ignored()))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("layer9");
    }

    @Test
    void progressTellsStagesAndTheRemainingTime() {
        List<Double> shares = new ArrayList<>();
        Map<String, Integer> estimates = new LinkedHashMap<>();
        Map<String, Integer> reports = new LinkedHashMap<>();
        Map<String, Double> starts = new LinkedHashMap<>();
        search().run((task, share, remaining) -> {
            shares.add(share);
            assertThat(share < 1 || task.startsWith("result: ") || task.equals("done"))
                    .as("%s at %s: the last run is work, too", task, share)
                    .isTrue();
            starts.putIfAbsent(task.split(": ", 2)[0], share);
            reports.merge(task.split(": ", 2)[0], 1, Integer::sum);
            estimates.merge(task.split(": ", 2)[0], remaining.isPresent() ? 1 : 0, Integer::sum);
        });
        assertThat(shares).allMatch(share -> share >= 0 && share <= 1);
        assertThat(shares.getLast()).isEqualTo(1);
        assertThat(estimates.keySet()).containsExactly("all layers", "each layer alone", "plans", "result", "done");
        assertThat(estimates).containsEntry("all layers", 0).containsEntry("result", 0);
        int alone = 3 * SmallNetwork.LAYERS;
        assertThat(estimates.get("each layer alone"))
                .as("told after three of %d trials of the same length", alone)
                .isEqualTo(reports.get("each layer alone") * (alone - 3) / alone);
        assertThat(starts.get("result")).isLessThan(1);
    }

    /** A first trial that takes long tells nothing of the others. */
    @Test
    void theRemainingTimeIsToldWhenItMeansSomething() {
        long[] seconds = {0};
        List<Optional<Duration>> told = new ArrayList<>();
        Work work = new Work((task, share, remaining) -> told.add(remaining), () -> seconds[0] * 1_000_000_000);
        work.stage("all layers", 100, false);
        work.within("slow").at("x", 0.5, Optional.empty());
        seconds[0] += 600;
        work.finished(true);
        work.within("slow").at("x", 0, Optional.empty());
        work.stage("each layer alone", 40, true);
        for (int i = 0; i < 10; i++) {
            work.within("t" + i).at("x", 0, Optional.empty());
            seconds[0] += 2;
            work.finished(true);
        }
        assertThat(told.subList(0, 6)).allMatch(Optional::isEmpty);
        assertThat(told.get(6)).contains(Duration.ofSeconds(2 * (36 + 1)));
        assertThat(told.getLast()).contains(Duration.ofSeconds(2 * (31 + 1)));
    }

    /** A made-up time: 100 for each layer, 40 for a rounded one, but layer1 gets slower. */
    private static Timing timing(Model model) {
        int layers = LinearLayer.of(model.graph()).size();
        boolean hasSlow = model.graph().nodes().stream()
                .anyMatch(n -> LinearLayer.name(n).equals("layer1")
                        && n.input(1).producer() != null
                        && n.input(1).producer().op() instanceof DequantizeLinear);
        int rounded = SmallNetwork.LAYERS - layers;
        return new Timing(100L * SmallNetwork.LAYERS, 100L * layers + 40L * rounded + (hasSlow ? 200 : 0), 5);
    }

    @Test
    void latencyLeavesLayersThatGetSlower(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("timings.txt");
        int[] measured = {0};
        Search search =
                search().objective(Objective.LATENCY).keepAccuracyWithin(0.3).timings(Timings.file(file));
        SearchResult result = search.stopwatch((model, tick) -> {
                    measured[0]++;
                    return timing(model);
                })
                .run(Progress.ignored());
        assertThat(result.isBetter()).isTrue();
        assertThat(result.best().options()).containsOnlyKeys("layer0", "layer2", "layer3", "layer4");
        assertThat(result.left()).singleElement().satisfies(layer -> {
            assertThat(layer.name()).isEqualTo("layer1");
            assertThat(layer.reason()).contains("saves nothing");
        });
        assertThat(measured[0]).isEqualTo(result.trials().size());
        SearchResult again = search.stopwatch((model, tick) -> {
                    throw new AssertionError("all times are known");
                })
                .run(Progress.ignored());
        assertThat(bytes(again)).isEqualTo(bytes(result));
        assertThat(files(folder)).isEqualTo(1);
        Model other = RandomWeights.model();
        assertThatThrownBy(() -> Search.of(other)
                        .evaluate(SmallNetwork.samples(), Metric.cosine())
                        .option("eight", layers -> new RoundedWeights("eight", 127, layers))
                        .timings(Timings.file(file))
                        .run(Progress.ignored()))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("values of model");
    }

    /** The network with one layer rounded: another model. */
    private static final class RandomWeights {
        private static Model model() {
            return new RoundedWeights("eight", 127, LayerFilter.all().only(List.of("layer2")))
                    .apply(SmallNetwork.model(), StepContext.of(null, 0));
        }
    }

    @Test
    void timesOfAKilledSearchAreKept(@TempDir Path folder) throws IOException {
        Search search =
                search().objective(Objective.LATENCY).keepAccuracyWithin(0.3).resumeFrom(folder);
        Map<Integer, Timing> times = new LinkedHashMap<>();
        assertThatThrownBy(() -> search.stopwatch((model, tick) -> {
                            if (times.size() == 9) {
                                throw new CancellationException("killed");
                            }
                            times.put(times.size(), timing(model));
                            return timing(model);
                        })
                        .run(Progress.ignored()))
                .isInstanceOf(CancellationException.class);
        assertThat(files(folder)).isEqualTo(2);
        int[] measured = {0};
        SearchResult result = search.stopwatch((model, tick) -> {
                    measured[0]++;
                    return timing(model);
                })
                .run(Progress.ignored());
        assertThat(measured[0]).isEqualTo(result.trials().size() - 9);
    }

    @Test
    void timesTakeOneSampleAndReadNoOthers() {
        Samples.Calls calls = SmallNetwork.samples().bind(SmallNetwork.model().inputs());
        Samples.Calls many = new Samples.Calls() {
            @Override
            public long samples() {
                return calls.samples();
            }

            @Override
            public void forEach(Consumer<Samples.Call> action) {
                action.accept(calls.first().orElseThrow());
                throw new AssertionError("no further call is needed");
            }
        };
        Samples.Call one = many.first().orElseThrow().one(SmallNetwork.model().inputs());
        assertThat(one.samples()).isOne();
        assertThatCode(() -> Stopwatch.interleaved(SmallNetwork.model(), many, 1))
                .doesNotThrowAnyException();
    }

    @Test
    void realTimesAreMeasured() {
        Stopwatch stopwatch = Stopwatch.interleaved(
                SmallNetwork.model(),
                SmallNetwork.samples().bind(SmallNetwork.model().inputs()),
                1);
        int[] ticks = {0};
        Timing timing = stopwatch.time(SmallNetwork.model(), () -> ticks[0]++);
        assertThat(ticks[0]).as("blocks of calls").isGreaterThan(10);
        assertThatThrownBy(() -> stopwatch.time(SmallNetwork.model(), () -> {
                    throw new CancellationException("enough");
                }))
                .isInstanceOf(CancellationException.class);
        assertThat(timing.beforeNanos()).isPositive();
        assertThat(timing.afterNanos()).isPositive();
        assertThat(timing.noiseNanos()).isNotNegative();
        assertThat(new Timing(100, 95, 5).ratio()).isEqualTo(1);
        assertThat(new Timing(100, 90, 5).ratio()).isEqualTo(0.9);
        assertThat(Optional.of(Timings.parse(Timings.line(timing)))).contains(timing);
    }
}
