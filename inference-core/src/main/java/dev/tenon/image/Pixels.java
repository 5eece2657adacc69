package dev.tenon.image;

import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.util.Arrays;

/**
 * An image as bytes from 0 to 255.
 *
 * @param width pixels in a row, at least 1
 * @param height rows, at least 1
 * @param channels bytes of a pixel, 1 or 3
 * @param data the bytes: rows from the top, pixels from the left, channels next to each other
 */
record Pixels(int width, int height, int channels, byte[] data) {
    /** Reads the colours of an image. Transparency is dropped, not blended. */
    static Pixels of(BufferedImage image, ColorMode mode) {
        int width = image.getWidth();
        int height = image.getHeight();
        byte[] data = new byte[Math.multiplyExact(Math.multiplyExact(width, height), mode.channels())];
        int[] line = new int[width];
        int[] samples = storesBytes(image) ? new int[width * image.getRaster().getNumBands()] : null;
        int at = 0;
        for (int y = 0; y < height; y++) {
            if (samples == null) {
                image.getRGB(0, y, width, 1, line, 0, width);
            } else {
                readSamples(image.getRaster(), y, samples, line);
            }
            for (int x = 0; x < width; x++) {
                at = put(line[x], mode, data, at);
            }
        }
        return new Pixels(width, height, mode.channels(), data);
    }

    /**
     * Whether the samples of an image are its colours. They are read as they are then: {@code getRGB} converts grey images and
     * images with a colour profile, and other libraries do not.
     */
    private static boolean storesBytes(BufferedImage image) {
        ColorModel model = image.getColorModel();
        int bands = image.getRaster().getNumBands();
        return image.getRaster().getTransferType() == DataBuffer.TYPE_BYTE
                && !(model instanceof IndexColorModel)
                && !model.isAlphaPremultiplied()
                && bands >= 1
                && bands <= 4
                && model.getComponentSize(0) == 8;
    }

    /** Reads a row: bands are grey, grey and alpha, red green blue, or these and alpha. */
    private static void readSamples(Raster raster, int y, int[] samples, int[] line) {
        int bands = raster.getNumBands();
        raster.getPixels(raster.getMinX(), raster.getMinY() + y, line.length, 1, samples);
        for (int x = 0; x < line.length; x++) {
            int at = x * bands;
            line[x] = bands < 3 ? samples[at] * 0x010101 : samples[at] << 16 | samples[at + 1] << 8 | samples[at + 2];
        }
    }

    private static int put(int rgb, ColorMode mode, byte[] data, int at) {
        int r = rgb >> 16 & 0xff;
        int g = rgb >> 8 & 0xff;
        int b = rgb & 0xff;
        switch (mode) {
            case RGB -> {
                data[at] = (byte) r;
                data[at + 1] = (byte) g;
                data[at + 2] = (byte) b;
            }
            case BGR -> {
                data[at] = (byte) b;
                data[at + 1] = (byte) g;
                data[at + 2] = (byte) r;
            }
            case GRAY -> data[at] = (byte) (r * 19595 + g * 38470 + b * 7471 + 0x8000 >> 16);
        }
        return at + mode.channels();
    }

    /** A part of this image. What is outside of it has a given value. */
    Pixels crop(int left, int top, int newWidth, int newHeight, byte fill) {
        byte[] part = new byte[Math.multiplyExact(Math.multiplyExact(newWidth, newHeight), channels)];
        if (fill != 0) {
            Arrays.fill(part, fill);
        }
        int from = Math.max(0, left);
        int count = Math.min(width, left + newWidth) - from;
        for (int y = 0; count > 0 && y < newHeight; y++) {
            if (top + y >= 0 && top + y < height) {
                System.arraycopy(
                        data,
                        ((top + y) * width + from) * channels,
                        part,
                        (y * newWidth + from - left) * channels,
                        count * channels);
            }
        }
        return new Pixels(newWidth, newHeight, channels, part);
    }
}
