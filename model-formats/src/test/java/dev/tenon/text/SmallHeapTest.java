package dev.tenon.text;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.testkit.ChildJvm;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where the heap is too small for a text, a file or an array, there is a typed exception. */
class SmallHeapTest {
    @TempDir
    private Path folder;

    @Test
    void everyAttemptEndsInATypedException() throws Exception {
        ChildJvm.Result child = ChildJvm.run(
                folder, List.of("-Xmx40m", "-XX:+UseSerialGC", "-XX:MaxDirectMemorySize=300m"), SmallHeapProgram.class);
        assertThat(child.status()).as(child.output()).isZero();
        List<String> lines = child.output()
                .lines()
                .filter(line -> line.startsWith("typed ") || line.startsWith("ok "))
                .toList();
        assertThat(lines)
                .as(child.output())
                .hasSize(12)
                .allSatisfy(line -> assertThat(line).startsWith("typed ").contains("raise -Xmx"));
        assertThat(child.output()).as("a standard for a heap of this size").containsPattern("standard [78]\\d{4}\\n");
    }
}
