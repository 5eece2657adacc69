package dev.tenon.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.Model;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.op.math.Relu;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Loads on a small model, and the pages of their results. */
class LoadRunTest {
    private static final double PRICE = 3.6;

    @TempDir
    private Path folder;

    private static Model model() {
        GraphBuilder b = new GraphBuilder("relu");
        Value x = b.input("x", ValueType.parse("f32[n,4]"));
        return Model.of(b.output("y", b.add(new Relu(), x)).build());
    }

    @Test
    void allEnginesGetTheSameCalls() throws Exception {
        Path file = folder.resolve("relu.onnx");
        model().save(file);
        Path json = folder.resolve("load.json");
        Path svg = folder.resolve("load.svg");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        LoadRun.run(
                new PrintStream(bytes, true, StandardCharsets.UTF_8),
                "load",
                file.toString(),
                "x=nx4",
                "--rate",
                "200",
                "--seconds",
                "0.3",
                "--price",
                "3.6",
                "--json",
                json.toString(),
                "--svg",
                svg.toString());
        String text = bytes.toString(StandardCharsets.UTF_8);
        assertThat(text.lines().filter(l -> l.startsWith("Tenon") || l.startsWith("ONNX Runtime")))
                .hasSize(3);
        assertThat(Files.readString(json))
                .contains("\"engine\": \"Tenon\"", "\"engine\": \"Tenon, batched\"", "\"engine\": \"ONNX Runtime\"")
                .contains("\"failed\": 0");
        assertThat(Files.readString(svg)).startsWith("<svg").contains("p99.9").endsWith("</svg>\n");
    }

    @Test
    void latencyCountsFromTheTimeAtWhichACallShouldHaveBegun() {
        AtomicInteger begun = new AtomicInteger();
        LoadTarget refusing = new LoadTarget() {
            @Override
            public String name() {
                return "refusing";
            }

            @Override
            public CompletableFuture<?> begin(Map<String, Tensor> inputs) {
                return begun.getAndIncrement() % 4 == 0
                        ? CompletableFuture.failedFuture(new IllegalStateException("full"))
                        : CompletableFuture.completedFuture(1);
            }

            @Override
            public double callsARun() {
                return 1;
            }

            @Override
            public void close() {}
        };
        OpenLoop loop = new OpenLoop(List.of(Map.of()), 0.2, Long.MAX_VALUE);
        LoadResult first = loop.run(refusing, 1000, 7);
        int sent = begun.get();
        assertThat(first.sent()).isEqualTo(sent);
        assertThat(first.failed()).isEqualTo((sent + 3) / 4);
        assertThat(first.p50()).isLessThanOrEqualTo(first.p99());
        assertThat(loop.run(refusing, 1000, 7).sent()).isEqualTo(first.sent());
    }

    @Test
    void aMillionCallsCostAsMuchAsTheHoursTheyTake() {
        LoadResult result = new LoadResult("x", 10, 10, 0, 1, 1, 1, 1000, 1);
        assertThat(result.dollarsAMillion(PRICE)).isEqualTo(1);
    }

    @Test
    void wrongArgumentsAreRefused() {
        for (String[] wrong : new String[][] {
            {"load"},
            {"load", "m"},
            {"load", "m", "x=nx4", "--rate"},
            {"load", "m", "x=nx4", "--rate", "1", "--slo", "1"},
        }) {
            assertThatThrownBy(() -> LoadRun.run(System.out, wrong))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("benchmarks/run load");
        }
    }

    @Test
    void shapesHaveRows() {
        Map<String, Tensor> inputs = RowModels.inputs(model(), "*=nx4", 3);
        assertThat(inputs.get("x").dims()).containsExactly(3, 4);
        assertThatThrownBy(() -> RowModels.inputs(model(), "z=nx4", 3)).hasMessageContaining("no shape for input x");
    }
}
