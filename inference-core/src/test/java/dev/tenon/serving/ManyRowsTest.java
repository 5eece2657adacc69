package dev.tenon.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.Outputs;
import dev.tenon.SessionOptions;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.fixtures.EndlessRowsProgram;
import dev.tenon.fixtures.SmallModels;
import dev.tenon.fixtures.Typed;
import dev.tenon.serving.batch.Batcher;
import dev.tenon.table.ColumnArrays;
import dev.tenon.table.TableBatch;
import dev.tenon.table.TableInput;
import dev.tenon.testkit.ChildJvm;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Numbers of rows that no memory has room for. */
class ManyRowsTest {
    @TempDir
    private Path folder;

    @Test
    void aBatchTakesMemoryAsRowsCome() {
        TableInput table = TableInput.of(SmallModels.model("graph (%age: f32[N,1]) { %y = Identity(%age) return %y }"));
        double[] ages = new double[1000];
        for (int i = 0; i < ages.length; i++) {
            ages[i] = i;
        }
        TableBatch batch = table.batches(new ColumnArrays().add("age", ages).rows(), Integer.MAX_VALUE);
        assertThat(batch.next()).isTrue();
        assertThat(batch.count()).isEqualTo(ages.length);
        assertThat(batch.inputs().get("age").getFloat(999)).isEqualTo(999);
        assertThat(batch.next()).isFalse();
    }

    @Test
    void aBatcherOfMoreRowsThanTheHeapHasRoomForIsRefused() {
        assertThat(Typed.failure(() -> Batcher.of(
                        SmallModels.perceptron().session(),
                        BatchOptions.standard().maxRows(Integer.MAX_VALUE))))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining("2147483647 rows")
                .hasMessageContaining("BatchOptions.maxRows");
    }

    @Test
    void rowsWithoutEndEndInTypedExceptions() throws Exception {
        ChildJvm.Result child = ChildJvm.run(folder, List.of("-Xmx96m"), EndlessRowsProgram.class);
        assertThat(child.status()).as(child.output()).isZero();
        List<String> lines = child.output()
                .lines()
                .filter(l -> l.startsWith("ok ") || l.startsWith("typed "))
                .toList();
        assertThat(lines).as(child.output()).hasSize(EndlessRowsProgram.ATTEMPTS);
        assertThat(lines.get(0)).startsWith("typed read row ").contains("TableInput.batches");
        assertThat(lines.get(1)).isEqualTo("ok batches");
        assertThat(lines.get(2)).startsWith("typed largest batch row ").contains("TableInput.batches");
        assertThat(lines.get(3)).startsWith("typed batcher ").contains("BatchOptions.maxRows");
        assertThat(lines.get(4)).isEqualTo("ok call");
    }

    /** Random inputs are not to blame if a limit of memory ends every run. */
    @Test
    void aLimitOfMemoryIsToldAsSuch() {
        assertThat(Typed.failure(() -> Batcher.of(
                        SmallModels.perceptron()
                                .session(SessionOptions.standard().maxTensorBytes(16)),
                        BatchOptions.standard())))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining("16 bytes");
        Outputs y = SmallModels.perceptron().predict(java.util.Map.of("x", SmallModels.random(1, 16)));
        assertThat(y.tensor().size()).isEqualTo(8);
    }
}
