package dev.tenon.op.signal;

import dev.tenon.error.ResourceLimitException;
import dev.tenon.op.Operands;

/**
 * The discrete Fourier transform of one length, {@code y[k] = sum x[n] exp(-2 pi i k n / N)}, in double precision and
 * O(N log N) steps. Powers of two use the algorithm of J. Cooley and J. Tukey (1965). Other lengths use the chirp of L.
 * Bluestein (1970), a convolution by three of those transforms. Not safe for several threads.
 */
final class FourierTransform {
    /** The longest transform: a chirp of this length takes half a gigabyte. */
    static final long MOST = 1L << 22;

    /** The operations that a sine and a cosine count for. */
    private static final int WORK_PER_ANGLE = 10;

    private final int n;
    private final int size;
    private final double[] chirpReal;
    private final double[] chirpImaginary;
    private final double[] filterReal;
    private final double[] filterImaginary;
    private final double[] workReal;
    private final double[] workImaginary;

    FourierTransform(long length) {
        if (length > MOST) {
            throw new ResourceLimitException("Fourier transform", "length " + length, Long.toString(MOST), null);
        }
        n = (int) length;
        boolean power = (n & (n - 1)) == 0;
        size = power ? n : Integer.highestOneBit(n) * 4;
        int extra = power ? 0 : size;
        chirpReal = new double[power ? 0 : n];
        chirpImaginary = new double[power ? 0 : n];
        filterReal = new double[extra];
        filterImaginary = new double[extra];
        workReal = new double[extra];
        workImaginary = new double[extra];
        for (int i = 0; i < chirpReal.length; i++) {
            Operands.work(WORK_PER_ANGLE);
            // The square is reduced as an integer, so that the angle is exact for any length.
            double angle = Math.PI * ((long) i * i % (2L * n)) / n;
            chirpReal[i] = Math.cos(angle);
            chirpImaginary[i] = -Math.sin(angle);
            for (int at : new int[] {i, (size - i) % size}) {
                filterReal[at] = chirpReal[i];
                filterImaginary[at] = -chirpImaginary[i];
            }
        }
        if (!power) {
            powerOfTwo(filterReal, filterImaginary);
        }
    }

    /** Transforms in place. */
    void forward(double[] re, double[] im) {
        Operands.work(3L * size);
        if (chirpReal.length == 0) {
            powerOfTwo(re, im);
            return;
        }
        for (int i = 0; i < size; i++) {
            workReal[i] = i < n ? re[i] * chirpReal[i] - im[i] * chirpImaginary[i] : 0;
            workImaginary[i] = i < n ? re[i] * chirpImaginary[i] + im[i] * chirpReal[i] : 0;
        }
        powerOfTwo(workReal, workImaginary);
        for (int i = 0; i < size; i++) {
            double real = workReal[i] * filterReal[i] - workImaginary[i] * filterImaginary[i];
            double imaginary = workReal[i] * filterImaginary[i] + workImaginary[i] * filterReal[i];
            // With real and imaginary parts swapped, the forward transform is the inverse one without its factor.
            workReal[i] = imaginary;
            workImaginary[i] = real;
        }
        powerOfTwo(workReal, workImaginary);
        for (int i = 0; i < n; i++) {
            double real = workImaginary[i] / size;
            double imaginary = workReal[i] / size;
            re[i] = real * chirpReal[i] - imaginary * chirpImaginary[i];
            im[i] = real * chirpImaginary[i] + imaginary * chirpReal[i];
        }
    }

    /** The inverse transform in place, with the factor 1/N. */
    void inverse(double[] re, double[] im) {
        forward(im, re);
        for (int i = 0; i < n; i++) {
            re[i] /= n;
            im[i] /= n;
        }
    }

    private static void powerOfTwo(double[] re, double[] im) {
        int n = re.length;
        for (int i = 1, j = 0; i < n; i++) {
            int bit = n >> 1;
            for (; (j & bit) != 0; bit >>= 1) {
                j ^= bit;
            }
            j ^= bit;
            if (i < j) {
                swap(re, i, j);
                swap(im, i, j);
            }
        }
        for (int half = 1; half < n; half *= 2) {
            for (int k = 0; k < half; k++) {
                Operands.work(n / half);
                double angle = Math.PI * k / half;
                double cos = Math.cos(angle);
                double sin = -Math.sin(angle);
                for (int i = k; i < n; i += 2 * half) {
                    int j = i + half;
                    double real = re[j] * cos - im[j] * sin;
                    double imaginary = re[j] * sin + im[j] * cos;
                    re[j] = re[i] - real;
                    im[j] = im[i] - imaginary;
                    re[i] += real;
                    im[i] += imaginary;
                }
            }
        }
    }

    private static void swap(double[] a, int i, int j) {
        double t = a[i];
        a[i] = a[j];
        a[j] = t;
    }
}
