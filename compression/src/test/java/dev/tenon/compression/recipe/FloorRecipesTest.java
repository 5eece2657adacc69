package dev.tenon.compression.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.compression.Compression;
import dev.tenon.compression.Compressor;
import dev.tenon.compression.Metric;
import dev.tenon.compression.Progress;
import dev.tenon.compression.RoundedWeights;
import dev.tenon.compression.Samples;
import dev.tenon.compression.SmallNetwork;
import dev.tenon.compression.Trial;
import dev.tenon.formats.npy.Npy;
import dev.tenon.testkit.TestData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;

class FloorRecipesTest {
    private static final Recipes RECIPES = Recipes.standard()
            .search(
                    "auto",
                    FloorRecipes.search(search -> search.option("eight", l -> new RoundedWeights("eight", 127, l))
                            .option("six", l -> new RoundedWeights("six", 7, l))
                            .measure("six weights", l -> new RoundedWeights("six", 7, l))));

    @Test
    void aSearchTellsItsTrialsAndKeepsItsFiles(@TempDir Path folder) throws IOException {
        Goal goal = new Goal(Goal.Objective.SIZE, Optional.of(folder.resolve("work")), Optional.empty());
        Compressor compressor = Compressor.of(SmallNetwork.model())
                .calibrate(SmallNetwork.samples())
                .evaluate(SmallNetwork.accuracy())
                .keepAccuracyWithin(0.1);
        Compression one = RECIPES.find("auto").run(compressor, goal, Progress.ignored());
        Compression two = RECIPES.find("auto").run(compressor, goal, Progress.ignored());
        assertThat(SmallNetwork.bytes(two.model())).isEqualTo(SmallNetwork.bytes(one.model()));
        assertThat(one.report().recipe()).isEqualTo("auto");
        assertThat(one.report().isFloorMet()).isTrue();
        assertThat(one.report().details().trials())
                .extracting(Trial::name)
                .contains("eight=*", "six=layer2")
                .doesNotContain("six+weights=layer2");
        assertThat(one.report().details().trials()).filteredOn(Trial::isChosen).hasSizeLessThanOrEqualTo(1);
        assertThat(one.report().details().sensitivities())
                .hasSize(2 * SmallNetwork.LAYERS)
                .allSatisfy(s -> assertThat(s.weights()).isPresent());
        try (Stream<Path> files = Files.list(folder.resolve("work"))) {
            assertThat(files).hasSize(1);
        }
    }

    @Test
    void treesAreMergedOrDropped(TestReporter reporter) {
        Path folder = TestData.shared(reporter, "models", "trained", "digits_rf100");
        if (folder == null) {
            return;
        }
        Compressor compressor = Compressor.of(folder.resolve("model.onnx"));
        Recipe trees = RECIPES.find("trees");
        assertThat(trees.needsSamples()).isFalse();
        Compression merged = trees.run(compressor, Goal.smallest(), Progress.ignored());
        assertThat(merged.report().sizeBytes().ratio()).isLessThan(0.6);
        assertThat(merged.report().score()).isEmpty();
        Metric metric = Metric.accuracy(Npy.read(folder.resolve("eval_y.npy")));
        Compression dropped = trees.run(
                compressor.evaluate(Samples.npy(folder.resolve("eval_x.npy")), metric).keepAccuracyWithin(0.005),
                Goal.smallest(),
                Progress.ignored());
        assertThat(dropped.report().recipe()).isEqualTo("trees");
        assertThat(dropped.report().isFloorMet()).isTrue();
        assertThat(dropped.report().sizeBytes().ratio()).isLessThan(0.35);
    }
}
