package dev.tenon.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What is made of times. The vector tier's module is there for the work of one loop of {@link FmaPeak}. */
@Tag("vector")
class ComparisonTest {
    private static final GemmCase PRODUCT = GemmCase.of("100x100x500");
    private static final Agreement EQUAL = new Agreement(1, 0.25);

    private static Samples samples(double... millis) {
        Samples samples = new Samples();
        for (double x : millis) {
            samples.add(x, 1);
        }
        return samples;
    }

    private static Comparison comparison(Samples ours, Samples peer) {
        double peakMillis = FmaPeakBenchmark.FLOPS / 1e6 / 100;
        return new Comparison(PRODUCT, ours, peer, samples(peakMillis, 2 * peakMillis), EQUAL);
    }

    @Test
    void quantilesCountEveryCall() {
        Samples samples = samples(3, 1, 2);
        samples.add(samples(9));
        samples.add(1.5, 6);
        assertThat(samples.min()).isEqualTo(1);
        assertThat(samples.quantile(0.5)).isEqualTo(1.5);
        assertThat(samples.quantile(0.8)).isEqualTo(2);
        assertThat(samples.quantile(1)).isEqualTo(9);
    }

    @Test
    void nothingMeasuredIsNotANumber() {
        assertThat(new Samples().isEmpty()).isTrue();
        assertThat(new Samples().min()).isNaN();
        assertThat(comparison(new Samples(), samples(1)).ratio(0)).isNaN();
    }

    @Test
    void ratiosAndSpeedAreThoseOfTheFastestCalls() {
        Comparison c = comparison(samples(0.2, 0.4, 0.8), samples(0.4, 0.5, 3));
        assertThat(c.ratio(0)).isEqualTo(0.5);
        assertThat(c.ratio(0.5)).isEqualTo(0.8);
        assertThat(Math.rint(c.gflops())).isEqualTo(50);
        assertThat(Math.rint(100 * c.shareOfPeak())).isEqualTo(50);
    }

    @Test
    void tableHasALineForEachCase() {
        String table = ComparisonText.table(
                List.of(comparison(samples(0.2, 0.4), samples(0.4, 0.8)), comparison(samples(0.2), new Samples())));
        assertThat(table)
                .contains("100.0 GFLOP/s at best")
                .contains("0.2000    0.2000    0.4000")
                .contains("0.500  0.500 |     50.0  50.0 %")
                .contains("|         -         -         - |      -      - |")
                .doesNotContain("do not agree");
        assertThat(table.lines().filter(l -> l.startsWith("gemm_f32"))).hasSize(2);
    }

    @Test
    void tableSaysWhereOutputsDisagree() {
        Comparison c = new Comparison(PRODUCT, samples(1), samples(1), samples(1), new Agreement(Double.NaN, 1));
        assertThat(ComparisonText.table(List.of(c))).contains("gemm_f32 100x100x500: the outputs do not agree");
    }

    @Test
    void jsonHoldsTheFigures() {
        String json =
                ComparisonText.json(List.of(comparison(samples(0.2), new Samples())), List.of("vector", "scalar"));
        assertThat(json)
                .startsWith("[")
                .contains("\"model\": \"gemm_f32\", \"shapes\": \"100x100x500\", \"threads\": 1")
                .contains("\"tiers\": [\"vector\", \"scalar\"]")
                .contains("\"ours_ms\": {\"min\": 0.200000, \"p50\": 0.200000, \"p99\": 0.200000}")
                .contains("\"peer_ms\": null, \"ratio\": null, \"ratio_p50\": null")
                .contains("\"peak_gflops\": 100.000, \"agree\": true, \"max_abs_diff\": 0.250000");
    }

    @Test
    void thePictureHasABarForEachCase() throws Exception {
        Comparison slow = new Comparison(PRODUCT, samples(6), samples(1), samples(1), new Agreement(Double.NaN, 1));
        String svg = ComparisonSvg.draw(
                List.of(comparison(samples(0.2, 0.4), samples(0.4, 0.8)), slow, comparison(samples(1), new Samples())));
        DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
        assertThat(svg)
                .contains("gemm_f32 100x100x500", "<rect class=\"faster\" x=\"262\" y=\"64\" width=\"100.0\"")
                .contains("0.50 (0.50)", "6.00 (6.00)", ", outputs differ", "- (-)")
                .contains("class=\"wrong\"", "width=\"400.0\"", "geometric mean 1.73", "prefers-color-scheme: dark");
    }

    @Test
    void theGeometricMeanLeavesOutWhatWasNotMeasured() {
        assertThat(ComparisonSvg.geometricMean(List.of(
                        comparison(samples(1), samples(2)),
                        comparison(samples(1), new Samples()),
                        comparison(samples(2), samples(1)))))
                .isEqualTo(1);
    }

    @Test
    void outputsThatAreAllButZeroAgreeByTheirDifference() {
        assertThat(new Agreement(0.9995, 1e-7).holds(PRODUCT)).isTrue();
        assertThat(new Agreement(0.9995, 1e-6).holds(PRODUCT)).isFalse();
        assertThat(new Agreement(0.99, 1e-7).holds(PRODUCT)).isFalse();
    }

    @Test
    void equalZerosAgree() {
        assertThat(Agreement.of(new float[2], new float[2]).holds(PRODUCT)).isTrue();
        assertThat(Agreement.of(new float[2], new float[] {0, 1}).holds(PRODUCT))
                .isFalse();
    }

    @Test
    void outputsAgreeByDirection() {
        assertThat(Agreement.of(new float[] {1, 2}, new float[] {1, 2}).holds(PRODUCT))
                .isTrue();
        assertThat(Agreement.of(new float[] {1, 2}, new float[] {2, 1}).holds(PRODUCT))
                .isFalse();
        assertThat(Agreement.of(new float[] {1, Float.NaN}, new float[] {1, 2}).holds(PRODUCT))
                .isFalse();
        assertThat(Agreement.of(new float[] {1, 2}, new float[] {1, 2.5f}).maxDifference())
                .isEqualTo(0.5);
    }
}
