package dev.tenon.image;

import dev.tenon.budget.JvmLimits;
import dev.tenon.error.InvalidInputException;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.options.Settings;
import dev.tenon.tensor.Tensor;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * Makes input tensors of images: colours, resizes, crops and padding in the order of the calls, then
 * {@code (byte * scale - mean) / std} for each channel. Immutable and safe for any number of threads; each setter returns a new
 * preprocessor.
 *
 * <pre>{@code
 * ImagePreprocessor imageNet = ImagePreprocessor.of(ColorMode.RGB)
 *         .resizeShortest(256, ResizeFilter.BILINEAR)
 *         .centerCrop(224, 224)
 *         .scale(1 / 255f)
 *         .mean(0.485f, 0.456f, 0.406f)
 *         .std(0.229f, 0.224f, 0.225f);
 * Tensor x = imageNet.tensor(Images.read(file));          // [1, 3, 224, 224]
 * }</pre>
 *
 * <p>Resized bytes are those of Pillow, to the last bit for {@code BOX}, {@code BILINEAR} and {@code BICUBIC}.
 */
public final class ImagePreprocessor {
    private static final int MAX_SIDE = 1 << 16;

    /** More do not fit an array. */
    private static final int MAX_NUMBERS = Integer.MAX_VALUE - 8;

    /** One change of an image. */
    @FunctionalInterface
    private interface Step {
        Pixels apply(Pixels image);
    }

    private static final class Values extends Settings<Values> {
        private final ColorMode mode;
        private List<Step> steps = List.of();
        private ImageLayout layout = ImageLayout.NCHW;
        private float scale = 1;
        private float[] mean;
        private float[] std;
        private long maxPixels = Images.STANDARD_PIXELS;

        Values(ColorMode mode) {
            this.mode = mode;
            mean = new float[mode.channels()];
            std = new float[mode.channels()];
            Arrays.fill(std, 1);
        }
    }

    private final Values settings;

    private ImagePreprocessor(Values settings) {
        this.settings = settings;
    }

    private ImagePreprocessor with(Consumer<Values> change) {
        return new ImagePreprocessor(settings.with(change));
    }

    /**
     * A preprocessor that changes nothing: bytes from 0 to 255 as floats, in {@link ImageLayout#NCHW}.
     *
     * @param mode the channels that the model expects. Colours are converted before any other step
     * @return the preprocessor
     */
    public static ImagePreprocessor of(ColorMode mode) {
        return new ImagePreprocessor(new Values(mode));
    }

    private ImagePreprocessor and(Step step) {
        List<Step> all = new ArrayList<>(settings.steps);
        all.add(step);
        return with(s -> s.steps = List.copyOf(all));
    }

    /**
     * Resizes to a fixed size; the ratio of the sides changes.
     *
     * @param width pixels, from 1 to 65,536
     * @param height pixels, from 1 to 65,536
     * @param filter the filter
     * @return a preprocessor with this step at its end
     */
    public ImagePreprocessor resize(int width, int height, ResizeFilter filter) {
        checkSide("width", width);
        checkSide("height", height);
        return and(image -> Resampling.resize(image, width, height, filter));
    }

    /**
     * Resizes so that the shorter side has a given length and the ratio of the sides stays. The longer side is rounded down, as
     * torchvision does.
     *
     * @param side pixels, from 1 to 65,536
     * @param filter the filter
     * @return a preprocessor with this step at its end
     */
    public ImagePreprocessor resizeShortest(int side, ResizeFilter filter) {
        checkSide("side", side);
        return and(image -> {
            int w = image.width();
            int h = image.height();
            int other = checkedSide((long) side * Math.max(w, h) / Math.min(w, h));
            return Resampling.resize(image, w <= h ? side : other, w <= h ? other : side, filter);
        });
    }

    /**
     * Resizes so that the longer side has a given length and the ratio of the sides stays. The shorter side is rounded to the
     * nearest number, at least 1.
     *
     * @param side pixels, from 1 to 65,536
     * @param filter the filter
     * @return a preprocessor with this step at its end
     */
    public ImagePreprocessor resizeLongest(int side, ResizeFilter filter) {
        checkSide("side", side);
        return and(image -> {
            int w = image.width();
            int h = image.height();
            int other = (int) Math.max(1, Math.round((double) side * Math.min(w, h) / Math.max(w, h)));
            return Resampling.resize(image, w >= h ? side : other, w >= h ? other : side, filter);
        });
    }

    /**
     * Cuts a part out of the middle. Its distance from the left and top is rounded half to even, as torchvision does. Where the
     * part is larger than the image, the rest is 0.
     *
     * @param width pixels, from 1 to 65,536
     * @param height pixels, from 1 to 65,536
     * @return a preprocessor with this step at its end
     */
    public ImagePreprocessor centerCrop(int width, int height) {
        checkSide("width", width);
        checkSide("height", height);
        return and(image -> image.crop(
                (int) Math.rint((image.width() - width) / 2.0),
                (int) Math.rint((image.height() - height) / 2.0),
                width,
                height,
                (byte) 0));
    }

    /**
     * Cuts a part out. Where the part is outside of the image, the rest is 0.
     *
     * @param left the first column
     * @param top the first row
     * @param width pixels, from 1 to 65,536
     * @param height pixels, from 1 to 65,536
     * @return a preprocessor with this step at its end
     */
    public ImagePreprocessor crop(int left, int top, int width, int height) {
        checkSide("width", width);
        checkSide("height", height);
        return and(image -> image.crop(left, top, width, height, (byte) 0));
    }

    /**
     * Fills up to a fixed size at the right and the bottom. A side that is longer already stays.
     *
     * @param width pixels, from 1 to 65,536
     * @param height pixels, from 1 to 65,536
     * @param value the byte that fills all channels, from 0 to 255
     * @return a preprocessor with this step at its end
     */
    public ImagePreprocessor pad(int width, int height, int value) {
        checkSide("width", width);
        checkSide("height", height);
        if (value < 0 || value > 255) {
            throw new InvalidOptionException("pad value", String.valueOf(value), "0 to 255", null);
        }
        return and(image ->
                image.crop(0, 0, Math.max(width, image.width()), Math.max(height, image.height()), (byte) value));
    }

    /**
     * Sets the factor of bytes.
     *
     * @param factor a finite number: {@code 1 / 255f} for numbers from 0 to 1
     * @return a preprocessor with this factor
     */
    public ImagePreprocessor scale(float factor) {
        checkFinite("scale", factor);
        return with(s -> s.scale = factor);
    }

    /**
     * Sets what is subtracted after scaling.
     *
     * @param numbers a finite number for each channel, or one for all, in the order of the channels
     * @return a preprocessor with these means
     */
    public ImagePreprocessor mean(float... numbers) {
        float[] all = perChannel("mean", numbers);
        return with(s -> s.mean = all);
    }

    /**
     * Sets the divisor after subtraction.
     *
     * @param numbers a finite number for each channel, or one for all, not 0, in the order of the channels
     * @return a preprocessor with these divisors
     */
    public ImagePreprocessor std(float... numbers) {
        float[] all = perChannel("std", numbers);
        for (float v : all) {
            if (v == 0) {
                throw new InvalidOptionException("std", "0", "a number that is not 0", null);
            }
        }
        return with(s -> s.std = all);
    }

    /**
     * Sets the order of axes.
     *
     * @param order the order
     * @return a preprocessor with this order
     */
    public ImagePreprocessor layout(ImageLayout order) {
        return with(s -> s.layout = order);
    }

    /**
     * Sets the most pixels that an image may have, before the first step and after each. Without it, there may be
     * {@link Images#STANDARD_PIXELS}. An image takes 1 or 3 bytes for a pixel, twice while a step runs, and 4 bytes for each
     * number of
     * the tensor.
     *
     * @param pixels the largest product of width and height, from 1
     * @return a preprocessor with this limit
     * @throws InvalidOptionException if the number is below 1
     */
    public ImagePreprocessor maxPixels(long pixels) {
        if (pixels < 1) {
            throw new InvalidOptionException("maxPixels", String.valueOf(pixels), "1 and more", null);
        }
        return with(s -> s.maxPixels = pixels);
    }

    /**
     * Makes a batch of one.
     *
     * @param image the image
     * @return a float32 tensor of rank 4
     * @throws dev.tenon.error.ResourceLimitException as {@link #tensor(List)} says
     */
    public Tensor tensor(BufferedImage image) {
        return tensor(List.of(image));
    }

    /**
     * Makes a batch.
     *
     * @param images at least one image. All have the same size after the last step
     * @return a float32 tensor of rank 4
     * @throws InvalidInputException if there is no image, or if the sizes differ
     * @throws ResourceLimitException if an image has more pixels than {@link #maxPixels} in any step, if the tensor would have more
     *     numbers than an array holds, or if the heap is too small
     */
    public Tensor tensor(List<BufferedImage> images) {
        if (images.isEmpty()) {
            throw new InvalidInputException("images", "none", "at least one", null);
        }
        return JvmLimits.typed(
                "tensor of " + images.size() + " images",
                "use fewer or smaller images, bound them by ImagePreprocessor.maxPixels, or raise -Xmx",
                () -> batch(images));
    }

    private Tensor batch(List<BufferedImage> images) {
        float[] numbers = null;
        Pixels first = null;
        for (int i = 0; i < images.size(); i++) {
            Pixels image = prepared(images.get(i));
            if (first == null) {
                first = image;
                numbers = new float[size(image, images.size())];
            } else if (image.width() != first.width() || image.height() != first.height()) {
                throw new InvalidInputException(
                        "image " + i,
                        image.width() + " x " + image.height() + " pixels",
                        first.width() + " x " + first.height() + " as the images before",
                        "Add a resize or a crop to a fixed size.");
            }
            normalise(image, numbers, i * image.data().length);
        }
        long n = images.size();
        int channels = settings.mode.channels();
        return settings.layout == ImageLayout.NCHW
                ? Tensor.wrap(numbers, n, channels, first.height(), first.width())
                : Tensor.wrap(numbers, n, first.height(), first.width(), channels);
    }

    private static int size(Pixels image, int images) {
        long numbers = (long) image.data().length * images;
        if (numbers > MAX_NUMBERS) {
            throw new ResourceLimitException(
                    "tensor of " + images + " images",
                    numbers + " numbers",
                    "at most " + MAX_NUMBERS,
                    "use fewer or smaller images at a time");
        }
        return (int) numbers;
    }

    private Pixels prepared(BufferedImage image) {
        Pixels pixels = Pixels.of(image, settings.mode, settings.maxPixels);
        for (Step step : settings.steps) {
            pixels = step.apply(pixels);
        }
        return pixels;
    }

    /** Writes an image from an index on. A table holds the result of each byte. */
    private void normalise(Pixels image, float[] to, int at) {
        int channels = settings.mode.channels();
        int plane = image.width() * image.height();
        float[] table = new float[256];
        for (int c = 0; c < channels; c++) {
            for (int v = 0; v < table.length; v++) {
                table[v] = (v * settings.scale - settings.mean[c]) / settings.std[c];
            }
            int start = settings.layout == ImageLayout.NCHW ? at + c * plane : at + c;
            int step = settings.layout == ImageLayout.NCHW ? 1 : channels;
            for (int i = 0; i < plane; i++) {
                to[start + i * step] = table[image.data()[i * channels + c] & 0xff];
            }
        }
    }

    private float[] perChannel(String name, float... numbers) {
        int channels = settings.mode.channels();
        if (numbers.length != 1 && numbers.length != channels) {
            throw new InvalidOptionException(
                    name, numbers.length + " numbers", "1 or " + channels + " for " + settings.mode, null);
        }
        float[] all = new float[channels];
        for (int c = 0; c < channels; c++) {
            all[c] = numbers[numbers.length == 1 ? 0 : c];
            checkFinite(name, all[c]);
        }
        return all;
    }

    private static void checkFinite(String name, float value) {
        if (!Float.isFinite(value)) {
            throw new InvalidOptionException(name, String.valueOf(value), "a finite number", null);
        }
    }

    private static void checkSide(String name, int side) {
        if (side < 1 || side > MAX_SIDE) {
            throw new InvalidOptionException(name, String.valueOf(side), "1 to " + MAX_SIDE + " pixels", null);
        }
    }

    private static int checkedSide(long side) {
        if (side > MAX_SIDE) {
            throw new InvalidInputException(
                    "image", "a side of " + side + " pixels after resizing", "at most " + MAX_SIDE, null);
        }
        return (int) side;
    }
}
