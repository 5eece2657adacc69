package dev.tenon.image;

import dev.tenon.error.InvalidInputException;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.error.TenonException;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import javax.imageio.IIOException;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Decodes image files in the formats that {@link ImageIO} knows: JPEG, PNG, GIF, BMP, WBMP, TIFF, and those of installed plug-ins. An
 * image is untrusted input: its size is checked before its pixels are decoded. Orientation tags are not applied. Nothing is
 * cached on disk. Safe for any number of threads.
 */
public final class Images {
    /** The largest number of pixels that {@link #read(Path)} takes: 178,956,970, at which Pillow warns of an attack twice over. */
    public static final long STANDARD_PIXELS = 178_956_970;

    private Images() {}

    /**
     * Decodes the first image of a file.
     *
     * @param file the file
     * @return the image
     * @throws InvalidInputException if the file is no image of a known format, or damaged
     * @throws ResourceLimitException if it has more than {@link #STANDARD_PIXELS} pixels
     * @throws IOException if the file cannot be read
     */
    public static BufferedImage read(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return read(file.getFileName().toString(), in, STANDARD_PIXELS);
        }
    }

    /**
     * Decodes an image from bytes.
     *
     * @param bytes the bytes of an image file
     * @return the image
     * @throws InvalidInputException if the bytes are no image of a known format, or damaged
     * @throws ResourceLimitException if it has more than {@link #STANDARD_PIXELS} pixels
     */
    public static BufferedImage read(byte[] bytes) {
        try {
            return read("image of " + bytes.length + " bytes", new ByteArrayInputStream(bytes), STANDARD_PIXELS);
        } catch (IOException e) {
            throw damaged("image of " + bytes.length + " bytes", e);
        }
    }

    /**
     * Decodes the first image of a stream, which stays open.
     *
     * @param name a name for errors
     * @param in the stream
     * @param maxPixels the largest product of width and height, from 1
     * @return the image
     * @throws InvalidInputException if the stream is no image of a known format, or damaged
     * @throws ResourceLimitException if it has more pixels than allowed
     * @throws IOException if the stream fails
     */
    public static BufferedImage read(String name, InputStream in, long maxPixels) throws IOException {
        try (ImageInputStream stream = new MemoryCacheImageInputStream(in)) {
            Iterator<ImageReader> readers = ImageIO.getImageReaders(stream);
            if (!readers.hasNext()) {
                throw new InvalidInputException(
                        name,
                        "bytes of no known image format",
                        "one of " + String.join(", ", ImageIO.getReaderFileSuffixes()),
                        "Install an ImageIO plug-in for other formats.");
            }
            ImageReader reader = readers.next();
            try {
                reader.setInput(stream, true, true);
                checkSize(name, reader.getWidth(0), reader.getHeight(0), maxPixels);
                return reader.read(0);
            } catch (OutOfMemoryError e) {
                throw new ResourceLimitException(
                        name, "more memory than there is", null, "Allow fewer pixels, or more memory by -Xmx.", e);
            } finally {
                reader.dispose();
            }
        } catch (IIOException | RuntimeException e) {
            // Readers of the JDK answer damaged files with all kinds of unchecked exceptions.
            if (e instanceof TenonException) {
                throw e;
            }
            throw damaged(name, e);
        }
    }

    private static void checkSize(String name, int width, int height, long maxPixels) {
        if ((long) width * height > maxPixels) {
            throw new ResourceLimitException(
                    name,
                    width + " x " + height + " pixels",
                    "at most " + maxPixels,
                    "Images.read with maxPixels moves the limit.");
        }
    }

    private static InvalidInputException damaged(String name, Exception cause) {
        return new InvalidInputException(
                name,
                "a damaged or unsupported image: " + cause.getMessage(),
                "an image that ImageIO decodes",
                null,
                cause);
    }
}
