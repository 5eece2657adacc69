package dev.tenon.compression;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.compression.metric.Interval;
import org.junit.jupiter.api.Test;

class ScoreTest {
    private static Score score(String metric, double before, double after, double divergence, double sqnr) {
        Interval interval = new Interval(before - after, before - after, 0.95, false);
        return new Score(metric, before, after, 2000, 0, divergence, interval, sqnr, !metric.equals("mse"));
    }

    @Test
    void aDemandedMarginMustBeAllowedToo() {
        Interval told = new Interval(0.001, 0.007, 0.95, false);
        Interval demanded = new Interval(0.001, 0.007, 0.95, true);
        assertThat(new Score("top1", 0.99, 0.986, 2000, 0, 0, told, 30, true).isWithin(0.005))
                .isTrue();
        Score score = new Score("top1", 0.99, 0.986, 2000, 0, 0, demanded, 30, true);
        assertThat(score.isWithin(0.005)).isFalse();
        assertThat(score.isWithin(0.007)).isTrue();
        assertThat(score.margin()).isEqualTo(0.003);
        Interval unknown = new Interval(Double.NaN, Double.NaN, 0.95, true);
        assertThat(new Score("top1", 1, 1, 1, 0, 0, unknown, 30, true).isWithin(0.005))
                .isFalse();
        assertThat(Score.parse(score.line())).isEqualTo(score);
        assertThat(new Score("wer", 0.1, 0.3, 10, 0, 0, told, 30, false).loss()).isEqualTo(0.3 - 0.1);
    }

    @Test
    void aLossThatEqualsTheFloorIsAllowed() {
        Score tenOfTwoThousand = score("top1", 0.991, 0.986, 0, 0);
        assertThat(tenOfTwoThousand.loss()).isGreaterThan(0.005);
        assertThat(tenOfTwoThousand.isWithin(0.005)).isTrue();
        assertThat(score("top1", 0.991, 0.9855, 0, 0).isWithin(0.005)).isFalse();
        assertThat(score("top1", 0.991, Double.NaN, 0, 0).isWithin(1)).isFalse();
        assertThat(score("mse", 0, 0.2, 0, 0).isWithin(0.1)).isFalse();
        assertThat(score("mse", 0, 0.1, 0, 0).isWithin(0.1)).isTrue();
        assertThat(score("mse", 0, 2e-12, 0, 0).isWithin(1e-12)).isFalse();
    }

    @Test
    void harmIsDivergenceForClassesAndNoiseOtherwise() {
        assertThat(score("top1", 1, 1, 0.25, 20).harm()).isEqualTo(0.25);
        assertThat(score("top1", 1, 1, 0, 20).harm()).isEqualTo(0.01);
        assertThat(score("cosine", 1, 1, 0.25, 20).harm()).isEqualTo(0.01);
        assertThat(score("mse", 0, 0, 0, Double.POSITIVE_INFINITY).harm()).isZero();
        assertThat(score("top1", 1, 1, Double.NaN, Double.NaN).harm()).isInfinite();
    }
}
