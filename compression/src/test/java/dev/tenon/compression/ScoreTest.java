package dev.tenon.compression;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ScoreTest {
    private static Score score(String metric, double before, double after, double divergence, double sqnr) {
        return new Score(metric, before, after, 2000, 0, divergence, 0, sqnr);
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
