package dev.tenon.op.vision;

import dev.tenon.error.ResourceLimitException;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Iterator;
import java.util.Locale;
import java.util.Set;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Decodes images by the JDK's ImageIO. This is the only class that needs the module java.desktop. It is loaded when an
 * image is decoded.
 */
final class DesktopImage {
    private static final Set<String> FORMATS = Set.of("bmp", "jpeg", "png", "tiff", "tif");

    private DesktopImage() {}

    /** The image, or null if the bytes can't be decoded. */
    static DecodedImage decode(byte[] bytes) {
        try (ImageInputStream stream = new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
            Iterator<ImageReader> readers = ImageIO.getImageReaders(stream);
            while (readers.hasNext()) {
                ImageReader reader = readers.next();
                try {
                    if (FORMATS.contains(reader.getFormatName().toLowerCase(Locale.ROOT))) {
                        reader.setInput(stream, true, true);
                        DecodedImage.check(reader.getHeight(0), reader.getWidth(0));
                        return pixels(reader.read(0));
                    }
                } finally {
                    reader.dispose();
                }
            }
            return null;
        } catch (ResourceLimitException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            // Readers fail on broken streams with exceptions of many kinds. The standard has one result for all of
            // them.
            return null;
        }
    }

    private static DecodedImage pixels(BufferedImage image) {
        DecodedImage pixels = DecodedImage.of(image.getHeight(), image.getWidth());
        Raster raster = image.getRaster();
        // getRGB would apply the colour profile. The samples are used as they are.
        boolean direct = image.getColorModel() instanceof ComponentColorModel;
        int bands = raster.getNumBands();
        int bits = raster.getSampleModel().getSampleSize(0);
        for (int r = 0; r < pixels.height(); r++) {
            for (int c = 0; c < pixels.width(); c++) {
                if (direct) {
                    int first = sample(raster, r, c, 0, bits);
                    boolean gray = bands < 3;
                    pixels.set(
                            r,
                            c,
                            first,
                            gray ? first : sample(raster, r, c, 1, bits),
                            gray ? first : sample(raster, r, c, 2, bits));
                } else {
                    int rgb = image.getRGB(c, r);
                    pixels.set(r, c, rgb >> 16, rgb >> 8, rgb);
                }
            }
        }
        return pixels;
    }

    private static int sample(Raster raster, int row, int column, int band, int bits) {
        int v = raster.getSample(column, row, band);
        return bits == 8 ? v : bits > 8 ? v >>> (bits - 8) : v * 255 / ((1 << bits) - 1);
    }
}
