package dev.tenon.compression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tenon.compression.metric.Changes;
import dev.tenon.compression.metric.Confidence;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class TallyTest {
    private static Tensor rows(float... values) {
        return Tensor.of(values, values.length / 2, 2);
    }

    private static Score score(Metric metric, Tensor before, Tensor after, Tensor mask) {
        Tally tally = new Tally(metric, Confidence.standard());
        tally.add(before, after, mask);
        return tally.score();
    }

    @Test
    void accuracyCountsRightClasses() {
        Tally tally = new Tally(Metric.accuracy(Tensor.of(new long[] {0, 1, 1, 0})), Confidence.standard());
        tally.add(rows(2, 1, 0, 3), rows(2, 1, 1, 0), null);
        tally.add(rows(5, 1, 0, 1), rows(1, 5, 0, 1), null);
        Score score = tally.score();
        assertThat(score.before()).isEqualTo(0.5);
        assertThat(score.after()).isEqualTo(0.5);
        assertThat(score.loss()).isZero();
        assertThat(score.samples()).isEqualTo(4);
        assertThat(score.disagreements()).isEqualTo(2);
        // One sample is lost and one is won, of four.
        assertThat(score.interval()).isEqualTo(Confidence.standard().ofPairs(1, 1, 4));
    }

    @Test
    void moreRowsThanLabelsAreAnError() {
        Metric metric = Metric.accuracy(Tensor.of(new long[] {0}));
        assertThatThrownBy(() -> score(metric, rows(1, 0, 1, 0), rows(1, 0, 1, 0), null))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("labels");
    }

    @Test
    void cosineIsAMeanOverSamples() {
        Score score = score(Metric.cosine(), rows(1, 0, 0, 2), rows(3, 0, 1, 1), null);
        assertThat(score.before()).isEqualTo(1);
        assertThat(score.after()).isCloseTo((1 + Math.sqrt(0.5)) / 2, within(1e-12));
        assertThat(score.samples()).isEqualTo(2);
        assertThat(score(Metric.cosine(), rows(0, 0), rows(0, 0), null).after()).isEqualTo(1);
        assertThat(score(Metric.cosine(), rows(0, 0), rows(1, 0), null).after()).isZero();
    }

    @Test
    void errorsAreMeansOverElements() {
        Score score = score(Metric.meanSquaredError(), rows(1, 2, 3, 4), rows(2, 2, 3, 1), null);
        assertThat(score.before()).isZero();
        assertThat(score.after()).isEqualTo(2.5);
        assertThat(score.loss()).isEqualTo(2.5);
        assertThat(score.sqnr()).isCloseTo(10 * Math.log10(30 / 10.0), within(1e-12));
        // The means of both samples are 0.5 and 4.5, and a quarter of the draws has one of them twice.
        assertThat(score.interval().low()).isEqualTo(0.5);
        assertThat(score.interval().high()).isEqualTo(4.5);
        assertThat(score.margin()).isEqualTo(2);
        assertThat(score(Metric.meanSquaredError(), rows(1, 2), rows(1, 2), null)
                        .sqnr())
                .isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(score(Metric.meanSquaredError(), rows(1, 2), rows(1, 2), null)
                        .margin())
                .isNaN();
    }

    @Test
    void maskedPositionsAreLeftOut() {
        Tensor before = Tensor.of(new float[] {1, 0, 5, 5, 0, 1, 1, 0}, 2, 2, 2);
        Tensor after = Tensor.of(new float[] {2, 0, -5, 9, 0, 2, 0, 1}, 2, 2, 2);
        Tensor mask = Tensor.of(new long[] {1, 0, 1, 1}, 2, 2);
        Score cosine = score(Metric.cosine(), before, after, mask);
        assertThat(cosine.samples()).isEqualTo(2);
        // Of the first sample one position counts. The second has vectors [0, 1, 1, 0] and [0, 2, 0, 1].
        assertThat(cosine.after()).isCloseTo((1 + 2 / Math.sqrt(2 * 5)) / 2, within(1e-12));
        assertThat(cosine.disagreements()).isEqualTo(1);
        assertThat(score(Metric.meanSquaredError(), before, after, mask).after())
                .isCloseTo((1 + 1 + 2) / 6.0, within(1e-12));
    }

    @Test
    void divergenceIsThatOfSoftmaxes() {
        SplittableRandom random = new SplittableRandom(5);
        int width = 7;
        float[] e = new float[3 * width];
        float[] f = new float[3 * width];
        double expected = 0;
        for (int row = 0; row < 3; row++) {
            double sumE = 0;
            double sumF = 0;
            for (int i = row * width; i < (row + 1) * width; i++) {
                e[i] = (float) random.nextDouble(-4, 4);
                f[i] = (float) (e[i] + random.nextDouble(-1, 1));
                sumE += Math.exp(e[i]);
                sumF += Math.exp(f[i]);
            }
            for (int i = row * width; i < (row + 1) * width; i++) {
                double p = Math.exp(e[i]) / sumE;
                expected += p * Math.log(p / (Math.exp(f[i]) / sumF)) / 3;
            }
        }
        Score score = score(Metric.cosine(), Tensor.of(e, 3, width), Tensor.of(f, 3, width), null);
        assertThat(score.divergence()).isCloseTo(expected, within(1e-12));
        float[] shifted = e.clone();
        for (int i = 0; i < shifted.length; i++) {
            shifted[i] += 100;
        }
        assertThat(score(Metric.cosine(), Tensor.of(e, 3, width), Tensor.of(shifted, 3, width), null)
                        .divergence())
                .isCloseTo(0, within(1e-6));
    }

    /** The divergences of the samples that got worst, by index. */
    private static Map<Long, Changes.Sample> worst(Tally tally) {
        return tally.changes().worst().stream().collect(Collectors.toMap(Changes.Sample::index, sample -> sample));
    }

    @Test
    void aSampleOfNoNumbersSpoilsNoOther() {
        Tally tally = new Tally(Metric.meanSquaredError(), Confidence.standard());
        tally.add(rows(1, 2, 3, 4), rows(Float.NaN, 2, 3, 5), null);
        tally.add(rows(5, 1), rows(1, 5), null);
        assertThat(worst(tally).get(0L).noise()).isNaN();
        assertThat(worst(tally).get(1L).noise()).isEqualTo(1 / 25.0);
        assertThat(worst(tally).get(2L).noise()).isEqualTo(32 / 26.0);
        assertThat(worst(tally).get(2L).divergence())
                .isCloseTo(4 * (Math.exp(4) - 1) / (Math.exp(4) + 1), within(1e-12));
    }

    @Test
    void littleNoiseIsSeenAfterMuch() {
        Tally tally = new Tally(Metric.meanSquaredError(), Confidence.standard());
        tally.add(rows(1, 1), rows(1e9f, 1), null);
        tally.add(rows(1, 1), rows(1, 1.0009765625f), null);
        assertThat(worst(tally).get(1L).noise()).isEqualTo(Math.pow(2, -20) / 2);
        assertThat(worst(tally).get(1L).divergence()).isPositive();
    }

    /** The class of an output with more axes is that of its first row, for the metric and for the changes. */
    @Test
    void classesOfMoreAxesAreThoseOfTheFirstRow() {
        Metric metric = Metric.macroF1(Tensor.of(new long[] {1, 0}));
        Tensor before = Tensor.of(new float[] {0, 1, 9, 0, 1, 0, 0, 9}, 2, 2, 2);
        Tally tally = new Tally(metric, Confidence.standard());
        tally.add(before, before, null);
        tally.keep(before, before, 2);
        assertThat(tally.score().after()).isEqualTo(1);
        assertThat(tally.changes().classes()).extracting(Changes.OfClass::after).containsExactly(1L, 1L);
    }

    @Test
    void emptyOutputsCountNothing() {
        Score score = score(
                Metric.cosine(), Tensor.allocate(DType.FLOAT32, 0, 2), Tensor.allocate(DType.FLOAT32, 0, 2), null);
        assertThat(score.samples()).isZero();
    }

    @Test
    void metricsAreChecked() {
        assertThatThrownBy(() -> Metric.accuracy(Tensor.of(new float[3]))).isInstanceOf(CompressionException.class);
        assertThatThrownBy(() -> Metric.accuracy(Tensor.of(new long[4], 2, 2)))
                .isInstanceOf(CompressionException.class);
        assertThat(Metric.meanSquaredError().isMoreBetter()).isFalse();
        assertThat(Metric.cosine().output("z").output()).contains("z");
        assertThat(Metric.of("f", out -> 1).name()).isEqualTo("f");
    }
}
