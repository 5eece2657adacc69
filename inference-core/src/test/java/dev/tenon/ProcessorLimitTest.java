package dev.tenon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.fixtures.ProcessorsProgram;
import dev.tenon.fixtures.SmallModels;
import dev.tenon.testkit.ChildJvm;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A JVM uses as many threads for calls as its container has processors. Results are the same. */
@Tag("vector")
class ProcessorLimitTest {
    private static final int MOST_PROCESSORS = 3;

    @TempDir
    private Path folder;

    private static List<String> after(String word, ChildJvm.Result child) {
        return child.output()
                .lines()
                .filter(line -> line.startsWith(word))
                .map(line -> line.substring(word.length()))
                .toList();
    }

    @Test
    void callsHaveOneThreadForEachProcessor() throws Exception {
        Path file = folder.resolve("model.onnx");
        SmallModels.model("""
            graph (%x: f32[n,96]) {
              %w = const f32[96,200] @w96x200
              %v = const f32[200,64] @w200x64
              %m = MatMul(%x, %w)
              %r = Relu(%m)
              %p = MatMul(%r, %v)
              %y = Softmax<axis=-1>(%p)
              return %y
            }
            """).save(file);
        Set<String> results = new TreeSet<>();
        for (int processors = 1; processors <= MOST_PROCESSORS; processors++) {
            List<String> flags =
                    List.of("--add-modules", "jdk.incubator.vector", "-XX:ActiveProcessorCount=" + processors);
            ChildJvm.Result child = ChildJvm.run(folder, flags, ProcessorsProgram.class, file.toString(), "2048", "96");
            assertThat(child.status()).as(child.output()).isZero();
            assertThat(after(ProcessorsProgram.THREADS, child)).containsExactly(Integer.toString(processors));
            assertThat(after(ProcessorsProgram.WORKERS, child)).containsExactly(Integer.toString(processors - 1));
            results.addAll(after(ProcessorsProgram.RESULT, child));
        }
        assertThat(results).hasSize(1);
    }
}
