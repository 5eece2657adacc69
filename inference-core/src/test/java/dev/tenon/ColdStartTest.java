package dev.tenon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.fixtures.ChildJvm;
import dev.tenon.fixtures.ColdProgram;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Results are the same whether loops on vectors are compiled, or plain ones stand in for them. */
@Tag("vector")
class ColdStartTest {
    private static final List<String> FLAGS = List.of("--add-modules", "jdk.incubator.vector");

    @TempDir
    private Path folder;

    private List<String> results(String last, String... more) throws Exception {
        List<String> flags = new ArrayList<>(FLAGS);
        flags.addAll(List.of(more));
        ChildJvm child = ChildJvm.run(folder, flags, ColdProgram.class);
        assertThat(child.status()).as(child.output()).isZero();
        List<String> lines = child.output()
                .lines()
                .filter(line -> line.startsWith(ColdProgram.RESULT))
                .distinct()
                .toList();
        assertThat(child.output().lines().reduce((a, b) -> b)).contains(last);
        return lines;
    }

    @Test
    void firstResultsHaveTheBitsOfLaterOnes() throws Exception {
        List<String> results = results(ColdProgram.REHEARSED);
        assertThat(results).hasSize(1);
        assertThat(results(ColdProgram.REHEARSED, "-Dtenon.rehearsal=off")).isEqualTo(results);
    }

    @Test
    void aJvmThatCompilesNoVectorsKeepsToPlainLoops() throws Exception {
        assertThat(results(ColdProgram.REHEARSING, "-XX:TieredStopAtLevel=1")).hasSize(1);
    }
}
