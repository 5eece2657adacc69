package dev.tenon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.InvalidTensorException;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorSequence;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Rows of outputs, copied at once or when they are read. */
class OutputRowsTest {
    private final Tensor all = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 3, 2);
    private final Outputs outputs = Outputs.of(Map.of("y", all));

    @Test
    void rowsAreCopiesThatNothingChanges() {
        Outputs rows = outputs.rows(1, 3);
        all.setDouble(2, 9);
        assertThat(rows.tensor("y").dims()).containsExactly(2, 2);
        assertThat(rows.tensor("y").toFloatArray()).containsExactly(3, 4, 5, 6);
    }

    @Test
    void rowsToReadAreCopiedWhenTheyAreReadFirst() {
        Outputs late = outputs.rowsToRead(1, 2);
        all.setDouble(2, 9);
        assertThat(late.tensor().toFloatArray()).as("not copied before").containsExactly(9, 4);
        all.setDouble(3, 8);
        assertThat(late.tensor("y").toFloatArray()).as("copied by now").containsExactly(9, 4);
        late.tensor().setDouble(0, 7);
        assertThat(late).containsOnlyKeys("y").hasSize(1);
        assertThat(late.get("y")).isSameAs(late.tensor());
        assertThat(all.getFloat(2)).isEqualTo(9);
        assertThat(late.rows(0, 1).tensor().toFloatArray()).containsExactly(7, 4);
        assertThat(outputs.rowsToRead(0, 3).rowsToRead(2, 3).tensor().toFloatArray())
                .containsExactly(5, 6);
    }

    @Test
    void allThreadsReadTheSameCopies() throws Exception {
        int threads = 4;
        CyclicBarrier begin = new CyclicBarrier(threads);
        try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            for (int turn = 0; turn < 100; turn++) {
                Outputs late = outputs.rowsToRead(0, 1);
                List<Future<Tensor>> read = new ArrayList<>();
                for (int i = 0; i < threads; i++) {
                    read.add(pool.submit(() -> {
                        begin.await();
                        return late.tensor("y");
                    }));
                }
                for (Future<Tensor> tensor : read) {
                    assertThat(tensor.get()).isSameAs(late.tensor("y"));
                }
            }
        }
    }

    @Test
    void sequencesAreCopiedAtOnce() {
        Tensor element = Tensor.of(new float[] {1, 2});
        Outputs two = Outputs.of(Map.of("s", TensorSequence.of(element, Tensor.of(new float[] {3, 4}))));
        Outputs late = two.rowsToRead(0, 1);
        element.setDouble(0, 9);
        assertThat(((TensorSequence) late.get("s")).get(0))
                .isInstanceOfSatisfying(
                        Tensor.class, t -> assertThat(t.toFloatArray()).containsExactly(1, 2));
    }

    @Test
    void rowsThatDoNotExistAreRefusedAtOnce() {
        assertThatThrownBy(() -> outputs.rowsToRead(2, 4)).isInstanceOf(InvalidTensorException.class);
        assertThatThrownBy(() -> outputs.rowsToRead(-1, 1)).isInstanceOf(InvalidTensorException.class);
        assertThatThrownBy(() -> outputs.rows(2, 4)).isInstanceOf(InvalidTensorException.class);
    }
}
