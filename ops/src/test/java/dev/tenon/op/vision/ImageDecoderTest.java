package dev.tenon.op.vision;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.op.Operands;
import dev.tenon.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Errors of a JVM that can't decode images. */
class ImageDecoderTest {
    private static final ImageDecoder DECODER = new ImageDecoder(ImageDecoder.PixelFormat.RGB);
    private static final Operands OPERANDS = new Operands(DECODER, "", List.of(Tensor.of(new float[] {0})), 1);

    /** The tests' JVM has the module. */
    @Test
    void aLibraryThatIsMissingIsNoMissingModule() {
        UnsatisfiedLinkError e =
                new UnsatisfiedLinkError("libjavajpeg.so: libjpeg.so.62: cannot open shared object file");
        assertThat(ImageDecoder.noDecoder(OPERANDS, e, true))
                .hasMessageContaining("libjpeg.so.62")
                .hasMessageContaining("install")
                .hasMessageNotContaining("--add-modules");
    }

    @Test
    void aModuleThatIsMissingIsToBeAdded() {
        NoClassDefFoundError e = new NoClassDefFoundError("javax/imageio/ImageIO");
        assertThat(ImageDecoder.noDecoder(OPERANDS, e, false)).hasMessageContaining("--add-modules java.desktop");
    }
}
