package dev.tenon.compression.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tenon.compression.metric.Predictions.Row;
import dev.tenon.tensor.Tensor;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

/** Metrics against what scikit-learn and SciPy say of random cases, which {@code make-metrics.py} beside the file has written. */
class ScikitLearnTest {
    private static final List<String> METRICS = List.of(
            "accuracy",
            "f1-macro",
            "f1",
            "confusion",
            "top-k",
            "auc-binary",
            "auc",
            "log-loss",
            "map",
            "ndcg",
            "spearman",
            "cosine");

    private static int[] ints(double[][] rows) {
        return Arrays.stream(rows[0]).mapToInt(x -> (int) x).toArray();
    }

    private static double mean(int count, IntToDoubleFunction each) {
        return IntStream.range(0, count).mapToDouble(each).average().orElseThrow();
    }

    private static double value(String metric, int k, double[][] a, double[][] b) {
        return switch (metric) {
            case "accuracy" -> Classes.accuracy(ints(a), ints(b));
            case "f1-macro" -> Classes.macroF1(ints(a), ints(b));
            case "f1" -> Classes.f1(ints(a), ints(b))[k];
            case "confusion" -> Classes.confusion(ints(a), ints(b))[k][0];
            case "top-k" -> mean(b.length, i -> Classes.isInTop(ints(a)[i], b[i], k) ? 1 : 0);
            case "auc-binary", "auc" -> Classes.auc(ints(a), b);
            case "log-loss" -> mean(b.length, i -> Classes.logLoss(ints(a)[i], b[i]));
            case "map" -> Ranks.meanAveragePrecision(a, b);
            case "ndcg" -> mean(a.length, i -> Ranks.ndcg(a[i], b[i], k));
            case "spearman" -> Ranks.spearman(a[0], b[0]);
            case "cosine" -> Sequences.cosine(a[0], b[0]);
            default -> throw new IllegalArgumentException(metric);
        };
    }

    private static double[][] rows(String text) {
        return Arrays.stream(text.split(";"))
                .map(row -> Arrays.stream(row.split(","))
                        .mapToDouble(Double::parseDouble)
                        .toArray())
                .toArray(double[][]::new);
    }

    @Test
    void twoHundredCasesOfEachAreEqual() throws IOException {
        Map<String, Integer> cases = new HashMap<>();
        try (InputStream file = ScikitLearnTest.class.getResourceAsStream("/metric/metrics.txt.gz");
                BufferedReader lines =
                        new BufferedReader(new InputStreamReader(new GZIPInputStream(file), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String[] fields = line.split("\\|");
                assertThat(value(fields[0], Integer.parseInt(fields[2]), rows(fields[3]), rows(fields[4])))
                        .as(line)
                        .isCloseTo(Double.parseDouble(fields[1]), within(1e-9));
                cases.merge(fields[0], 1, Integer::sum);
            }
        }
        assertThat(cases.keySet()).containsExactlyInAnyOrderElementsOf(METRICS);
        assertThat(cases.values()).containsOnly(200);
    }

    @Test
    void recallCountsWhatIsRelevantAmongTheBest() {
        Random random = new java.util.Random(3);
        for (int round = 0; round < 200; round++) {
            int n = 5 + random.nextInt(10);
            int k = 1 + random.nextInt(n + 2);
            double[] relevance = random.ints(n, 0, 2).asDoubleStream().toArray();
            relevance[random.nextInt(n)] = 1;
            List<Integer> order = new ArrayList<>(IntStream.range(0, n).boxed().toList());
            Collections.shuffle(order, random);
            double[] scores = new double[n];
            for (int i = 0; i < n; i++) {
                scores[order.get(i)] = -i;
            }
            double found =
                    order.stream().limit(k).mapToDouble(i -> relevance[i]).sum();
            assertThat(Ranks.recallAt(relevance, scores, k))
                    .isEqualTo(found / Arrays.stream(relevance).sum());
        }
    }

    /** The edits by the recursive definition of the distance. */
    private static int edits(List<String> a, List<String> b) {
        if (a.isEmpty() || b.isEmpty()) {
            return a.size() + b.size();
        }
        List<String> restOfA = a.subList(1, a.size());
        List<String> restOfB = b.subList(1, b.size());
        if (a.getFirst().equals(b.getFirst())) {
            return edits(restOfA, restOfB);
        }
        return 1 + Math.min(edits(restOfA, restOfB), Math.min(edits(restOfA, b), edits(a, restOfB)));
    }

    @Test
    void wordErrorsAreEditsForEachWord() {
        Random random = new java.util.Random(7);
        for (int round = 0; round < 200; round++) {
            List<String> a =
                    random.ints(random.nextInt(7), 0, 3).mapToObj(i -> "w" + i).toList();
            List<String> b =
                    random.ints(random.nextInt(7), 0, 3).mapToObj(i -> "w" + i).toList();
            assertThat(Sequences.edits(a, b)).isEqualTo(edits(a, b));
        }
        assertThat(Sequences.wordErrorRate(List.of("the cat  sat", "on a mat"), List.of("the bat sat down", "on mat")))
                .isEqualTo(3 / 6.0);
        assertThat(Sequences.wordErrorRate(List.of(" "), List.of("x"))).isNaN();
    }

    @Test
    void perplexityIsTheInverseOfTheGeometricMeanOfProbabilities() {
        Random random = new java.util.Random(9);
        for (int round = 0; round < 200; round++) {
            int positions = 1 + random.nextInt(4);
            int width = 2 + random.nextInt(4);
            double[] logits = random.doubles((long) positions * width, -3, 3).toArray();
            long[] labels = random.longs(positions, -1, width).toArray();
            double product = 1;
            int counted = 0;
            for (int p = 0; p < positions; p++) {
                double[] row = Arrays.copyOfRange(logits, p * width, (p + 1) * width);
                if (labels[p] >= 0) {
                    product *= Math.exp(row[(int) labels[p]])
                            / Arrays.stream(row).map(Math::exp).sum();
                    counted++;
                }
            }
            List<Row> rows = List.of(new Row(logits, width));
            Tensor tokens = Tensor.of(labels, 1, positions);
            double found = Sequences.perplexity(Predictions.of(rows, rows, tokens));
            List<Row> losses = List.of(Sequences.tokenLosses(rows.getFirst(), tokens, 0));
            assertThat(Sequences.perplexityOfLosses(Predictions.of(losses, losses, tokens)))
                    .isEqualTo(Double.valueOf(found));
            if (counted == 0) {
                assertThat(found).isNaN();
            } else {
                assertThat(found).isCloseTo(Math.pow(product, -1.0 / counted), within(1e-9));
            }
        }
    }

    @Test
    void noiseIsInDecibels() {
        Random random = new java.util.Random(11);
        for (int round = 0; round < 200; round++) {
            double[] signal = random.doubles(9, -1, 1).toArray();
            double[] found = random.doubles(9, -1, 1).toArray();
            double power = Arrays.stream(signal).map(x -> x * x).sum();
            double noise = IntStream.range(0, 9)
                    .mapToDouble(i -> Math.pow(signal[i] - found[i], 2))
                    .sum();
            assertThat(Sequences.sqnr(signal, found)).isCloseTo(10 * Math.log10(power / noise), within(1e-9));
        }
        assertThat(Sequences.sqnr(new double[] {1}, new double[] {1})).isInfinite();
    }
}
