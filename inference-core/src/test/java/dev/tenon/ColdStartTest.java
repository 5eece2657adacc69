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

/** Results are the same whether vector loops are compiled, or scalar loops run in their place. */
@Tag("vector")
class ColdStartTest {
    private static final List<String> FLAGS = List.of("--add-modules", "jdk.incubator.vector");
    private static final String OFF = "-Dtenon.warmup=off";

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
        List<String> warmedUp = run(List.of());
        assertThat(results(warmedUp)).hasSize(1);
        assertThat(warmedUp.getLast()).isEqualTo(ColdProgram.WARM);
        checkBytes(warmedUp);
        List<String> withoutWarmUp = run(List.of(OFF));
        assertThat(results(withoutWarmUp)).isEqualTo(results(warmedUp));
        assertThat(withoutWarmUp.getLast()).isEqualTo(ColdProgram.WARM);
    }

    @Test
    void convolutionsHaveTheSameBitsDuringTheWarmUp() throws Exception {
        List<String> results = results(run(List.of(), "convolutions"));
        assertThat(results).hasSize(1);
        assertThat(results(run(List.of(OFF), "convolutions"))).isEqualTo(results);
    }

    @Test
    void aJvmThatCompilesNoVectorsKeepsToPlainLoops() throws Exception {
        List<String> plain = run(List.of("-XX:TieredStopAtLevel=1", "-Dtenon.native=off"));
        assertThat(results(plain)).hasSize(1);
        assertThat(plain.getLast()).isEqualTo(ColdProgram.WARMING_UP);
    }
}
