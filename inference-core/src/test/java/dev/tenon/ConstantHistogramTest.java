package dev.tenon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConstantHistogramTest {
    private static List<?> bins(Map<String, Object> histogram) {
        return (List<?>) histogram.get("bins");
    }

    @Test
    void eachNumberIsInItsBin() {
        float[] numbers = new float[65];
        for (int i = 0; i < 64; i++) {
            numbers[i] = i / 2f - 16;
        }
        numbers[64] = 16;
        Map<String, Object> histogram = ConstantHistogram.of(Tensor.of(numbers, 5, 13));
        assertThat(histogram).containsEntry("least", -16.0).containsEntry("greatest", 16.0);
        assertThat(histogram).containsEntry("numbers", 65);
        assertThat(bins(histogram).subList(0, 31)).hasSize(31).allMatch(count -> count.equals(2));
        assertThat(bins(histogram).getLast()).isEqualTo(3);
    }

    @Test
    void integersAndEqualNumbers() {
        long[] sevens = new long[9];
        Arrays.fill(sevens, 7);
        Map<String, Object> histogram = ConstantHistogram.of(Tensor.of(sevens));
        assertThat(histogram).containsEntry("least", 7.0).containsEntry("greatest", 7.0);
        assertThat(bins(histogram).getFirst()).isEqualTo(9);
        float[] broken = {1, 2, Float.NaN, 3, Float.POSITIVE_INFINITY, 4, 5, 6, 7, 8};
        assertThat(ConstantHistogram.of(Tensor.of(broken)))
                .containsEntry("numbers", 8)
                .containsEntry("greatest", 8.0);
    }

    @Test
    void whatHasNoHistogram() {
        assertThat(ConstantHistogram.of(Tensor.of(new float[7]))).isEmpty();
        assertThat(ConstantHistogram.of(Tensor.allocate(DType.STRING, 20))).isEmpty();
        assertThat(ConstantHistogram.of(Tensor.allocate(DType.BOOL, 20))).isEmpty();
        float[] none = new float[20];
        Arrays.fill(none, Float.NaN);
        assertThat(ConstantHistogram.of(Tensor.of(none))).isEmpty();
    }

    /** Each row begins with 1 and has zeros after it: a stride that fits the rows would see one of both only. */
    @Test
    void someNumbersStandForMany() {
        int rows = 1 << 15;
        float[] numbers = new float[16 * rows];
        for (int row = 0; row < rows; row++) {
            numbers[16 * row] = 1;
        }
        Map<String, Object> histogram = ConstantHistogram.of(Tensor.of(numbers, rows, 16));
        assertThat(histogram).containsEntry("numbers", 1 << 16);
        assertThat((Integer) bins(histogram).getLast()).isBetween((1 << 12) - 200, (1 << 12) + 200);
    }
}
