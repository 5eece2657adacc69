package dev.tenon.compression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.Model;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;

/** A compressor whose steps lose more than allowed leaves the layers that hurt. */
class LayerRevertsTest {
    private static Compressor compressor(Step... steps) {
        return Compressor.of(SmallNetwork.model())
                .evaluate(SmallNetwork.samples(), SmallNetwork.accuracy())
                .apply(steps)
                .keepAccuracyWithin(Double.POSITIVE_INFINITY);
    }

    private static Step rounded(int levels) {
        return new RoundedWeights("rounded-" + levels, levels, LayerFilter.all());
    }

    private static List<String> left(Compression result) {
        return result.report().layers().stream()
                .filter(LayerReport::kept)
                .map(LayerReport::name)
                .toList();
    }

    @Test
    void withoutAFloorAllLayersAreChanged() {
        Compression result = compressor(rounded(40)).run(Progress.ignored());
        assertThat(left(result)).isEmpty();
        assertThat(result.report().score().orElseThrow().loss()).isGreaterThan(0.06);
        assertThat(result.report().isFloorMet()).isTrue();
    }

    @Test
    void layersThatHurtAreLeftAndNamed() {
        Compression all = compressor(rounded(40)).run(Progress.ignored());
        Compression result = compressor(rounded(40)).keepAccuracyWithin(0.06).run(Progress.ignored());
        assertThat(result.report().isFloorMet()).isTrue();
        assertThat(result.report().score().orElseThrow().loss()).isLessThanOrEqualTo(0.06);
        assertThat(left(result)).contains("layer0").hasSizeLessThan(SmallNetwork.LAYERS);
        assertThat(result.report().sizeBytes().after())
                .isGreaterThan(all.report().sizeBytes().after())
                .isLessThan(all.report().sizeBytes().before());
        assertThat(result.report().layers()).filteredOn(LayerReport::kept).allSatisfy(layer -> {
            assertThat(layer.reason()).startsWith("left: alone it costs ").contains("top1", "divergence");
            assertThat(layer.technique()).isEqualTo("rounded-40");
        });
        assertThat(result.report().layers()).extracting(LayerReport::name).doesNotHaveDuplicates();
    }

    @Test
    void aFloorThatIsMetCostsNoFurtherRuns() {
        List<String> tasks = new ArrayList<>();
        Compression result =
                compressor(rounded(127)).keepAccuracyWithin(0.5).run((task, share, remaining) -> tasks.add(task));
        assertThat(left(result)).isEmpty();
        assertThat(tasks).noneMatch(task -> task.startsWith("sensitivity"));
    }

    @Test
    void aFloorOfNothingGivesBackTheModel() {
        Model before = SmallNetwork.model();
        Compression result = compressor(rounded(1)).keepAccuracyWithin(0).run(Progress.ignored());
        assertThat(result.report().isFloorMet()).isTrue();
        assertThat(result.report().score().orElseThrow().loss()).isLessThanOrEqualTo(0);
        assertThat(left(result)).hasSize(SmallNetwork.LAYERS);
        assertThat(SavedModel.bytes(result.model())).isEqualTo(SavedModel.bytes(before));
    }

    /** A step that can't leave layers out. */
    private record Stubborn(Step step) implements Step {
        @Override
        public String name() {
            return "stubborn";
        }

        @Override
        public boolean needsSamples() {
            return step.needsSamples();
        }

        @Override
        public Model apply(Model model, StepContext context) {
            return step.apply(model, context);
        }
    }

    @Test
    void aFloorThatCannotBeMetIsReported() {
        Compression result =
                compressor(new Stubborn(rounded(1))).keepAccuracyWithin(0.001).run(Progress.ignored());
        assertThat(result.report().isFloorMet()).isFalse();
        assertThat(left(result)).isEmpty();
    }

    /** The first step hurts and stays; the second one is undone where that helps. The result is the one that loses least. */
    @Test
    void theLeastLossIsKeptIfTheFloorCannotBeMet() {
        Step stubborn =
                new Stubborn(new RoundedWeights("coarse", 1, LayerFilter.all().only(List.of("layer4"))));
        Step others = new RoundedWeights("rounded", 2, LayerFilter.all().leaving(List.of("layer4")));
        Compression without = compressor(stubborn).run(Progress.ignored());
        Compression all = compressor(stubborn, others).run(Progress.ignored());
        Compression result =
                compressor(stubborn, others).keepAccuracyWithin(0.001).run(Progress.ignored());
        assertThat(result.report().isFloorMet()).isFalse();
        assertThat(result.report().score().orElseThrow().loss())
                .isLessThanOrEqualTo(without.report().score().orElseThrow().loss())
                .isLessThan(all.report().score().orElseThrow().loss());
    }

    @Test
    void theSameRunGivesTheSameBytes() {
        Compressor compressor = compressor(rounded(40)).keepAccuracyWithin(0.06);
        assertThat(SavedModel.bytes(compressor.run(Progress.ignored()).model()))
                .isEqualTo(SavedModel.bytes(compressor.run(Progress.ignored()).model()));
    }

    @Test
    void progressStaysInItsRangeAndCancels() {
        Compressor compressor = compressor(rounded(40)).keepAccuracyWithin(0.06);
        compressor.run((task, share, remaining) -> assertThat(share).isBetween(0.0, 1.0));
        assertThatThrownBy(() -> compressor.run((task, share, remaining) -> {
                    if (task.startsWith("sensitivity: layer2")) {
                        throw new CancellationException(task);
                    }
                }))
                .isInstanceOf(CancellationException.class);
    }

    /** A memory that is a map. */
    private static final class Kept implements Compressor.Memory {
        private final Map<String, String> values = new HashMap<>();

        @Override
        public Optional<String> get(String name) {
            return Optional.ofNullable(values.get(name));
        }

        @Override
        public void put(String name, String value) {
            assertThat(value).doesNotContain("\n");
            assertThat(values.put(name, value)).as(name).isNull();
        }
    }

    @Test
    void aRunGoesOnWhereItWasWithTheSameResult() {
        Compressor compressor = compressor(rounded(40)).keepAccuracyWithin(0.06);
        Compression whole = compressor.run(Progress.ignored());
        for (int ticks : new int[] {1, 200, 700, 1200}) {
            Kept kept = new Kept();
            int[] left = {ticks};
            assertThatThrownBy(() -> compressor.resumeFrom(kept).run((task, share, remaining) -> {
                        if (left[0]-- == 0) {
                            throw new CancellationException("after " + ticks);
                        }
                    }))
                    .isInstanceOf(CancellationException.class);
            int before = kept.values.size();
            Compression resumed = compressor.resumeFrom(kept).run(Progress.ignored());
            assertThat(SavedModel.bytes(resumed.model())).isEqualTo(SavedModel.bytes(whole.model()));
            assertThat(resumed.report().score()).isEqualTo(whole.report().score());
            assertThat(resumed.report().layers()).isEqualTo(whole.report().layers());
            assertThat(kept.values.size()).isGreaterThan(before);
        }
    }

    @Test
    void whatIsKnownIsNotJudgedAgain() {
        Kept kept = new Kept();
        Compressor compressor = compressor(rounded(40)).keepAccuracyWithin(0.06).resumeFrom(kept);
        Compression whole = compressor.run(Progress.ignored());
        List<Double> judged = new ArrayList<>();
        Compression again = compressor.run((task, share, remaining) -> {
            if (task.contains("evaluation") && share > 0) {
                judged.add(share);
            }
        });
        assertThat(judged).as("calls of evaluate that tell their progress").hasSizeLessThan(3);
        assertThat(SavedModel.bytes(again.model())).isEqualTo(SavedModel.bytes(whole.model()));
        kept.values.replaceAll((name, line) -> "damaged");
        assertThatThrownBy(() -> compressor.run(Progress.ignored()))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("1 fields instead of 12");
    }

    @Test
    void theBestSoFarIsTold() {
        List<Model> models = new ArrayList<>();
        List<Score> scores = new ArrayList<>();
        Compression result = compressor(rounded(40))
                .keepAccuracyWithin(0.06)
                .onBest((model, score) -> {
                    models.add(model);
                    scores.add(score.orElseThrow());
                })
                .run(Progress.ignored());
        assertThat(scores.getFirst().isWithin(0.06)).isFalse();
        int met = (int) scores.stream().filter(s -> !s.isWithin(0.06)).count();
        assertThat(scores.subList(met, scores.size())).isNotEmpty().allMatch(s -> s.isWithin(0.06));
        assertThat(models.subList(met, models.size()).stream().map(ModelSize::bytes))
                .isSortedAccordingTo(Comparator.reverseOrder());
        assertThat(SavedModel.bytes(models.getLast())).isEqualTo(SavedModel.bytes(result.model()));
    }
}
