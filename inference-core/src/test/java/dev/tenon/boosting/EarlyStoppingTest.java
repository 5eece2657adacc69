package dev.tenon.boosting;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.LoadOptions;
import dev.tenon.Model;
import dev.tenon.Outputs;
import dev.tenon.formats.TreeSelection;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.TestData;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;

/** Estimators of XGBoost for scikit-learn that stopped early predict as their files do. */
@Tag("exhaustive")
class EarlyStoppingTest {
    private static final String PYTHON = "/usr/bin/python3";
    private static final int MODELS = 100;
    private static final int SEED = 20261202;

    /** The error of a link in units in the last place: of XGBoost's exponential in float, and of ours. */
    private static final double LINK_ULPS = 8;

    /** Some tens of float32 sums of numbers of the size of a margin. */
    private static final float DART_SLACK = 60 * Math.ulp(1f);

    @TempDir
    private Path folder;

    @Test
    void predictionsAreThoseOfScikitLearn(TestReporter reporter) throws Exception {
        TestData.needs(
                run("-c", "import xgboost, sklearn"), "no python3-xgboost: install it and python3-sklearn", "tenon.ci");
        Path script = folder.resolve("early-stopping.py");
        try (InputStream in = EarlyStoppingTest.class.getResourceAsStream("early-stopping.py")) {
            Files.write(script, in.readAllBytes());
        }
        assertThat(run(script.toString(), folder.toString(), "" + MODELS, "" + SEED))
                .as(Files.readString(folder.resolve("output.txt")))
                .isTrue();
        List<String> index = Files.readAllLines(folder.resolve("index.txt"));
        assertThat(index).hasSize(MODELS);
        int cut = 0;
        float most = 0;
        for (String line : index) {
            String[] parts = line.split(" ");
            String name = parts[0];
            float[] cells = floats(name + ".rows");
            Tensor rows = Tensor.of(cells, cells.length / Integer.parseInt(parts[1]), Integer.parseInt(parts[1]));
            float[] margins = floats(name + ".margin");
            float[] predictions = floats(name + ".prediction");
            Outputs best = outputs(name, TreeSelection.BEST_ITERATION, rows);
            float[] margin = margin(best).toFloatArray();
            assertThat(margin(best).dims()).endsWith(Integer.parseInt(parts[2]));
            assertThat(bits(margin))
                    .as("margins of the booster of %s (seed %d)", name, SEED)
                    .isEqualTo(bits(floats(name + ".reference")));
            // The estimators predict DART in place, which adds in another order than XGBoost's own prediction of a
            // range.
            float slack = parts[3].equals("dart") ? DART_SLACK : 0;
            assertNear(margin, margins, slack, 0, "margins of " + name);
            float[] found = best.tensor("prediction").toFloatArray();
            assertNear(found, predictions, slack, LINK_ULPS, "predictions of " + name);
            float[] all =
                    outputs(name, TreeSelection.ALL, rows).tensor("prediction").toFloatArray();
            for (int i = 0; i < found.length; i++) {
                most = Math.max(most, Math.abs(all[i] - predictions[i]));
            }
            cut += Arrays.equals(all, found) ? 0 : 1;
        }
        // Otherwise the trees after the best iteration made no difference, and nothing was tested.
        assertThat(cut).isGreaterThan(MODELS / 2);
        reporter.publishEntry("models that all trees predict otherwise", cut + " of " + MODELS + ", by up to " + most);
    }

    private static void assertNear(float[] found, float[] expected, float slack, double ulps, String what) {
        assertThat(found).hasSameSizeAs(expected);
        for (int i = 0; i < found.length; i++) {
            assertThat((double) Math.abs(found[i] - expected[i]))
                    .as("%s, at %d (seed %d)", what, i, SEED)
                    .isLessThanOrEqualTo(slack * Math.max(1, Math.abs(expected[i])) + ulps * Math.ulp(expected[i]));
        }
    }

    private Outputs outputs(String name, TreeSelection trees, Tensor rows) {
        Model model = Model.load(folder.resolve(name), LoadOptions.standard().trees(trees));
        return model.predict(Map.of("features", rows));
    }

    private static Tensor margin(Outputs outputs) {
        return outputs.containsKey("margin") ? outputs.tensor("margin") : outputs.tensor("prediction");
    }

    private static int[] bits(float[] values) {
        int[] bits = new int[values.length];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = Float.floatToIntBits(values[i]);
        }
        return bits;
    }

    private float[] floats(String name) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(folder.resolve(name)));
        float[] all = new float[bytes.remaining() / Float.BYTES];
        bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(all);
        return all;
    }

    private boolean run(String... arguments) throws InterruptedException {
        List<String> command = new ArrayList<>(List.of(PYTHON));
        command.addAll(List.of(arguments));
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("output.txt").toFile())
                    .start();
            boolean ended = process.waitFor(5, TimeUnit.MINUTES);
            if (!ended) {
                process.destroyForcibly();
            }
            return ended && process.exitValue() == 0;
        } catch (IOException notThere) {
            return false;
        }
    }
}
