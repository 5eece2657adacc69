package dev.tenon.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.Model;
import dev.tenon.SaveOptions;
import dev.tenon.benchmarks.ceiling.Instruction;
import dev.tenon.benchmarks.engine.Engines;
import dev.tenon.benchmarks.forks.HugePages;
import dev.tenon.benchmarks.operators.KernelCase;
import dev.tenon.benchmarks.results.ComparisonText;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Relu;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.TensorType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openjdk.jmh.runner.RunnerException;

/** Complete comparisons of a small model and of a small product, in forks that run for a short time. */
@Tag("vector")
class CompareTest {
    private static final String[] AN_INSTANT = {"-f", "1", "-wi", "0", "-i", "2", "-r", "20ms"};

    @TempDir
    Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream progress = new ByteArrayOutputStream();

    private int compare(String... arguments) throws UsageException, IOException, RunnerException {
        return Compare.run(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(progress, true, StandardCharsets.UTF_8),
                Stream.of(arguments, AN_INSTANT).flatMap(Stream::of).toArray(String[]::new));
    }

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
        int status = compare(
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
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("vector     on   Vector API, 128-bit vectors")
                .contains("FMA peak of 1 thread,", "FMA peak of 2 threads,")
                .contains("geometric mean of the ratios to onnxruntime, 1 thread:", "2 threads:")
                .contains("Speed-up over one thread");
        List<String> forks = new ArrayList<>();
        progress.toString(StandardCharsets.UTF_8)
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
    void productsAreComparedWithEveryPeerThatIsThere() throws Exception {
        assertThat(compare("ops", "-p", "operator=gemm_3x4x5,softmax_2x3")).isZero();
        String table = out.toString(StandardCharsets.UTF_8);
        String forks = progress.toString(StandardCharsets.UTF_8);
        if (Engines.absence(Engines.OPENBLAS) == null) {
            assertThat(table).contains("openblas: OpenBLAS ", "one thread");
            assertThat(table.lines().filter(l -> l.startsWith("softmax_2x3 ")))
                    .singleElement()
                    .asString()
                    .contains("|         -         -         -       -      - |");
            assertThat(forks.lines().filter(l -> l.contains("openblas"))).hasSize(1);
        } else {
            assertThat(table).contains("openblas: left out, because it cannot run here: ");
            assertThat(forks).doesNotContain("openblas");
        }
        assertThat(forks.lines().filter(l -> l.contains("onnxruntime"))).hasSize(2);
        boolean there = Engines.absence(Engines.ONEDNN) == null;
        assertThat(table).contains(there ? "onednn: oneDNN 3" : "onednn: left out, because it cannot run here: ");
        assertThat(forks.lines().filter(l -> l.contains("onednn"))).hasSize(there ? 1 : 0);
    }

    @Test
    void kernelsAreHeldAgainstCopiesToo() throws Exception {
        Path json = folder.resolve("figures.json");
        assertThat(compare(
                        "kernels", "-p", "kernel=selected", "-p", "operator=whereunsigned", "--json", json.toString()))
                .isZero();
        assertThat(progress.toString(StandardCharsets.UTF_8).lines().filter(l -> l.startsWith("  fork 1/1 ")))
                .satisfiesExactly(
                        l -> assertThat(l).containsPattern("FMA peak +[0-9.]+ GFLOP/s on 1 thread"),
                        l -> assertThat(l).containsPattern("copy peak +[0-9.]+ GB/s"),
                        l -> assertThat(l).contains("tenon "));
        assertThat(out.toString(StandardCharsets.UTF_8))
                .containsPattern("Copy peak: .* [0-9.]+ to [0-9.]+ GB/s\\.")
                .contains("of copy")
                .doesNotContain("| onnxruntime");
        assertThat(Files.readString(json))
                .contains("\"shapes\": \"x0=128x3072,x1=128x3072,x2=128x3072\"")
                .containsPattern("\"copy_gbytes_s\": [0-9.e+-]+, \"share_of_copies\": [0-9.e+-]+,")
                .contains("\"peer_ms\": null", "\"agree\": null");
    }

    @Test
    void kernelsInMachineCodeAreHeldAgainstTheirInstruction() throws Exception {
        assertThat(compare(
                        "kernels", "-p", "kernel=selected", "-p", "operator=gemm_u8s8_3x64x32", "-p", "engine=tenon"))
                .isZero();
        String forks = progress.toString(StandardCharsets.UTF_8);
        String table = out.toString(StandardCharsets.UTF_8);
        Instruction instruction =
                Instruction.of(KernelCase.of(KernelCase.SELECTED, "gemm_u8s8_3x64x32", KernelCase.HERE)
                        .kernel());
        if (instruction == null) {
            assertThat(table).doesNotContain("instruction");
        } else {
            assertThat(forks).containsPattern(instruction.title() + " +[0-9.]+ GOP/s");
            assertThat(table).contains("Peak of " + instruction.title() + " on one core: ");
        }
    }

    @Test
    void aModelIsMeasuredInAnotherPrecision() throws Exception {
        int status =
                compare("compare", model("sum.onnx"), "--shape", "x=3x8", "--precision", "BF16", "-p", "engine=tenon");
        assertThat(status).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).containsPattern("sum BF16 +3x8 ");
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
        assertThat(compare(arguments.toArray(String[]::new))).isZero();
        String table = out.toString(StandardCharsets.UTF_8);
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
        assertThat(compare("oversubscription", model("sum.onnx"), "--shape", "x=3x8", "--threads", threads))
                .isZero();
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("FMA peak of " + ComparisonText.threads(processors))
                .doesNotContain("FMA peak of " + 2 * processors)
                .contains("the same engine takes 1 with " + ComparisonText.threads(processors))
                .containsPattern("sum 3x8 +" + processors + " \\|   1.00   1.00   1.00 \\|   1.00   1.00   1.00")
                .containsPattern("sum 3x8 +" + 2 * processors + " \\| +[0-9.]+ +[0-9.]+ +[0-9.]+ \\| +[0-9.]+ ");
    }

    @Test
    void saysWhichCommandLinesItCannotFollow() {
        assertThatThrownBy(() -> compare("ops", "-p", "operator=sort_3"))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("operator 'sort_3'");
        assertThatThrownBy(() -> compare("minilm", "-p", "engine=openblas"))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("engine 'openblas' is unknown; there are tenon, onnxruntime");
    }
}
