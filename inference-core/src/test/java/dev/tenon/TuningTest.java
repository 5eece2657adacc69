package dev.tenon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.fixtures.SmallModels;
import dev.tenon.graph.Graph;
import dev.tenon.graph.pass.Pipeline;
import dev.tenon.graph.rules.StandardRules;
import dev.tenon.kernel.Caches;
import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.CoreKernels;
import dev.tenon.plan.Planner;
import dev.tenon.plan.Program;
import dev.tenon.plan.ShapeKey;
import dev.tenon.plan.Step;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.Tier;
import dev.tenon.tune.Stopwatch;
import dev.tenon.tune.Tuner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sessions that look for the fastest blocks, and what they leave behind. */
@Tag("tiers")
class TuningTest {
    @TempDir
    Path folder;

    private static final String TEXT = """
            graph (%x: f32[n,1300]) {
              %w = const f32[1300,96] @w1300x96
              %v = const f32[96,40] @w96x40
              %a: f32[n,96] = MatMul(%x, %w)
              %b: f32[n,96] = Tanh(%a)
              %c: f32[n,96] = Mul(%b, %a)
              %y: f32[n,40] = MatMul(%c, %v)
              return %y
            }
            """;

    private static Graph graph() {
        return SmallModels.graph(TEXT);
    }

    private Path file() {
        return folder.resolve("tuning.txt");
    }

    @Test
    void resultsHaveTheSameBitsAndWhatWasMeasuredIsKept() throws IOException {
        Model model = Model.of(graph());
        Tensor x = SmallModels.random(150, 1300);
        Tensor plain = model.predict(Map.of("x", x)).tensor();
        SessionOptions options = SessionOptions.standard().tuning(file());
        for (int threads = 1; threads <= 2; threads++) {
            Session tuned = model.session(options.threads(threads));
            assertThat(tuned.predict(Map.of("x", x)).tensor().contentEquals(plain))
                    .isTrue();
            byte[] kept = Files.exists(file()) ? Files.readAllBytes(file()) : new byte[0];
            assertThat(kept.length > 0).isEqualTo(Tier.capabilities().vector());
            Session again = model.session(options.threads(threads));
            assertThat(again.predict(Map.of("x", x)).tensor().contentEquals(plain))
                    .isTrue();
            assertThat(Files.exists(file()) ? Files.readAllBytes(file()) : new byte[0])
                    .isEqualTo(kept);
        }
    }

    @Test
    void nothingIsWrittenUnlessAsked() {
        Model.of(graph()).predict(Map.of("x", SmallModels.random(150, 1300)));
        assertThat(folder).isEmptyDirectory();
        assertThat(SessionOptions.standard().tuning()).isNull();
        assertThat(SessionOptions.standard().tuning(file()).tuning(null)).isEqualTo(SessionOptions.standard());
        assertThat(SessionOptions.standard().tuning(file()))
                .isNotEqualTo(SessionOptions.standard())
                .isEqualTo(SessionOptions.standard().tuning(file()));
    }

    @Test
    void aForeignFileIsRefusedBeforeAnythingIsMeasured() throws IOException {
        Files.writeString(file(), "something else");
        Model model = Model.of(graph());
        SessionOptions options = SessionOptions.standard().tuning(file());
        assertThatThrownBy(() -> model.session(options)).isInstanceOf(TuningFileException.class);
        assertThat(file()).hasContent("something else");
    }

    /** Whichever candidate wins: the made-up stopwatch prefers another one in each round. */
    @Test
    @Tag("vector")
    void kernelsAreCutAsTheFastestCandidateIs() {
        Graph graph =
                Pipeline.standard(StandardRules.paying(CoreKernels.set()::has)).apply(graph());
        Capabilities machine = Tier.capabilities().withCaches(Caches.TYPICAL);
        ShapeKey key = ShapeKey.of(new Datum[] {SmallModels.random(1500, 1300)});
        List<List<String>> cuts = new ArrayList<>();
        for (int round = 0; round < 3; round++) {
            List<String> seen = new ArrayList<>();
            int favourite = round;
            Stopwatch stopwatch = (kernel, operands, scratch) -> {
                if (!seen.contains(kernel.tiling())) {
                    seen.add(kernel.tiling());
                }
                return 10_000_000L + 1_000_000L * Math.abs(seen.indexOf(kernel.tiling()) - favourite);
            };
            Tuner tuner = new Tuner(folder.resolve("tuning" + round), machine, 1, stopwatch);
            Program program = new Program(graph, CoreKernels.set(), machine, List.of(), tuner);
            cuts.add(Planner.plan(program, key, Long.MAX_VALUE).steps().stream()
                    .map(step -> ((Step.KernelStep) step).kernel().tiling())
                    .toList());
        }
        Program untuned = new Program(graph, CoreKernels.set(), machine);
        assertThat(Planner.plan(untuned, key, Long.MAX_VALUE).steps())
                .extracting(step -> ((Step.KernelStep) step).kernel().tiling())
                .isEqualTo(cuts.getFirst());
        assertThat(cuts).doesNotHaveDuplicates();
    }
}
