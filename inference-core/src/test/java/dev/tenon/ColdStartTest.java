package dev.tenon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.fixtures.ColdProgram;
import dev.tenon.testkit.ChildJvm;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Results are the same before and after the JVM has compiled the loops of kernels. */
@Tag("vector")
class ColdStartTest {
    /** The JVM compiles while the caller waits: how far it is then depends on the calls alone. */
    private static final List<String> FLAGS = List.of("--add-modules", "jdk.incubator.vector", "-Xbatch");

    private static final String NO_MACHINE_CODE = "-Dtenon.native=off";

    @TempDir
    private Path folder;

    private List<String> run(List<String> more, String... arguments) throws Exception {
        List<String> flags = new ArrayList<>(FLAGS);
        flags.addAll(more);
        ChildJvm.Result child = ChildJvm.run(folder, flags, ColdProgram.class, arguments);
        assertThat(child.status()).as(child.output()).isZero();
        return child.output().lines().toList();
    }

    private static List<String> results(List<String> lines) {
        return lines.stream()
                .filter(line -> line.startsWith(ColdProgram.RESULT))
                .distinct()
                .toList();
    }

    private static void checkBytes(List<String> lines) {
        assertThat(lines.stream().filter(line -> line.startsWith(ColdProgram.BYTES)))
                .singleElement()
                .satisfies(line -> assertThat(Long.parseLong(line.substring(ColdProgram.BYTES.length())))
                        .isLessThanOrEqualTo(ColdProgram.BYTES_A_CALL));
    }

    @Test
    void firstResultsHaveTheBitsOfLaterOnesAndLaterOnesTakeNoMemory() throws Exception {
        for (List<String> flags : List.of(List.<String>of(), List.of(NO_MACHINE_CODE))) {
            List<String> lines = run(flags);
            assertThat(results(lines)).as(flags.toString()).hasSize(1);
            checkBytes(lines);
        }
    }

    @Test
    void convolutionsHaveTheSameBitsFromTheFirstCallOn() throws Exception {
        assertThat(results(run(List.of(NO_MACHINE_CODE), ColdProgram.CONVOLUTIONS)))
                .hasSize(1);
    }

    @Test
    void aJvmWithoutItsOptimizingCompilerKeepsToPlainLoops() throws Exception {
        List<String> lines = run(List.of("-XX:TieredStopAtLevel=1", NO_MACHINE_CODE), ColdProgram.RESULTS_ONLY);
        assertThat(results(lines)).hasSize(1);
        assertThat(lines)
                .anySatisfy(line -> assertThat(line).startsWith("vector").contains("off", "emulated-client"));
    }
}
