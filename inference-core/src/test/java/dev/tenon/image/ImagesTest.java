package dev.tenon.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.InvalidInputException;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.error.TenonException;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImagesTest {
    @TempDir
    private Path folder;

    private static BufferedImage picture() {
        BufferedImage image = new BufferedImage(9, 7, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 63; i++) {
            image.setRGB(i % 9, i / 9, i * 0x030507);
        }
        return image;
    }

    private static byte[] encoded(String format) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertThat(ImageIO.write(picture(), format, out)).isTrue();
        return out.toByteArray();
    }

    @Test
    void decodesFilesWithoutLoss() throws IOException {
        for (String format : new String[] {"png", "bmp", "tiff"}) {
            Path file = Files.write(folder.resolve("a." + format), encoded(format));
            BufferedImage image = Images.read(file);
            for (int i = 0; i < 63; i++) {
                assertThat(image.getRGB(i % 9, i / 9))
                        .as(format)
                        .isEqualTo(picture().getRGB(i % 9, i / 9));
            }
        }
    }

    @Test
    void countsDecodedBytesBeforeDecoding() throws IOException {
        Map<Integer, Integer> bitsOfTypes = Map.of(
                BufferedImage.TYPE_USHORT_GRAY, 16, BufferedImage.TYPE_BYTE_BINARY, 1, BufferedImage.TYPE_INT_RGB, 24);
        for (Map.Entry<Integer, Integer> type : bitsOfTypes.entrySet()) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            assertThat(ImageIO.write(new BufferedImage(9, 7, type.getKey()), "png", out))
                    .isTrue();
            byte[] png = out.toByteArray();
            int bits = type.getValue();
            long bytes = (63L * bits + 7) / 8;
            assertThat(Images.read("upload", new ByteArrayInputStream(png), 63, bytes)
                            .getWidth())
                    .isEqualTo(9);
            assertThatThrownBy(() -> Images.read("upload", new ByteArrayInputStream(png), 63, bytes - 1))
                    .isInstanceOf(ResourceLimitException.class)
                    .hasMessageContaining("9 x 7 pixels of " + bits + " bits")
                    .hasMessageContaining("maxBytes");
        }
    }

    @Test
    void mistakesOfADecoderAreNamedByTheirKind() throws IOException {
        try (InputStream tiff = ImagesTest.class.getResourceAsStream("/fuzz/images-tiff-of-no-known-type.bin")) {
            byte[] bytes = tiff.readAllBytes();
            assertThatThrownBy(() -> Images.read(bytes))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("a damaged or unsupported image: ")
                    .hasMessageNotContaining("Cannot invoke")
                    .hasMessageNotContaining("null");
        }
    }

    /** Whether the stream fails or the file is cut off, is told apart. */
    @Test
    void aStreamThatFailsIsNoDamagedImage() throws IOException {
        byte[] png = encoded("png");
        // Beyond its header, a decoder may give the rows that are there.
        for (int length = 8; length < 41; length++) {
            byte[] part = Arrays.copyOf(png, length);
            assertThatThrownBy(() -> Images.read("part", new ByteArrayInputStream(part), 63))
                    .isInstanceOf(InvalidInputException.class);
            // A closed stream fails.
            InputStream closed = InputStream.nullInputStream();
            closed.close();
            InputStream failing = new SequenceInputStream(new ByteArrayInputStream(part), closed);
            assertThatThrownBy(() -> Images.read("part", failing, 63))
                    .isInstanceOf(IOException.class)
                    .hasMessage("Stream closed");
        }
    }

    @Test
    void refusesLargeImagesBeforeDecoding() throws IOException {
        byte[] png = encoded("png");
        assertThatThrownBy(() -> Images.read("upload", new ByteArrayInputStream(png), 62))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining("9 x 7");
        // A header may claim any size: the width of a PNG is in bytes 16 to 19.
        byte[] huge = png.clone();
        huge[16] = 0x7f;
        assertThatThrownBy(() -> Images.read(huge)).isInstanceOf(TenonException.class);
    }

    @Test
    void damagedFilesEndInATypedError() throws IOException {
        assertThatThrownBy(() -> Images.read(new byte[100]))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("png");
        long seed = 3;
        Random random = new Random(seed);
        for (String format : new String[] {"png", "jpg", "gif", "bmp", "tiff"}) {
            byte[] whole = encoded(format);
            for (int i = 0; i < 100; i++) {
                byte[] damaged = whole.clone();
                damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
                try {
                    assertThat(Images.read(damaged))
                            .as("%s, seed %s", format, seed)
                            .isNotNull();
                } catch (TenonException e) {
                    assertThat(e).hasMessageContaining("image");
                }
            }
        }
    }
}
