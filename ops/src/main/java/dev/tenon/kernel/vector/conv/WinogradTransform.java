package dev.tenon.kernel.vector.conv;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;

import dev.tenon.kernel.conv.WinogradPoints;
import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;

/**
 * The transforms of {@link WinogradPoints} for output tiles of 4 x 4, for a vector of channels at a time. A transform of a
 * tile is one of its columns and then one of its rows; a call takes all columns or all rows. With points 0, a, -a, b, -b and
 * infinity, each row of B' holds the coefficients of the product of all {@code x - p} except that of the row's own point.
 */
final class WinogradTransform {
    /** The rows of an input tile. */
    static final int INPUT = 6;

    /** The rows of an output tile. */
    static final int OUTPUT = 4;

    private static final int LANES = SimdSpecies.LANES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;
    private static final float A = (float) WinogradPoints.POINT;
    private static final float B = 2 * A;
    private static final float AA = A * A;
    private static final float BB = B * B;
    private static final float SUM = AA + BB;
    private static final float PRODUCT = AA * BB;

    private WinogradTransform() {}

    /**
     * Multiplies the six columns of a matrix with B'.
     *
     * @param x the rows of the matrix, an array each, with a vector of channels for each element
     * @param from the index of the first element of each row
     * @param step elements from a column to the next
     * @param y receives the results: element {@code [i, j]} in the array {@code first + i * yRow + j * yColumn}
     * @param first the array of the first result
     * @param yRow arrays from a row of results to the next
     * @param yColumn arrays from a column of results to the next
     * @param at the index of the first row of results in its arrays
     * @param atRow elements from a row of results to the next
     */
    static void input(
            float[][] x, int from, int step, float[][] y, int first, int yRow, int yColumn, int at, int atRow) {
        FloatVector a = FloatVector.broadcast(F32, A);
        FloatVector minusA = FloatVector.broadcast(F32, -A);
        FloatVector b = FloatVector.broadcast(F32, B);
        FloatVector minusB = FloatVector.broadcast(F32, -B);
        FloatVector minusAa = FloatVector.broadcast(F32, -AA);
        FloatVector minusBb = FloatVector.broadcast(F32, -BB);
        FloatVector minusSum = FloatVector.broadcast(F32, -SUM);
        FloatVector product = FloatVector.broadcast(F32, PRODUCT);
        for (int j = 0; j < INPUT; j++) {
            int i = from + j * step;
            int to = first + j * yColumn;
            FloatVector d0 = FLOATS.cast(FloatVector.fromArray(F32, x[0], i));
            FloatVector d1 = FLOATS.cast(FloatVector.fromArray(F32, x[1], i));
            FloatVector d2 = FLOATS.cast(FloatVector.fromArray(F32, x[2], i));
            FloatVector d3 = FLOATS.cast(FloatVector.fromArray(F32, x[3], i));
            FloatVector d4 = FloatVector.fromArray(F32, x[4], i);
            FloatVector d5 = FloatVector.fromArray(F32, x[5], i);
            d0.fma(product, d2.fma(minusSum, d4)).intoArray(y[to], at);
            FloatVector even = d2.fma(minusBb, d4);
            FloatVector odd = d1.fma(minusBb, d3);
            odd.fma(a, even).intoArray(y[to + yRow], at + atRow);
            odd.fma(minusA, even).intoArray(y[to + 2 * yRow], at + 2 * atRow);
            even = d2.fma(minusAa, d4);
            odd = d1.fma(minusAa, d3);
            odd.fma(b, even).intoArray(y[to + 3 * yRow], at + 3 * atRow);
            odd.fma(minusB, even).intoArray(y[to + 4 * yRow], at + 4 * atRow);
            d1.fma(product, d3.fma(minusSum, d5)).intoArray(y[to + 5 * yRow], at + 5 * atRow);
        }
    }

    /**
     * Multiplies some columns of a matrix of products with A'.
     *
     * @param m the matrix, a vector of channels for each element
     * @param from the index of its first element
     * @param row elements from a row of it to the next
     * @param column elements from a column of it to the next
     * @param columns the number of columns
     * @param y receives the results
     * @param at the index of the first result
     * @param yRow elements from a row of results to the next
     * @param yColumn elements from a column of results to the next
     */
    static void output(
            float[] m, int from, int row, int column, int columns, float[] y, int at, int yRow, int yColumn) {
        FloatVector a = FloatVector.broadcast(F32, A);
        FloatVector b = FloatVector.broadcast(F32, B);
        FloatVector aa = FloatVector.broadcast(F32, AA);
        FloatVector bb = FloatVector.broadcast(F32, BB);
        FloatVector aaa = FloatVector.broadcast(F32, A * AA);
        FloatVector bbb = FloatVector.broadcast(F32, B * BB);
        for (int j = 0; j < columns; j++) {
            int i = from + j * column;
            int to = at + j * yColumn;
            FloatVector m1 = FloatVector.fromArray(F32, m, i + row);
            FloatVector m2 = FloatVector.fromArray(F32, m, i + 2 * row);
            FloatVector m3 = FloatVector.fromArray(F32, m, i + 3 * row);
            FloatVector m4 = FloatVector.fromArray(F32, m, i + 4 * row);
            FloatVector even = FLOATS.cast(m1).add(m2);
            FloatVector odd = FLOATS.cast(m1).sub(m2);
            FloatVector even2 = FLOATS.cast(m3).add(m4);
            FloatVector odd2 = FLOATS.cast(m3).sub(m4);
            FLOATS.cast(FloatVector.fromArray(F32, m, i)).add(even).add(even2).intoArray(y, to);
            odd.fma(a, odd2.mul(b)).intoArray(y, to + yRow);
            even.fma(aa, even2.mul(bb)).intoArray(y, to + 2 * yRow);
            FloatVector m5 = FloatVector.fromArray(F32, m, i + 5 * row);
            odd.fma(aaa, odd2.fma(bbb, m5)).intoArray(y, to + 3 * yRow);
        }
    }

    /**
     * Adds a product to another one.
     *
     * @param tile the product
     * @param m receives the sums
     * @param at the index of the first sum
     * @param count the number of elements, whole vectors
     */
    static void add(float[] tile, float[] m, int at, int count) {
        for (int i = 0; i < count; i += LANES) {
            FLOATS.cast(FloatVector.fromArray(F32, tile, i))
                    .add(FloatVector.fromArray(F32, m, at + i))
                    .intoArray(m, at + i);
        }
    }

    /**
     * Writes the sums of a bias and some channels of neighbouring pixels.
     *
     * @param x the pixels
     * @param from the index of the first one's first channel
     * @param step elements from a pixel to the next
     * @param bias a bias for each channel
     * @param pixels the number of pixels
     * @param channels the number of channels
     * @param y receives the sums
     * @param at the byte offset of the first one
     * @param pixelBytes bytes from a pixel of sums to the next
     */
    static void store(
            float[] x,
            int from,
            int step,
            float[] bias,
            int pixels,
            int channels,
            MemorySegment y,
            long at,
            long pixelBytes) {
        y = NATIVE.cast(y);
        int whole = F32.loopBound(channels);
        for (int p = 0; p < pixels; p++) {
            int i = from + p * step;
            long to = at + p * pixelBytes;
            for (int j = 0; j < whole; j += LANES) {
                FLOATS.cast(FloatVector.fromArray(F32, x, i + j))
                        .add(FloatVector.fromArray(F32, bias, j))
                        .intoMemorySegment(y, to + (long) j * Float.BYTES, ORDER);
            }
            for (int j = whole; j < channels; j++) {
                y.set(SCALAR, to + (long) j * Float.BYTES, x[i + j] + bias[j]);
            }
        }
    }
}
