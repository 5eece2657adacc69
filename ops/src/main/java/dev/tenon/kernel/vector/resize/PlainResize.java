package dev.tenon.kernel.vector.resize;

import dev.tenon.kernel.vector.gemm.GemmScratch;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The scalar twins of {@link OuterAxisLoops} and {@link InnerAxisLoops}, with the same results, bit for bit. They copy rows to
 * arrays and back: until they are compiled, an access to a segment takes several times as long as an access to an array, and
 * the JVM vectorises loops over arrays by itself.
 */
final class PlainResize {
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;

    /** The elements of a line that are computed at a time: three arrays of this size fit in the first-level cache. */
    private static final int BLOCK = 2 << 10;

    private PlainResize() {}

    /** Twin of {@link OuterAxisLoops#run}. */
    static void lines(
            UniformTaps taps,
            int elements,
            MemorySegment x,
            long from,
            long stride,
            int first,
            int count,
            MemorySegment y,
            long to,
            long outStride) {
        GemmScratch arrays = GemmScratch.take();
        float[] block = arrays.elements(3 * BLOCK);
        for (int i = 0; i < count; i++) {
            int tap = (first + i) * taps.perElement();
            long out = to + i * outStride;
            if (taps.perElement() == 1) {
                MemorySegment.copy(x, from + taps.index()[tap] * stride, y, out, elements * (long) Float.BYTES);
                continue;
            }
            for (int k = 0; k < elements; k += BLOCK) {
                int n = Math.min(BLOCK, elements - k);
                long at = k * (long) Float.BYTES;
                line(taps, tap, x, from + at, stride, n, block);
                MemorySegment.copy(block, 0, y, SCALAR, out + at, n);
            }
        }
        arrays.give();
    }

    private static void line(
            UniformTaps taps, int tap, MemorySegment x, long from, long stride, int count, float[] block) {
        for (int t = tap; t < tap + taps.perElement(); t += 2) {
            MemorySegment.copy(x, SCALAR, from + taps.index()[t] * stride, block, BLOCK, count);
            MemorySegment.copy(x, SCALAR, from + taps.index()[t + 1] * stride, block, 2 * BLOCK, count);
            if (t == tap) {
                sum(block, taps.weight()[t], taps.weight()[t + 1], count);
            } else {
                add(block, taps.weight()[t], taps.weight()[t + 1], count);
            }
        }
    }

    private static void sum(float[] block, float a, float b, int count) {
        for (int k = 0; k < count; k++) {
            block[k] = Math.fma(block[2 * BLOCK + k], b, block[BLOCK + k] * a);
        }
    }

    private static void add(float[] block, float a, float b, int count) {
        for (int k = 0; k < count; k++) {
            block[k] = Math.fma(block[2 * BLOCK + k], b, Math.fma(block[BLOCK + k], a, block[k]));
        }
    }

    /** Twin of {@link InnerAxisLoops#run}, for rows of data of {@code input} elements. */
    static void lanes(
            UniformTaps taps,
            int input,
            MemorySegment x,
            long from,
            int[] rows,
            int first,
            int count,
            long stride,
            MemorySegment y,
            long to,
            long outStride) {
        int width = taps.output();
        GemmScratch arrays = GemmScratch.take();
        float[] row = arrays.elements(input + width);
        for (int i = 0; i < count; i++) {
            if (i == 0 || rows[first + i] != rows[first + i - 1]) {
                MemorySegment.copy(x, SCALAR, from + rows[first + i] * stride, row, 0, input);
                row(taps, row, input);
            }
            MemorySegment.copy(row, input, y, SCALAR, to + i * outStride, width);
        }
        arrays.give();
    }

    private static void row(UniformTaps taps, float[] row, int to) {
        if (taps.perElement() == 1) {
            move(taps.index(), row, to);
        } else if (taps.perElement() == 2) {
            pairs(taps.index(), taps.weight(), taps.output(), row, to);
        } else {
            sums(taps.index(), taps.weight(), taps.perElement(), row, to);
        }
    }

    private static void move(int[] index, float[] row, int to) {
        for (int j = 0; j < index.length; j++) {
            row[to + j] = row[index[j]];
        }
    }

    private static void pairs(int[] index, float[] weight, int count, float[] row, int to) {
        for (int j = 0; j < count; j++) {
            float low = row[index[2 * j]] * weight[2 * j];
            row[to + j] = Math.fma(row[index[2 * j + 1]], weight[2 * j + 1], low);
        }
    }

    private static void sums(int[] index, float[] weight, int each, float[] row, int to) {
        int out = to;
        for (int j = 0; j < index.length; j += each) {
            float sum = row[index[j]] * weight[j];
            for (int t = j + 1; t < j + each; t++) {
                sum = Math.fma(row[index[t]], weight[t], sum);
            }
            row[out++] = sum;
        }
    }
}
