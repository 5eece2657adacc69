package dev.tenon.image;

import dev.tenon.error.ResourceLimitException;
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
 * @param most the most pixels that an image made of this one may have
 * @param data the bytes: rows from the top, pixels from the left, channels next to each other
 */
record Pixels(int width, int height, int channels, long most, byte[] data) {
    /** More bytes do not fit an array. */
    private static final int MAX_BYTES = Integer.MAX_VALUE - 8;

    /** An image of zeros. Its size is checked before memory is taken. */
    static Pixels blank(int width, int height, int channels, long most) {
        long pixels = (long) width * height;
        if (pixels > most || pixels > MAX_BYTES / channels) {
            throw new ResourceLimitException(
                    "image",
                    width + " x " + height + " pixels in a step of the preprocessor",
                    "at most " + Math.min(most, MAX_BYTES / channels),
                    pixels > most ? "ImagePreprocessor.maxPixels moves the limit" : "make the image smaller first");
        }
        return new Pixels(width, height, channels, most, new byte[(int) pixels * channels]);
    }

    /** An image of zeros with the channels and the limit of this one. */
    Pixels blank(int newWidth, int newHeight) {
        return blank(newWidth, newHeight, channels, most);
    }

    /** Reads the colours of an image. Transparency is dropped, not blended. */
    static Pixels of(BufferedImage image, ColorMode mode, long most) {
        int width = image.getWidth();
        int height = image.getHeight();
        Pixels pixels = blank(width, height, mode.channels(), most);
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
                at = put(line[x], mode, pixels.data, at);
            }
        }
        return pixels;
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
        Pixels whole = blank(newWidth, newHeight);
        byte[] part = whole.data;
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
        return whole;
    }
}
