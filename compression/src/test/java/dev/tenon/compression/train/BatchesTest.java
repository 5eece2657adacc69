package dev.tenon.compression.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.compression.CompressionException;
import dev.tenon.compression.Samples;
import dev.tenon.compression.train.Batches.Batch;
import dev.tenon.compression.train.SampleRows.Row;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.tensor.Tensor;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BatchesTest {
    /** Samples of two widths, in calls of seven; a sample's elements are its number. */
    private static SampleRows rows(int count) {
        SampleRows rows = new SampleRows(Set.of("x"), Long.MAX_VALUE);
        int number = 0;
        for (int call = 0; number < count; call++) {
            int width = call % 3 == 0 ? 2 : 4;
            int samples = Math.min(7, count - number);
            float[] x = new float[samples * width];
            for (int i = 0; i < x.length; i++) {
                x[i] = number + i / width;
            }
            rows.add(new Samples.Call(Map.of("x", Tensor.of(x, samples, width)), samples));
            number += samples;
        }
        return rows;
    }

    private static List<Integer> numbers(List<Batch> batches) {
        return batches.stream().flatMap(b -> b.rows().stream()).map(Row::number).toList();
    }

    @Test
    void eachSampleIsInAnEpochOrJudges() {
        SampleRows rows = rows(300);
        Batches batches = new Batches(rows, 16, false, 5);
        Set<Integer> judges = new HashSet<>(numbers(batches.judges()));
        assertThat(judges).hasSizeBetween(20, 30);
        Set<Integer> seen = new HashSet<>();
        for (int epoch = 0; epoch < 20; epoch++) {
            List<Integer> numbers = numbers(batches.epoch(epoch));
            assertThat(numbers).doesNotHaveDuplicates().hasSize(16 * batches.steps());
            assertThat(batches.epoch(epoch)).hasSize(batches.steps());
            seen.addAll(numbers);
            assertThat(numbers).isEqualTo(numbers(new Batches(rows, 16, false, 5).epoch(epoch)));
            assertThat(numbers).isNotEqualTo(numbers(batches.epoch(epoch + 1)));
            assertThat(numbers).isNotEqualTo(numbers(new Batches(rows, 16, false, 6).epoch(epoch)));
        }
        assertThat(seen).hasSize(300 - judges.size()).doesNotContainAnyElementsOf(judges);
    }

    @Test
    void aBatchHasTheRowsOfItsSamples() {
        SampleRows rows = rows(300);
        Batches batches = new Batches(rows, 16, false, 5);
        for (Batch batch : batches.epoch(0)) {
            Tensor x = Tensor.of(new float[16 * 4], 16, 4);
            long[] dims = rows.dims(batch.rows().getFirst(), "x", 16);
            Tensor target = dims[1] == 4 ? x : Tensor.of(new float[16 * 2], 16, 2);
            rows.gather(batch.rows(), "x", target);
            for (int i = 0; i < target.size(); i++) {
                assertThat(target.getFloat(i))
                        .isEqualTo(batch.rows().get((int) (i / dims[1])).number());
            }
        }
    }

    @Test
    void aNetworkThatTakesAFixedNumberGetsIt() {
        Batches batches = new Batches(rows(300), 16, true, 5);
        assertThat(batches.judges()).isNotEmpty().allMatch(b -> b.rows().size() == 16);
        assertThat(batches.epoch(3)).isNotEmpty().allMatch(b -> b.rows().size() == 16);
    }

    @Test
    void aSmallBucketHasASmallBatch() {
        SampleRows rows = rows(12);
        Batches batches = new Batches(rows, 4, false, 0);
        assertThat(batches.buckets()).extracting(Batches.Bucket::batch).containsExactly(4, 4);
        assertThatThrownBy(() -> new Batches(rows, 7, false, 0))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("6 of one shape, beside those that judge; there are 12 in all");
    }

    @Test
    void manyShapesAndMuchMemoryAreRefused() {
        SampleRows rows = new SampleRows(Set.of("x"), 1000);
        for (int i = 1; i < 18; i++) {
            rows.add(new Samples.Call(Map.of("x", Tensor.of(new float[i], 1, i)), 1));
        }
        assertThatThrownBy(() -> new Batches(rows, 1, false, 0))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("17 shapes; allowed at most 16");
        assertThatThrownBy(() -> rows.add(new Samples.Call(Map.of("x", Tensor.of(new float[250], 1, 250)), 1)))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining("samples to train on");
    }

    @Test
    void rowsOfAnotherTypeAreRefused() {
        SampleRows rows = rows(30);
        List<Row> some = rows.buckets().getFirst().subList(0, 2);
        for (Tensor target : List.of(Tensor.of(new long[4], 2, 2), Tensor.of(new int[4], 2, 2))) {
            assertThatThrownBy(() -> rows.gather(some, "x", target))
                    .isInstanceOf(CompressionException.class)
                    .hasMessageContaining("input 'x' of the network to train")
                    .hasMessageContaining("as the samples have");
        }
    }

    @Test
    void whatIsTooFewForABatchIsTold() {
        Batches batches = new Batches(rows(40), 8, true, 0);
        assertThat(batches.buckets()).hasSize(1);
        assertThat(batches.leftOut()).containsExactly(14);
        assertThat(new Batches(rows(40), 4, true, 0).leftOut()).isEmpty();
    }
}
