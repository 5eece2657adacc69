package dev.tenon.samples.tabular;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.Model;
import dev.tenon.Outputs;
import dev.tenon.Session;
import dev.tenon.SessionOptions;
import dev.tenon.formats.npy.Npy;
import dev.tenon.samples.models.SteadyRounds;
import dev.tenon.serving.bulk.Bulk;
import dev.tenon.tensor.MapDatum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorSequence;
import dev.tenon.testkit.TestData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * A trained pipeline from columns of strings and numbers to a map of probabilities gives the results of ONNX Runtime,
 * for all rows in one call, for the first rows one by one, and in batches.
 */
class TrainedPipelineTest {
    // Relative to the largest probability. ONNX Runtime computes sums in float, so its results are not more exact.
    private static final double TREES = 1.3e-6;
    private static final int ROWS_ALONE = 40;
    private static final int ROWS_MERGED = 300;
    private static final List<String> COLUMNS = List.of("architecture", "multi_arch", "host", "first_word");
    private static final List<String> SECTIONS =
            List.of("devel", "doc", "haskell", "libdevel", "libs", "perl", "python", "rust");
    private static final Pattern STRING = Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*)\"");

    private static Tensor strings(Path folder, String name) throws IOException {
        List<String> strings = new ArrayList<>();
        Matcher m = STRING.matcher(Files.readString(folder.resolve(name + ".json")));
        while (m.find()) {
            strings.add(unescaped(m.group(1)));
        }
        return Tensor.of(strings.toArray(String[]::new), strings.size(), 1);
    }

    private static String unescaped(String json) {
        return Pattern.compile("\\\\u([0-9a-fA-F]{4})|\\\\(.)")
                .matcher(json)
                .replaceAll(r -> Matcher.quoteReplacement(
                        r.group(1) != null
                                ? Character.toString(Integer.parseInt(r.group(1), 16))
                                : "bfnrt".contains(r.group(2))
                                        ? String.valueOf("\b\f\n\r\t".charAt("bfnrt".indexOf(r.group(2))))
                                        : r.group(2)));
    }

    @Test
    void agreesWithOnnxRuntime() throws IOException, InterruptedException {
        Path folder = TestData.shared("models", "trained", "debian_section_pipeline");
        Session session = Model.load(folder.resolve("model.onnx"))
                .session(SessionOptions.standard().threads(1));
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        for (String column : COLUMNS) {
            inputs.put(column, strings(folder, "eval_" + column));
        }
        inputs.put("numeric", Npy.read(folder.resolve("eval_numeric.npy")));
        Tensor labels = strings(folder, "expected_label");
        Tensor probabilities = Npy.read(folder.resolve("expected_probabilities_matrix.npy"));
        check(session.predict(inputs), labels, probabilities, 0, labels.dim(0));
        for (long row = 0; row < ROWS_ALONE; row++) {
            check(session.predict(row(inputs, row)), labels, probabilities, row, row + 1);
        }
        // Single rows again, which are merged: strings are joined, and the maps of a batch handed out one by one.
        AtomicLong merged = new AtomicLong();
        Bulk.of(session)
                .rows(32)
                .results(LongStream.range(0, ROWS_MERGED).iterator(), row -> row(inputs, row))
                .forEachRemaining(r -> {
                    check(r.outputs(), labels, probabilities, r.index(), r.index() + 1);
                    merged.incrementAndGet();
                });
        assertThat(merged.get()).isEqualTo(ROWS_MERGED);
        List<Map<String, Tensor>> sizes = new ArrayList<>();
        for (long rows : new long[] {1, 2, 13, 200, 2000}) {
            Map<String, Tensor> some = new LinkedHashMap<>();
            inputs.forEach((name, t) -> some.put(name, t.slice(0, rows)));
            check(session.predict(some), labels, probabilities, 0, rows);
            sizes.add(some);
        }
        SteadyRounds.check("debian_section_pipeline", session, sizes);
    }

    private static Map<String, Tensor> row(Map<String, Tensor> inputs, long row) {
        Map<String, Tensor> one = new LinkedHashMap<>();
        inputs.forEach((name, all) -> one.put(name, all.slice(row, row + 1)));
        return one;
    }

    private static void check(Outputs actual, Tensor labels, Tensor probabilities, long from, long to) {
        assertThat(actual.tensor("label").toStringArray())
                .as("labels from " + from)
                .isEqualTo(labels.slice(from, to).toStringArray());
        TensorSequence maps = (TensorSequence) actual.get("probabilities");
        assertThat(maps.size()).isEqualTo((int) (to - from));
        for (int i = 0; i < maps.size(); i++) {
            MapDatum map = (MapDatum) maps.get(i);
            assertThat(map.asMap().keySet()).containsExactlyElementsOf(SECTIONS);
            for (int k = 0; k < SECTIONS.size(); k++) {
                Tensor value = (Tensor) map.get(SECTIONS.get(k)).orElseThrow();
                double expected = probabilities.getDouble((from + i) * SECTIONS.size() + k);
                assertThat(Math.abs(value.getDouble(0) - expected))
                        .as("row " + (from + i) + ", " + SECTIONS.get(k) + ": " + value + " for " + expected)
                        .isLessThanOrEqualTo(TREES);
            }
        }
    }
}
