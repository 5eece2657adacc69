package dev.tenon.samples.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.compression.Progress;
import dev.tenon.compression.recipe.Goal;
import dev.tenon.compression.recipe.Recipe;
import dev.tenon.compression.recipe.Recipes;
import dev.tenon.compression.search.Objective;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;

/** Each recipe gives the same bytes twice, and the same after it was ended half way. */
@Tag("models")
@Tag("exhaustive")
class SameBytesTest {
    private static final double FLOOR = 0.005;

    private static byte[] bytes(TrainedNetwork network, String recipe, Goal goal, Path folder) throws IOException {
        Path file = folder.resolve("result.onnx");
        Recipes.standard()
                .find(recipe)
                .run(network.compressor().keepAccuracyWithin(FLOOR), goal, Progress.ignored())
                .save(file);
        return Files.readAllBytes(file);
    }

    @Test
    void eachRecipeGivesTheSameBytesTwice(@TempDir Path folder, TestReporter reporter) throws IOException {
        TrainedNetwork network = TrainedNetwork.find("mnist_cnn");
        List<String> differing = new ArrayList<>();
        for (String recipe : Recipes.standard().names()) {
            if (recipe.equals("trees")) {
                continue;
            }
            byte[] once = bytes(network, recipe, Goal.smallest(), folder);
            byte[] again = bytes(network, recipe, Goal.smallest(), folder);
            reporter.publishEntry(recipe, once.length + " bytes");
            if (!Arrays.equals(once, again)) {
                differing.add(recipe);
            }
        }
        assertThat(differing).isEmpty();
    }

    @Test
    void treesGiveTheSameBytesTwice(@TempDir Path folder) throws IOException {
        TrainedNetwork network = TrainedNetwork.find("digits_rf100");
        Recipe recipe = Recipes.standard().find("trees");
        List<byte[]> results = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            Path file = folder.resolve("trees.onnx");
            recipe.run(network.judgedByEvaluation().keepAccuracyWithin(FLOOR), Goal.smallest(), Progress.ignored())
                    .save(file);
            results.add(Files.readAllBytes(file));
        }
        assertThat(results.get(1)).isEqualTo(results.get(0));
    }

    @Test
    void theSameTimesGiveTheSameBytes(@TempDir Path folder, TestReporter reporter) throws IOException {
        TrainedNetwork network = TrainedNetwork.find("mnist_cnn");
        for (String recipe : List.of("auto", "lowrank")) {
            Path times = folder.resolve(recipe + ".txt");
            Goal goal = new Goal(Objective.LATENCY, Optional.empty(), Optional.of(times));
            byte[] once = bytes(network, recipe, goal, folder);
            String measured = Files.readString(times);
            assertThat(bytes(network, recipe, goal, folder)).as(recipe).isEqualTo(once);
            assertThat(Files.readString(times)).as(recipe).isEqualTo(measured);
            reporter.publishEntry(
                    recipe, once.length + " bytes, " + measured.lines().count() + " lines of times");
        }
    }

    @Test
    void aSearchThatWasEndedHalfWayGivesTheSameBytes(@TempDir Path folder, TestReporter reporter) throws IOException {
        TrainedNetwork network = TrainedNetwork.find("mnist_cnn");
        Path state = folder.resolve("state");
        Goal goal = new Goal(Objective.SIZE, Optional.of(state), Optional.empty());
        Recipe auto = Recipes.standard().find("auto");
        assertThatThrownBy(() ->
                        auto.run(network.compressor().keepAccuracyWithin(FLOOR), goal, (task, share, remaining) -> {
                            if (share > 0.5) {
                                throw new CancellationException("half way");
                            }
                        }))
                .isInstanceOf(CancellationException.class);
        List<Path> states;
        // Beside the trials of the search are the times that low-rank steps have measured.
        try (var files = Files.list(state)) {
            states = files.filter(f -> f.getFileName().toString().startsWith("search-"))
                    .toList();
        }
        assertThat(states).hasSize(1);
        long known = Files.readString(states.getFirst()).lines().count();
        byte[] resumed = bytes(network, "auto", goal, folder);
        long all = Files.readString(states.getFirst()).lines().count();
        reporter.publishEntry("lines of state", known + " of " + all);
        assertThat(known).isBetween(3L, all - 1);
        assertThat(resumed).isEqualTo(bytes(network, "auto", Goal.smallest(), folder));
    }
}
