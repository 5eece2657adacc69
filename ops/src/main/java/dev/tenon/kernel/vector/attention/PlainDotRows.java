package dev.tenon.kernel.vector.attention;

import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.kernel.vector.gemm.GemmTile;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * Scalar loops with the bits of {@link DotRows}. They run until the JVM has compiled its vector loops, see
 * {@link dev.tenon.kernel.JitWarmUp}.
 */
final class PlainDotRows {
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT_UNALIGNED;
    private static final int LANES = SimdSpecies.LANES;
    private static final int ROW = GemmTile.ROW;

    private PlainDotRows() {}

    /** Does the work of {@link DotRows#multiply} on these arrays. */
    static void multiply(
            int rows,
            float[] a,
            int from,
            MemorySegment k,
            long at,
            long step,
            int keys,
            int size,
            float[] to,
            int column) {
        float[] key = new float[size];
        float[] lanes = new float[LANES];
        for (int j = 0; j < keys; j++) {
            MemorySegment.copy(k, SCALAR, at + j * step, key, 0, size);
            for (int r = from; r < from + rows; r++) {
                to[r * ROW + column + j] = product(a, r * ROW, key, lanes);
            }
        }
    }

    private static float product(float[] a, int from, float[] key, float[] lanes) {
        Arrays.fill(lanes, 0);
        int body = key.length - key.length % LANES;
        for (int d = 0; d < body; d += LANES) {
            addProducts(a, from + d, key, d, lanes);
        }
        if (body < key.length) {
            lanes[0] += tail(a, from, key, body);
        }
        for (int width = LANES / 2; width > 0; width /= 2) {
            fold(lanes, width);
        }
        return lanes[0];
    }

    private static void addProducts(float[] a, int from, float[] key, int d, float[] lanes) {
        for (int i = 0; i < LANES; i++) {
            lanes[i] = Math.fma(a[from + i], key[d + i], lanes[i]);
        }
    }

    private static float tail(float[] a, int from, float[] key, int body) {
        float sum = 0;
        for (int d = body; d < key.length; d++) {
            sum = Math.fma(a[from + d], key[d], sum);
        }
        return sum;
    }

    private static void fold(float[] lanes, int width) {
        for (int i = 0; i < width; i++) {
            lanes[i] += lanes[i + width];
        }
    }
}
