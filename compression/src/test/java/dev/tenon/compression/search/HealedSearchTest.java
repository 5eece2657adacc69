package dev.tenon.compression.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.Model;
import dev.tenon.compression.Compressor;
import dev.tenon.compression.LayerFilter;
import dev.tenon.compression.Metric;
import dev.tenon.compression.RoundedWeights;
import dev.tenon.compression.SavedModel;
import dev.tenon.compression.Step;
import dev.tenon.compression.StepContext;
import dev.tenon.compression.Trial;
import dev.tenon.compression.distill.Heal;
import dev.tenon.compression.distill.SmallNetworks;
import dev.tenon.error.InvalidOptionException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A search that works on the result of steps, and heals what it finds. */
class HealedSearchTest {
    private static final double FLOOR = 0.015;
    private static final double RELAXED = 1;

    /** Counts how often a step is applied. */
    private static final class Counted implements Step {
        private final Step step;
        private int applied;

        Counted(Step step) {
            this.step = step;
        }

        @Override
        public String name() {
            return step.name();
        }

        @Override
        public boolean needsSamples() {
            return step.needsSamples();
        }

        @Override
        public Model apply(Model model, StepContext context) {
            applied++;
            return step.apply(model, context);
        }

        @Override
        public String toString() {
            return step.toString();
        }
    }

    private final Counted before =
            new Counted(new RoundedWeights("eight", 127, LayerFilter.all().include("last")));
    private final Counted heal = new Counted(Heal.epochs(8).batch(32).learningRate(0.003));

    private static Compressor compressor() {
        return Compressor.of(SmallNetworks.network(48, 1))
                .calibrate(SmallNetworks.samples(600))
                .evaluate(Metric.meanSquaredError())
                .keepAccuracyWithin(FLOOR);
    }

    private static Search search(Compressor compressor) {
        return Search.of(compressor)
                .option("eight", layers -> new RoundedWeights("eight", 127, layers))
                .option("four", layers -> new RoundedWeights("four", 7, layers));
    }

    @Test
    void whatIsTooCoarseIsChosenAfterHealing() {
        SearchResult plain = search(compressor()).run();
        SearchResult healed = search(compressor()).heal(RELAXED, heal).run();
        assertThat(plain.isBetter()).isTrue();
        assertThat(healed.best().name()).endsWith(";healed");
        assertThat(healed.best().sizeBytes()).isLessThan(plain.best().sizeBytes());
        assertThat(healed.compression().report().isFloorMet()).isTrue();
        assertThat(healed.compression().report().score().orElseThrow().loss()).isLessThanOrEqualTo(FLOOR);
        assertThat(healed.compression().report().details().evidence().trainings())
                .hasSize(1);
        assertThat(heal.applied)
                .as("the result is not made again")
                .isEqualTo((int) healed.trials().stream()
                        .filter(t -> t.name().endsWith(";healed"))
                        .count())
                .isBetween(1, 3);
        assertThat(SavedModel.bytes(healed.compression().model()))
                .hasSize((int) healed.best().sizeBytes());
    }

    @Test
    void healingThatDoesNotReachTheFloorLeavesTheBestUnhealed() {
        SearchResult plain = search(compressor()).run();
        Step useless = Heal.epochs(1).learningRate(1e-9);
        SearchResult healed = search(compressor()).heal(RELAXED, useless).run();
        assertThat(healed.trials()).extracting(Trial::name).anyMatch(name -> name.endsWith(";healed"));
        assertThat(healed.compression().report().isFloorMet()).isTrue();
        assertThat(healed.best().sizeBytes()).isLessThanOrEqualTo(plain.best().sizeBytes());
    }

    @Test
    void stepsBeforeRunOnceAndTheSearchWorksOnTheirResult() {
        SearchResult result = search(compressor().apply(before)).run();
        assertThat(before.applied).isEqualTo(1);
        assertThat(result.compression().report().recipe()).isEqualTo("eight+search");
        assertThat(result.compression().report().details().stages()).hasSize(2);
        assertThat(result.compression().report().isFloorMet()).isTrue();
        assertThat(result.sensitivities()).allMatch(s -> s.layer().equals("first"));
    }

    @Test
    void aSearchThatIsResumedTrainsNothingAgain(@TempDir Path folder) {
        Search search = search(compressor().apply(before)).heal(RELAXED, heal).resumeFrom(folder);
        SearchResult one = search.run();
        int trained = heal.applied;
        SearchResult two = search.run();
        assertThat(SavedModel.bytes(two.compression().model()))
                .isEqualTo(SavedModel.bytes(one.compression().model()));
        assertThat(heal.applied).as("from its checkpoint").isEqualTo(trained + 1);
        assertThat(two.trials()).extracting(Trial::name).isEqualTo(names(one.trials()));
    }

    private static List<String> names(List<Trial> trials) {
        return trials.stream().map(Trial::name).toList();
    }

    @Test
    void theLossBeforeHealingIsANumber() {
        for (double wrong : new double[] {-1, Double.NaN}) {
            assertThatThrownBy(() -> search(compressor()).heal(wrong, heal)).isInstanceOf(InvalidOptionException.class);
        }
    }
}
