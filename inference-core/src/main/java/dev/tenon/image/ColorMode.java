package dev.tenon.image;

/** The channels that a model expects. */
public enum ColorMode {
    /** Red, green, blue. */
    RGB(3),

    /** Blue, green, red: models from OpenCV and Caffe. */
    BGR(3),

    /** One channel: {@code (19595 R + 38470 G + 7471 B + 32768) / 65536} by ITU-R BT.601, in integers as Pillow does. */
    GRAY(1);

    private final int channels;

    ColorMode(int channels) {
        this.channels = channels;
    }

    /**
     * The number of channels.
     *
     * @return 1 or 3
     */
    public int channels() {
        return channels;
    }
}
