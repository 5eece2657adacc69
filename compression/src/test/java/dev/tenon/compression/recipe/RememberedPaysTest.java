package dev.tenon.compression.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.Model;
import dev.tenon.compression.Compression;
import dev.tenon.compression.Compressor;
import dev.tenon.compression.LayerReport;
import dev.tenon.compression.LinearLayer;
import dev.tenon.compression.Progress;
import dev.tenon.compression.Samples;
import dev.tenon.compression.prune.Nets;
import dev.tenon.compression.search.Objective;
import dev.tenon.graph.Value;
import dev.tenon.op.nn.MatMul;
import dev.tenon.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Low rank takes the times of a file if it has them, and decides by these. */
class RememberedPaysTest {
    private static final int WIDTH = 16;

    /** A product whose weights have rank 1. */
    private static Model model() {
        Nets n = new Nets(1);
        Value x = n.input(1, WIDTH);
        Tensor w = Tensor.of(new float[WIDTH * WIDTH], WIDTH, WIDTH);
        for (int i = 0; i < WIDTH * WIDTH; i++) {
            w.setDouble(i, (i / WIDTH + 1) * (i % WIDTH - 2.5));
        }
        return n.model(n.node("layer", new MatMul(), x, n.constant(w)));
    }

    private static LayerReport run(Model model, Goal goal) {
        Compressor compressor = Compressor.of(model).calibrate(Samples.of(Nets.calls(2, 20, 1, WIDTH)));
        Compression result = Recipes.standard().find("lowrank").run(compressor, goal, Progress.ignored());
        LayerReport report = result.report().layers().getFirst();
        assertThat(LinearLayer.of(result.model().graph())).hasSize(report.kept() ? 1 : 2);
        return report;
    }

    @Test
    void theFileDecides(@TempDir Path folder) throws IOException {
        Model model = model();
        Path file = folder.resolve("times.txt");
        Goal goal = new Goal(Objective.LATENCY, Optional.empty(), Optional.of(file));
        LayerReport measured = run(model, goal);
        assertThat(measured.reason()).matches(".*rank \\[1\\]: [\\d.]+ -> [\\d.]+ us measured");
        List<String> lines = Files.readAllLines(file);
        assertThat(lines).hasSize(3);
        assertThat(run(model, goal)).isEqualTo(measured);
        assertThat(Files.readAllLines(file)).isEqualTo(lines);
        for (boolean isYes : new boolean[] {true, false}) {
            String line = lines.getLast().replaceFirst("\t.*", "\t" + (isYes ? "yes" : "no") + " 2 -> 3 us");
            Files.write(file, List.of(lines.get(0), lines.get(1), line));
            LayerReport report = run(model, goal);
            assertThat(report.kept()).isEqualTo(!isYes);
            assertThat(report.reason()).endsWith("rank [1]: 2 -> 3 us");
        }
    }

    @Test
    void theFolderOfTheStateKeepsTimes(@TempDir Path folder) throws IOException {
        Path state = folder.resolve("state");
        Goal goal = new Goal(Objective.SIZE, Optional.of(state), Optional.empty());
        LayerReport measured = run(model(), goal);
        assertThat(run(model(), goal)).isEqualTo(measured);
        try (var files = Files.list(state)) {
            assertThat(files.map(f -> f.getFileName().toString()))
                    .singleElement()
                    .asString()
                    .matches("times-\\w{16}\\.txt");
        }
    }
}
