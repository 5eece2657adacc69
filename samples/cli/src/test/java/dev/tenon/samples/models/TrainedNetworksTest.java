package dev.tenon.samples.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tenon.Model;
import dev.tenon.Session;
import dev.tenon.SessionOptions;
import dev.tenon.formats.npy.Npy;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.Exhaustive;
import dev.tenon.testkit.TestData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The small trained networks give the stored outputs, and the accuracy that was measured when they were trained. Scalar
 * loops are slow, so the accuracy and the memory of many calls are tested only on the vector tier, unless the
 * exhaustive tests run.
 */
@Tag("models")
@Tag("tiers")
class TrainedNetworksTest {
    /** Relative to the largest expected value. */
    private static final double TOLERANCE = 1e-5;

    private static final int STORED = 64;

    private static List<Path> models(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            return files.filter(f -> f.toString().endsWith(".onnx")).sorted().toList();
        }
    }

    /** The first images of a tensor of bytes, normalised to float32. */
    private static Tensor images(Tensor bytes, long count, double mean, double deviation, double most) {
        long[] dims = bytes.dims();
        dims[0] = count;
        Tensor x = Tensor.allocate(DType.FLOAT32, dims);
        for (long i = 0; i < x.size(); i++) {
            x.setDouble(i, ((float) bytes.getLong(i) / (float) most - (float) mean) / (float) deviation);
        }
        return x;
    }

    /** One may fall on the other side: two scores may be closer to each other than to those of another machine. */
    private static void checkShare(Tensor scores, Tensor labels, double accuracy) {
        assertThat(rightShare(scores, labels)).isCloseTo(accuracy, within(1.01 / scores.dim(0)));
    }

    private static double rightShare(Tensor scores, Tensor labels) {
        long classes = scores.dim(1);
        long right = 0;
        for (long i = 0; i < scores.dim(0); i++) {
            long best = 0;
            for (long c = 1; c < classes; c++) {
                best = scores.getFloat(i * classes + c) > scores.getFloat(i * classes + best) ? c : best;
            }
            right += best == labels.getLong(i) ? 1 : 0;
        }
        return (double) right / scores.dim(0);
    }

    @ParameterizedTest
    @CsvSource({
        "mnist_cnn, 0.1307, 0.3081, 255, 0.991",
        "digits_mlp, 0, 1, 16, 0.99",
        "digits_vit, 0, 1, 16, 0.976",
        "digits_mobile, 0, 1, 16, 0.994"
    })
    void imagesAreClassifiedAsStored(String name, double mean, double deviation, double most, double accuracy)
            throws IOException, InterruptedException {
        Path folder = TestData.shared("models", "trained", name);
        Tensor raw = Npy.read(folder.resolve("eval_x.npy"));
        Tensor expected = Npy.read(folder.resolve("expected_output_64.npy"));
        for (Path file : models(folder)) {
            Model model = Model.load(file);
            Tensor first = images(raw, STORED, mean, deviation, most);
            Tensor found = model.predict(Map.of("input", first)).tensor("output");
            assertThat(Difference.relativeToLargest(found, expected))
                    .as("%s", file)
                    .isLessThanOrEqualTo(TOLERANCE);
            severalSizes(file, model, first, expected);
        }
        if (!Exhaustive.isFastTier()) {
            return;
        }
        Tensor all = Model.load(folder.resolve("model.onnx"))
                .predict(Map.of("input", images(raw, raw.dim(0), mean, deviation, most)))
                .tensor("output");
        checkShare(all, Npy.read(folder.resolve("eval_y.npy")), accuracy);
    }

    /**
     * Runs batches of several sizes in one session. Each image gets the same class as in one large batch; memory does
     * not grow.
     */
    private static void severalSizes(Path file, Model model, Tensor images, Tensor expected)
            throws InterruptedException {
        Session session = model.session(SessionOptions.standard().threads(1));
        List<Map<String, Tensor>> inputs = new ArrayList<>();
        for (long count : new long[] {1, 2, 7, 32, STORED}) {
            inputs.add(Map.of("input", images.slice(0, count)));
            Tensor found = session.predict(inputs.getLast()).tensor("output");
            assertThat(Difference.relativeToLargest(found, expected.slice(0, count)))
                    .as("%s, %s images", file, count)
                    .isLessThanOrEqualTo(TOLERANCE);
        }
        if (Exhaustive.isFastTier()) {
            SteadyRounds.check(file.toString(), session, inputs);
        }
    }

    private static Tensor ids(Tensor bytes, int rows, int columns) {
        Tensor ids = Tensor.allocate(DType.INT64, rows, columns);
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < columns; c++) {
                ids.setLong((long) r * columns + c, bytes.getLong(r * bytes.dim(1) + c));
            }
        }
        return ids;
    }

    @ParameterizedTest
    @CsvSource({"char_gru, 0.932", "char_lstm, 0.9155"})
    void snippetsAreClassifiedAsStored(String name, double accuracy) throws IOException, InterruptedException {
        Path folder = TestData.shared("models", "trained", name);
        Tensor raw = Npy.read(folder.resolve("eval_ids.npy"));
        List<Tensor> inputs = List.of(ids(raw, STORED, 96), ids(raw, 5, 33));
        List<Tensor> expected = new ArrayList<>();
        expected.add(Npy.read(folder.resolve("expected_logits_64.npy")));
        expected.add(Npy.read(folder.resolve("expected_logits_5x33.npy")));
        for (Path file : models(folder)) {
            Model model = Model.load(file);
            for (int i = 0; i < inputs.size(); i++) {
                Tensor found = model.predict(Map.of("ids", inputs.get(i))).tensor("logits");
                assertThat(Difference.relativeToLargest(found, expected.get(i)))
                        .as("%s, %s", file, inputs.get(i).type())
                        .isLessThanOrEqualTo(TOLERANCE);
            }
            Session session = model.session(SessionOptions.standard().threads(1));
            List<Map<String, Tensor>> sizes = new ArrayList<>();
            for (int rows : new int[] {1, 2, 17, STORED}) {
                sizes.add(Map.of("ids", ids(raw, rows, 96)));
                Tensor found = session.predict(sizes.getLast()).tensor("logits");
                assertThat(Difference.relativeToLargest(
                                found, expected.getFirst().slice(0, rows)))
                        .as("%s, %d rows", file, rows)
                        .isLessThanOrEqualTo(TOLERANCE);
            }
            sizes.add(Map.of("ids", inputs.getLast()));
            if (Exhaustive.isFastTier()) {
                SteadyRounds.check(file.toString(), session, sizes);
            }
        }
        if (!Exhaustive.isFastTier()) {
            return;
        }
        Tensor all = Model.load(folder.resolve("model.onnx"))
                .predict(Map.of("ids", ids(raw, (int) raw.dim(0), 96)))
                .tensor("logits");
        checkShare(all, Npy.read(folder.resolve("eval_y.npy")), accuracy);
    }
}
