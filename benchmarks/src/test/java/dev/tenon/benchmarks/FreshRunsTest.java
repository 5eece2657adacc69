package dev.tenon.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tenon.benchmarks.cases.MiniLmCase;
import dev.tenon.benchmarks.engine.Engines;
import dev.tenon.benchmarks.fresh.ColdProgram;
import dev.tenon.benchmarks.fresh.FreshJvm;
import dev.tenon.benchmarks.fresh.FreshJvm.Flags;
import dev.tenon.benchmarks.fresh.PackageProgram;
import dev.tenon.benchmarks.fresh.TreesProgram;
import dev.tenon.benchmarks.trees.TrainedForest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("vector")
class FreshRunsTest {
    private static final Path MODEL = MiniLmCase.file(MiniLmCase.FLOAT);
    /** What a shell and the JVM call a process that this signal ended. */
    private static final int SIGSEGV = 139;

    private static final int TRIES = 3;

    /**
     * Runs a program of an engine. ONNX Runtime 1.29 ends a new JVM by SIGSEGV while it makes its environment: now and then, and on
     * one machine always. Its crash is reported and another JVM is tried; if each of them crashes, the test is aborted with this reason. A
     * crash of any other engine fails.
     */
    private static Map<String, Long> run(
            FreshJvm jvm, TestReporter reporter, Class<?> program, String engine, String... more) throws IOException {
        String[] arguments = Stream.concat(Stream.of(engine), Stream.of(more)).toArray(String[]::new);
        for (int tries = 1; ; tries++) {
            try {
                return jvm.run(program, Flags.ALL, arguments);
            } catch (IOException e) {
                boolean isCrash = e.getMessage().contains("ended with " + SIGSEGV);
                if (!engine.equals(Engines.ONNXRUNTIME) || !isCrash) {
                    throw e;
                }
                assumeTrue(tries < TRIES, Engines.title(engine) + " crashes on this machine: " + e.getMessage());
                reporter.publishEntry("crash of a peer", e.getMessage());
            }
        }
    }

    /** A test for each engine: if the peer's is aborted, Tenon's has run. */
    @ParameterizedTest
    @ValueSource(strings = {Engines.TENON, Engines.ONNXRUNTIME})
    void phasesFollowEachOther(String engine, @TempDir Path folder, TestReporter reporter) throws IOException {
        Map<String, Long> times =
                run(new FreshJvm(folder), reporter, ColdProgram.class, engine, MODEL.toString(), "4", "1");
        assertThat(times.keySet())
                .containsExactly(FreshJvm.LAUNCH, ColdProgram.MAIN, ColdProgram.SESSION, ColdProgram.FIRST);
        assertThat(List.copyOf(times.values())).isSorted();
    }

    @Test
    void aJvmWithoutFlagsHasAFirstResultToo(@TempDir Path folder) throws IOException {
        Map<String, Long> times =
                new FreshJvm(folder).run(ColdProgram.class, Flags.NONE, Engines.TENON, MODEL.toString(), "4", "1");
        assertThat(times).containsKeys(FreshJvm.LAUNCH, ColdProgram.FIRST);
    }

    @Test
    void packagesStartToo(@TempDir Path folder) throws IOException {
        FreshJvm jvm = new FreshJvm(folder);
        String packed = folder.resolve("model.tenon").toString();
        jvm.run(PackageProgram.class, Flags.ALL, MODEL.toString(), packed, "4");
        assertThat(jvm.run(ColdProgram.class, Flags.ALL, Engines.TENON, packed, "4", "0"))
                .containsKeys(ColdProgram.SESSION, ColdProgram.PLANNED);
    }

    @Test
    void forestsAreScored(@TempDir Path folder) throws IOException {
        FreshJvm jvm = new FreshJvm(folder);
        String file = TrainedForest.of("xgb-5x3").file().toString();
        for (String engine : List.of(Engines.TENON, Engines.XGBOOST)) {
            Map<String, Long> times = jvm.run(TreesProgram.class, Flags.ALL, engine, file);
            assertThat(List.of(
                            times.get(FreshJvm.LAUNCH),
                            times.get(TreesProgram.MAIN),
                            times.get(TreesProgram.LOADED),
                            times.get(TreesProgram.FIRST)))
                    .isSorted();
            assertThat(times.get(TreesProgram.PROCESSOR)).isPositive();
        }
    }

    @Test
    void failuresTellWhatWasPrinted(@TempDir Path folder) throws IOException {
        FreshJvm jvm = new FreshJvm(folder);
        assertThatThrownBy(() -> jvm.run(ColdProgram.class, Flags.ALL, Engines.TENON, "none.onnx", "4", "1"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("ColdProgram")
                .hasMessageContaining("none.onnx");
    }

    @Test
    void refusesOtherOptions() {
        for (String[] options : new String[][] {
            {"cold", "-f"},
            {"cold", "-f", "x"},
            {"start", "-f", "0"},
            {"cold", "-p"},
            {"start", "--no-flags"},
            {"start", "--trees"},
            {"cold", "--trees", "--no-flags"}
        }) {
            assertThatThrownBy(() -> FreshRuns.run(System.out, MODEL, options)).isInstanceOf(UsageException.class);
        }
    }
}
