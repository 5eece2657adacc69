package dev.tenon.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.benchmarks.ceiling.Instruction;
import dev.tenon.benchmarks.engine.Engines;
import dev.tenon.benchmarks.operators.KernelCase;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Complete comparisons of products and kernels, in forks that run for a short time. */
@Tag("vector")
class KernelComparisonTest {
    @TempDir
    private Path folder;

    private final ShortComparison comparison = new ShortComparison();

    @Test
    void productsAreComparedWithEveryPeerThatIsThere() throws Exception {
        assertThat(comparison.run("ops", "-p", "operator=gemm_3x4x5,softmax_2x3"))
                .isZero();
        String table = comparison.out();
        String forks = comparison.progress();
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
        assertThat(comparison.run(
                        "kernels", "-p", "kernel=selected", "-p", "operator=whereunsigned", "--json", json.toString()))
                .isZero();
        assertThat(comparison.progress().lines().filter(l -> l.startsWith("  fork 1/1 ")))
                .satisfiesExactly(
                        l -> assertThat(l).containsPattern("FMA peak +[0-9.]+ GFLOP/s on 1 thread"),
                        l -> assertThat(l).containsPattern("copy peak +[0-9.]+ GB/s"),
                        l -> assertThat(l).contains("tenon "));
        assertThat(comparison.out())
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
        assertThat(comparison.run(
                        "kernels", "-p", "kernel=selected", "-p", "operator=gemm_u8s8_3x64x32", "-p", "engine=tenon"))
                .isZero();
        String forks = comparison.progress();
        String table = comparison.out();
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
}
