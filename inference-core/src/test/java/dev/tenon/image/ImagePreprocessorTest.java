package dev.tenon.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tenon.error.InvalidInputException;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.tensor.Tensor;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ImagePreprocessorTest {
    private static final ResizeFilter[] FILTERS = ResizeFilter.values();

    /** The 50 pictures of pillow.py, resized and cropped, against what Pillow 11 makes of them. */
    @Test
    void resizesAsPillowDoes() throws IOException {
        try (DataInputStream in = new DataInputStream(getClass().getResourceAsStream("pillow.bin"))) {
            for (int i = 0; i < 50; i++) {
                boolean gray = i % 7 == 6;
                BufferedImage picture = picture(i, 5 + i * 37 % 113, 4 + i * 53 % 97, gray);
                check(i, picture, gray ? ColorMode.GRAY : ColorMode.RGB, in);
                if (!gray) {
                    check(i, picture, ColorMode.GRAY, in);
                }
            }
            assertThat(in.read()).as("bytes left").isEqualTo(-1);
        }
    }

    private static void check(int i, BufferedImage picture, ColorMode mode, DataInputStream in) throws IOException {
        int width = 3 + i * 29 % 31;
        int height = 2 + i * 17 % 29;
        ImagePreprocessor p = ImagePreprocessor.of(mode).layout(ImageLayout.NHWC);
        if (i % 3 == 2) {
            p = p.crop(1, 1, picture.getWidth() - 2, picture.getHeight() - 1);
        }
        Tensor found = p.resize(width, height, FILTERS[i % 5]).tensor(picture);
        assertThat(found.dims()).containsExactly(1, height, width, mode.channels());
        // A sine of LANCZOS may differ in its last place between C libraries; all other filters are exact.
        int allowed = FILTERS[i % 5] == ResizeFilter.LANCZOS ? 1 : 0;
        for (float v : found.toFloatArray()) {
            assertThat((int) v).as("picture %s, %s", i, mode).isCloseTo(in.readUnsignedByte(), within(allowed));
        }
    }

    private static BufferedImage picture(int i, int width, int height, boolean gray) {
        BufferedImage image =
                new BufferedImage(width, height, gray ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_3BYTE_BGR);
        long state = i + 1L;
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                for (int c = 0; c < (gray ? 1 : 3); c++) {
                    state = state * 1103515245L + 12345 & 0x7FFFFFFF;
                    image.getRaster().setSample(x, y, c, (int) (x * 3 + y * 5 + c * 80 + (state >> 16 & 63)) & 255);
                }
            }
        }
        return image;
    }

    @Test
    void everyKindOfBufferedImageGivesTheSameColours() {
        int[] types = {
            BufferedImage.TYPE_INT_RGB,
            BufferedImage.TYPE_INT_ARGB,
            BufferedImage.TYPE_INT_BGR,
            BufferedImage.TYPE_3BYTE_BGR,
            BufferedImage.TYPE_4BYTE_ABGR
        };
        long seed = 7;
        for (int type : types) {
            BufferedImage image = new BufferedImage(5, 3, type);
            Random random = new Random(seed);
            for (int i = 0; i < 15; i++) {
                image.setRGB(i % 5, i / 5, 0xff000000 | random.nextInt(1 << 24));
            }
            random = new Random(seed);
            float[] rgb = ImagePreprocessor.of(ColorMode.RGB).tensor(image).toFloatArray();
            float[] bgr = ImagePreprocessor.of(ColorMode.BGR).tensor(image).toFloatArray();
            for (int i = 0; i < 15; i++) {
                Color c = new Color(random.nextInt(1 << 24));
                assertThat(new float[] {rgb[i], rgb[15 + i], rgb[30 + i]})
                        .as("type %s, pixel %s, seed %s", type, i, seed)
                        .containsExactly(c.getRed(), c.getGreen(), c.getBlue());
                assertThat(new float[] {bgr[i], bgr[15 + i], bgr[30 + i]})
                        .containsExactly(c.getBlue(), c.getGreen(), c.getRed());
            }
        }
    }

    @Test
    void normalisesEachChannel() {
        BufferedImage image = new BufferedImage(2, 1, BufferedImage.TYPE_INT_RGB);
        image.setRGB(0, 0, 0x0a141e);
        image.setRGB(1, 0, 0xff8000);
        ImagePreprocessor p = ImagePreprocessor.of(ColorMode.RGB)
                .scale(1 / 255f)
                .mean(0.1f, 0.2f, 0.3f)
                .std(0.5f, 0.25f, 2f);
        float[] expected = {
            (10 / 255f - 0.1f) / 0.5f, (1 - 0.1f) / 0.5f,
            (20 / 255f - 0.2f) / 0.25f, (128 / 255f - 0.2f) / 0.25f,
            (30 / 255f - 0.3f) / 2, (0 - 0.3f) / 2
        };
        float[] found = p.tensor(image).toFloatArray();
        for (int i = 0; i < expected.length; i++) {
            assertThat(found[i]).isCloseTo(expected[i], within(2 * Math.ulp(1f)));
        }
        float[] last = p.layout(ImageLayout.NHWC).tensor(image).toFloatArray();
        for (int i = 0; i < expected.length; i++) {
            assertThat(last[i % 2 * 3 + i / 2]).isEqualTo(found[i]);
        }
    }

    @Test
    void keepsTheRatioOfSides() {
        BufferedImage image = new BufferedImage(333, 500, BufferedImage.TYPE_INT_RGB);
        ImagePreprocessor p = ImagePreprocessor.of(ColorMode.RGB);
        assertThat(p.resizeShortest(256, ResizeFilter.BILINEAR).tensor(image).dims())
                .containsExactly(1, 3, 384, 256);
        assertThat(p.resizeLongest(100, ResizeFilter.BILINEAR).tensor(image).dims())
                .containsExactly(1, 3, 100, 67);
        assertThat(p.resizeLongest(100, ResizeFilter.BOX)
                        .pad(100, 120, 114)
                        .tensor(image)
                        .dims())
                .containsExactly(1, 3, 120, 100);
    }

    @Test
    void partsOutsideOfTheImageAreFilled() {
        BufferedImage image = new BufferedImage(2, 2, BufferedImage.TYPE_BYTE_GRAY);
        image.getRaster().setPixels(0, 0, 2, 2, new int[] {1, 2, 3, 4});
        ImagePreprocessor p = ImagePreprocessor.of(ColorMode.GRAY);
        assertThat(p.centerCrop(4, 3).tensor(image).toFloatArray()).containsExactly(0, 1, 2, 0, 0, 3, 4, 0, 0, 0, 0, 0);
        assertThat(p.crop(-1, 1, 2, 2).tensor(image).toFloatArray()).containsExactly(0, 3, 0, 0);
        assertThat(p.crop(5, 5, 1, 1).tensor(image).toFloatArray()).containsExactly(0);
        assertThat(p.pad(3, 1, 9).tensor(image).toFloatArray()).containsExactly(1, 2, 9, 3, 4, 9);
    }

    @Test
    void refusesWhatItCannotDo() {
        ImagePreprocessor p = ImagePreprocessor.of(ColorMode.RGB);
        assertThatThrownBy(() -> p.resize(0, 5, ResizeFilter.BOX)).isInstanceOf(InvalidOptionException.class);
        assertThatThrownBy(() -> p.mean(1, 2)).isInstanceOf(InvalidOptionException.class);
        assertThatThrownBy(() -> p.std(0)).isInstanceOf(InvalidOptionException.class);
        assertThatThrownBy(() -> p.scale(Float.NaN)).isInstanceOf(InvalidOptionException.class);
        assertThatThrownBy(() -> p.tensor(List.of())).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> p.tensor(List.of(
                        new BufferedImage(2, 2, BufferedImage.TYPE_INT_RGB),
                        new BufferedImage(2, 3, BufferedImage.TYPE_INT_RGB))))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("2 x 3");
        assertThatThrownBy(() -> p.resizeShortest(100, ResizeFilter.BOX)
                        .tensor(new BufferedImage(1, 1000, BufferedImage.TYPE_INT_RGB)))
                .isInstanceOf(InvalidInputException.class);
    }

    @Test
    void pixelsAreCountedBeforeEachStep() {
        BufferedImage image = new BufferedImage(40, 30, BufferedImage.TYPE_INT_RGB);
        ImagePreprocessor plain = ImagePreprocessor.of(ColorMode.RGB).maxPixels(1200);
        assertThat(plain.tensor(image).dims()).containsExactly(1, 3, 30, 40);
        List<ImagePreprocessor> larger = List.of(
                plain.maxPixels(1199),
                plain.resize(41, 30, ResizeFilter.NEAREST),
                plain.resize(41, 30, ResizeFilter.BICUBIC),
                plain.resize(40, 31, ResizeFilter.BOX),
                plain.resizeShortest(31, ResizeFilter.BILINEAR),
                plain.crop(0, 0, 65_536, 65_536),
                plain.pad(40, 31, 0));
        for (ImagePreprocessor p : larger) {
            assertThatThrownBy(() -> p.tensor(image))
                    .isInstanceOf(ResourceLimitException.class)
                    .hasMessageContaining("ImagePreprocessor.maxPixels");
        }
        assertThatThrownBy(() -> plain.maxPixels(0)).isInstanceOf(InvalidOptionException.class);
    }

    /** Sizes whose product is beyond an int, or an array, end in a typed exception, however many pixels are allowed. */
    @Test
    void sizesBeyondAnArrayAreRefused() {
        BufferedImage image = new BufferedImage(40, 30, BufferedImage.TYPE_INT_RGB);
        ImagePreprocessor any = ImagePreprocessor.of(ColorMode.RGB).maxPixels(Long.MAX_VALUE);
        for (ResizeFilter filter : ResizeFilter.values()) {
            assertThatThrownBy(() -> any.resize(65_536, 65_536, filter).tensor(image))
                    .isInstanceOf(ResourceLimitException.class)
                    .hasMessageContaining("65536 x 65536");
        }
        assertThatThrownBy(() -> any.pad(65_536, 20_000, 0).tensor(image)).isInstanceOf(ResourceLimitException.class);
        List<BufferedImage> many = Collections.nCopies(1 << 20, image);
        assertThatThrownBy(() -> any.tensor(many))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining("3774873600 numbers");
        BufferedImage wide = new BufferedImage(1 << 20, 1, BufferedImage.TYPE_BYTE_GRAY);
        assertThatThrownBy(() -> ImagePreprocessor.of(ColorMode.GRAY)
                        .maxPixels(1 << 20)
                        .resize(65_535, 1, ResizeFilter.BICUBIC)
                        .tensor(wide))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining("weights to resize");
    }
}
