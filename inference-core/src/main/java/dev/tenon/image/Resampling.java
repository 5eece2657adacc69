package dev.tenon.image;

import dev.tenon.error.ResourceLimitException;
import java.util.Arrays;

/**
 * Resizes one axis after the other by a filter whose weights are integers, as Pillow does for images of bytes: 22 bits after the
 * point, rows first, rounded to a byte in between.
 *
 * @param first the first operand of each result
 * @param count how many operands a result has
 * @param weights the weights, {@code stride} numbers for each result
 * @param stride the largest count
 */
record Resampling(int[] first, int[] count, int[] weights, int stride) {
    private static final int FRACTION_BITS = 22;

    /** The weights that any image may take: those of the longest sides that options allow. */
    private static final int FEW_WEIGHTS = 1 << 20;

    /** Resizes an image. */
    static Pixels resize(Pixels image, int width, int height, ResizeFilter filter) {
        if (filter == ResizeFilter.NEAREST) {
            return nearest(image, width, height);
        }
        Pixels wide = width == image.width()
                ? image
                : of(image, image.width(), width, filter).rows(image);
        return height == image.height()
                ? wide
                : of(image, image.height(), height, filter).columns(wide);
    }

    private static Resampling of(Pixels image, int size, int newSize, ResizeFilter filter) {
        double scale = (double) size / newSize;
        double stretch = Math.max(1, scale);
        double support = filter.support() * stretch;
        long width = 2 * (long) Math.ceil(support) + 1;
        long all = newSize * width;
        if (all > Math.max(image.most(), FEW_WEIGHTS) || all > Integer.MAX_VALUE - 8) {
            throw new ResourceLimitException(
                    "image",
                    all + " weights to resize " + size + " pixels to " + newSize,
                    "at most " + Math.max(image.most(), FEW_WEIGHTS),
                    "resize with NEAREST first, or cut the image");
        }
        int stride = (int) width;
        int[] first = new int[newSize];
        int[] count = new int[newSize];
        int[] weights = new int[(int) all];
        double[] exact = new double[stride];
        for (int i = 0; i < newSize; i++) {
            double center = (i + 0.5) * scale;
            first[i] = Math.max(0, (int) (center - support + 0.5));
            count[i] = Math.min(size, (int) (center + support + 0.5)) - first[i];
            double sum = 0;
            for (int k = 0; k < count[i]; k++) {
                exact[k] = filter.weight((first[i] + k - center + 0.5) / stretch);
                sum += exact[k];
            }
            for (int k = 0; k < count[i]; k++) {
                double w = (sum == 0 ? exact[k] : exact[k] / sum) * (1 << FRACTION_BITS);
                weights[i * stride + k] = (int) (w < 0 ? w - 0.5 : w + 0.5);
            }
        }
        return new Resampling(first, count, weights, stride);
    }

    private Pixels rows(Pixels image) {
        int channels = image.channels();
        int newWidth = first.length;
        byte[] from = image.data();
        Pixels result = image.blank(newWidth, image.height());
        byte[] to = result.data();
        int at = 0;
        for (int y = 0; y < image.height(); y++) {
            int row = y * image.width() * channels;
            for (int x = 0; x < newWidth; x++) {
                for (int c = 0; c < channels; c++) {
                    to[at++] = sum(from, row + first[x] * channels + c, channels, x);
                }
            }
        }
        return result;
    }

    private Pixels columns(Pixels image) {
        int row = image.width() * image.channels();
        int newHeight = first.length;
        Pixels result = image.blank(image.width(), newHeight);
        byte[] to = result.data();
        int[] sums = new int[row];
        for (int y = 0; y < newHeight; y++) {
            Arrays.fill(sums, 1 << FRACTION_BITS - 1);
            for (int k = 0; k < count[y]; k++) {
                addRow(image.data(), (first[y] + k) * row, weights[y * stride + k], sums);
            }
            for (int x = 0; x < row; x++) {
                to[y * row + x] = toByte(sums[x]);
            }
        }
        return result;
    }

    private static void addRow(byte[] from, int start, int weight, int[] sums) {
        for (int x = 0; x < sums.length; x++) {
            sums[x] += (from[start + x] & 0xff) * weight;
        }
    }

    private byte sum(byte[] from, int start, int step, int result) {
        int sum = 1 << FRACTION_BITS - 1;
        int w = result * stride;
        for (int k = 0; k < count[result]; k++) {
            sum += (from[start + k * step] & 0xff) * weights[w + k];
        }
        return toByte(sum);
    }

    private static byte toByte(int sum) {
        return (byte) Math.clamp(sum >> FRACTION_BITS, 0, 255);
    }

    private static Pixels nearest(Pixels image, int width, int height) {
        int channels = image.channels();
        Pixels result = image.blank(width, height);
        byte[] to = result.data();
        int[] x = centers(image.width(), width);
        int[] y = centers(image.height(), height);
        int at = 0;
        for (int i = 0; i < height; i++) {
            for (int j = 0; j < width; j++) {
                System.arraycopy(image.data(), (y[i] * image.width() + x[j]) * channels, to, at, channels);
                at += channels;
            }
        }
        return result;
    }

    /** The pixels at the centres of the results. The sum of steps decides between two pixels, as in Pillow. */
    private static int[] centers(int size, int newSize) {
        int[] centers = new int[newSize];
        double step = (double) size / newSize;
        double center = step / 2;
        for (int i = 0; i < newSize; i++) {
            centers[i] = Math.min(size - 1, (int) center);
            center += step;
        }
        return centers;
    }
}
