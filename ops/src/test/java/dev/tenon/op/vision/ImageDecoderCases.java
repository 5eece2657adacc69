package dev.tenon.op.vision;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.ints;

import dev.tenon.op.Attributes;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;

/** Cases of {@link ImageDecoder}. */
public final class ImageDecoderCases implements OpCases {
    private static final String PNG =
            "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAIAAAB7QOjdAAAAD0lEQVR42mPgEpE7kWIEAARxAZvOSu3FAAAAAElFTkSuQmCC";
    private static final String GRAY_PNG =
            "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAAAAADRSSBWAAAAC0lEQVR42mNgbwAAAJEAiLeyancAAAAASUVORK5CYII=";
    private static final String CLEAR_PNG =
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNgZGL2BQAAYgBU7y2rSgAAAABJRU5ErkJggg==";
    private static final String DEEP_PNG =
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABEAAAAABq7kcWAAAAC0lEQVR42mNo+A8AAgIBgP3y/PQAAAAASUVORK5CYII=";
    private static final String ENORMOUS_PNG =
            "iVBORw0KGgoAAAANSUhEUkAAAABAAAAACAIAAADX9nnpAAAACUlEQVR42mMAAAABAAGxDbaTAAAAAElFTkSuQmCC";
    private static final String BMP =
            "Qk0+AAAAAAAAADYAAAAoAAAAAgAAAAEAAAABABgAAAAAAAgAAAAAAAAAAAAAAAAAAAAAAAAAHhQKMmTIAAA=";
    private static final String TIFF =
            "SUkqAAgAAAAIAAABAwABAAAAAgAAAAEBAwABAAAAAQAAAAIBAwABAAAACAAAAAMBAwABAAAAAQAAAAYBAwAB"
                    + "AAAAAQAAABEBBAABAAAAbgAAABYBAwABAAAAAQAAABcBBAABAAAAAgAAAAAAAAAHgA==";
    private static final String JPEG =
            "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABALDA4MChAODQ4SERATGCgaGBYWGDEjJR0oOjM9PDkzODdASFxOQERXRT"
                    + "c4UG1RV19iZ2hnPk1xeXBkeFxlZ2P/wAALCAABAAIBAREA/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL"
                    + "/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJi"
                    + "coKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ip"
                    + "qrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/9oACAEBAAA/AKNf/9k=";

    @Override
    public List<OpCase> cases() {
        return List.of(
                of("PNG", base64(PNG), "RGB").expect(image(1, 2, 3, 10, 20, 30, 200, 100, 50)),
                of("PNG to BGR", base64(PNG), "BGR").expect(image(1, 2, 3, 30, 20, 10, 50, 100, 200)),
                of("PNG to gray", base64(PNG), "Grayscale").expect(image(1, 2, 1, 18, 124)),
                of("gray PNG", base64(GRAY_PNG), "RGB").expect(image(1, 2, 3, 7, 7, 7, 128, 128, 128)),
                of("PNG with transparency", base64(CLEAR_PNG), "RGB").expect(image(1, 1, 3, 1, 2, 3)),
                of("PNG of 16 bits", base64(DEEP_PNG), "Grayscale").expect(image(1, 1, 1, 128)),
                of("BMP", base64(BMP), "RGB").expect(image(1, 2, 3, 10, 20, 30, 200, 100, 50)),
                of("TIFF", base64(TIFF), "Grayscale").expect(image(1, 2, 1, 7, 128)),
                of("JPEG", base64(JPEG), "Grayscale").expect(image(1, 2, 1, 100, 100)),
                of("PBM", text("P1 # bits\n3 1\n101"), "Grayscale").expect(image(1, 3, 1, 0, 255, 0)),
                of("PGM", text("P2\n2 2\n4\n0 1\n2 4\n"), "Grayscale").expect(image(2, 2, 1, 0, 64, 128, 255)),
                of("PPM", text("P3 1 1 255 1 2 3"), "BGR").expect(image(1, 1, 3, 3, 2, 1)),
                of("PBM of bytes", text("P4 9 2\nAAAA"), "Grayscale")
                        .expect(image(
                                2, 9, 1, 255, 0, 255, 255, 255, 255, 255, 0, 255, 255, 0, 255, 255, 255, 255, 255, 0,
                                255)),
                of("PGM of bytes", text("P5 2 1 255\nAz"), "Grayscale").expect(image(1, 2, 1, 65, 122)),
                of("PPM of bytes", text("P6 1 1 255\nABC"), "RGB").expect(image(1, 1, 3, 65, 66, 67)),
                of("PPM cut off", text("P6 9 9 255\nABC"), "RGB").expect(image(0, 0, 3)),
                of("PNG cut off", base64(PNG.substring(0, 60)), "RGB").expect(image(0, 0, 3)),
                of("no image", text("no image"), "Grayscale").expect(image(0, 0, 1)),
                of("nothing", text(""), "RGB").expect(image(0, 0, 3)),
                of("enormous PNG", base64(ENORMOUS_PNG), "RGB").fails("pixels"),
                of("enormous PGM", text("P5 2000000000 2000000000 255\nA"), "RGB")
                        .fails("pixels"),
                of("JPEG 2000", text("....jP  .."), "RGB").fails("a stream of format JPEG 2000"),
                of("WebP", text("RIFF....WEBPVP8 "), "RGB").fails("a stream of format WebP"),
                of("bytes in rows", ints(DType.UINT8, dims(1, 1), 0), "RGB").fails("rank 1"));
    }

    private static OpCase of(String name, Tensor stream, String format) {
        return OpCase.of(name, ImageDecoder.of(Attributes.none().with("pixel_format", format)), stream);
    }

    private static Tensor base64(String text) {
        return bytes(Base64.getDecoder().decode(text));
    }

    private static Tensor text(String text) {
        return bytes(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static Tensor bytes(byte[] bytes) {
        Tensor t = Tensor.allocate(DType.UINT8, bytes.length);
        for (int i = 0; i < bytes.length; i++) {
            t.setLong(i, bytes[i] & 0xff);
        }
        return t;
    }

    private static Tensor image(long height, long width, long channels, long... samples) {
        return ints(DType.UINT8, dims(height, width, channels), samples);
    }
}
