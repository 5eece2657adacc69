package dev.tenon.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.Model;
import dev.tenon.SaveOptions;
import dev.tenon.benchmarks.forks.HugePages;
import dev.tenon.benchmarks.results.ComparisonText;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Relu;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.TensorType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Complete comparisons of a small model, in forks that run for a short time. */
@Tag("vector")
class CompareTest {
    @TempDir
    Path folder;

    private final ShortComparison comparison = new ShortComparison();

    private String model(String name) {
        GraphBuilder b = new GraphBuilder("sum");
        TensorType type = new TensorType(DType.FLOAT32, Shape.of(Dim.symbol("rows"), Dim.of(8)));
        Value sum = b.add(new Add(), b.input("x", type), b.input("y", type));
        Path file = folder.resolve(name);
        Model.of(b.output("z", b.add(new Relu(), sum)).build())
                .save(file, SaveOptions.standard().operatorSet(17));
        return file.toString();
    }

    @Test
    void modelsAreComparedOnOneThreadAndOnTwo() throws Exception {
        Path json = folder.resolve("figures.json");
        Path svg = folder.resolve("figures.svg");
        int status = comparison.run(
                "compare",
                model("two\"inputs.onnx"),
                "--shape",
                "x=3x8",
                "--threads",
                "1,2",
                "--json",
                json.toString(),
                "--svg",
                svg.toString(),
                "-jvmArgsAppend",
                "-Dtenon.isa.max=sse");
        assertThat(status).isZero();
        assertThat(comparison.out())
                .contains("vector     on   Vector API, 128-bit vectors")
                .contains("FMA peak of 1 thread,", "FMA peak of 2 threads,")
                .contains("geometric mean of the ratios to onnxruntime, 1 thread:", "2 threads:")
                .contains("Speed-up over one thread");
        List<String> forks = new ArrayList<>();
        comparison
                .progress()
                .lines()
                .filter(l -> l.startsWith("  fork 1/1 "))
                .map(l -> l.substring("  fork 1/1 ".length()).split(" ")[0])
                .forEach(forks::add);
        assertThat(forks).containsExactly("FMA", "tenon", "onnxruntime", "FMA", "FMA", "tenon", "onnxruntime");
        String figures = Files.readString(json);
        assertThat(figures)
                .contains("{\"model\": \"two\\\"inputs\", \"shapes\": \"x=3x8,y=3x8\", \"threads\": 1")
                .contains("\"threads\": 2, \"tiers\": [\"vector128\", \"scalar\"]")
                .containsPattern("(?s)\"threads\": 2,.*\"fma_speed_up\": [0-9.e+-]+, \"speed_up\": [0-9.e+-]+,")
                .contains("\"agree\": true, \"max_abs_diff\": 0.00000");
        assertThat(Files.readString(svg))
                .containsSubsequence(">1 thread<", ">two\"inputs 3x8<", ">2 threads<", ">two\"inputs 3x8<");
    }

    @Test
    void aModelIsMeasuredInAnotherPrecision() throws Exception {
        int status = comparison.run(
                "compare", model("sum.onnx"), "--shape", "x=3x8", "--precision", "BF16", "-p", "engine=tenon");
        assertThat(status).isZero();
        assertThat(comparison.out()).containsPattern("sum BF16 +3x8 ");
    }

    @Test
    void aModelIsMeasuredOnOtherTermsWithTheMemoryOfBothEngines() throws Exception {
        Path json = folder.resolve("figures.json");
        List<String> arguments = new ArrayList<>(List.of("compare", model("sum.onnx"), "--shape", "x=3x8"));
        arguments.addAll(List.of("--numerics", "STRICT", "--call", "map", "--json", json.toString()));
        boolean large = HugePages.refusal() == null;
        if (large) {
            arguments.add("--huge-pages");
        }
        assertThat(comparison.run(arguments.toArray(String[]::new))).isZero();
        String table = comparison.out();
        assertThat(table).containsPattern("sum STRICT map +3x8 ");
        String figures = Files.readString(json);
        assertThat(figures)
                .contains("\"numerics\": \"STRICT\", \"call\": \"map\", \"huge_pages\": " + large)
                .contains("\"agree\": true");
        String number = "[0-9.e+-]+";
        String memory =
                "\\{\"resident_mb\": " + number + ", \"peak_mb\": " + number + ", \"huge_mb\": " + number + "\\}";
        if (Files.isReadable(Path.of("/proc/self/smaps_rollup"))) {
            assertThat(figures)
                    .containsPattern("\"ours_memory\": " + memory + ", \"peer_memory\": " + memory
                            + ", \"memory_ratio\": " + number);
            assertThat(table).contains("Large pages: tenon moves", large ? HugePages.SETTING : "--huge-pages");
        }
    }

    @Test
    void moreThreadsThanProcessorsAreMeasured() throws Exception {
        int processors = Runtime.getRuntime().availableProcessors();
        String threads = processors + "," + 2 * processors;
        assertThat(comparison.run("oversubscription", model("sum.onnx"), "--shape", "x=3x8", "--threads", threads))
                .isZero();
        assertThat(comparison.out())
                .contains("FMA peak of " + ComparisonText.threads(processors))
                .doesNotContain("FMA peak of " + 2 * processors)
                .contains("the same engine takes 1 with " + ComparisonText.threads(processors))
                .containsPattern("sum 3x8 +" + processors + " \\|   1.00   1.00   1.00 \\|   1.00   1.00   1.00")
                .containsPattern("sum 3x8 +" + 2 * processors + " \\| +[0-9.]+ +[0-9.]+ +[0-9.]+ \\| +[0-9.]+ ");
    }

    @Test
    void saysWhichCommandLinesItCannotFollow() {
        assertThatThrownBy(() -> comparison.run("ops", "-p", "operator=sort_3"))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("operator 'sort_3'");
        assertThatThrownBy(() -> comparison.run("minilm", "-p", "engine=openblas"))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("engine 'openblas' is unknown; there are tenon, onnxruntime");
    }
}
