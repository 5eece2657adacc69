package dev.tenon.samples.compress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.Model;
import dev.tenon.Session;
import dev.tenon.compression.ModelSize;
import dev.tenon.compression.Samples;
import dev.tenon.compression.Step;
import dev.tenon.compression.StepContext;
import dev.tenon.compression.quantize.Quantize;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.TestData;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

/**
 * The cost of INT8 for models that find and read text, on pictures that Java2D renders. Calibration sees 64 pictures, and 200
 * others judge.
 */
@Tag("exhaustive")
@Tag("models")
class TextFiguresTest {
    private static final int CALIBRATION = 64;
    private static final int JUDGED = 200;
    /** What is reached, to guard it. The aim is 0.98: noise of half a grey level alone changes spaces in some lines. */
    private static final double LEAST_EQUAL = 0.93;

    /** What is reached, to guard it. The aim is 0.97. */
    private static final double LEAST_OVERLAP = 0.9;

    /** Detection takes a pixel as text from this probability on, as PaddleOCR does. */
    private static final float TEXT = 0.3f;

    private static Path model(String name) {
        return Path.of(System.getProperty("tenon.models", "target/models")).resolve(name + ".onnx");
    }

    static List<Map<String, Tensor>> calls(int count, Supplier<Tensor> pictures) {
        List<Map<String, Tensor>> calls = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            calls.add(Map.of("x", pictures.get()));
        }
        return calls;
    }

    private static Tensor run(Session session, Map<String, Tensor> call) {
        return session.predict(call).tensor();
    }

    /** The classes that are read: the likeliest of each step, without repetitions and blanks. */
    private static List<Integer> read(Tensor probabilities) {
        int classes = Math.toIntExact(probabilities.dim(2));
        float[] p = probabilities.toFloatArray();
        List<Integer> text = new ArrayList<>();
        int last = 0;
        for (int step = 0; step < p.length / classes; step++) {
            int best = 0;
            for (int c = 1; c < classes; c++) {
                best = p[step * classes + c] > p[step * classes + best] ? c : best;
            }
            if (best != 0 && best != last) {
                text.add(best);
            }
            last = best;
        }
        return text;
    }

    /** The share of lines that two models read alike. */
    static double equalStrings(Model before, Model after, List<Map<String, Tensor>> lines) {
        Session first = before.session();
        Session second = after.session();
        int equal = 0;
        for (Map<String, Tensor> line : lines) {
            List<Integer> expected = read(run(first, line));
            assertThat(expected).as("what float32 reads").isNotEmpty();
            equal += expected.equals(read(run(second, line))) ? 1 : 0;
        }
        return (double) equal / lines.size();
    }

    /** The pixels that two models both take as text, as a share of those that one of them does, on all pages together. */
    static double overlap(Model before, Model after, List<Map<String, Tensor>> pages) {
        Session first = before.session();
        Session second = after.session();
        long both = 0;
        long either = 0;
        for (Map<String, Tensor> page : pages) {
            float[] p = run(first, page).toFloatArray();
            float[] q = run(second, page).toFloatArray();
            for (int i = 0; i < p.length; i++) {
                both += p[i] > TEXT && q[i] > TEXT ? 1 : 0;
                either += p[i] > TEXT || q[i] > TEXT ? 1 : 0;
            }
        }
        assertThat(either).as("pixels of text").isPositive();
        return (double) both / either;
    }

    static Model quantized(Model model, Step step, List<Map<String, Tensor>> calibration) {
        return step.apply(model, StepContext.of(Samples.of(calibration).bind(model.inputs()), 0));
    }

    @Test
    void linesAreReadAsBefore(TestReporter reporter) throws IOException {
        Path path = model("ch_PP-OCRv4_rec_infer");
        TestData.fetched(path);
        Model before = Model.load(path);
        List<String> words = TextImages.words();
        Model after = quantized(before, Quantize.int8(), calls(CALIBRATION, new TextImages(words, 1)::line));
        double equal = equalStrings(before, after, calls(JUDGED, new TextImages(words, 2)::line));
        double size = (double) ModelSize.bytes(after) / ModelSize.bytes(before);
        reporter.publishEntry("equal strings", "%.3f, size %.3f".formatted(equal, size));
        assertThat(equal).isGreaterThanOrEqualTo(LEAST_EQUAL);
    }

    @Test
    void textIsFoundWhereItWas(TestReporter reporter) throws IOException {
        Path path = model("ch_PP-OCRv4_det_infer");
        TestData.fetched(path);
        Model before = Model.load(path);
        List<String> words = TextImages.words();
        Model after = quantized(before, Quantize.int8(), calls(CALIBRATION, new TextImages(words, 1)::page));
        double overlap = overlap(before, after, calls(JUDGED, new TextImages(words, 2)::page));
        double size = (double) ModelSize.bytes(after) / ModelSize.bytes(before);
        reporter.publishEntry("overlap", "%.3f, size %.3f".formatted(overlap, size));
        assertThat(overlap).isGreaterThanOrEqualTo(LEAST_OVERLAP);
    }
}
