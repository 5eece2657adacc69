package dev.tenon.samples.compress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.compression.Compression;
import dev.tenon.compression.CompressionReport;
import dev.tenon.compression.Compressor;
import dev.tenon.compression.Progress;
import dev.tenon.compression.Trial;
import dev.tenon.compression.recipe.Goal;
import dev.tenon.compression.recipe.Recipes;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The search meets its floor, and no single recipe gives a model that all models of the search lose against. */
@Tag("models")
@Tag("exhaustive")
class AutomaticSearchTest {
    private static final double FLOOR = 0.005;
    private static final List<String> NO_SINGLE_RECIPES = List.of("auto", "trees", "distill", "heal", "few-trees");

    private static Compression run(Compressor compressor, String recipe) {
        return Recipes.standard().find(recipe).run(compressor, Goal.smallest(), Progress.ignored());
    }

    @ParameterizedTest
    @ValueSource(strings = {"mnist_cnn", "digits_vit"})
    void noSingleRecipeLiesAboveTheFront(String name, TestReporter reporter) {
        TrainedNetwork network = TrainedNetwork.find(name);
        CompressionReport found =
                run(network.compressor().keepAccuracyWithin(FLOOR), "auto").report();
        reporter.publishEntry(name + " auto", text(found));
        assertThat(found.isFloorMet()).isTrue();
        List<Trial> trials = found.details().trials();
        assertThat(trials).extracting(Trial::name).noneMatch(trial -> trial.matches("(distill|heal|few-trees)\\b.*"));
        for (String recipe : Recipes.standard().names()) {
            if (NO_SINGLE_RECIPES.contains(recipe)) {
                continue;
            }
            CompressionReport single = run(network.compressor(), recipe).report();
            reporter.publishEntry(name + " " + recipe, text(single));
            double loss = single.score().orElseThrow().loss();
            assertThat(trials)
                    .as(recipe)
                    .anyMatch(t -> t.sizeBytes() <= single.sizeBytes().after() && t.loss() <= loss);
        }
    }

    private static String text(CompressionReport report) {
        return String.format(
                Locale.ROOT,
                "%d bytes, %.4f, loss %.4f",
                report.sizeBytes().after(),
                report.sizeBytes().ratio(),
                report.score().orElseThrow().loss());
    }
}
