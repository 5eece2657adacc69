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
    private static final long BYTES_A_CALL = 64;

    @TempDir
    private Path folder;

    private List<String> run(String... more) throws Exception {
        List<String> flags = new ArrayList<>(FLAGS);
        flags.addAll(List.of(more));
        ChildJvm child = ChildJvm.run(folder, flags, ColdProgram.class);
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
                        .isLessThanOrEqualTo(BYTES_A_CALL));
    }

    @Test
    void firstResultsHaveTheBitsOfLaterOnesAndLaterOnesTakeNoMemory() throws Exception {
        List<String> rehearsed = run();
        assertThat(results(rehearsed)).hasSize(1);
        assertThat(rehearsed.getLast()).isEqualTo(ColdProgram.REHEARSED);
        checkBytes(rehearsed);
        List<String> unrehearsed = run("-Dtenon.rehearsal=off");
        assertThat(results(unrehearsed)).isEqualTo(results(rehearsed));
        assertThat(unrehearsed.getLast()).isEqualTo(ColdProgram.REHEARSED);
    }

    @Test
    void aJvmThatCompilesNoVectorsKeepsToPlainLoops() throws Exception {
        List<String> plain = run("-XX:TieredStopAtLevel=1");
        assertThat(results(plain)).hasSize(1);
        assertThat(plain.getLast()).isEqualTo(ColdProgram.REHEARSING);
    }
}
