package dev.tenon.compression.quantize;

import dev.tenon.compression.CompressionReport;
import dev.tenon.compression.calibrate.Histogram;
import dev.tenon.compression.calibrate.Range;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;

/**
 * The numbers that a quantised tensor can hold: {@code (q - zeroPoint) * scale} for integers q in [min, max].
 *
 * @param type the type of the integers
 * @param scale the distance of two numbers, positive
 * @param zeroPoint the integer that stands for 0
 * @param min the least integer
 * @param max the largest integer
 */
record Grid(DType type, float scale, int zeroPoint, int min, int max) {
    /** The parts in which the report shows what was seen. */
    private static final int PARTS = 48;

    /**
     * The grid of a range, which is widened to hold 0.
     *
     * @param range the range
     * @param type int8 or uint8
     * @param isSymmetric whether 0 is in the middle of the integers
     */
    static Grid of(Range range, DType type, boolean isSymmetric) {
        int min = (int) type.minInteger();
        int max = (int) type.maxInteger();
        if (isSymmetric) {
            int zero = (min + max + 1) / 2;
            float scale = positive(range.magnitude() / (max - zero));
            return new Grid(type, scale, zero, min, max);
        }
        float low = Math.min(0, range.low());
        float high = Math.max(0, range.high());
        float scale = positive(high / (max - min) - low / (max - min));
        long zero = Math.round(Math.rint(min - (double) low / scale));
        return new Grid(type, scale, (int) Math.max(min, Math.min(max, zero)), min, max);
    }

    /** The grid of numbers from 0 to 1, as Softmax gives them: ONNX Runtime's fused Softmax has this one. */
    static Grid ofShares(DType type, boolean isSymmetric) {
        int min = (int) type.minInteger();
        int max = (int) type.maxInteger();
        return isSymmetric ? of(new Range(0, 1), type, true) : new Grid(type, 1 / 256f, min, min, max);
    }

    private static float positive(float scale) {
        return scale >= Float.MIN_NORMAL ? scale : 1;
    }

    /** The numbers that it holds, beside those that calibration has seen, for the report. */
    CompressionReport.ActivationRange range(String value, Histogram seen) {
        double low = ((double) min - zeroPoint) * scale;
        double high = ((double) max - zeroPoint) * scale;
        return new CompressionReport.ActivationRange(
                value,
                low,
                high,
                seen.range().low(),
                seen.range().high(),
                seen.outside(low - scale / 2.0, high + scale / 2.0),
                Arrays.stream(seen.counts(PARTS)).boxed().toList());
    }

    /** The integer of a number, as QuantizeLinear computes it. */
    int quantized(float x) {
        double q = Math.rint(x / scale) + zeroPoint;
        return q >= min ? (int) Math.min(q, max) : min;
    }

    Tensor scaleTensor() {
        return Tensor.scalar(scale);
    }

    Tensor zeroPointTensor() {
        return Tensor.convert(type, new long[] {zeroPoint}, new long[0]);
    }
}
