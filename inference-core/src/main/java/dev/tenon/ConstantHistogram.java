package dev.tenon;

import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/** How the numbers of constants are spread, for a page. */
final class ConstantHistogram {
    private static final int BINS = 32;
    private static final int LEAST_SIZE = 8;
    private static final int MOST_NUMBERS = 1 << 16;

    /** Multiples of this number, without their whole parts, are spread evenly, and with no period that rows could have. */
    private static final double GOLDEN = (Math.sqrt(5) - 1) / 2;

    private ConstantHistogram() {}

    /**
     * The histogram of a constant. Of a large one it has some of the numbers, so that it takes little time.
     *
     * @param constant the constant
     * @return its members; empty for a few numbers, for none that are finite, and for elements that are no numbers
     */
    static Map<String, Object> of(Tensor constant) {
        long size = constant.size();
        boolean areNumbers = constant.dtype().isFloating() || constant.dtype().isInteger();
        if (!areNumbers || size < LEAST_SIZE) {
            return Map.of();
        }
        LongStream indices = size <= MOST_NUMBERS
                ? LongStream.range(0, size)
                : LongStream.range(0, MOST_NUMBERS).map(i -> (long) (i * GOLDEN % 1 * size));
        double[] numbers = indices.mapToDouble(constant::getDouble)
                .filter(Double::isFinite)
                .sorted()
                .toArray();
        if (numbers.length == 0) {
            return Map.of();
        }
        double least = numbers[0];
        double greatest = numbers[numbers.length - 1];
        Integer[] bins = new Integer[BINS];
        Arrays.fill(bins, 0);
        for (double x : numbers) {
            bins[(int) Math.min(BINS - 1, (x - least) / (greatest - least) * BINS)]++;
        }
        return Map.of("least", least, "greatest", greatest, "numbers", numbers.length, "bins", List.of(bins));
    }
}
