package dev.tenon.op.vision;

import dev.tenon.error.ResourceLimitException;

/**
 * A decoded image.
 *
 * @param height its rows
 * @param width its columns
 * @param rgb red, green and blue of each pixel, row by row
 */
// A decoder makes one for its caller alone. It is never compared.
@SuppressWarnings("ArrayRecordComponent")
record DecodedImage(int height, int width, byte[] rgb) {
    private static final long MOST = 1 << 26;

    /** A black image. Fails if it has too many pixels. */
    static DecodedImage of(long height, long width) {
        check(height, width);
        return new DecodedImage((int) height, (int) width, new byte[(int) (3 * height * width)]);
    }

    static void check(long height, long width) {
        if (height > MOST || width > MOST || height * width > MOST) {
            throw new ResourceLimitException(
                    "ImageDecoder", "an image of " + height + " x " + width + " pixels", MOST + " pixels", null);
        }
    }

    void set(int row, int column, int red, int green, int blue) {
        int at = 3 * (row * width + column);
        rgb[at] = (byte) red;
        rgb[at + 1] = (byte) green;
        rgb[at + 2] = (byte) blue;
    }
}
