package dev.tenon.op.vision;

import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.util.Arrays;
import java.util.List;

/**
 * Decodes an image: BMP, JPEG, PNG and TIFF by the JDK's ImageIO, and the portable formats PBM, PGM and PPM. JPEG 2000
 * and WebP fail with an error that names them. Bytes of any other kind give an image without elements, as the standard
 * demands. Transparency is dropped, and colour profiles are not applied. Samples of more than 8 bits are cut to their
 * high 8.
 *
 * @param format the channels of the result
 */
public record ImageDecoder(PixelFormat format) implements Op {
    /** The channels of an image, last dimension of the result. */
    public enum PixelFormat {
        /** Red, green, blue. */
        RGB("RGB"),
        /** Blue, green, red. */
        BGR("BGR"),
        /** Brightness by Rec. 601: 0.299 red + 0.587 green + 0.114 blue. */
        GRAYSCALE("Grayscale");

        private final String text;

        PixelFormat(String text) {
            this.text = text;
        }

        /**
         * The number of channels.
         *
         * @return 1 or 3
         */
        public int channels() {
            return this == GRAYSCALE ? 1 : 3;
        }
    }

    /** Input: the bytes of a file, uint8 of rank 1. Output: the image, uint8, [height, width, channels]. */
    public static final OpSchema SCHEMA = OpSchema.of("ImageDecoder")
            .input("encoded_stream", "T1")
            .output("image", "T2")
            .where("T1", Types.set(DType.UINT8))
            .where("T2", Types.set(DType.UINT8));

    private static final List<String> NAMES =
            Arrays.stream(PixelFormat.values()).map(f -> f.text).toList();

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws dev.tenon.error.InvalidOperandException if there is no such pixel format
     */
    public static ImageDecoder of(Attributes a) {
        String name = a.string("pixel_format", "RGB");
        if (!NAMES.contains(name)) {
            throw ImageOperands.invalid(SCHEMA, "attribute 'pixel_format' is '" + name + "'", String.join(", ", NAMES));
        }
        return new ImageDecoder(PixelFormat.values()[NAMES.indexOf(name)]);
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none().unless("pixel_format", format.text, PixelFormat.RGB.text);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        ImageOperands.requireRank(c, 0, "encoded_stream", 1);
        return ImageOperands.tensor(
                DType.UINT8, Shape.of(List.of(c.freshDim(), c.freshDim(), Dim.of(format.channels()))));
    }

    @Override
    public List<Datum> reference(Operands in) {
        Tensor stream = in.tensor(0);
        if (stream.rank() != 1) {
            throw in.error("'encoded_stream' of shape " + stream.shape(), "rank 1", null);
        }
        byte[] bytes = stream.toByteArray();
        DecodedImage pixels;
        if (isJpeg2000(bytes)) {
            throw in.error("a stream of format JPEG 2000", "BMP, JPEG, PNG, TIFF, PBM, PGM, PPM", "convert the image");
        } else if (starts(bytes, 0, "RIFF") && starts(bytes, 8, "WEBP")) {
            throw in.error("a stream of format WebP", "BMP, JPEG, PNG, TIFF, PBM, PGM, PPM", "convert the image");
        } else if (PortablePixmap.is(bytes)) {
            pixels = PortablePixmap.decode(bytes);
        } else {
            try {
                pixels = DesktopImage.decode(bytes);
            } catch (LinkageError e) {
                boolean hasClasses =
                        ModuleLayer.boot().findModule("java.desktop").isPresent();
                throw noDecoder(in, e, hasClasses);
            }
        }
        return List.of(image(pixels));
    }

    /** The error of a JVM that lacks the classes that decode images, or the native library that they call. */
    static RuntimeException noDecoder(Operands in, LinkageError e, boolean hasClasses) {
        return hasClasses
                ? in.error(
                        "the JVM has the module java.desktop, but not a native library of it: " + e,
                        "a JVM with the libraries of its images, such as libjavajpeg and libmlib_image",
                        "install the complete package of the JDK, and the system's libjpeg and liblcms2 if it needs them")
                : in.error(
                        "no decoder of images: " + e,
                        "a JVM with the module java.desktop",
                        "add --add-modules java.desktop");
    }

    private static boolean isJpeg2000(byte[] bytes) {
        return starts(bytes, 4, "jP  ") || starts(bytes, 0, "\u00ffO\u00ffQ");
    }

    private static boolean starts(byte[] bytes, int at, String magic) {
        for (int i = 0; i < magic.length(); i++) {
            if (at + i >= bytes.length || (bytes[at + i] & 0xff) != magic.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private Tensor image(DecodedImage pixels) {
        if (pixels == null) {
            return Tensor.allocate(DType.UINT8, 0, 0, format.channels());
        }
        Tensor image = Tensor.allocate(DType.UINT8, pixels.height(), pixels.width(), format.channels());
        byte[] rgb = pixels.rgb();
        for (int i = 0; i < rgb.length; i += 3) {
            switch (format) {
                case RGB -> set(image, i, rgb[i], rgb[i + 1], rgb[i + 2]);
                case BGR -> set(image, i, rgb[i + 2], rgb[i + 1], rgb[i]);
                case GRAYSCALE -> image.setLong(i / 3, gray(rgb[i] & 0xff, rgb[i + 1] & 0xff, rgb[i + 2] & 0xff));
            }
        }
        return image;
    }

    private static void set(Tensor image, int at, byte a, byte b, byte c) {
        image.setLong(at, a & 0xff);
        image.setLong(at + 1, b & 0xff);
        image.setLong(at + 2, c & 0xff);
    }

    /** Rec. 601 in fixed point with 16 fractional bits, rounded. */
    private static int gray(int red, int green, int blue) {
        return (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16;
    }
}
