package dev.tenon.fuzz;

import dev.tenon.error.TenonException;
import dev.tenon.image.ColorMode;
import dev.tenon.image.ImageLayout;
import dev.tenon.image.ImagePreprocessor;
import dev.tenon.image.Images;
import dev.tenon.image.ResizeFilter;
import dev.tenon.testkit.fuzz.Outcome;
import dev.tenon.testkit.fuzz.Outcome.Kind;
import dev.tenon.testkit.fuzz.Trial;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/** Judges image files: they are refused, or give tensors. */
final class ImageOracle {
    private static final long MOST_PIXELS = 1 << 18;
    private static final List<ImagePreprocessor> PREPROCESSORS = List.of(
            ImagePreprocessor.of(ColorMode.RGB)
                    .resizeShortest(24, ResizeFilter.BICUBIC)
                    .centerCrop(20, 20)
                    .scale(1 / 255f)
                    .mean(0.5f),
            ImagePreprocessor.of(ColorMode.GRAY)
                    .resizeLongest(17, ResizeFilter.BOX)
                    .pad(20, 20, 7),
            ImagePreprocessor.of(ColorMode.BGR).layout(ImageLayout.NHWC));

    private ImageOracle() {}

    static Outcome image(byte[] file) {
        return Trial.twice(() -> {
            BufferedImage image;
            try {
                image = Images.read("fuzz", new ByteArrayInputStream(file), MOST_PIXELS);
            } catch (TenonException e) {
                return Trial.typed(Kind.REFUSED_AT_LOADING, e);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            try {
                StringBuilder result = new StringBuilder();
                PREPROCESSORS.forEach(p -> result.append(Digest.of(p.tensor(image))));
                return new Outcome(Kind.RAN, "", result.toString());
            } catch (TenonException e) {
                return Trial.typed(Kind.REFUSED_AT_RUN, e);
            }
        });
    }
}
