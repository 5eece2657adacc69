package dev.tenon.image;

import dev.tenon.budget.JvmLimits;
import dev.tenon.error.InvalidInputException;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.error.TenonException;
import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.awt.image.MultiPixelPackedSampleModel;
import java.awt.image.SampleModel;
import java.awt.image.SinglePixelPackedSampleModel;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Decodes image files in the formats that {@link ImageIO} knows: JPEG, PNG, GIF, BMP, WBMP, TIFF, and those of installed
 * plug-ins. An
 * image is untrusted input: its pixels, and the bytes that they take, are counted before they are decoded. Orientation tags
 * are not applied. Nothing is
 * cached on disk. Safe for any number of threads.
 */
public final class Images {
    /** The largest number of pixels that {@link #read(Path)} takes: 178,956,970, at which Pillow warns of an attack twice over. */
    public static final long STANDARD_PIXELS = 178_956_970;

    /** The bytes of a pixel that {@link #read(String, InputStream, long)} allows: four channels of 16 bits. */
    private static final int BYTES_FOR_PIXEL = 8;

    private static final String MORE_MEMORY = "Allow fewer pixels, or more memory by -Xmx.";

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
     * @param maxPixels the largest product of width and height, from 1. Decoded pixels may take 8 bytes each
     * @return the image
     * @throws InvalidInputException if the stream is no image of a known format, or damaged
     * @throws ResourceLimitException if it has more pixels than allowed, if these take more bytes, or if the heap is too small
     * @throws IOException if the stream fails
     */
    public static BufferedImage read(String name, InputStream in, long maxPixels) throws IOException {
        return read(
                name,
                in,
                maxPixels,
                maxPixels > Long.MAX_VALUE / BYTES_FOR_PIXEL ? Long.MAX_VALUE : maxPixels * BYTES_FOR_PIXEL);
    }

    /**
     * Decodes the first image of a stream, which stays open.
     *
     * @param name a name for errors
     * @param in the stream
     * @param maxPixels the largest product of width and height, from 1
     * @param maxBytes the most bytes that the decoded pixels may take, from 1: a pixel takes a bit to 4 bytes in most files, 8 with
     *     16 bits a channel, and more in some TIFF files
     * @return the image
     * @throws InvalidInputException if the stream is no image of a known format, or damaged
     * @throws ResourceLimitException if it has more pixels or decoded bytes than allowed, or if the heap is too small
     * @throws IOException if the stream fails
     */
    public static BufferedImage read(String name, InputStream in, long maxPixels, long maxBytes) throws IOException {
        Source source = new Source(in);
        try {
            BufferedImage image = JvmLimits.typed(name, MORE_MEMORY, () -> decoded(name, source, maxPixels, maxBytes));
            if (source.failure != null) {
                // A decoder may give the rows before the failure.
                throw source.failure;
            }
            return image;
        } catch (RuntimeException e) {
            // Readers of the JDK answer damaged files with all kinds of exceptions.
            if (source.failure != null) {
                throw source.failure;
            }
            if (e instanceof TenonException) {
                throw e;
            }
            throw damaged(name, e instanceof UncheckedIOException io ? io.getCause() : e);
        }
    }

    private static BufferedImage decoded(String name, InputStream in, long maxPixels, long maxBytes) {
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
                checkSize(name, reader, maxPixels, maxBytes);
                return reader.read(0);
            } finally {
                reader.dispose();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Remembers whether the stream itself failed, and not the decoder. */
    private static final class Source extends FilterInputStream {
        private IOException failure;

        Source(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            try {
                return in.read();
            } catch (IOException e) {
                failure = e;
                throw e;
            }
        }

        @Override
        public int read(byte[] buffer, int from, int length) throws IOException {
            try {
                return in.read(buffer, from, length);
            } catch (IOException e) {
                failure = e;
                throw e;
            }
        }
    }

    private static void checkSize(String name, ImageReader reader, long maxPixels, long maxBytes) throws IOException {
        int width = reader.getWidth(0);
        int height = reader.getHeight(0);
        long pixels = (long) width * height;
        if (pixels > maxPixels) {
            throw tooLarge(name, width + " x " + height + " pixels", maxPixels + "", "maxPixels");
        }
        Iterator<ImageTypeSpecifier> types = reader.getImageTypes(0);
        // A reader may have a null in the place of a type that it does not know.
        ImageTypeSpecifier type = types.hasNext() ? types.next() : null;
        long bits = type == null ? 0 : bitsOfPixel(type.getSampleModel());
        if ((double) pixels * bits > (double) maxBytes * Byte.SIZE) {
            throw tooLarge(
                    name, width + " x " + height + " pixels of " + bits + " bits", maxBytes + " bytes", "maxBytes");
        }
    }

    private static long bitsOfPixel(SampleModel pixels) {
        int element = DataBuffer.getDataTypeSize(pixels.getDataType());
        return switch (pixels) {
            case MultiPixelPackedSampleModel packed -> packed.getPixelBitStride();
            case SinglePixelPackedSampleModel _ -> element;
            default -> (long) pixels.getNumBands() * element;
        };
    }

    private static ResourceLimitException tooLarge(String name, String found, String allowed, String limit) {
        return new ResourceLimitException(
                name, found, "at most " + allowed, "Images.read with " + limit + " moves the limit.");
    }

    private static InvalidInputException damaged(String name, Exception cause) {
        // Unchecked exceptions of a decoder speak of its own variables.
        boolean isTold = cause instanceof IOException && cause.getMessage() != null;
        return new InvalidInputException(
                name,
                "a damaged or unsupported image: "
                        + (isTold ? cause.getMessage() : cause.getClass().getSimpleName()),
                "an image that ImageIO decodes",
                null,
                cause);
    }
}
